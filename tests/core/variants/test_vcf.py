"""VCF files give the variants that can be scored, and the reason for each that cannot."""

import pysam
import pytest

from sighthound.core import Genome, SighthoundError, Variant, read_variants
from sighthound.core.variants.vcf import Tally, read_alleles

HEADER = "##fileformat=VCFv4.2\n#CHROM\tPOS\tID\tREF\tALT\tQUAL\tFILTER\tINFO\n"
SEQUENCE = "ACGTACGTNNACGTTTGACA"  # chrI, chrII and chrIII of the genome


@pytest.fixture(scope="module")
def genome(tmp_path_factory):
    file = tmp_path_factory.mktemp("genome") / "genome.fa"
    file.write_text("".join(f">chr{n}\n{SEQUENCE}\n" for n in ("I", "II", "III")))
    return Genome(file)


def vcf(folder, *lines):
    """A file of lines "chrom pos id ref alt"."""
    file = folder / "in.vcf"
    rows = ["\t".join([*line.split(), ".", ".", "."]) for line in lines]
    file.write_text(HEADER + "".join(f"{row}\n" for row in rows))
    return file


def test_sites_of_several_alleles_are_split_and_chromosomes_named_as_in_the_genome(
    genome, tmp_path
):
    file = vcf(tmp_path, "I 1 rs1 a G,AT", "chrIII 12 . CG C")
    assert read_variants(file, genome) == [
        Variant("chrI", 0, "A", "G", "rs1"),
        Variant("chrI", 0, "A", "AT", "rs1"),
        Variant("chrIII", 11, "CG", "C"),
    ]


def test_every_allele_that_cannot_be_scored_has_its_reason(genome, tmp_path):
    file = vcf(
        tmp_path,
        "chrI 2 . C <DEL>",
        "chrI 2 . C *",
        "chrI 2 . C C[chrII:5[",
        "chrI 2 . C .",
        "chrI 2 . C N",
        "chrI 9 . N A",
        "chrI 2 . G A",
        "chrI 19 . CAT C",
        "chrI 40 . C A",
        "chr9 2 . C A",
        "chrI 2 . C CACGTACGTACGT",
        "chrI 2 . C A",
    )
    alleles = list(read_alleles(file, genome, longest=10))
    assert [a.reason for a in alleles] == [
        *["symbolic allele"] * 3, "no ALT", *["allele with N or other letters"] * 2, "REF differs",
        *["beyond the chromosome's end"] * 2, "unknown chromosome",
        "longer than the model's window", "",
    ]  # fmt: skip
    tally = Tally()
    for allele in alleles:
        tally.add(allele)
    assert (tally.kept, tally.total) == (1, 12)
    assert "1 REF differs (first chrI:2 G>A, REF differs from the genome, which has C)" in (
        tally.lines()
    )


def test_an_allele_is_flipped_by_choice_where_the_genome_has_alt(genome, tmp_path):
    file = vcf(tmp_path, "chrI 2 a G C", "chrI 2 b G A", "chrI 1 c A T")
    first, second, third = read_alleles(file, genome, "flip")
    assert first.variant == Variant("chrI", 1, "C", "G", "a")
    assert first.is_flipped
    assert second.reason == "REF differs"
    assert not third.is_flipped
    assert read_variants(file, genome, "skip") == [Variant("chrI", 0, "A", "T", "c")]
    with pytest.raises(SighthoundError, match="variant chrI:2:G:C: REF differs from the genome"):
        read_variants(file, genome, "error")


def test_a_file_of_another_assembly_is_refused_with_the_number_of_mismatches(genome, tmp_path):
    file = vcf(tmp_path, *["chrI 1 . C G"] * 7, *["chrI 1 . A G"] * 4)
    with pytest.raises(SighthoundError, match=r"another assembly than genome.fa: 7 of 11 REF alle"):
        read_variants(file, genome)


def test_a_file_without_a_variant_to_score_is_refused(genome, tmp_path):
    with pytest.raises(SighthoundError, match=r"no variant that can be scored: it has no records"):
        read_variants(vcf(tmp_path), genome)
    with pytest.raises(SighthoundError, match=r"scored: 1 unknown chromosome \(first chr8:1 A>C"):
        read_variants(vcf(tmp_path, "chr8 1 . A C"), genome)


def test_what_is_no_vcf_is_refused(genome, tmp_path):
    with pytest.raises(SighthoundError, match="does not exist; expected a VCF or BCF file"):
        read_variants(tmp_path / "none.vcf", genome)
    (tmp_path / "text.vcf").write_text("not a VCF\n")
    with pytest.raises(SighthoundError, match="cannot be read as VCF or BCF"):
        read_variants(tmp_path / "text.vcf", genome)
    damaged = vcf(tmp_path, "chrI 1 . A C")
    damaged.write_text(damaged.read_text() + "chrI\tsomewhere\n")
    with pytest.raises(SighthoundError, match="cannot be read after 1 records"):
        read_variants(damaged, genome)


@pytest.mark.parametrize(("mode", "name"), [("wz", "in.vcf.gz"), ("wb", "in.bcf")])
def test_compressed_and_binary_files_are_read_alike(genome, tmp_path, mode, name):
    plain = vcf(tmp_path, "chrI 2 . C A", "chrI 1 . A C")
    text = plain.read_text().replace("#CHROM", "##contig=<ID=chrI>\n#CHROM")
    plain.write_text(text)
    with (
        pysam.VariantFile(str(plain)) as source,
        pysam.VariantFile(str(tmp_path / name), mode, header=source.header) as sink,
    ):
        for record in source:
            sink.write(record)
    assert read_variants(tmp_path / name, genome) == read_variants(plain, genome)
