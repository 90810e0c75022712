"""Genetic maps: how often chromosomes recombine, drawn under a locus.

HapMap's tables (chromosome, position, rate in cM/Mb, map in cM; the last two of a chromosome's own
file may stand behind the position alone, as SHAPEIT and Eagle have it), PLINK's .map (chromosome,
id, cM, position) and .bim, and LocusZoom's answers.
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pandas as pd

from sighthound.core.association.columns import plain
from sighthound.core.association.variant_table import as_numbers, read_frame
from sighthound.core.errors import SighthoundError
from sighthound.core.genome.chromosomes import Chromosomes, own_names
from sighthound.core.text import text_lines

_NAMES = {
    "chrom": ("chromosome", "chrom", "chr"),
    "position": ("position", "positionbp", "pos", "bp", "physicalposition"),
    "rate": ("ratecmmb", "combinedratecmmb", "recombrate", "recombinationrate", "rate"),
    "cm": ("mapcm", "geneticmapcm", "geneticmap", "cm"),
}


@dataclass(frozen=True, eq=False)
class GeneticMap:
    """Recombination along chromosomes.

    Attributes
    ----------
    path : path
    parts : mapping
        Chromosome, or "" where the file names none -> positions (0-based, rising) and
        the rate from each to the next, in cM/Mb.
    """

    path: Path
    parts: dict[str, tuple[np.ndarray, np.ndarray]]

    def rates(self, chrom: str, start: int, end: int) -> tuple[np.ndarray, np.ndarray]:
        """Give the rates between two bases.

        Returns
        -------
        positions : int64 array
            0-based, from `start`; of the first base from which on a rate holds.
        rates : float64 array, cM/Mb
            Both empty where the map does not have the chromosome, or does not reach it.
        """
        known = Chromosomes(dict.fromkeys(self.parts, 0), self.path.name)
        own = own_names([chrom], known).get(chrom, "")
        places, rates = self.parts.get(own, (np.zeros(0, np.int64), np.zeros(0)))
        if not len(places) or places[-1] <= start or places[0] >= end:
            return places[:0], rates[:0]
        first = max(0, int(np.searchsorted(places, start, side="right")) - 1)
        last = int(np.searchsorted(places, end))
        return np.maximum(places[first:last], start), rates[first:last]


def read_genetic_map(path: Path) -> GeneticMap:
    """Read a genetic map.

    Parameters
    ----------
    path : path
        With names of columns, or PLINK's without; plain or compressed.

    Raises
    ------
    SighthoundError
        The file cannot be read or is no genetic map, or its centimorgans fall.
    """
    frame = _read(path)
    known = {plain(str(name)): name for name in reversed(frame.columns)}
    found = {
        what: next((known[name] for name in names if name in known), None)
        for what, names in _NAMES.items()
    }
    if found["position"] is None or (found["rate"] is None and found["cm"] is None):
        raise SighthoundError(
            f"{path} is no genetic map: columns are {', '.join(map(str, frame.columns[:30]))}; "
            "expected chromosome, position, and rate (cM/Mb) or map (cM), or PLINK's .map"
        )
    position = as_numbers(frame[found["position"]], path)
    # Of which step a row's rate is, files do not agree; centimorgans say it.
    values = as_numbers(frame[found["rate"] if found["cm"] is None else found["cm"]], path)
    chroms = (
        np.full(len(frame), "", object)
        if found["chrom"] is None
        else frame[found["chrom"]].astype(str).to_numpy(object)
    )
    parts = {}
    for chrom in dict.fromkeys(chroms):
        rows = np.flatnonzero((chroms == chrom) & np.isfinite(position + values))
        rows = rows[np.argsort(position[rows], kind="stable")]
        places = position[rows].astype(np.int64) - 1
        rates = values[rows]
        if found["cm"] is not None:
            places, own = np.unique(places, return_index=True)
            steps = np.diff(rates[own])
            if (steps < 0).any():
                raise SighthoundError(
                    f"{path}: the map of chromosome {chrom or '(not named)'} falls after position "
                    f"{places[np.flatnonzero(steps < 0)[0]] + 1:,}; expected centimorgans that rise"
                )
            rates = np.append(steps / np.maximum(np.diff(places), 1) * 1e6, 0.0)
        parts[str(chrom)] = places, rates
    return GeneticMap(path, parts)


def _read(path: Path) -> pd.DataFrame:
    """A table with names, or PLINK's, which has none."""
    if path.is_file():
        words = next((line.split() for line in text_lines(path) if line.strip()), [])
        if len(words) in (4, 6) and words[3].isdecimal():
            columns = ["chrom", "id", "cm", "position"]
            rows = [line.split()[:4] for line in text_lines(path) if line.strip()]
            return pd.DataFrame(rows, columns=columns)
    return read_frame(path)
