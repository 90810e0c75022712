"""Genes out of GTF 2.2 (Ensembl, GENCODE, NCBI, UCSC) and GFF3 1.26.

GFF3 as the Sequence Ontology specifies it and SGD, Ensembl and NCBI write it. Both count bases from
1, inclusive; what leaves this module is 0-based and half-open.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from urllib.parse import unquote

from core.transcripts import Annotation, Gene, Span, Transcript, malformed

_EXON_TYPES = {"exon", "noncoding_exon", "pseudogenic_exon"}
_CODING_TYPES = {"CDS", "UTR", "five_prime_UTR", "three_prime_UTR", "5UTR", "3UTR", "stop_codon"}
_TRANSCRIPT_TYPE = re.compile(r"(RNA|transcript|_gene_segment)$")
_GENE_TYPE = re.compile(r"(^|_)(gene|pseudogene)$")
_GTF_GENE_ID = re.compile(r'\bgene_id\s+"?([^";]+)')
_GTF_TRANSCRIPT_ID = re.compile(r'\btranscript_id\s+"?([^";]+)')
_GTF_ATTRIBUTE = re.compile(r'\s*([^\s;"]+)\s+(?:"([^"]*)"|([^;"]*))\s*;?')

_WHOLE_CHROMOSOME = ("chromosome", "mitochondrion")  # what NCBI calls the region of an accession


@dataclass
class _Feature:
    """One gene or transcript line and what hangs below it."""

    kind: str
    id: str
    chrom: str
    start: int
    end: int
    strand: str
    attributes: dict[str, list[str]]  # GFF3: not yet URL-decoded
    parents: list[str] = field(default_factory=list)
    exons: list[Span] = field(default_factory=list)
    coding: list[Span] = field(default_factory=list)  # UTRs too: exons, where there are none
    translated: list[tuple[int, int, int]] = field(default_factory=list)  # with the phase
    transcripts: list[_Feature] = field(default_factory=list)

    def first(self, *keys: str) -> str:
        """The value of the first of these attributes that is there, or ""."""
        values = next((self.attributes[key] for key in keys if key in self.attributes), [])
        return unquote(",".join(values))

    def stretch(self, start: int, end: int) -> None:
        self.start, self.end = min(self.start, start), max(self.end, end)


def _feature_fields(path: Path, number: int, line: str) -> tuple[str, str, int, int, str, int, str]:
    fields = line.split("\t")
    if len(fields) != 9:
        raise malformed(path, number, f"9 tab-separated columns, found {len(fields)}", line)
    chrom, _, kind, start_text, end_text, _, strand, phase, attributes = fields
    try:
        start, end = int(start_text) - 1, int(end_text)
    except ValueError:
        start, end = -1, -1
    if not 0 <= start < end:
        raise malformed(
            path, number, "a start from 1 and an end not before it", f"{start_text} {end_text}"
        )
    if strand not in ("+", "-", ".", "?"):
        raise malformed(path, number, "the strand +, - or . in column 7", strand)
    read_phase = int(phase) if phase in ("1", "2") else 0
    return chrom, kind, start, end, strand.replace("?", "."), read_phase, attributes


def read_gtf(path: Path, lines: Iterator[tuple[int, str]]) -> Annotation:
    genes: dict[tuple[str, str], _Feature] = {}
    transcripts: dict[tuple[str, str, str], _Feature] = {}
    for number, line in lines:
        chrom, kind, start, end, strand, phase, text = _feature_fields(path, number, line)
        is_part = kind in _EXON_TYPES or kind in _CODING_TYPES
        if not is_part and kind not in ("gene", "transcript") and not _TRANSCRIPT_TYPE.search(kind):
            continue
        gene_match = _GTF_GENE_ID.search(text)
        if gene_match is None:
            raise malformed(path, number, 'attributes with gene_id "..."', text)
        gene_id = gene_match[1]
        gene = genes.get((chrom, gene_id))
        if gene is None:
            attributes = _gtf_attributes(text)
            gene = _Feature("gene", gene_id, chrom, start, end, strand, attributes)
            genes[chrom, gene_id] = gene
        gene.stretch(start, end)
        if kind == "gene":
            gene.attributes = _gtf_attributes(text)
            continue
        transcript_match = _GTF_TRANSCRIPT_ID.search(text)
        transcript_id = gene_id if transcript_match is None else transcript_match[1]
        transcript = transcripts.get((chrom, gene_id, transcript_id))
        if transcript is None:
            transcript = _Feature("transcript", transcript_id, chrom, start, end, strand, {})
            transcripts[chrom, gene_id, transcript_id] = transcript
            gene.transcripts.append(transcript)
        transcript.stretch(start, end)
        if is_part:
            (transcript.exons if kind in _EXON_TYPES else transcript.coding).append((start, end))
        if kind == "CDS":
            transcript.translated.append((start, end, phase))
    return Annotation([_as_gene(gene) for gene in genes.values()])


def _gtf_attributes(text: str) -> dict[str, list[str]]:
    attributes: dict[str, list[str]] = {}
    for match in _GTF_ATTRIBUTE.finditer(text):
        quoted, bare = match[2], match[3]
        attributes.setdefault(match[1], []).append(bare.strip() if quoted is None else quoted)
    return attributes


def read_gff3(path: Path, lines: Iterator[tuple[int, str]]) -> Annotation:
    features: dict[tuple[str, str], _Feature] = {}
    exons: dict[tuple[str, str], list[Span]] = {}
    coding: dict[tuple[str, str], list[Span]] = {}
    translated: dict[tuple[str, str], list[tuple[int, int, int]]] = {}
    lone_coding: dict[tuple[str, str], _Feature] = {}  # of bacterial annotations without genes
    chromosome_names: dict[str, str] = {}
    for number, line in lines:
        chrom, kind, start, end, strand, phase, text = _feature_fields(path, number, line)
        chrom = unquote(chrom)
        attributes = _gff3_attributes(path, number, text)
        parents = attributes.get("Parent", [])
        if kind in _EXON_TYPES or kind in _CODING_TYPES:
            parts = exons if kind in _EXON_TYPES else coding
            for parent in parents:
                parts.setdefault((chrom, parent), []).append((start, end))
                if kind == "CDS":
                    translated.setdefault((chrom, parent), []).append((start, end, phase))
            if not parents and kind == "CDS":
                identifier = _id_of(attributes, number)
                lone = _Feature(kind, identifier, chrom, start, end, strand, attributes)
                lone = lone_coding.setdefault((chrom, identifier), lone)
                lone.stretch(start, end)
                lone.translated.append((start, end, phase))
        elif kind == "." or _GENE_TYPE.search(kind) or _TRANSCRIPT_TYPE.search(kind):
            identifier = _id_of(attributes, number)
            key = attributes["ID"][0] if "ID" in attributes else f"line {number}"
            known = features.get((chrom, key))
            if known is not None:  # one feature on several lines
                known.stretch(start, end)
            else:
                features[chrom, key] = _Feature(
                    kind, identifier, chrom, start, end, strand, attributes, parents
                )
        elif kind == "region" and attributes.get("genome", [""])[0] in _WHOLE_CHROMOSOME:
            chromosome_names[chrom] = attributes.get("Name", [chrom])[0]

    roots = []
    for (chrom, identifier), feature in features.items():
        feature.exons = exons.get((chrom, identifier), [])
        feature.coding = coding.get((chrom, identifier), [])
        feature.translated = translated.get((chrom, identifier), [])
        above = [features[chrom, p] for p in feature.parents if (chrom, p) in features]
        for gene in above:
            gene.transcripts.append(feature)
        if not above:
            roots.append(feature)
    roots = roots or list(lone_coding.values())
    return Annotation([_as_gene(root) for root in roots], chromosome_names)


def _id_of(attributes: dict[str, list[str]], number: int) -> str:
    keys = ("ID", "locus_tag", "gene_id", "Name", "name")
    return next((attributes[key][0] for key in keys if key in attributes), f"line {number}")


def _gff3_attributes(path: Path, number: int, text: str) -> dict[str, list[str]]:
    attributes = {}
    for pair in text.split(";"):
        key, equals, values = pair.partition("=")
        if equals:
            attributes[key.strip()] = values.strip().split(",")
        elif pair.strip():
            raise malformed(path, number, "attributes as key=value;key=value", text)
    return attributes


def _as_gene(feature: _Feature) -> Gene:
    identifier = _bare_id(feature)
    name = feature.first("gene_name", "gene", "Name", "name", "locus_tag") or identifier
    aliases = [
        unquote(alias)
        for key in ("Alias", "gene_synonym", "gene_alias", "locus_tag", "gene_id", "Name")
        for alias in feature.attributes.get(key, [])
    ]
    aliases += _cross_references(feature)
    if feature.kind == ".":
        # "name=YAL001C (TFC3 FUN24 TSV115)": systematic name, standard name, aliases
        words = re.findall(r"[^\s()]+", ",".join(feature.attributes.get("name", [])))
        identifier, *rest = [unquote(word) for word in words] or [identifier]
        name, *aliases = rest or [identifier]
    transcripts = [_as_transcript(child, identifier) for child in feature.transcripts]
    transcripts = transcripts or [_as_transcript(feature, identifier)]
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


def _cross_references(feature: _Feature) -> list[str]:
    """Ids of the gene in other databases, with the database and, unless mere numbers, without."""
    given = [
        unquote(reference)
        for key in ("Dbxref", "db_xref")
        for reference in feature.attributes.get(key, [])
    ]
    bare = [reference.partition(":")[2] for reference in given]
    return [*given, *(name for name in bare if not name.isdecimal())]


def _bare_id(feature: _Feature) -> str:
    """The id without the kind that Ensembl ("gene:YAL001C") and NCBI ("gene-YAL001C") put before
    it."""
    return re.sub(r"^(gene|transcript|rna|pseudogene)[:-]", "", unquote(feature.id))


def _as_transcript(feature: _Feature, gene_id: str) -> Transcript:
    start, end = feature.start, feature.end
    measured = feature.first("tss")
    if measured.isdigit():  # 1-based
        if feature.strand == "-":
            end = max(int(measured), start + 1)
        else:
            start = min(int(measured) - 1, end - 1)
    spans = feature.exons or feature.coding or [(start, end)]
    inside = [(max(a, start), min(b, end)) for a, b in spans if a < end and b > start]
    identifier = gene_id if feature.kind in (".", "gene") else _bare_id(feature)
    exons = _merged(inside)
    coding, phase = _translated(feature, start, end)
    return Transcript(identifier, feature.chrom, start, end, feature.strand, exons, coding, phase)


def _translated(feature: _Feature, start: int, end: int) -> tuple[tuple[Span, ...], int]:
    """The coding stretches inside a transcript, and the phase of the first to be translated."""
    parts = sorted(part for part in feature.translated if part[0] < end and part[1] > start)
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


def _description(feature: _Feature) -> str:
    text = feature.first("description", "Note", "product", "display")
    source = feature.first("tss_source")
    if not text and source not in ("", "NA"):
        return f"TSS measured by {source.replace('_', ' ')}"
    return re.sub(r"\s*\[Source:.*\]$", "", text)
