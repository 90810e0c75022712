"""Make the shipped yeast experiments, in assets/yeast.

`python -m sighthound.precompute.recipes.shipped_yeast PROJECT assets/yeast` writes them.

PROJECT is the folder of the recipe (`sighthound demo --dataset yeast`). Counts that are public base
for base are summed over steps of 16 bp: the grid on which the model was trained (bins of 64 bp in
four phases), so every bin that it learned from keeps its value, at less than half the size.
Coverage that is public in steps of 75 bp stays the file it is. SOURCES.md there says all this.
"""

from __future__ import annotations

import sys
from collections.abc import Iterator
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from sighthound.core.bigwig.files import read_bins, write_bigwig
from sighthound.core.errors import SighthoundError
from sighthound.core.genome.sequence import Genome
from sighthound.core.tracks.card import card_file
from sighthound.precompute.recipes.demo_folder import copy_file
from sighthound.precompute.recipes.yeast_project import GENES, REPEATS, yeast_tracks

STEP = 16  # bp: a quarter of the model's bin


def make_shipped_yeast(project: Path, directory: Path) -> list[Path]:
    """Write the shipped experiments with their cards, genes and repeats.

    Parameters
    ----------
    project : Path
        Folder that the recipe prepared.
    directory : Path
        Folder to fill; made when missing.

    Returns
    -------
    list of Path
        The files written.

    Raises
    ------
    SighthoundError
        The project lacks a file.
    """
    genome = Genome(project / "genome" / "sacCer3.fa.gz")
    made = []
    for folder in ("experiments", "genome"):
        (directory / folder).mkdir(parents=True, exist_ok=True)
    for track in yeast_tracks(project / "experiments"):
        source = track.experiment
        if source is None or not source.is_file():
            raise SighthoundError(f"{source} is missing; give a folder of the yeast recipe")
        target = directory / "experiments" / source.name
        if track.aggregation == "sum":
            chromosomes = track.covered.split(",") if track.covered else list(genome.lengths)
            steps = _steps(source, chromosomes, genome)
            write_bigwig(target, genome.lengths, steps, STEP, mantissa_bits=None)
        else:
            copy_file(source, target)
        made.append(target)
        if card_file(source).is_file():
            copy_file(card_file(source), card_file(target))
            made.append(card_file(target))
    for name in (GENES, REPEATS):
        copy_file(project / name, directory / name)
        made.append(directory / name)
    return made


def _steps(
    source: Path, chromosomes: list[str], genome: Genome
) -> Iterator[tuple[str, NDArray[np.float32]]]:
    """Mean count a base of every step."""
    for chrom in chromosomes:
        length = genome.lengths[chrom]
        bases = read_bins(source, chrom, 0, length, length, "sum")
        starts = np.arange(0, length, STEP)
        sums = np.add.reduceat(bases.astype(np.float64), starts)
        widths = np.diff(np.append(starts, length))
        yield chrom, (sums / widths).astype(np.float32)


if __name__ == "__main__":
    if len(sys.argv) != 3:
        sys.exit("usage: python -m sighthound.precompute.recipes.shipped_yeast PROJECT DIR")
    for path in make_shipped_yeast(Path(sys.argv[1]), Path(sys.argv[2])):
        print(f"{path}\t{path.stat().st_size}")
