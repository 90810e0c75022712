"""What a BigWig says, whoever wrote it: in either byte order, compressed or not.

Every read of a BigWig goes through here, and nothing in the file is believed before it is checked:
bytes that contradict each other are a `SighthoundError` that names file and chromosome, and no
count or offset in them can ask for more memory or time than a file of that size is worth. Kent et
al. 2010 (Bioinformatics 26:2204, supplement). Coordinates are 0-based and half-open.
"""

from __future__ import annotations

import math
import os
import struct
import threading
import time
from collections import OrderedDict
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from types import MappingProxyType
from typing import Literal

import deflate
import numpy as np
from numpy.typing import NDArray

from sighthound.core.bigwig.encoding import BIGWIG_MAGIC, HEADER_BYTES, ZOOM_HEADER_BYTES
from sighthound.core.bigwig.trees import BRANCH, CHROMOSOME_TREE_MAGIC, LEAF, R_TREE_MAGIC
from sighthound.core.bigwig.zooms import RECORD
from sighthound.core.errors import SighthoundError
from sighthound.core.files import Stamp, stat_stamp

_ORDERS: dict[bytes, Literal["<", ">"]] = {
    BIGWIG_MAGIC.to_bytes(4, "little"): "<",
    BIGWIG_MAGIC.to_bytes(4, "big"): ">",
}

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
_MAX_NAME_BYTES = 1 << 16
_R_TREE_HEADER_BYTES, _CHROMOSOME_TREE_HEADER_BYTES, _NODE_HEADER_BYTES = 48, 32, 4
_BATCH_ENTRIES = 1 << 18  # handed out at once: bounds memory to some megabytes
_LAST_PLACE = (0xFFFFFFFF, 0xFFFFFFFF)
_STRUCTURES_KEPT = 1024
# A file written again within a tick of the clock keeps its time: a fresh one is parsed again.
_SETTLED_NS = 2_000_000_000


def byte_order(start: bytes) -> Literal["<", ">"] | None:
    """Tell by its first bytes in which order a BigWig's are, "<" or ">"; None: it is no BigWig."""
    return _ORDERS.get(start[:4])


@dataclass(frozen=True)
class Entries:
    """Neighbouring values of a chromosome, ascending and apart: `value` from `start` to `end`."""

    start: NDArray[np.int64]
    end: NDArray[np.int64]
    value: NDArray[np.float32]


@dataclass(frozen=True)
class TotalSummary:
    """What a file says of all its bases that have data: their number, sum and sum of squares."""

    covered: int
    total: float
    squares: float

    def deviation(self) -> float:
        """Give the standard deviation of a base's value; 0 where no base has one."""
        if not self.covered:
            return 0.0
        variance = self.squares / self.covered - (self.total / self.covered) ** 2
        return math.sqrt(variance) if math.isfinite(variance) and variance > 0 else 0.0


@contextmanager
def open_bigwig(path: Path | str) -> Iterator[BigWigFile]:
    """Open a BigWig as it is on disk now; safe in any thread.

    Raises
    ------
    SighthoundError
        No such file, not a BigWig, or a damaged one.
    """
    path = Path(path)
    if not path.exists():
        raise SighthoundError(f"{path}: no such file; expected a BigWig")
    if not path.is_file():
        raise SighthoundError(f"{path}: not a BigWig; expected a file")
    try:
        file = path.open("rb", buffering=0)
    except OSError as error:
        raise SighthoundError(f"{path} cannot be read ({error.strerror or error})") from error
    with file:
        yield BigWigFile(path, file.fileno())


class BigWigFile:
    """An open BigWig; made by `open_bigwig`.

    Attributes
    ----------
    chromosomes : mapping of name to length in bases, in the file's order
    zooms : mapping of bases a record to a zoom level's place in the file, finest first
    total : what the file says of all its bases; None where it says nothing
    """

    def __init__(self, path: Path, descriptor: int) -> None:
        self.path, self._descriptor = path, descriptor
        status = os.fstat(descriptor)
        self._bytes = status.st_size
        version = (path, stat_stamp(status))
        structure = _structures.get(version)
        if structure is None:
            with self._checked():
                structure = self._read_structure()
            if time.time_ns() - status.st_mtime_ns > _SETTLED_NS:
                _structures.keep(version, structure)
        self._structure = structure
        self._order: Literal["<", ">"] = structure.order
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
                    raise _ContradictionError(
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
        dtype = self._dtype(RECORD)
        found = [np.empty(0, dtype)]
        for leaf in leaves:
            raw = self._block(leaf, _MAX_ZOOM_SECTION_BYTES)
            if len(raw) % dtype.itemsize:
                raise _ContradictionError("a zoom level is cut short")
            found.append(np.frombuffer(raw, dtype))
        return np.concatenate(found)

    def check(self, most_blocks: int | None = None) -> None:
        """Read the index and the blocks it points to, all or so many, evenly spread.

        Raises
        ------
        SighthoundError
            One of them is damaged.
        """
        kinds = (self._dtype(LEAF), self._dtype(BRANCH))
        with self._checked():
            self._check_magic(self._structure.index)
            nodes = list(self._nodes(self._structure.index + _R_TREE_HEADER_BYTES, *kinds))
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
        except (_ContradictionError, OSError) as error:
            where = f", chromosome {chrom}" if chrom else ""
            raise SighthoundError(
                f"{self.path}: damaged BigWig{where} ({error}); make or copy it again"
            ) from error

    def _chromosome(self, chrom: str) -> int:
        self.length(chrom)
        return self._structure.ids[chrom]

    def _read_structure(self) -> _Structure:
        start = os.pread(self._descriptor, 4, 0)
        order = byte_order(start)
        if order is None:
            raise SighthoundError(
                f"{self.path}: not a BigWig; convert it (for example with bedGraphToBigWig) first"
            )
        self._order = order
        _, _, zoom_count, names, _, index, *_, summary, buffer_bytes, _ = self._unpack(
            "IHHQQQHHQQIQ", 0, HEADER_BYTES
        )
        zooms = {}
        for rank in range(zoom_count):
            at = HEADER_BYTES + ZOOM_HEADER_BYTES * rank
            bases, _, _, place = self._unpack("IIQQ", at, ZOOM_HEADER_BYTES)
            if bases and place:  # some writers leave empty headers
                zooms[bases] = place
        ids, lengths = self._read_chromosomes(names)
        return _Structure(
            self._order,
            buffer_bytes,
            index,
            self._read_summary(summary) if summary else None,
            MappingProxyType(dict(sorted(zooms.items()))),
            ids,
            MappingProxyType(lengths),
        )

    def _read_summary(self, place: int) -> TotalSummary:
        raw = self._read(place, struct.calcsize("<Qdddd"))
        covered, _, _, total, squares = struct.unpack(f"{self._order}Qdddd", raw)
        return TotalSummary(covered, total, squares)

    def _read_chromosomes(self, place: int) -> tuple[dict[str, int], dict[str, int]]:
        magic, _, name_bytes, value_bytes, *_ = self._unpack(
            "IIIIQQ", place, _CHROMOSOME_TREE_HEADER_BYTES
        )
        if magic != CHROMOSOME_TREE_MAGIC or value_bytes != 8:
            raise _ContradictionError("no list of chromosomes where its header points")
        if not 1 <= name_bytes <= _MAX_NAME_BYTES:
            raise _ContradictionError(f"names of {name_bytes:,} bytes")
        name = ("name", f"S{name_bytes}")
        leaf = self._dtype(np.dtype([name, ("id", "u4"), ("length", "u4")]))
        branch = self._dtype(np.dtype([name, ("offset", "u8")]))
        ids: dict[str, int] = {}
        lengths: dict[str, int] = {}
        for items in self._nodes(place + _CHROMOSOME_TREE_HEADER_BYTES, leaf, branch):
            for raw, number, length in items.tolist():
                try:
                    text = raw.decode("utf-8")
                except UnicodeDecodeError:
                    raise _ContradictionError(f"a chromosome named {raw[:40]!r}") from None
                if text in ids:
                    raise _ContradictionError(f"two chromosomes named {text[:40]!r}")
                ids[text], lengths[text] = number, length
        if len(set(ids.values())) < len(ids):
            raise _ContradictionError("two chromosomes of one number")
        return ids, lengths

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

        kinds = (self._dtype(LEAF), self._dtype(BRANCH))
        nodes = list(self._nodes(place + _R_TREE_HEADER_BYTES, *kinds, touches))
        if not nodes:
            return []
        found = np.concatenate(nodes)
        order = np.lexsort((found["span"][:, 1], found["span"][:, 0]))
        return [(item[1], item[2]) for item in found[order].tolist()]

    def _check_magic(self, place: int) -> None:
        if self._unpack("I", place, 4)[0] != R_TREE_MAGIC:
            raise _ContradictionError("no index where its header points")

    def _nodes(
        self,
        root: int,
        leaf: np.dtype[np.void],
        branch: np.dtype[np.void],
        wanted: Callable[[NDArray[np.void]], NDArray[np.bool_]] | None = None,
    ) -> Iterator[NDArray[np.void]]:
        """Give the wanted items of a tree's leaf nodes."""
        pending, spent = [root], 0
        while pending:
            offset = pending.pop()
            is_leaf, _, count = self._unpack("BBH", offset, _NODE_HEADER_BYTES)
            if is_leaf > 1:
                raise _ContradictionError("an index points to what is no part of it")
            dtype = leaf if is_leaf else branch
            size = count * dtype.itemsize
            spent += _NODE_HEADER_BYTES + size
            if spent > self._bytes:  # the nodes of a tree lie apart
                raise _ContradictionError("an index that turns in a circle")
            items = np.frombuffer(self._read(offset + _NODE_HEADER_BYTES, size), dtype)
            if wanted is not None:
                items = items[wanted(items)]
            if is_leaf:
                yield items
            else:
                pending.extend(items["offset"][::-1].tolist())

    def _section(self, leaf: tuple[int, int], chrom_id: int) -> Entries:
        raw = self._block(leaf, _MAX_SECTION_BYTES)
        if len(raw) < _SECTION_HEADER_BYTES:
            raise _ContradictionError("a block is cut short")
        chrom, start, _, step, span, kind, _, count = struct.unpack_from(
            self._order + _SECTION_HEADER, raw
        )
        if chrom != chrom_id or kind not in _ENTRIES:
            raise _ContradictionError("the index points to a block that is another's")
        dtype = self._dtype(np.dtype(_ENTRIES[kind]))
        if len(raw) < _SECTION_HEADER_BYTES + count * dtype.itemsize:
            raise _ContradictionError("a block is cut short")
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
            raise _ContradictionError(f"entries overlap or are out of order at base {base:,}")
        return Entries(starts, ends, items["value"].astype(np.float32))

    def _block(self, leaf: tuple[int, int], most: int) -> bytes | bytearray:
        offset, size = leaf
        if size > 2 * most:
            raise _ContradictionError(f"a block of {size:,} bytes")
        raw = self._read(offset, size)
        if not self._structure.buffer_bytes:
            return raw
        try:
            return deflate.zlib_decompress(raw, min(most, self._structure.buffer_bytes))
        except (deflate.DeflateError, ValueError) as error:
            raise _ContradictionError("a block that cannot be decompressed") from error

    def _dtype(self, dtype: np.dtype[np.void]) -> np.dtype[np.void]:
        return dtype.newbyteorder(self._order)

    def _unpack(self, fields: str, offset: int, size: int) -> tuple[int, ...]:
        return struct.unpack(self._order + fields, self._read(offset, size))

    def _read(self, offset: int, size: int) -> bytes:
        if offset + size <= self._bytes:
            raw = os.pread(self._descriptor, size, offset)
            if len(raw) == size:
                return raw
        raise _ContradictionError(f"it ends before byte {offset + size:,}, to which it points")


class _ContradictionError(Exception):
    """Bytes of the file that cannot be true."""


@dataclass(frozen=True)
class _Structure:
    """Where things lie in a file, and what was found out about them.

    `buffer_bytes` is 0 where sections are not compressed, `total` None where the file has none.
    """

    order: Literal["<", ">"]
    buffer_bytes: int
    index: int
    total: TotalSummary | None
    zooms: Mapping[int, int]
    ids: Mapping[str, int]
    chromosomes: Mapping[str, int]
    counts_once: dict[int, bool] = field(default_factory=dict)


class _Structures:
    """The structures of files read last, so that a file of 100,000 contigs is parsed once."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._by_version: OrderedDict[_Version, _Structure] = OrderedDict()

    def get(self, version: _Version) -> _Structure | None:
        with self._lock:
            if version in self._by_version:
                self._by_version.move_to_end(version)
            return self._by_version.get(version)

    def keep(self, version: _Version, structure: _Structure) -> None:
        with self._lock:
            self._by_version[version] = structure
            while len(self._by_version) > _STRUCTURES_KEPT:
                self._by_version.popitem(last=False)


_Version = tuple[Path, Stamp]  # path, time of change, bytes, inode
_structures = _Structures()


def _joined(parts: list[Entries], start: int, end: int) -> Entries:
    """Parts as one, cut to [start, end)."""
    starts = np.maximum(np.concatenate([part.start for part in parts]), start)
    ends = np.minimum(np.concatenate([part.end for part in parts]), end)
    values = np.concatenate([part.value for part in parts])
    some = starts < ends
    return Entries(starts[some], ends[some], values[some])
