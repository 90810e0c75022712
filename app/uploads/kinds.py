"""What a visitor's file is: by its first bytes, its first lines, and what its name says it is.

A file that is, or calls itself, one thing and is broken is refused as that thing broken; what
cannot be added is named, with the way to something that can.
"""

from __future__ import annotations

import itertools
import re
import zlib
from collections.abc import Iterator
from pathlib import Path

from sighthound.core.bigwig.structure import byte_order
from sighthound.core.errors import SighthoundError
from sighthound.core.text import GZIP, is_gzip, open_decompressed, text_lines

CAN_BE_ADDED = "BigWig, bedGraph, wiggle, BED, narrowPeak and VCF can be added"
MAX_LINE_CHARACTERS = 4 << 20
# A compressed file may hold so many times its own limit.
MAX_INFLATION = 8

_READS = "reads; count them with 'sighthound coverage {name} out.bw' and add that"
_SHEET = "save the sheet as text with tabs between cells, and add that"
# What begins a file, compressed or not, and what is said of it.
_REFUSED = (
    (b"\xeb\xf2\x89\x87", "a bigBed; turn it into BED with 'bigBedToBed {name} out.bed'"),
    (b"\x87\x89\xf2\xeb", "a bigBed; turn it into BED with 'bigBedToBed {name} out.bed'"),
    (b"BAM\1", _READS),
    (b"CRAM", _READS),
    (b"BCF\2", "BCF; turn it into VCF with 'bcftools view {name} -Oz -o out.vcf.gz'"),
    (b"TBI\1", "an index; add the file it is of"),
    (b"CSI\1", "an index; add the file it is of"),
    (b"BAI\1", "an index; add the file it is of"),
    (b"PK\3\4", f"a spreadsheet (.xlsx) or a zip; unpack it, or {_SHEET}"),
    (b"\xd0\xcf\x11\xe0", f"a spreadsheet (.xls); {_SHEET}"),
    (b"BZh", "compressed by bzip2; uncompress it, or use gzip"),
    (b"\xfd7zXZ", "compressed by xz; uncompress it, or use gzip"),
    (b"\x28\xb5\x2f\xfd", "compressed by zstd; uncompress it, or use gzip"),
    (GZIP, "compressed twice; uncompress it once"),
    (b"%PDF", "a PDF; add the data that it shows"),
    (b"\x89PNG", "a picture; add the data that it shows"),
    (b"\x89HDF", "HDF5; turn what it holds into BigWig or BED"),
    (b"\0\5\x16\7", "what macOS keeps beside a file; add the file of the same name without '._'"),
)
_REFUSED_LINES = (
    (r"\s*<(!doctype html|html|head)\b", "a web page, not the file; save what the link leads to"),
    (r"\s*<", "XML; turn what it holds into BED or bedGraph"),
    (r"\s*[{\[]", "JSON; turn what it holds into BED or bedGraph"),
    (r">", "FASTA; sequences are those of the genome here"),
    (r"@(HD|SQ|RG|PG|CO)\t", _READS.replace("{name}", "BAM")),
    (r"@", "FASTQ, reads; 'sighthound align' and 'sighthound coverage' make a BigWig of them"),
    (r"##gff-version", "an annotation; turn it into BED"),
)
# Endings, without that of compression, of names that say what a file is.
_BIGWIG_NAME = re.compile(r"\.(bw|bigwig)$", re.IGNORECASE)
_VCF_NAME = re.compile(r"\.vcf$", re.IGNORECASE)
_SIGNAL_NAME = re.compile(r"\.(bedgraph|bdg|bg|wig|wiggle)$", re.IGNORECASE)
_DECLARES_SIGNAL = re.compile(
    r"track\b.*\btype\s*=\s*[\"']?(bedgraph|wiggle_0)\b|(fixed|variable)Step\b", re.IGNORECASE
)
_NUMBER = re.compile(r"[-+]?(\d+([.,]\d*)?|[.,]\d+)(e[-+]?\d+)?|nan|na", re.IGNORECASE)
_SNIFFED = 1_000  # lines


def kind_of(path: Path, name: str, most_bytes: int) -> str:
    """Tell what a file is.

    Parameters
    ----------
    name : str
        What its owner calls it.

    Returns
    -------
    {"bigwig", "vcf", "signal", "perhaps signal", "bed"}
        "signal" says of itself that it is bedGraph or wiggle; "perhaps signal" has four columns,
        the last of which are numbers.

    Raises
    ------
    SighthoundError
        It is nothing that can be added, or not what its name says.
    """
    head, is_compressed = _head(path, name)
    if not head:
        raise SighthoundError(f"{name} is empty")
    if byte_order(head) is not None:
        if is_compressed:
            raise SighthoundError(f"{name} is a compressed BigWig; uncompress it with gunzip")
        return "bigwig"
    for magic, what in _REFUSED:
        if head.startswith(magic):
            raise SighthoundError(f"{name} is {what.format(name=name)}")
    called = re.sub(r"\.(gz|bgz)$", "", name, flags=re.IGNORECASE)
    if _BIGWIG_NAME.search(called) and not _is_page(head):
        raise SighthoundError(
            f"{name} is not a BigWig, or its beginning is damaged; copy it again, or make it with "
            "bedGraphToBigWig"
        )
    lines = [line for _, line in itertools.islice(numbered_lines(path, name, most_bytes), _SNIFFED)]
    first = next((line for line in lines if line.strip()), "")
    for pattern, what in _REFUSED_LINES:
        if re.match(pattern, first, re.IGNORECASE):
            raise SighthoundError(f"{name} is {what}")
    if first.startswith("##fileformat=VCF"):
        return "vcf"
    if _VCF_NAME.search(called):
        raise SighthoundError(f"{name} is not VCF: expected it to begin with ##fileformat=VCF")
    if _SIGNAL_NAME.search(called) or any(map(_DECLARES_SIGNAL.match, lines)):
        return "signal"
    rows = [line.split() for line in lines if line.strip() and not line.startswith("#")]
    rows = [cells for cells in rows if cells[0] not in ("track", "browser")]
    # A first line without numbers names columns.
    rows = rows[1:] if rows and len(rows[0]) > 1 and not rows[0][1].isdecimal() else rows
    four = all(len(cells) == 4 and _NUMBER.fullmatch(cells[3]) for cells in rows)
    return "perhaps signal" if rows and four else "bed"


def numbered_lines(path: Path, name: str, most_bytes: int) -> Iterator[tuple[int, str]]:
    """Give the lines of a text, compressed or not, with their numbers.

    Raises
    ------
    SighthoundError
        It is no text, damaged, or grows without limit when it is uncompressed.
    """
    lines = text_lines(path, longest=MAX_LINE_CHARACTERS, most=MAX_INFLATION * most_bytes)
    try:
        yield from enumerate(lines, 1)
    except SighthoundError as error:
        if isinstance(error.__cause__, UnicodeError):
            raise SighthoundError(
                f"{name} is no text, nor a BigWig; {CAN_BE_ADDED} (text as UTF-8)"
            ) from None
        raise SighthoundError(str(error).replace(str(path), name)) from None


def why_no_bed(line: str) -> str:
    """Say what a line that is not BED might be, or nothing."""
    cells = line.split("\t")
    if len(cells) >= 8 and all(cell.isdecimal() for cell in cells[3:5]):
        return "it looks like GFF or GTF; turn it into BED"
    if len(cells) >= 5 and all(cell.isdecimal() for cell in cells[2:4]):
        return "it looks like SEG; put chromosome, start, end and value first"
    for sign, word in ((",", "commas"), (";", "semicolons")):
        if "\t" not in line and line.count(sign) >= 2:
            return f"its cells are apart by {word}; save it with tabs"
    return CAN_BE_ADDED


def _head(path: Path, name: str) -> tuple[bytes, bool]:
    try:
        with open_decompressed(path) as file:
            return file.read(16), is_gzip(path)
    except (OSError, EOFError, zlib.error) as error:
        raise SighthoundError(f"{name} is damaged ({error}); compress or copy it again") from None


def _is_page(head: bytes) -> bool:
    return head.lstrip().lower().startswith((b"<!doctype", b"<html"))
