"""An answer, kept here or by a browser, belongs to what computed it."""

from __future__ import annotations

import os
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from flask import Flask

from sighthound.app.api.signal import GENES as GENES_READ
from sighthound.app.api.signal import PROJECT, SEQUENCE, SIGNAL
from sighthound.app.api.signal_windows import signal
from sighthound.app.identity import EXPLANATIONS, SOFTWARE
from sighthound.app.inference import client as explain
from sighthound.app.inference import tasks, worker
from sighthound.app.inference.cache import open_cache
from sighthound.app.project_state import Catalogue
from sighthound.app.server.application import create_app
from sighthound.core import SighthoundError, load_project
from sighthound.core.errors import UnavailableError
from sighthound.core.genome.sequence import Interval
from sighthound.core.model.ensemble import Ensemble
from sighthound.core.model.model import load_model, save_model
from sighthound.core.project.formats import Format, UndeclaredError, reading
from sighthound.core.project.manifest import manifest_file
from sighthound.core.project.settings import Project
from sighthound.core.project.truth import TRUTH_FOLDER
from sighthound.core.tracks.track import Track, write_tracks
from tests.models import small_model
from tests.tiny import SETTINGS, TRACKS, make_project, tracks, write_bases

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
    here = worker.run(again, tasks.saliency, project, *ASKED, job="c")
    assert not np.array_equal(here.values, there.values)


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
    cache = open_cache(Flask("test"), folder, 16, bytes(32))
    cache.set("key", {"a": 1})
    assert [entry.name for entry in folder.iterdir()] == [SOFTWARE]
    assert open_cache(Flask("test"), folder, 16, bytes(32)).get("key") == {"a": 1}


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


WINDOW = "chrom=chrI&start=0&end=900"
ANSWERS = {
    "/api/v1/project": PROJECT,
    f"/api/v1/signal?{WINDOW}&pixels=100&tracks=atac": SIGNAL,
    f"/api/v1/genes?{WINDOW}": GENES_READ,
    f"/api/v1/sequence?{WINDOW}": SEQUENCE,
}


@pytest.fixture
def full(folder: Path) -> Path:
    """A project with a file of every format."""
    (folder / "sets.tsv").write_text("set\ttrack\none\tcage.plus\n")
    (folder / "covered.bed").write_text("chrI\t0\t20000\n")
    (folder / "dataset").mkdir()
    (folder / "dataset" / "folds.bed").write_text("chrI\t0\t40960\ttrain\n")
    (folder / "model" / "held_out.tsv").write_text("track\n")
    (folder / "evaluation").mkdir()
    (folder / TRUTH_FOLDER).mkdir()
    (folder / "evaluation" / "evaluation.json").write_text("{}\n")
    (folder / "evaluation" / "tracks.tsv").write_text("track\n")
    rows = [replace(t, covered=str(folder / "covered.bed")) for t in tracks(folder)]
    write_tracks(folder / "tracks.tsv", rows)
    settings = SETTINGS.replace('table = "tracks.tsv"', 'table = "tracks.tsv"\nsets = "sets.tsv"')
    (folder / "sighthound.toml").write_text(settings)
    return folder


def change(file: Path) -> None:
    """Make another version of a file, or of a folder."""
    if file.is_dir():
        (file / "more.bw").write_text("")
    else:
        time = file.stat().st_mtime_ns + 1_000_000_000
        os.utime(file, ns=(time, time))


def asked_tracks(project: Project) -> list[Track]:
    return [track for track in project.read_tracks() if track.id == "atac"]


@pytest.mark.parametrize("url", ANSWERS)
def test_a_browser_is_not_told_that_nothing_changed_when_a_file_did(full: Path, url: str) -> None:
    project = load_project(full)
    client = create_app(project, scheduler_address=None).test_client()
    files = ANSWERS[url].files(project, asked_tracks(project))
    networks = project.model.directory / "members"  # none taught this model
    files = [file for file in files if file != networks]
    assert all(file.exists() for file in files)
    for file in reversed(files):  # the genome last: a server refuses one that changes
        tag = client.get(url).headers["ETag"]
        assert client.get(url, headers={"If-None-Match": tag}).status_code == 304
        change(file)
        answer = client.get(url, headers={"If-None-Match": tag})
        assert answer.status_code != 304, file
        assert answer.headers.get("ETag") != tag, file


@pytest.mark.parametrize("url", ANSWERS)
def test_the_key_of_an_answer_changes_with_settings_and_versions(full: Path, url: str) -> None:
    declared, project = ANSWERS[url], load_project(full)
    settings = full / "sighthound.toml"
    settings.write_text(settings.read_text().replace("A tiny project", "Another"))
    others = [
        declared.key(load_project(full)),
        replace(declared, version=declared.version + 1).key(project),
    ]
    assert declared.key(project) == declared.key(project)
    assert declared.key(project) not in others


@pytest.mark.parametrize("kind", sorted(PROJECT.formats))
def test_what_a_summary_reads_undeclared_is_refused(full: Path, kind: Format) -> None:
    catalogue = Catalogue(load_project(full))
    with reading(PROJECT):
        catalogue.summary()
    with (
        reading(replace(PROJECT, formats=PROJECT.formats - {kind})),
        pytest.raises(UndeclaredError, match=f"'project' reads, undeclared, the {kind}"),
    ):
        catalogue.summary()


@pytest.mark.parametrize("kind", [Format.MODEL, Format.MANIFEST, Format.SIGNALS])
def test_what_a_signal_reads_undeclared_is_refused(full: Path, kind: Format) -> None:
    catalogue = Catalogue(load_project(full))
    shown = catalogue.tracks()["atac"]
    if kind is Format.MODEL:  # where the manifest says nothing of bins
        manifest_file(full / "predictions").unlink()
    with (
        reading(replace(SIGNAL, formats=SIGNAL.formats - {kind})),
        pytest.raises(UndeclaredError),
    ):
        signal(catalogue, [shown], Interval("chrI", 0, 900), 100)


@pytest.mark.parametrize("number", range(4))
def test_the_name_of_a_question_changes_with_every_file_that_the_worker_reads(
    full: Path, number: int
) -> None:
    project = load_project(full)
    catalogue = Catalogue(project)
    files = [file for file in EXPLANATIONS.files(project) if file.is_file()]
    assert len(files) == 4  # and a folder of networks, where there is one
    before = explain.question("saliency", explain.asked_of(catalogue), *ASKED)
    other = full / "other"
    other.write_bytes(files[number].read_bytes())  # the same bytes, in another file
    other.replace(files[number])
    assert explain.question("saliency", explain.asked_of(catalogue), *ASKED).key != before.key


def test_a_row_is_drawn_anew_where_the_track_is_said_to_have_data_elsewhere(full: Path) -> None:
    client = create_app(load_project(full), scheduler_address=None).test_client()
    url = f"/api/v1/signal?{WINDOW}&pixels=100&tracks=atac"
    before = client.get(url).data
    (full / "covered.bed").write_text("chrI\t20000\t30000\n")
    assert client.get(url).data != before


def test_before_there_is_a_model_nothing_is_asked(tmp_path: Path) -> None:
    project = load_project(make_project(tmp_path / "tiny", model=False, predictions=False))
    with pytest.raises(UnavailableError, match="no trained model"):
        explain.question("saliency", explain.asked_of(Catalogue(project)), *ASKED)
    with pytest.raises(SighthoundError):
        worker.loaded_model(project)
