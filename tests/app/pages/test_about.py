"""The about page: the names and numbers that a person cites."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from dash.development.base_component import Component
from flask.testing import FlaskClient

from sighthound.app.pages import about
from sighthound.app.project_state import Catalogue
from sighthound.app.server.application import create_app
from sighthound.core.model.model import Model, load_model, save_model
from sighthound.core.model.target_transforms import TargetTransform
from sighthound.core.project.settings import load_project
from tests.tiny import make_project


def words(part: Component) -> str:
    texts = [c for child in part._traverse() for c in [getattr(child, "children", child)]]
    return " | ".join(text for text in texts if isinstance(text, str))


@pytest.fixture
def client(tmp_path: Path) -> Iterator[FlaskClient]:
    app = create_app(load_project(make_project(tmp_path / "lab")), scheduler_address=None)
    yield app.test_client()
    app.extensions["sighthound"].close()


def test_it_names_genome_model_software_and_licences(tmp_path: Path) -> None:
    catalogue = Catalogue(load_project(make_project(tmp_path / "lab")))
    said = words(about.layout(catalogue))
    assert "tiny: 2 sequences, 70,001 bp" in said
    assert f"fingerprint {catalogue.genome.fingerprint}" in said
    assert str(catalogue.model_hash()) in said
    architecture = catalogue.architecture()
    assert architecture is not None
    assert f"a bin sees up to {architecture.context:,} bp on either side" in said
    assert "Apache-2.0" in said
    assert "dash | " in said


def test_before_there_is_a_model_it_says_so(tmp_path: Path) -> None:
    project = make_project(tmp_path / "lab", model=False, predictions=False)
    assert "none yet" in words(about.layout(Catalogue(load_project(project))))


def test_it_is_served_and_needs_no_script_but_its_own(client: FlaskClient) -> None:
    answer = client.get("/about")
    assert answer.status_code == 200
    assert "tiny: 2 sequences" in answer.text
    (script,) = re.findall(r'<script[^>]* src="([^"]+)"', answer.text)
    assert client.get(script).mimetype == "text/javascript"


def test_it_says_what_of_the_annotation_was_passed_over(tmp_path: Path) -> None:
    project = make_project(tmp_path / "lab")
    with (project / "genes.gff3").open("a") as file:
        file.write("chrM\ttest\tgene\t1\t90\t.\t+\t.\tID=T009;Name=COB\n")
    said = words(about.layout(Catalogue(load_project(project))))
    assert "3 with 3 starts, read from genes.gff3" in said
    assert "Genes on sequences that the genome lacks, left out: 1 (first: COB on chrM)" in said


def test_it_says_what_was_learned_transformed(tmp_path: Path) -> None:
    project = load_project(make_project(tmp_path / "lab"))
    plain = load_model(project.model.directory)
    transforms = [TargetTransform("sqrt"), TargetTransform(), TargetTransform()]
    model = Model(plain.architecture, plain.weights, plain.tracks, transforms=transforms)
    save_model(project.model.directory, model)
    said = words(about.layout(Catalogue(project)))
    assert "sqrt(v + 1) - 1 of a value v of atac; shown in the experiment's units" in said
