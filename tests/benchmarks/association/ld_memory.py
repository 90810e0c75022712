"""Memory of `sighthound ld` on panels of 2,504 people, one of four times as many variants.

Genotypes are random: what is measured is what is held, not what is found. The ratio is the memory
that the small panel takes over that of the large one; 1 would be flat. What grows is the list of
variants, and the pages of the mapped file, which the system counts while it has room for them.
"""

from __future__ import annotations

import sys
import tempfile
from pathlib import Path

import numpy as np

from tests.benchmarks.measure import Outcome, used_by

PEOPLE, FEW, TIMES = 2_504, 5_000, 4
WINDOW = 20  # variants
FLAT = 0.8


def run() -> Outcome:
    """Write both panels and measure."""
    peaks, lines = [], []
    with tempfile.TemporaryDirectory() as folder:
        for variants in (FEW, TIMES * FEW):
            stem = written(Path(folder) / str(variants), variants)
            used = used_by(
                [sys.executable, "-m", "sighthound", "ld", stem, "--scores", f"{stem}.tsv",
                 "--window-variants", WINDOW]
            )  # fmt: skip
            peaks.append(used.megabytes)
            size = Path(f"{stem}.bed").stat().st_size / 2**20
            lines.append(
                f"{variants:7,} variants ({size:5.1f} MB packed) {used.megabytes:6.0f} MB at most, "
                f"{used.seconds:5.1f} s"
            )
    return Outcome(peaks[0] / peaks[1], FLAT, tuple(lines))


def written(stem: Path, variants: int) -> Path:
    """Write random genotypes as PLINK has them."""
    random = np.random.default_rng(0)
    with Path(f"{stem}.bed").open("wb") as file:
        file.write(b"\x6c\x1b\x01")
        random.integers(0, 256, (variants, -(-PEOPLE // 4)), np.uint8).tofile(file)
    Path(f"{stem}.bim").write_text(
        "".join(f"1\trs{n}\t0\t{100 * n}\tA\tG\n" for n in range(1, variants + 1))
    )
    Path(f"{stem}.fam").write_text("".join(f"f p{n} 0 0 0 -9\n" for n in range(PEOPLE)))
    return stem
