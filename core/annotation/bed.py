"""Genes out of BED6 and BED12 (UCSC), which count from 0."""

from __future__ import annotations

import itertools
import re
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

from sighthound.core.annotation.transcripts import Annotation, Gene, Span, Transcript, malformed
from sighthound.core.findings import NO_STRAND, Findings
from sighthound.core.genome.bed import is_count, is_heading, split_columns

_SIGNAL = re.compile(r"[+-]?(\d+\.?\d*|\.\d+)([eE][+-]?\d+)?|nan|NaN")


def read_bed(path: Path, lines: Iterator[tuple[int, str]], findings: Findings) -> Annotation:
    """Read one transcript a line; overlapping ones of one name and strand are of one gene."""
    genes: dict[tuple[str, str, str], list[Gene]] = {}
    order: list[tuple[tuple[str, str, str], int]] = []
    for number, line in lines:
        if is_heading(split_columns(line)):
            continue
        transcript, name = _bed_transcript(path, number, line)
        key = (transcript.chrom, name, transcript.strand)
        same_name = genes.setdefault(key, [])
        for rank, gene in enumerate(same_name):
            if transcript.start < gene.end and transcript.end > gene.start:
                same_name[rank] = replace(
                    gene,
                    start=min(gene.start, transcript.start),
                    end=max(gene.end, transcript.end),
                    transcripts=(*gene.transcripts, transcript),
                )
                break
        else:
            order.append((key, len(same_name)))
            same_name.append(
                Gene(
                    name,
                    name,
                    transcript.chrom,
                    transcript.start,
                    transcript.end,
                    transcript.strand,
                    (transcript,),
                )
            )
    found = [genes[key][rank] for key, rank in order]
    for gene in found:
        if gene.strand == ".":
            findings.add(NO_STRAND, f"{gene.name} on {gene.chrom}")
    return Annotation(found)


def _bed_transcript(path: Path, number: int, line: str) -> tuple[Transcript, str]:
    fields = [cell.strip() for cell in split_columns(line)]
    if len(fields) == 4 and _SIGNAL.fullmatch(fields[3]):
        raise malformed(
            path, number, "genes; a bedGraph is a signal: make it a BigWig, a track", line
        )
    if len(fields) < 6:
        raise malformed(
            path,
            number,
            f"at least 6 tab-separated BED columns (strand in the 6th), found {len(fields)}",
            line,
        )
    chrom, start_text, end_text, name, _, strand = fields[:6]
    if not (is_count(start_text) and is_count(end_text) and int(start_text) < int(end_text)):
        raise malformed(path, number, "a 0-based start before the end", f"{start_text} {end_text}")
    if strand not in ("+", "-", "."):
        raise malformed(path, number, "the strand +, - or . in column 6", strand)
    start, end = int(start_text), int(end_text)
    exons: tuple[Span, ...] = ((start, end),)
    if len(fields) >= 12:
        sizes, offsets = (
            [part.strip() for part in text.split(",") if part.strip()] for text in fields[10:12]
        )
        are_counts = all(map(is_count, (fields[9], *sizes, *offsets)))
        if not (are_counts and len(sizes) == len(offsets) == int(fields[9]) > 0):
            raise malformed(
                path, number, f"{fields[9]} block sizes and starts", f"{fields[10]} {fields[11]}"
            )
        blocks = zip(map(int, sizes), map(int, offsets), strict=True)
        exons = tuple((start + offset, start + offset + size) for size, offset in blocks)
        in_order = all(a[1] <= b[0] for a, b in itertools.pairwise(exons))
        if exons[-1][1] > end or not in_order:
            raise malformed(
                path,
                number,
                f"blocks in order, counted from {start_text}, that end by {end_text}",
                f"{fields[10]} {fields[11]}",
            )
    name = name if name not in ("", ".") else f"{chrom}:{start + 1}-{end}"
    coding: tuple[Span, ...] = ()
    if len(fields) >= 12 and strand != "." and all(map(is_count, fields[6:8])):
        thick = int(fields[6]), int(fields[7])
        inside = ((max(a, thick[0]), min(b, thick[1])) for a, b in exons)
        coding = tuple((a, b) for a, b in inside if a < b)
    return Transcript(name, chrom, start, end, strand, exons, coding), name
