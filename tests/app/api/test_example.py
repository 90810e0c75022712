"""The place that the tour goes to."""

from __future__ import annotations

import shutil
from pathlib import Path

import numpy as np
import pytest
from flask.testing import FlaskClient

from sighthound.app.answers.places import ExamplePlace
from sighthound.app.api.example import find_example
from sighthound.app.api.levels import GenomeLevels
from sighthound.app.project_state import Catalogue
from sighthound.core.bigwig.files import write_bigwig
from sighthound.core.project.settings import load_project
from tests.app.conftest import BIN, LENGTHS

STARTS = {"weak": 1024, "strong": 4096, "unmeasured": 6400}
GENES = "##gff-version 3\n" + "".join(
    f"chrII\ttest\tgene\t{start + 1}\t{start + 600}\t.\t+\t.\tID={name}\n"
    for name, start in STARTS.items()
)


@pytest.fixture
def folder(project_folder: Path, tmp_path: Path) -> Path:
    """The tiny project with peaks at starts on its test chromosome, and a higher one elsewhere."""
    root = tmp_path / "project"
    shutil.copytree(project_folder, root, ignore=shutil.ignore_patterns(".cache"))
    (root / "genes.gff3").write_text(GENES)
    (root / "dataset" / "folds.bed").write_text("chrI\t0\t40960\ttrain\nchrII\t0\t10258\ttest\n")
    for file, heights in (
        (root / "ramp.bw", {"weak": 2, "strong": 20, "unmeasured": 0}),
        (root / "predictions" / "ramp.bw", {"weak": 3, "strong": 15, "unmeasured": 90}),
    ):
        bins = {name: np.ones(-(-length // BIN)) for name, length in LENGTHS.items()}
        bins["chrI"][100] = 500  # the model was trained here
        for name, height in heights.items():
            bins["chrII"][STARTS[name] // BIN] = height
        write_bigwig(file, LENGTHS, bins.items(), BIN)
    return root


def example(folder: Path) -> ExamplePlace:
    catalogue = Catalogue(load_project(folder))
    found = find_example(catalogue, GenomeLevels(catalogue))
    assert found is not None
    return found


def test_the_example_is_the_held_out_start_where_experiment_and_prediction_both_stand_out(
    folder: Path,
) -> None:
    place = example(folder)
    assert (place.label, place.position) == ("strong", STARTS["strong"])
    assert (place.track, place.fold, place.kind) == ("ramp", "test", "gene")
    assert example(folder) == place


def test_without_genes_the_example_is_a_peak(folder: Path) -> None:
    settings = folder / "sighthound.toml"
    settings.write_text(settings.read_text().replace('genes = "genes.gff3"\n', ""))
    place = example(folder)
    assert (place.kind, place.position) == ("peak", STARTS["strong"] + BIN // 2)


def test_without_predictions_there_is_no_example(folder: Path) -> None:
    shutil.rmtree(folder / "predictions")
    catalogue = Catalogue(load_project(folder))
    assert find_example(catalogue, GenomeLevels(catalogue)) is None


def test_the_route_tells_the_place(web: FlaskClient) -> None:
    place = web.get("/api/v1/example").get_json()["place"]
    assert place["track"] == "ramp"
    assert place["chrom"] == "chrII"
