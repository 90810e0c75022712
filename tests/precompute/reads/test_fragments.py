"""Fragments and cut sites as text are counted as what they are."""

import gzip

import numpy as np
import pyBigWig
import pytest

from sighthound.core.errors import SighthoundError
from sighthound.core.tracks.card import read_card
from sighthound.precompute.reads.coverage import coverage

LENGTHS = {"chrI": 1000, "chrII": 300}


@pytest.fixture
def genome(tmp_path):
    path = tmp_path / "genome.fa"
    path.write_text("".join(f">{name}\n{'ACGT' * (n // 4)}\n" for name, n in LENGTHS.items()))
    return path


def counted(tmp_path, genome, text, name="in.tsv", output="out.bw", **options):
    """Count lines; give {(chromosome, base): value} of what is not 0."""
    file = tmp_path / name
    data = text.encode()
    file.write_bytes(gzip.compress(data) if name.endswith(".gz") else data)
    coverage(file, tmp_path / output, genome=genome, **options)
    return nonzero(tmp_path / output)


def nonzero(path):
    found = {}
    with pyBigWig.open(str(path)) as file:
        for chrom, length in LENGTHS.items():
            values = np.nan_to_num(file.values(chrom, 0, length, numpy=True))
            found |= {(chrom, int(i)): float(values[i]) for i in np.flatnonzero(values)}
    return found


FRAGMENTS = "# id=x\nchrI\t100\t250\tAAAC-1\t3\nchrI\t100\t180\tAAAG-1\t1\nchrII\t0\t300\tA\t1\n"


@pytest.mark.parametrize("name", ["in.tsv", "in.tsv.gz", "in.bed.gz", "odd-name"])
def test_both_ends_of_a_fragment_are_cuts(tmp_path, genome, name):
    found = counted(tmp_path, genome, FRAGMENTS, name)
    assert found == {
        ("chrI", 100): 2, ("chrI", 249): 1, ("chrI", 179): 1, ("chrII", 0): 1, ("chrII", 299): 1,
    }  # fmt: skip


def test_ends_move_by_strand(tmp_path, genome):
    found = counted(tmp_path, genome, "chrI\t100\t250\n", shift="+4/-5")
    assert found == {("chrI", 104): 1, ("chrI", 244): 1}
    in_the_middle = counted(tmp_path, genome, "chrI\t100\t109\n", assay="atac")
    assert in_the_middle == {("chrI", 104): 2}


def test_middles_and_every_base_of_fragments(tmp_path, genome):
    assert counted(tmp_path, genome, "chrI\t100\t250\n", position="center") == {("chrI", 175): 1}
    found = counted(tmp_path, genome, FRAGMENTS, position="fragment")
    assert (found["chrI", 150], found["chrI", 200]) == (2, 1)
    assert sum(found.values()) == 150 + 80 + 300


def test_sizes_choose_fragments_and_the_card_counts_the_others(tmp_path, genome):
    found = counted(tmp_path, genome, FRAGMENTS, fragment_sizes=(0, 120))
    assert found == {("chrI", 100): 1, ("chrI", 179): 1}
    card = read_card(tmp_path / "out.bw")
    assert card.left_out == {"fragment_size": 2}
    assert card.counted_at == "--position 5prime --fragment-sizes 0-120"


def test_pairs_of_bedpe_are_fragments(tmp_path, genome):
    lines = (
        "chrI\t200\t250\tchrI\t100\t140\tq\t1\t-\t+\n"
        "chrI\t10\t20\tchrII\t30\t40\tq\t1\t+\t-\n"
        ".\t-1\t-1\tchrI\t30\t40\tq\t1\t.\t-\n"
    )
    assert counted(tmp_path, genome, lines, "in.bedpe") == {("chrI", 100): 1, ("chrI", 249): 1}
    assert read_card(tmp_path / "out.bw").left_out == {"not_fragments": 2}


def test_further_columns_of_numbers_make_no_pairs(tmp_path, genome):
    lines = "chrI\t100\t250\tAAAC\t3\t1\nchrI\t100\t180\tAAAG\t1\t1\n"
    assert counted(tmp_path, genome, lines, "in.tsv")["chrI", 100] == 2


def test_cut_sites_count_once_on_their_strand(tmp_path, genome):
    sites = "chrI\t100\t101\tx\t0\t+\nchrI\t200\t201\tx\t0\t-\n"
    assert counted(tmp_path, genome, sites, "in.bed", shift="+4/-5") == {
        ("chrI", 104): 1,
        ("chrI", 195): 1,
    }
    counted(tmp_path, genome, sites, "in.bed", strand="both")
    assert nonzero(tmp_path / "out.plus.bw") == {("chrI", 100): 1}
    assert nonzero(tmp_path / "out.minus.bw") == {("chrI", 200): 1}


def test_names_of_chromosomes_are_known_by_their_aliases_and_strangers_are_said(tmp_path, genome):
    found = counted(tmp_path, genome, "I\t5\t50\nchrUn\t1\t90\nII\t5\t50\n")
    assert sorted({chrom for chrom, _ in found}) == ["chrI", "chrII"]
    card = read_card(tmp_path / "out.bw")
    assert card.left_out == {"other_sequences": 1}
    assert "lacks, chrUn first" in card.remarks[0]


@pytest.mark.parametrize(
    ("text", "said", "options"),
    [
        ("", "holds no fragments", {}),
        ("chrI\tx\t5\n", "is no fragment; expected chromosome", {}),
        ("#h\nchrI\t5\t50\nchrI\t60\n", r"in\.tsv, line 3: .* has 2 columns where the first", {}),
        ("chrI\t5\t50\nchrI\tfive\t60\n", r"in\.tsv, line 2: .* is no fragment; expected", {}),
        ("chrI\t5\t50\nI\t900\t1200\n", r"line 2: .* is no stretch of chrI, which has 1,000", {}),
        ("chrI\t50\t20\n", r"line 1: .*50.t20' is no stretch", {}),
        ("chrI\t-5\t20\n", r"line 1: .* is no stretch", {}),
        (
            "chrI\t5\t9\t.\t-1\t-1\nchrI\t5\t9\tchrI\t900\t1001\n",
            r"line 2: .* is no stretch of chrI",
            {},
        ),
        ("scaffold_9\t5\t50\n", "names scaffold_9, which that genome lacks", {}),
        ("chrI\t5\t50\n", "cannot be counted by mate", {"mate": 1}),
        ("chrI\t5\t50\n", "whole fragments have none", {"position": "center", "strand": "+"}),
        ("chrI\t5\t6\n", "its sites have none", {"strand": "+"}),
        ("chrI\t5\t6\n", "a cut site has no fragment", {"position": "fragment"}),
    ],
)
def test_what_is_no_fragment_is_one_line_and_leaves_nothing(tmp_path, genome, text, said, options):
    with pytest.raises(SighthoundError, match=said) as caught:
        counted(tmp_path, genome, text, **options)
    assert "\n" not in str(caught.value)
    assert not list(tmp_path.glob("out*"))


def test_a_file_cut_short_is_named(tmp_path, genome):
    file = tmp_path / "cut.tsv.gz"
    file.write_bytes(gzip.compress(FRAGMENTS.encode() + b"chrI\t7\t9\tA\t1\n" * 90_000)[:-30])
    with pytest.raises(SighthoundError, match=r"cut\.tsv\.gz, after line \d+: .* cut short"):
        coverage(file, tmp_path / "out.bw", genome=genome)


def test_fragments_need_a_genome(tmp_path):
    (tmp_path / "in.tsv").write_text(FRAGMENTS)
    with pytest.raises(SighthoundError, match=r"give the genome's FASTA \(--genome\)"):
        coverage(tmp_path / "in.tsv", tmp_path / "out.bw")


def test_several_files_add_up_in_any_order(tmp_path, genome):
    (tmp_path / "a.tsv").write_text("chrI\t100\t250\n")
    (tmp_path / "b.tsv").write_text("chrI\t100\t180\n")
    for names in (("a", "b"), ("b", "a")):
        files = [tmp_path / f"{name}.tsv" for name in names]
        coverage(files, tmp_path / "out.bw", genome=genome)
        assert nonzero(tmp_path / "out.bw") == {
            ("chrI", 100): 2, ("chrI", 249): 1, ("chrI", 179): 1,
        }  # fmt: skip
