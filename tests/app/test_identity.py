"""An answer, kept here or by a browser, belongs to what computed it."""

from __future__ import annotations

import os
from pathlib import Path

import pytest
from flask import Flask

from sighthound.app.identity import SOFTWARE
from sighthound.app.inference import client as explain
from sighthound.app.inference import tasks, worker
from sighthound.app.inference.cache import open_cache
from sighthound.app.project_state import Catalogue
from sighthound.app.server.application import create_app
from sighthound.core import SighthoundError, load_project
from sighthound.core.model.model import Ensemble, load_model, save_model
from tests.models import small_model
from tests.tiny import SETTINGS, TRACKS, make_project, write_bases, write_vcf

ASKED = ("atac", "chrI", 20_032)


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return make_project(tmp_path / "tiny")


def replace_model(folder: Path) -> str:
    """Put another model of the same shape into the project; give its hash."""
    model = small_model(TRACKS, seed=5)
    save_model(folder / "model", model)
    return model.hash


def test_a_question_that_is_computed_after_the_model_was_replaced_is_refused(folder: Path) -> None:
    project = load_project(folder)
    asked = explain.asked_of(Catalogue(project))
    there = worker.run(asked, tasks.saliency, project, *ASKED, job="a")
    replace_model(folder)
    with pytest.raises(worker.ReplacedError):
        worker.run(asked, tasks.saliency, project, *ASKED, job="b")
    again = explain.asked_of(Catalogue(project))
    assert explain.question("saliency", again, *ASKED) != explain.question(
        "saliency", asked, *ASKED
    )
    assert worker.run(again, tasks.saliency, project, *ASKED, job="c") != there


def test_a_model_that_is_replaced_while_a_question_is_computed_leaves_no_answer(
    folder: Path,
) -> None:
    project = load_project(folder)
    asked = explain.asked_of(Catalogue(project))

    def slow(_project: object, job: str) -> dict[str, str]:
        replace_model(folder)
        return {"of": job}

    with pytest.raises(worker.ReplacedError):
        worker.run(asked, slow, project, job="a")


@pytest.mark.parametrize(
    "change", ["model", "genes", "genome", "weights of the same size and time"]
)
def test_the_name_of_a_question_changes_with_what_it_is_asked_of(folder: Path, change: str) -> None:
    project = load_project(folder)
    catalogue = Catalogue(project)
    before = explain.question("saliency", explain.asked_of(catalogue), *ASKED)
    if change == "model":
        replace_model(folder)
    elif change == "genes":
        (folder / "genes.gff3").write_text((folder / "genes.gff3").read_text().replace("A", "B"))
    elif change == "genome":
        # Far from the middle, where a fingerprint takes its sample.
        write_bases(folder, "chrI", {10: "ACGTACGTAC"})
    else:
        files = [folder / "model" / name for name in ("model.json", "weights.npz")]
        times = [file.stat() for file in files]
        replace_model(folder)
        for file, time in zip(files, times, strict=True):
            os.utime(file, ns=(time.st_atime_ns, time.st_mtime_ns))
    after = explain.question("saliency", explain.asked_of(catalogue), *ASKED)
    assert before.key != after.key


def test_a_model_with_the_size_and_times_of_the_last_is_loaded_anew(folder: Path) -> None:
    project = load_project(folder)
    assert worker.loaded_model(project).hash == small_model(TRACKS).hash
    files = [folder / "model" / name for name in ("model.json", "weights.npz")]
    times = [file.stat() for file in files]
    expected = replace_model(folder)
    for file, time in zip(files, times, strict=True):
        os.utime(file, ns=(time.st_atime_ns, time.st_mtime_ns))
    assert worker.loaded_model(project).hash == expected == load_model(folder / "model").hash


def test_a_question_names_what_is_averaged(folder: Path) -> None:
    identity = explain.asked_of(Catalogue(load_project(folder)))
    one, both = (
        explain.question("prediction", identity, "chrI", 0, Ensemble(strands))
        for strands in (False, True)
    )
    assert one.key != both.key


def test_answers_of_other_versions_are_dropped(tmp_path: Path) -> None:
    folder = tmp_path / "answers"
    (folder / "0.0.1-1").mkdir(parents=True)
    (folder / "0.0.1-1" / "old").write_text("an answer")
    (folder / "2029240f6d1128be89ddc32729463129").write_text("of a version that knew no versions")
    cache = open_cache(Flask("test"), folder, 16)
    cache.set("key", {"a": 1})
    assert [entry.name for entry in folder.iterdir()] == [SOFTWARE]
    assert open_cache(Flask("test"), folder, 16).get("key") == {"a": 1}


GENES = "/api/v1/genes?chrom=chrI&start=0&end=9000"


def test_an_annotation_that_changes_is_given_anew_by_a_running_server(folder: Path) -> None:
    client = create_app(load_project(folder), scheduler_address=None).test_client()
    tag = client.get(GENES).headers["ETag"]
    assert client.get(GENES, headers={"If-None-Match": tag}).status_code == 304
    genes = folder / "genes.gff3"
    genes.write_text(genes.read_text().replace("ALPHA1", "OMEGA1"))
    answer = client.get(GENES, headers={"If-None-Match": tag})
    assert answer.status_code == 200
    assert [gene["name"] for gene in answer.get_json()["genes"]] == ["OMEGA1", "BETA1"]
    found = client.get("/api/v1/search?q=OMEGA1").get_json()["results"]
    assert len(found) == 1


CHANGES = {
    "held-out accuracy": lambda folder: (folder / "model" / "held_out.tsv").write_text("track\n"),
    "weights": lambda folder: replace_model(folder),
    "tracks": lambda folder: (folder / "tracks.tsv").write_text(
        (folder / "tracks.tsv").read_text().replace("ATAC\t", "DNase\t", 1)
    ),
    "sets": lambda folder: (folder / "sets.tsv").write_text("set\ttrack\none\tatac\n"),
    "manifest": lambda folder: (folder / "predictions" / "manifest.json").write_text("{}"),
    "blacklist": lambda folder: (folder / "blacklist.bed").write_text("chrI\t0\t200\n"),
    "a new prediction": lambda folder: (folder / "predictions" / "more.bw").write_text(""),
    "variants": lambda folder: write_vcf(folder, "chrI 50 rs1 A C"),
    "motifs": lambda folder: _set(folder, '[motifs]\ntax_group = "fungi"\n'),
    "title": lambda folder: _set(folder, "", "A tiny project", "Another"),
    "longest mutagenesis": lambda folder: _set(folder, "max_mutagenesis_bp = 100\n"),
}


def _set(folder: Path, more: str, old: str = "", new: str = "") -> None:
    file = folder / "sighthound.toml"
    file.write_text(file.read_text().replace(old, new) + more if old else file.read_text() + more)


@pytest.mark.parametrize("change", CHANGES)
def test_a_browser_is_not_told_that_nothing_changed_when_something_did(
    folder: Path, change: str
) -> None:
    (folder / "blacklist.bed").write_text("chrI\t0\t100\n")
    (folder / "sets.tsv").write_text("set\ttrack\none\tcage.plus\n")
    write_vcf(folder, "chrI 40 rs1 A C")
    settings = SETTINGS.replace(
        'genes = "genes.gff3"', 'genes = "genes.gff3"\nblacklist = "blacklist.bed"'
    )
    settings = settings.replace('table = "tracks.tsv"', 'table = "tracks.tsv"\nsets = "sets.tsv"')
    settings = f'[variants]\nvcf = "variants.vcf.gz"\n{settings}'
    (folder / "sighthound.toml").write_text(settings)
    before = Catalogue(load_project(folder)).state()
    assert Catalogue(load_project(folder)).state() == before
    CHANGES[change](folder)
    assert Catalogue(load_project(folder)).state() != before


def test_before_there_is_a_model_nothing_is_asked(tmp_path: Path) -> None:
    project = load_project(make_project(tmp_path / "tiny", model=False, predictions=False))
    with pytest.raises(explain.UnavailableError, match="no trained model"):
        explain.question("saliency", explain.asked_of(Catalogue(project)), *ASKED)
    with pytest.raises(SighthoundError):
        worker.loaded_model(project)
