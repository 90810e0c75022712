"""Every variant of our live hubs as files, each checked by our own rules, for another reader.

`python -m tests.clients.hubs FOLDER` writes NAME/hub.txt and the files it names, and
`expected.json`: for each NAME, the addresses of the files that its tracks lead to.
"""

from __future__ import annotations

import json
import shutil
import sys
from pathlib import Path
from urllib.parse import urljoin, urlsplit

from flask.testing import FlaskClient

from sighthound.app.server.application import create_app
from sighthound.core.browsers.ucsc_check import check_hub
from sighthound.core.project.settings import load_project
from tests.tiny import make_project, write_bases, write_vcf

FORMS = {"plain": "", "faceted": "faceted/", "three_files": "files/"}
CONTENTS = {
    "all": "",
    "chosen": "tracks=cage.minus&kinds=prediction",
    "pairs": "kinds=experiment,prediction",
    "known_variants": "kinds=prediction,variants",
    "alleles": "tracks=atac&variants=chrI:9001:A:G;chrI:9301:AC:A",
}


def write_hubs(folder: Path) -> None:
    """Write every hub of a tiny project into `folder`."""
    project = make_project(folder / "project")
    write_bases(project, "chrI", {9_000: "A", 9_300: "AC"})
    (project / "contributions").mkdir()
    shutil.copy(project / "experiments" / "atac.bw", project / "contributions" / "atac.bw")
    settings = project / "sighthound.toml"
    vcf = write_vcf(project).name
    settings.write_text(f'{settings.read_text()}\n[variants]\nvcf = "{vcf}"\n')
    client = create_app(load_project(project), scheduler_address=None).test_client()
    expected = {
        f"{form}_{content}": write_hub(client, folder / f"{form}_{content}", path, query)
        for form, path in FORMS.items()
        for content, query in CONTENTS.items()
    }
    (folder / "expected.json").write_text(json.dumps(expected))


def write_hub(client: FlaskClient, directory: Path, form: str, query: str) -> list[str]:
    """Write the texts of one hub; gives the addresses of its BigWigs and VCFs, sorted."""
    directory.mkdir()
    texts: dict[str, str] = {}
    pending = [f"/hub/{form}hub.txt?{query}"]
    while pending:
        address = pending.pop()
        name = Path(urlsplit(address).path).name
        texts[name] = client.get(address).text
        for line in texts[name].splitlines():
            key, _, value = line.partition(" ")
            if key in ("genomesFile", "trackDb", "metaDataUrl"):
                pending.append(urljoin(address, value))
    tracks = texts.get("trackDb.txt", texts["hub.txt"])
    problems = check_hub(tracks, texts.get("metadata.tsv"))
    assert not problems, (directory.name, problems)
    for name, text in texts.items():
        (directory / name).write_text(text)
    lines = (line.split(" ", 1) for line in tracks.splitlines() if line.startswith("bigDataUrl "))
    return sorted({urljoin(f"/hub/{form}hub.txt", url) for _, url in lines})


if __name__ == "__main__":
    write_hubs(Path(sys.argv[1]))
