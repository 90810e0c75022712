"""What tests of several packages share: the demo, real and simulated, prepared once as by a user.

SIGHTHOUND_DEMO_PROJECT and SIGHTHOUND_SIMULATED_PROJECT name folders that are prepared already.
"""

from __future__ import annotations

import fcntl
import os
import shutil
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, settings

from tests.paths import ROOT, SHARED_DATA

# Folders whose tests share servers and demos: one process runs all of each, and starts each once.
TOGETHER = ("tests/browser/", "tests/app/")
# What takes long, the longest first: of two processes none is left with one at the end.
# Of app/ those come last that name motifs: compiling Tomtom takes a minute, once a machine, and
# pages of browser/ have done so by then.
# pytest-xdist by itself begins with files of most tests, and would end with these.
LONGEST = (
    "browser/",
    "app/",
    "app/inference/",
    "app/commands/test_filters.py",
    "precompute/genome_wide/test_kills.py",
    "precompute/training/test_train.py",
    "precompute/recipes/test_simulated_demo.py",
    "test_examples.py",
    "test_wheel.py",
    "clients/test_browsers.py",
    "clients/test_igv.py",
    "precompute/training/",
    "precompute/",
    "core/interpretation/",
    "core/model/",
)

# What is started here and ends by a signal says where its threads were.
os.environ["PYTHONFAULTHANDLER"] = "1"

# A busy machine is no fault of what is tested; files are written anew by every example. The same
# examples in every run: what is new is looked for by `make fuzz`, and by hand.
settings.register_profile(
    "sighthound",
    deadline=None,
    derandomize=True,
    suppress_health_check=[HealthCheck.too_slow, HealthCheck.function_scoped_fixture],
)
settings.load_profile("sighthound")


class Failures:
    """Says in the terminal what fails when it does: a run that is cut off has no summary."""

    def __init__(self, terminal: pytest.TerminalReporter) -> None:
        self._terminal = terminal

    @pytest.hookimpl(trylast=True)
    def pytest_runtest_logreport(self, report: pytest.TestReport) -> None:
        """Write the test's name, where it failed, and the first line of the error."""
        if not report.failed:
            return
        crash = getattr(report.longrepr, "reprcrash", None)
        said = str(crash or report.longrepr).strip().partition("\n")[0]
        self._terminal.write(f"\nFAILED {report.nodeid}: {said}\n", flush=True)


@pytest.hookimpl(trylast=True)
def pytest_configure(config: pytest.Config) -> None:
    """Have failures said by the process that has the terminal."""
    if terminal := config.pluginmanager.get_plugin("terminalreporter"):
        config.pluginmanager.register(Failures(terminal))


def pytest_make_parametrize_id(val: object) -> str | None:
    """Name bytes by how many: gzip's hold the second in which each of the workers made its own."""
    return f"{len(val)} bytes" if isinstance(val, bytes) else None


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Begin with what takes long; pass over tests of bigger real data where it is not."""

    def place(item: pytest.Item) -> int:
        file = str(item.path)
        named = [begins for begins in LONGEST if file.startswith(f"{ROOT}/tests/{begins}")]
        return LONGEST.index(max(named, key=len)) if named else len(LONGEST)

    items.sort(key=place)
    if SHARED_DATA.is_dir():
        return
    absent = pytest.mark.skip(reason="bigger real data is not here (SIGHTHOUND_DATA)")
    for item in items:
        if item.get_closest_marker("real_data"):
            item.add_marker(absent)


@pytest.hookimpl(optionalhook=True)
def pytest_xdist_make_scheduler(config: pytest.Config, log: Any) -> Any:
    """Give each process whole files, and whole folders of those in `TOGETHER`."""
    from xdist.scheduler import LoadFileScheduling

    class Scheduling(LoadFileScheduling):
        def _split_scope(self, nodeid: str) -> str:
            return next((f for f in TOGETHER if nodeid.startswith(f)), super()._split_scope(nodeid))

        def remove_node(self, node: Any) -> str | None:
            """Give another the tests of a process that ended, but the one in which it did.

            xdist's own gives that too, and again to the next.
            """
            units = self.assigned_work.pop(node)
            left = ((unit, test) for unit in units.values() for test in unit if not unit[test])
            if not (ended := next(left, None)):
                return None
            unit, test = ended
            unit[test] = True
            self.workqueue.update({k: unit for k, unit in units.items() if not all(unit.values())})
            for other in self.assigned_work:
                self._reschedule(other)
            return test

    return Scheduling(config, log)


@pytest.fixture(scope="session")
def demo_project(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The folder that `sighthound demo --prepare-only` makes: real experiments."""
    if given := os.environ.get("SIGHTHOUND_DEMO_PROJECT"):
        return Path(given)
    return _prepared(tmp_path_factory, "demo")


@pytest.fixture(scope="session")
def simulated_project(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The folder that `sighthound demo --dataset simulated --prepare-only` makes."""
    if given := os.environ.get("SIGHTHOUND_SIMULATED_PROJECT"):
        return Path(given)
    return _prepared(tmp_path_factory, "simulated", "--dataset", "simulated")


def _prepared(factory: pytest.TempPathFactory, name: str, *options: str) -> Path:
    """Prepare a demo once, whichever process needs it first, and give this process a copy."""
    own = factory.mktemp(name) / name
    base = factory.getbasetemp()
    shared = base.parent if "PYTEST_XDIST_WORKER" in os.environ else base
    first = shared / f"prepared-{name}"
    command = [sys.executable, "-m", "sighthound", "demo", *options, "--prepare-only", str(first)]
    with (shared / f"{name}.state").open("a+") as state:
        fcntl.flock(state, fcntl.LOCK_EX)
        if not state.seek(0, os.SEEK_END):
            done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)
            assert done.returncode == 0, done.stderr
            state.write("prepared")
    return Path(shutil.copytree(first, own, symlinks=True))
