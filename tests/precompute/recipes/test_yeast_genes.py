"""Measured transcripts get introns and codons from the shipped annotation, and are written."""

from __future__ import annotations

from pathlib import Path

import pytest

from sighthound.core.annotation.read import read_annotation
from sighthound.core.annotation.transcripts import Gene, Transcript
from sighthound.core.genome.sequence import Genome, Interval
from sighthound.precompute.recipes.yeast_genes import gff3_lines, with_coding
from tests.paths import ROOT, SHARED_DATA

MEASURED = SHARED_DATA / "yeast" / "genes.gff"
SHIPPED = ROOT / "assets" / "genome"


def gene(start: int, end: int, coding: tuple = (), exons: tuple = (), strand: str = "-") -> Gene:
    spans = exons or ((start, end),)
    transcript = Transcript("A", "chrI", start, end, strand, spans, coding)
    return Gene("A", "ACT9", "chrI", start, end, strand, (transcript,), "a; b", ("OLD1", "x,y"))


def test_ends_are_the_measured_ones_and_introns_and_coding_sequence_the_shipped() -> None:
    spliced = gene(100, 150, coding=((100, 120), (130, 140)), exons=((100, 120), (130, 150)))
    (joined,) = with_coding([gene(90, 160)], [spliced])
    (transcript,) = joined.transcripts
    assert transcript.exons == ((90, 120), (130, 160))
    assert transcript.coding == ((100, 120), (130, 140))


@pytest.mark.parametrize("other", [gene(100, 150), gene(80, 150, coding=((80, 140),)),
                                   gene(100, 150, coding=((100, 140),), strand="+")])  # fmt: skip
def test_a_gene_that_does_not_code_inside_its_measured_transcript_is_left(other: Gene) -> None:
    assert with_coding([gene(90, 160)], [other]) == [gene(90, 160)]


def test_what_is_written_is_read_again(tmp_path: Path) -> None:
    """On the reverse strand: 10 bases of the second stretch, so 2 of the first end a codon."""
    spliced = gene(90, 160, coding=((100, 120), (130, 140)), exons=((90, 120), (130, 160)))
    file = tmp_path / "genes.gff3"
    file.write_text("".join(gff3_lines([spliced])))
    phases = [ln.split("\t")[7] for ln in file.read_text().splitlines() if "\tCDS\t" in ln]
    assert phases == ["2", "0"]
    (read,) = read_annotation(file).genes
    (transcript,) = read.transcripts
    assert (read.id, read.name, read.aliases) == ("A", "ACT9", ("OLD1", "x,y"))
    assert read.description == "a; b"
    assert (transcript.tss, transcript.exons) == (159, ((90, 120), (130, 160)))
    assert transcript.coding == ((100, 120), (130, 140))


@pytest.mark.real_data
def test_nearly_all_yeast_genes_are_read_from_start_codon_to_stop() -> None:
    measured = read_annotation(MEASURED).genes
    genes = with_coding(measured, read_annotation(SHIPPED / "genes.gff3.gz").genes)
    assert [g.transcripts[0].tss for g in genes] == [g.transcripts[0].tss for g in measured]
    coding = [g for g in genes if g.transcripts[0].coding]
    assert len(coding) == 5_470
    genome = Genome(SHIPPED / "sacCer3.fa.gz")
    stops = {"+": ("TAA", "TAG", "TGA"), "-": ("TTA", "CTA", "TCA")}
    starts = {"+": "ATG", "-": "CAT"}
    whole = 0
    for found in coding:
        (transcript,) = found.transcripts
        sequence = "".join(
            genome.sequence(Interval(found.chrom, *span)) for span in transcript.coding
        )
        first, last = (sequence[:3], sequence[-3:])[:: 1 if found.strand == "+" else -1]
        whole += first == starts[found.strand] and last in stops[found.strand]
    assert whole >= 0.999 * len(coding)
