"""FASTQ -> BAM -> coverage BigWig -> a track beside the others, as a lab would do it."""

import json
import os
import re
import shlex
import shutil
import struct
from pathlib import Path

import numpy as np
import pytest
from click.testing import CliRunner

from sighthound.app.cli import cli
from sighthound.app.server.application import create_app
from sighthound.core import load_project
from sighthound.core.tracks.track import read_tracks, write_tracks
from sighthound.precompute.new_project import guess_tracks
from tests.paths import ROOT, SHARED_DATA

YEAST = SHARED_DATA / "yeast"
READS = YEAST / "reads"
GUIDE = ROOT / "docs" / "yeast.md"


@pytest.fixture(autouse=True, scope="module")
def _bowtie2():
    if shutil.which("bowtie2") is None and not os.environ.get("CI"):
        pytest.skip("no bowtie2: tests/install_tools.sh")


def run(*arguments):
    result = CliRunner().invoke(cli, list(map(str, arguments)), catch_exceptions=False)
    assert result.exit_code == 0, result.output


@pytest.fixture(scope="module")
def aligned(demo_project, tmp_path_factory):
    """The reads of STRIPE-seq, aligned to the genome of both demos."""
    folder = tmp_path_factory.mktemp("aligned")
    shutil.copytree(demo_project / "genome", folder / "genome")  # the index lies beside it
    fastq = [READS / f"S288C_STRIPEseq_R{mate}.fastq.gz" for mate in (1, 2)]
    fasta = folder / "genome" / "sacCer3.fa.gz"
    run("align", *fastq, "--fasta", fasta, "-o", folder / "stripe.bam")
    return folder / "stripe.bam"


def commands_of_guide():
    """Give the commands of docs/yeast.md, as words, and the lines that each prints."""
    said = []
    blocks = re.findall(r"^```(\w*)\n(.*?)^```$", GUIDE.read_text(), re.MULTILINE | re.DOTALL)
    for line in "".join(block for language, block in blocks if not language).splitlines():
        if line.startswith("$ "):
            said.append((shlex.split(line[2:]), []))
        else:
            said[-1][1].append(line)
    return said


@pytest.mark.real_data
def test_the_guide_from_reads_to_a_data_set_prints_what_it_says(
    demo_project, aligned, tmp_path, monkeypatch
):
    monkeypatch.chdir(tmp_path)
    (tmp_path / "demo").symlink_to(demo_project)
    shutil.copy(YEAST / "atac" / "SRR1822137_500k.bedpe.gz", "atac.bedpe.gz")
    shutil.copy(aligned, "stripe.bam")
    seen = set()
    for (program, *words), expected in commands_of_guide():
        if program == "printf":
            Path(words[-1]).write_text(words[0].replace("\\t", "\t").replace("\\n", "\n"))
        elif program == "mkdir":
            Path(words[0]).mkdir()
        elif words[0] not in ("align", "train"):  # the one is done, the other tested elsewhere
            if words[0] == "dataset":
                settings = Path("lab/sighthound.toml")
                text = settings.read_text()
                settings.write_text(re.sub("# blacklist = .*", 'blacklist = "../rdna.bed"', text))
            printed = CliRunner().invoke(cli, words, catch_exceptions=False)
            assert printed.exit_code == 0
            assert printed.stdout.replace(f"{tmp_path}/", "").splitlines() == expected
            seen.add(words[0])
    assert seen == {"coverage", "init", "dataset"}


@pytest.mark.real_data
def test_reads_become_a_track_beside_the_others(simulated_project, aligned, tmp_path):
    folder = tmp_path / "project"
    shutil.copytree(simulated_project, folder)
    bam, files = aligned, []
    for name, strand in (("plus", "+"), ("minus", "-")):
        files.append(folder / "experiments" / f"STRIPEseq.{name}.bw")
        run("coverage", bam, files[-1], "--mate", 1, "--strand", strand)
    table = folder / "tracks.tsv"
    write_tracks(table, [*read_tracks(table), *guess_tracks(files)])

    client = create_app(load_project(folder), scheduler_address=None).test_client()
    project = client.get("/api/v1/project").get_json()
    ours = {t["id"]: t for t in project["tracks"]}["STRIPEseq.plus"]
    assert (ours["assay"], ours["strand_pair"]) == ("CAGE", "STRIPEseq.minus")
    assert (ours["has_experiment"], ours["has_prediction"]) == (True, False)
    query = "chrom=chrIV&start=0&end=1531904&pixels=1000&tracks=STRIPEseq.plus"
    data = client.get(f"/api/v1/signal?{query}").data
    (size,) = struct.unpack("<I", data[:4])
    header = json.loads(data[4 : 4 + size])
    means = next(s for s in header["series"] if s["stat"] == "mean")
    values = np.frombuffer(data, "<f4", offset=4 + size)[means["offset"] :][: header["bins"]]
    # Reads of chromosome IV: an eighth of the genome has an eighth of 12,466 pairs, both strands.
    counted = np.nansum(values) * header["bin_bp"] / header["native_bin"]
    assert 200 < counted < 3_000
