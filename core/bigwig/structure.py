"""Where things lie in a BigWig: its header, its list of chromosomes and the nodes of its trees.

Nothing in the file is believed before it is checked: no count or offset in it can ask for more
memory or time than a file of that size is worth. Kent et al. 2010 (Bioinformatics 26:2204,
supplement).
"""

from __future__ import annotations

import math
import os
import struct
import threading
import time
from collections import OrderedDict
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from types import MappingProxyType
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from sighthound.core.bigwig.encoding import BIGWIG_MAGIC, HEADER_BYTES, ZOOM_HEADER_BYTES
from sighthound.core.bigwig.trees import CHROMOSOME_TREE_MAGIC
from sighthound.core.files import Stamp, stat_stamp

Order = Literal["<", ">"]

_ORDERS: dict[bytes, Order] = {
    BIGWIG_MAGIC.to_bytes(4, "little"): "<",
    BIGWIG_MAGIC.to_bytes(4, "big"): ">",
}
_MAX_NAME_BYTES = 1 << 16
_CHROMOSOME_TREE_HEADER_BYTES, _NODE_HEADER_BYTES = 32, 4
_STRUCTURES_KEPT = 1024
# A file written again within a tick of the clock keeps its time: a fresh one is parsed again.
_SETTLED_NS = 2_000_000_000


class ContradictionError(Exception):
    """Bytes of the file that cannot be true."""


def byte_order(start: bytes) -> Order | None:
    """Tell by its first bytes in which order a BigWig's are, "<" or ">"; None: it is no BigWig."""
    return _ORDERS.get(start[:4])


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


@dataclass(frozen=True)
class Structure:
    """Where things lie in a file, and what was found out about them.

    `buffer_bytes` is 0 where sections are not compressed, `total` None where the file has none.
    """

    buffer_bytes: int
    index: int
    total: TotalSummary | None
    zooms: Mapping[int, int]
    ids: Mapping[str, int]
    chromosomes: Mapping[str, int]
    counts_once: dict[int, bool] = field(default_factory=dict)


class RawBytes:
    """The bytes of an open BigWig, which has so many of them and numbers in this order."""

    def __init__(self, descriptor: int, size: int, order: Order) -> None:
        self._descriptor, self._size, self.order = descriptor, size, order

    def read(self, offset: int, size: int) -> bytes:
        """Give bytes of the file.

        Raises
        ------
        ContradictionError
            It ends before.
        """
        if offset + size <= self._size:
            raw = os.pread(self._descriptor, size, offset)
            if len(raw) == size:
                return raw
        raise ContradictionError(f"it ends before byte {offset + size:,}, to which it points")

    def unpack(self, fields: str, offset: int, size: int) -> tuple[int, ...]:
        """Give numbers of the file, as `struct` names them."""
        return struct.unpack(self.order + fields, self.read(offset, size))

    def dtype(self, dtype: np.dtype[np.void]) -> np.dtype[np.void]:
        """Give a record's type in the order of the file."""
        return dtype.newbyteorder(self.order)

    def nodes(
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
            is_leaf, _, count = self.unpack("BBH", offset, _NODE_HEADER_BYTES)
            if is_leaf > 1:
                raise ContradictionError("an index points to what is no part of it")
            dtype = leaf if is_leaf else branch
            size = count * dtype.itemsize
            spent += _NODE_HEADER_BYTES + size
            if spent > self._size:  # the nodes of a tree lie apart
                raise ContradictionError("an index that turns in a circle")
            items = np.frombuffer(self.read(offset + _NODE_HEADER_BYTES, size), dtype)
            if wanted is not None:
                items = items[wanted(items)]
            if is_leaf:
                yield items
            else:
                pending.extend(items["offset"][::-1].tolist())


def structure_of(path: Path, status: os.stat_result, raw: RawBytes) -> Structure:
    """Give where things lie in a file, parsed once while it stays as it is.

    Raises
    ------
    ContradictionError
        It is damaged.
    """
    version = (path, stat_stamp(status))
    structure = _structures.get(version)
    if structure is None:
        structure = _read_structure(raw)
        if time.time_ns() - status.st_mtime_ns > _SETTLED_NS:
            _structures.keep(version, structure)
    return structure


def _read_structure(raw: RawBytes) -> Structure:
    _, _, zoom_count, names, _, index, *_, summary, buffer_bytes, _ = raw.unpack(
        "IHHQQQHHQQIQ", 0, HEADER_BYTES
    )
    zooms = {}
    for rank in range(zoom_count):
        at = HEADER_BYTES + ZOOM_HEADER_BYTES * rank
        bases, _, _, place = raw.unpack("IIQQ", at, ZOOM_HEADER_BYTES)
        if bases and place:  # some writers leave empty headers
            zooms[bases] = place
    ids, lengths = _read_chromosomes(raw, names)
    return Structure(
        buffer_bytes,
        index,
        _read_summary(raw, summary) if summary else None,
        MappingProxyType(dict(sorted(zooms.items()))),
        ids,
        MappingProxyType(lengths),
    )


def _read_summary(raw: RawBytes, place: int) -> TotalSummary:
    covered, _, _, total, squares = raw.unpack("Qdddd", place, struct.calcsize("<Qdddd"))
    return TotalSummary(covered, total, squares)


def _read_chromosomes(raw: RawBytes, place: int) -> tuple[dict[str, int], dict[str, int]]:
    magic, _, name_bytes, value_bytes, *_ = raw.unpack(
        "IIIIQQ", place, _CHROMOSOME_TREE_HEADER_BYTES
    )
    if magic != CHROMOSOME_TREE_MAGIC or value_bytes != 8:
        raise ContradictionError("no list of chromosomes where its header points")
    if not 1 <= name_bytes <= _MAX_NAME_BYTES:
        raise ContradictionError(f"names of {name_bytes:,} bytes")
    name = ("name", f"S{name_bytes}")
    leaf = raw.dtype(np.dtype([name, ("id", "u4"), ("length", "u4")]))
    branch = raw.dtype(np.dtype([name, ("offset", "u8")]))
    ids: dict[str, int] = {}
    lengths: dict[str, int] = {}
    for items in raw.nodes(place + _CHROMOSOME_TREE_HEADER_BYTES, leaf, branch):
        for called, number, length in items.tolist():
            try:
                text = called.decode("utf-8")
            except UnicodeDecodeError:
                raise ContradictionError(f"a chromosome named {called[:40]!r}") from None
            if text in ids:
                raise ContradictionError(f"two chromosomes named {text[:40]!r}")
            ids[text], lengths[text] = number, length
    if len(set(ids.values())) < len(ids):
        raise ContradictionError("two chromosomes of one number")
    return ids, lengths


class _Structures:
    """The structures of files read last, so that a file of 100,000 contigs is parsed once."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._by_version: OrderedDict[_Version, Structure] = OrderedDict()

    def get(self, version: _Version) -> Structure | None:
        with self._lock:
            if version in self._by_version:
                self._by_version.move_to_end(version)
            return self._by_version.get(version)

    def keep(self, version: _Version, structure: Structure) -> None:
        with self._lock:
            self._by_version[version] = structure
            while len(self._by_version) > _STRUCTURES_KEPT:
                self._by_version.popitem(last=False)


_Version = tuple[Path, Stamp]  # path, time of change, bytes, inode
_structures = _Structures()
