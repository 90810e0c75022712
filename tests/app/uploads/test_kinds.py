"""What visitors' files are taken for, and what is refused as what."""

from __future__ import annotations

import gzip
import io
import zipfile
from pathlib import Path

import numpy as np
import pybigtools
import pysam
import pytest

from sighthound.app.uploads.formats import BIGWIG_NAME, TABLE_NAME, take_file
from sighthound.core.bigwig.files import chromosomes, read_bins
from sighthound.core.errors import SighthoundError
from sighthound.core.genome.sequence import Genome


@pytest.fixture(scope="module")
def genome(tmp_path_factory):
    path = tmp_path_factory.mktemp("genome") / "genome.fa"
    path.write_text(f">chrI\n{'ACGT' * 500}\n>chrII\n{'TTGA' * 100}\n")
    return Genome(path)


@pytest.fixture
def take(tmp_path, genome):
    def taken(name, data):
        (tmp_path / "file").write_bytes(data.encode() if isinstance(data, str) else data)
        return take_file(tmp_path / "file", name, genome, tmp_path, 1 << 20)

    return taken


def bases(folder: Path, chrom: str = "chrI", end: int = 40) -> list[float]:
    return read_bins(folder / BIGWIG_NAME, chrom, 0, end, end, empty=-1).tolist()


def table(folder: Path) -> list[list[str]]:
    text = gzip.decompress((folder / TABLE_NAME).read_bytes()).decode()
    return [line.split("\t") for line in text.split("\n")[:-1]]


BEDGRAPH = "I\t10\t20\t3.5\nchrII\t0\t5\t2\nchrI\t0\t4\t-1e0\n"
STRETCHES = [-1.0] * 4 + [-1] * 6 + [3.5] * 10 + [-1] * 20


@pytest.mark.parametrize("end", ["\n", "\r\n", "\r"])
@pytest.mark.parametrize("pack", [bytes, gzip.compress])
@pytest.mark.parametrize(
    ("name", "head"),
    [
        ("s.bedgraph", ""),
        ("s.bdg.gz", "# made by something\n"),
        ("s.txt", 'browser position chrI\ntrack type=bedGraph name="s"\n'),
        ("s.bed", ""),
        ("s", "\ufeffchrom\tstart\tend\tvalue\n"),
    ],
)
def test_a_bedgraph_is_a_signal_and_no_boxes(take, tmp_path, name, head, end, pack):
    found = take(name, pack((head + BEDGRAPH).replace("\n", end).encode()))
    assert (found.kind, found.items, found.note) == ("bigwig", 0, "a BigWig made of 3 values")
    assert bases(tmp_path) == STRETCHES
    assert chromosomes(tmp_path / BIGWIG_NAME) == {"chrI": 2000, "chrII": 400}
    made = pybigtools.open(str(tmp_path / BIGWIG_NAME))
    assert made.zooms()
    assert {
        sum(r["sum"] for _, _, r in made.zoom_records(zoom, "chrI")) for zoom in made.zooms()
    } == {10 * 3.5 - 4}


def test_wiggle_counts_from_one_and_is_a_signal(take, tmp_path):
    text = (
        "track type=wiggle_0\nfixedStep chrom=chrI start=1 step=10 span=2\n1\n2.5\nnan\n"
        "variableStep chrom=chrI span=3\n31 7\n38 8\n"
        "fixedStep chrom=chrII start=399 step=5 span=5\n4\nfixedStep chrom=chrX start=1\n5\n"
    )
    found = take("s.wig", text)
    assert found.note == (
        "a BigWig made of 5 values; 1 line left out: genome.fa has no such chromosome"
    )
    expected = np.full(40, -1.0)
    for start, end, value in ((0, 2, 1), (10, 12, 2.5), (30, 33, 7), (37, 40, 8)):
        expected[start:end] = value
    assert bases(tmp_path) == expected.tolist()
    assert bases(tmp_path, "chrII", 400)[-3:] == [-1, 4, 4]


def test_bed_whose_names_are_numbers_stays_bed_where_features_overlap(take, tmp_path):
    assert take("p.bed", "chrI\t0\t10\t1\nchrI\t5\t20\t2\n").kind == "bed"
    assert [row[3] for row in table(tmp_path)] == ["1", "2"]


@pytest.mark.parametrize(
    ("line", "name", "score"),
    [
        ("chrI\t5\t9", "", ""),
        ("chrI\t5\t9\tpeak 1", "peak 1", ""),
        ("chrI\t5\t9\t7\t8", "7", "8"),
        ("chrI\t5\t9\tp\t0\t.\t8.5\t3\t2", "p", "0"),
        ("chrI\t5\t9\tp\t0\t.\t8.5\t3\t2\t1", "p", "8.5"),
        ("chrI\t5\t9\tp\t0\t.\t5\t9\t0\t1\t4\t0\t1\t2\t3", "p", "0"),
    ],
)
def test_every_form_of_bed_is_features(take, tmp_path, line, name, score):
    assert take("p.bed", f"{line}\n").kind == "bed"
    assert table(tmp_path)[0][3:5] == [name, score]


def test_two_features_between_carriage_returns_are_two(take, tmp_path):
    assert take("in.bed", "chrI\t10\t20\tfirst\rchrI\t30\t40\tsecond\u2028half\r").items == 2
    assert [row[3] for row in table(tmp_path)] == ["first", "second half"]


def packed(name: str) -> bytes:
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w") as archive:
        archive.writestr(name, "x")
    return file.getvalue()


@pytest.mark.parametrize(
    ("name", "data", "message"),
    [
        ("bad.bw", b"\0\1\2\3 nothing of the kind", "bad.bw is not a BigWig"),
        ("bad.bigWig", "chrI\t0\t10\t3\n", "bad.bigWig is not a BigWig"),
        ("bad.bw", b"\x26\xfc\x8f\x88" + b"\xff" * 80, "bad.bw: damaged BigWig"),
        ("bad.bed", b"\x26\xfc\x8f\x88" + b"\xff" * 80, "bad.bed: damaged BigWig"),
        ("b.bw.gz", gzip.compress(b"\x26\xfc\x8f\x88" + bytes(80)), "a compressed BigWig"),
        ("x.bw", "<!DOCTYPE html><html>not found", "x.bw is a web page, not the file"),
        ("x.bed", "\n\n <html>", "x.bed is a web page, not the file"),
        ("x.bed", "<?xml version='1.0'?>", "x.bed is XML"),
        ("t.xlsx", packed("xl/workbook.xml"), "a spreadsheet (.xlsx) or a zip"),
        ("t.xls", b"\xd0\xcf\x11\xe0" + bytes(20), "a spreadsheet (.xls)"),
        ("r.bam", gzip.compress(b"BAM\1" + bytes(20)), "reads; count them with 'sighthound cov"),
        ("r.cram", b"CRAM\3\0", "reads; count them"),
        ("v.bcf", gzip.compress(b"BCF\2\2"), "turn it into VCF with 'bcftools view v.bcf"),
        ("v.vcf.gz.tbi", gzip.compress(b"TBI\1"), "an index; add the file it is of"),
        ("v.vcf", "chrI\t1\t.\tA\tG\n", "v.vcf is not VCF: expected it to begin with ##fileformat"),
        ("a.bed.bz2", b"BZh91AY", "compressed by bzip2"),
        ("a.bed.gz", gzip.compress(gzip.compress(b"x")), "compressed twice"),
        ("a.bed.gz", gzip.compress(b"chrI\t1\t2\n" * 99)[:-9], "a.bed.gz"),
        ("a.bed.gz", gzip.compress(b""), "a.bed.gz is empty"),
        ("a.bed", "\n\r\n", "a.bed has no features"),
        ("a.bed", "chrom\tstart\tend\n", "a.bed has no features"),
        ("a.bedgraph", "track type=bedGraph\n", "a.bedgraph has no values"),
        ("a.csv", "chrI,1,20,3\n", "its cells are apart by commas; save it with tabs"),
        ("a.csv", "chrI;1;20;3,5\n", "its cells are apart by semicolons; save it with tabs"),
        ("a.txt", "chrI\t1\t20\t3,5\n", "'3,5' has a decimal comma; write it with a point"),
        ("a.bed", "##gff-version 3\nchrI\tx\tgene\t1\t9\n", "a.bed is an annotation"),
        ("a.bed", 'chrI\tx\tgene\t1\t9\t.\t+\t.\tgene_id "a"\n', "it looks like GFF or GTF"),
        ("a.seg", "sample\tchrI\t1\t9\t3\t0.5\n", "it looks like SEG"),
        ("a.txt", ">chrI\nACGT\n", "a.txt is FASTA"),
        ("a.txt", "@read\nACGT\n+\n!!!!\n", "a.txt is FASTQ"),
        ("a.json", '{"a": 1}', "a.json is JSON"),
        ("a.bed", "chrI\t1\t9\tn\0me\n", "a.bed is no text"),
        ("a.bed", "chrI\t1\t9\té\n".encode("latin-1"), "a.bed is no text"),
        ("._a.bed", b"\0\5\x16\7\0\2\0\0Mac OS X", "what macOS keeps beside a file"),
        ("a.bdg", "chrI\t1\t9\tpeak\n", "a.bdg, line 1: 'peak' is no number"),
        ("a.bdg", "chrI\t1\t9\n", "line 1: 'chrI\\t1\\t9'; expected chromosome, start, end and va"),
        ("a.bdg", "chrI\t1\t9\t1e99\n", "'1e99' is no number"),
        ("a.bdg", "chrI\t9\t9\t1\n", "line 1: base 10 to 9 is empty"),
        ("a.bdg", "chrI\t9\t2001\t1\n", "line 1: base 10 to 2,001 lies beyond the 2,000 bases"),
        ("a.bdg", "chrI\t0\t9\t1\nchrI\t8\t12\t1\n", "a.bdg has two values at base 9 of chrI"),
        ("a.bdg", "chrX\t0\t9\t1\n", "no chromosome of a.bdg is in genome.fa: it names chrX"),
        ("a.wig", "fixedStep chrom=chrI\n1\n", "expected fixedStep with chrom=, start="),
        ("a.wig", "fixedStep chrom=chrI start=1 step=1 span=2\n1\n", "step= not below span="),
        ("a.wig", "variableStep chrom=chrI\n5\n", "line 2: '5'; expected a position and a value"),
        ("a.wig", "variableStep chrom=chrI\n0 3\n", "line 2: base 0 to 0 lies beyond"),
    ],
)  # fmt: skip
def test_what_cannot_be_added_is_refused_as_what_it_is(take, name, data, message):
    with pytest.raises(SighthoundError) as error:
        take(name, data)
    assert message in str(error.value)
    assert "\n" not in str(error.value)
    assert "/" not in str(error.value).split(";")[0]


def test_a_vcf_is_taken_however_it_is_compressed(take, tmp_path):
    columns = b"#CHROM\tPOS\tID\tREF\tALT\tQUAL\tFILTER\tINFO\n"
    text = b"##fileformat=VCFv4.2\n" + columns + b"I\t1\tr\tA\tG\t.\t.\t.\n"
    with pysam.BGZFile(str(tmp_path / "b"), "w") as file:
        file.write(text)
    for data in (text, gzip.compress(text), (tmp_path / "b").read_bytes()):
        assert take("v.vcf.gz", data).kind == "vcf"
