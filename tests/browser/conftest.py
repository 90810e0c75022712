"""What the tests of the page share: a browser, and the simulated assays, served."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from pathlib import Path

import pytest
from playwright.sync_api import Browser, expect

from tests.browser.locus import COMPUTED_MS, Locus, visit
from tests.browser.site import chromium, served

expect.set_options(timeout=COMPUTED_MS)


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    """The system's Chromium."""
    with chromium() as started:
        yield started


@pytest.fixture(scope="session")
def addresses() -> Iterator[Callable[[Path], str]]:
    """Servers of the demos, by project: started for who asks first, kept for the next file."""
    with ExitStack() as servers:
        known: dict[Path, str] = {}

        def address(project: Path) -> str:
            if project not in known:
                known[project] = servers.enter_context(served(project))
            return known[project]

        yield address


@pytest.fixture(scope="module")
def site(request: pytest.FixtureRequest, addresses: Callable[[Path], str]) -> str:
    """Address of the simulated assays, or of the project that SIGHTHOUND_BROWSER_PROJECT names."""
    given = os.environ.get("SIGHTHOUND_BROWSER_PROJECT")
    return addresses(Path(given) if given else request.getfixturevalue("simulated_project"))


@pytest.fixture
def locus(browser: Browser, site: str) -> Iterator[Locus]:
    """The locus page of the site."""
    with visit(Locus, browser, site) as visitor:
        yield visitor
