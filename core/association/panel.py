"""A reference panel: genotypes of people at variants, read block after block.

Genotypes stay packed, two bits each as in PLINK's .bed, in a file that is mapped into memory; only
the block that is asked for is unpacked, so memory does not grow with the panel.
"""

from __future__ import annotations

import functools
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from sighthound.core.association.sites import Sites
from sighthound.core.errors import SighthoundError

# Codes of PLINK's .bed: two copies of the counted allele, missing, one, none.
TWO, MISSING, ONE, NONE = 0, 1, 2, 3
_COPIES = np.array([2.0, np.nan, 1.0, 0.0], np.float32)
# Row of byte `b`: the copies that its four genotypes stand for, from the lowest bits on.
_UNPACKED = _COPIES[(np.arange(256)[:, None] >> np.array([0, 2, 4, 6])) & 3]
_AT_ONCE = 1 << 22  # genotypes
_SHOWN = 3


@dataclass(frozen=True, eq=False)
class Standardised:
    """Genotypes of a block of variants, each centred and of length 1.

    Attributes
    ----------
    z : float array, (variants, samples)
        0 where the call is missing, and throughout where nobody differs.
    called : float array, (variants, samples), or None
        1 where there is a call; None where there is everywhere.
    """

    z: np.ndarray
    called: np.ndarray | None


class Panel:
    """Genotypes of people, at variants in the order of the genome.

    Parameters
    ----------
    source : path
        What it was read from, for errors.
    samples : sequence of str
        Of all columns of `packed`.
    sites : Sites
        Of all rows of `packed`, in the file's order.
    packed : uint8 array, (variants, bytes)
        Four genotypes a byte, as in PLINK's .bed.
    rows, columns : int arrays, optional
        The variants and samples that are looked at; all by default, variants in order.
    """

    def __init__(
        self,
        source: Path,
        samples: Sequence[str],
        sites: Sites,
        packed: np.ndarray,
        rows: np.ndarray | None = None,
        columns: np.ndarray | None = None,
    ) -> None:
        self.source, self._all_samples, self._packed = source, tuple(samples), packed
        self._all_sites = sites
        self._rows = sites.order() if rows is None else rows
        self._columns = np.arange(len(self._all_samples)) if columns is None else columns
        self.sites = sites.take(self._rows)
        self.samples = tuple(self._all_samples[column] for column in self._columns)

    def __len__(self) -> int:
        return len(self._rows)

    def dosages(self, start: int, stop: int) -> np.ndarray:
        """Read copies of the counted allele.

        Returns
        -------
        float32 array, (stop - start, samples): 0, 1, 2, or NaN where there is no call
        """
        copies = _UNPACKED[self._packed[self._rows[start:stop]]]
        everyone = copies.reshape(len(copies), -1)[:, : len(self._all_samples)]
        if len(self._columns) == len(self._all_samples):
            return everyone
        return everyone[:, self._columns]

    def blocks(self) -> Iterator[tuple[slice, np.ndarray]]:
        """Give the dosages block after block, each with the variants that it is of."""
        size = max(1, _AT_ONCE // max(1, len(self._all_samples)))
        for start in range(0, len(self), size):
            part = slice(start, min(start + size, len(self)))
            yield part, self.dosages(part.start, part.stop)

    def standardised(self, start: int, stop: int, dtype: Any = np.float64) -> Standardised:
        """Read genotypes whose products are correlations: of two variants, r.

        A missing call counts as the variant's mean; `correlations` of `core.association.ld` takes
        it out again.
        """
        x = self.dosages(start, stop).astype(dtype)
        missing = np.isnan(x)
        called = None
        if missing.any():
            called = (~missing).astype(dtype)
            x[missing] = 0
            means = x.sum(axis=1) / np.maximum(called.sum(axis=1), 1)
            x -= means[:, None] * called
        else:
            x -= x.mean(axis=1, keepdims=True)
        lengths = np.sqrt(np.einsum("ij,ij->i", x, x))
        x *= np.where(lengths > 0, 1 / np.where(lengths > 0, lengths, 1), 0)[:, None]
        return Standardised(x, called)

    @functools.cached_property
    def calls(self) -> np.ndarray:
        """How many samples have a call, a variant: int64 array, (variants,)."""
        return self._counts[0]

    @functools.cached_property
    def frequency(self) -> np.ndarray:
        """Of the counted allele: float64 array, (variants,); NaN where nobody is called."""
        calls, copies, _ = self._counts
        with np.errstate(invalid="ignore"):
            return copies / (2.0 * calls)

    @property
    def minor_frequency(self) -> np.ndarray:
        """Of the rarer allele, a variant: float64 array, (variants,)."""
        return np.minimum(self.frequency, 1 - self.frequency)

    @property
    def differs(self) -> np.ndarray:
        """Whether two samples differ, a variant: bool array, (variants,); not if all have 0/1."""
        return self._counts[2]

    @functools.cached_property
    def _counts(self) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
        calls, copies = np.zeros(len(self), np.int64), np.zeros(len(self))
        differs = np.zeros(len(self), bool)
        for part, dosages in self.blocks():
            calls[part] = np.isfinite(dosages).sum(axis=1)
            copies[part] = np.nansum(dosages, axis=1, dtype=np.float64)
            squares = np.nansum(dosages * dosages, axis=1, dtype=np.float64)
            differs[part] = squares * calls[part] > copies[part] ** 2
        return calls, copies, differs

    def take(self, rows: np.ndarray) -> Panel:
        """Look at some of the variants, by index or mask; they stay in order."""
        return Panel(
            self.source, self._all_samples, self._all_sites, self._packed,
            self._rows[rows], self._columns,
        )  # fmt: skip

    def of_samples(self, names: Sequence[str]) -> Panel:
        """Look at some of the samples.

        Raises
        ------
        SighthoundError
            Some of them, or all, are not in the panel.
        """
        places = {name: number for number, name in enumerate(self._all_samples)}
        unknown = [name for name in names if name not in places]
        if unknown or not names:
            shown = ", ".join(unknown[:_SHOWN])
            have = ", ".join(self.samples[:_SHOWN])
            which = "none" if len(unknown) == len(names) else f"{len(unknown):,}"
            raise SighthoundError(
                f"{which} of the {len(names):,} samples asked for"
                f"{'' if which == 'none' else ', such as ' + shown + ','} "
                f"{'is' if which == 'none' else 'are not'} in {self.source}, which has {have}, ..."
                f"{' (asked for: ' + shown + ')' if which == 'none' else ''}; "
                "give names as the genotypes have them"
            )
        columns = np.array([places[name] for name in dict.fromkeys(names)])
        return Panel(
            self.source, self._all_samples, self._all_sites, self._packed, self._rows, columns
        )

    def common(self, minor_frequency: float) -> Panel:
        """Look at variants at which people differ, and the rarer allele is at least so frequent.

        Raises
        ------
        SighthoundError
            There is none, or there are fewer than three samples.
        """
        if len(self.samples) < _FEWEST:
            raise SighthoundError(
                f"{self.source} gives genotypes of {len(self.samples)} sample"
                f"{'s' if len(self.samples) != 1 else ''}; LD needs at least {_FEWEST}"
            )
        keep = (np.nan_to_num(self.minor_frequency) >= minor_frequency) & self.differs
        if not keep.any():
            raise SighthoundError(
                f"{self.source} has no common variant: of {len(self):,}, none has a rarer allele "
                f"of frequency {minor_frequency:g} or more among {len(self.samples):,} samples; "
                "lower the threshold (--maf), or give genotypes of more people"
            )
        return self if keep.all() else self.take(np.flatnonzero(keep))


_FEWEST = 3


def pack(copies: np.ndarray) -> np.ndarray:
    """Pack genotypes as PLINK's .bed does.

    Parameters
    ----------
    copies : array, (variants, samples)
        0, 1 or 2 copies of the counted allele; NaN or negative where there is no call.

    Returns
    -------
    uint8 array, (variants, ceil(samples / 4))

    Examples
    --------
    >>> pack(np.array([[2, 1, 0, -1, 2]])).tolist()
    [[120, 0]]
    """
    given = np.nan_to_num(np.asarray(copies, np.float32), nan=-1)
    codes = np.select([given < 0, given == 0, given == 1], [MISSING, NONE, ONE], TWO)
    codes = np.pad(codes.astype(np.uint8), ((0, 0), (0, -codes.shape[1] % 4)))
    quads = codes.reshape(len(codes), -1, 4)
    return quads[..., 0] | quads[..., 1] << 2 | quads[..., 2] << 4 | quads[..., 3] << 6
