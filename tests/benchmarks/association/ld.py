"""LD scores of 15,938 variants, 1,000 kb each way, against PLINK 1.9 where it is installed.

PLINK writes r2 of all these pairs, of which LD scores are sums. Processor time of both as programs;
without PLINK, against NumPy that takes one variant after another. Both must agree.
"""

from __future__ import annotations

import shutil
import sys
import tempfile
import time
from pathlib import Path

import numpy as np

from sighthound.core.association.genotypes import read_panel
from sighthound.core.association.ld_scores import ld_scores
from sighthound.core.association.windows import window_ends
from tests.benchmarks.association.profile_picture import GENOTYPES
from tests.benchmarks.measure import Outcome, used_by

WINDOW_KB = 1_000
OF_PLINK = 1.2  # times its time are allowed


def run() -> Outcome:
    """Measure; the ratio is the other's time over ours."""
    panel = read_panel(GENOTYPES)
    ends = window_ends(panel.sites, bases=WINDOW_KB * 1000)
    started = time.process_time()
    ours = ld_scores(panel, ends)[:, 0]
    inside = time.process_time() - started
    plink = shutil.which("plink1.9")
    with tempfile.TemporaryDirectory() as folder:
        program = used_by(
            [sys.executable, "-m", "sighthound", "ld", GENOTYPES, "--scores",
             Path(folder) / "scores.parquet", "--window-kb", WINDOW_KB]
        ).seconds  # fmt: skip
        lines = [f"ld_scores {inside:6.2f} s, sighthound ld {program:6.2f} s of processor"]
        if plink is None:
            started = time.process_time()
            theirs = one_by_one(panel.standardised(0, len(panel)).z, ends)
            other = time.process_time() - started
            lines.append(f"NumPy, one variant after another {other:6.2f} s")
            if np.abs(ours - theirs).max() > 1e-6:
                raise SystemExit("LD scores differ from those of NumPy")
            return Outcome(other / inside, 1.0, tuple(lines))
        other = used_by(
            [plink, "--bfile", GENOTYPES, "--r2", "gz", "--ld-window-kb", WINDOW_KB, "--ld-window",
             len(panel), "--ld-window-r2", 0, "--out", Path(folder) / "plink"]
        ).seconds  # fmt: skip
    lines.append(f"PLINK 1.9, r2 of all pairs {other:6.2f} s")
    return Outcome(other / program, 1 / OF_PLINK, tuple(lines))


def one_by_one(z: np.ndarray, ends: np.ndarray) -> np.ndarray:
    """Sum unbiased r2 as anyone would write it."""
    people = z.shape[1]
    scores = np.ones(len(z))
    for row, end in enumerate(ends):
        r2 = (z[row + 1 : end] @ z[row]) ** 2
        r2 -= (1 - r2) / (people - 2)
        scores[row] += r2.sum()
        scores[row + 1 : end] += r2
    return scores
