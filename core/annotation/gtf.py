"""Genes out of GTF 2.2, as Ensembl, GENCODE, NCBI, UCSC, StringTie and AUGUSTUS write it.

A gene is what lies at one place: one id at two places, as UCSC writes copies of a gene, is two
genes. AUGUSTUS and BRAKER give genes and transcripts bare ids in the ninth column; what belongs to
them says whose it is.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

from sighthound.core.annotation.features import Feature, Roles, as_gene, columns, role_of, span_of
from sighthound.core.annotation.transcripts import Annotation, malformed
from sighthound.core.findings import NO_GENE, Findings
from sighthound.core.text import url_decoded

_ATTRIBUTE = re.compile(r'[\s;]*([^\s;"]+)\s+(?:"([^"]*)"|([^;"]*))\s*(?:;|$)')
# How nearly every line begins, read at once.
_USUAL = re.compile(r'gene_id "([^"]+)"; (?:gene_version "[^"]*"; )?transcript_id "([^"]+)"')
_BARE_ID = re.compile(r'[^\s;"=]+;?')
# AUGUSTUS: g1.t1 is a transcript of g1.
_TRANSCRIPT_NUMBER = re.compile(r"\.t?\d+$")
# An exon cut in two at a frameshift keeps its number, so near; a copy's is further away.
_FRAMESHIFT = 20


def _value_of(key: str) -> re.Pattern[str]:
    """Match an attribute behind any others, which are passed over whole, quotes and all.

    There is one way to read each of them, so that nothing is tried twice. Possessive quantifiers
    would say the same, but miss matches in Python 3.11 before 3.11.5 (CPython issue 106052).
    """
    others = rf'(?:[\s;]*(?!{key}\s)[^\s;"]+\s+(?:"[^"]*"\s*|[^\s;"][^;"]*)?;)*'
    return re.compile(rf'{others}[\s;]*{key}\s+(?:"([^"]*)"|([^\s;"]+))')


_GENE_ID, _TRANSCRIPT_ID, _EXON_NUMBER, _PROTEIN_ID = map(
    _value_of, ("gene_id", "transcript_id", "exon_number", "protein_id")
)


@dataclass(slots=True)
class _Copy:
    """A transcript at one of its places."""

    feature: Feature
    has_line: bool  # a line of its own, beside its exons'
    exon_numbers: dict[str, tuple[int, int]] = field(default_factory=dict)


@dataclass(slots=True)
class _Loci:
    """All places of a gene id on one sequence."""

    attributes: str  # of the first line that names the gene
    genes: list[Feature] = field(default_factory=list)
    copies: dict[str, list[_Copy]] = field(default_factory=dict)


def read_gtf(path: Path, lines: Iterator[tuple[int, str]], findings: Findings) -> Annotation:
    """Gather the lines of a GTF as genes."""
    loci: dict[tuple[str, str], _Loci] = {}
    owners: dict[str, str] = {}
    bare: list[Feature] = []
    roles: Roles = {}
    for number, line in lines:
        fields = columns(path, number, line)
        role = role_of(fields[2], roles)
        if not role:
            continue
        chrom, text = fields[0], fields[8]
        start, end, strand, phase = span_of(path, number, fields)
        usual = _USUAL.match(text)
        if usual is not None:
            gene_id, transcript_id = usual.groups()
        else:
            gene_id, transcript_id = _value(_GENE_ID, text), _value(_TRANSCRIPT_ID, text)
        if not gene_id and not transcript_id:
            word = text.strip()
            if role not in ("gene", "transcript") or not _BARE_ID.fullmatch(word):
                raise malformed(path, number, 'attributes with gene_id "..."', text)
            word = word.rstrip(";")
            if role == "transcript":
                bare.append(Feature("transcript", word, chrom, start, end, strand, {}))
                continue
            gene_id, text = word, ""
        elif not gene_id:
            gene_id = owners.get(transcript_id, transcript_id)
            if gene_id == transcript_id and (chrom, gene_id) not in loci:
                findings.add(NO_GENE, f"line {number}: {transcript_id}")
        place = loci.get((chrom, gene_id))
        if place is None:
            place = loci[chrom, gene_id] = _Loci(text)
        if role == "gene":
            _add_gene(place, Feature("gene", gene_id, chrom, start, end, strand, _attributes(text)))
            continue
        transcript_id = transcript_id or gene_id
        owners.setdefault(transcript_id, gene_id)
        copies = place.copies.setdefault(transcript_id, [])
        if role == "transcript":
            _add_transcript(
                copies, Feature("transcript", transcript_id, chrom, start, end, strand, {})
            )
            continue
        exon_number = ""
        if role == "exon" and not (copies and copies[0].has_line):
            exon_number = _value(_EXON_NUMBER, text)
        copy = _copy_of(copies, start, end, strand, exon_number)
        if copy is None:
            feature = Feature("transcript", transcript_id, chrom, start, end, strand, {})
            copy = _Copy(feature, has_line=False)
            copies.append(copy)
        feature = copy.feature
        if exon_number:
            copy.exon_numbers[exon_number] = start, end
        if start < feature.start or end > feature.end:
            feature.stretch(start, end)
        feature.take(role, start, end, phase)
        if role == "CDS" and not feature.protein:
            feature.protein = _value(_PROTEIN_ID, text)
    for transcript in bare:
        gene_id = owners.get(transcript.id) or _TRANSCRIPT_NUMBER.sub("", transcript.id)
        place = loci.setdefault((transcript.chrom, gene_id), _Loci(""))
        _add_transcript(place.copies.setdefault(transcript.id, []), transcript)
    return Annotation(
        [
            as_gene(gene, findings)
            for (_, gene_id), place in loci.items()
            for gene in _genes_at(gene_id, place)
        ]
    )


def _value(pattern: re.Pattern[str], text: str) -> str:
    match = pattern.match(text)
    return "" if match is None else (match[1] or match[2] or "").strip()


def _attributes(text: str) -> dict[str, list[str]]:
    attributes: dict[str, list[str]] = {}
    for key, quoted, bare in _ATTRIBUTE.findall(text):
        value = quoted or bare.strip()
        attributes.setdefault(key, []).append(url_decoded(value) if "%" in value else value)
    return attributes


def _add_gene(place: _Loci, gene: Feature) -> None:
    for known in place.genes:
        if known.strand == gene.strand and known.overlaps(gene.start, gene.end):
            known.stretch(gene.start, gene.end)
            return
    place.genes.append(gene)


def _add_transcript(copies: list[_Copy], transcript: Feature) -> None:
    for copy in copies:
        known = copy.feature
        if known.strand == transcript.strand and known.overlaps(transcript.start, transcript.end):
            known.stretch(transcript.start, transcript.end)
            copy.has_line = True
            return
    copies.append(_Copy(transcript, has_line=True))


def _copy_of(
    copies: list[_Copy], start: int, end: int, strand: str, exon_number: str
) -> _Copy | None:
    """The copy of a transcript that a part belongs to; None for the first part of another."""
    if len(copies) == 1 and copies[0].has_line and copies[0].feature.strand == strand:
        return copies[0]
    near = [copy for copy in copies if copy.feature.strand == strand]
    for copy in near:
        known = copy.exon_numbers.get(exon_number)
        if known is not None:
            if max(start - known[1], known[0] - end) <= _FRAMESHIFT:
                return copy
        elif copy.feature.overlaps(start, end):
            return copy
    if not near or near[-1].has_line:
        # Beyond its own line a transcript does not reach, unless there is but one of it.
        return near[0] if len(near) == 1 else None
    return None if exon_number in near[-1].exon_numbers else near[-1]


def _genes_at(gene_id: str, place: _Loci) -> Iterator[Feature]:
    """The genes of an id on one sequence: what its gene lines span, else what overlaps."""
    genes = list(place.genes)
    transcripts = [copy.feature for copies in place.copies.values() for copy in copies]
    homeless = []
    for transcript in transcripts:
        home = next(
            (
                gene
                for gene in genes
                if (gene.strand == transcript.strand or "." in (gene.strand, transcript.strand))
                and gene.overlaps(transcript.start, transcript.end)
            ),
            None,
        )
        if home is None:
            homeless.append(transcript)
        else:
            _move_in(home, transcript)
    if homeless:
        attributes = genes[0].attributes if genes else _attributes(place.attributes)
        reach: dict[str, Feature] = {}
        for t in sorted(homeless, key=lambda t: t.start):
            gene = reach.get(t.strand)
            if gene is None or not gene.overlaps(t.start, t.end):
                gene = Feature("gene", gene_id, t.chrom, t.start, t.end, t.strand, attributes)
                reach[t.strand] = gene
                genes.append(gene)
            _move_in(gene, t)
        rank = {id(t): n for n, t in enumerate(transcripts)}
        for gene in genes:
            gene.transcripts.sort(key=lambda t: rank[id(t)])
    yield from genes


def _move_in(gene: Feature, transcript: Feature) -> None:
    if gene.strand == ".":
        gene.strand = transcript.strand
    gene.stretch(transcript.start, transcript.end)
    gene.transcripts.append(transcript)
