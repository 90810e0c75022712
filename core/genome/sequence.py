"""Where things are on a genome, and which bases are there.

Coordinates inside the code are 0-based and half-open. Text that a person types or reads is
1-based and inclusive: "chr1:1-100" is the first 100 bases.
"""

from __future__ import annotations

import functools
import hashlib
import re
import threading
from dataclasses import dataclass
from os import PathLike
from pathlib import Path

import numpy as np
import pysam

from sighthound.core.errors import SighthoundError
from sighthound.core.files import file_stamp
from sighthound.core.genome.chromosomes import Chromosomes
from sighthound.core.genome.fasta_index import ensure_index
from sighthound.core.genome.regions import TypedRegion, read_region

ALPHABET = "ACGT"
_HASHED_AT_ONCE = 1 << 22  # bases

# Row of ASCII code `b` is the one-hot vector of base `b`; anything but ACGT is all zeros.
_ONE_HOT = np.zeros((256, 4), np.uint8)
for _index, _base in enumerate(ALPHABET):
    _ONE_HOT[ord(_base), _index] = _ONE_HOT[ord(_base.lower()), _index] = 1
_CODES = bytes(
    np.where(_ONE_HOT.any(axis=1), _ONE_HOT.argmax(axis=1), len(ALPHABET)).astype(np.uint8)
)


@dataclass(frozen=True, order=True)
class Interval:
    """A stretch of one chromosome, 0-based and half-open.

    Examples
    --------
    >>> interval = Interval("chrIV", 1000, 2000)
    >>> len(interval), str(interval)
    (1000, 'chrIV:1,001-2,000')
    """

    chrom: str
    start: int
    end: int

    def __post_init__(self) -> None:
        if self.end < self.start:
            raise SighthoundError(
                f"interval {self.chrom} from {self.start} to {self.end} ends before it starts"
            )

    def __len__(self) -> int:
        return self.end - self.start

    def __str__(self) -> str:
        return f"{self.chrom}:{self.start + 1:,}-{self.end:,}"


def one_hot(sequence: str) -> np.ndarray:
    """Encode bases as vectors; lower case counts as upper case, N and IUPAC codes are all zeros.

    Parameters
    ----------
    sequence : str
        Bases.

    Returns
    -------
    uint8 array, (length, 4), in the order A C G T

    Examples
    --------
    >>> one_hot("aN").tolist()
    [[1, 0, 0, 0], [0, 0, 0, 0]]
    """
    return _ONE_HOT[np.frombuffer(sequence.encode("ascii", "replace"), np.uint8)]


def base_codes(sequence: str) -> np.ndarray:
    """Number bases, a byte each, where vectors would only be counted.

    Returns
    -------
    uint8 array, (length,): A C G T are 0 to 3, whatever their case, and all others 4

    Examples
    --------
    >>> base_codes("aCGTN").tolist()
    [0, 1, 2, 3, 4]
    """
    return np.frombuffer(sequence.encode("ascii", "replace").translate(_CODES), np.uint8)


def reverse_complement(one_hot: np.ndarray) -> np.ndarray:
    """Turn one-hot sequences to the other strand.

    Parameters
    ----------
    one_hot : array, (..., length, 4)
        In the order A C G T, so that reversing the last axis complements.

    Returns
    -------
    array, (..., length, 4), a view
    """
    return one_hot[..., ::-1, ::-1]


class Genome(Chromosomes):
    """An indexed FASTA file.

    Parameters
    ----------
    path : path
        Plain or bgzip-compressed FASTA. An index that is missing, older or of another file is
        made beside it.

    Attributes
    ----------
    lengths : dict of str to int
        Chromosome lengths in bases, in the order of the file.
    fingerprint : str
        Identifies names, lengths and (by samples of sequence) the assembly, at once.
    bases_hash : str
        Identifies every base, whatever its case and however lines are wrapped: 0.1 s for 12
        million bases, half a minute for 3 billion.

    Raises
    ------
    SighthoundError
        The file is missing, not FASTA, gzip instead of bgzip, cannot be indexed, or has no index
        of its own and none can be written beside it. Later, when it changed since it was opened.
    """

    def __init__(self, path: str | PathLike[str]) -> None:
        self.path = Path(path)
        self._files = threading.local()
        ensure_index(self.path)
        self._opened = file_stamp(self.path)
        fasta = self._open()
        lengths = dict(zip(fasta.references, fasta.lengths, strict=True))
        if not lengths:
            raise SighthoundError(f"{self.path} holds no sequences; expected FASTA records")
        super().__init__(lengths, self.path.name)
        self._fingerprint = ""

    def _open(self) -> pysam.FastaFile:
        """Give this thread's own file handle: htslib handles are not shared safely."""
        fasta = getattr(self._files, "fasta", None)
        if fasta is None:
            try:
                fasta = pysam.FastaFile(str(self.path))
            except (OSError, ValueError) as error:
                raise SighthoundError(f"{self.path} cannot be read as FASTA: {error}") from None
            self._files.fasta = fasta
        return fasta

    @property
    def fingerprint(self) -> str:
        if not self._fingerprint:
            digest = hashlib.sha256()
            for name, length in self.lengths.items():
                middle = length // 2
                sample = self.sequence(Interval(name, max(0, middle - 500), middle + 500))
                digest.update(f"{name}\t{length}\t{sample}\n".encode())
            self._fingerprint = digest.hexdigest()[:16]
        return self._fingerprint

    @functools.cached_property
    def bases_hash(self) -> str:
        digest = hashlib.sha256()
        for name, length in self.lengths.items():
            digest.update(f"{name}\t{length}\n".encode())
            for start in range(0, length, _HASHED_AT_ONCE):
                end = min(start + _HASHED_AT_ONCE, length)
                digest.update(self.sequence(Interval(name, start, end)).encode())
        return digest.hexdigest()[:16]

    def sequence(self, interval: Interval) -> str:
        """Read bases in upper case; positions beyond the chromosome's ends read as N."""
        self._check_unchanged()
        length = self.lengths.get(interval.chrom)
        if length is None:
            interval = Interval(self.resolve(interval.chrom), interval.start, interval.end)
            length = self.lengths[interval.chrom]
        start = min(max(interval.start, 0), length)
        end = max(min(interval.end, length), start)
        inside = self._open().fetch(interval.chrom, start, end).upper() if end > start else ""
        left = min(max(-interval.start, 0), len(interval))
        return "N" * left + inside + "N" * (len(interval) - left - len(inside))

    def _check_unchanged(self) -> None:
        """Refuse to read a file by the index of what it was."""
        try:
            unchanged = file_stamp(self.path) == self._opened
        except OSError:
            unchanged = False
        if not unchanged:
            raise SighthoundError(
                f"genome {self.path} changed since it was opened; start Sighthound again"
            )

    def one_hot(self, interval: Interval) -> np.ndarray:
        """Encode bases as vectors; positions beyond the chromosome's ends are all zeros.

        Returns
        -------
        uint8 array, (length, 4), in the order A C G T
        """
        return one_hot(self.sequence(interval))


def parse_region(
    text: str, genome: Genome, *, chrom: str | None = None, clip: bool = False
) -> Interval:
    """Read a region as people write or paste it: "chrIV:1,000-2,000", "IV 1000 2000", "chrIV".

    Parameters
    ----------
    text : str
        1-based, inclusive; a line of BED or GFF3 too (see `core.genome.regions`).
    genome : Genome
        Gives names and lengths.
    chrom : str, optional
        The chromosome that positions without one are on.
    clip : bool
        Cut off what lies beyond the chromosome's end, instead of refusing it.

    Returns
    -------
    Interval, 0-based and half-open

    Raises
    ------
    SighthoundError
        The text is no region, or lies beyond the chromosome's end.
    """
    readings = read_region(text)
    for typed in readings:
        if typed.chrom is None and chrom is None:
            raise SighthoundError(
                f"{text!r} names no chromosome; write chromosome:start-end, as in chrIV:1,000-2,000"
            )
        try:
            name = genome.resolve(typed.chrom if typed.chrom is not None else str(chrom))
        except SighthoundError:
            continue
        return _on_chromosome(text.strip(), typed, name, genome.lengths[name], clip)
    named = [r.chrom for r in readings if r.chrom is not None]
    if not named or (named[-1] == text.strip() and re.search(r"[:\t]", text)):
        raise SighthoundError(
            f"{text[:200]!r} is not a region; write chromosome:start-end, as in chrIV:1,000-2,000"
        )
    genome.resolve(named[-1])  # raises, with the chromosomes that there are
    raise AssertionError("a chromosome is known now that was not before")


def _on_chromosome(text: str, typed: TypedRegion, chrom: str, length: int, clip: bool) -> Interval:
    if typed.start is None:
        return Interval(chrom, 0, length)
    start = typed.start
    end = start if typed.end is None else typed.end
    if start < 1 or end < start:
        raise SighthoundError(
            f"{text[:200]!r} is not a region: positions are counted from 1 and the end follows the "
            "start"
        )
    if end > length and not (clip and start <= length):
        raise SighthoundError(
            f"{text!r} lies beyond the end of {chrom}, which has {length:,} bases"
        )
    return Interval(chrom, start - 1, min(end, length))
