"""Annotation files: GTF, GFF3 and BED, told apart by content, as genes and transcripts."""

from __future__ import annotations

import gzip
import re
import zlib
from collections.abc import Iterator
from itertools import chain
from pathlib import Path

from core.bed_genes import read_bed
from core.errors import SighthoundError
from core.gff import read_gff3, read_gtf
from core.transcripts import Annotation, Reader, malformed


def read_annotation(path: Path) -> Annotation:
    """Read GTF, GFF3, BED6 or BED12; plain or (b)gzip-compressed.

    Raises
    ------
    SighthoundError : no such file, a malformed line (with its number), or no genes
    """
    lines = _lines(path)
    first = next(lines, None)
    if first is None:
        raise SighthoundError(f"{path}: no genes; expected GTF, GFF3 or BED lines")
    read = _reader_of(path, *first)
    annotation = read(path, chain([first], lines))
    if not annotation.genes:
        raise SighthoundError(
            f"{path}: no genes among its features; expected gene, transcript or exon lines"
        )
    return annotation


def _lines(path: Path) -> Iterator[tuple[int, str]]:
    """Numbered lines that hold a feature: no blanks, comments, browser lines or trailing FASTA."""
    try:
        with path.open("rb") as raw:
            compressed = raw.read(2) == b"\x1f\x8b"
        opener = gzip.open if compressed else open
        with opener(path, "rt", encoding="utf-8", errors="replace") as file:
            for number, line in enumerate(file, 1):
                if line.startswith((">", "##FASTA")):
                    return
                if line[0] == "#" or line.startswith(("track", "browser")) or not line.strip():
                    continue
                yield number, line.rstrip("\r\n")
    except FileNotFoundError:
        raise SighthoundError(f"{path}: no such file; expected genes as GTF, GFF3 or BED") from None
    except (OSError, EOFError, zlib.error) as error:
        raise SighthoundError(f"{path}: cannot be read ({error}); make or copy it again") from error


def _reader_of(path: Path, number: int, line: str) -> Reader:
    fields = line.split("\t")
    if len(fields) >= 3 and fields[1].isdigit() and fields[2].isdigit():
        return read_bed
    if len(fields) == 9:
        return read_gff3 if re.match(r"\s*[^\s=;\"]+=", fields[8]) else read_gtf
    raise malformed(path, number, "9 tab-separated columns (GTF, GFF3) or at least 6 (BED)", line)
