"""The variants of a reference panel, as columns.

Positions are 0-based inside; tables that people read count from 1.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, fields

import numpy as np
import pandas as pd


@dataclass(frozen=True, eq=False)
class Sites:
    """Variants in the order of the genome: chromosome after chromosome, positions rising.

    Attributes
    ----------
    chrom : object array, (variants,)
    position : int64 array, (variants,)
        Of the first base, 0-based.
    id : object array, (variants,)
    counted, other : object array, (variants,)
        Alleles: genotypes count copies of `counted` (ALT of a VCF, A1 of PLINK).
    centimorgans : float64 array, (variants,)
        Genetic map; all zero where there is none.
    """

    chrom: np.ndarray
    position: np.ndarray
    id: np.ndarray
    counted: np.ndarray
    other: np.ndarray
    centimorgans: np.ndarray

    @classmethod
    def of(
        cls,
        chrom: Sequence[str],
        position: Sequence[int],
        id: Sequence[str],
        counted: Sequence[str],
        other: Sequence[str],
        centimorgans: Sequence[float] | None = None,
    ) -> Sites:
        """Make them of sequences; a variant without an id is called CHROM:POS:OTHER:COUNTED."""
        names = [
            name if name not in ("", ".") else f"{c}:{p + 1}:{b}:{a}"
            for name, c, p, a, b in zip(id, chrom, position, counted, other, strict=True)
        ]
        cm = np.zeros(len(names)) if centimorgans is None else centimorgans
        return cls(
            np.array(chrom, object), np.array(position, np.int64), np.array(names, object),
            np.array(counted, object), np.array(other, object), np.array(cm, np.float64),
        )  # fmt: skip

    def __len__(self) -> int:
        return len(self.position)

    def take(self, rows: np.ndarray) -> Sites:
        """Give some of them, by index or mask."""
        return Sites(**{f.name: getattr(self, f.name)[rows] for f in fields(self)})

    def order(self) -> np.ndarray:
        """Give the indices that put them in order; chromosomes as they first come."""
        chroms = pd.factorize(self.chrom)[0]
        return np.lexsort((np.arange(len(self)), self.position, chroms))

    def chromosomes(self) -> dict[str, slice]:
        """Give which of them are on each chromosome; they must be in order."""
        if not len(self):
            return {}
        starts = np.flatnonzero(np.r_[True, self.chrom[1:] != self.chrom[:-1]])
        ends = np.r_[starts[1:], len(self)]
        return {
            str(self.chrom[start]): slice(int(start), int(end))
            for start, end in zip(starts, ends, strict=True)
        }

    def table(self) -> pd.DataFrame:
        """Give them as people read them: chrom, position from 1, id, counted, other."""
        return pd.DataFrame(
            {
                "chrom": self.chrom.astype(str),
                "position": self.position + 1,
                "id": self.id.astype(str),
                "counted": self.counted.astype(str),
                "other": self.other.astype(str),
            }
        )
