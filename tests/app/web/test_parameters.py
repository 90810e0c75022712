"""What a request asks for, read from its address; what is wrong is one line that says what is."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from flask import Flask

from sighthound.app.project_state import Catalogue
from sighthound.app.web.parameters import (
    MAX_SERIES,
    asked_tracks,
    asked_window,
    check_known,
    integer,
    one_of,
    shown,
)
from sighthound.core.errors import SighthoundError
from sighthound.core.genome.sequence import Genome, Interval
from sighthound.core.project.settings import load_project
from sighthound.core.tracks.track import Track
from tests.tiny import make_project


@contextmanager
def asking(query: str) -> Iterator[None]:
    with Flask("asking").test_request_context(f"/api/v1/signal?{query}"):
        yield


@pytest.fixture
def genome(tmp_path: Path) -> Genome:
    (tmp_path / "g.fa").write_text(f">chrI\n{'A' * 100}\n>chrII\n{'C' * 60}\n")
    return Genome(tmp_path / "g.fa")


@pytest.fixture(scope="module")
def catalogue(tmp_path_factory: pytest.TempPathFactory) -> Catalogue:
    folder = tmp_path_factory.mktemp("parameters") / "lab"
    return Catalogue(load_project(make_project(folder, model=False, predictions=False)))


def test_a_window_goes_by_any_name_of_its_chromosome(genome: Genome) -> None:
    with asking("chrom=ii&start=10&end=60"):
        assert asked_window(genome) == Interval("chrII", 10, 60)


@pytest.mark.parametrize(
    ("query", "line"),
    [
        ("start=1&end=2", "the parameter 'chrom' is missing from /api/v1/signal"),
        ("chrom=chrI&end=2", "the parameter 'start' is missing"),
        ("chrom=chrI&start=1.5&end=2", "start is '1.5'; expected a whole number"),
        ("chrom=chrI&start=100&end=101", "start is 100; expected 0 to 99"),
        ("chrom=chrI&start=5&end=5", "end is 5; expected 6 to 100"),
        ("chrom=chrI&start=0&end=101", "end is 101; expected 1 to 100"),
        ("chrom=chrX&start=0&end=1", "unknown chromosome 'chrX'"),
        (f"chrom=chrI&start={'9' * 5000}&end=1", "expected a whole number"),
    ],
)
def test_a_window_that_is_none_is_one_short_line(genome: Genome, query: str, line: str) -> None:
    with asking(query), pytest.raises(SighthoundError) as raised:
        asked_window(genome)
    assert line in str(raised.value)
    assert len(str(raised.value)) < 200


@pytest.mark.parametrize(("text", "value"), [("7", 7), ("%2B7", 7), ("007", 7), ("-3", -3)])
def test_whole_numbers_may_have_a_sign_and_zeros(text: str, value: int) -> None:
    with asking(f"n={text}"):
        assert integer("n", -5, 10) == value


@pytest.mark.parametrize("text", ["", "1e3", "0x10", "1_000", "\u0661", "nan"])
def test_what_only_python_takes_for_a_number_is_none(text: str) -> None:
    with asking(f"n={text}"), pytest.raises(SighthoundError, match="expected a whole number"):
        integer("n", 0, 10_000)


def test_tracks_are_asked_for_once_each_in_order_and_may_be_a_visitors_own(
    catalogue: Catalogue,
) -> None:
    own = Track("mine", "Mine")
    with asking("tracks=cage.plus,,mine,atac,cage.plus"):
        found = asked_tracks(catalogue, lambda name: own if name == "mine" else None)
    assert [track.id for track in found] == ["cage.plus", "mine", "atac"]
    with asking("tracks="):
        assert asked_tracks(catalogue) == []


def test_an_unknown_track_and_too_many_are_refused(catalogue: Catalogue) -> None:
    with asking("tracks=atac,none"), pytest.raises(SighthoundError, match="unknown track 'none'"):
        asked_tracks(catalogue)
    many = ",".join(str(n) for n in range(MAX_SERIES + 1))
    with asking(f"tracks={many}"), pytest.raises(SighthoundError, match="ask for at most 2000"):
        asked_tracks(catalogue)


def test_a_name_among_few_is_read_and_what_there_is_is_said() -> None:
    with asking("kind=gene"):
        assert one_of("kind", ("gene", "peak")) == "gene"
    with pytest.raises(SighthoundError, match=r"unknown score 'x'; there are 0, 1, .*7, \.\.\.$"):
        check_known("score", "x", [str(n) for n in range(20)])
    assert shown("a" * 61) == repr("a" * 60 + "...")
