"""Coverage of aligned reads: where a read counts, how multi-mapping reads are shared, GC."""

import random
import shutil

import numpy as np
import pyBigWig
import pysam
import pytest
from click.testing import CliRunner
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.ndimage import gaussian_filter1d

from sighthound.app.cli import cli
from sighthound.core.errors import SighthoundError
from sighthound.core.tracks.card import read_card
from sighthound.precompute.reads.coverage import coverage
from sighthound.precompute.reads.multireads import gaussian_kernel, smoothed_counts
from sighthound.precompute.reads.places import GenomeLine
from tests.paths import GOLDEN, SHARED_DATA

YEAST_BAM = SHARED_DATA / "yeast" / "reads" / "S288C_STRIPEseq.bowtie2_k10.bam"

PAIRED, PROPER, UNMAPPED, REVERSE, READ1, READ2 = 0x1, 0x2, 0x4, 0x10, 0x40, 0x80
SECONDARY, QC_FAIL, DUPLICATE, SUPPLEMENTARY = 0x100, 0x200, 0x400, 0x800


def write_bam(path, reads, lengths=(("chr1", 1000),)):
    """Write reads given as (name, flag, start, {options}); every read matches 10 bases."""
    header = {
        "HD": {"VN": "1.6"},
        "SQ": [{"SN": name, "LN": length} for name, length in lengths],
    }
    with pysam.AlignmentFile(str(path), "wb", header=header) as file:
        for name, flag, start, *options in reads:
            chosen = {"chrom": 0, "NH": None, "tlen": 0, "mapq": 60} | (options or [{}])[0]
            read = pysam.AlignedSegment(file.header)
            read.query_name, read.flag, read.reference_start = name, flag, start
            read.mapping_quality, read.template_length = chosen["mapq"], chosen["tlen"]
            read.query_sequence, read.cigartuples = "A" * 10, [(0, 10)]
            read.reference_id = chosen["chrom"]
            if flag & UNMAPPED:
                read.reference_id, read.reference_start, read.cigartuples = -1, -1, None
            if chosen["NH"]:
                read.set_tag("NH", chosen["NH"])
            file.write(read)
    return path


def values(path):
    """Read a BigWig whole: chromosomes joined, float64, NaN as 0."""
    with pyBigWig.open(str(path)) as file:
        parts = [file.values(c, 0, n, numpy=True) for c, n in file.chroms().items()]
    return np.nan_to_num(np.concatenate(parts)).astype(np.float64)


def golden_coverage(name):
    """The reference's coverage at every eighth base, float16 as it rounds it."""
    with np.load(GOLDEN / "bam_cov" / "coverage.npz") as golden:
        return golden[name].astype(np.float64)


def golden_bases(path):
    """The bases of a BigWig that the golden numbers hold."""
    return values(path)[::8]


def counted(tmp_path, reads, lengths=(("chr1", 1000),), **options):
    """Give {base: coverage} where coverage is not 0."""
    bam = write_bam(tmp_path / "reads.bam", reads, lengths)
    coverage(bam, tmp_path / "out.bw", **options)
    found = values(tmp_path / "out.bw")
    return {int(base): round(float(found[base]), 6) for base in np.flatnonzero(found)}


# --- where a read counts ----------------------------------------------------------------


def test_a_read_counts_at_its_5_prime_base(tmp_path):
    assert counted(tmp_path, [("a", 0, 100), ("b", REVERSE, 200)]) == {100: 1, 209: 1}


def test_a_shift_moves_the_5_prime_base_along_the_read(tmp_path):
    assert counted(tmp_path, [("a", 0, 100), ("b", REVERSE, 200)], shift=4) == {104: 1, 205: 1}


def test_positions_shifted_off_a_chromosome_stay_on_its_last_base(tmp_path):
    assert counted(tmp_path, [("a", 0, 990), ("b", REVERSE, 0)], shift=50) == {0: 1, 999: 1}


def test_one_mate_alone_can_be_counted(tmp_path):
    pair = [
        ("a", PAIRED | PROPER | READ1, 100, {"tlen": 60}),
        ("a", PAIRED | PROPER | READ2 | REVERSE, 150, {"tlen": -60}),
    ]
    assert counted(tmp_path, pair) == {100: 1, 159: 1}
    assert counted(tmp_path, pair, mate=1) == {100: 1}
    assert counted(tmp_path, pair, mate=2) == {159: 1}


def test_a_strand_is_that_of_the_read_turned_for_mate_2(tmp_path):
    reads = [
        ("a", PAIRED | READ1, 100),
        ("a", PAIRED | READ2 | REVERSE, 150),
        ("b", PAIRED | READ1 | REVERSE, 300),
    ]
    assert counted(tmp_path, reads, strand="+") == {100: 1, 159: 1}
    assert counted(tmp_path, reads, strand="-") == {309: 1}


def test_a_proper_pair_counts_once_over_its_fragment_or_at_its_center(tmp_path):
    pair = [
        ("a", PAIRED | PROPER | READ1 | REVERSE, 120, {"tlen": -30}),
        ("a", PAIRED | PROPER | READ2, 100, {"tlen": 30}),
        ("lost", PAIRED | READ1, 500),
    ]
    assert counted(tmp_path, pair, position="fragment") == dict.fromkeys(range(100, 130), 1)
    assert counted(tmp_path, pair, position="center") == {115: 1}


def test_overlapping_fragments_add_up_and_end_with_the_chromosome(tmp_path):
    reads = [("a", 0, 990), ("b", 0, 995)]
    expected = dict.fromkeys(range(990, 995), 1) | dict.fromkeys(range(995, 1000), 2)
    assert counted(tmp_path, reads, position="fragment", fragment_length=30) == expected


def test_single_end_fragments_need_a_length(tmp_path):
    with pytest.raises(SighthoundError, match="give a fragment length"):
        counted(tmp_path, [("a", 0, 100)], position="center")


# --- which alignments count -------------------------------------------------------------


def test_flags_decide_what_is_left_out_and_the_report_says_so(tmp_path):
    reads = [
        ("kept", 0, 100),
        ("kept", SUPPLEMENTARY, 300),
        ("unmapped", UNMAPPED, 0),
        ("failed", QC_FAIL, 400),
        ("poor", 0, 500, {"mapq": 3}),
        ("twice", DUPLICATE, 600),
    ]
    bam = write_bam(tmp_path / "reads.bam", reads)
    report = coverage(bam, tmp_path / "out.bw", min_mapq=10)
    assert np.flatnonzero(values(tmp_path / "out.bw")).tolist() == [100]
    assert (report.alignments, report.unique_reads, report.multi_reads) == (1, 1, 0)
    assert report.card.left_out == {
        "unmapped": 1, "qc_failed": 1, "low_mapq": 1, "duplicates": 1,
    }  # fmt: skip


def test_a_duplicate_takes_its_unmarked_secondary_alignments_with_it(tmp_path):
    reads = [("a", 0, 50), ("twice", DUPLICATE, 600), ("twice", SECONDARY, 700)]
    assert counted(tmp_path, reads) == {50: 1}
    kept = counted(tmp_path, reads, keep_duplicates=True, multi="fraction")
    assert kept == {50: 1, 600: 0.5, 700: 0.5}


# --- multi-mapping reads ----------------------------------------------------------------


def test_places_are_counted_by_read_name_when_there_are_no_nh_tags(tmp_path):
    reads = [("many", 0, 100), ("one", 0, 300), ("many", SECONDARY, 500)]
    assert counted(tmp_path, reads, multi="fraction") == {100: 0.5, 300: 1, 500: 0.5}
    assert counted(tmp_path, reads, multi="unique") == {300: 1}


def test_mates_of_one_name_are_two_reads(tmp_path):
    reads = [("a", PAIRED | READ1, 100), ("a", PAIRED | READ2 | REVERSE, 300)]
    assert counted(tmp_path, reads, multi="unique") == {100: 1, 309: 1}


def test_places_that_the_file_does_not_show_keep_their_part_of_the_read(tmp_path):
    reads = [("a", 0, 100, {"NH": 4}), ("a", SECONDARY, 500, {"NH": 4}), ("b", 0, 100, {"NH": 1})]
    assert counted(tmp_path, reads, multi="fraction") == {100: 1.25, 500: 0.25}
    shared = counted(tmp_path, reads)
    assert sum(shared.values()) == pytest.approx(1.5, abs=1e-6)
    assert shared[100] > 1.3


def test_a_multi_mapping_read_goes_where_unique_reads_are(tmp_path):
    reads = [(f"u{i}", 0, 480 + i) for i in range(20)]
    reads += [("m", 0, 100), ("m", SECONDARY, 490)]
    found = counted(tmp_path, reads)
    assert found[490] > 1.95
    assert found[100] < 0.05


def test_each_strand_attracts_reads_by_its_own_coverage(tmp_path):
    reads = [(f"u{i}", REVERSE, 490) for i in range(20)]
    reads += [("m", 0, 500), ("m", SECONDARY | REVERSE, 800)]
    together = counted(tmp_path, reads)
    apart = counted(tmp_path, reads, strand="+") | counted(tmp_path, reads, strand="-")
    assert together[500] > 0.9
    assert apart[500] == pytest.approx(0.5)
    assert apart[809] == pytest.approx(0.5)


def test_a_place_listed_twice_for_a_read_draws_no_more_than_one(tmp_path):
    reads = [("m", 0, 100), ("m", SECONDARY, 100), ("m", SECONDARY, 800)]
    many = counted(tmp_path, reads, iterations=200, tolerance=0)
    assert sum(many.values()) == pytest.approx(1)
    once = counted(tmp_path, [reads[0], reads[2]], iterations=200, tolerance=0)
    assert once == {100: 0.5, 800: 0.5}


def test_the_order_of_the_alignments_does_not_matter(tmp_path):
    reads = [(f"m{i}", SECONDARY * (k > 0), 37 * i + 300 * k) for i in range(9) for k in range(3)]
    write_bam(tmp_path / "sorted.bam", sorted(reads, key=lambda read: read[2]))
    random.Random(1).shuffle(reads)
    write_bam(tmp_path / "shuffled.bam", reads)
    for name in ("sorted", "shuffled"):
        coverage(tmp_path / f"{name}.bam", tmp_path / f"{name}.bw")
    first, second = values(tmp_path / "sorted.bw"), values(tmp_path / "shuffled.bw")
    np.testing.assert_allclose(first, second, atol=1e-6)


def shared_by_filtering_the_genome(length, unique, multi, sd, rounds):
    """Expectation-maximisation the slow and obvious way, on one dense chromosome."""
    places = [(read, base) for read, bases in enumerate(multi) for base in sorted(set(bases))]
    read, base = np.array(places).T
    weights = 1 / np.bincount(read)[read]
    for _ in range(rounds):
        dense = np.bincount(unique, minlength=length) + np.bincount(base, weights, length)
        smooth = gaussian_filter1d(dense + 0.01, sd, truncate=3, mode="reflect")[base]
        weights = smooth / np.bincount(read, smooth)[read]
    return np.bincount(unique, minlength=length) + np.bincount(base, weights, length)


@settings(max_examples=40)
@given(
    length=st.integers(30, 400),
    sd=st.sampled_from([1.5, 8, 32]),
    rounds=st.integers(1, 4),
    data=st.data(),
)
def test_sharing_at_places_equals_filtering_the_whole_chromosome(
    tmp_path_factory, length, sd, rounds, data
):
    base = st.integers(0, length - 10)
    unique = data.draw(st.lists(base, max_size=20))
    multi = data.draw(st.lists(st.sets(base, min_size=2, max_size=4), min_size=1, max_size=8))
    reads = [(f"u{i}", 0, start) for i, start in enumerate(unique)]
    reads += [(f"m{i}", 0, start) for i, starts in enumerate(multi) for start in sorted(starts)]
    folder = tmp_path_factory.mktemp("em")
    on_chr1 = [(*read, {"chrom": 1}) for read in reads]
    bam = write_bam(folder / "reads.bam", on_chr1, (("chr0", 50), ("chr1", length)))
    coverage(bam, folder / "out.bw", smoothing_sd=sd, iterations=rounds, tolerance=0)
    expected = shared_by_filtering_the_genome(length, np.array(unique, int), multi, sd, rounds)
    found = values(folder / "out.bw")
    assert not found[:50].any()
    np.testing.assert_allclose(found[50:], expected, atol=1e-5)


@settings(max_examples=60)
@given(length=st.integers(1, 60), sd=st.sampled_from([0.5, 3, 20]), data=st.data())
def test_smoothing_mirrors_reads_at_the_ends_even_of_tiny_chromosomes(length, sd, data):
    reads = np.array(data.draw(st.lists(st.integers(0, length - 1), min_size=1, max_size=10)))
    margin = 2 * (len(gaussian_kernel(sd)) // 2)
    line = GenomeLine({"a": 40, "b": length}, np.array([[margin, 2 * margin + 40]]))
    offset = 2 * margin + 40
    found = smoothed_counts(line, reads + offset, np.arange(length) + offset, sd)
    dense = np.bincount(reads, minlength=length).astype(float)
    np.testing.assert_allclose(found, gaussian_filter1d(dense, sd, truncate=3), atol=1e-12)


def test_fractions_equal_the_reference_to_its_float16(tmp_path):
    coverage(GOLDEN / "bam_cov" / "aln.bam", tmp_path / "out.bw", multi="fraction")
    found = golden_bases(tmp_path / "out.bw")
    assert np.array_equal(found.astype(np.float16), golden_coverage("plain"))


def test_shares_equal_the_reference_to_its_float16_after_as_many_rounds(tmp_path):
    report = coverage(GOLDEN / "bam_cov" / "aln.bam", tmp_path / "out.bw")
    expected, found = golden_coverage("em"), golden_bases(tmp_path / "out.bw")
    assert (report.card.em_rounds, report.card.em_converged) == (3, True)
    assert np.abs(found - expected).max() < 0.002
    assert np.corrcoef(found, expected)[0, 1] > 0.999999


def test_the_command_shares_for_as_many_rounds_as_asked(tmp_path):
    words = ["coverage", str(GOLDEN / "bam_cov" / "aln.bam"), str(tmp_path / "out.bw")]
    done = CliRunner().invoke(cli, [*words, "--iterations", "30", "--tolerance", "0"])
    assert done.exit_code == 0
    assert "stopped after 30 rounds" in done.output
    assert read_card(tmp_path / "out.bw").em_rounds == 30


@pytest.mark.real_data
def test_yeast_pairs_without_nh_tags_count_every_read_once(tmp_path):
    strands, reports = {}, {}
    for strand in "+-":
        reports[strand] = coverage(YEAST_BAM, tmp_path / "out.bw", mate=1, strand=strand)
        strands[strand] = values(tmp_path / "out.bw")
    assert reports["+"].reads == reports["-"].reads
    assert reports["+"].multi_reads > 1_000
    assert strands["+"].sum() + strands["-"].sum() == pytest.approx(reports["+"].reads, abs=0.1)
    assert min(found.sum() for found in strands.values()) > 6_000


# --- GC content -------------------------------------------------------------------------


def genome_with_gc_blocks(folder, blocks=150, block=1000):
    """Write a genome whose GC fraction changes from block to block; give each base's rate."""
    source = np.random.default_rng(3)
    fractions = source.uniform(0.3, 0.6, blocks)
    is_gc = source.random(blocks * block) < np.repeat(fractions, block)
    bases = np.where(is_gc, ord("G"), ord("A")).astype(np.uint8).tobytes().decode()
    (folder / "genome.fa").write_text(f">chr1\n{bases}\n")
    local = gaussian_filter1d(is_gc.astype(float), 64, truncate=3)
    return 0.2 * 2 ** (5 * (local - 0.45)), fractions, block


def test_gc_correction_flattens_coverage_that_gc_alone_explains(tmp_path):
    rate, fractions, block = genome_with_gc_blocks(tmp_path)
    starts = np.flatnonzero(np.diff(np.floor(np.cumsum(rate)), prepend=0))
    starts = starts[starts < len(rate) - 10]
    bam = write_bam(
        tmp_path / "reads.bam",
        [(f"r{start}", 0, int(start), {"NH": 1}) for start in starts],
        (("chr1", len(rate)),),
    )
    coverage(bam, tmp_path / "plain.bw")
    report = coverage(bam, tmp_path / "gc.bw", correct_gc=True, genome=tmp_path / "genome.fa")
    assert report.card.gc is not None
    assert report.card.gc.r2 > 0.9

    def slope(name):
        per_block = values(tmp_path / name).reshape(-1, block).mean(axis=1)
        return np.polyfit(fractions, np.log2(per_block), 1)[0]

    assert slope("plain.bw") == pytest.approx(5, abs=0.6)
    # The pseudocount hides a tenth of the slope; the wrong base would overshoot by 2.2.
    assert slope("gc.bw") == pytest.approx(0, abs=0.6)


def test_gc_correction_agrees_with_the_reference_but_for_its_defects(tmp_path):
    genome = tmp_path / "genome.fa.gz"
    shutil.copy(GOLDEN / "bam_cov" / "genome.fa.gz", genome)
    coverage(GOLDEN / "bam_cov" / "aln.bam", tmp_path / "out.bw", correct_gc=True, genome=genome)
    found = golden_bases(tmp_path / "out.bw")
    assert np.corrcoef(found, golden_coverage("em_gc"))[0, 1] > 0.995


# --- bad input --------------------------------------------------------------------------


def assert_refused(bam, output, message, **options):
    before = sorted(path.name for path in output.parent.glob("*"))
    with pytest.raises(SighthoundError, match=message) as caught:
        coverage(bam, output, **options)
    assert "\n" not in str(caught.value)
    assert sorted(path.name for path in output.parent.glob("*")) == before


def test_a_missing_file_and_one_that_is_no_bam_are_refused(tmp_path):
    assert_refused(tmp_path / "no.bam", tmp_path / "out.bw", "does not exist")
    (tmp_path / "text.bam").write_text("these are no alignments\n")
    assert_refused(tmp_path / "text.bam", tmp_path / "out.bw", "cannot be read as BAM")


@pytest.mark.parametrize("kept", [0.5, "without the end mark"])
def test_a_truncated_bam_is_refused(tmp_path, kept):
    reads = [(f"r{i}" * 20, 0, i % 900) for i in range(5000)]
    bam = write_bam(tmp_path / "reads.bam", reads)
    whole = bam.read_bytes()
    bam.write_bytes(whole[: len(whole) // 2] if kept == 0.5 else whole[:-28])
    assert_refused(bam, tmp_path / "out.bw", "truncated")


def test_a_bam_in_which_nothing_counts_is_refused_with_the_reasons(tmp_path):
    bam = write_bam(tmp_path / "reads.bam", [("a", UNMAPPED, 0), ("b", QC_FAIL, 5)])
    assert_refused(bam, tmp_path / "out.bw", "1 unmapped, 1 qc_failed")
    empty = write_bam(tmp_path / "empty.bam", [])
    assert_refused(empty, tmp_path / "out.bw", "it is empty")


def test_the_fasta_of_another_genome_is_refused(tmp_path):
    bam = write_bam(tmp_path / "reads.bam", [("a", 0, 5)])
    for name, text, message in (
        ("longer.fa", ">chr1\n" + "ACGT" * 300, "chr1 has 1,000 bases in the BAM and 1,200"),
        ("other.fa", ">scaffold7\n" + "ACGT" * 250, "chr1"),
    ):
        (tmp_path / name).write_text(text + "\n")
        pysam.faidx(str(tmp_path / name))
        assert_refused(bam, tmp_path / "out.bw", message, correct_gc=True, genome=tmp_path / name)


def test_an_output_that_cannot_be_written_is_refused_before_reading(tmp_path):
    missing = tmp_path / "no.bam"
    with pytest.raises(SighthoundError, match="does not exist"):
        coverage(missing, tmp_path / "nowhere" / "out.bw")
    with pytest.raises(SighthoundError, match="it is a folder"):
        coverage(missing, tmp_path)


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"multi": "all"}, "multi is 'all'; expected em, fraction or unique"),
        ({"position": "3prime"}, "expected 5prime, center, fragment"),
        ({"strand": "plus"}, "expected +, - or both"),
        ({"mate": 3}, "expected 1 or 2"),
        ({"smoothing_sd": 0}, "smoothing_sd is 0"),
        ({"iterations": 0}, "iterations is 0"),
        ({"fragment_length": 200}, "it goes with center and fragment"),
        ({"position": "center", "shift": 4}, "only 5' ends are shifted"),
        ({"position": "fragment", "mate": 1}, "a fragment has both"),
    ],
)
def test_options_out_of_range_are_refused(tmp_path, options, message):
    bam = write_bam(tmp_path / "reads.bam", [("a", 0, 5)])
    with pytest.raises(SighthoundError) as caught:
        coverage(bam, tmp_path / "out.bw", **options)
    assert message in str(caught.value)


def test_progress_runs_to_its_end(tmp_path):
    bam = write_bam(tmp_path / "reads.bam", [("a", 0, 5)])
    seen = []
    coverage(bam, tmp_path / "out.bw", progress=lambda *percent: seen.append(percent))
    assert seen == sorted(seen)
    assert seen[-1] == (100, 100)


# --- strands, assays, scales ------------------------------------------------------------


def test_both_strands_of_one_run_are_those_of_two(tmp_path):
    bam = GOLDEN / "bam_cov" / "aln.bam"
    report = coverage(bam, tmp_path / "both.bw", strand="both")
    assert [file.name for file in report.outputs] == ["both.plus.bw", "both.minus.bw"]
    for strand, file in zip("+-", report.outputs, strict=True):
        coverage(bam, tmp_path / "one.bw", strand=strand)
        assert file.read_bytes() == (tmp_path / "one.bw").read_bytes()
        assert read_card(file).strand == strand


def test_an_assay_stands_for_its_options_and_what_is_given_goes_before(tmp_path):
    reads = [("a", 0, 100), ("b", REVERSE, 200)]
    assert counted(tmp_path, reads, assay="atac") == counted(tmp_path, reads, shift="+4/-4")
    assert counted(tmp_path, reads, assay="atac", shift=0) == counted(tmp_path, reads)
    with pytest.raises(SighthoundError, match="unknown assay 'hic'; expected dnase, atac"):
        counted(tmp_path, reads, assay="hic")
    with pytest.raises(SighthoundError, match=r"expected bases downstream, as 4, or .* \+4/-5"):
        counted(tmp_path, reads, shift="4,5")


def test_scales_multiply_counts_and_the_card_says_by_what(tmp_path):
    reads = [("a", 0, 100), ("b", 0, 100), ("c", 0, 300), ("d", 0, 500)]
    per_million = counted(tmp_path, reads, normalise="cpm")
    assert per_million == {100: 500_000, 300: 250_000, 500: 250_000}
    card = read_card(tmp_path / "out.bw")
    assert (card.normalisation, card.factor, card.depth) == ("cpm", 250_000, 1_000_000)
    assert counted(tmp_path, reads, scale_by=0.5) == {100: 1, 300: 0.5, 500: 0.5}
    mean = counted(tmp_path, reads, normalise="rpgc", effective_size=100)
    assert mean == {100: 50, 300: 25, 500: 25}
    spike = write_bam(tmp_path / "spike.bam", [("s", 0, 5), ("t", 0, 9)])
    assert counted(tmp_path, reads, scale_by=spike) == {100: 1e6, 300: 5e5, 500: 5e5}
    with pytest.raises(SighthoundError, match="choose one"):
        counted(tmp_path, reads, scale_by=2.0, normalise="cpm")


def test_a_bam_of_other_chromosomes_adds_up_with_none(tmp_path):
    one = write_bam(tmp_path / "one.bam", [("a", 0, 5)])
    with pytest.raises(SighthoundError, match="aligned to other chromosomes than"):
        coverage([one, GOLDEN / "bam_cov" / "aln.bam"], tmp_path / "out.bw")


def test_a_card_is_never_of_another_run(tmp_path, monkeypatch):
    bam = write_bam(tmp_path / "reads.bam", [("a", 0, 5)])
    coverage(bam, tmp_path / "out.bw")
    assert read_card(tmp_path / "out.bw").unique_reads == 1

    def killed(*args, **kwargs):
        raise KeyboardInterrupt

    monkeypatch.setattr("sighthound.precompute.reads.coverage.write_card", killed)
    more = write_bam(tmp_path / "more.bam", [("a", 0, 5), ("b", 0, 9)])
    with pytest.raises(KeyboardInterrupt):
        coverage(more, tmp_path / "out.bw")
    assert read_card(tmp_path / "out.bw") is None
