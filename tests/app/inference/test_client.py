"""Saliency and mutagenesis through the real inference worker."""

from __future__ import annotations

import os
import threading
import time
from types import SimpleNamespace
from typing import Any

import distributed
import numpy as np
import pytest
from flask.testing import FlaskClient

from sighthound import core
from sighthound.app.inference import client as explain
from sighthound.app.inference import worker
from sighthound.app.inference.job import Job
from sighthound.app.inference.worker import loaded_model
from sighthound.app.project_state import Catalogue
from sighthound.app.server.application import create_app
from sighthound.core.errors import CancelledError, UnavailableError
from sighthound.core.genome.sequence import Interval
from sighthound.core.model.model import load_members, save_model
from sighthound.core.project.settings import Project
from tests.app.conftest import BIN, LENGTHS
from tests.models import small_model


def ask(client: FlaskClient, url: str) -> dict[str, Any]:
    """Ask until the answer is there, as the page does."""
    deadline = time.monotonic() + 600
    while (response := client.get(url)).status_code != 200:
        is_coming = response.status_code == 202 or "Retry-After" in response.headers
        assert is_coming, response.data
        assert time.monotonic() < deadline
    return response.get_json()


def mutagenesis_url(start: int, end: int, target: int, track: str = "ramp") -> str:
    where = f"chrom=chrI&start={start}&end={end}&target={target}"
    return f"/api/v1/mutagenesis?track={track}&{where}"


class Blocked:
    """Keeps the inference worker busy for the length of a with-block."""

    def __init__(self, client: FlaskClient) -> None:
        self.dask = client.application.extensions["sighthound"].connect()
        self.released = distributed.Event("released", client=self.dask)

    def __enter__(self) -> None:
        started = distributed.Event("started", client=self.dask)
        started.clear()
        self.released.clear()
        self.work = self.dask.submit(_wait, pure=False)
        started.wait()

    def __exit__(self, *_: object) -> None:
        self.released.set()
        self.work.result()


def _wait() -> None:
    distributed.Event("started").set()
    distributed.Event("released").wait()


async def _die() -> None:
    os._exit(1)


def _set_most_s(seconds: float) -> None:
    worker.MOST_S = seconds


def _hang(_project: Project, job: str) -> None:
    while job:
        time.sleep(1)


def test_saliency_scores_every_bin_of_the_context(
    explaining: FlaskClient, project: Project
) -> None:
    found = ask(explaining, "/api/v1/saliency?track=counts&chrom=I&position=20010")
    assert (found["chrom"], found["bin"]) == ("chrI", BIN)
    assert found["target"] == {"start": 19_968, "end": 20_032}
    model = core.load_model(project.model.directory)
    reach = model.receptive_field_bins
    assert (found["start"], len(found["values"])) == (19_968 - reach * BIN, 2 * reach + 1)
    assert found["context"] == {"start": 19_968 - reach * BIN, "end": 20_032 + reach * BIN}
    assert found["truncated"] == {"left": 0, "right": 0}

    # Any window that holds the context gives the same.
    window = Interval("chrI", 19_968 - 140 * BIN, 19_968 + 150 * BIN)
    expected = core.saliency(
        model, project.open_genome().one_hot(window), track="counts", bins=[140 - model.crop]
    )[140 - reach : 141 + reach]
    np.testing.assert_allclose(found["values"], expected, rtol=1e-3, atol=1e-4)


def test_context_lost_beyond_the_chromosome_is_said(
    explaining: FlaskClient, project: Project
) -> None:
    reach = core.load_model(project.model.directory).receptive_field_bins
    found = ask(explaining, "/api/v1/saliency?track=ramp&chrom=chrII&position=100")
    assert found["start"] == 0
    assert found["target"]["start"] == 64
    assert len(found["values"]) == reach + 2
    assert found["truncated"]["left"] == (reach - 1) * BIN
    assert found["context"]["start"] == 0

    end = LENGTHS["chrII"]
    found = ask(explaining, f"/api/v1/saliency?track=ramp&chrom=chrII&position={end - 1}")
    assert found["target"] == {"start": 160 * BIN, "end": end}
    assert found["start"] + len(found["values"]) * BIN == 161 * BIN
    assert found["truncated"]["right"] == (161 + reach) * BIN - end
    assert found["context"]["end"] == end


def test_mutagenesis_is_the_difference_that_each_base_makes(
    explaining: FlaskClient, project: Project
) -> None:
    found = ask(explaining, mutagenesis_url(20_000, 20_012, target=20_030))
    assert found["target"] == {"start": 19_968, "end": 20_032}
    effects = np.array(found["effects"])
    assert effects.shape == (12, 4)
    reference_bases = ["ACGT".index(base) for base in found["sequence"]]
    assert (effects[np.arange(12), reference_bases] == 0).all()

    model = core.load_model(project.model.directory)
    start = 19_968 - 140 * BIN
    one_hot = project.open_genome().one_hot(Interval("chrI", start, start + 290 * BIN))
    changed = np.repeat(one_hot[None], 2, axis=0)
    changed[1, 20_005 - start] = np.eye(4)[(reference_bases[5] + 1) % 4]
    reference, alternative = model.predict(changed)[:, 140 - model.crop, 0]
    assert found["reference"] == pytest.approx(reference, rel=1e-4)
    scale = np.abs(effects).max()
    assert effects[5, (reference_bases[5] + 1) % 4] == pytest.approx(
        alternative - reference, abs=1e-3 * scale
    )


def test_bases_anywhere_in_the_context_can_be_mutated_and_none_beyond_matters(
    explaining: FlaskClient, project: Project
) -> None:
    edge = 19_968 - core.load_model(project.model.directory).receptive_field_bins * BIN
    effects = np.array(ask(explaining, mutagenesis_url(edge - 80, edge + 200, 20_000))["effects"])
    assert effects.shape == (280, 4)
    assert not effects[:80].any()
    far = 19_968 - 40 * BIN
    assert np.array(ask(explaining, mutagenesis_url(far, far + 60, 20_000))["effects"]).any()


def test_a_question_next_to_the_last_one_needs_no_new_pass(
    explaining: FlaskClient, project: Project
) -> None:
    dask = explaining.application.extensions["sighthound"].connect()

    def passes() -> int:
        return dask.submit(_passes, project, pure=False).result()

    ask(explaining, "/api/v1/saliency?track=ramp&chrom=chrI&position=28900")
    before = passes()
    assert before
    ask(explaining, "/api/v1/saliency?track=counts&chrom=chrI&position=29000")
    ask(explaining, mutagenesis_url(28_000, 28_010, target=29_100))
    assert passes() == before


def _passes(project: Project) -> int:
    return len(loaded_model(project).references)


def test_dask_does_not_watch_the_worker_for_a_dashboard(explaining: FlaskClient) -> None:
    dask = explaining.application.extensions["sighthound"].connect()
    (every,) = dask.run(_callbacks).values()
    assert "profile" not in every
    assert every["tick"] == 1_000


def _callbacks(dask_worker: Any) -> dict[str, float]:
    """Milliseconds between what the worker does again and again, by name."""
    return {name: again.callback_time for name, again in dask_worker.periodic_callbacks.items()}


def test_motifs_of_a_mutagenesis_are_named_beside_the_queue(explaining: FlaskClient) -> None:
    url = mutagenesis_url(21_000, 21_060, target=21_030)
    ask(explaining, url)
    found = ask(explaining, url.replace("mutagenesis", "motifs"))
    assert set(found) == {"motifs", "changes"}
    assert found["changes"], "random bases are one change away from some motif"
    assert all(21_000 <= change["position"] < 21_060 for change in found["changes"])
    assert {change["kind"] for change in found["changes"]} <= {"gain", "loss"}


def test_tracks_are_mutated_together_and_kept_one_by_one(explaining: FlaskClient) -> None:
    one = ask(explaining, mutagenesis_url(22_000, 22_020, target=22_010))
    url = mutagenesis_url(22_000, 22_020, 22_010).replace("track=ramp", "tracks=counts,ramp")
    found = ask(explaining, url)
    assert [track["track"] for track in found["tracks"]] == ["counts", "ramp"]
    assert found["tracks"][1] == {key: one[key] for key in ("track", "reference", "effects")}
    assert {k: v for k, v in found.items() if k != "tracks"}.items() <= one.items()
    with Blocked(explaining):
        alone = explaining.get(mutagenesis_url(22_000, 22_020, 22_010, track="counts"))
    assert alone.get_json()["effects"] == found["tracks"][0]["effects"]


def test_a_contrast_is_explained_as_a_track_is_and_kept_under_both_names(
    explaining: FlaskClient,
) -> None:
    url = mutagenesis_url(22_000, 22_020, 22_010).replace("track=ramp", "tracks=counts,ramp")
    both = ask(explaining, url)["tracks"]
    found = ask(explaining, mutagenesis_url(22_000, 22_020, 22_010, track="counts/ramp"))
    before = [np.log2(track["reference"] + 1) for track in both]
    after = [np.log2(track["reference"] + np.array(track["effects"]) + 1) for track in both]
    assert found["track"] == "counts/ramp"
    assert found["reference"] == pytest.approx(before[0] - before[1], abs=1e-3)
    expected = after[0] - before[0] - (after[1] - before[1])
    np.testing.assert_allclose(found["effects"], expected, atol=2e-3 * abs(expected).max())
    turned = ask(explaining, mutagenesis_url(22_000, 22_020, 22_010, track="ramp/counts"))
    np.testing.assert_allclose(turned["effects"], -np.array(found["effects"]), atol=1e-6)
    saliency = "/api/v1/saliency?track={}&chrom=chrI&position=20010"
    one, other = (ask(explaining, saliency.format(t)) for t in ("counts/ramp", "ramp/counts"))
    np.testing.assert_allclose(one["values"], -np.array(other["values"]), atol=1e-6)


def test_an_answer_is_kept_for_the_next_visitor(explaining: FlaskClient) -> None:
    url = "/api/v1/saliency?track=ramp&chrom=chrI&position=9000"
    first = ask(explaining, url)
    with Blocked(explaining):
        response = explaining.get(url)
        # Another base of the same bin is the same question.
        neighbour = explaining.get(url.replace("9000", "9001"))
    assert response.status_code == neighbour.status_code == 200
    assert response.get_json() == neighbour.get_json() == first


def test_an_answer_is_of_the_model_that_is_there_and_kept_under_it(
    explaining: FlaskClient, project: Project
) -> None:
    """The question waits in the queue while the model folder becomes another, and back."""
    url = "/api/v1/saliency?track=ramp&chrom=chrI&position=12032"
    folder = project.model.directory
    first, members = core.load_model(folder), load_members(folder)
    second = small_model(first.tracks, seed=9)
    files = {"held_out.tsv": (folder / "held_out.tsv").read_text()}
    try:
        with Blocked(explaining):
            assert explaining.get(url).status_code == 202
            save_model(folder, second, files)
        of_second = ask(explaining, url)["values"]
    finally:
        save_model(folder, first, files, members)
    of_first = ask(explaining, url)["values"]
    window = Interval("chrI", 12_032 - 140 * BIN, 12_032 + 150 * BIN)
    for model, found in ((first, of_first), (second, of_second)):
        reach = model.receptive_field_bins
        expected = core.saliency(
            model, project.open_genome().one_hot(window), track="ramp", bins=[140 - model.crop]
        )[140 - reach : 141 + reach]
        np.testing.assert_allclose(found, expected, rtol=1e-3, atol=1e-4)
    # Nobody can ask again for the first question: the files that it was of are no longer those.
    explaining.application.extensions["sighthound"]._jobs.clear()


def test_equal_requests_are_one_job_and_a_cancelled_one_can_be_asked_again(
    explaining: FlaskClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    inference = explaining.application.extensions["sighthound"]
    url = mutagenesis_url(15_000, 15_050, target=15_020)
    with Blocked(explaining):
        monkeypatch.setattr(explain, "PATIENCE_S", 0.01)
        for _ in range(2):
            waiting = explaining.get(url)
            assert (waiting.status_code, waiting.get_json()["state"]) == (202, "queued")
            assert waiting.headers["Cache-Control"] == "no-store"
        assert len(inference._jobs) == 1
        assert explaining.delete(url).get_json() == {"cancelled": True}
        assert explaining.delete(url).get_json() == {"cancelled": False}
        assert not inference._jobs
    monkeypatch.undo()
    assert len(ask(explaining, url)["effects"]) == 50


def test_a_stranger_cannot_cancel_a_job_that_others_wait_for(
    explaining: FlaskClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    inference = explaining.application.extensions["sighthound"]
    url = mutagenesis_url(16_000, 16_050, target=16_020)
    one, other, stranger = (explaining.application.test_client() for _ in range(3))
    with Blocked(explaining):
        monkeypatch.setattr(explain, "PATIENCE_S", 0.01)
        for client in (one, other):
            assert client.get(url).status_code == 202
        (job,) = inference._jobs.values()
        assert stranger.delete(url).get_json() == {"cancelled": False}
        assert one.delete(url).get_json() == {"cancelled": True}
        assert one.delete(url).get_json() == {"cancelled": False}
        assert list(inference._jobs.values()) == [job]
        assert not job.cancelled
        # Who asks again is back among them.
        assert one.get(url).status_code == 202
        assert other.delete(url).get_json() == {"cancelled": True}
        assert list(inference._jobs.values()) == [job]
        assert one.delete(url).get_json() == {"cancelled": True}
        assert not inference._jobs
        assert job.cancelled


def test_a_visitor_whose_other_window_cancels_is_told(
    explaining: FlaskClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    inference = explaining.application.extensions["sighthound"]
    url = mutagenesis_url(16_100, 16_150, target=16_120)
    statuses: list[int] = []
    with Blocked(explaining):
        monkeypatch.setattr(explain, "PATIENCE_S", 0.01)
        windows = [explaining.application.test_client() for _ in range(2)]
        cookie = windows[0].get(url).headers["Set-Cookie"].split(";")[0]
        windows[1].set_cookie(*cookie.split("=", 1))
        monkeypatch.setattr(explain, "PATIENCE_S", 30)
        waiting = threading.Thread(target=lambda: statuses.append(windows[1].get(url).status_code))
        waiting.start()
        until = time.monotonic() + 60
        while max(next(iter(inference._jobs.values())).askers.values()) < time.monotonic() + 20:
            assert time.monotonic() < until, "the other window waits"
            threading.Event().wait(0.01)
        windows[0].delete(url)
        waiting.join(20)
    assert statuses == [409]


def test_progress_of_a_running_job_reaches_the_page(
    explaining: FlaskClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    inference = explaining.application.extensions["sighthound"]
    heard: list[dict[str, Any]] = []
    hear = inference._hear
    dask = inference.connect()

    def listen(event: Any) -> None:
        heard.append(event[1])
        hear(event)

    dask.subscribe_topic(worker.PROGRESS, listen)
    ask(explaining, mutagenesis_url(17_000, 17_200, target=17_100))
    dask.subscribe_topic(worker.PROGRESS, hear)
    running = [message for message in heard if message.get("message") == "mutating 200 bases"]
    assert [running[0]["done"], running[-1]["done"]] == [0, 200]
    assert {message["total"] for message in running} == {200}


def _tell_much() -> None:
    for done in range(1_100):
        worker.report("another", done, 1_100, "working")


def test_who_connects_after_much_progress_knows_that_the_worker_is_ready(
    explaining: FlaskClient, project: Project
) -> None:
    """The scheduler keeps the last thousand reports; a web process may come after more."""
    first = explaining.application.extensions["sighthound"]
    first.connect().submit(_tell_much, pure=False).result()
    connection = first._connection
    app = create_app(project, scheduler_address=connection.address, security=connection.security)
    later = app.extensions["sighthound"]
    try:
        assert later.state().phase == "ready"
    finally:
        later.close()


def test_tasks_that_came_to_nothing_are_not_remembered_for_ever(
    project: Project, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(explain, "MOST_ATTEMPTS", 3)
    inference = create_app(project, scheduler_address=None).extensions["sighthound"]
    for name in (*"aabcda", "e"):
        inference._give_up(Job(name), CancelledError(name))
    inference.close()
    assert dict(inference._attempts) == {"d": 1, "a": 1, "e": 1}


def test_what_the_worker_says_names_no_path_of_the_server(project: Project) -> None:
    app = create_app(project, scheduler_address=None)
    inference = app.extensions["sighthound"]
    weights = project.root / "model" / "weights.h5"
    failed = {"phase": "failed", "message": f"the model cannot be loaded:\n {weights} is damaged"}
    inference._hear(("", failed))
    said = "the model cannot be loaded: model/weights.h5 is damaged"
    assert inference._state(Job("a")).message == said
    inference._jobs["a"] = Job("a", future=SimpleNamespace(key="a"))  # type: ignore[arg-type]
    inference._hear(("", {"job": "a", "done": 1, "total": 2, "message": f"reading {weights}"}))
    assert inference._state(inference._jobs["a"]).message == "reading model/weights.h5"


def test_the_time_left_is_told_from_what_is_done(monkeypatch: pytest.MonkeyPatch) -> None:
    # The module's clock alone, which stands: threads of a server look at it, too.
    clock = SimpleNamespace()
    monkeypatch.setattr("sighthound.app.inference.job.time", clock)
    job = Job("a")

    def left(now: float, done: int, message: str) -> float | None:
        clock.monotonic = lambda: now
        job.hear(done, 200, message)
        assert job.progress is not None
        return job.progress.seconds_left

    says = "mutating 200 bases"
    told = [left(now, done, says) for now, done in ((10, 0), (12, 50), (13, 150))]
    assert told == [None, 6.0, 1.0]
    assert left(13, 150, "something else") is None


def test_a_running_job_that_is_cancelled_ends(
    explaining: FlaskClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(explain, "PATIENCE_S", 0.01)
    whole = mutagenesis_url(30_000, 30_300, target=30_100)
    url = whole.replace("track=ramp", "tracks=ramp,counts,imagined")

    def jobs() -> int:
        return explaining.get("/readyz").get_json()["worker"]["jobs"]

    until = time.monotonic() + 600
    while explaining.get(url).get_json().get("state") == "queued":
        assert time.monotonic() < until
    explaining.delete(url)
    while jobs():
        assert time.monotonic() < until


@pytest.mark.parametrize(
    ("url", "says"),
    [
        ("/api/v1/saliency?track=no&chrom=chrI&position=1", "unknown track 'no'"),
        ("/api/v1/saliency?track=ramp&chrom=chrI&position=999999", "position is 999,999"),
        ("/api/v1/saliency?track=ramp/no&chrom=chrI&position=1", "unknown track 'no'"),
        ("/api/v1/saliency?track=ramp/ramp&chrom=chrI&position=1", "'ramp/ramp' is no contrast"),
        ("/api/v1/saliency?track=ramp,counts&chrom=chrI&position=1", "2 tracks in 'track'"),
        (mutagenesis_url(0, 301, 100), "301 bases are too many for mutagenesis"),
        (mutagenesis_url(0, 9, 5).replace("track=ramp", "tracks="), "explanation of no track"),
        (mutagenesis_url(30_000, 30_010, 1_000), "is not in the context of the target"),
    ],
)
def test_what_cannot_be_explained_is_refused_in_one_line(
    explaining: FlaskClient, url: str, says: str
) -> None:
    response = explaining.get(url)
    assert response.status_code == 400
    assert says in response.get_json()["error"]


def test_without_a_worker_the_page_is_told_so(web: FlaskClient) -> None:
    response = web.get("/api/v1/saliency?track=ramp&chrom=chrI&position=31")
    assert response.status_code == 503
    assert "without an inference worker" in response.get_json()["error"]


def test_only_who_holds_the_key_reaches_the_scheduler(explaining: FlaskClient) -> None:
    address = explaining.application.extensions["sighthound"].address
    stranger = distributed.Security.temporary()
    with pytest.raises(OSError, match=r"(?i)timed out|closed|certificate"):
        distributed.Client(address, security=stranger, timeout=1, set_as_default=False)


def test_a_worker_that_dies_is_started_again_and_the_job_with_it(explaining: FlaskClient) -> None:
    dask = explaining.application.extensions["sighthound"].connect()
    before = set(dask.run(os.getpid).values())
    dask.run(_die, wait=False)
    # No other test asks about this base, so that the answer is not at hand.
    found = ask(explaining, "/api/v1/saliency?track=ramp&chrom=chrI&position=11111")
    assert found["values"]
    assert not before & set(dask.run(os.getpid).values())


def test_a_job_that_takes_too_long_is_given_up_and_its_worker_replaced(
    explaining: FlaskClient, project: Project, monkeypatch: pytest.MonkeyPatch
) -> None:
    inference = explaining.application.extensions["sighthound"]
    asked = explain.Question("hangs", explain.asked_of(Catalogue(project)))
    monkeypatch.setattr(explain, "JOB_S", 0.6)
    with pytest.raises(UnavailableError, match=r"more than 0\.01 minutes and was given up"):
        inference.answer(asked, _hang, project, patience=600)
    monkeypatch.undo()
    assert ask(explaining, "/api/v1/saliency?track=ramp&chrom=chrI&position=11711")["values"]


def test_a_job_that_is_given_up_before_the_worker_has_it_does_not_hold_it_for_ever(
    explaining: FlaskClient, project: Project
) -> None:
    dask = explaining.application.extensions["sighthound"].connect()
    dask.run(worker.cancel, "overtaken", 5, wait=False)
    asked = explain.asked_of(Catalogue(project))
    # Dask tells the worker of a task and of a call by two connections: either may be first.
    hanging = dask.submit(
        worker.run, asked, _hang, project, job="overtaken", key="overtaken", retries=0
    )
    with pytest.raises((CancelledError, distributed.scheduler.KilledWorker)):
        hanging.result(timeout=300)
    assert ask(explaining, "/api/v1/saliency?track=ramp&chrom=chrI&position=11721")["values"]


def test_a_job_that_nobody_ends_ends_its_worker(explaining: FlaskClient, project: Project) -> None:
    dask = explaining.application.extensions["sighthound"].connect()
    asked = explain.asked_of(Catalogue(project))
    dask.run(_set_most_s, 0.5)
    hanging = dask.submit(worker.run, asked, _hang, project, job="alone", key="alone", retries=0)
    with pytest.raises(distributed.scheduler.KilledWorker):
        hanging.result(timeout=300)
    assert ask(explaining, "/api/v1/saliency?track=ramp&chrom=chrI&position=11731")["values"]


def test_a_worker_that_is_still_starting_is_asked_again(
    project: Project, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(explain, "PATIENCE_S", 0.01)
    app = create_app(project, scheduler_address="tcp://127.0.0.1:9")
    response = app.test_client().get("/api/v1/saliency?track=ramp&chrom=chrI&position=31")
    app.extensions["sighthound"].close()
    assert response.status_code == 202
    assert response.get_json()["message"] == "the inference worker is starting"
