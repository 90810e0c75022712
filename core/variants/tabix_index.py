"""Whether the index by place beside a compressed table is that table's (tabix-spec: TBI; CSIv1).

An index says at which bytes the lines of a stretch of a sequence lie. One of another file, or made
before the file was changed, gives other lines, or none, without a word. So what it says is held
against the file where that is cheap: its first line is the file's first, after its last comes
nothing, and at places evenly spread between begins a line that lies where the index says.
"""

from __future__ import annotations

import functools
import gzip
import struct
import zlib
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pysam

from sighthound.core.errors import SighthoundError
from sighthound.core.files import Stamp, file_stamp
from sighthound.core.variants.vcf_forms import quiet

INDEX_ENDINGS = (".tbi", ".csi")
_LOOKED_AT = 64  # places of the file
_ZERO_BASED = 0x10000
_TBI_SHIFT, _TBI_DEPTH = 14, 5


def find_index(path: Path) -> Path | None:
    """Give the index beside a file, made by tabix (.tbi) or bcftools (.csi), whether its own."""
    names = (Path(f"{path}{end}") for end in INDEX_ENDINGS)
    return next((name for name in names if name.is_file()), None)


def own_index(path: Path) -> Path | None:
    """Give the index beside a file, if it is the file's own."""
    index = find_index(path)
    return index if index is not None and not index_problem(path, index) else None


def index_problem(path: Path, index: Path) -> str:
    """Say what is wrong with the index of a file compressed by bgzip; empty if it fits."""
    return _problem(path, file_stamp(path), index, file_stamp(index))


def vcf_index(vcf: Path) -> Path:
    """Give the index of a VCF or BCF file.

    Raises
    ------
    SighthoundError
        There is none, it is older than the file, or that of another one.
    """
    index = find_index(vcf)
    if index is None:
        raise SighthoundError(f"{vcf} has no index beside it; run 'tabix -p vcf {vcf.name}'")
    if problem := index_problem(vcf, index):
        raise SighthoundError(f"{vcf} {problem}; run 'tabix -f -p vcf {vcf.name}'")
    return index


@functools.lru_cache(maxsize=16)
def _problem(path: Path, stamp: Stamp, index: Path, index_stamp: Stamp) -> str:
    if index_stamp.modified_ns < stamp.modified_ns:
        return f"is newer than its index {index.name}, which may be that of another file"
    try:
        with quiet(), pysam.BGZFile(str(path), "r", None) as file:
            fits = _fits(_read(index), file)
    except (OSError, EOFError, ValueError, IndexError, struct.error, zlib.error):
        fits = False
    return "" if fits else f"has an index, {index.name}, that is damaged or of another file"


@dataclass(frozen=True)
class _Chunk:
    """Lines that are next to each other; `first` and `end` are 0-based, where they may begin."""

    begin: int
    stop: int
    sequence: int
    first: int
    end: int


@dataclass(frozen=True)
class _Index:
    """What an index says; `names` are none in that of a BCF, whose header has them."""

    names: tuple[bytes, ...]
    format: int
    sequence_column: int
    start_column: int
    comment: bytes
    chunks: tuple[_Chunk, ...]


def _fits(index: _Index, file: pysam.BGZFile) -> bool:
    chunks = sorted(index.chunks, key=lambda chunk: chunk.begin)
    if index.names or not chunks:
        first = next((line for line in file if not line.startswith(index.comment)), b"")
        if not chunks:
            return not first.strip()
        if _line(file, chunks[0].begin) != first:
            return False
    if _line(file, max(chunk.stop for chunk in chunks)).strip():
        return False
    step = max(1, len(chunks) // _LOOKED_AT)
    return all(_begins_there(index, file, chunk) for chunk in (*chunks[::step], chunks[-1]))


def _begins_there(index: _Index, file: pysam.BGZFile, chunk: _Chunk) -> bool:
    if not index.names:
        file.seek(chunk.begin)
        return len(file.read(1)) == 1
    if chunk.begin & 0xFFFF:  # not at the beginning of a block
        file.seek(chunk.begin - 1)
        if file.read(1) != b"\n":
            return False
    cells = _line(file, chunk.begin).split(b"\t")
    start = int(cells[index.start_column - 1]) - (not index.format & _ZERO_BASED)
    named = cells[index.sequence_column - 1] == index.names[chunk.sequence]
    return named and chunk.first <= max(0, start) < chunk.end


def _line(file: pysam.BGZFile, place: int) -> bytes:
    file.seek(place)
    return bytes(file.readline())


def _read(path: Path) -> _Index:
    """Read an index; struct.error, ValueError or IndexError where it is none."""
    data, at = gzip.decompress(path.read_bytes()), 4

    def take(form: str) -> tuple[int, ...]:
        nonlocal at
        found = struct.unpack_from(form, data, at)
        at += struct.calcsize(form)
        return found

    kind, shift, depth = data[:4], _TBI_SHIFT, _TBI_DEPTH
    has_names = True
    if kind == b"TBI\1":
        (sequences,) = take("<i")
    elif kind == b"CSI\1":
        shift, depth, further = take("<3i")
        has_names = further > 0
    else:
        raise ValueError("no index")
    format = sequence_column = start_column = comment = 0
    names: tuple[bytes, ...] = ()
    if has_names:
        format, sequence_column, start_column, _, comment, _, size = take("<7i")
        names = tuple(data[at : at + size].split(b"\0")[:-1])
        at += size
    if kind == b"CSI\1":
        (sequences,) = take("<i")

    def chunks() -> Iterator[_Chunk]:
        for sequence in range(sequences):
            for _ in range(*take("<i")):
                if kind == b"TBI\1":
                    bin, count = take("<Ii")
                else:
                    bin, _, count = take("<IQi")
                places = take(f"<{2 * count}Q")
                stretch = _stretch(bin, shift, depth)
                if stretch is not None:
                    for begin, stop in zip(places[::2], places[1::2], strict=True):
                        yield _Chunk(begin, stop, sequence, *stretch)
            if kind == b"TBI\1":
                take(f"<{take('<i')[0]}Q")

    return _Index(names, format, sequence_column, start_column, bytes([comment]), tuple(chunks()))


def _stretch(bin: int, shift: int, depth: int) -> tuple[int, int] | None:
    """The bases of a bin, 0-based and half-open; None for the one that holds counts."""
    for level in range(depth + 1):
        first, count = ((1 << 3 * level) - 1) // 7, 1 << 3 * level
        if bin < first + count:
            bases = 1 << (shift + 3 * (depth - level))
            return (bin - first) * bases, (bin - first + 1) * bases
    return None
