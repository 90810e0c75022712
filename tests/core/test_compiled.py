import os
import subprocess
import sys
import textwrap

import numpy as np
import pytest

from sighthound.core.compiled import compiled

SQUARES = """
    import numpy as np
    from sighthound.core.compiled import compiled

    @compiled
    def squares(values: np.ndarray) -> float:
        total = 0.0
        for value in values:
            total += value * value
        return total

    print(squares(np.arange(4.0)), sum(squares.stats.cache_hits.values()))
"""


def run(folder, **environment):
    file = folder / "squares.py"
    if not file.exists():
        file.write_text(textwrap.dedent(SQUARES))
    done = subprocess.run(
        [sys.executable, "-c", "import squares"], capture_output=True, text=True, check=True,
        cwd=folder, env={**os.environ, "PYTHONPATH": os.pathsep.join(sys.path[1:]), **environment},
    )  # fmt: skip
    return done.stdout.split()


def test_what_is_compiled_is_kept_for_the_next_run(tmp_path):
    kept = {"NUMBA_CACHE_DIR": str(tmp_path / "kept")}
    assert run(tmp_path, **kept) == ["14.0", "0"]
    assert run(tmp_path, **kept) == ["14.0", "1"]


def test_the_first_loop_does_not_wait_for_scipy(tmp_path):
    run(tmp_path)
    done = subprocess.run(
        [sys.executable, "-c", "import squares, sys; print('scipy.linalg' in sys.modules)"],
        capture_output=True, text=True, check=True, cwd=tmp_path,
        env={**os.environ, "PYTHONPATH": os.pathsep.join(sys.path[1:])},
    )  # fmt: skip
    assert done.stdout.split()[-1] == "False"


def test_where_nothing_can_be_kept_each_run_compiles(monkeypatch):
    import numba

    njit = numba.njit

    def refusing(*arguments, cache=False, **options):
        if cache:
            raise RuntimeError("cannot cache function: no locator available")
        return njit(*arguments, **options)

    monkeypatch.setattr(numba, "njit", refusing)

    @compiled
    def total(values):
        return values.sum()

    assert total(np.arange(4)) == 6


@pytest.mark.parametrize("module", ["core.motifs.scan", "precompute.reads.multireads"])
def test_loops_of_ours_are_compiled_by_it_alone(module):
    from tests.paths import ROOT

    text = (ROOT / f"{module.replace('.', '/')}.py").read_text(encoding="utf-8")
    assert "@compiled" in text
    assert "numba" not in text
