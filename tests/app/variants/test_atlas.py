"""The project's atlas for the page: a substitution at once, and where one base matters most."""

from __future__ import annotations

import shutil
from pathlib import Path

import numpy as np
import pytest
from flask.testing import FlaskClient

from sighthound.app.server.application import create_app
from sighthound.core.genome.sequence import Interval, base_codes
from sighthound.core.model.model import read_description
from sighthound.core.project.atlas import (
    RANKED_FILE,
    AtlasManifest,
    stretch_file,
    write_stretch,
)
from sighthound.core.project.manifest import PredictionIdentity
from sighthound.core.project.settings import load_project
from tests.app.described import DescribedClient
from tests.app.test_cli import run

RANKED = """track\trank\tchrom\tposition\tref\talt\teffect\tgene\tdistance
ramp\t1\tchrI\t1101\tA\tC\t-2.5\tTFC3\t100
ramp\t2\tchrI\t31\tG\tT\t1.5\t\t
counts\t1\tchrI\t41\tG\tT\t9.5\tTFC3\t-960
"""


@pytest.fixture
def folder(tmp_path: Path, project_folder: Path) -> Path:
    return Path(shutil.copytree(project_folder, tmp_path / "lab"))


def write_atlas(folder: Path, model: str | None = None) -> str:
    """An atlas of chrI's first 16 bases, whose effects are 1 on ramp and -2 on counts."""
    project = load_project(folder)
    genome = project.open_genome()
    sequence = genome.sequence(Interval("chrI", 0, 16))
    model = model or str(read_description(project.model.directory)["hash"])
    identity = PredictionIdentity(model=model, genome=genome.fingerprint, bin=64)
    AtlasManifest(identity, ("ramp", "counts"), 4, 16).write(folder / "atlas", is_complete=True)
    effects = np.tile(np.array([1, -2], np.float32), (16, 4, 1))
    file = stretch_file(folder / "atlas", "chrI", 0)
    write_stretch(file, base_codes(sequence), iter([effects]))
    (folder / "atlas" / RANKED_FILE).write_text(RANKED)
    return sequence


def served(folder: Path) -> FlaskClient:
    app = create_app(load_project(folder), scheduler_address=None)
    app.test_client_class = DescribedClient
    return app.test_client()


def test_a_substitution_is_looked_up_at_once(folder: Path) -> None:
    (folder / "atlas").mkdir()
    sequence = write_atlas(folder)
    alt = "A" if sequence[2] != "A" else "C"
    found = served(folder).get(f"/api/v1/atlas?variants=chrI:3:{sequence[2]}:{alt}").get_json()
    assert found["around"] == 4
    assert found["averaged"] == "forward strand only"  # which the card's own numbers are not
    assert [row["track"] for row in found["effects"]] == ["ramp", "counts"]
    assert [row["effect"] for row in found["effects"]] == pytest.approx([1, -2], rel=0.04)


def test_what_the_atlas_has_not_is_no_effect(folder: Path) -> None:
    client = served(folder)
    genome = load_project(folder).open_genome()
    there, beyond = (genome.sequence(Interval(chrom, 2, 3)) for chrom in ("chrI", "chrII"))
    alts = {base: "A" if base != "A" else "C" for base in "ACGT"}
    asked = [f"chrI:3:{there}:{alts[there]}", f"chrII:3:{beyond}:{alts[beyond]}"]
    assert client.get(f"/api/v1/atlas?variants={asked[0]}").get_json()["effects"] == []
    (folder / "atlas").mkdir()
    write_atlas(folder)
    assert client.get(f"/api/v1/atlas?variants={asked[0]}").get_json()["effects"] != []
    assert client.get(f"/api/v1/atlas?variants={asked[1]}").get_json()["effects"] == []
    write_atlas(folder, model="earlier")
    assert served(folder).get(f"/api/v1/atlas?variants={asked[0]}").get_json()["effects"] == []


def test_where_one_base_matters_most_is_listed_by_track(folder: Path) -> None:
    nothing = served(folder).get("/api/v1/atlas/places").get_json()
    assert (nothing["tracks"], nothing["places"]) == ([], [])
    (folder / "atlas").mkdir()
    write_atlas(folder)
    client = served(folder)
    found = client.get("/api/v1/atlas/places?track=ramp&limit=5").get_json()
    assert (found["total"], found["is_present"], found["is_complete"]) == (2, True, True)
    assert [place["variant"] for place in found["places"]] == ["chrI:1101:A:C", "chrI:31:G:T"]
    first, second = found["places"]
    assert (first["position"], first["gene"], first["distance"]) == (1100, "TFC3", 100)
    assert (second["gene"], second["distance"]) == ("", None)
    assert client.get("/api/v1/atlas/places").get_json()["track"] == "ramp"
    assert "unknown track" in client.get("/api/v1/atlas/places?track=x").get_json()["error"]


def test_a_damaged_list_is_named(folder: Path) -> None:
    (folder / "atlas").mkdir()
    write_atlas(folder)
    (folder / "atlas" / RANKED_FILE).write_text("nothing\n")
    answer = served(folder).get("/api/v1/atlas/places")
    assert answer.status_code == 400
    assert "'sighthound atlas' writes it again" in answer.get_json()["error"]


def test_a_command_says_that_the_atlas_is_not_of_this_model_or_genome(folder: Path) -> None:
    (folder / "atlas").mkdir()
    sequence = write_atlas(folder)
    alt = "C" if sequence[3] != "C" else "G"
    lookup = ("atlas", folder, "--lookup", f"chrI:4:{sequence[3]}:{alt}")
    done = run(*lookup)
    assert (done.returncode, done.stderr) == (0, "")
    assert f"chrI:4:{sequence[3]}:{alt}\tramp\t1" in done.stdout
    write_atlas(folder, model="another")
    done = run(*lookup)
    assert (done.returncode, done.stderr.count("\n")) == (0, 1)
    assert "the atlas is of another model than" in done.stderr
    manifest = folder / "atlas" / "manifest.json"
    genome = load_project(folder).open_genome().fingerprint
    manifest.write_text(manifest.read_text().replace(genome, "0" * len(genome)))
    done = run(*lookup)
    assert (done.returncode, done.stdout) == (1, "")
    assert "is an atlas of another genome than" in done.stderr
