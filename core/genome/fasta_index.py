"""Whether the index beside a FASTA file is that file's, and making one that is.

An index says at which byte each sequence begins and how long its lines are (samtools-faidx(5)). One
of another file, or made before the file was wrapped anew, gives wrong bases without a word. So what
it says is held against the file where that is cheap: what lies between two sequences is one header,
of the right name; the first line is as long as it should be; after the last sequence comes nothing.
"""

from __future__ import annotations

import bisect
import codecs
import os
import uuid
import zlib
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO, Protocol

import pysam

from sighthound.core.errors import SighthoundError
from sighthound.core.files import no_file, publish
from sighthound.core.text import is_bgzip, is_gzip, open_decompressed

_MARK = codecs.BOM_UTF8
_BLOCK_HEADER = 18  # bytes of a bgzip block before its data
_LONGEST_HEADER = 1 << 20  # bytes between two sequences, a header and empty lines


def ensure_index(path: Path) -> None:
    """See to it that the index beside a FASTA file exists and is the file's.

    Parameters
    ----------
    path : path
        Plain or compressed by bgzip. An index that is missing, older than the file or of another
        file is made again, beside it; an older one that fits stands where nothing can be written.

    Raises
    ------
    SighthoundError
        The file is missing, not FASTA, gzip instead of bgzip, cannot be indexed (lines of uneven
        length, a name used twice), or its index is missing or wrong and none can be written.
    """
    is_compressed = _check_kind(path)
    indexes = [Path(f"{path}.fai"), *([Path(f"{path}.gzi")] if is_compressed else [])]
    problem = _problem(path, indexes)
    changed = path.stat().st_mtime_ns
    is_older = not problem and any(i.stat().st_mtime_ns < changed for i in indexes)
    can_write = os.access(path.parent, os.W_OK)
    if not problem and not (is_older and can_write):
        return
    if not can_write:
        raise SighthoundError(
            f"{path} has {problem} and none could be written beside it; "
            f"make the folder writable or run: samtools faidx {path.name}"
        )
    _write(path, indexes)


def _check_kind(path: Path) -> bool:
    """Refuse what is no FASTA that can be indexed; say whether it is compressed."""
    if not path.is_file():
        raise SighthoundError(f"genome {path} {no_file(path)}; expected a FASTA file")
    try:
        if is_bgzip(path):
            return True
        with path.open("rb") as file:
            head = file.read(len(_MARK))
    except OSError as error:
        raise SighthoundError(f"genome {path} cannot be read ({error.strerror})") from None
    if is_gzip(path):
        raise SighthoundError(
            f"{path} is compressed with gzip, which has no index; recompress it: "
            f"gunzip -c {path.name} | bgzip > genome.fa.gz"
        )
    if head.startswith(_MARK):
        raise SighthoundError(
            f"{path} begins with a byte-order mark, which FASTA has not; take it off: "
            f"tail -c +4 {path.name} > genome.fa"
        )
    if not head.startswith(b">"):
        raise SighthoundError(f"{path} is not FASTA: expected it to begin with '>'")
    return False


def _write(path: Path, indexes: list[Path]) -> None:
    """Make the index beside the file, and rename it when complete."""
    parts = [i.with_name(f"{i.name}.{uuid.uuid4().hex}.part") for i in indexes]
    options = [
        text
        for option, part in zip(("--fai-idx", "--gzi-idx"), parts, strict=False)
        for text in (option, str(part))
    ]
    changed = path.stat().st_mtime_ns
    before = pysam.set_verbosity(0)
    try:
        pysam.faidx(str(path), *options)
        if problem := _problem(path, parts):
            raise OSError(problem)
        for part, index in zip(reversed(parts), reversed(indexes), strict=True):
            made = part.stat().st_mtime_ns
            os.utime(part, ns=(max(made, changed), max(made, changed)))  # a clock may be behind
            publish(part, index)
    except (pysam.SamtoolsError, OSError) as error:
        reason = _fault(path) or " ".join(str(error).split())
        raise SighthoundError(f"{path} cannot be indexed: {reason}") from None
    finally:
        pysam.set_verbosity(before)
        for part in parts:
            part.unlink(missing_ok=True)


class _Bytes(Protocol):
    """Reads bytes of a file, not compressed, from one place to another or the end."""

    def read(self, start: int, stop: int) -> bytes: ...


@dataclass(frozen=True)
class _Plain:
    file: BinaryIO

    def read(self, start: int, stop: int) -> bytes:
        self.file.seek(start)
        return self.file.read(stop - start)


class _Blocks:
    """The bytes of a bgzip file, by its index of blocks (.gzi)."""

    def __init__(self, file: BinaryIO, index: Path) -> None:
        numbers = memoryview(index.read_bytes()).cast("Q").tolist()
        if len(numbers) != 1 + 2 * numbers[0]:
            raise ValueError("its index of blocks is cut short")
        self.file = file
        self.compressed, self.starts = [0, *numbers[1::2]], [0, *numbers[2::2]]
        self._number, self._block = -1, b""

    def read(self, start: int, stop: int) -> bytes:
        found = b""
        number = bisect.bisect_right(self.starts, start) - 1
        while number < len(self.starts) and self.starts[number] < stop:
            inside = start + len(found) - self.starts[number]
            found += self._read(number)[inside : stop - self.starts[number]]
            number += 1
        return found

    def _read(self, number: int) -> bytes:
        if number != self._number:
            self.file.seek(self.compressed[number])
            header = self.file.read(_BLOCK_HEADER)
            size = int.from_bytes(header[16:18], "little") + 1
            self._block = zlib.decompress(header + self.file.read(size - _BLOCK_HEADER), 31)
            self._number = number
            after = self.starts[number + 1 : number + 2]
            if after and after[0] != self.starts[number] + len(self._block):
                raise ValueError("its index of blocks is of another file")
        return self._block


def _problem(path: Path, indexes: list[Path]) -> str:
    """What is wrong with the index of a file; empty if it fits."""
    if not all(index.is_file() for index in indexes):
        return "no index"
    wrong = f"an index that is not its own ({indexes[0].name})"
    try:
        sequences = sorted(_sequences(indexes[0]), key=lambda s: s.offset)
        with path.open("rb") as file:
            source = _Blocks(file, indexes[1]) if indexes[1:] else _Plain(file)
            at = 0
            for sequence in sequences:
                if not sequence.follows(source, at):
                    return wrong
                at = sequence.end
            return wrong if source.read(at, at + _LONGEST_HEADER).strip() else ""
    except (ValueError, IndexError, TypeError, zlib.error):
        return wrong
    except OSError as error:
        raise SighthoundError(f"{path} or its index cannot be read ({error.strerror})") from None


@dataclass(frozen=True)
class _Sequence:
    """A row of an index: where a sequence begins, its bases, and bases and bytes a line."""

    name: bytes
    length: int
    offset: int
    line_bases: int
    line_bytes: int

    @property
    def end(self) -> int:
        """The byte after the last base."""
        lines = (self.length - 1) // self.line_bases if self.length else 0
        return self.offset + self.length + lines * (self.line_bytes - self.line_bases)

    def follows(self, source: _Bytes, at: int) -> bool:
        """Whether its header is what lies before it, from `at` on, and its first line fits."""
        if not at <= self.offset <= at + _LONGEST_HEADER or self.line_bytes < self.line_bases:
            return False
        shown = min(self.line_bytes, self.end - self.offset)
        found = source.read(at, self.offset + shown)
        between, first = found[: self.offset - at], found[self.offset - at :]
        # A sequence without bases is not in the index; its header stands before the next one's.
        headers = [line for line in between.split(b"\n") if line.strip()]
        bases, rest = first[: self.line_bases], first[self.line_bases :]
        return (
            between.endswith(b"\n")
            and all(header.startswith(b">") for header in headers)
            and [_name(header) for header in headers[-1:]] == [self.name or None]
            and len(first) == shown
            and len(bases.split()) <= 1
            and bases == bases.strip()
            and not rest.strip()
            and (not rest or rest.endswith(b"\n"))
        )


def _sequences(index: Path) -> Iterator[_Sequence]:
    for line in index.read_bytes().splitlines():
        name, *numbers = line.split(b"\t")
        yield _Sequence(name, *map(int, numbers))


def _fault(path: Path) -> str:
    """Why a FASTA file cannot be indexed, found line by line; empty if nobody knows."""
    names: set[bytes] = set()
    name, begun, width, is_last = b"", 0, 0, False
    with open_decompressed(path) as file:
        for number, line in enumerate(file, 1):
            if b"\r" in line.rstrip(b"\r\n"):
                return f"line {number} has a line end of CR alone; write LF line ends"
            if line.startswith(b">"):
                if number > 1 and not width:
                    return _empty(name, begun)
                name = _name(line)
                if not name:
                    return f"line {number}: a sequence without a name"
                if name in names:
                    return f"line {number}: a second sequence {_text(name)!r}; names must differ"
                names.add(name)
                begun, width, is_last = number, 0, False
            elif line.strip():
                if is_last or len(line.rstrip()) > (width or len(line)):
                    return (
                        f"line {number}: lines of {_text(name)!r} have uneven lengths; "
                        "wrap it anew, for example with: seqkit seq -w 60"
                    )
                width = width or len(line.rstrip())
                is_last = len(line.rstrip()) < width
            else:
                is_last = True
    return "" if width else _empty(name, begun)


def _name(header: bytes) -> bytes:
    return b"".join(header[1:].split(maxsplit=1)[:1])


def _empty(name: bytes, number: int) -> str:
    return f"line {number}: {_text(name)!r} has no bases; take it out"


def _text(name: bytes) -> str:
    return name.decode(errors="replace")
