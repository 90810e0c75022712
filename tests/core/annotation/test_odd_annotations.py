"""Annotations as they come: no gene is lost, merged or moved without being counted and said."""

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sighthound.core.annotation.genes import Genes, read_genes
from sighthound.core.errors import SighthoundError
from sighthound.core.findings import (
    ABSENT,
    AROUND,
    BEYOND,
    NO_GENE,
    NO_PARENT,
    NO_START,
    NO_STRAND,
    NOT_UTF8,
    OTHER_PARENT,
    SEMICOLONS,
    SEVERAL,
    TRANS_SPLICED,
)
from sighthound.core.genome.sequence import Genome


def read(folder: Path, text: str | bytes, **lengths: int) -> Genes:
    path = folder / "genes"
    path.write_bytes(text if isinstance(text, bytes) else text.encode())
    if not lengths:
        return read_genes(path)
    fasta = folder / "genome.fa"
    fasta.write_text("".join(f">{name}\n{'A' * length}\n" for name, length in lengths.items()))
    return read_genes(path, Genome(fasta))


def gtf(*rows: str) -> str:
    """Rows "chr1 exon 11 20 + attributes"."""
    lines = []
    for row in rows:
        chrom, kind, start, end, strand, attributes = row.split(" ", 5)
        lines.append(f"{chrom}\tx\t{kind}\t{start}\t{end}\t.\t{strand}\t.\t{attributes}\n")
    return "".join(lines)


def places(genes: Genes) -> list[tuple[str, int, int, str, tuple[int, ...]]]:
    return [(g.id, g.start, g.end, g.strand, g.tss_positions) for g in genes]


def said(genes: Genes) -> dict[str, int]:
    return {finding.what: finding.count for finding in genes.findings}


UCSC = 'gene_id "NR_1"; transcript_id "NR_1";'


def test_copies_of_a_ucsc_gene_on_both_strands_are_two_places(tmp_path):
    genes = read(tmp_path, gtf(
        f"chr1 exon 1001 1200 + {UCSC}", f"chr1 exon 1401 1600 + {UCSC}",
        f"chr1 exon 15001 15200 - {UCSC}", f"chr1 exon 15401 15600 - {UCSC}",
    ))  # fmt: skip
    assert places(genes) == [
        ("NR_1", 1000, 1600, "+", (1000,)),
        ("NR_1", 15000, 15600, "-", (15599,)),
    ]
    assert [t.exons for g in genes for t in g.transcripts] == [
        ((1000, 1200), (1400, 1600)),
        ((15000, 15200), (15400, 15600)),
    ]
    (finding,) = genes.findings
    assert finding.what == SEVERAL
    assert finding.first == "NR_1 at chr1:1,001-1,600 (+) and chr1:15,001-15,600 (-)"


def test_copies_on_one_strand_are_told_by_exon_numbers_transcript_lines_or_transcript_ids(tmp_path):
    numbered = gtf(*(
        f'chr1 exon {start} {start + 99} + {UCSC} exon_number "{number}";'
        for start, number in ((101, 1), (301, 2), (5001, 1), (5301, 2))
    ))  # fmt: skip
    with_lines = gtf(
        f"chr1 transcript 101 400 + {UCSC}", f"chr1 exon 101 200 + {UCSC}",
        f"chr1 exon 301 400 + {UCSC}", f"chr1 transcript 5001 5400 + {UCSC}",
        f"chr1 exon 5001 5100 + {UCSC}", f"chr1 exon 5301 5400 + {UCSC}",
    )  # fmt: skip
    other_ids = gtf(
        *(f'chr1 exon {s} {s + 99} + gene_id "NR_1"; transcript_id "a";' for s in (101, 301)),
        *(
            f'chr1 exon {s} {s + 99} + gene_id "NR_1"; transcript_id "a_dup1";'
            for s in (5001, 5301)
        ),
    )
    expected = [("NR_1", 100, 400, "+", (100,)), ("NR_1", 5000, 5400, "+", (5000,))]
    for text in (numbered, with_lines, other_ids):
        genes = read(tmp_path, text)
        assert places(genes) == expected
        assert said(genes) == {SEVERAL: 1}


def test_exons_of_one_transcript_in_the_order_of_either_strand_stay_together(tmp_path):
    rows = [f'chr1 exon {s} {s + 99} - {UCSC} exon_number "{n}";' for n, s in
            ((1, 901), (2, 501), (3, 101))]  # fmt: skip
    assert places(read(tmp_path, gtf(*rows))) == [("NR_1", 100, 1000, "-", (999,))]
    shifted = [f"chr1 exon 101 200 + {UCSC} exon_number 1;",
               f"chr1 exon 202 300 + {UCSC} exon_number 1;"]  # fmt: skip
    assert places(read(tmp_path, gtf(*shifted))) == [("NR_1", 100, 300, "+", (100,))]


def test_a_gene_of_both_sex_chromosomes_is_at_both(tmp_path):
    ids = 'gene_id "ENSG00000182378"; transcript_id "ENST00000381192"; gene_name "PLCXD1";'
    kinds = ("gene", "transcript", "exon")
    rows = [f"{c} {kind} 11 90 + {ids}" for c in ("chrX", "chrY") for kind in kinds]
    genes = read(tmp_path, gtf(*rows))
    assert [(g.chrom, g.tss_positions) for g in genes.search("PLCXD1")] == [
        ("chrX", (10,)),
        ("chrY", (10,)),
    ]
    assert said(genes) == {SEVERAL: 1}


def test_a_gene_line_holds_its_transcripts_together_even_if_they_do_not_overlap(tmp_path):
    genes = read(tmp_path, gtf(
        'chr1 gene 101 900 + gene_id "g"; gene_name "ABC1";',
        'chr1 exon 101 200 + gene_id "g"; transcript_id "t1";',
        'chr1 exon 801 900 + gene_id "g"; transcript_id "t2";',
    ))  # fmt: skip
    assert places(genes) == [("g", 100, 900, "+", (100, 800))]


def test_bare_ids_of_braker_are_genes_and_transcripts(tmp_path):
    coding = 'transcript_id "g1.t1"; gene_id "g1";'
    genes = read(tmp_path, gtf(
        "chr1 gene 1001 3000 + g1", "chr1 transcript 1001 3000 + g1.t1",
        f"chr1 CDS 1001 1500 + {coding}", f"chr1 CDS 2001 3000 + {coding}",
        "chr1 gene 5001 6000 - g2", "chr1 transcript 5001 6000 - g2.t1",
    ))  # fmt: skip
    assert [(g.id, [t.id for t in g.transcripts], g.tss_positions) for g in genes] == [
        ("g1", ["g1.t1"], (1000,)),
        ("g2", ["g2.t1"], (5999,)),
    ]
    assert genes["g1.t1"].transcripts[0].coding == ((1000, 1500), (2000, 3000))


def test_gtf_values_are_read_whole_whatever_stands_in_them(tmp_path):
    odd = (
        'note "see gene_id X; transcript_id Y"; gene_id "g;1"; transcript_id "t 1"; '
        'gene_name "A;B";'
    )
    genes = read(tmp_path, gtf(f"chr1 gene 11 90 + {odd}", f"chr1 exon 11 90 + {odd}"))
    (gene,) = genes
    assert (gene.id, gene.name, [t.id for t in gene.transcripts]) == ("g;1", "A;B", ["t 1"])


def test_a_transcript_without_a_gene_stands_for_one(tmp_path):
    genes = read(tmp_path, gtf('chr1 exon 11 90 + transcript_id "X1";'))
    assert (places(genes), said(genes)) == ([("X1", 10, 90, "+", (10,))], {NO_GENE: 1})


CIRCLE = "p\tx\tregion\t1\t3000\t.\t+\t.\tID=r;Is_circular=true\n"


@pytest.mark.parametrize(("strand", "start"), [("-", 199), ("+", 2899)])
def test_a_gene_across_the_origin_starts_at_a_base_of_the_circle(tmp_path, strand, start):
    text = CIRCLE + f"p\tx\tgene\t2900\t3200\t.\t{strand}\t.\tID=circ;Name=repB\n"
    for genes in (read(tmp_path, text), read(tmp_path, text, p=3000)):
        assert [(g.start, g.end) for g in genes] == [(2899, 3000), (0, 200)]
        assert [tss for g in genes for tss in g.tss_positions] == [start]
        assert said(genes) == {AROUND: 1}


@pytest.mark.parametrize(("strand", "start"), [("-", 199), ("+", 2899)])
def test_the_two_lines_of_a_gene_across_the_origin_have_one_start(tmp_path, strand, start):
    rows = [f'p exon {a} {b} {strand} gene_id "r"; transcript_id "r";'
            for a, b in ((2900, 3000), (1, 200))]  # fmt: skip
    split = gtf(*(row.replace("exon", "gene").replace("transcript_id", "t") for row in rows))
    gff3 = "".join(
        f"p\tx\tgene\t{a}\t{b}\t.\t{strand}\t.\tID=r\n" for a, b in ((2900, 3000), (1, 200))
    )
    for text in (split, gff3):
        genes = read(tmp_path, text, p=3000)
        assert [tss for g in genes for tss in g.tss_positions] == [start]
        assert said(genes)[AROUND] == 1


def test_codons_go_on_in_frame_behind_the_origin(tmp_path):
    text = CIRCLE + (
        "p\tx\tgene\t2900\t3200\t.\t+\t.\tID=g\n"
        "p\tx\tmRNA\t2900\t3200\t.\t+\t.\tID=t;Parent=g\n"
        "p\tx\tCDS\t2901\t3199\t.\t+\t0\tID=c;Parent=t\n"
    )
    before, behind = read(tmp_path, text)
    assert (before.transcripts[0].coding, before.transcripts[0].phase) == (((2900, 3000),), 0)
    # 100 bases are 33 codons and one base: two more complete the codon.
    assert (behind.transcripts[0].coding, behind.transcripts[0].phase) == (((0, 199),), 2)


def test_what_lies_beyond_the_end_of_a_line_is_cut_and_a_start_there_left_out(tmp_path):
    genes = read(tmp_path, gtf(
        'c gene 11 40 + gene_id "in";', 'c gene 81 120 + gene_id "over";',
        'c gene 91 120 - gene_id "starts";',
    ), c=100)  # fmt: skip
    assert places(genes) == [("in", 10, 40, "+", (10,)), ("over", 80, 100, "+", (80,))]
    assert said(genes) == {BEYOND: 1, NO_START: 1}


def test_genes_on_other_sequences_are_counted_and_the_first_named(tmp_path):
    genes = read(tmp_path, gtf('c gene 1 9 + gene_id "a";', 'chrM gene 1 9 + gene_id "b";',
                               'chrM gene 11 19 + gene_id "d";'), c=100)  # fmt: skip
    assert [str(finding) for finding in genes.findings] == [f"{ABSENT}: 2 (first: b on chrM)"]


def test_gff3_ids_and_parents_are_decoded_and_commas_in_ids_are_letters(tmp_path):
    genes = read(tmp_path, (
        "c\tx\tgene\t11\t90\t.\t+\t.\tID=g%2C1;Name=DUR1,2\n"
        "c\tx\tmRNA\t11\t90\t.\t+\t.\tID=t1;Parent=g%2c1\n"
        "c\tx\texon\t11\t30\t.\t+\t.\tParent=t1,t2\n"
        "c\tx\tmRNA\t21\t90\t.\t+\t.\tID=t2;Parent=g%2C1\n"
        "c\tx\texon\t41\t90\t.\t+\t.\tParent=t1,t2\n"
    ))  # fmt: skip
    (gene,) = genes
    assert (gene.id, gene.name) == ("g,1", "DUR1,2")
    assert [t.exons for t in gene.transcripts] == [((10, 30), (40, 90)), ((20, 30), (40, 90))]


def test_coding_sequences_without_genes_are_genes_beside_others(tmp_path):
    genes = read(tmp_path, (
        "c\tx\tCDS\t11\t40\t.\t+\t0\tID=A_01;gene=dnaA;locus_tag=A_01\n"
        "c\tx\ttRNA\t51\t90\t.\t-\t.\tID=A_02;product=tRNA-Ala\n"
        "c\tx\tgene\t101\t190\t.\t-\t.\tID=gene1;locus_tag=A_03\n"
        "c\tx\tCDS\t101\t190\t.\t-\t0\tID=cds1;locus_tag=A_03\n"
    ))  # fmt: skip
    assert sorted((g.name, g.tss_positions) for g in genes) == [
        ("A_02", (89,)), ("A_03", (189,)), ("dnaA", (10,)),
    ]  # fmt: skip
    assert genes["A_03"].transcripts[0].coding == ((100, 190),)


def test_exons_whose_transcript_has_no_line_are_one_and_those_of_nothing_are_counted(tmp_path):
    genes = read(tmp_path, (
        "c\tx\texon\t11\t30\t.\t-\t.\tParent=t1\nc\tx\texon\t51\t90\t.\t-\t.\tParent=t1\n"
        "c\tx\texon\t101\t130\t.\t-\t.\tID=e\n"
        "c\tx\tmatch\t201\t230\t.\t-\t.\tID=m\nc\tx\tCDS\t201\t230\t.\t-\t.\tParent=m\n"
    ))  # fmt: skip
    assert places(genes) == [("t1", 10, 90, "-", (89,))]
    assert said(genes) == {NO_PARENT: 1, OTHER_PARENT: 1, NO_GENE: 1}


def test_a_transcript_of_a_type_not_known_keeps_its_exons(tmp_path):
    genes = read(tmp_path, (
        "c\tx\tgene\t11\t90\t.\t+\t.\tID=g\n"
        "c\tx\tNMD_transcript_variant\t11\t90\t.\t+\t.\tID=t;Parent=g\n"
        "c\tx\texon\t11\t30\t.\t+\t.\tParent=t\nc\tx\texon\t51\t90\t.\t+\t.\tParent=t\n"
        "c\tx\tpolypeptide\t11\t90\t.\t+\t.\tID=p;Parent=t\n"
    ))  # fmt: skip
    assert [(g.id, t.id, t.exons) for g in genes for t in g.transcripts] == [
        ("g", "t", ((10, 30), (50, 90)))
    ]


def test_a_trans_spliced_gene_is_drawn_at_both_places_and_starts_at_its_first_part(tmp_path):
    row = "c\tx\tgene\t{}\t.\t{}\t.\tID=gene-rps12;gene=rps12;exception=trans-splicing;part={}\n"
    genes = read(tmp_path, row.format("501\t600", "-", 1) + row.format("101\t300", "+", 2))
    assert places(genes) == [("rps12", 500, 600, "-", (599,)), ("rps12", 100, 300, "+", ())]
    assert said(genes) == {TRANS_SPLICED: 1}


def test_a_gene_id_at_two_places_of_gff3_keeps_each_with_its_transcript(tmp_path):
    rows = (
        f"c\tx\tgene\t{span}\t.\t{strand}\t.\tID=g\n"
        f"c\tx\tmRNA\t{span}\t.\t{strand}\t.\tID=t;Parent=g\n"
        f"c\tx\texon\t{span}\t.\t{strand}\t.\tParent=t\n"
        for span, strand in (("11\t90", "+"), ("501\t590", "-"))
    )
    genes = read(tmp_path, "".join(rows))
    assert places(genes) == [("g", 10, 90, "+", (10,)), ("g", 500, 590, "-", (589,))]
    assert [t.exons for g in genes for t in g.transcripts] == [((10, 90),), ((500, 590),)]


def test_unknown_strands_latin_1_and_bare_semicolons_are_taken_and_said(tmp_path):
    text = "c\tx\tgene\t11\t90\t.\t?\t.\tID=g;Note=Kr\xfcppel; like\n".encode("latin-1")
    genes = read(tmp_path, text)
    assert next(iter(genes)).description == "Kr\xfcppel; like"
    assert said(genes) == {NOT_UTF8: 1, SEMICOLONS: 1, NO_STRAND: 1}


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("c\t10\t20\t3.5\n", "a bedGraph is a signal"),
        ("c\t10\t60\tA\t0\t+\t10\t60\t0\t2\t10,10\t40,0\n", "blocks in order"),
        ("c\t10\t60\tA\t0\t+\t10\t60\t0\t2\t10,10\t10,50\n", "that end by 60"),
        ("c\tx\tgene\t90\t11\t.\t+\t.\tID=g\n", "a start from 1 and an end not before it"),
        ("c\tx\tgene\t0\t11\t.\t+\t.\tID=g\n", "a start from 1"),
    ],
)
def test_what_cannot_be_read_is_named_with_its_line(tmp_path, text, message):
    with pytest.raises(SighthoundError, match=f"genes, line 2: .*{message}"):
        read(tmp_path, "track name=x\n" + text)


def test_bed_genes_may_have_a_line_of_column_names_and_blanks_for_tabs(tmp_path):
    genes = read(tmp_path, "chrom start end name score strand\nc 10 20 A 0 +\nc 30 40 B 0 -\n")
    assert places(genes) == [("A", 10, 20, "+", (10,)), ("B", 30, 40, "-", (39,))]


exons = st.lists(st.tuples(st.integers(1, 40), st.integers(1, 40)), min_size=1, max_size=4)


@given(
    st.lists(st.tuples(st.integers(0, 500), st.sampled_from("+-"), exons), min_size=1, max_size=6)
)
def test_a_gene_is_the_same_from_gtf_gff3_and_bed(tmp_path_factory, drawn):
    folder = tmp_path_factory.mktemp("same")
    gtf_rows, gff3_rows, bed_rows, expected = [], ["##gff-version 3"], [], []
    for rank, (start, strand, steps) in enumerate(drawn):
        spans, at = [], start
        for gap, length in steps:
            spans.append((at + gap, at + gap + length))
            at += gap + length
        first, last = spans[0][0], spans[-1][1]
        expected.append((f"g{rank}", strand, first, last, tuple(spans)))
        column = f"{strand}\t."
        gff3_rows.append(f"c\tx\tmRNA\t{first + 1}\t{last}\t.\t{column}\tID=g{rank}")
        for a, b in spans:
            ids = f'gene_id "g{rank}"; transcript_id "g{rank}";'
            gtf_rows.append(f"c\tx\texon\t{a + 1}\t{b}\t.\t{column}\t{ids}")
            gff3_rows.append(f"c\tx\texon\t{a + 1}\t{b}\t.\t{column}\tParent=g{rank}")
        sizes, offsets = (",".join(map(str, each)) for each in
                          ([b - a for a, b in spans], [a - first for a, _ in spans]))  # fmt: skip
        bed_rows.append(f"c\t{first}\t{last}\tg{rank}\t0\t{strand}\t{last}\t{last}\t0\t"
                        f"{len(spans)}\t{sizes}\t{offsets}")  # fmt: skip
    for rows in (gtf_rows, gff3_rows, bed_rows):
        genes = read(folder, "\n".join(rows) + "\n")
        found = [(g.id, g.strand, g.start, g.end, g.transcripts[0].exons) for g in genes]
        assert found == expected


ODD = [
    "\t",
    ";",
    '"',
    "=",
    "%",
    "%zz",
    "\u00b2",
    "9" * 5000,
    "-1",
    "\x00",
    ".",
    "ID=",
    "Parent=g",
    "",
]


@given(st.lists(st.tuples(st.integers(0, 400), st.sampled_from(ODD)), max_size=4),
       st.sampled_from(["gtf", "gff3", "bed"]))  # fmt: skip
def test_a_damaged_annotation_is_read_or_refused_in_one_line(tmp_path_factory, cuts, form):
    whole = {
        "gtf": gtf('c gene 1 90 + gene_id "g"; gene_name "A";', f"c exon 1 90 + {UCSC}",
                   f'c CDS 1 90 + {UCSC} protein_id "p";'),
        "gff3": CIRCLE + "p\tx\tgene\t11\t90\t.\t+\t.\tID=g;Name=n\n"
                "p\tx\tmRNA\t11\t90\t.\t+\t.\tID=t;Parent=g\np\tx\tCDS\t11\t90\t.\t+\t0\tParent=t\n",
        "bed": "c\t10\t60\tA\t0\t+\t10\t60\t0\t2\t10,10\t0,40\nc\t10\t60\tB\t0\t-\n",
    }[form]  # fmt: skip
    for at, odd in cuts:
        whole = whole[:at] + odd + whole[at + 1 :]
    problem = ""
    try:
        read(tmp_path_factory.mktemp("odd"), whole)
    except SighthoundError as error:
        problem = str(error)
    assert "\n" not in problem
