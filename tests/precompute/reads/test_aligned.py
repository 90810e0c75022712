"""Reads of RNA count at the bases that they are aligned to, and not in introns."""

import pytest

from sighthound.core.errors import SighthoundError
from sighthound.precompute.reads.coverage import coverage
from tests.precompute.reads.test_exclusions import UNIQUE, counted, sam

PAIR = 0x1 | 0x2


def stretches(found):
    """Give [(chromosome, start, end, value)] of neighbouring bases with one value."""
    runs = []
    for (chrom, at), value in sorted(found.items()):
        if runs and runs[-1][0] == chrom and runs[-1][2:] == [at, value]:
            runs[-1][2] = at + 1
        else:
            runs.append([chrom, at, at + 1, value])
    return [tuple(run) for run in runs]


def test_introns_and_cut_off_bases_do_not_count_and_deletions_do(tmp_path):
    file = sam(
        tmp_path,
        ("spliced", 0, "chr1", 100, "5S10M50N10M30N2M", UNIQUE),
        ("plain", 0, "chr1", 105, "4M2D4M2I4M", UNIQUE),
    )
    found, card = counted(tmp_path, file, position="aligned")
    assert stretches(found) == [
        ("chr1", 100, 105, 1), ("chr1", 105, 110, 2), ("chr1", 110, 119, 1),
        ("chr1", 160, 170, 1), ("chr1", 200, 202, 1),
    ]  # fmt: skip
    assert (card.unique_reads, card.counted_at) == (2, "--position aligned")


def test_both_mates_count_on_the_strand_of_mate_1_or_of_mate_2(tmp_path):
    file = sam(
        tmp_path,
        ("a", PAIR | 0x40, "chr1", 100, "10M", UNIQUE),
        ("a", PAIR | 0x80 | 0x10, "chr1", 150, "4M20N4M", UNIQUE),
        ("alone", 0, "chr1", 300, "5M", UNIQUE),
    )
    expected = [
        ("chr1", 100, 110, 1), ("chr1", 150, 154, 1), ("chr1", 174, 178, 1), ("chr1", 300, 305, 1),
    ]  # fmt: skip
    forward = counted(tmp_path, file, assay="rna", strand="+")[0]
    assert stretches(forward) == expected
    assert counted(tmp_path, file, assay="rna", strand="-", mate=2)[0] == forward
    assert counted(tmp_path, file, assay="rna", strand="-")[0] == {}


def test_spliced_reads_with_several_places_are_shared(tmp_path):
    file = sam(
        tmp_path,
        ("m", 0, "chr1", 100, "4M10N4M", "NH:i:2"),
        ("m", 256, "chr2", 50, "8M", "NH:i:2"),
        ("u", 0, "chr2", 60, "2M6N2M", UNIQUE),
    )
    found, _ = counted(tmp_path, file, position="aligned", multi="fraction")
    assert stretches(found) == [
        ("chr1", 100, 104, 0.5), ("chr1", 114, 118, 0.5),
        ("chr2", 50, 58, 0.5), ("chr2", 60, 62, 1), ("chr2", 68, 70, 1),
    ]  # fmt: skip
    mean = counted(tmp_path, file, position="aligned", multi="fraction", normalise="rpgc")[1]
    assert mean.factor == pytest.approx(1500 / 12)


def test_several_files_keep_their_own_introns(tmp_path):
    first = sam(tmp_path, ("a", 0, "chr1", 100, "4M10N4M", UNIQUE))
    first = first.rename(tmp_path / "first.sam")
    second = sam(tmp_path, ("b", 0, "chr1", 200, "4M20N4M", UNIQUE))
    found, _ = counted(tmp_path, [first, second], position="aligned")
    assert [run[1:3] for run in stretches(found)] == [
        (100, 104), (114, 118), (200, 204), (224, 228),
    ]  # fmt: skip


def test_what_does_not_go_with_aligned_bases_is_refused(tmp_path):
    file = sam(tmp_path, ("a", 0, "chr1", 100, "4M", UNIQUE))
    (tmp_path / "in.tsv").write_text("chr1\t5\t50\n")
    (tmp_path / "g.fa").write_text(f">chr1\n{'A' * 1000}\n")
    for given, said, options in (
        (file, "nothing with position aligned", {"fragment_length": 200}),
        (file, "only 5' ends are shifted", {"shift": 4}),
        (tmp_path / "in.tsv", "which bases were read is not in it", {"genome": tmp_path / "g.fa"}),
    ):
        with pytest.raises(SighthoundError, match=said):
            coverage(given, tmp_path / "out.bw", position="aligned", **options)
