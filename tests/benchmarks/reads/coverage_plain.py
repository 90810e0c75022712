"""Counting alone, without EM and GC, against bamCoverage of deepTools and against bam2bw.

All three count 5' ends at single bases of the same 2.1 M alignments, each on one core. The others
are found in the folder that SIGHTHOUND_OTHER_TOOLS names, or on PATH: pip install deeptools bam2bw,
in an environment of their own.
"""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

from sighthound.core import __version__
from sighthound.core.bigwig.files import read_bins
from tests.benchmarks.measure import Outcome, used_by
from tests.benchmarks.reads.simulated_reads import twenty_megabases

GOAL = 1.0


def run() -> Outcome:
    """The ratio is the processor time of the faster of the two over ours."""
    deeptools, bam2bw = found("bamCoverage"), found("bam2bw")
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        bam, fasta = twenty_megabases(folder)
        own = ["env", "-u", "PYTHONPATH"]  # of another Python, for which ours is not meant
        commands: dict[str, list[object]] = {
            f"sighthound {__version__}": [
                sys.executable, "-m", "sighthound", "coverage", bam, folder / "ours.bw",
                "--multi", "fraction",
            ],
            version(deeptools, "deepTools"): [
                *own, deeptools, "-b", bam, "-o", folder / "deeptools.bw", "-bs", "1", "-p", "1",
                "--Offset", "1",
            ],
            version(bam2bw, "bam2bw"): [
                *own, bam2bw, bam, "-s", fasta, "-u", "-n", folder / "bam2bw", "-p", "1",
            ],
        }  # fmt: skip
        used = {said: used_by(words) for said, words in commands.items()}
        sums = [
            float(read_bins(folder / file, "chr1", 0, 5_000_000, 1, "sum")[0])
            for file in ("ours.bw", "deeptools.bw", "bam2bw.bw")
        ]
    lines = ["2.1 M alignments of 20 Mb, 5' ends, one core, processor time and peak memory"]
    lines += [
        f"{said:24s} {took.seconds:7.1f} s {took.megabytes:7.0f} MB, sum of chr1 {total:,.0f}"
        for (said, took), total in zip(used.items(), sums, strict=True)
    ]
    ours, *others = (took.seconds for took in used.values())
    return Outcome(min(others) / ours, GOAL, tuple(lines))


def found(program: str) -> str:
    """Give the path of a program."""
    path = shutil.which(program, path=os.environ.get("SIGHTHOUND_OTHER_TOOLS", os.environ["PATH"]))
    if path is None:
        raise SystemExit(
            f"{program} is not installed: pip install deeptools bam2bw in an environment of their "
            "own, and name its folder of programs in SIGHTHOUND_OTHER_TOOLS"
        )
    return path


def version(program: str, package: str) -> str:
    """Give a package and its version, as its own environment knows it."""
    python = Path(program).parent / "python"
    ask = f"import importlib.metadata as m; print(m.version({package.lower()!r}))"
    said = subprocess.run(
        ["env", "-u", "PYTHONPATH", python, "-c", ask], capture_output=True, text=True, check=False
    ).stdout
    return f"{package} {said.strip() or '?'}"
