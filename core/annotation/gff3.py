"""Genes out of GFF3 1.26, as the Sequence Ontology specifies it and SGD, Ensembl and NCBI write it.

Lines of one ID are parts of one feature: where they lie apart, of several places. Genes may be
missing (transcripts stand for them), transcripts too (coding sequences do), and parts may come
before what they belong to.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from pathlib import Path

from sighthound.core.annotation.features import Feature, Roles, as_gene, columns, role_of, span_of
from sighthound.core.annotation.transcripts import Annotation, malformed
from sighthound.core.findings import (
    NO_GENE,
    NO_PARENT,
    OTHER_PARENT,
    SEMICOLONS,
    TRANS_SPLICED,
    Findings,
)
from sighthound.core.text import url_decoded

_WHOLE_CHROMOSOME = ("chromosome", "mitochondrion")  # what NCBI calls the region of an accession
_CIRCULAR = re.compile(r"(?:^|;)\s*Is_circular\s*=\s*true\b")
_PARENT = re.compile(r"(?:^|;)\s*Parent\s*=([^;]*)")
_PROTEIN = re.compile(r"(?:^|;)\s*protein_id\s*=([^;]*)")
# Attributes of several values, apart by commas; a comma in any other is a comma.
_LISTS = {
    "Parent", "Alias", "Note", "Dbxref", "Ontology_term", "gene_synonym", "gene_alias", "db_xref",
    "dbxref",
}  # fmt: skip
_PROTEIN_ATTRIBUTE = "protein_id"

Key = tuple[str, str]  # sequence and ID


class _Parts:
    """Exons and coding stretches by what they belong to."""

    def __init__(self) -> None:
        self.of: dict[Key, list[tuple[str, int, int, str, int]]] = {}
        self.protein: dict[Key, str] = {}
        self.first_line: dict[Key, int] = {}

    def add(
        self, key: Key, number: int, role: str, start: int, end: int, strand: str, phase: int
    ) -> None:
        self.first_line.setdefault(key, number)
        self.of.setdefault(key, []).append((role, start, end, strand, phase))


def read_gff3(path: Path, lines: Iterator[tuple[int, str]], findings: Findings) -> Annotation:
    """Gather the lines of a GFF3 as genes."""
    genes: dict[Key, list[Feature]] = {}
    transcripts: list[tuple[int, Key, Feature]] = []
    others: set[Key] = set()
    parts = _Parts()
    lone_coding: dict[tuple[str, str, str], Feature] = {}
    chromosome_names: dict[str, str] = {}
    circles: dict[str, int] = {}
    roles: Roles = {}
    for number, line in lines:
        fields = columns(path, number, line)
        start, end, strand, phase = span_of(path, number, fields)
        kind, text = fields[2], fields[8]
        chrom = url_decoded(fields[0])
        role = role_of(kind, roles)
        if role in ("exon", "CDS", "UTR"):
            parents = _parents(text)
            for parent in parents:
                key = chrom, parent
                parts.add(key, number, role, start, end, strand, phase)
                if role == "CDS" and key not in parts.protein:
                    protein = _PROTEIN.search(text)
                    parts.protein[key] = url_decoded(protein[1].strip()) if protein else ""
            if parents:
                continue
            if role != "CDS":
                findings.add(NO_PARENT, f"line {number}")
                continue
            attributes = _attributes(path, number, text, findings)
            identifier = _id_of(attributes, number)
            feature = Feature(kind, identifier, chrom, start, end, strand, attributes)
            feature = lone_coding.setdefault((chrom, identifier, strand), feature)
            feature.stretch(start, end)
            feature.take(role, start, end, phase)
            feature.protein = feature.first(_PROTEIN_ATTRIBUTE)
            continue
        if not role:
            # What has both an ID and a parent may be a transcript of a type not known here.
            if "Parent" in text and "ID" in text:
                attributes = _attributes(path, number, text, findings)
                if "ID" in attributes and "Parent" in attributes:
                    key = chrom, attributes["ID"][0]
                    feature = Feature(kind, key[1], chrom, start, end, strand, attributes)
                    transcripts.append((number, key, feature))
            elif "ID" in text:
                attributes = _attributes(path, number, text, findings)
                others.add((chrom, attributes.get("ID", [""])[0]))
                if kind == "region" and attributes.get("genome", [""])[0] in _WHOLE_CHROMOSOME:
                    chromosome_names[chrom] = attributes.get("Name", [chrom])[0]
            if _CIRCULAR.search(text):
                circles[chrom] = max(end, circles.get(chrom, 0))
            continue
        attributes = _attributes(path, number, text, findings, keep="name" if kind == "." else "")
        identifier = _id_of(attributes, number)
        key = chrom, attributes["ID"][0] if "ID" in attributes else f"line {number}"
        feature = Feature(kind, identifier, chrom, start, end, strand, attributes)
        if role == "gene":
            _add_place(genes.setdefault(key, []), feature)
        else:
            transcripts.append((number, key, feature))
    roots = _assembled(genes, transcripts, others, parts, roles, findings)
    roots += _coding_apart(roots, lone_coding.values())
    return Annotation([as_gene(root, findings) for root in roots], chromosome_names, circles)


def _add_place(places: list[Feature], gene: Feature) -> None:
    for known in places:
        if known.strand == gene.strand and known.overlaps(gene.start, gene.end):
            known.stretch(gene.start, gene.end)
            return
    places.append(gene)


def _assembled(
    genes: dict[Key, list[Feature]],
    transcripts: list[tuple[int, Key, Feature]],
    others: set[Key],
    parts: _Parts,
    roles: Roles,
    findings: Findings,
) -> list[Feature]:
    """Put transcripts below genes, and parts below both; what has nothing above it is a gene."""
    placed: dict[Key, list[Feature]] = {}
    roots: list[Feature] = [gene for places in genes.values() for gene in places]
    known_transcripts = {key for _, key, _ in transcripts}
    for number, key, transcript in transcripts:
        if not roles[transcript.kind] and key not in parts.of:
            others.add(key)
            continue
        chrom = transcript.chrom
        parents = [(chrom, parent) for parent in _known(transcript, genes, known_transcripts)]
        copies = placed.setdefault(key, [])
        homes = [_nearest(genes[parent], transcript) for parent in parents if parent in genes]
        copy = next((c for c in copies if _is_same(c, transcript, homes)), None)
        if copy is not None:
            copy.stretch(transcript.start, transcript.end)
            continue
        copies.append(transcript)
        for home in homes:
            home.transcripts.append(transcript)
        if not homes and not parents:
            roots.append(transcript)
            if "Parent" in transcript.attributes:
                findings.add(NO_GENE, f"line {number}: {transcript.id}")
    for key, listed in parts.of.items():
        features = placed.get(key) or genes.get(key)
        if features is None and key in others:
            for _ in listed:
                findings.add(OTHER_PARENT, f"line {parts.first_line[key]}")
            continue
        if features is None:
            features = list(_made_of(key, listed))
            roots += features
            findings.add(NO_GENE, f"line {parts.first_line[key]}: {key[1]}")
        for role, start, end, strand, phase in listed:
            feature = _nearest(features, Feature("", "", key[0], start, end, strand, {}))
            feature.take(role, start, end, phase)
            feature.protein = feature.protein or parts.protein.get(key, "")
    for places in genes.values():
        _order_parts(places, findings)
    return roots


def _known(
    transcript: Feature, genes: dict[Key, list[Feature]], transcripts: set[Key]
) -> list[str]:
    """The parents of a transcript that are in the file; one that is named with commas, whole."""
    parents = transcript.attributes.get("Parent", [])
    whole = ",".join(parents)
    named = [whole] if (transcript.chrom, whole) in genes else parents
    return [
        parent
        for parent in named
        if (transcript.chrom, parent) in genes or (transcript.chrom, parent) in transcripts
    ]


def _is_same(known: Feature, given: Feature, homes: list[Feature]) -> bool:
    """Whether a line is a further part of a transcript, and not its copy at another place."""
    if known.strand != given.strand:
        return False
    return not homes or any(part is known for home in homes for part in home.transcripts)


def _nearest(features: list[Feature], part: Feature) -> Feature:
    """Of the places of a feature the one that a part belongs to."""
    if len(features) == 1:
        return features[0]
    return max(
        features,
        key=lambda f: (f.overlaps(part.start, part.end), part.strand in (f.strand, ".")),
    )


def _made_of(key: Key, listed: Iterable[tuple[str, int, int, str, int]]) -> Iterator[Feature]:
    """The transcript, one a strand, whose exons name it although it has no line."""
    chrom, identifier = key
    made: dict[str, Feature] = {}
    for _, start, end, strand, _ in listed:
        feature = Feature("transcript", identifier, chrom, start, end, strand, {})
        made.setdefault(strand, feature).stretch(start, end)
    yield from made.values()


def _order_parts(places: list[Feature], findings: Findings) -> None:
    """Leave the start of a trans-spliced gene to the first of its parts."""
    if len(places) < 2:
        return
    numbers = [re.match(r"\d+", place.first("part")) for place in places]
    is_spliced = any("trans" in place.first("exception") for place in places)
    if not is_spliced and not all(numbers):
        return
    findings.add(TRANS_SPLICED, f"{places[0].id} on {places[0].chrom}")
    ranks = [int(match[0]) if match else n for n, match in enumerate(numbers)]
    for rank, place in zip(ranks, places, strict=True):
        for feature in (place, *place.transcripts):
            feature.has_start = rank == min(ranks)


def _coding_apart(roots: list[Feature], lone: Iterable[Feature]) -> list[Feature]:
    """Coding sequences without a parent: a gene each, unless one of their name lies there."""
    by_name: dict[tuple[str, str, str], list[Feature]] = {}
    for root in roots:
        for name in root.all("locus_tag", "gene", "Name", "gene_id"):
            by_name.setdefault((root.chrom, root.strand, name), []).append(root)
    genes = []
    for coding in lone:
        names = coding.all("locus_tag", "gene", "Name", "gene_id")
        near = [g for n in names for g in by_name.get((coding.chrom, coding.strand, n), ())]
        gene = next((g for g in near if g.overlaps(coding.start, coding.end)), None)
        if gene is None:
            genes.append(coding)
        elif not gene.transcripts:
            gene.coding += coding.coding
            gene.translated += coding.translated
            gene.protein = gene.protein or coding.protein
    return genes


def _id_of(attributes: dict[str, list[str]], number: int) -> str:
    keys = ("ID", "locus_tag", "gene_id", "Name", "name")
    return next((attributes[key][0] for key in keys if key in attributes), f"line {number}")


def _parents(text: str) -> list[str]:
    match = _PARENT.search(text)
    if match is None:
        return []
    return [url_decoded(parent.strip()) for parent in match[1].split(",") if parent.strip()]


def _attributes(
    path: Path, number: int, text: str, findings: Findings, keep: str = ""
) -> dict[str, list[str]]:
    """Read attributes, URL-decoded but for the one that is kept as it stands."""
    attributes: dict[str, list[str]] = {}
    pairs: list[tuple[str, str]] = []
    for pair in text.split(";"):
        key, equals, value = pair.partition("=")
        if equals and not (pairs and " " in key.strip()):
            pairs.append((key.strip(), value.strip()))
        elif pair.strip() in ("", "."):
            continue
        elif pairs:
            findings.add(SEMICOLONS, f"line {number}")
            pairs[-1] = pairs[-1][0], f"{pairs[-1][1]};{pair}"
        else:
            raise malformed(path, number, "attributes as key=value;key=value", text)
    for key, value in pairs:
        values = value.split(",") if key in _LISTS else [value]
        if "%" in value and key != keep:
            values = [url_decoded(each) for each in values]
        attributes.setdefault(key, []).extend(each for each in values if each)
    return {key: values for key, values in attributes.items() if values}
