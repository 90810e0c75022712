"""What a BigWig says, whoever wrote it: in either byte order, compressed or not.

Every read of a BigWig goes through here, and nothing in the file is believed before it is checked:
bytes that contradict each other are a `SighthoundError` that names file and chromosome, and no
count or offset in them can ask for more memory or time than a file of that size is worth. Kent et
al. 2010 (Bioinformatics 26:2204, supplement). Coordinates are 0-based and half-open.
"""

from __future__ import annotations

import os
import stat
import struct
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import deflate
import numpy as np
from numpy.typing import NDArray

from sighthound.core.bigwig.structure import (
    ContradictionError,
    RawBytes,
    TotalSummary,
    byte_order,
    structure_of,
)
from sighthound.core.bigwig.trees import BRANCH, LEAF, R_TREE_MAGIC
from sighthound.core.bigwig.zooms import RECORD
from sighthound.core.errors import SighthoundError

_SECTION_HEADER = "IIIIIBBH"  # chromosome, start, end, step, span, kind, nothing, entries
_SECTION_HEADER_BYTES = 24
# Fields of an entry in the three kinds of section: bedGraph, variableStep, fixedStep.
_ENTRIES: dict[int, list[tuple[str, str]]] = {
    1: [("start", "u4"), ("end", "u4"), ("value", "f4")],
    2: [("start", "u4"), ("value", "f4")],
    3: [("value", "f4")],
}
# A section counts its entries in 16 bits; zoom sections have no such limit, but none is larger.
_MAX_SECTION_BYTES = _SECTION_HEADER_BYTES + 12 * 0xFFFF
_MAX_ZOOM_SECTION_BYTES = 1 << 24
_R_TREE_HEADER_BYTES = 48
_BATCH_ENTRIES = 1 << 18  # handed out at once: bounds memory to some megabytes
_LAST_PLACE = (0xFFFFFFFF, 0xFFFFFFFF)


@dataclass(frozen=True)
class Entries:
    """Neighbouring values of a chromosome, ascending and apart: `value` from `start` to `end`."""

    start: NDArray[np.int64]
    end: NDArray[np.int64]
    value: NDArray[np.float32]


@contextmanager
def open_bigwig(path: Path | str) -> Iterator[BigWigFile]:
    """Open a BigWig as it is on disk now; safe in any thread.

    Raises
    ------
    SighthoundError
        No such file, not a BigWig, or a damaged one.
    """
    path = Path(path)
    try:
        # Of a pipe, it would wait for who writes to it.
        descriptor = os.open(path, os.O_RDONLY | os.O_CLOEXEC | os.O_NONBLOCK)
    except (FileNotFoundError, NotADirectoryError):
        raise SighthoundError(f"{path}: no such file; expected a BigWig") from None
    except OSError as error:
        raise SighthoundError(f"{path} cannot be read ({error.strerror or error})") from error
    try:
        yield BigWigFile(path, descriptor)
    finally:
        os.close(descriptor)


class BigWigFile:
    """An open BigWig; made by `open_bigwig`.

    Attributes
    ----------
    chromosomes : mapping of name to length in bases, in the file's order
    zooms : mapping of bases a record to a zoom level's place in the file, finest first
    total : what the file says of all its bases; None where it says nothing
    """

    def __init__(self, path: Path, descriptor: int) -> None:
        self.path = path
        with self._checked():
            status = os.fstat(descriptor)
            if not stat.S_ISREG(status.st_mode):
                raise SighthoundError(f"{path}: not a BigWig; expected a file")
            order = byte_order(os.pread(descriptor, 4, 0))
            if order is None:
                raise SighthoundError(
                    f"{path}: not a BigWig; convert it (for example with bedGraphToBigWig) first"
                )
            self._raw = RawBytes(descriptor, status.st_size, order)
            self._structure = structure = structure_of(path, status, self._raw)
        self.chromosomes: Mapping[str, int] = structure.chromosomes
        self.zooms: Mapping[int, int] = structure.zooms
        self.total: TotalSummary | None = structure.total

    def length(self, chrom: str) -> int:
        """Give the bases of a chromosome.

        Raises
        ------
        SighthoundError
            The file has no such chromosome.
        """
        if chrom not in self.chromosomes:
            some = ", ".join(list(self.chromosomes)[:3])
            more = ", ..." if len(self.chromosomes) > 3 else ""
            raise SighthoundError(f"{self.path}: no chromosome {chrom}; the file has {some}{more}")
        return self.chromosomes[chrom]

    def entries(self, chrom: str, start: int, end: int) -> Iterator[Entries]:
        """Give the entries of [start, end), cut to it, some 100,000s at a time.

        Raises
        ------
        SighthoundError
            Damaged, or without this chromosome.
        """
        chrom_id = self._chromosome(chrom)
        with self._checked(chrom):
            waiting: list[Entries] = []
            count, reached = 0, 0
            for leaf in self._leaves(self._structure.index, (chrom_id, start), (chrom_id, end)):
                entries = self._section(leaf, chrom_id)
                if not len(entries.start):
                    continue
                if entries.start[0] < reached:
                    raise ContradictionError(
                        f"entries overlap at base {int(entries.start[0]) + 1:,}"
                    )
                reached = int(entries.end[-1])
                waiting.append(entries)
                count += len(entries.start)
                if count >= _BATCH_ENTRIES:
                    yield _joined(waiting, start, end)
                    waiting, count = [], 0
            if waiting:
                yield _joined(waiting, start, end)

    def zoom_records(self, zoom: int, chrom: str, start: int, end: int) -> NDArray[np.void]:
        """Give the records (`core.bigwig.zooms.RECORD`) of a zoom level that touch [start, end).

        Raises
        ------
        SighthoundError
            Damaged, or without this chromosome.
        """
        chrom_id = self._chromosome(chrom)
        with self._checked(chrom):
            leaves = self._leaves(self.zooms[zoom], (chrom_id, start), (chrom_id, end))
            records = self._records(leaves)
        touch = (records["end"] > start) & (records["start"] < end)
        return records[touch & (records["chrom"] == chrom_id)]

    def counts_once(self, zoom: int) -> bool:
        """Whether a zoom level counts every base that has data once, as not all writers do.

        pybigtools 0.3 counts bases of a record that has others between its entries twice.
        """
        known = self._structure.counts_once
        if zoom not in known:
            with self._checked():
                records = self._records(self._leaves(self.zooms[zoom]))
            total = int(records["covered"].sum(dtype=np.int64))
            known[zoom] = (
                self._structure.total is not None and total == self._structure.total.covered
            )
        return known[zoom]

    def _records(self, leaves: list[tuple[int, int]]) -> NDArray[np.void]:
        dtype = self._raw.dtype(RECORD)
        found = [np.empty(0, dtype)]
        for leaf in leaves:
            raw = self._block(leaf, _MAX_ZOOM_SECTION_BYTES)
            if len(raw) % dtype.itemsize:
                raise ContradictionError("a zoom level is cut short")
            found.append(np.frombuffer(raw, dtype))
        return np.concatenate(found)

    def check(self, most_blocks: int | None = None) -> None:
        """Read the index and the blocks it points to, all or so many, evenly spread.

        Raises
        ------
        SighthoundError
            One of them is damaged.
        """
        kinds = (self._raw.dtype(LEAF), self._raw.dtype(BRANCH))
        with self._checked():
            self._check_magic(self._structure.index)
            nodes = list(self._raw.nodes(self._structure.index + _R_TREE_HEADER_BYTES, *kinds))
        leaves = np.concatenate([np.empty(0, kinds[0]), *nodes])
        if most_blocks is not None and len(leaves) > most_blocks:
            leaves = leaves[np.linspace(0, len(leaves) - 1, most_blocks).astype(int)]
        names = {number: name for name, number in self._structure.ids.items()}
        for span, offset, size in leaves.tolist():
            with self._checked(names.get(span[0], f"number {span[0]}")):
                self._section((offset, size), span[0])

    @contextmanager
    def _checked(self, chrom: str = "") -> Iterator[None]:
        """Turn what reading damaged bytes raises into one line."""
        try:
            yield
        except (ContradictionError, OSError) as error:
            where = f", chromosome {chrom}" if chrom else ""
            raise SighthoundError(
                f"{self.path}: damaged BigWig{where} ({error}); make or copy it again"
            ) from error

    def _chromosome(self, chrom: str) -> int:
        self.length(chrom)
        return self._structure.ids[chrom]

    def _leaves(
        self, place: int, start: tuple[int, int] = (0, 0), end: tuple[int, int] = _LAST_PLACE
    ) -> list[tuple[int, int]]:
        """Offset and size of the sections that may touch a stretch, in the genome's order.

        `start` and `end` are chromosome and base.
        """
        self._check_magic(place)
        first, last = (
            np.uint64((chrom << 32) + min(max(0, base), 0xFFFFFFFF)) for chrom, base in (start, end)
        )

        def touches(items: NDArray[np.void]) -> NDArray[np.bool_]:
            span = items["span"].astype(np.uint64)
            begins, ends = (span[:, at] << np.uint64(32) | span[:, at + 1] for at in (0, 2))
            return (begins < last) & (ends > first)

        kinds = (self._raw.dtype(LEAF), self._raw.dtype(BRANCH))
        nodes = list(self._raw.nodes(place + _R_TREE_HEADER_BYTES, *kinds, touches))
        if not nodes:
            return []
        found = np.concatenate(nodes)
        order = np.lexsort((found["span"][:, 1], found["span"][:, 0]))
        return [(item[1], item[2]) for item in found[order].tolist()]

    def _check_magic(self, place: int) -> None:
        if self._raw.unpack("I", place, 4)[0] != R_TREE_MAGIC:
            raise ContradictionError("no index where its header points")

    def _section(self, leaf: tuple[int, int], chrom_id: int) -> Entries:
        raw = self._block(leaf, _MAX_SECTION_BYTES)
        if len(raw) < _SECTION_HEADER_BYTES:
            raise ContradictionError("a block is cut short")
        chrom, start, _, step, span, kind, _, count = struct.unpack_from(
            self._raw.order + _SECTION_HEADER, raw
        )
        if chrom != chrom_id or kind not in _ENTRIES:
            raise ContradictionError("the index points to a block that is another's")
        dtype = self._raw.dtype(np.dtype(_ENTRIES[kind]))
        if len(raw) < _SECTION_HEADER_BYTES + count * dtype.itemsize:
            raise ContradictionError("a block is cut short")
        items = np.frombuffer(raw, dtype, count, _SECTION_HEADER_BYTES)
        if kind == 3:
            starts = start + np.arange(count, dtype=np.int64) * step
        else:
            starts = items["start"].astype(np.int64)
        ends = items["end"].astype(np.int64) if kind == 1 else starts + span
        wrong = ends < starts
        wrong[1:] |= starts[1:] < ends[:-1]
        if wrong.any():
            base = int(starts[int(np.argmax(wrong))]) + 1
            raise ContradictionError(f"entries overlap or are out of order at base {base:,}")
        return Entries(starts, ends, items["value"].astype(np.float32))

    def _block(self, leaf: tuple[int, int], most: int) -> bytes | bytearray:
        offset, size = leaf
        if size > 2 * most:
            raise ContradictionError(f"a block of {size:,} bytes")
        raw = self._raw.read(offset, size)
        if not self._structure.buffer_bytes:
            return raw
        try:
            return deflate.zlib_decompress(raw, min(most, self._structure.buffer_bytes))
        except (deflate.DeflateError, ValueError) as error:
            raise ContradictionError("a block that cannot be decompressed") from error


def _joined(parts: list[Entries], start: int, end: int) -> Entries:
    """Parts as one, cut to [start, end)."""
    starts = np.maximum(np.concatenate([part.start for part in parts]), start)
    ends = np.minimum(np.concatenate([part.end for part in parts]), end)
    values = np.concatenate([part.value for part in parts])
    some = starts < ends
    return Entries(starts[some], ends[some], values[some])
