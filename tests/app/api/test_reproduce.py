"""What a picture was made of: commands that give its numbers, and hashes that tell its files."""

from __future__ import annotations

import csv
import hashlib
import json
import shlex
import shutil
import subprocess
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from flask.testing import FlaskClient

from sighthound.app.cli import cli
from sighthound.app.server.application import create_app
from sighthound.app.web.file_hashes import FileHashes
from sighthound.core.genome.sequence import Interval
from sighthound.core.project.settings import Project, load_project

STATE = {
    "locus": "chrI:1001-9000",
    "tracks": "ramp,imagined",
    "saliency": "ramp@chrI:5000",
    "mutagenesis": "ramp@chrI:4991-5000@5000",
}
CLAIMED = "--both-strands --shift 21 --shift -21"  # what effects of variants average
ADDRESS = "http://lab.example/?locus=chrI:1001-9000"


def ask(client: FlaskClient, state: dict[str, str], status: int = 200) -> dict[str, Any]:
    """Ask until every file is hashed."""
    for _ in range(2_000):
        answer = client.post("/api/v1/reproduce", json={"state": state, "address": ADDRESS})
        if answer.status_code != 202:
            break
    assert answer.status_code == status, answer.get_json()
    return answer.get_json()


@pytest.fixture(scope="module")
def found(web: FlaskClient) -> dict[str, Any]:
    return ask(web, STATE)


def test_software_genome_model_and_address_are_named(
    found: dict[str, Any], project: Project
) -> None:
    description = json.loads((project.model.directory / "model.json").read_text())
    assert found["model"]["hash"] == description["hash"]
    assert found["genome"]["fingerprint"] == project.open_genome().fingerprint
    assert found["software"].startswith("sighthound ")
    assert found["address"] == ADDRESS
    for said in (description["hash"], found["genome"]["fingerprint"], ADDRESS):
        assert said in found["script"]


def test_files_of_the_tracks_shown_have_their_sha256(
    found: dict[str, Any], project: Project
) -> None:
    files = {source["path"]: source for source in found["files"]}
    assert {
        "genome.fa",
        "tracks.tsv",
        "ramp.bw",
        "predictions/ramp.bw",
        "model/weights.npz",
    } <= set(files)
    assert "predictions/counts.bw" not in files
    for path, source in files.items():
        assert source["sha256"] == hashlib.sha256((project.root / path).read_bytes()).hexdigest()


def commands(found: dict[str, Any]) -> Iterator[list[str]]:
    """The arguments of every sighthound command of the script."""
    for line in found["script"].splitlines():
        if line.startswith("sighthound "):
            yield shlex.split(line.replace('"$PROJECT"', "PROJECT"))[1:]


def test_every_command_is_one_that_sighthound_has(found: dict[str, Any]) -> None:
    names = []
    for name, *arguments in commands(found):
        command = cli.commands[name]
        command.make_context(name, list(arguments))
        names.append(name)
    assert names == ["predict", "saliency", "mutagenesis"]


def test_the_commands_name_the_tracks_and_places_of_the_view(found: dict[str, Any]) -> None:
    predict, saliency, mutagenesis = commands(found)
    assert predict[1:] == ["PROJECT", "--track", "ramp", "--track", "imagined"]
    assert saliency[2:6] == ["--region", "chrI:5000-5000", "--track", "ramp"]
    assert mutagenesis[2] == "chrI:4991-5000"
    assert mutagenesis[mutagenesis.index("--target") + 1] == "chrI:5000"


def test_the_commands_give_the_numbers_of_the_page(
    explaining: FlaskClient, found: dict[str, Any], project_folder: Path, tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:  # fmt: skip
    monkeypatch.chdir(tmp_path)
    _, saliency, mutagenesis = commands(found)
    for arguments in (saliency, mutagenesis):
        given = [str(project_folder) if word == "PROJECT" else word for word in arguments]
        cli.main(given, standalone_mode=False)
    with open("saliency.tsv") as file:
        rows = list(csv.DictReader(file, delimiter="\t"))
    while True:
        answer = explaining.get("/api/v1/saliency?track=ramp&chrom=chrI&position=4999")
        if answer.status_code == 200:
            break
    shown = answer.get_json()
    at = {shown["start"] + i * shown["bin"]: value for i, value in enumerate(shown["values"])}
    assert len(rows) > 10
    for row in rows:
        assert float(row["ramp"]) == pytest.approx(at[int(row["start"]) - 1], rel=1e-4, abs=1e-6)
    with open("mutagenesis.tsv") as file:
        table = list(csv.DictReader((ln for ln in file if ln[0] != "#"), delimiter="\t"))
    query = "track=ramp&chrom=chrI&start=4990&end=5000&target=4999"
    while True:
        answer = explaining.get(f"/api/v1/mutagenesis?{query}")
        if answer.status_code == 200:
            break
    effects = answer.get_json()["effects"]
    assert len(table) == 3 * len(effects)
    for row in table:
        shown_effect = effects[int(row["position"]) - 4991]["ACGT".index(row["alt"])]
        assert float(row["ramp"]) == pytest.approx(shown_effect, rel=1e-3, abs=1e-6)


def test_a_panel_of_several_tracks_is_one_command(web: FlaskClient) -> None:
    state = {"tracks": "", "mutagenesis": "ramp,imagined@chrI:4991-5000@5000"}
    (mutagenesis,) = commands(ask(web, state))
    assert mutagenesis[3:7] == ["--track", "ramp", "--track", "imagined"]


def test_saliencies_and_mutageneses_that_a_view_keeps_are_commands_with_files_of_their_own(
    web: FlaskClient,
) -> None:
    front, other = "ramp@chrI:4991-5000@5000", "imagined@chrI:3001-3010@5000"
    state = {
        "tracks": "",
        "saliency": "ramp@chrI:5000",
        "earlier": "ramp@chrI:3000,imagined@chrI:5000",
        "mutagenesis": front,
        "mutageneses": f"{other};{front}",
    }
    asked = [(name, line[1], line[-1]) for name, *line in commands(ask(web, state))]
    assert [output for *_, output in asked] == [
        "saliency.tsv", "saliency_2.tsv", "saliency_3.tsv", "mutagenesis.tsv", "mutagenesis_2.tsv",
    ]  # fmt: skip
    assert [place for name, place, _ in asked if name == "mutagenesis"] == [
        "chrI:4991-5000",
        "chrI:3001-3010",
    ]


def test_the_script_checks_the_files_before_it_runs_anything(
    found: dict[str, Any], project_folder: Path, tmp_path: Path
) -> None:
    check = found["script"].split("# the predictions")[0]
    (tmp_path / "check.sh").write_text(check)
    ran = subprocess.run(["sh", "check.sh", str(project_folder)], cwd=tmp_path, check=False)
    assert ran.returncode == 0
    wrong = check.replace(found["files"][0]["sha256"], "0" * 64)
    (tmp_path / "check.sh").write_text(wrong)
    ran = subprocess.run(
        ["sh", "check.sh", str(project_folder)], cwd=tmp_path, check=False, capture_output=True
    )
    assert ran.returncode != 0


def test_a_variant_becomes_a_file_and_a_command(
    web: FlaskClient, project: Project, tmp_path: Path
) -> None:
    from sighthound.core.variants.vcf import read_variants

    ref = project.open_genome().sequence(Interval("chrI", 4999, 5000))
    alt = "A" if ref != "A" else "C"
    found = ask(web, {"tracks": "ramp", "variant": f"chrI:5000:{ref}:{alt}"})
    for name, *arguments in commands(found):
        cli.commands[name].make_context(name, list(arguments))
    _, alleles, make, run = (command["line"] for command in found["commands"])
    assert alleles == (
        f'sighthound alleles "$PROJECT" chrI:5000:{ref}:{alt} --track ramp {CLAIMED} -o alleles'
    )
    subprocess.run(["sh", "-c", make], cwd=tmp_path, check=True)
    (variant,) = read_variants(tmp_path / "variants.vcf", project.open_genome())
    assert (variant.position, variant.ref, variant.alt) == (4999, ref, alt)
    assert run == f'sighthound variants "$PROJECT" variants.vcf {CLAIMED} -o variants.parquet'


def test_predictions_average_what_the_files_do_and_effects_what_is_claimed(
    project_folder: Path, tmp_path: Path
) -> None:
    folder = shutil.copytree(project_folder, tmp_path / "lab")
    ensemble = {"reverse_complement": True, "shifts": [0, 1, -1]}
    (folder / "predictions" / "manifest.json").write_text(json.dumps({"ensemble": ensemble}))
    project = load_project(folder)
    web = create_app(project, scheduler_address=None).test_client()
    ref = project.open_genome().sequence(Interval("chrI", 4999, 5000))
    alt = "A" if ref != "A" else "C"
    found = ask(web, {"tracks": "ramp", "variant": f"chrI:5000:{ref}:{alt}"})
    asked = {name: arguments for name, *arguments in commands(found)}
    for name, shifts in (("predict", (1, -1)), ("alleles", (21, -21)), ("variants", (21, -21))):
        context = cli.commands[name].make_context(name, list(asked[name]))
        assert (context.params["both_strands"], context.params["shifts"]) == (True, shifts)


def test_a_view_cannot_smuggle_a_command_into_the_script(web: FlaskClient) -> None:
    evil = "chrI:1-2%0Arm -rf x"
    found = ask(web, {"locus": evil, "tracks": "ramp", "mutagenesis": "ramp@$(rm x):1-5@1"})
    assert not [line for line in found["script"].splitlines() if line.startswith("rm")]
    assert "'$(rm x):1-5'" in found["script"]


def test_a_hash_is_kept_until_its_file_changes(tmp_path: Path) -> None:
    file, store = tmp_path / "a.bw", tmp_path / "cache" / "hashes.json"
    file.write_bytes(b"one")

    def settled() -> str:
        hashes = FileHashes(store)
        while (found := hashes.find(file)) is None:
            pass
        return found

    assert settled() == hashlib.sha256(b"one").hexdigest()
    while not store.is_file():
        pass
    assert FileHashes(store).find(file) == hashlib.sha256(b"one").hexdigest()
    file.write_bytes(b"three")
    assert settled() == hashlib.sha256(b"three").hexdigest()
    file.unlink()
    assert settled() == ""
