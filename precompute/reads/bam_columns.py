"""Alignments of a BAM as columns of numbers, decoded many at a time.

One alignment after the other, as objects, costs a large part of the time of counting. Of a BAM
that is as plain as most are, its blocks are decompressed (BGZF) and its records (SAM specification,
section 4.2) decoded by a compiled loop. Whatever asks for more than numbers is only marked, for
whoever reads it as an object; of a file that is not as expected `NotPlainError` says so, and
nothing is lost by reading it the slow way.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any, BinaryIO

import deflate
import numpy as np

from sighthound.core.compiled import compiled
from sighthound.core.text import begins_block

_TOGETHER = 1 << 22  # decompressed bytes that are decoded at a time: what caches hold
_SMALLEST = 37  # bytes of a record, with its size
_BLOCK_HEADER, _BLOCK_END = 18, 8
_UNMAPPED, _READ2 = 0x4, 0x80
_MOST_PLACES = 2**31 - 1


class NotPlainError(Exception):
    """The file is no BAM that can be decoded here, or is broken."""


@dataclass(frozen=True)
class Columns:
    """Alignments in the order of the file; int64 arrays, (alignments,), if not said otherwise.

    Attributes
    ----------
    flag, chrom, start, quality, template : arrays
        As stored: chromosomes by number, bases 0-based.
    end : array
        Behind the last aligned base.
    places : array
        The tag NH; 0 without.
    key : uint64 array
        Of the read, as `read_key`.
    is_odd : bool array
        Whether a number does not say all: further places in a tag, no name, no CIGAR, tags that are
        not as expected.
    """

    flag: np.ndarray
    chrom: np.ndarray
    start: np.ndarray
    end: np.ndarray
    quality: np.ndarray
    template: np.ndarray
    places: np.ndarray
    key: np.ndarray
    is_odd: np.ndarray

    def __len__(self) -> int:
        return len(self.flag)

    def where(self, chosen: np.ndarray) -> Columns:
        """Take the alignments of a mask."""
        if chosen.all():
            return self
        return Columns(*(column[chosen] for column in vars(self).values()))


def columns(bam: Path) -> Iterator[tuple[Columns, int]]:
    """Decode a BAM, and give its alignments some ten thousand at a time.

    Yields
    ------
    Columns, int
        And how many bytes of the file were read.

    Raises
    ------
    NotPlainError
        It is no BAM, is cut short, or a block or a record is broken.
    """
    with bam.open("rb") as file:
        left, is_begun = b"", False
        for parts in _gathered(file):
            text = b"".join([left, *parts])
            at = 0
            if not is_begun:
                at = _behind_header(text)
                if at < 0:
                    left = text
                    continue
                is_begun = True
            buffer = np.frombuffer(text, np.uint8)
            room = (len(text) - at) // _SMALLEST + 1
            numbers = np.empty((7, room), np.int64)
            key, is_odd = np.empty(room, np.uint64), np.empty(room, bool)
            count, at = _decode(buffer, at, numbers, key, is_odd)
            if at < 0:
                raise NotPlainError("a record is broken")
            left = text[at:]
            rows = (row[:count] for row in (*numbers, key, is_odd))
            yield Columns(*rows), file.tell()
        if left or not is_begun:
            raise NotPlainError("the file is cut short")


def name_key(text: bytes) -> int:
    """Turn a name into 8 bytes that are the same in every run: FNV-1a, its bits mixed at the end.

    Sources: Fowler, Noll and Vo; the last step is that of SplitMix64 (Steele et al. 2014).
    """
    return int(_key(np.frombuffer(text, np.uint8)))


def _gathered(file: BinaryIO) -> Iterator[list[bytes | bytearray]]:
    """Decompress blocks, at least `_TOGETHER` bytes of them at a time but at the end."""
    parts: list[bytes | bytearray] = []
    size, is_ended = 0, False
    for part in _blocks(file):
        is_ended = not part
        parts.append(part)
        size += len(part)
        if size >= _TOGETHER:
            yield parts
            parts, size = [], 0
    if not is_ended:  # the last block of a whole file is empty
        raise NotPlainError("the file is cut short")
    yield parts


def _blocks(file: BinaryIO) -> Iterator[bytes | bytearray]:
    while header := file.read(_BLOCK_HEADER):
        if not begins_block(header[:16]):
            raise NotPlainError("no block of BGZF")
        rest = file.read(int.from_bytes(header[16:18], "little") + 1 - _BLOCK_HEADER)
        size = int.from_bytes(rest[-4:], "little")
        if len(rest) <= _BLOCK_END or size > 1 << 16:
            raise NotPlainError("a block is cut short")
        try:
            data = deflate.deflate_decompress(rest[:-_BLOCK_END], size) if size else b""
        except (deflate.DeflateError, ValueError) as error:
            raise NotPlainError(f"a block is broken: {error}") from None
        if deflate.crc32(data) != int.from_bytes(rest[-8:-4], "little"):
            raise NotPlainError("a block is broken")
        yield data


def _behind_header(text: bytes) -> int:
    """Where the first record begins; -1 where the header goes on beyond the text."""

    def number(at: int) -> int:
        return int.from_bytes(text[at : at + 4], "little", signed=True)

    if len(text) >= 4 and text[:4] != b"BAM\x01":
        raise NotPlainError("no BAM")
    at = 12 + number(4)
    if len(text) < at:
        return -1
    for _ in range(number(at - 4)):
        if len(text) < at + 4:
            return -1
        at += 8 + number(at)
    return at if len(text) >= at else -1


@compiled
def _step(state: Any, byte: Any) -> Any:
    return (state ^ np.uint64(byte)) * np.uint64(0x100000001B3)


@compiled
def _mixed(state: Any) -> Any:
    state = (state ^ (state >> np.uint64(30))) * np.uint64(0xBF58476D1CE4E5B9)
    state = (state ^ (state >> np.uint64(27))) * np.uint64(0x94D049BB133111EB)
    return state ^ (state >> np.uint64(31))


@compiled
def _key(text: np.ndarray) -> Any:
    state: Any = np.uint64(0xCBF29CE484222325)
    for i in range(len(text)):
        state = _step(state, text[i])
    return _mixed(state)


@compiled
def _unsigned(text: np.ndarray, at: Any, size: Any) -> Any:
    value: Any = 0
    for i in range(size):
        value |= np.int64(text[at + i]) << (8 * i)
    return value


@compiled
def _signed(text: np.ndarray, at: Any, size: Any) -> Any:
    value = _unsigned(text, at, size)
    half = 1 << (8 * size - 1)
    return value - 2 * half if value >= half else value


@compiled
def _size_of(kind: Any) -> int:
    """Bytes of a number of a tag; 0 of what is none."""
    if kind in (65, 99, 67):  # A c C
        return 1
    if kind in (115, 83):  # s S
        return 2
    if kind in (105, 73, 102):  # i I f
        return 4
    return 0


@compiled
def _decode(
    text: np.ndarray, at: Any, numbers: np.ndarray, key: np.ndarray, is_odd: np.ndarray
) -> tuple[int, int]:
    """Decode whole records from `at` on: how many, and where the next begins; -1 if one is broken.

    Rows of `numbers`: flag, chromosome, start, end, mapping quality, template, tag NH.
    """
    count, length = 0, len(text)
    while at + 4 <= length:
        size = _signed(text, at, 4)
        if size < 33:
            return count, -1
        behind = at + 4 + size
        if behind > length:
            break
        base = at + 4
        start = _signed(text, base + 4, 4)
        name_size: Any = np.int64(text[base + 8])
        operations = _unsigned(text, base + 12, 2)
        flag = _unsigned(text, base + 14, 2)
        bases = _signed(text, base + 16, 4)
        numbers[0, count] = flag
        numbers[1, count] = _signed(text, base, 4)
        numbers[2, count] = start
        numbers[4, count] = text[base + 9]
        numbers[5, count] = _signed(text, base + 28, 4)
        name = base + 32
        cigar = name + name_size
        tag = cigar + 4 * operations + (bases + 1) // 2 + bases
        if name_size < 1 or bases < 0 or tag > behind:
            return count, -1
        odd = name_size == 2 and text[name] == 42  # "*"
        state: Any = np.uint64(0xCBF29CE484222325)
        for i in range(name_size - 1):
            state = _step(state, text[name + i])
        state = _step(state, 47)  # /
        state = _step(state, 50 if flag & _READ2 else 49)
        state = _step(state, 9)
        aligned = 0
        for i in range(operations):
            word = _unsigned(text, cigar + 4 * i, 4)
            if (word & 15) in (0, 2, 3, 7, 8):  # M D N = X
                aligned += word >> 4
        numbers[3, count] = start + aligned
        odd = odd or (aligned == 0 and not flag & _UNMAPPED)
        places = 0
        while tag + 3 <= behind:
            first, second, kind = text[tag], text[tag + 1], text[tag + 2]
            tag += 3
            own = tag
            width = _size_of(kind)
            if kind in (90, 72):  # Z H
                while tag < behind and text[tag] != 0:
                    tag += 1
                tag += 1
            elif kind == 66 and tag + 5 <= behind:  # B
                tag += 5 + _size_of(text[tag]) * _unsigned(text, tag + 1, 4)
            elif width:
                tag += width
            else:
                tag = behind + 1
            if tag > behind:
                odd = True
                break
            if first == 78 and second == 72:  # NH
                if kind in (99, 115, 105):
                    places = _signed(text, own, width)
                elif kind in (67, 83, 73):
                    places = _unsigned(text, own, width)
                odd = odd or not 1 <= places <= _MOST_PLACES
            elif first == 82 and second == 71:  # RG
                odd = odd or kind != 90
                for i in range(own, tag - 1):
                    state = _step(state, text[i])
            elif (first == 88 and second == 65) or (first == 67 and second == 71):  # XA, CG
                odd = True
        numbers[6, count] = places
        key[count] = _mixed(state)
        is_odd[count] = odd
        count += 1
        at = behind
    return count, at
