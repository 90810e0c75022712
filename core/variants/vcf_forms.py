"""Opening a VCF or BCF file in whatever form it comes.

htslib reads plain text, bgzip and BCF. What people have besides is read as a stream of mended text:
plain gzip, a byte-order mark or UTF-16, line ends of CR, no ##fileformat line. Nothing is unpacked
onto the disk; what needs an index needs bgzip, and says so where it is asked for.
"""

from __future__ import annotations

import contextlib
import os
import threading
import zlib
from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from typing import BinaryIO

import pysam

from sighthound.core.errors import SighthoundError
from sighthound.core.files import no_file
from sighthound.core.text import is_bgzip, is_gzip, open_decompressed, text_lines

_MARKS = (b"\xef\xbb\xbf", b"\xff\xfe", b"\xfe\xff")
_BINARY, _COLUMNS, _VERSION = b"BCF", "#CHROM", "##fileformat=VCFv4.2"
_LOOKED_AT = 4096  # bytes from the beginning
_FIXED = 8  # columns before FORMAT


@contextlib.contextmanager
def open_variants(path: str | Path, *, samples: bool = True) -> Iterator[pysam.VariantFile]:
    """Open a VCF or BCF file to read its records one after another.

    Parameters
    ----------
    path : path
        VCF, plain, gzip or bgzip, or BCF.
    samples : bool
        False leaves the genotypes out.

    Raises
    ------
    SighthoundError
        The file is missing, no VCF or BCF, or damaged: in one line, after how many records.
    """
    path = Path(path)
    if not path.is_file():
        raise SighthoundError(f"{path} {no_file(path)}; expected a VCF or BCF file")
    with quiet(), contextlib.ExitStack() as stack:
        try:
            source = stack.enter_context(_mended(path)) if _needs_mending(path) else str(path)
            file = pysam.VariantFile(source, drop_samples=not samples, duplicate_filehandle=True)
        except (OSError, ValueError, NotImplementedError) as error:
            stack.close()
            why = _fault(path) or " ".join(str(error).split())
            raise SighthoundError(
                f"{path} cannot be read as VCF or BCF ({why}); check the file, or copy it again"
            ) from None
        try:
            yield file
        except BaseException:
            # What went wrong while it was read says more.
            with contextlib.suppress(OSError):
                file.close()
            raise
        try:
            file.close()
        except OSError:
            raise SighthoundError(
                f"{path} is damaged at its end; check the file, or copy it again"
            ) from None


def record_lines(path: Path) -> Iterator[str]:
    """Give the records of a VCF as the lines that they are, those of a BCF written out."""
    if _start(path).startswith(_BINARY):
        with open_variants(path) as file:
            for record in file:
                yield str(record).rstrip("\n")
        return
    for line in text_lines(path, errors="surrogateescape"):
        if line and not line.startswith("#"):
            yield line


@contextlib.contextmanager
def quiet() -> Iterator[None]:
    """Silence htslib's remarks on headers, which are not about the variants."""
    before = pysam.set_verbosity(0)
    try:
        yield
    finally:
        pysam.set_verbosity(before)


def _start(path: Path) -> bytes:
    """The first bytes, not compressed; none where the compression is damaged."""
    try:
        with open_decompressed(path) as file:
            return file.read(_LOOKED_AT)
    except (OSError, EOFError, zlib.error):
        return b""  # htslib says after how many records


def _needs_mending(path: Path) -> bool:
    start = _start(path)
    if start.startswith(_BINARY):
        return False
    is_plain_gzip = is_gzip(path) and not is_bgzip(path)
    has_cr_alone = b"\r" in start and b"\n" not in start
    lacks_version = start.startswith(_COLUMNS.encode())
    return is_plain_gzip or start.startswith(_MARKS) or has_cr_alone or lacks_version


@contextlib.contextmanager
def _mended(path: Path) -> Iterator[BinaryIO]:
    """Give the file's text as htslib wants it, through a pipe that a thread fills."""
    faults: list[SighthoundError] = []
    reading, writing = os.pipe()

    def fill() -> None:
        try:
            with os.fdopen(writing, "wb") as out:
                for number, line in enumerate(text_lines(path, errors="surrogateescape")):
                    if not number and line.startswith(_COLUMNS):
                        out.write(f"{_VERSION}\n".encode())
                    if line:
                        out.write(line.encode(errors="surrogateescape") + b"\n")
        except BrokenPipeError:
            pass  # nobody reads on
        except SighthoundError as error:
            faults.append(error)

    thread = threading.Thread(target=fill, name="VCF text", daemon=True)
    thread.start()
    try:
        with os.fdopen(reading, "rb") as source:
            yield source
    finally:
        thread.join()
    if faults:
        raise faults[0]


def _fault(path: Path) -> str:
    """What is wrong with a VCF's header; empty if nobody knows."""
    try:
        for number, line in enumerate(text_lines(path, errors="replace"), 1):
            if line.startswith("##") or not line:
                continue
            columns = line.split("\t")
            if not line.startswith("#"):
                return f"line {number} comes before a line that begins with #CHROM"
            if not line.startswith(_COLUMNS) or len(columns) < _FIXED:
                return (
                    f"line {number}: expected the columns #CHROM, POS, ID, REF, ALT, QUAL, FILTER "
                    "and INFO, between tabs"
                )
            names = columns[_FIXED + 1 :]
            twice = [name for name, count in Counter(names).items() if count > 1]
            return f"line {number}: two samples are called {twice[0]!r}" if twice else ""
    except SighthoundError as error:
        return str(error)
    return "it holds no line that begins with #CHROM"
