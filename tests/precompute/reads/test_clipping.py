"""Piles are cut as the published script cuts them, whose rule is written down here slowly."""

from __future__ import annotations

from collections import defaultdict
from pathlib import Path

import numpy as np
import pysam
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.ndimage import gaussian_filter1d
from scipy.optimize import minimize
from scipy.stats import poisson

from sighthound.core.tracks.card import read_card
from sighthound.precompute.reads.clipping import clip_piles, thresholds
from sighthound.precompute.reads.coverage import coverage
from sighthound.precompute.reads.multireads import gaussian_kernel
from tests.benchmarks.reads.simulated_reads import made_genome, placed_reads, write_bam
from tests.paths import GOLDEN
from tests.precompute.reads.test_coverage import counted, values

GOLDEN_BAM = GOLDEN / "bam_cov" / "aln.bam"
SD, PSEUDOCOUNT, ROUNDS, TOLERANCE = 32, 0.01, 10, 0.05
SAME = 0.002  # reads; what rounding and sums in other orders may do to a share

# --- the published rule -----------------------------------------------------------------


def places_of_reads(bam: Path) -> tuple[list[int], list[list[int]]]:
    """Give the lengths of chromosomes, and of every read the bases it may lie at, on one line."""
    with pysam.AlignmentFile(str(bam)) as file:
        lengths = list(file.lengths)
        offsets = np.cumsum([0, *lengths])
        places = defaultdict(list)
        for read in file:
            assert read.reference_end is not None  # all are aligned
            base = read.reference_end - 1 if read.is_reverse else read.reference_start
            places[read.query_name, read.is_read1].append(int(offsets[read.reference_id]) + base)
    return lengths, list(places.values())


def means_to_exceed(limit: int) -> dict[int, float]:
    """The mean at which a Poisson variable exceeds each count with probability 0.01."""
    return {
        count: minimize(lambda mean, c=count: (0.01 - poisson.sf(c, mean)) ** 2, count).x[0]
        for count in range(2, limit + 1)
    }


def most_at(smoothed: np.ndarray, limit: int) -> np.ndarray:
    """The largest count whose mean to exceed lies below the smoothed coverage of a base; or 1."""
    most = np.ones(len(smoothed))
    for count, mean in means_to_exceed(limit).items():
        most[smoothed > mean] = count
    return most


def smoothed_by_chromosome(line: np.ndarray, lengths: list[int]) -> np.ndarray:
    parts = np.split(line, np.cumsum(lengths)[:-1])
    return np.concatenate([gaussian_filter1d(part, SD, truncate=3) for part in parts])


def published(
    bam: Path, limit: int | None, most_of_a_share: float = np.inf
) -> tuple[np.ndarray, np.ndarray]:
    """What the published script writes, and what of it was there before the cut, (bases,) each.

    In every round coverage is cut to what the round before allowed and smoothed, reads are shared
    by it, and it says what bases are allowed; what is written is cut to that of the last round.
    Shares are cut where coverage is smoothed, and not in what is written.
    """
    lengths, reads = places_of_reads(bam)
    unique = np.zeros(sum(lengths))
    np.add.at(unique, [places[0] for places in reads if len(places) == 1], 1)
    shared = [np.array(places) for places in reads if len(places) > 1]
    at, read = np.concatenate(shared), np.repeat(np.arange(len(shared)), [len(p) for p in shared])
    share = 1 / np.bincount(read)[read]
    most = np.full(len(unique), np.inf)
    for _ in range(ROUNDS):
        estimate = unique + PSEUDOCOUNT
        np.add.at(estimate, at, np.minimum(share, most_of_a_share))
        smoothed = smoothed_by_chromosome(np.minimum(estimate, most), lengths)
        before, share = share, smoothed[at] / np.bincount(read, smoothed[at])[read]
        if limit is not None:
            most = most_at(smoothed, limit)
        if np.abs(share - before).sum() / len(shared) < TOLERANCE:
            break
    whole = unique.copy()
    np.add.at(whole, at, share)
    return np.minimum(whole, most), whole


@pytest.fixture(scope="module")
def piled_reads(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Make reads of peaks over a background, with repeats, and piles of copies of one read."""
    random = np.random.default_rng(5)
    genome = made_genome(random, 200_000, 8)
    bases = np.arange(len(genome.bases))
    rate = 0.05 + 2 * np.exp(-0.5 * ((bases % 5_000 - 2_500) / 300) ** 2)
    counts = random.poisson(rate / 2, (2, len(bases)))
    counts[0, random.choice(bases, 50)] += random.integers(10, 400, 50)
    file = tmp_path_factory.mktemp("piled") / "reads.bam"
    write_bam(random, genome, placed_reads(genome, counts, 36), file)
    return file


def assert_agree(found: np.ndarray, expected: np.ndarray, whole: np.ndarray) -> None:
    """At 99 % of bases and of those with reads, and at most of the few that are cut."""
    same, is_cut = np.abs(found - expected) < SAME, expected < whole
    assert is_cut.sum() > 1_000
    assert same.mean() > 0.99
    assert same[whole > 0].mean() > 0.99
    assert same[is_cut].mean() > 0.9


@pytest.mark.parametrize("limit", [2, 20])
def test_piles_of_made_reads_are_cut_as_published(
    limit: int, piled_reads: Path, tmp_path: Path
) -> None:
    coverage(piled_reads, tmp_path / "out.bw", clip=limit)
    assert_agree(values(tmp_path / "out.bw"), *published(piled_reads, limit))


def test_piles_of_the_golden_reads_are_cut_as_published(tmp_path: Path) -> None:
    coverage(GOLDEN_BAM, tmp_path / "out.bw", clip=8)
    assert_agree(values(tmp_path / "out.bw"), *published(GOLDEN_BAM, 8))


def test_sums_of_shares_are_cut_where_the_published_script_cuts_each_and_only_for_sharing(
    tmp_path: Path,
) -> None:
    report = coverage(GOLDEN_BAM, tmp_path / "out.bw", clip_multi=1)
    found, (_, expected) = values(tmp_path / "out.bw"), published(GOLDEN_BAM, None, 1)
    assert (np.abs(found - expected) < SAME).mean() > 0.99
    assert report.card.clipped_multi_bases > 100
    assert found.sum() < expected.sum() - 100  # the script writes all reads


# --- what the rule does -----------------------------------------------------------------


def test_a_pile_does_not_vouch_for_itself(tmp_path: Path) -> None:
    lonely = [(f"pile{i}", 0, 500) for i in range(500)]
    assert counted(tmp_path, lonely, clip=8) == {500: 1}
    card = read_card(tmp_path / "out.bw")
    assert card is not None
    assert card.clipped_bases == 1


def test_piles_attract_no_reads_with_several_places(tmp_path: Path) -> None:
    reads = [(f"pile{i}", 0, 100, {"NH": 1}) for i in range(300)]
    reads += [(f"d{i}", 0, 680 + i, {"NH": 1}) for i in range(40)]
    reads += [("m", 0, 110, {"NH": 2}), ("m", 0x100, 700, {"NH": 2})]
    assert counted(tmp_path, reads)[110] > 0.7
    cut = counted(tmp_path, reads, clip=8)
    assert cut[100] == 1
    assert cut[110] < 0.1


def test_evenly_spread_reads_are_not_cut(tmp_path: Path) -> None:
    dense = [(f"d{i}", 0, 300 + i % 400) for i in range(2000)]
    assert counted(tmp_path, dense, clip=20) == counted(tmp_path, dense)


def test_the_threshold_of_a_count_is_the_poisson_rules() -> None:
    for count, mean in zip(range(2, 9), thresholds(8), strict=True):
        assert poisson.sf(count, mean) == pytest.approx(0.01)


@settings(max_examples=60)
@given(
    reads=st.lists(st.sampled_from([0, 0, 0, 0.5, 1, 1, 2, 3, 60]), min_size=1, max_size=120),
    limit=st.integers(2, 9),
    sd=st.sampled_from([0.5, 3, 40]),
)
def test_what_is_left_of_a_chromosome_allows_itself(
    reads: list[float], limit: int, sd: float
) -> None:
    before = np.array(reads, np.float32)
    after = before.copy()
    cut = clip_piles(after, limit, gaussian_kernel(sd))
    assert cut == (after < before).sum()
    assert (after <= np.minimum(before, limit)).all()
    assert (after[before <= 1] == before[before <= 1]).all()
    smoothed = gaussian_filter1d(after.astype(float), sd, truncate=3) + PSEUDOCOUNT
    allowed = 1 + sum((poisson.sf(c, smoothed) > 0.01).astype(int) for c in range(2, limit + 1))
    assert ((after <= allowed) | np.isclose(poisson.sf(after, smoothed), 0.01, rtol=1e-3)).all()
    assert ((after == before) | (after >= allowed)).all()
