"""What alignments say of their reads: no read counts as one that is several, no place is lost."""

import numpy as np
import pyBigWig
import pysam
import pytest

from sighthound.core.errors import SighthoundError
from sighthound.precompute.reads.coverage import coverage

PAIRED, PROPER, REVERSE, READ1, READ2, SECONDARY = 0x1, 0x2, 0x10, 0x40, 0x80, 0x100
HEADER = {
    "SQ": [{"SN": "chr1", "LN": 1000}, {"SN": "chr2", "LN": 500}],
    "RG": [{"ID": "1"}, {"ID": "2"}],
}


def write_bam(path, reads):
    """Write reads given as (name, flag, position, tags, fields); each matches 10 bases of chr1."""
    with pysam.AlignmentFile(str(path), "wb", header=HEADER) as file:
        for name, flag, position, tags, *fields in reads:
            read = pysam.AlignedSegment(file.header)
            read.query_name, read.flag, read.reference_start = name, flag, position
            read.reference_id, read.mapping_quality = 0, 60
            read.query_sequence, read.cigarstring = "A" * 10, "10M"
            for tag, value, *kind in tags:
                read.set_tag(tag, value, *kind)
            for field, value in (fields[0] if fields else {}).items():
                setattr(read, field, value)
            file.write(read)
    return path


def counted(tmp_path, reads, **options):
    """Give {base: coverage} of chr1, and the report."""
    report = coverage(write_bam(tmp_path / "in.bam", reads), tmp_path / "out.bw", **options)
    with pyBigWig.open(str(tmp_path / "out.bw")) as file:
        found = np.nan_to_num(file.values("chr1", 0, 1000, numpy=True))
    return {int(at): round(float(found[at]), 6) for at in np.flatnonzero(found)}, report


@pytest.mark.parametrize(
    "tag",
    [
        ("NH", "many", "Z"),
        ("NH", "-2", "Z"),
        ("NH", "\u00b2", "Z"),
        ("NH", 2.0, "f"),
        ("NH", 0, "i"),
        ("NH", -1, "i"),
        ("NH", "x", "A"),
        ("NH", 2**32 - 1, "I"),
    ],
)
def test_a_number_of_places_that_is_none_is_refused_by_read_and_tag(tmp_path, tag):
    with pytest.raises(SighthoundError, match=r"read 'odd' at chr1:51 has the tag NH") as error:
        counted(tmp_path, [("fine", 0, 10, [("NH", 1)]), ("odd", 0, 50, [tag])])
    assert "\n" not in str(error.value)
    assert not (tmp_path / "out.bw").exists()


def test_a_number_of_places_may_be_large_or_text(tmp_path):
    found, report = counted(
        tmp_path, [("a", 0, 10, [("NH", 100_000)]), ("b", 0, 50, [("NH", "2", "Z")])]
    )
    assert found == {10: 1e-5, 50: 0.5}
    assert (report.unique_reads, report.multi_reads) == (0, 2)


def test_every_read_without_a_name_is_a_read_of_its_own(tmp_path):
    found, report = counted(tmp_path, [("*", 0, at, []) for at in range(0, 200, 10)])
    assert found == dict.fromkeys(range(0, 200, 10), 1)
    assert report.unique_reads == 20
    assert "20 alignments have no read name" in report.card.remarks[0]


def test_reads_without_names_are_not_duplicates_of_each_other(tmp_path):
    reads = [("*", 0x400, 10, []), ("*", 0, 20, []), ("*", PAIRED | READ2, 30, [])]
    assert counted(tmp_path, reads)[0] == {20: 1, 30: 1}


def test_places_of_reads_without_names_count_by_their_tags(tmp_path):
    reads = [("*", SECONDARY if at else 0, at, [("NH", 4)]) for at in (0, 100, 200, 300)]
    assert counted(tmp_path, reads)[0] == dict.fromkeys((0, 100, 200, 300), 0.25)
    with pytest.raises(SighthoundError, match="secondary alignment at chr1:101 has no name"):
        counted(tmp_path, [("*", 0, 0, []), ("*", SECONDARY, 100, [])])


def test_places_that_a_tag_names_and_the_file_lacks_keep_their_part(tmp_path):
    reads = [("a", 0, 100, [("NH", 4)]), ("a", SECONDARY, 300, [("NH", 4)])]
    assert counted(tmp_path, reads)[0] == {100: 0.25, 300: 0.25}


def test_more_places_than_the_tag_says_are_refused(tmp_path):
    reads = [("x", 0, at, [("NH", 2)]) for at in (0, 100, 200)]
    with pytest.raises(SighthoundError, match="read 'x' has 3 places, but its tag NH says 2"):
        counted(tmp_path, reads)
    with pytest.raises(SighthoundError, match=r"'x' at chr1:101 is a secondary .* NH says 1"):
        counted(tmp_path, [("x", 0, 0, [("NH", 1)]), ("x", SECONDARY, 100, [("NH", 1)])])


def test_one_name_in_two_read_groups_is_two_reads(tmp_path):
    reads = [("x", 0, 0, [("RG", "1")]), ("x", 0, 100, [("RG", "2")])]
    found, report = counted(tmp_path, reads)
    assert found == {0: 1, 100: 1}
    assert report.card.remarks == ()


def test_two_first_places_without_tags_are_one_read_and_said(tmp_path):
    found, report = counted(tmp_path, [("x", 0, 0, []), ("x", 0, 100, [])], multi="fraction")
    assert found == {0: 0.5, 100: 0.5}
    assert "1 read names have more than one primary alignment" in report.card.remarks[0]


def test_a_secondary_alignment_alone_is_not_the_only_place(tmp_path):
    found, report = counted(tmp_path, [("x", SECONDARY, 100, [])])
    assert found == {100: 0.5}
    assert report.multi_reads == 1
    assert "their primary one is taken to be" in report.card.remarks[0]


def test_a_read_whose_first_place_was_too_poor_is_left_out_with_the_others(tmp_path):
    reads = [  # bowtie2 gives 255 to every place but the first
        ("x", 0, 0, [], {"mapping_quality": 1}),
        ("x", SECONDARY, 100, [], {"mapping_quality": 255}),
        ("y", 0, 200, [], {"mapping_quality": 255}),
    ]
    found, report = counted(tmp_path, reads, min_mapq=10)
    assert found == {200: 1}
    assert report.card.left_out["low_mapq"] == 2


def test_a_fragment_whose_first_mate_is_missing_is_said(tmp_path):
    pair = PAIRED | PROPER
    reads = [
        ("a", pair | READ1, 100, [], {"template_length": 50}),
        ("a", pair | READ2 | REVERSE, 140, [], {"template_length": -50}),
        ("b", pair | READ2 | REVERSE, 240, [], {"template_length": -50}),
    ]
    found, report = counted(tmp_path, reads, position="center")
    assert found == {125: 1}
    assert report.card.left_out["without_mate"] == 1


@pytest.mark.parametrize("field", ["reference_id", "reference_start"])
def test_an_alignment_that_is_nowhere_is_not_mapped(tmp_path, field):
    found, report = counted(tmp_path, [("a", 0, 5, []), ("b", 0, 50, [], {field: -1})])
    assert found == {5: 1}
    assert report.card.left_out["unmapped"] == 1


def test_an_alignment_beyond_the_end_or_without_cigar_is_refused(tmp_path):
    with pytest.raises(SighthoundError, match="'b' lies at chr1:1,501, beyond the end"):
        counted(tmp_path, [("b", 0, 1500, [])])
    with pytest.raises(SighthoundError, match="'c' at chr1:6 has no CIGAR"):
        counted(tmp_path, [("c", REVERSE, 5, [], {"cigarstring": None})])


def test_a_cram_is_read_without_its_reference_which_is_said(tmp_path, monkeypatch):
    monkeypatch.setenv("REF_PATH", str(tmp_path))
    fasta = tmp_path / "ref.fa"
    fasta.write_text(">chr1\n" + "ACGTTGCA" * 125 + "\n>chr2\n" + "A" * 500 + "\n")
    pysam.faidx(str(fasta))
    bam = write_bam(tmp_path / "in.bam", [(f"r{at}", 0, at, []) for at in (0, 8, 80)])
    with (
        pysam.AlignmentFile(str(bam), check_sq=False) as file,
        pysam.AlignmentFile(
            str(tmp_path / "in.cram"), "wc", template=file, reference_filename=str(fasta)
        ) as cram,
    ):
        for read in file.fetch(until_eof=True):
            read.query_sequence = "ACGTTGCAAC"
            cram.write(read)
    fasta.unlink()
    report = coverage(tmp_path / "in.cram", tmp_path / "out.bw")
    assert report.unique_reads == 3
    assert "ref.fa, is missing" in report.card.remarks[0]
    whole = (tmp_path / "in.cram").read_bytes()
    (tmp_path / "cut.cram").write_bytes(whole[:-60])
    with pytest.raises(SighthoundError, match="truncated"):
        coverage(tmp_path / "cut.cram", tmp_path / "cut.bw")


def test_a_sam_without_a_header_is_refused_with_the_way_out(tmp_path):
    (tmp_path / "in.sam").write_text("r\t0\tchr1\t5\t60\t4M\t*\t0\t0\tACGT\tIIII\n")
    with pytest.raises(SighthoundError, match=r"no header that names chromosomes \(@SQ\)"):
        coverage(tmp_path / "in.sam", tmp_path / "out.bw")
