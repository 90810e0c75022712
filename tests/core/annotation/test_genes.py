"""Annotations as SGD, Ensembl, NCBI and UCSC write them, and finding genes in them."""

import gzip
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sighthound.core.annotation.genes import Gene, Genes, Transcript, read_genes
from sighthound.core.annotation.read import sniff_format
from sighthound.core.errors import SighthoundError
from sighthound.core.genome.sequence import Genome, Interval
from tests.paths import SHARED_DATA

YEAST_GENES = SHARED_DATA / "yeast" / "genes.gff"

SGD = """\
##gff-version 3
# Saccharomyces cerevisiae
chrI\tSGD\tchromosome\t1\t2000\t.\t.\t.\tID=chrI;Name=chrI
chrI\tSGD\tARS\t650\t1791\t.\t.\t.\tID=ARS102;Name=ARS102
chrI\tSGD\tmRNA\t101\t900\t.\t-\t.\tID=YAL001C_mRNA;Name=YAL001C_mRNA;Parent=YAL001C
chrI\tSGD\tgene\t101\t900\t.\t-\t.\tID=YAL001C;Name=YAL001C;gene=TFC3;Alias=TFC3,tau 138,DUR1%2C2;\
Note=Subunit of RNA polymerase III%3B binds the BoxB;display=ignored
chrI\tSGD\tCDS\t101\t800\t.\t-\t0\tParent=YAL001C_mRNA;Name=YAL001C_CDS
chrI\tSGD\tintron\t801\t850\t.\t-\t.\tParent=YAL001C_mRNA;Name=YAL001C_intron
chrI\tSGD\tCDS\t851\t900\t.\t-\t0\tParent=YAL001C_mRNA;Name=YAL001C_CDS
chrI\tSGD\ttRNA_gene\t1001\t1072\t.\t+\t.\tID=tP(UGG)A;Name=tP(UGG)A
chrI\tSGD\tnoncoding_exon\t1001\t1072\t.\t+\t.\tParent=tP(UGG)A_tRNA
chrI\tSGD\ttRNA\t1001\t1072\t.\t+\t.\tID=tP(UGG)A_tRNA;Parent=tP(UGG)A
###
##FASTA
>chrI
CCACACCACACCC
"""

ENSEMBL_GFF3 = """\
##gff-version 3
I\tensembl\tgene\t335\t649\t.\t+\t.\tID=gene:YAL069W;Name=SEO1;biotype=protein_coding;\
description=Hypothetical protein [Source:SGD%3BAcc:S000002143];gene_id=YAL069W
I\tensembl\tmRNA\t335\t649\t.\t+\t.\tID=transcript:YAL069W_mRNA;Parent=gene:YAL069W
I\tensembl\texon\t335\t400\t.\t+\t.\tParent=transcript:YAL069W_mRNA;Name=exon1
I\tensembl\texon\t500\t649\t.\t+\t.\tParent=transcript:YAL069W_mRNA;Name=exon2
I\tensembl\tCDS\t335\t360\t.\t+\t0\tID=CDS:YAL069W;Parent=transcript:YAL069W_mRNA
"""

NCBI_GFF3 = """\
NC_001133.9\tRefSeq\tregion\t1\t2000\t.\t+\t.\tID=NC_001133.9:1..2000;Name=I;chromosome=I;genome=chromosome
NC_001133.9\tRefSeq\tgene\t11\t99\t.\t-\t.\tID=gene-YAL068C;Name=PAU8;gene=PAU8;\
gene_synonym=OLD1,OLD2;locus_tag=YAL068C;Dbxref=GeneID:851229,SGD:S000002142
NC_001133.9\tRefSeq\tmRNA\t11\t99\t.\t-\t.\tID=rna-NM_1;Parent=gene-YAL068C;Name=NM_1;gene=PAU8
NC_001133.9\tRefSeq\texon\t11\t99\t.\t-\t.\tID=exon-1;Parent=rna-NM_1;gene=PAU8
"""

GTF = """\
#!genome-build GRCh38
chr1\tHAVANA\tgene\t1001\t3000\t.\t+\t.\tgene_id "ENSG00000000001.5"; gene_name "ABC1";
chr1\tHAVANA\ttranscript\t1001\t3000\t.\t+\t.\tgene_id "ENSG00000000001.5"; transcript_id "T1";
chr1\tHAVANA\texon\t1001\t1100\t.\t+\t.\tgene_id "ENSG00000000001.5"; transcript_id "T1"; exon 1;
chr1\tHAVANA\texon\t2901\t3000\t.\t+\t.\tgene_id "ENSG00000000001.5"; transcript_id "T1"; exon 2;
chr1\tHAVANA\tCDS\t1050\t1100\t.\t+\t0\tgene_id "ENSG00000000001.5"; transcript_id "T1";
chr1\tHAVANA\texon\t1501\t1600\t.\t+\t.\tgene_id "ENSG00000000001.5"; transcript_id "T2";
chr2\tStringTie\texon\t11\t20\t.\t-\t.\tgene_id "MSTRG.1"; transcript_id "MSTRG.1.1";
chr2\tStringTie\texon\t31\t40\t.\t-\t.\tgene_id "MSTRG.1"; transcript_id "MSTRG.1.1";
"""

BED12 = (
    "track name=genes\n"
    "chr1\t100\t500\tABC1\t0\t+\t100\t500\t0\t2\t50,100,\t0,300,\n"
    "chr1\t200\t600\tABC1\t0\t+\t200\t600\t0\t1\t400,\t0,\n"
    "chr1\t9000\t9100\tABC1\t0\t+\t9000\t9100\t0\t1\t100\t0\n"
)


def annotation(folder: Path, text: str, name: str = "genes.txt") -> Path:
    path = folder / name
    path.write_text(text)
    return path


def genome(folder: Path, **lengths: int) -> Genome:
    path = folder / "genome.fa"
    path.write_text("".join(f">{name}\n{'A' * length}\n" for name, length in lengths.items()))
    return Genome(path)


def gene(name: str, start: int, end: int, *aliases: str, chrom: str = "c") -> Gene:
    exons = ((start, end),)
    transcript = Transcript(name, chrom, start, end, "+", exons)
    return Gene(f"id_{name}", name, chrom, start, end, "+", (transcript,), aliases=aliases)


def test_sgd_gff3_gives_standard_names_aliases_notes_and_exons(tmp_path):
    genes = read_genes(annotation(tmp_path, SGD))
    assert [found.name for found in genes] == ["TFC3", "tP(UGG)A"]
    tfc3 = genes["TFC3"]
    assert (tfc3.id, tfc3.chrom, tfc3.start, tfc3.end, tfc3.strand) == (
        "YAL001C",
        "chrI",
        100,
        900,
        "-",
    )
    assert tfc3.aliases == ("tau 138", "DUR1,2")
    assert tfc3.description == "Subunit of RNA polymerase III; binds the BoxB"
    assert tfc3.transcripts[0].exons == ((100, 800), (850, 900))
    assert tfc3.tss_positions == (899,)
    assert genes["tP(UGG)A"].transcripts[0].exons == ((1000, 1072),)


def test_ensembl_gff3_ids_lose_their_kind_and_descriptions_their_source(tmp_path):
    (found,) = read_genes(annotation(tmp_path, ENSEMBL_GFF3))
    assert (found.id, found.name) == ("YAL069W", "SEO1")
    assert found.description == "Hypothetical protein"
    assert found.transcripts[0].id == "YAL069W_mRNA"
    assert found.transcripts[0].exons == ((334, 400), (499, 649))


def test_ncbi_accessions_are_resolved_through_the_chromosome_they_name(tmp_path):
    path = annotation(tmp_path, NCBI_GFF3)
    (found,) = read_genes(path, genome(tmp_path, chrI=2000, chrII=1000, chrIII=1000))
    assert (found.id, found.name, found.chrom) == ("YAL068C", "PAU8", "chrI")
    assert found.transcripts[0].chrom == "chrI"
    assert {"OLD1", "OLD2", "GeneID:851229", "SGD:S000002142", "S000002142"} <= set(found.aliases)
    assert "851229" not in found.aliases, "a number alone is a position"
    assert found.tss_positions == (98,)


def test_gtf_transcripts_are_gathered_under_their_gene(tmp_path):
    genes = read_genes(annotation(tmp_path, GTF))
    abc1 = genes["ABC1"]
    assert [(t.id, t.exons) for t in abc1.transcripts] == [
        ("T1", ((1000, 1100), (2900, 3000))),
        ("T2", ((1500, 1600),)),
    ]
    assert abc1.tss_positions == (1000, 1500)
    assert genes["ENSG00000000001"] is abc1


def test_what_is_translated_and_in_which_frame_comes_with_the_transcript(tmp_path):
    sgd, ensembl, gtf, bed = (
        next(iter(read_genes(annotation(tmp_path, text)))).transcripts[0]
        for text in (SGD, ENSEMBL_GFF3, GTF.replace("\t+\t0\t", "\t+\t2\t"), BED12)
    )
    assert sgd.coding == ((100, 800), (850, 900))
    assert (ensembl.coding, ensembl.phase) == (((334, 360),), 0)
    assert (gtf.coding, gtf.phase) == (((1049, 1100),), 2)
    assert bed.coding == ((100, 150), (400, 500))
    thick = BED12.replace("\t100\t500\t0\t2", "\t120\t410\t0\t2")
    assert next(iter(read_genes(annotation(tmp_path, thick)))).transcripts[0].coding == (
        (120, 150),
        (400, 410),
    )
    without = BED12.replace("\t100\t500\t0\t2", "\t500\t500\t0\t2")
    assert next(iter(read_genes(annotation(tmp_path, without)))).transcripts[0].coding == ()


def test_gtf_without_gene_lines_spans_the_exons(tmp_path):
    found = read_genes(annotation(tmp_path, GTF))["MSTRG.1"]
    assert (found.chrom, found.start, found.end, found.tss_positions) == ("chr2", 10, 40, (39,))


def test_bed12_lines_of_one_name_that_overlap_are_one_gene(tmp_path):
    genes = list(read_genes(annotation(tmp_path, BED12)))
    assert [(g.name, g.start, g.end, len(g.transcripts)) for g in genes] == [
        ("ABC1", 100, 600, 2),
        ("ABC1", 9000, 9100, 1),
    ]
    assert genes[0].transcripts[0].exons == ((100, 150), (400, 500))


def test_bed6_gives_one_exon_and_the_tss_by_strand(tmp_path):
    path = annotation(tmp_path, "chr1\t10\t20\tA\t.\t+\nchr1\t30\t40\tB\t.\t-\n")
    assert [found.tss_positions for found in read_genes(path)] == [(10,), (39,)]


def test_a_gff_of_measured_starts_gives_names_in_brackets_and_those_starts(tmp_path):
    rows = (
        "chrI\t.\t.\t101\t900\t.\t-\t.\tname=YAL001C (TFC3 FUN24);tss=890;bin=585",
        "chrI\t.\t.\t1001\t1100\t.\t+\t.\tname=YAL002W (EF-1%20alpha);tss=NA",
        "chrI\t.\t.\t1201\t1300\t.\t+\t.\tname=YAL004W;tss=NA",
    )
    tfc3, ef1, plain = read_genes(annotation(tmp_path, "\n".join(rows)))
    assert (tfc3.id, tfc3.name, tfc3.aliases) == ("YAL001C", "TFC3", ("FUN24",))
    assert tfc3.tss_positions == (889,)
    assert (ef1.name, ef1.tss_positions) == ("EF-1 alpha", (1000,))
    assert (plain.id, plain.name) == ("YAL004W", "YAL004W")


@pytest.mark.real_data
def test_the_shared_yeast_annotation_is_read_whole():
    genes = read_genes(YEAST_GENES)
    assert len(genes) == 5680
    assert (genes["TFC3"].id, genes["TFC3"].tss_positions) == ("YAL001C", (151217,))
    assert genes.search("gal1")[0].name == "GAL1"


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        (SGD, "gff3"),
        (NCBI_GFF3, "gff3"),
        (GTF, "gtf"),
        (BED12, "bed"),
        ("c\t10\t20\tA\t0\t+\t10\t20\t0\n", "bed"),
        ("##gff-version 3\n" + GTF, "gtf"),
        ("c\tx\tgene\t1\t9\t.\t+\t.\tg1\nc\tx\tCDS\t1\t9\t.\t+\t0\tgene_id g1;\n", "gtf"),
        ("##gff-version 3\nc\tx\tgene\t1\t9\t.\t+\t.\t.\n", "gff3"),
        ("c\tx\tgene\t1\t9\t.\t+\t.\tID = a b\n", "gff3"),
    ],
)
def test_formats_are_told_apart_by_lines_not_by_names_or_headers(tmp_path, text, expected):
    assert sniff_format(annotation(tmp_path, text, "genes.bed")) == expected


@pytest.mark.parametrize("text", [SGD, ENSEMBL_GFF3, NCBI_GFF3, GTF, BED12])
def test_compressed_annotations_read_as_plain_ones(tmp_path, text):
    plain = annotation(tmp_path, text)
    packed = tmp_path / "packed"
    packed.write_bytes(gzip.compress(text.encode()))
    assert list(read_genes(packed)) == list(read_genes(plain))


def test_chromosomes_take_the_genomes_names_and_foreign_ones_are_left_out(tmp_path):
    path = annotation(tmp_path, "IV\t10\t20\tA\t.\t+\nplasmid\t30\t40\tB\t.\t-\n")
    yeast = genome(tmp_path, chrI=50, chrII=50, chrIII=50, chrIV=50)
    assert [(found.name, found.chrom) for found in read_genes(path, yeast)] == [("A", "chrIV")]


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("", "no genes"),
        ("# only a comment\n", "no genes"),
        ("hello\n", "line 1: expected 9 tab-separated columns"),
        ("c\t10\t20\tA\t.\t+\nc\t10\t20\tA\n", "line 2: expected at least 6 .* found 4"),
        ("c\t20\t10\tA\t.\t+\n", "line 1: expected a 0-based start before the end, got '20 10'"),
        ("c\t10\t20\tA\t.\tplus\n", "line 1: expected the strand"),
        ("c\t10\t20\tA\t.\t+\t1\t2\t0\t2\t5,\t0,\n", "line 1: expected 2 block sizes"),
        (SGD.replace("\t900\t.\t-", "\tend\t.\t-"), "line 5: expected a start from 1"),
        (SGD.replace("\t101\t900\t.\t-", "\t0\t900\t.\t-"), "line 5: expected a start from 1"),
        (ENSEMBL_GFF3 + "I\tx\tgene\t1\t2\n", "line 7: expected 9 tab-separated columns, found 5"),
        (ENSEMBL_GFF3 + "I\tx\tgene\t1\t2\t.\t+\t.\tbroken\n", "line 7: expected attributes"),
        (GTF + 'c\tx\tgene\t1\t2\t.\t+\t.\tname "A";\n', "line 10: .*gene_id"),
        (SGD.split("chrI\tSGD\tmRNA")[0], "no genes among its features"),
    ],
)
def test_a_malformed_line_is_named_in_one_line(tmp_path, text, message):
    with pytest.raises(SighthoundError, match=message) as error:
        read_genes(annotation(tmp_path, text))
    assert "genes.txt" in str(error.value)
    assert "\n" not in str(error.value)


def test_a_missing_file_and_a_broken_gzip_are_named(tmp_path):
    with pytest.raises(SighthoundError, match=r"absent\.gtf: no such file"):
        read_genes(tmp_path / "absent.gtf")
    broken = tmp_path / "broken.gtf.gz"
    broken.write_bytes(gzip.compress(GTF.encode())[:-40])
    with pytest.raises(SighthoundError, match=r"broken\.gtf\.gz, .*compression is damaged"):
        read_genes(broken)


def test_an_annotation_without_any_of_the_genomes_chromosomes_is_refused(tmp_path):
    path = annotation(tmp_path, GTF)
    expected = r"none of its chromosomes \(chr1, chr2\) is in the genome \(plasmid\)"
    with pytest.raises(SighthoundError, match=expected):
        read_genes(path, genome(tmp_path, plasmid=100))


def test_an_annotation_of_a_longer_assembly_is_refused(tmp_path):
    path = annotation(tmp_path, GTF)
    with pytest.raises(SighthoundError, match="ABC1 begins at base 1,001 of chr1, which has 500"):
        read_genes(path, genome(tmp_path, chr1=500, chr2=100))


def test_search_puts_the_exact_name_first_and_looks_at_ids_and_aliases():
    genes = Genes(
        [gene("GAL10", 0, 9), gene("GAL1", 9, 20), gene("X", 30, 40, "Gal2"), gene("Y", 1, 2)]
    )
    assert [found.name for found in genes.search("gal1")] == ["GAL1", "GAL10"]
    assert [found.name for found in genes.search("gal")] == ["GAL1", "GAL10", "X"]
    assert [found.name for found in genes.search("ID_Y")] == ["Y"]
    assert [found.name for found in genes.search("gal", limit=1)] == ["GAL1"]
    assert genes.search("nothing") == genes.search(" ") == []


def test_a_gene_is_had_by_name_id_or_alias():
    genes = Genes([gene("GAL1", 0, 9, "first"), gene("FIRST", 9, 20)])
    assert genes["id_gal1"].name == "GAL1"
    assert genes["first"].name == "FIRST"
    with pytest.raises(SighthoundError, match="no gene is called 'GAL'"):
        genes["GAL"]


@given(
    spans=st.lists(st.tuples(st.integers(0, 60), st.integers(1, 40)), max_size=30),
    start=st.integers(0, 100),
    width=st.integers(0, 30),
)
def test_overlapping_genes_are_those_that_share_a_base_by_start(spans, start, width):
    given_genes = [gene(f"g{i}", a, a + n) for i, (a, n) in enumerate(spans)]
    found = Genes(given_genes).overlapping(Interval("c", start, start + width))
    expected = [g for g in given_genes if width and g.start < start + width and g.end > start]
    assert {g.name for g in found} == {g.name for g in expected}
    assert [g.start for g in found] == sorted(g.start for g in expected)
    assert Genes(given_genes).overlapping(Interval("elsewhere", 0, 10)) == []


def test_rows_without_an_id_that_share_a_name_stay_apart(tmp_path):
    rows = "c\t.\tgene\t11\t20\t.\t+\t.\tName=tRNA\nc\t.\tgene\t91\t99\t.\t+\t.\tName=tRNA\n"
    assert [found.start for found in read_genes(annotation(tmp_path, rows))] == [10, 90]


@pytest.mark.parametrize("mark", [b"\xef\xbb\xbf", b""])
@pytest.mark.parametrize("end", ["\n", "\r\n", "\r"])
def test_a_byte_order_mark_and_line_ends_of_any_system_lose_no_gene(tmp_path, mark, end):
    path = tmp_path / "marked.gtf"
    lines = [f'chr1\te\tgene\t{s}\t{s + 9}\t.\t+\t.\tgene_id "G{s}";' for s in (11, 41)]
    path.write_bytes(mark + end.join(lines).encode())
    genes = read_genes(path, genome(tmp_path, chr1=100))
    assert [(found.id, found.start) for found in genes] == [("G11", 10), ("G41", 40)]


@pytest.mark.parametrize(
    "ids",
    [
        'gene_id "ENSG00000139618"; gene_version "15"; transcript_id "ENST00000380152";',
        'gene_id "ENSG00000139618.15"; transcript_id "ENST00000380152.8";',
    ],
)
@pytest.mark.parametrize(
    "typed",
    [
        "ENSG00000139618", "ENSG00000139618.14", "ensg00000139618.15", "ENSG00000139618.",
        "ENST00000380152.2", "ENST00000380152", "ENSP00000369497.3", "BRCA2",
    ],
)  # fmt: skip
def test_accessions_of_any_version_find_their_gene(tmp_path, ids, typed):
    row = "chr1\te\t{}\t1001\t2000\t.\t+\t0\t" + ids
    lines = [row.format(kind) + ' gene_name "BRCA2"; protein_id "ENSP00000369497";'
             for kind in ("transcript", "exon", "CDS")]  # fmt: skip
    genes = read_genes(annotation(tmp_path, "\n".join(lines)))
    assert [found.name for found in genes.search(typed)] == ["BRCA2"]
    assert genes[typed].name == "BRCA2"
    assert typed in genes


def test_a_number_in_a_name_that_is_no_version_tells_genes_apart():
    genes = Genes([gene("AC000012.3", 0, 9), gene("AC000012.4", 20, 29)])
    assert [found.name for found in genes.search("AC000012.4")] == ["AC000012.4"]
    assert "AC000012.9" not in genes


def test_every_gene_of_a_name_is_had_with_the_first_as_the_gene_of_it():
    genes = Genes([gene("SNR", 0, 9, "U2"), gene("snr", 20, 29), gene("U2", 40, 49)])
    assert [found.start for found in genes.called("Snr")] == [0, 20]
    assert [found.start for found in genes.called("U2")] == [40]
    assert genes["SNR"].start == 0
