"""Reads that are shifted already are known by the bases around their cuts."""

import numpy as np
import pytest
from click.testing import CliRunner

from sighthound.app.cli import cli
from sighthound.core.tracks.card import read_card
from sighthound.precompute.reads.assays import Shift
from sighthound.precompute.reads.coverage import coverage
from sighthound.precompute.reads.cut_motif import CutSites
from tests.paths import ROOT, SHARED_DATA

LENGTH = 40_000
YEAST_ATAC = SHARED_DATA / "yeast" / "atac" / "SRR1822137_500k.bedpe.gz"
TN5 = np.array([1.0, -0.4, 0.9, 0.3, -0.6])  # how much A and C are liked before the middle
DNASE = np.array([0.8, -0.7, 0.9])


@pytest.fixture(scope="module")
def bases():
    return np.random.default_rng(5).integers(0, 4, LENGTH)


@pytest.fixture
def genome(tmp_path, bases):
    (tmp_path / "genome.fa").write_text(f">chr1\n{''.join(np.array(list('ACGT'))[bases])}\n")
    return tmp_path / "genome.fa"


def liked(bases, half, gap):
    """Places where bases, and those of the other strand mirrored, fit a palindrome best.

    `gap` is 1 where the middle is the base of that place, 0 where it lies before that base.
    """
    at = np.arange(50, LENGTH - 50)
    score = np.zeros(len(at))
    for far, weight in enumerate(half):
        before, after = bases[at - 1 - far], bases[at + gap + far]
        score += weight * ((before <= 1).astype(float) + (after >= 2))
    return at[np.argsort(-score, kind="stable")[:1500]]


def fragments(path, plus, minus):
    """Write plus and minus ends as cut sites; give the path."""
    rows = [f"chr1\t{x}\t{x + 1}\t.\t0\t+\n" for x in plus]
    path.write_text("".join(rows + [f"chr1\t{y}\t{y + 1}\t.\t0\t-\n" for y in minus]))
    return path


@pytest.fixture
def tn5(tmp_path, bases):
    """Cut sites of Tn5, moved by a shift."""

    def make(shift):
        middle = liked(bases, TN5, 1)
        return fragments(
            tmp_path / "in.bed", middle - 4 + shift.plus, middle + 4 - shift.minus
        )  # fmt: skip

    return make


def checked(tmp_path, file, genome, **options):
    coverage(file, tmp_path / "out.bw", genome=genome, **options)
    return read_card(tmp_path / "out.bw").shift_check


@pytest.mark.parametrize(
    ("moved", "offset", "warning"),
    [
        (Shift(0, 0), 8, ""),
        (Shift(4, 4), 0, "shifted by +4/-4 already, and --shift +4/-4 makes it +8/-8: give"),
        (Shift(4, 5), -1, "and --shift +4/-4 makes it +8/-9: give --shift +0/+1"),
        (Shift(4, 0), 4, "give --shift +0/-4"),
    ],
)
def test_tn5_that_would_be_shifted_twice_is_told(tmp_path, tn5, genome, moved, offset, warning):
    check = checked(tmp_path, tn5(moved), genome, assay="atac")
    assert (check.offset, check.moved) == (offset, str(moved))
    assert check.correlation > check.other_correlation + 0.3
    assert warning in check.warning
    assert bool(warning) == bool(check.warning)


@pytest.mark.parametrize(
    ("moved", "options", "warning"),
    [
        (Shift(0, 0), {}, "not shifted, and no shift is asked: give --shift +4/-4"),
        (Shift(0, 0), {"assay": "atac", "shift": 0}, "no shift is asked: give --shift +4/-4"),
        (Shift(0, 0), {"shift": "+4/-5"}, ""),
        (Shift(4, 5), {}, ""),
        (Shift(4, 5), {"assay": "atac", "shift": "+0/+1"}, ""),
        (Shift(0, 0), {"assay": "dnase"}, "Tn5's, not DNase I's: give --assay atac"),
    ],
)
def test_what_is_asked_is_held_against_what_is_there(
    tmp_path, tn5, genome, moved, options, warning
):
    check = checked(tmp_path, tn5(moved), genome, **options)
    assert warning in check.warning
    assert bool(warning) == bool(check.warning)


def test_dnase_cuts_between_two_bases_and_is_not_taken_for_tn5_shifted(tmp_path, bases, genome):
    after = liked(bases, DNASE, 0)
    file = fragments(tmp_path / "in.bed", after, after - 1)
    check = checked(tmp_path, file, genome, assay="dnase")
    assert (check.offset, check.moved, check.warning) == (-1, "+0/+0", "")
    assert "give --assay dnase" in checked(tmp_path, file, genome, assay="atac").warning
    file = fragments(tmp_path / "in.bed", after + 4, after - 5)
    assert "give --shift -4/+4" in checked(tmp_path, file, genome, assay="dnase").warning


def test_cuts_anywhere_tell_nothing(tmp_path, genome):
    anywhere = np.random.default_rng(1).integers(50, LENGTH - 50, (2, 3000))
    check = checked(tmp_path, fragments(tmp_path / "in.bed", *anywhere), genome, assay="atac")
    assert (check.offset, check.moved, check.warning) == (None, "", "")
    assert "cannot be told" in check.words


def test_nobody_looks_where_reads_are_no_cuts(tmp_path, tn5, genome):
    assert checked(tmp_path, tn5(Shift()), genome, strand="+") is None
    assert checked(tmp_path, tn5(Shift()), genome, assay="cage", strand="+") is None


def test_the_command_warns_and_takes_the_genome_of_a_project(tmp_path, tn5, genome):
    (tmp_path / "sighthound.toml").write_text(
        '[genome]\nfasta = "genome.fa"\n[tracks]\ntable = "t.tsv"\n'
    )
    (tmp_path / "t.tsv").touch()
    file = str(tn5(Shift(4, 5)))
    words = ["coverage", file, str(tmp_path / "out.bw"), "--assay", "atac"]
    ran = CliRunner().invoke(cli, [*words, "--genome", str(tmp_path)])
    assert ran.exit_code == 0, ran.output
    assert "shift: the reads are shifted by +4/-5 already" in ran.stdout
    assert "warning: the reads are shifted by +4/-5 already, and --shift +4/-4" in ran.stderr


def test_without_a_genome_it_is_said_that_nobody_looked(tmp_path):
    (tmp_path / "in.sam").write_text(
        "@SQ\tSN:chr1\tLN:99\nr\t0\tchr1\t5\t9\t4M\t*\t0\t0\tACGT\tIIII\n"
    )
    for options, said in (({"assay": "atac"}, True), ({"assay": "cage"}, False)):
        report = coverage(tmp_path / "in.sam", tmp_path / "out.bw", strand="+", **options)
        assert report.card.shift_check is None
        assert any("that needs the genome" in remark for remark in report.card.remarks) == said


def test_a_sample_is_even_however_its_sites_come():
    chrom, base = np.zeros(1000, np.int64), np.arange(1000)
    one, many = CutSites(most=100), CutSites(most=100)
    for at in base:
        one.add(0, int(at), False)
    for start in range(0, 1000, 130):
        many.add_many(chrom[start : start + 130], base[start : start + 130], False)
    ((number, (kept, minus)),) = one.by_chromosome()
    ((_, (same, _)),) = many.by_chromosome()
    assert number == 0
    assert kept.tolist() == same.tolist() == list(range(0, 1000, 16))
    assert not len(minus)


@pytest.mark.real_data
def test_yeast_atac_is_found_not_shifted(tmp_path):
    genome = ROOT / "assets" / "genome" / "sacCer3.fa.gz"
    check = checked(tmp_path, YEAST_ATAC, genome, assay="atac")
    assert (check.offset, check.moved, check.warning) == (8, "+0/+0", "")
    assert check.correlation > 0.9
    assert check.other_correlation < 0.4
