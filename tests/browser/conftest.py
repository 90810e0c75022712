"""What the tests of the page share: a browser, and the simulated assays, served."""

from __future__ import annotations

import os
from collections.abc import Iterator
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


@pytest.fixture(scope="module")
def site(request: pytest.FixtureRequest) -> Iterator[str]:
    """Address of the simulated assays, or of the project that SIGHTHOUND_BROWSER_PROJECT names."""
    given = os.environ.get("SIGHTHOUND_BROWSER_PROJECT")
    project = Path(given) if given else request.getfixturevalue("simulated_project")
    with served(project) as address:
        yield address


@pytest.fixture
def locus(browser: Browser, site: str) -> Iterator[Locus]:
    """The locus page of the site."""
    with visit(Locus, browser, site) as visitor:
        yield visitor
