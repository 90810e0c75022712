"""A line a request, and each fault once."""

from __future__ import annotations

import logging
from pathlib import Path

import pytest

from sighthound.app.server import logs


def record(says: str, error: Exception | None = None) -> logging.LogRecord:
    info = (type(error), error, error.__traceback__) if error else None
    return logging.LogRecord("x", logging.ERROR, "", 0, says, (), info)


def raised(says: str) -> Exception:
    try:
        raise ValueError(says)
    except ValueError as error:
        return error


def test_a_fault_is_said_once_a_minute_with_how_often_it_was_kept_back() -> None:
    now = [0.0]
    once = logs.Once(lambda: now[0])
    assert once.filter(record("failed", raised("of one")))
    assert not once.filter(record("failed", raised("of another")))
    assert once.filter(record("something else"))
    now[0] = logs.ONCE_S + 1
    again = record("failed", raised("of one"))
    assert once.filter(again)
    assert "1 times like this" in again.getMessage()


@pytest.mark.parametrize("given", ["", "a b", "x" * 65, "a\nb", "\u00e9"])
def test_a_request_is_named_by_the_proxy_or_anew(given: str) -> None:
    assert logs.request_id("proxy-7.a") == "proxy-7.a"
    assert len(logs.request_id(given)) == 16


def test_lines_go_to_a_file_that_is_rotated(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(logs, "ROTATED_BYTES", 200)
    monkeypatch.setattr(logs, "access", logging.Logger("access"))
    logs.write_accesses(tmp_path / "logs" / "access.log")
    for n in range(40):
        logs.access.info("10.0.0.1 GET /x %d", n)
    logs.access.handlers[0].close()
    files = sorted(path.name for path in (tmp_path / "logs").iterdir())
    assert files == ["access.log", *(f"access.log.{n}" for n in range(1, logs.ROTATED_FILES))]
    assert (tmp_path / "logs" / "access.log").read_text().endswith("GET /x 39\n")
