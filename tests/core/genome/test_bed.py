"""Regions of BED as people write and keep them."""

import gzip

import pytest

from sighthound.core.errors import SighthoundError
from sighthound.core.findings import REGION_ABSENT, REGION_BEYOND, REGION_EMPTY, Findings
from sighthound.core.genome.bed import bed_regions, read_bed
from sighthound.core.genome.sequence import Genome, Interval


@pytest.fixture
def genome(tmp_path):
    (tmp_path / "g.fa").write_text(">chrI\n" + "A" * 500 + "\n>chrII\nACGT\n")
    return Genome(tmp_path / "g.fa")


def test_regions_on_sequences_that_the_genome_lacks_are_passed_over_and_counted(tmp_path, genome):
    (tmp_path / "bl.bed").write_text("chrI\t100\t200\nchrM\t1\t100\nchrUn\t0\t9\n")
    findings = Findings()
    assert read_bed(tmp_path / "bl.bed", genome, findings) == [Interval("chrI", 100, 200)]
    (finding,) = findings.all()
    assert (finding.what, finding.count) == (REGION_ABSENT, 2)
    assert finding.first == "chrM in bl.bed, line 2"


def test_ends_beyond_a_sequence_are_cut_and_regions_without_a_base_passed_over(tmp_path, genome):
    (tmp_path / "x.bed").write_text("chrI\t400\t600\nI\t7\t7\n")
    findings = Findings()
    assert read_bed(tmp_path / "x.bed", genome, findings) == [Interval("chrI", 400, 500)]
    assert [f.what for f in findings.all()] == [REGION_BEYOND, REGION_EMPTY]


@pytest.mark.parametrize("mark", [b"", b"\xef\xbb\xbf"])
@pytest.mark.parametrize("end", ["\n", "\r\n", "\r"])
@pytest.mark.parametrize("pack", [bytes, gzip.compress])
def test_headers_line_ends_marks_and_compression_do_not_matter(tmp_path, genome, mark, end, pack):
    lines = [
        "chrom\tstart\tend\tname",
        "# note",
        "track name=x",
        "",
        "chrI\t1\t9\ta",
        "chrI 20 30 b",
    ]
    (tmp_path / "x.bed").write_bytes(pack(mark + end.join(lines).encode()))
    found = [(r.interval.start, r.others) for r in bed_regions(tmp_path / "x.bed", genome)]
    assert found == [(1, ("a",)), (20, ("b",))]


@pytest.mark.parametrize(
    ("line", "message"),
    [
        ("chrI\t20\t10", "line 2: start 20 is not before end 10; BED counts from 0"),
        ("chrI\t600\t700", "line 2: chrI from 600 to 700 lies beyond the end of chrI.* 500 bases"),
        ("chrI:1-100", "line 2: .* is not BED: expected chromosome, start and end"),
        ("chrI\t1.5\t9", "line 2: .* is not BED: expected chromosome, start and end"),
        ("chrI\t-5\t9", "line 2: .* is not BED: expected chromosome, start and end"),
        ("chrI\t\u00b2\t9", "line 2: .* is not BED: expected chromosome, start and end"),
        ("chrI\t1\t" + "9" * 5000, "line 2: .* is not BED: expected chromosome, start and end"),
    ],
)
def test_what_is_wrong_is_named_with_file_and_line(tmp_path, genome, line, message):
    (tmp_path / "x.bed").write_text(f"chrI\t1\t9\n{line}\n")
    with pytest.raises(SighthoundError, match=rf"x\.bed, {message}") as error:
        read_bed(tmp_path / "x.bed", genome)
    assert "\n" not in str(error.value)
