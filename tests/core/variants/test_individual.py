"""An individual's genome: variants written into the reference, and predictions lifted back."""

import numpy as np
import pysam
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from sighthound.core.errors import SighthoundError
from sighthound.core.genome.sequence import Genome, Interval, one_hot
from sighthound.core.variants.individual import Individual, copy_windows, make_copy, read_individual
from sighthound.core.variants.variant import Variant

BASES = "ACGT" * 25


@pytest.fixture(scope="module")
def genome(tmp_path_factory):
    path = tmp_path_factory.mktemp("individual") / "g.fa"
    path.write_text(f">chr1\n{BASES}\n")
    pysam.faidx(str(path))
    return Genome(path)


HEADER = """##fileformat=VCFv4.3
##contig=<ID=chr1>
##FORMAT=<ID=GT,Number=1,Type=String,Description=G>
"""


def vcf(tmp_path, *rows, samples=("ann", "bob")):
    path = tmp_path / "calls.vcf"
    columns = ["#CHROM", "POS", "ID", "REF", "ALT", "QUAL", "FILTER", "INFO"]
    columns += ["FORMAT", *samples] if samples else []
    lines = ["\t".join(columns)]
    for position, ref, alt, *genotypes in rows:
        cells = ["chr1", str(position), ".", ref, alt, ".", ".", "."]
        lines.append("\t".join(cells + (["GT", *genotypes] if samples else [])))
    path.write_text(HEADER + "\n".join(lines) + "\n")
    return path


def test_each_copy_carries_its_own_alleles(genome, tmp_path):
    path = vcf(tmp_path, (1, "A", "G,T", "0|2", "1|1"), (6, "C", "CAA", "1|0", "./."))
    individual, lines = read_individual(path, genome, "ann")
    assert lines == []
    first, second = individual.within("chr1", 0, 100)
    assert [str(v) for v in first] == ["chr1:6:C:CAA"]
    assert [str(v) for v in second] == ["chr1:1:A:T"]
    assert [len(v) for v in individual.within("chr1", 2, 100)] == [1, 0]
    assert individual.within("chr1", 50, 100) == [[]]
    only_second, _ = read_individual(path, genome, "ann", copy=2)
    assert [[str(v) for v in copy] for copy in only_second.within("chr1", 0, 100)] == [
        ["chr1:1:A:T"]
    ]


def test_without_samples_every_first_alternative_counts(genome, tmp_path):
    individual, _ = read_individual(vcf(tmp_path, (1, "A", "G,T"), samples=()), genome)
    assert [str(v) for v in individual.within("chr1", 0, 9)[0]] == ["chr1:1:A:G"]


def test_what_overlaps_or_is_not_the_genomes_is_left_out_and_told(genome, tmp_path):
    path = vcf(
        tmp_path, (1, "ACG", "A", "1"), (3, "G", "T", "1"), (9, "C", "G", "1"), samples=["ann"]
    )
    individual, lines = read_individual(path, genome)
    assert [str(v) for v in individual.within("chr1", 0, 99)[0]] == ["chr1:1:ACG:A"]
    assert len(lines) == 2
    assert lines[0].startswith("1 REF differs")
    assert lines[1] == "1 overlap another before them"


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({}, "has 2 samples; choose one of ann, bob"),
        ({"sample": "eve"}, "has no sample 'eve'; it has ann, bob"),
        ({"sample": "ann", "copy": 3}, "has copies 1 to 2; copy 3 was asked for"),
    ],
)
def test_a_sample_or_copy_that_is_not_there_is_named(genome, tmp_path, options, message):
    path = vcf(tmp_path, (1, "A", "G", "0|1", "0|0"))
    with pytest.raises(SighthoundError, match=message):
        read_individual(path, genome, **options)


variants_strategy = st.lists(
    st.tuples(st.integers(0, 92), st.integers(0, 6), st.text("ACGT", max_size=6)), max_size=8
)


def apart(cuts):
    """Variants at increasing places that do not touch."""
    found, at = [], 0
    for start, deleted, inserted in sorted(cuts):
        # VCF writes the base before an insertion or deletion.
        first, last = max(start, 1), max(start, 1) + deleted
        if first - 1 < at or last > len(BASES):
            continue
        ref, alt = BASES[first - 1 : last], BASES[first - 1] + inserted
        if ref != alt:
            found.append(Variant("chr1", first - 1, ref, alt))
            at = last + 1
    return found


@settings(max_examples=80)
@given(variants_strategy, st.integers(0, 4), st.integers(3, 9))
def test_lifted_values_are_the_mean_over_a_bins_remaining_bases(genome, cuts, first_bin, size):
    variants = apart(cuts)
    copy = make_copy(genome, "chr1", 0, len(BASES), variants)
    text, origin = "", []  # the copy, and for each of its bases the reference base or None
    at = 0
    for variant in variants:
        position, ref, alt = variant.trimmed()
        shared = min(len(ref), len(alt))
        text += BASES[at:position] + alt
        origin += [*range(at, position), *range(position, position + shared)]
        origin += [None] * (len(alt) - shared)
        at = position + len(ref)
    text += BASES[at:]
    origin += range(at, len(BASES))
    np.testing.assert_array_equal(copy.bases, one_hot(text))

    start = first_bin * size
    bins = (len(BASES) - start) // size
    altered_bins = len(text) // size + 2
    values = np.random.default_rng(1).normal(size=altered_bins)
    place = copy.place(start)
    expected = np.full(bins, np.nan)
    for rank in range(bins):
        inside = [
            values[(there - place) // size]
            for there, here in enumerate(origin)
            if here is not None and start + rank * size <= here < start + (rank + 1) * size
        ]
        if inside:
            expected[rank] = np.mean(inside)
    lifted = copy.lifting(start, bins, altered_bins, size) @ values
    np.testing.assert_allclose(lifted, expected, atol=1e-12)


def test_a_window_of_a_copy_has_the_base_of_the_reference_in_its_middle(genome):
    chrom, length = next(iter(genome.lengths.items()))
    middle = length // 2
    before = genome.sequence(Interval(chrom, middle - 6, middle - 3))
    deletion = Variant(chrom, middle - 6, before, before[0])
    (window,) = copy_windows(Individual([{chrom: [deletion]}]), genome, chrom, middle, 8)
    kept = genome.sequence(Interval(chrom, middle - 3, middle + 4))
    expected = before[0] + kept
    np.testing.assert_array_equal(window, one_hot(expected))
    both = copy_windows(Individual([{chrom: [deletion]}, {}]), genome, chrom, middle, 8)
    plain = genome.sequence(Interval(chrom, middle - 4, middle + 4))
    np.testing.assert_array_equal(both[1], one_hot(plain))


def test_a_copy_reaches_beyond_the_chromosome_in_zeros(genome):
    copy = make_copy(genome, "chr1", -3, 104, [Variant("chr1", 0, "A", "AGG")])
    assert copy.place(0) == 3
    assert copy.place(1) == 6
    np.testing.assert_array_equal(copy.one_hot(-2, 6)[:5], 0)
    np.testing.assert_array_equal(copy.one_hot(3, 6), one_hot("AGG"))
    assert genome.one_hot(Interval("chr1", 0, 1)).tolist() == copy.one_hot(3, 4).tolist()


@pytest.fixture(scope="module")
def two(tmp_path_factory):
    path = tmp_path_factory.mktemp("ploidy") / "g.fa"
    path.write_text(f">chr1\n{BASES}\n>chrX\n{BASES}\n")
    return Genome(path)


def calls(tmp_path, *rows):
    """A VCF of one sample; rows are (chromosome, position, genotype) of changes to T or A."""
    path = tmp_path / "ploidy.vcf"
    lines = []
    for chrom, position, genotype in rows:
        ref = BASES[position - 1]
        alt = "A" if ref == "T" else "T"
        lines.append(f"{chrom}\t{position}\t.\t{ref}\t{alt}\t.\t.\t.\tGT\t{genotype}")
    columns = "#CHROM\tPOS\tID\tREF\tALT\tQUAL\tFILTER\tINFO\tFORMAT\tann\n"
    path.write_text(f"{HEADER}##contig=<ID=chrX>\n{columns}" + "\n".join(lines) + "\n")
    return path


def carried(path, genome, chrom, **options):
    """The positions, from 1, that each copy of a chromosome has changed."""
    individual, _ = read_individual(path, genome, **options)
    return [[v.position + 1 for v in copy] for copy in individual.within(chrom, 0, 100)]


def test_a_haploid_call_among_diploid_ones_is_all_that_there_is(two, tmp_path):
    path = calls(
        tmp_path, ("chr1", 1, "0|1"), ("chr1", 5, "1|1"), ("chrX", 1, "1"), ("chrX", 5, "./1"),
        ("chrX", 9, "."), ("chrX", 13, "0"),
    )  # fmt: skip
    assert carried(path, two, "chr1") == [[5], [1, 5]]
    assert carried(path, two, "chrX") == [[1, 5]], "one copy, not half an effect"
    for copy in (1, 2):
        assert carried(path, two, "chrX", copy=copy) == [[1, 5]]


def test_diploid_calls_among_haploid_ones_stay_diploid(two, tmp_path):
    path = calls(tmp_path, ("chrX", 1, "0|1"), ("chrX", 50, "1"))  # a pseudoautosomal call
    assert carried(path, two, "chrX") == [[50], [1, 50]]


def test_a_half_call_of_two_copies_leaves_the_unknown_one_as_it_is(two, tmp_path):
    path = calls(tmp_path, ("chr1", 1, "./1"), ("chr1", 5, "1|."))
    assert carried(path, two, "chr1") == [[5], [1]]


def test_calls_of_other_numbers_of_copies_keep_their_shares(two, tmp_path):
    path = calls(tmp_path, ("chr1", 1, "0/1/1"), ("chr1", 5, "1/0"), ("chrX", 9, "1"))
    copies = carried(path, two, "chr1")
    assert sum(1 in copy for copy in copies) / len(copies) == pytest.approx(2 / 3)
    assert sum(5 in copy for copy in copies) / len(copies) == pytest.approx(1 / 2)
    assert carried(path, two, "chrX") == [[9]]
    with pytest.raises(SighthoundError, match="has 2 copies at chr1:5; copy 3 was asked for"):
        carried(path, two, "chr1", copy=3)


def test_a_file_without_genotypes_or_without_a_carried_allele_is_refused(two, tmp_path):
    path = calls(tmp_path, ("chr1", 1, "0|0"), ("chr1", 5, "."))
    with pytest.raises(SighthoundError, match="carries no alternative allele"):
        read_individual(path, two)
    path.write_text(path.read_text().replace("\tGT\t", "\tDP\t"))
    with pytest.raises(SighthoundError, match=r"has no genotypes \(GT\) of ann"):
        read_individual(path, two)
