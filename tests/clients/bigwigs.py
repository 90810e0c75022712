"""BigWigs with everything awkward in them, and what pyBigWig reads there, for other clients.

`python -m tests.clients.bigwigs FOLDER` writes the files and `expected.json`.
"""

from __future__ import annotations

import json
import sys
from pathlib import Path

import numpy as np
import pybigtools
import pyBigWig

from sighthound.core.bigwig.files import write_bigwig


def write_all(folder: Path) -> None:
    """Write every BigWig and `expected.json` into `folder`."""
    rng = np.random.default_rng(0)

    def gaps(values: np.ndarray, *stretches: slice) -> np.ndarray:
        for stretch in stretches:
            values[stretch] = np.nan
        return values.astype(np.float32)

    chroms = {
        "chr1": gaps(rng.normal(size=3001), slice(0, 5), slice(700, 1500), slice(2998, 3000)),
        "chr2": gaps(rng.gamma(0.3, size=1024)),
        "chr10": gaps(rng.gamma(0.3, size=40), slice(20, 40)),
        "chrM": np.array([2.5], np.float32),
        "no_data": gaps(np.ones(100), slice(None)),
    }
    predictions = {chrom: len(bins) * 128 - 100 for chrom, bins in chroms.items()}
    predictions |= {"chrM": 1, "without_values": 70_000}
    write_bigwig(folder / "predictions.bw", predictions, chroms.items(), 128)

    bases = {chrom: len(values) for chrom, values in chroms.items()} | {"without_values": 3000}
    write_bigwig(folder / "bases.bw", bases, chroms.items(), 1, mantissa_bits=None)

    runs = np.repeat(rng.integers(0, 9, 2000), rng.integers(1, 40, 2000)).astype(np.float32)
    runs[5000:9000] = np.nan
    write_bigwig(folder / "runs.bw", {"chr1": len(runs)}, [("chr1", runs)], 1)

    scaffolds = {f"scaffold_{rank}": 1 + rank * 7 % 30 for rank in range(300)}
    values = ((name, rng.normal(size=-(-length // 10))) for name, length in scaffolds.items())
    write_bigwig(folder / "scaffolds.bw", scaffolds, values, 10)

    expected = {path.name: as_pybigwig_reads(path) for path in sorted(folder.glob("*.bw"))}
    (folder / "expected.json").write_text(json.dumps(expected, allow_nan=False))


def as_pybigwig_reads(path: Path) -> dict:
    """Chromosomes, entries (start, end, value), zoom bins (start, end, mean, minimum, maximum)."""
    zooms = sorted(pybigtools.open(str(path)).zooms())
    with pyBigWig.open(str(path)) as file:
        lengths = file.chroms()
        return {
            "chromosomes": lengths,
            "entries": {chrom: file.intervals(chrom) or [] for chrom in lengths},
            "zooms": {
                zoom: {chrom: zoom_bins(file, chrom, zoom) for chrom in lengths} for zoom in zooms
            },
        }


def zoom_bins(file: pyBigWig.pyBigWig, chrom: str, zoom: int) -> list[tuple]:
    """Statistics of the bases (not of zoom records) in each bin of a zoom level that has data."""
    length = file.chroms(chrom)
    bins = []
    for start in range(0, length, zoom):
        end = min(start + zoom, length)
        statistics = [
            file.stats(chrom, start, end, type=kind, exact=True)[0]
            for kind in ("mean", "min", "max")
        ]
        if statistics[0] is not None:
            bins.append((start, end, *statistics))
    return bins


if __name__ == "__main__":
    write_all(Path(sys.argv[1]))
