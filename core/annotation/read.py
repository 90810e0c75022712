"""Annotation files: GTF, GFF3 and BED, told apart by content, as genes and transcripts."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path
from typing import Literal

from sighthound.core.annotation.bed import read_bed
from sighthound.core.annotation.circles import laid_on_circle
from sighthound.core.annotation.gff3 import read_gff3
from sighthound.core.annotation.gtf import read_gtf
from sighthound.core.annotation.transcripts import Annotation, Gene, Reader, malformed
from sighthound.core.errors import SighthoundError
from sighthound.core.findings import NOT_UTF8, SEVERAL, Findings
from sighthound.core.genome.bed import is_count, is_heading, split_columns
from sighthound.core.text import text_lines

Format = Literal["gff3", "gtf", "bed"]

_READERS: dict[Format, Reader] = {"gff3": read_gff3, "gtf": read_gtf, "bed": read_bed}
_GFF3_VERSION = re.compile(r"##gff-version\s+3(\.|\s|$)")
_GFF3_ATTRIBUTE = re.compile(r"\s*[^\s=;\"]+\s?=")
_GTF_ATTRIBUTE = re.compile(r"\s*[^\s=;\"]+\s+[^\s=]")
_BROWSER_WORDS = ("track", "browser")  # UCSC's lines about how to draw what follows
# First characters of lines that may hold no feature, of millions that do.
_NO_FEATURE_BEGINS = frozenset({"", "#", ">", "\ufeff", " ", "\t", "t", "b"})
# A file's first lines may have no attributes at all; one of so many does.
_SNIFFED_LINES = 10_000


def read_annotation(path: Path) -> Annotation:
    """Read GTF, GFF3, BED6 or BED12; plain or (b)gzip-compressed.

    Raises
    ------
    SighthoundError : no such file, a malformed line (with its number), or no genes
    """
    findings = Findings()
    read = _READERS[sniff_format(path)]
    annotation = read(path, _feature_lines(path, findings), findings)
    if not annotation.genes:
        raise SighthoundError(
            f"{path}: no genes among its features; expected gene, transcript or exon lines"
        )
    circles = annotation.circles
    annotation.genes = [
        part
        for gene in annotation.genes
        for part in (
            laid_on_circle(gene, circles[gene.chrom], findings) if gene.chrom in circles else [gene]
        )
    ]
    places: dict[str, list[Gene]] = {}
    for gene in annotation.genes:
        if gene.tss_positions:
            places.setdefault(gene.id, []).append(gene)
    for name, genes in places.items():
        if len(genes) > 1:
            findings.add(SEVERAL, f"{name} at {' and '.join(_place(g) for g in genes[:3])}")
    annotation.findings = findings.all()
    return annotation


def _place(gene: Gene) -> str:
    return f"{gene.chrom}:{gene.start + 1:,}-{gene.end:,} ({gene.strand})"


def sniff_format(path: Path) -> Format:
    """Tell GFF3, GTF and BED apart by their lines, whatever the file is called.

    The last column of GFF3 is key=value, that of GTF key "value"; where it is a bare word, as
    AUGUSTUS writes for genes and transcripts, later lines tell, or else the file's own first line.

    Raises
    ------
    SighthoundError : no such file, no features, or a first line that is of none of these formats
    """
    says_gff3 = False
    undecided: tuple[int, str] | None = None
    for number, line in _numbered_lines(path):
        if line.startswith("#"):
            says_gff3 = says_gff3 or bool(_GFF3_VERSION.match(line))
            continue
        fields = split_columns(line)
        if is_heading(fields):
            continue
        if len(fields) >= 3 and is_count(fields[1]) and is_count(fields[2]):
            return "bed"
        fields = line.split("\t")
        if len(fields) != 9:
            raise malformed(
                path, number, "9 tab-separated columns (GTF, GFF3) or at least 6 (BED)", line
            )
        if _GFF3_ATTRIBUTE.match(fields[8]):
            return "gff3"
        if _GTF_ATTRIBUTE.match(fields[8]):
            return "gtf"
        undecided = undecided or (number, line)
        if number > _SNIFFED_LINES:
            break
    if undecided is None:
        raise SighthoundError(f"{path}: no genes; expected GTF, GFF3 or BED lines")
    return "gff3" if says_gff3 else "gtf"


def _feature_lines(path: Path, findings: Findings) -> Iterator[tuple[int, str]]:
    for number, line in _numbered_lines(path):
        if line[0] == "#":
            continue
        if not line.isascii():
            try:
                line.encode()
            except UnicodeEncodeError:
                findings.add(NOT_UTF8, f"line {number}")
                line = line.encode("utf-8", "surrogateescape").decode("latin-1")
        yield number, line


def _numbered_lines(path: Path) -> Iterator[tuple[int, str]]:
    """Lines that hold something, with their numbers: no browser lines, no sequence behind them.

    Bytes that are no UTF-8 are kept as surrogates.
    """
    if not path.is_file():
        raise SighthoundError(f"{path}: no such file; expected genes as GTF, GFF3 or BED")
    for number, line in enumerate(text_lines(path, errors="surrogateescape"), 1):
        if line[:1] not in _NO_FEATURE_BEGINS:
            yield number, line
            continue
        line = line.removeprefix("\ufeff")  # of a file that was appended
        if line.startswith((">", "##FASTA")):
            return
        if line.startswith(_BROWSER_WORDS) and line.split(maxsplit=1)[0] in _BROWSER_WORDS:
            continue
        if line and not line.isspace():
            yield number, line
