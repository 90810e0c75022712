"""Every way in which programs write a BigWig, from (chromosome, start, end, value) entries.

`write_sections` writes a file by the letter of the format (Kent et al. 2010, supplement), in ways
that no installed program does: either byte order, compressed or not, any kind of section, no zooms.
"""

from __future__ import annotations

import struct
import zlib
from collections.abc import Callable, Mapping, Sequence
from itertools import groupby
from pathlib import Path

import numpy as np
import pybigtools
import pyBigWig

from sighthound.core.bigwig.files import write_bigwig

Entry = tuple[str, int, int, float]
Writer = Callable[[Path, Mapping[str, int], Sequence[Entry]], None]


def ours(path: Path, lengths: Mapping[str, int], entries: Sequence[Entry]) -> None:
    values = {chrom: np.full(length, np.nan, np.float32) for chrom, length in lengths.items()}
    for chrom, start, end, value in entries:
        values[chrom][start:end] = value
    write_bigwig(path, lengths, values.items(), 1, mantissa_bits=None)


def pybigwig_bedgraph(
    path: Path, lengths: Mapping[str, int], entries: Sequence[Entry], zooms: int = 10
) -> None:
    with pyBigWig.open(str(path), "w") as file:
        file.addHeader(list(lengths.items()), maxZooms=zooms)
        for chrom, start, end, value in entries:
            file.addEntries([chrom], [start], ends=[end], values=[value])


def pybigwig_without_zooms(
    path: Path, lengths: Mapping[str, int], entries: Sequence[Entry]
) -> None:
    pybigwig_bedgraph(path, lengths, entries, zooms=0)


def pybigwig_variable_step(
    path: Path, lengths: Mapping[str, int], entries: Sequence[Entry]
) -> None:
    with pyBigWig.open(str(path), "w") as file:
        file.addHeader(list(lengths.items()))
        for chrom, start, end, value in entries:
            file.addEntries(chrom, [start], values=[value], span=end - start)


def pybigwig_fixed_step(path: Path, lengths: Mapping[str, int], entries: Sequence[Entry]) -> None:
    with pyBigWig.open(str(path), "w") as file:
        file.addHeader(list(lengths.items()))
        for chrom, start, end, value in entries:
            file.addEntries(chrom, start, values=[value] * (end - start), span=1, step=1)


def by_pybigtools(path: Path, lengths: Mapping[str, int], entries: Sequence[Entry]) -> None:
    pybigtools.open(str(path), "w").write(dict(lengths), iter(entries))


def sections(kind: int, order: str, compressed: bool) -> Writer:
    def write(path: Path, lengths: Mapping[str, int], entries: Sequence[Entry]) -> None:
        write_sections(path, lengths, entries, kind, order, compressed)

    return write


WRITERS: dict[str, Writer] = {
    "ours": ours,
    "pyBigWig, bedGraph": pybigwig_bedgraph,
    "pyBigWig, no zooms": pybigwig_without_zooms,
    "pyBigWig, variableStep": pybigwig_variable_step,
    "pyBigWig, fixedStep": pybigwig_fixed_step,
    "pybigtools": by_pybigtools,
    "bedGraph, big-endian": sections(1, ">", True),
    "bedGraph, uncompressed": sections(1, "<", False),
    "variableStep, big-endian, uncompressed": sections(2, ">", False),
    "fixedStep": sections(3, "<", True),
}


def write_sections(
    path: Path,
    lengths: Mapping[str, int],
    entries: Sequence[Entry],
    kind: int,
    order: str,
    compressed: bool,
    a_section: int = 3,
) -> None:
    """Write sections of at most `a_section` entries, an index of one node, and no zoom level."""
    ids = {chrom: rank for rank, chrom in enumerate(sorted(lengths))}
    blocks: list[tuple[int, int, int, bytes]] = []
    for chrom, given in groupby(entries, key=lambda entry: entry[0]):
        run = list(given)
        while run:
            width = run[0][2] - run[0][1]
            fitting = 1 if kind == 3 else a_section
            if kind == 2:  # one span a section
                widths = [entry[2] - entry[1] for entry in run[:a_section]]
                fitting = next((i for i, w in enumerate(widths) if w != width), len(widths))
            some, run = run[:fitting], run[fitting:]
            items = b"".join(
                struct.pack(order + {1: "IIf", 2: "If", 3: "f"}[kind], *item)
                for item in ({1: (a, b, v), 2: (a, v), 3: (v,)}[kind] for _, a, b, v in some)
            )
            start, end = some[0][1], some[-1][2]
            head = (ids[chrom], start, end, width, width, kind, 0, len(some))
            raw = struct.pack(order + "IIIIIBBH", *head) + items
            blocks.append((ids[chrom], start, end, zlib.compress(raw) if compressed else raw))
    name_bytes = max(len(name.encode()) for name in lengths)
    names = struct.pack(order + "IIIIQQ", 0x78CA8C91, len(ids), name_bytes, 8, len(ids), 0)
    names += struct.pack(order + "BBH", 1, 0, len(ids))
    for chrom, number in ids.items():
        names += chrom.encode().ljust(name_bytes, b"\0")
        names += struct.pack(order + "II", number, lengths[chrom])
    data_at = 64 + len(names)
    data, leaves = struct.pack(order + "Q", len(blocks)), b""
    for number, start, end, block in blocks:
        leaves += struct.pack(
            order + "IIIIQQ", number, start, number, end, data_at + len(data), len(block)
        )
        data += block
    span = (0, 0, len(ids), 0)
    index = struct.pack(order + "IIQIIIIQII", 0x2468ACE0, 256, len(blocks), *span, 0, 1, 0)
    index += struct.pack(order + "BBH", 1, 0, len(blocks)) + leaves
    header = struct.pack(
        order + "IHHQQQHHQQIQ",
        0x888FFC26, 4, 0, 64, data_at, data_at + len(data), 0, 0, 0, 0,
        1 << 15 if compressed else 0, 0,
    )  # fmt: skip
    path.write_bytes(header + names + data + index)
