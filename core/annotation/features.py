"""Gene and transcript lines of GTF and GFF3, and what becomes of them.

Both formats count bases from 1, inclusive; what leaves this module is 0-based and half-open.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from pathlib import Path

from sighthound.core.annotation.transcripts import Gene, Span, Transcript, malformed
from sighthound.core.findings import NO_STRAND, Findings
from sighthound.core.text import url_decoded

EXON_TYPES = {"exon", "noncoding_exon", "pseudogenic_exon"}
CODING_TYPES = {"CDS", "UTR", "five_prime_UTR", "three_prime_UTR", "5UTR", "3UTR", "stop_codon"}
_TRANSCRIPT_TYPE = re.compile(r"(RNA|transcript|_gene_segment)$")
_GENE_TYPE = re.compile(r"(^|_)(gene|pseudogene)$")
# Types may be numbers of the Sequence Ontology.
_NUMBERED = {
    "SO:0000704": "gene",
    "SO:0000673": "transcript",
    "SO:0000234": "mRNA",
    "SO:0000147": "exon",
    "SO:0000316": "CDS",
}

# A number that is left would be taken for a position: "gene-1" stays whole.
_KIND_BEFORE_ID = re.compile(r"^(gene|transcript|rna|pseudogene|cds|CDS)[:-](?!\d+$)")
# "YAL001C (TFC3 FUN24 TSV115)": systematic name, standard name, aliases; not yet URL-decoded
_WORDS = re.compile(r"[^\s()]+")

Roles = dict[str, str]


def role_of(kind: str, roles: Roles) -> str:
    """Tell what a line of a type is: "gene", "transcript", "exon", "CDS", "UTR", or "" for none.

    Kept in `roles`, since a file has few types and many lines.
    """
    role = roles.get(kind)
    if role is None:
        named = _NUMBERED.get(kind, kind)
        role = (
            "exon" if named in EXON_TYPES
            else "CDS" if named == "CDS"
            else "UTR" if named in CODING_TYPES
            else "gene" if _GENE_TYPE.search(named) or named == "."
            else "transcript" if _TRANSCRIPT_TYPE.search(named)
            else ""
        )  # fmt: skip
        roles[kind] = role
    return role


@dataclass(slots=True)
class Feature:
    """One gene or transcript, of one line or several, and what hangs below it."""

    kind: str
    id: str
    chrom: str
    start: int
    end: int
    strand: str
    attributes: dict[str, list[str]]
    exons: list[Span] = field(default_factory=list)
    coding: list[Span] = field(default_factory=list)  # UTRs too: exons, where there are none
    translated: list[tuple[int, int, int]] = field(default_factory=list)  # with the phase
    transcripts: list[Feature] = field(default_factory=list)
    protein: str = ""
    has_start: bool = True

    def first(self, *keys: str) -> str:
        """The value of the first of these attributes that is there, or ""."""
        return next((",".join(self.attributes[key]) for key in keys if key in self.attributes), "")

    def all(self, *keys: str) -> list[str]:
        """Every value of these attributes."""
        return [value for key in keys for value in self.attributes.get(key, [])]

    def stretch(self, start: int, end: int) -> None:
        self.start, self.end = min(self.start, start), max(self.end, end)

    def overlaps(self, start: int, end: int) -> bool:
        return start < self.end and end > self.start

    def take(self, role: str, start: int, end: int, phase: int) -> None:
        """Add an exon, a coding stretch or a UTR."""
        (self.exons if role == "exon" else self.coding).append((start, end))
        if role == "CDS":
            self.translated.append((start, end, phase))


def columns(path: Path, number: int, line: str) -> list[str]:
    """The nine columns of a line."""
    fields = line.split("\t")
    if len(fields) != 9:
        raise malformed(path, number, f"9 tab-separated columns, found {len(fields)}", line)
    return fields


def span_of(path: Path, number: int, fields: list[str]) -> tuple[int, int, str, int]:
    """Start, end, strand and phase of a line; 0-based, half-open."""
    try:
        start, end = int(fields[3]) - 1, int(fields[4])
    except ValueError:
        start, end = -1, -1
    if not 0 <= start < end:
        expected = "a start from 1 and an end not before it"
        raise malformed(path, number, expected, f"{fields[3]} {fields[4]}")
    strand = fields[6]
    if strand not in ("+", "-", ".", "?"):
        raise malformed(path, number, "the strand +, - or . in column 7", strand)
    phase = int(fields[7]) if fields[7] in ("1", "2") else 0
    return start, end, "." if strand == "?" else strand, phase


def as_gene(feature: Feature, findings: Findings) -> Gene:
    """Make a gene of a feature and its transcripts."""
    identifier = _bare_id(feature)
    name = feature.first("gene_name", "gene", "Name", "name", "locus_tag") or identifier
    aliases = feature.all(
        "Alias", "gene_synonym", "gene_alias", "locus_tag", "gene_id", "Name"
    ) + _cross_references(feature)
    if feature.kind == ".":
        identifier, *rest = map(url_decoded, _WORDS.findall(feature.first("name")) or [identifier])
        name, *aliases = rest or [identifier]
    transcripts = [_as_transcript(child, identifier) for child in feature.transcripts]
    transcripts = transcripts or [_as_transcript(feature, identifier)]
    if feature.strand == ".":
        findings.add(NO_STRAND, f"{name} on {feature.chrom}")
    return Gene(
        id=identifier,
        name=name,
        chrom=feature.chrom,
        start=min(feature.start, *(t.start for t in transcripts)),
        end=max(feature.end, *(t.end for t in transcripts)),
        strand=feature.strand,
        transcripts=tuple(transcripts),
        description=_description(feature),
        aliases=tuple(dict.fromkeys(a for a in aliases if a and a not in (identifier, name))),
    )


def _cross_references(feature: Feature) -> list[str]:
    """Ids of the gene in other databases, with the database and, unless mere numbers, without."""
    given = feature.all("Dbxref", "dbxref", "db_xref")
    bare = [reference.partition(":")[2] for reference in given]
    return [*given, *(name for name in bare if not name.isdecimal())]


def _bare_id(feature: Feature) -> str:
    """Take off the kind that Ensembl ("gene:YAL001C") and NCBI ("gene-YAL001C") put before."""
    return _KIND_BEFORE_ID.sub("", feature.id)


def _as_transcript(feature: Feature, gene_id: str) -> Transcript:
    start, end = feature.start, feature.end
    measured = feature.first("tss")
    if measured.isdecimal():  # 1-based
        if feature.strand == "-":
            end = max(int(measured), start + 1)
        else:
            start = min(max(int(measured), 1), end) - 1
    spans = feature.exons or feature.coding or [(start, end)]
    inside = [(max(a, start), min(b, end)) for a, b in spans if a < end and b > start]
    identifier = gene_id if feature.kind in (".", "gene") else _bare_id(feature)
    exons = _merged(inside)
    coding, phase = _translated(feature, start, end)
    return Transcript(
        identifier,
        feature.chrom,
        start,
        end,
        feature.strand,
        exons,
        coding,
        phase,
        feature.protein,
        feature.has_start,
    )


def _translated(feature: Feature, start: int, end: int) -> tuple[tuple[Span, ...], int]:
    """The coding stretches inside a transcript, and the phase of the first to be translated."""
    parts = sorted({part for part in feature.translated if part[0] < end and part[1] > start})
    if not parts or feature.strand not in ("+", "-"):
        return (), 0
    phase = (parts[0] if feature.strand == "+" else parts[-1])[2]
    # Not joined where they touch: at a frameshift stretches do, or overlap.
    return tuple((max(a, start), min(b, end)) for a, b, _ in parts), phase


def _merged(spans: list[Span]) -> tuple[Span, ...]:
    merged: list[Span] = []
    for start, end in sorted(spans):
        if merged and start <= merged[-1][1]:
            merged[-1] = (merged[-1][0], max(end, merged[-1][1]))
        else:
            merged.append((start, end))
    return tuple(merged)


def _description(feature: Feature) -> str:
    text = feature.first("description", "Note", "product", "display")
    source = feature.first("tss_source")
    if not text and source not in ("", "NA"):
        return f"TSS measured by {source.replace('_', ' ')}"
    return re.sub(r"\s*\[Source:.*\]$", "", text)
