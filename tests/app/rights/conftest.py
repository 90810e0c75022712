"""A project of two people: ana sees everything, ben all but one track, which is called zebrafin."""

from __future__ import annotations

import dataclasses
import shutil
from pathlib import Path

import pytest
from flask import Flask
from flask.testing import FlaskClient

from sighthound.app.rights.people import add_person
from sighthound.app.server.application import create_app
from sighthound.core.model.model import save_model
from sighthound.core.project.layout import people_file, rights_file
from sighthound.core.project.settings import Project, load_project
from tests.models import small_model

SECRET = "zebrafin"
PASSWORDS = {"ana": "ana's long password", "ben": "ben's long password"}
RIGHTS = """
[group.lab]
people = ["ana"]
tracks = ["*"]
[group.guests]
people = ["*"]
tracks = ["ramp", "name=Imagined"]
"""
TRACKS = """id\tname\tassay\taggregation\treplicate_of\texperiment\tcovered
ramp\tRamp\tATAC\tmean\tzebrafin\tramp.bw\t
zebrafin\tZebrafin\tATAC\tmean\t\tones.bw\tchrI
imagined\tImagined\tCAGE\tsum\t\t\t
"""
SETS = "set\ttrack\nAll\tramp\nAll\tzebrafin\nHidden zebrafin\tzebrafin\n"
HELD_OUT = (
    "track\tfold\tbin\tn_bins\tpearson\tpearson_log1p\tr2\n"
    "ramp\ttest\t64\t48\t0.5\t0.625\t0.25\nzebrafin\ttest\t64\t48\t0.5\t0.75\t0.25\n"
)


@pytest.fixture(scope="package")
def lab(project_folder: Path, tmp_path_factory: pytest.TempPathFactory) -> Project:
    root = tmp_path_factory.mktemp("lab") / "lab"
    ignored = shutil.ignore_patterns("model", ".cache", "evaluation", "shares", ".state", "truth")
    shutil.copytree(project_folder, root, ignore=ignored)
    (root / "predictions" / "counts.bw").rename(root / "predictions" / f"{SECRET}.bw")
    (root / "tracks.tsv").write_text(TRACKS)
    (root / "sets.tsv").write_text(SETS)
    settings = (root / "sighthound.toml").read_text()
    settings = settings.replace('table = "tracks.tsv"', 'table = "tracks.tsv"\nsets = "sets.tsv"')
    settings = settings.replace("[server]", '[server]\nlogin = "passwords"')
    settings = settings.replace('["ramp"]', f'["ramp", "{SECRET}"]')
    (root / "sighthound.toml").write_text(settings)
    model, *members = (small_model(("ramp", SECRET, "imagined"), seed) for seed in range(3))
    save_model(root / "model", model, {"held_out.tsv": HELD_OUT}, members)
    project = load_project(root)
    rights_file(project).write_text(RIGHTS)
    for name, password in PASSWORDS.items():
        add_person(people_file(project), name, password)
    return project


@pytest.fixture(scope="package")
def served(lab: Project) -> Flask:
    return create_app(lab, scheduler_address=None)


@pytest.fixture(scope="package")
def stranger(served: Flask) -> FlaskClient:
    """Who has not logged in, and gets no cookie by other tests."""
    return served.test_client(use_cookies=False)


def logged_in(served: Flask, name: str) -> FlaskClient:
    client = served.test_client()
    form = {"name": name, "password": PASSWORDS[name]}
    answer = client.post("/login", data=form, headers={"X-Sighthound": "1"})
    assert answer.status_code == 303, answer.text
    return client


@pytest.fixture(scope="package")
def ana(served: Flask) -> FlaskClient:
    return logged_in(served, "ana")


@pytest.fixture(scope="package")
def ben(served: Flask) -> FlaskClient:
    return logged_in(served, "ben")


def behind_proxy(lab: Project) -> Flask:
    """The same project, whose proxy at 10.0.0.0/24 says who asks."""
    server = dataclasses.replace(lab.server, login="proxy", proxies=("10.0.0.0/24",))
    return create_app(dataclasses.replace(lab, server=server), scheduler_address=None)
