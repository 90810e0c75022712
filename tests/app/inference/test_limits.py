"""How many questions may wait, of one person and of all, and what the next is told; no worker."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from flask import Flask
from flask.testing import FlaskClient

from sighthound.app.inference import client as asking
from sighthound.app.inference.client import BusyError, Question, asked_of, question
from sighthound.app.project_state import Catalogue
from sighthound.app.server.application import create_app
from sighthound.core.project.settings import Project


@pytest.fixture
def app(project: Project, monkeypatch: pytest.MonkeyPatch) -> Iterator[Flask]:
    """An application whose worker never comes, so that every question waits."""
    monkeypatch.setattr(asking, "PATIENCE_S", 0.0)
    monkeypatch.setattr(asking, "MOST_OF_ONE", 2)
    monkeypatch.setattr(asking, "MOST_WAITING", 3)
    app = create_app(project, scheduler_address="tcp://127.0.0.1:9")
    yield app
    app.extensions["sighthound"].close()


def person(app: Flask, name: str) -> FlaskClient:
    client = app.test_client()
    client.set_cookie("sighthound_visitor", name * 40)
    return client


def ask(client: FlaskClient, position: int) -> tuple[int, str]:
    answer = client.get(f"/api/v1/saliency?track=ramp&chrom=chrI&position={position}")
    if answer.status_code == 429:
        assert int(answer.headers["Retry-After"]) > 0
    return answer.status_code, answer.get_json().get("error", "")


def test_one_who_asks_too_much_is_told_to_wait_and_others_are_not(app: Flask) -> None:
    one, other = person(app, "a"), person(app, "b")
    assert [ask(one, n)[0] for n in (1_000, 2_000)] == [202, 202]
    status, says = ask(one, 3_000)
    assert status == 429
    assert says == (
        "2 questions of yours wait for the model already; this one is asked again in a moment"
    )
    # What waits already may be asked about, and others may ask.
    assert ask(one, 1_000)[0] == 202
    assert ask(other, 3_000)[0] == 202
    assert ask(other, 4_000) == (
        429,
        "3 questions wait for the model already; this one is asked again in a moment",
    )
    assert one.delete("/api/v1/saliency?track=ramp&chrom=chrI&position=1000").get_json() == {
        "cancelled": True
    }
    assert ask(other, 4_000)[0] == 202


def test_who_sends_no_cookie_is_one_person_an_address(app: Flask) -> None:
    assert [ask(app.test_client(), n)[0] for n in (1_000, 2_000, 3_000)] == [202, 202, 429]


def test_who_asks_outside_of_a_request_is_told_to_ask_again(app: Flask, project: Project) -> None:
    inference = app.extensions["sighthound"]
    identity = asked_of(Catalogue(project))
    for n in range(2):
        assert inference.answer(question("x", identity, n), print, patience=0)[1] == 202
    with pytest.raises(BusyError):
        inference.answer(Question("another", identity), print, patience=0)
