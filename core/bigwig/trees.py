"""The two indexes of a BigWig: the B+ tree of chromosome names and the R-tree of sections.

Both are trees of nodes, written level by level, root first (Kent et al. 2010, Bioinformatics
26:2204, supplement).
"""

from __future__ import annotations

import struct
from array import array
from collections.abc import Callable, Mapping
from typing import BinaryIO

import numpy as np
from numpy.typing import NDArray

CHROMOSOME_TREE_MAGIC = 0x78CA8C91
R_TREE_MAGIC = 0x2468ACE0
FANOUT = 256

LEAF = np.dtype([("span", "<u4", 4), ("offset", "<u8"), ("size", "<u8")])
BRANCH = np.dtype([("span", "<u4", 4), ("offset", "<u8")])


class Sections:
    """Where the compressed sections of a file lie: 40 bytes of memory each."""

    def __init__(self) -> None:
        self._numbers = array("Q")

    def __len__(self) -> int:
        return len(self._numbers) // 5

    def add(self, chrom_id: int, start: int, end: int, offset: int, size: int) -> None:
        """Note a section over bases [start, end), `size` bytes at `offset` of the file."""
        self._numbers.extend((chrom_id, start, end, offset, size))

    def sorted(self) -> NDArray[np.uint64]:
        """(sections, 5): chromosome id, start, end, offset, size, in the genome's order."""
        table = np.array(self._numbers, np.uint64).reshape(-1, 5)
        return table[np.lexsort((table[:, 1], table[:, 0]))]


def write_chromosome_tree(
    file: BinaryIO, chrom_ids: Mapping[str, int], lengths: Mapping[str, int]
) -> None:
    """Write the B+ tree of names (`chrom_ids` in byte order) to ids and lengths."""
    names = list(chrom_ids)
    key_bytes = max((len(name.encode()) for name in names), default=1)
    fanout = max(1, min(FANOUT, len(names)))
    keys = [name.encode().ljust(key_bytes, b"\0") for name in names]
    leaves = b"".join(
        key + struct.pack("<II", chrom_ids[name], lengths[name])
        for key, name in zip(keys, names, strict=True)
    )
    file.write(struct.pack("<IIIIQQ", CHROMOSOME_TREE_MAGIC, fanout, key_bytes, 8, len(names), 0))

    def branch(first: int, _last: int, offset: int) -> bytes:
        return keys[first] + struct.pack("<Q", offset)

    _write_tree(file, leaves, len(names), branch, fanout)


def write_r_tree(file: BinaryIO, sections: Sections) -> None:
    """Write the index of sections, which all lie before this place in the file."""
    table = sections.sorted()
    leaves = np.empty(len(table), LEAF)
    leaves["span"] = table[:, [0, 1, 0, 2]]
    leaves["offset"], leaves["size"] = table[:, 3], table[:, 4]
    spans = leaves["span"]

    def span(first: int, last: int) -> tuple[int, ...]:
        return (*spans[first, :2].tolist(), *spans[last, 2:].tolist())

    whole = span(0, -1) if len(spans) else (0, 0, 0, 0)
    file.write(
        struct.pack("<IIQIIIIQII", R_TREE_MAGIC, FANOUT, len(leaves), *whole, file.tell(), 1, 0)
    )

    def branch(first: int, last: int, offset: int) -> bytes:
        return np.array([(span(first, last), offset)], BRANCH).tobytes()

    _write_tree(file, leaves.tobytes(), len(leaves), branch, FANOUT)


def _write_tree(
    file: BinaryIO,
    leaves: bytes,
    count: int,
    branch: Callable[[int, int, int], bytes],
    fanout: int,
) -> None:
    """Write nodes (leaf flag, 0, item count, items), root first, level by level.

    `branch(first, last, offset)` encodes an inner item: the leaves it spans and where its child
    node lies.
    """
    # levels[0] are the leaf nodes; a node is the range of nodes (or leaves) below it
    levels = [_ranges(count, fanout)]
    while len(levels[-1]) > 1:
        levels.append(_ranges(len(levels[-1]), fanout))
    spans = [levels[0]]
    for nodes in levels[1:]:
        spans.append([(spans[-1][a][0], spans[-1][b - 1][1]) for a, b in nodes])
    leaf_bytes = len(leaves) // count if count else 0
    branch_bytes = len(branch(0, 0, 0)) if len(levels) > 1 else 0
    node_offsets: list[list[int]] = [[] for _ in levels]
    offset = file.tell()
    for depth in reversed(range(len(levels))):
        for first, last in levels[depth]:
            node_offsets[depth].append(offset)
            offset += 4 + (last - first) * (branch_bytes if depth else leaf_bytes)
    for depth in reversed(range(len(levels))):
        for first, last in levels[depth]:
            file.write(struct.pack("<BBH", depth == 0, 0, last - first))
            if depth == 0:
                file.write(leaves[first * leaf_bytes : last * leaf_bytes])
            else:
                below, offsets = spans[depth - 1], node_offsets[depth - 1]
                for child in range(first, last):
                    file.write(branch(below[child][0], below[child][1] - 1, offsets[child]))


def _ranges(count: int, size: int) -> list[tuple[int, int]]:
    return [(first, min(first + size, count)) for first in range(0, count, size)] or [(0, 0)]
