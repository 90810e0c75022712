"""A file of packed pieces, any of which is read without the others.

They stand one after another; then come a table of their places and checksums, and a tail that tells
where the table begins.
"""

from __future__ import annotations

import os
import struct
import zlib
from collections.abc import Iterable, Sequence
from pathlib import Path

import numpy as np

from sighthound.core.files import whole_file

_TAIL = struct.Struct("<QQ8s")  # offset of the table, rows, magic
_ROW = np.dtype([("offset", "<u8"), ("size", "<u8"), ("crc", "<u8")])


def write_packed(file: Path, pieces: Iterable[bytes], magic: bytes) -> None:
    """Write pieces of bytes; the file has its name only when complete.

    Parameters
    ----------
    magic : bytes, (8,)
        Says what is in the pieces.
    """
    rows: list[tuple[int, int, int]] = []
    # Two processes may compute one file, after a scheduler was lost: each has one of its own.
    with whole_file(file, unique=True) as part, part.open("wb") as out:
        for piece in pieces:
            rows.append((out.tell(), len(piece), zlib.crc32(piece)))
            out.write(piece)
        table = np.array(rows, _ROW)
        at = out.tell()
        out.write(table.tobytes() + _TAIL.pack(at, len(table), magic))


def read_packed(file: Path, rows: Sequence[int], magic: bytes) -> list[bytes]:
    """Read neighbouring pieces.

    Raises
    ------
    ValueError, OSError
        The file is damaged, of another kind, has no such piece, or is not there.
    """
    with file.open("rb") as source:
        source.seek(0, os.SEEK_END)
        if source.tell() < _TAIL.size:
            raise ValueError("too short")
        source.seek(-_TAIL.size, os.SEEK_END)
        offset, count, said = _TAIL.unpack(source.read(_TAIL.size))
        if said != magic or rows[-1] >= count:
            raise ValueError("no table")
        source.seek(offset + rows[0] * _ROW.itemsize)
        table = np.frombuffer(source.read(len(rows) * _ROW.itemsize), _ROW)
        source.seek(int(table["offset"][0]))
        pieces = [source.read(int(size)) for size in table["size"]]
    if [zlib.crc32(piece) for piece in pieces] != table["crc"].tolist():
        raise ValueError("checksum")
    return pieces
