"""Which reads count: no blacklisted place, no copy of a molecule, no read of too many places."""

import numpy as np
import pyBigWig
import pytest

from sighthound.core.errors import SighthoundError
from sighthound.core.tracks.card import read_card
from sighthound.precompute.reads.coverage import coverage

HEADER = "@SQ\tSN:chr1\tLN:1000\n@SQ\tSN:chr2\tLN:500\n"
UNIQUE = "NH:i:1"


def sam(tmp_path, *rows):
    """Write alignments given as (name, flag, chromosome, 0-based start, CIGAR, tags...)."""
    lines = [
        "\t".join(
            [name, str(flag), chrom, str(at + 1), "60", cigar, "*", "0", "0", "*", "*", *tags]
        )
        for name, flag, chrom, at, cigar, *tags in rows
    ]
    file = tmp_path / "in.sam"
    file.write_text(HEADER + "\n".join(lines) + "\n")
    return file


def counted(tmp_path, file, **options):
    """Give {(chromosome, base): value} of what is not 0, and the card."""
    coverage(file, tmp_path / "out.bw", **options)
    found = {}
    with pyBigWig.open(str(tmp_path / "out.bw")) as bigwig:
        for chrom, length in bigwig.chroms().items():
            values = np.nan_to_num(bigwig.values(chrom, 0, length, numpy=True))
            found |= {(chrom, int(i)): round(float(values[i]), 4) for i in np.flatnonzero(values)}
    return found, read_card(tmp_path / "out.bw")


# --- blacklist --------------------------------------------------------------------------


def test_reads_in_blacklisted_regions_are_left_out_and_counted(tmp_path):
    file = sam(
        tmp_path,
        ("before", 0, "chr1", 99, "10M", UNIQUE),
        ("in", 0, "chr1", 100, "10M", UNIQUE),
        ("last", 0, "chr1", 199, "10M", UNIQUE),
        ("after", 0, "chr1", 200, "10M", UNIQUE),
        ("elsewhere", 16, "chr2", 100, "10M", UNIQUE),
    )
    (tmp_path / "b.bed").write_text("1\t150\t200\n1\t100\t160\n2\t0\t9\n")
    found, card = counted(tmp_path, file, blacklist=tmp_path / "b.bed")
    assert found == {("chr1", 99): 1, ("chr1", 200): 1, ("chr2", 109): 1}
    assert card.left_out == {"blacklist": 2}
    assert card.chosen_by == "--blacklist b.bed"
    for strand, base in (("+", ("chr1", 99)), ("-", ("chr2", 109))):
        assert base in counted(tmp_path, file, blacklist=tmp_path / "b.bed", strand=strand)[0]


def test_a_fragment_that_touches_a_blacklisted_region_is_left_out(tmp_path):
    file = sam(tmp_path, ("a", 0, "chr1", 100, "10M", UNIQUE), ("b", 0, "chr1", 300, "10M", UNIQUE))
    (tmp_path / "b.bed").write_text("chr1\t129\t131\n")
    options = {"blacklist": tmp_path / "b.bed", "position": "fragment", "fragment_length": 30}
    assert set(counted(tmp_path, file, **options)[0]) == {("chr1", at) for at in range(300, 330)}


def test_a_read_does_not_count_whole_since_one_of_its_places_is_blacklisted(tmp_path):
    file = sam(
        tmp_path,
        ("m", 0, "chr1", 100, "10M"),
        ("m", 256, "chr1", 500, "10M"),
        ("gone", 0, "chr1", 110, "10M"),
        ("gone", 256, "chr1", 120, "10M"),
    )
    (tmp_path / "b.bed").write_text("chr1\t100\t200\n")
    found, card = counted(tmp_path, file, blacklist=tmp_path / "b.bed")
    assert found == {("chr1", 500): 0.5}
    assert (card.multi_reads, card.left_out) == (1, {"blacklist": 3})


def test_a_blacklist_of_another_assembly_or_of_everything_is_named(tmp_path):
    file = sam(tmp_path, ("a", 0, "chr1", 100, "10M", UNIQUE))
    for text, said in (
        ("scaffold_1\t0\t9\n", r"b\.bed has no region on a chromosome of .*in\.sam"),
        ("chr1\t2000\t2009\n", "lies beyond the end of chr1"),
        ("chr1\t0\n", r"b\.bed, line 1: .* is not BED"),
        ("chr1\t0\t1000\n", r"no alignments that count \(1 blacklist\)"),
    ):
        (tmp_path / "b.bed").write_text(text)
        with pytest.raises(SighthoundError, match=said):
            coverage(file, tmp_path / "out.bw", blacklist=tmp_path / "b.bed")
    assert not list(tmp_path.glob("out*"))


# --- places -----------------------------------------------------------------------------


def test_reads_of_too_many_places_are_left_out(tmp_path):
    file = sam(
        tmp_path,
        ("two", 0, "chr1", 100, "10M"),
        ("two", 256, "chr1", 500, "10M"),
        ("many", 0, "chr1", 700, "10M", "NH:i:9"),
    )
    found, card = counted(tmp_path, file, max_places=2, multi="fraction")
    assert found == {("chr1", 100): 0.5, ("chr1", 500): 0.5}
    assert (card.left_out, card.chosen_by) == ({"too_many_places": 1}, "--max-places 2")
    assert ("chr1", 700) in counted(tmp_path, file, max_places=9)[0]


def test_places_of_bwas_tag_that_fit_as_well_are_places(tmp_path):
    xa = "XA:Z:chr1,+501,10M,1;chr2,-201,4M2N4M2D2M,1;chr1,+801,10M,3;chr1,+601,2S8M,1;"
    file = sam(tmp_path, ("a", 0, "chr1", 100, "10M", "NM:i:1", xa))
    found, card = counted(tmp_path, file, multi="fraction")
    third = 0.3333
    assert found == {("chr1", 100): third, ("chr1", 500): third, ("chr2", 213): third}
    assert card.remarks == ("2 places are from tags XA, which fit their reads as well",)
    by_strand = counted(tmp_path, file, multi="fraction", strand="-")[0]
    assert by_strand == {("chr2", 213): third}


def test_a_read_whose_other_places_fit_worse_has_one(tmp_path):
    file = sam(tmp_path, ("a", 0, "chr1", 100, "10M", "NM:i:0", "XA:Z:chr1,+501,10M,1;"))
    found, card = counted(tmp_path, file)
    assert (found, card.unique_reads, card.remarks) == ({("chr1", 100): 1}, 1, ())


@pytest.mark.parametrize(
    ("tag", "said"),
    [
        ("XA:Z:nonsense", "has the tag XA 'nonsense'; expected bwa's"),
        ("XA:Z:chr9,+1,10M,0;", "names chr9:1-10, which is no place"),
        ("XA:Z:chr2,+495,10M,0;", "names chr2:495-504, which is no place"),
    ],
)
def test_a_tag_that_is_not_bwas_is_refused_by_read(tmp_path, tag, said):
    file = sam(tmp_path, ("odd", 0, "chr1", 100, "10M", tag))
    with pytest.raises(SighthoundError, match=said) as caught:
        coverage(file, tmp_path / "out.bw")
    assert "'odd'" in str(caught.value)


# --- copies -----------------------------------------------------------------------------


def test_reads_of_one_place_strand_and_umi_count_once(tmp_path):
    file = sam(
        tmp_path,
        ("first", 1024, "chr1", 100, "10M", "RX:Z:ACGT", UNIQUE),
        ("copy", 0, "chr1", 100, "10M", "RX:Z:ACGT", UNIQUE),
        ("clipped copy", 0, "chr1", 103, "3S7M", "RX:Z:ACGT", UNIQUE),
        ("other umi", 0, "chr1", 100, "10M", "RX:Z:TTTT", UNIQUE),
        ("other strand", 16, "chr1", 91, "10M", "RX:Z:ACGT", UNIQUE),
        ("none", 0, "chr1", 100, "10M", UNIQUE),
        ("none too", 0, "chr1", 100, "10M", UNIQUE),
    )
    found, card = counted(tmp_path, file, umi_tag="RX")
    assert found == {("chr1", 100): 5}
    assert (card.left_out, card.chosen_by) == ({"umi_duplicates": 2}, "--umi-tag RX")
    assert card.remarks == ("2 reads have no tag RX: none is taken for a copy",)


def test_a_copy_takes_its_other_places_with_it(tmp_path):
    rows = [
        (name, flag, "chr1", at, "10M", "RX:Z:A")
        for name in "ab"
        for flag, at in ((0, 100), (256, 500))
    ]
    found, card = counted(tmp_path, sam(tmp_path, *rows), umi_tag="RX", multi="fraction")
    assert found == {("chr1", 100): 0.5, ("chr1", 500): 0.5}
    assert card.left_out == {"umi_duplicates": 2}


def test_umis_that_no_read_has_and_options_that_contradict_are_refused(tmp_path):
    file = sam(tmp_path, ("a", 0, "chr1", 100, "10M", UNIQUE))
    (tmp_path / "in.tsv").write_text("chr1\t5\t50\n")
    (tmp_path / "g.fa").write_text(f">chr1\n{'A' * 1000}\n")
    text = {"genome": tmp_path / "g.fa"}
    for given, said, options in (
        (file, "no read of .* has the tag RX", {"umi_tag": "RX"}),
        (file, "umi_tag is 'UMI'; expected a tag of two signs", {"umi_tag": "UMI"}),
        (file, "nothing beside keep_duplicates", {"umi_tag": "RX", "keep_duplicates": True}),
        (file, "max_places is 0; expected 1 or more", {"max_places": 0}),
        (file, "clip_multi is 0; expected reads, above 0", {"clip_multi": 0}),
        (file, "nothing with multi unique", {"clip_multi": 2, "multi": "unique"}),
        (tmp_path / "in.tsv", "fragments as text have none", {"umi_tag": "RX", **text}),
        (tmp_path / "in.tsv", "fragments as text have none", {"min_mapq": 3, **text}),
    ):
        with pytest.raises(SighthoundError, match=said):
            coverage(given, tmp_path / "out.bw", **options)


# --- piles of shares --------------------------------------------------------------------


def test_shares_of_a_base_are_cut_and_reads_of_one_place_are_not(tmp_path):
    rows = [
        (f"m{i}", flag, "chr1", at, "10M")
        for i in range(10)
        for flag, at in ((0, 100), (256, 500 + 10 * i))
    ]
    rows += [(f"u{i}", 0, "chr1", 100, "10M", UNIQUE) for i in range(4)]
    found, card = counted(tmp_path, sam(tmp_path, *rows), multi="fraction", clip_multi=1.5)
    assert found == {("chr1", 100): 5.5} | {("chr1", 500 + 10 * i): 0.5 for i in range(10)}
    assert (card.clip_multi, card.clipped_multi_bases) == (1.5, 1)
    assert dict(card.lines())["clipped"] == "shares at most 1.5 a base; 1 bases"
