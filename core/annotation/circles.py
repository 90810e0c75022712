"""Genes on circles, and at the ends of sequences: every start is a base that exists.

GFF3 lets a feature of a circle end beyond its length (Sequence Ontology, GFF3 1.26, "Circular
genomes"); other formats write its two parts. Both become two parts here, and one has the start.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import replace

from sighthound.core.annotation.transcripts import Gene, Span, Transcript
from sighthound.core.findings import AROUND, BEYOND, NO_START, Findings


def laid_on_circle(gene: Gene, length: int, findings: Findings) -> list[Gene]:
    """Give a gene of a circle as the one or two parts of it inside [0, length).

    Examples
    --------
    >>> rep = Transcript("repB", "plasmid", 2899, 3200, "-", ((2899, 3200),))
    >>> gene = Gene("repB", "repB", "plasmid", 2899, 3200, "-", (rep,))
    >>> [(g.start, g.end, g.tss_positions) for g in laid_on_circle(gene, 3000, Findings())]
    [(2899, 3000, ()), (0, 200, (199,))]
    """
    if gene.end <= length:
        return [gene]
    findings.add(AROUND, f"{gene.name} on {gene.chrom}")
    turns = gene.start // length * length
    parts = []
    for low in (turns, turns + length):
        inside = [_part(transcript, low, low + length) for transcript in gene.transcripts]
        transcripts = tuple(transcript for transcript in inside if transcript is not None)
        if transcripts:
            start, end = (min(max(x - low, 0), length) for x in (gene.start, gene.end))
            parts.append(replace(gene, start=start, end=end, transcripts=transcripts))
    return parts


def inside_sequence(gene: Gene, length: int, findings: Findings) -> Gene | None:
    """Cut a gene at the end of its sequence; None where it would begin beyond it."""
    if gene.end <= length:
        return gene
    place = f"{gene.name} on {gene.chrom}, to {gene.end:,} of {length:,}"
    starting = [t for t in gene.transcripts if t.tss < length or not t.has_start]
    cut = [_part(transcript, 0, length) for transcript in starting]
    transcripts = tuple(transcript for transcript in cut if transcript is not None)
    if not transcripts:
        findings.add(NO_START, place)
        return None
    findings.add(BEYOND, place)
    return replace(gene, end=length, transcripts=transcripts)


def joined_at_origin(
    genes: Iterable[Gene], lengths: dict[str, int], findings: Findings
) -> Iterator[Gene]:
    """Take the start from the further part of a gene whose two parts are the ends of a sequence."""
    genes = list(genes)
    at_start = {_key(g) for g in genes if g.start == 0 and g.end < lengths[g.chrom]}
    at_end = {_key(g) for g in genes if g.end == lengths[g.chrom] and g.start > 0}
    for gene in genes:
        further = 0 if gene.strand == "+" else lengths[gene.chrom]
        if _key(gene) in at_start & at_end and further in (gene.start, gene.end):
            if gene.tss_positions:
                findings.add(AROUND, f"{gene.name} on {gene.chrom}")
            yield replace(gene, transcripts=tuple(_continued(t, further) for t in gene.transcripts))
        else:
            yield gene


def _key(gene: Gene) -> tuple[str, str, str]:
    return gene.id, gene.chrom, gene.strand


def _continued(transcript: Transcript, further: int) -> Transcript:
    begins_there = further in (transcript.start, transcript.end)
    return replace(transcript, has_start=transcript.has_start and not begins_there)


def _part(transcript: Transcript, low: int, high: int) -> Transcript | None:
    """What of a transcript lies in [low, high), counted from `low`."""
    start, end = max(transcript.start, low), min(transcript.end, high)
    if start >= end:
        return None
    coding = _cut(transcript.coding, low, high)
    return replace(
        transcript,
        start=start - low,
        end=end - low,
        exons=_cut(transcript.exons, low, high) or ((start - low, end - low),),
        coding=coding,
        phase=_phase(transcript, low, high) if coding else 0,
        has_start=transcript.has_start and low <= transcript.tss < high,
    )


def _cut(spans: Iterable[Span], low: int, high: int) -> tuple[Span, ...]:
    inside = ((max(a, low) - low, min(b, high) - low) for a, b in spans)
    return tuple((a, b) for a, b in inside if a < b)


def _phase(transcript: Transcript, low: int, high: int) -> int:
    """Bases of a codon that was begun in the part before this one."""
    if transcript.strand == "-":
        before = sum(max(0, b - max(a, high)) for a, b in transcript.coding)
    else:
        before = sum(max(0, min(b, low) - a) for a, b in transcript.coding)
    return (transcript.phase - before) % 3
