"""Text as people's programs leave it: compressed or not, marked or not, with any line ends.

Every table and annotation is read through here. A line ends at LF, CR LF or CR, and nowhere else
(`str.splitlines` also ends it at U+2028 and at control characters that stand inside descriptions).
"""

from __future__ import annotations

import codecs
import gzip
import io
import re
import zlib
from collections.abc import Iterator
from pathlib import Path
from typing import BinaryIO, cast
from urllib.parse import unquote

from sighthound.core.errors import SighthoundError

GZIP = b"\x1f\x8b"
# What begins each block of bgzip (SAM specification, section 4.1), and its mark at byte 12.
_BLOCK, _BLOCK_MARK = GZIP + b"\x08\x04", b"BC\x02\x00"
_UTF16 = (codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)
_MARK_BYTES = 3
_CONTROL = re.compile(r"[\x00-\x1f\x7f-\x9f]")


def is_gzip(path: Path) -> bool:
    """Whether a file begins as gzip does; bgzip is a form of it."""
    with Path(path).open("rb") as file:
        return file.read(2) == GZIP


def is_bgzip(path: Path) -> bool:
    """Whether a file begins as bgzip does, the form of gzip that can be indexed."""
    with Path(path).open("rb") as file:
        return begins_block(file.read(16))


def begins_block(head: bytes) -> bool:
    """Whether these 16 bytes begin a block of bgzip."""
    return head.startswith(_BLOCK) and head.endswith(_BLOCK_MARK)


def open_decompressed(path: Path) -> BinaryIO:
    """Open a file for its bytes, decompressed where it is gzip or bgzip, whatever its name."""
    return cast(BinaryIO, gzip.open(path, "rb")) if is_gzip(path) else Path(path).open("rb")


def text_lines(
    path: Path, *, errors: str = "strict", longest: int = -1, most: int | None = None
) -> Iterator[str]:
    """Give the lines of a text file without their ends.

    Parameters
    ----------
    path : path
        UTF-8, with or without a byte-order mark, or UTF-16 with one; plain, gzip or bgzip.
    errors : str
        What becomes of bytes that are no text: "strict" refuses the file, "replace" puts U+FFFD.
    longest, most : int, optional
        Characters of a line, and of all of them, beyond which a file of somebody else is refused.

    Yields
    ------
    str
        One line; the first is line 1 for whoever counts.

    Raises
    ------
    SighthoundError
        The file cannot be read, its compression is damaged, or bytes are no text: file and line.
    """
    number = read = 0
    try:
        with open_decompressed(path) as binary:
            buffered = io.BufferedReader(cast(io.RawIOBase, binary))
            encoding = _encoding(buffered.peek(_MARK_BYTES)[:_MARK_BYTES])
            with io.TextIOWrapper(buffered, encoding=encoding, errors=errors) as text:
                for line in iter(lambda: text.readline(longest), ""):
                    read += len(line)
                    if len(line) == longest:
                        raise SighthoundError(
                            f"{path}, line {number + 1:,} is longer than {longest / 2**20:g} MB; "
                            "leave out samples or columns that are not needed"
                        )
                    if most is not None and read > most:
                        raise SighthoundError(f"{path} is too large when uncompressed")
                    if "\0" in line and errors == "strict":
                        raise UnicodeError("a byte of zero")
                    number += 1
                    yield line.rstrip("\n")
    except UnicodeError as error:
        raise SighthoundError(
            f"{path}, after line {number}: not UTF-8 text; save the file as UTF-8"
        ) from error
    except (EOFError, zlib.error, gzip.BadGzipFile) as error:
        raise SighthoundError(
            f"{path}, after line {number}: its compression is damaged or cut short; "
            "copy the file again"
        ) from error
    except OSError as error:
        raise SighthoundError(f"{path} cannot be read ({error.strerror or error})") from error


def table_rows(path: Path) -> Iterator[tuple[int, list[str]]]:
    """Give the number and the cells, apart by tabs, of each line of a table that is not blank."""
    for number, line in enumerate(text_lines(path), 1):
        if line.strip():
            yield number, line.split("\t")


def read_text(path: Path, *, errors: str = "strict") -> str:
    """Read a whole text file as `text_lines` does, every line ended by LF."""
    return "".join(f"{line}\n" for line in text_lines(path, errors=errors))


def split_lines(text: str) -> list[str]:
    """Split text at LF, CR LF and CR, and nowhere else; no empty line after the last end."""
    lines = io.StringIO(text, newline=None).read().split("\n")
    return lines[:-1] if lines[-1] == "" else lines


def _encoding(start: bytes) -> str:
    return "utf-16" if start.startswith(_UTF16) else "utf-8-sig"


def plain_line(text: str) -> str:
    """Give text as one line of a table, a title or a picture: control characters become spaces.

    Examples
    --------
    >>> plain_line("two\\n lines\\u2028 and a bell\\x07")
    'two lines and a bell'
    """
    return " ".join(_CONTROL.sub(" ", text).split())


def url_decoded(text: str) -> str:
    """Decode %20 and the like; tabs, line ends and other control characters become spaces.

    Examples
    --------
    >>> url_decoded("a%3Bb%0Ac")
    'a;b c'
    """
    return _CONTROL.sub(" ", unquote(text))
