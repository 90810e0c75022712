"""What the tests of the page share: a browser, and two projects, served.

All of it stays until the last test of this folder, which one process runs
(`tests.conftest.pytest_xdist_make_scheduler`): a server begins with TensorFlow.
"""

from __future__ import annotations

import os
import threading
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from functools import partial
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest
from playwright.sync_api import Browser, expect

from tests.browser.locus import COMPUTED_MS, Locus, visit
from tests.browser.site import chromium, served
from tests.tiny import make_project, write_bases, write_predictions

expect.set_options(timeout=COMPUTED_MS)

# What the tiny project has besides: two bases unknown, and soft-masked ones beside them.
KNOWN = {5_010: "NN", 5_012: "acgtac"}
# Sites of RAP1, the second on the minus strand, for a mutagenesis of their own.
SITES = {5_206: "ATGTATGGGTGT", 5_224: "ACACCCATACAT"}
# A track's name that is longer than a column of labels.
NAME = "CAGE of cells starved of nitrogen, minus"
# A mutagenesis of so many bases holds the worker until it is cancelled.
LONG_BP = 20_000


@pytest.fixture(scope="package")
def browser() -> Iterator[Browser]:
    """The system's Chromium."""
    with chromium() as started:
        yield started


@pytest.fixture(scope="package")
def addresses() -> Iterator[Callable[[Path], str]]:
    """Servers, by project: started for who asks first, kept for the next file."""
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


@pytest.fixture(scope="package")
def elsewhere(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """Another server, with a BED below /data and one beside it."""
    folder = tmp_path_factory.mktemp("elsewhere")
    (folder / "data").mkdir()
    for file in (folder / "data" / "shared.bed", folder / "private.bed"):
        file.write_text("chrI\t2000\t2600\tfrom afar\n")

    class Quiet(SimpleHTTPRequestHandler):
        def log_message(self, *_: object) -> None:
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), partial(Quiet, directory=str(folder)))
    threading.Thread(target=server.serve_forever, daemon=True).start()
    yield f"http://127.0.0.1:{server.server_port}/"
    server.shutdown()
    server.server_close()


@pytest.fixture(scope="package")
def tiny_project(tmp_path_factory: pytest.TempPathFactory, elsewhere: str) -> Path:
    """The tiny project, with motifs, a high limit, and one folder elsewhere that it may fetch."""
    project = make_project(tmp_path_factory.mktemp("browser") / "tiny", predictions=False)
    write_bases(project, "chrI", KNOWN | SITES)
    write_predictions(project)
    table, settings = project / "tracks.tsv", project / "sighthound.toml"
    table.write_text(table.read_text().replace("CAGE minus", NAME))
    asked = (
        f'[motifs]\ntax_group = "fungi"\n[server]\nmax_mutagenesis_bp = {LONG_BP}\n'
        f'allowed_urls = ["{elsewhere}data/"]'
    )
    settings.write_text(settings.read_text().replace("[server]", asked))
    return project


@pytest.fixture(scope="package")
def tiny_site(tiny_project: Path, addresses: Callable[[Path], str]) -> str:
    """Address of the tiny project."""
    return addresses(tiny_project)


@pytest.fixture
def locus(browser: Browser, site: str) -> Iterator[Locus]:
    """The locus page of the site."""
    with visit(Locus, browser, site) as visitor:
        yield visitor
