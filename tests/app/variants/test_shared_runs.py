"""Processes that serve one project share its lists: one scores a part, others join it."""

from __future__ import annotations

import threading
import time
from pathlib import Path
from typing import Any

import pandas as pd
import pytest

from sighthound.app.project_state import Catalogue
from sighthound.app.variants.runs import _SCORED, Runs
from sighthound.core.own_folder import locked
from sighthound.core.project.settings import load_project
from sighthound.core.variants.variant import Variant
from sighthound.core.variants.vcf import Allele
from tests.tiny import make_project

VISITOR, COUNT = "ana", 60


class Scorer:
    """In place of the inference worker: notes what is asked, and takes a moment for it."""

    address = "here"

    def __init__(self) -> None:
        self.asked: list[str] = []

    def answer(
        self, named: Any, task: Any, project: Any, some: tuple[Allele, ...], *_: Any, **__: Any
    ) -> tuple[pd.DataFrame, int]:
        self.asked += [allele.text for allele in some]
        time.sleep(0.05)
        return pd.DataFrame({"variant": [allele.text for allele in some]}), 200

    def cancel(self, key: str) -> None:
        raise AssertionError(f"{key} is not to be stopped")


@pytest.fixture
def catalogue(tmp_path: Path) -> Catalogue:
    return Catalogue(load_project(make_project(tmp_path / "lab", predictions=False)))


def a_list(runs: Runs, count: int = COUNT) -> str:
    variants = [Variant("chrI", 100 + number, "A", "C", "") for number in range(count)]
    alleles = [Allele(n, 0, v, str(v)) for n, v in enumerate(variants)]
    return runs.add(VISITOR, "mine", alleles, (), with_members=False).id


def wait_for(runs: Runs, identifier: str, state: str) -> None:
    until = time.monotonic() + 120
    while (found := runs.find(identifier)) is None or found.state != state:
        assert time.monotonic() < until, found
        time.sleep(0.01)


def test_each_allele_is_scored_once_whoever_is_at_it(catalogue: Catalogue) -> None:
    scorer = Scorer()
    first = Runs(catalogue, scorer)  # type: ignore[arg-type]
    identifier = a_list(first)
    first.start(VISITOR, identifier)
    # Another process takes up what goes on when it begins.
    others = [Runs(catalogue, scorer) for _ in range(2)]  # type: ignore[arg-type]
    wait_for(others[0], identifier, "done")
    for runs in (first, *others):
        runs.wait()
    assert len(scorer.asked) == len(set(scorer.asked)) == COUNT
    file = others[1].table(identifier)
    assert file is not None
    assert pd.read_parquet(file)["variant"].tolist() == scorer.asked


def test_a_part_of_another_process_is_waited_for_and_a_stop_reaches_it(
    catalogue: Catalogue,
) -> None:
    scorer = Scorer()
    one, other = (Runs(catalogue, scorer) for _ in range(2))  # type: ignore[arg-type]
    identifier = a_list(one)
    with locked(one.folder / identifier / _SCORED, wait=True):  # as who is at a part
        one.start(VISITOR, identifier)
        threading.Event().wait(0.7)
        assert scorer.asked == []
        found = one.find(identifier)
        assert found is not None
        assert found.state == "waiting"
        other.stop(VISITOR, identifier)
        wait_for(one, identifier, "stopped")
        one.wait()
        other.start(VISITOR, identifier)
    wait_for(one, identifier, "done")
    other.wait()
    assert len(scorer.asked) == len(set(scorer.asked)) == COUNT
