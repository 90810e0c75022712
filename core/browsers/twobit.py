"""Write a genome as twoBit, the form in which UCSC and IGV take an assembly they do not know.

The format is UCSC's (genome.ucsc.edu/FAQ/FAQformat.html#format7): four bases a byte, T C A G = 0 to
3, and runs of N beside them. Lower case, which marks repeats, is not kept.
"""

from __future__ import annotations

import struct
from collections.abc import Iterator
from pathlib import Path

import numpy as np

from sighthound.core.errors import SighthoundError
from sighthound.core.files import whole_file
from sighthound.core.genome.sequence import Genome, Interval

_SIGNATURE = 0x1A412743
_CHUNK = 1 << 22  # bases read at once; a multiple of four
_MOST_BYTES = 1 << 32  # offsets are 32 bits

# Code of each letter; 4 for what is no base.
_CODES = np.full(256, 4, np.uint8)
for _code, _base in enumerate("TCAG"):
    _CODES[ord(_base)] = _CODES[ord(_base.lower())] = _code


def write_twobit(genome: Genome, path: Path) -> None:
    """Write all chromosomes; the file appears under its name when it is complete.

    Raises
    ------
    SighthoundError
        The genome is too large for the format, or a chromosome's name too long.
    """
    names = {name: name.encode() for name in genome.lengths}
    for name, raw in names.items():
        if len(raw) > 255:
            raise SighthoundError(f"{name[:40]}...: a name of 255 letters at most fits into twoBit")
    runs = {name: _runs_of_n(genome, name) for name in names}
    offset = 16 + sum(1 + len(raw) + 4 for raw in names.values())
    index = []
    for name, raw in names.items():
        if offset >= _MOST_BYTES:
            raise SighthoundError(
                f"{genome.path.name} is too large for twoBit, whose offsets end at 4 GB"
            )
        index.append(struct.pack("<B", len(raw)) + raw + struct.pack("<I", offset))
        offset += 16 + 8 * len(runs[name]) + -(-genome.lengths[name] // 4)
    with whole_file(path) as part, part.open("wb") as file:
        file.write(struct.pack("<4I", _SIGNATURE, 0, len(names), 0))
        file.write(b"".join(index))
        for name, length in genome.lengths.items():
            blocks = np.array(runs[name], "<u4").reshape(-1, 2)
            file.write(struct.pack("<2I", length, len(blocks)))
            file.write(blocks[:, 0].tobytes() + (blocks[:, 1] - blocks[:, 0]).tobytes())
            file.write(struct.pack("<2I", 0, 0))  # no masked blocks; reserved
            for codes in _chunks(genome, name):
                file.write(_packed(codes))


def _chunks(genome: Genome, chrom: str) -> Iterator[np.ndarray]:
    length = genome.lengths[chrom]
    for start in range(0, length, _CHUNK):
        text = genome.sequence(Interval(chrom, start, min(start + _CHUNK, length)))
        yield _CODES[np.frombuffer(text.encode("ascii"), np.uint8)]


def _runs_of_n(genome: Genome, chrom: str) -> list[tuple[int, int]]:
    """Start and end of every stretch without a base."""
    runs: list[tuple[int, int]] = []
    start = 0
    for codes in _chunks(genome, chrom):
        is_n = np.concatenate([[False], codes == 4, [False]])
        edges = start + np.flatnonzero(is_n[1:] != is_n[:-1])
        for first, last in edges.reshape(-1, 2).tolist():
            if runs and runs[-1][1] == first:
                runs[-1] = (runs[-1][0], last)
            else:
                runs.append((first, last))
        start += len(codes)
    return runs


def _packed(codes: np.ndarray) -> bytes:
    """Four bases a byte, the first in the highest bits; N as T, which the runs take back."""
    codes = np.concatenate([codes, np.zeros(-len(codes) % 4, np.uint8)]) & 3
    quads = codes.reshape(-1, 4)
    return (quads[:, 0] << 6 | quads[:, 1] << 4 | quads[:, 2] << 2 | quads[:, 3]).tobytes()
