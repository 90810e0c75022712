"""Ranges of a file are given again without the application, and only while it would give them."""

from __future__ import annotations

import asyncio
import dataclasses
import os
import shutil
from pathlib import Path
from typing import Any

import pytest

from sighthound.app.server.application import create_app
from sighthound.app.server.gateway import Gateway
from sighthound.app.web import remembered
from sighthound.core.project.settings import Project, load_project
from tests.app.server.test_gateway import Asked
from tests.app.server.test_metrics import figures
from tests.tiny import make_project

BIGWIG, GENOME = "/tracks/atac/experiment.bw", "/genome/genome.fa"
MODES = {"accel": "/files"}


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("remembered") / "tiny"
    return make_project(folder, model=False, predictions=False)


@pytest.fixture
def project(made: Path, tmp_path: Path) -> Project:
    return load_project(shutil.copytree(made, tmp_path / "tiny"))


class Server:
    """A gateway before the application of a project, which counts what reaches that."""

    def __init__(self, project: Project, token: str = "", **settings: Any) -> None:
        server = dataclasses.replace(project.server, **settings)
        project = dataclasses.replace(project, server=server)
        application = create_app(project, scheduler_address=None, token=token)
        self.reached = 0

        def counted(environ: dict[str, Any], start: Any) -> Any:
            self.reached += 1
            return application(environ, start)

        self.gateway = Gateway(counted, 1, lambda _path: 1_000)

    def ask(self, path: str = BIGWIG, span: str = "bytes=0-9", **how: Any) -> Asked:
        """Ask by what `headers` say, besides Host and Range; `host` and `query` are others."""
        more = [(k.lower().encode(), v.encode()) for k, v in how.pop("headers", {}).items()]
        host, query = how.pop("host", "127.0.0.1"), how.pop("query", "")
        headers = [(b"host", host.encode()), *([(b"range", span.encode())] if span else []), *more]
        how |= {"headers": headers, "query_string": query.encode()}
        return asyncio.run(Asked(self.gateway, path, **how).answer())


def header(asked: Asked, name: str) -> str:
    return dict(asked.sent[0]["headers"]).get(name.encode(), b"").decode()


@pytest.mark.parametrize(("path", "file"), [(BIGWIG, "experiments/atac.bw"), (GENOME, "genome.fa")])
def test_another_range_is_given_without_the_application(
    project: Project, path: str, file: str
) -> None:
    server, data = Server(project), (project.root / file).read_bytes()
    first = server.ask(path, "bytes=0-9")
    assert (first.status, first.body, server.reached) == (206, data[:10], 1)
    for span, piece in (
        ("10-29", data[10:30]),
        ("-5", data[-5:]),
        (f"{len(data) - 3}-", data[-3:]),
    ):
        again = server.ask(path, f"bytes={span}", headers={"X-Request-ID": f"name{span}"})
        assert (again.status, again.body, server.reached) == (206, piece, 1)
        assert header(again, "content-length") == str(len(piece))
        assert header(again, "content-range").endswith(f"/{len(data)}")
        assert header(again, "x-request-id") == f"name{span}"
        own = {b"content-range", b"content-length", b"x-request-id"}
        kept, was = ([h for h in a.sent[0]["headers"] if h[0] not in own] for a in (again, first))
        assert kept == was


def test_a_proxy_is_told_again_what_to_send(project: Project) -> None:
    server = Server(project, accel="/files")
    first, again = server.ask(span="bytes=0-9"), server.ask(span="bytes=5-7")
    assert server.reached == 1
    assert header(again, "x-accel-redirect") == "/files/experiments/atac.bw"
    assert (again.status, again.body) == (first.status, first.body) == (200, b"")


@pytest.mark.parametrize("settings", [{}, MODES], ids=["sent", "by proxy"])
def test_a_file_that_was_replaced_is_answered_anew(
    project: Project, settings: dict[str, str]
) -> None:
    server, file = Server(project, **settings), project.root / "experiments" / "atac.bw"
    first = server.ask()
    new = file.with_name("new")
    new.write_bytes(b"other bytes than there were")
    new.replace(file)
    other = server.ask()
    assert server.reached == 2
    if not settings:
        assert other.body == b"other byte"
        assert header(other, "etag") != header(first, "etag")
        assert server.ask(span="bytes=6-10").body == b"bytes"
    file.unlink()
    assert server.ask().status == 404


@pytest.mark.parametrize("settings", [{}, MODES], ids=["sent", "by proxy"])
def test_what_leaves_the_table_is_given_no_more(project: Project, settings: dict[str, str]) -> None:
    server, table = Server(project, **settings), project.tracks.table
    assert server.ask().status == server.ask().status == (200 if settings else 206)
    assert server.reached == 1
    lines = table.read_text().splitlines(keepends=True)
    table.write_text("".join(line for line in lines if not line.startswith("atac\t")))
    assert server.ask().status == 404
    table.write_text("no table\n")
    assert server.ask().status == 400


def test_a_pipe_in_the_place_of_a_file_holds_nobody(project: Project) -> None:
    server, file = Server(project), project.root / "experiments" / "atac.bw"
    server.ask()
    file.unlink()
    os.mkfifo(file)
    assert server.ask().status == 404


@pytest.mark.parametrize(
    ("how", "status"),
    [
        ({"host": "evil.example"}, 421),
        ({"headers": {"If-None-Match": "{tag}"}}, 304),
        ({"headers": {"If-Range": '"another"'}}, 200),
        ({"method": "HEAD"}, 200),
        ({"span": "bytes=99999999-"}, 416),
        ({"span": "bytes=0-1,4-5"}, 200),
        ({"span": "lines=0-1"}, 200),
        ({"span": ""}, 200),
        ({"span": "bytes=0-1", "headers": {"Range": "bytes=4-5"}}, 200),
        ({"query": "a=b"}, 206),
        ({"client": ("10.0.0.9", 5)}, 206),
        ({"scheme": "https"}, 206),
        ({"headers": {"X-Forwarded-Proto": "https"}}, 206),
        ({"headers": {"Cookie": "a=b"}}, 206),
    ],
    ids=str,
)
def test_all_else_is_for_the_application(
    project: Project, how: dict[str, Any], status: int
) -> None:
    server = Server(project)
    first = server.ask()
    tag = header(first, "etag")
    how = {**how, "headers": {k: v.format(tag=tag) for k, v in how.get("headers", {}).items()}}
    assert server.ask(**how).status == status
    assert server.reached == 2


def test_a_long_range_leaves_piece_by_piece(
    project: Project, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(remembered, "MOST_BYTES", 100)
    server = Server(project)
    server.ask()
    assert len(server.ask(span="bytes=0-100").body) == 101
    assert server.reached == 2
    assert len(server.ask(span="bytes=0-99").body) == 100
    assert server.reached == 2


def test_what_would_wait_for_a_disk_is_read_by_a_thread(
    project: Project, monkeypatch: pytest.MonkeyPatch
) -> None:
    def away(*_: object) -> int:
        raise BlockingIOError

    server = Server(project)
    first = server.ask()
    monkeypatch.setattr(os, "preadv", away, raising=False)
    assert server.ask().body == first.body
    assert server.reached == 2


def test_who_has_no_token_gets_nothing_that_others_got(project: Project) -> None:
    server = Server(project, token="secret-token")
    bearer = {"Authorization": "Bearer secret-token"}
    assert server.ask(headers=bearer).status == server.ask(headers=bearer).status == 206
    assert server.reached == 1
    assert server.ask().status == 401
    assert server.ask(headers={"Authorization": "Bearer another"}).status == 401


def test_further_answers_are_counted(project: Project) -> None:
    server = Server(project, metrics=("10.0.0.1",))
    for _ in range(3):
        server.ask()
    assert server.reached == 1
    found = figures(server.ask("/metrics", "").body.decode())
    route = "/tracks/<track>/<kind>.bw"
    assert found["sighthound_answers_total", route, "206"] == 3
    assert found["sighthound_answer_seconds_count", route] == 3


def test_answers_are_decided_anew_after_a_while_and_bounded(
    monkeypatch: pytest.MonkeyPatch, project: Project
) -> None:
    now = [0.0]
    monkeypatch.setattr(remembered, "MOST_ANSWERS", 3)
    server = Server(project)
    kept = server.gateway._remembered = remembered.Answers(lambda: now[0])
    for name in range(5):
        server.ask(headers={"User-Agent": f"browser {name}"})
    assert len(kept) == 3
    server.ask(headers={"User-Agent": "browser 4"})
    assert server.reached == 5
    now[0] = remembered.KEPT_S + 1
    server.ask(headers={"User-Agent": "browser 4"})
    assert server.reached == 6
    assert len(kept) == 1
