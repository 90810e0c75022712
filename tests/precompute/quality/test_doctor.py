"""Faults that are put into counts of two samples by three replicates are found, and no others."""

from __future__ import annotations

import dataclasses

import numpy as np
import pytest

from sighthound.precompute.quality.doctor import (
    examine,
    saturated,
    shallow,
    shallow_words,
    unjudged,
)
from sighthound.precompute.quality.evidence import Evidence
from sighthound.precompute.quality.samples import Sample
from tests.benchmarks.files.doctor import (
    Planted,
    amplified,
    cut_off,
    drifted,
    exchanged,
    moved,
    simulated_sample,
    with_bases,
)

RANDOM = np.random.default_rng(0)


@pytest.fixture(scope="module")
def sample() -> Sample:
    return simulated_sample()


def index(sample: Sample, id: str) -> int:
    return [track.id for track in sample.tracks].index(id)


def planted(sample: Sample, kind: str) -> Planted:
    one, other = index(sample, "s0r1.plus"), index(sample, "s0r1.minus")
    if kind == "swapped strands":
        return kind, {"s0r1.plus", "s0r1.minus"}, exchanged(sample, [[one, other]])
    if kind == "swapped samples":
        far = index(sample, "s1r2.plus")
        return kind, {"s0r1.plus", "s1r2.plus"}, exchanged(sample, [[one, far]])
    if kind == "shifted":
        moved = np.roll(sample.bases[one], 4, axis=1)
        return kind, {"s0r1.plus"}, with_bases(sample, one, moved)
    alter = {"another genome": drifted, "copy number": amplified}
    if kind in alter:
        return kind, {"s0r1.plus"}, alter[kind](sample, one, RANDOM)
    return kind, {"s0r1.plus"}, cut_off(sample, one)


def test_nothing_is_suspicious_of_clean_tracks(sample: Sample) -> None:
    assert examine(sample) == []


@pytest.mark.parametrize(
    "kind",
    [
        "swapped strands",
        "swapped samples",
        "shifted",
        "another genome",
        "copy number",
        "saturated",
    ],
)
def test_a_planted_fault_is_named_with_its_tracks_and_no_other(sample: Sample, kind: str) -> None:
    kind, touched, altered = planted(sample, kind)
    found = examine(altered)
    assert {s.kind for s in found} == {kind}
    assert {track for s in found for track in s.tracks} == touched


def test_where_only_one_other_track_has_data_neither_is_said_to_have_copies(
    sample: Sample,
) -> None:
    altered = planted(sample, "copy number")[2]
    others = [index(sample, "s0r2.plus"), index(sample, "s0r3.plus")]
    for left_out, kinds in ((others[:0], {"copy number"}), (others[:1], set()), (others, set())):
        coarse = {chrom: values.copy() for chrom, values in altered.coarse.items()}
        for values in coarse.values():
            values[left_out] = np.nan
        found = examine(dataclasses.replace(altered, coarse=coarse))
        assert {suspicion.kind for suspicion in found} == kinds


def test_a_shift_is_told_with_the_bases_that_undo_it(sample: Sample) -> None:
    (found,) = examine(planted(sample, "shifted")[2])
    assert "moved by -4 bases" in found.words


def cut_sites(sample: Sample, apart: int) -> Sample:
    """One pair of strands, without another of its kind, that both show the same cuts."""
    one, other = index(sample, "s0r1.plus"), index(sample, "s0r1.minus")
    random = np.random.default_rng(5)
    cuts = random.poisson(sample.bases[one].clip(max=3) + 0.01).astype(np.float32)
    seen = [random.binomial(cuts.astype(int), 0.5).astype(np.float32) for _ in "+-"]
    return dataclasses.replace(
        sample,
        tracks=(sample.tracks[one], sample.tracks[other]),
        bases=np.array([seen[0], np.roll(seen[1], apart, axis=1)]),
        coarse={chrom: values[[one, other]] for chrom, values in sample.coarse.items()},
        genes=(),
        gap_signal=np.zeros(2),
    )


@pytest.mark.parametrize("apart", [8, 4, -4])
def test_strands_of_one_pair_that_lie_apart_are_named_without_any_other_track(
    sample: Sample, apart: int
) -> None:
    (found,) = examine(cut_sites(sample, apart))
    assert (found.kind, set(found.tracks)) == ("shifted", {"s0r1.plus", "s0r1.minus"})
    assert f"when the other is moved by {-apart:+d} bases" in found.words


@pytest.mark.parametrize("apart", [0, 1, -1])
def test_strands_that_meet_or_whose_ends_are_counted_otherwise_are_not(
    sample: Sample, apart: int
) -> None:
    assert examine(cut_sites(sample, apart)) == []


def test_both_strands_of_a_pair_that_were_moved_are_named(sample: Sample) -> None:
    moves = {index(sample, "s0r1.plus"): 4, index(sample, "s0r1.minus"): -4}
    found = examine(moved(sample, moves))
    assert {s.kind for s in found} == {"shifted"}
    assert {track for s in found for track in s.tracks} == {"s0r1.plus", "s0r1.minus"}


def test_signal_on_n_is_of_another_genome(sample: Sample) -> None:
    share = np.zeros(len(sample.tracks))
    share[2] = 0.03
    (found,) = examine(dataclasses.replace(sample, gap_signal=share))
    assert str(found).startswith(f"another genome: {sample.tracks[2].id}: 3.0% of its signal lies")


def test_without_genes_strands_are_held_against_other_pairs(sample: Sample) -> None:
    altered = planted(sample, "swapped strands")[2]
    (found,) = examine(dataclasses.replace(altered, genes=()))
    assert found.kind == "swapped strands"
    assert set(found.tracks) == {"s0r1.plus", "s0r1.minus"}


def test_a_track_alone_is_said_to_be_unjudged(sample: Sample) -> None:
    alone = dataclasses.replace(
        sample,
        tracks=sample.tracks[:1],
        bases=sample.bases[:1],
        coarse={chrom: values[:1] for chrom, values in sample.coarse.items()},
        gap_signal=sample.gap_signal[:1],
    )
    assert unjudged(alone) == ["s0r1.plus"]
    assert examine(alone) == []


def test_tracks_of_too_few_reads_for_copy_number_are_named_with_how_many_would_do(
    sample: Sample,
) -> None:
    assert shallow(sample) == {}
    assert shallow_words(sample) == ""
    random = np.random.default_rng(8)
    # A read or so in each bin; means of its bases.
    thin = {c: random.poisson(values) / sample.bin for c, values in sample.coarse.items()}
    few = dataclasses.replace(sample, coarse=thin)
    assert set(shallow(few)) == {track.id for track in sample.tracks}
    assert all(1 < times < 8 for times in shallow(few).values())
    assert "a 1.5-fold segment of 80,000 bases: s0r1.plus (" in shallow_words(few)


def test_counts_cut_off_at_a_few_reads_lack_the_larger_ones_that_they_ask_for(
    sample: Sample,
) -> None:
    one = index(sample, "s0r1.plus")
    random = np.random.default_rng(9)
    counts = random.poisson(random.gamma(0.3, 0.05, sample.bases[one].shape)).astype(np.float32)
    whole, cut = (with_bases(sample, one, c) for c in (counts, np.minimum(counts, 2)))
    found = [{s.tracks for s in saturated(Evidence(altered))} for altered in (whole, cut)]
    assert [("s0r1.plus",) in tracks for tracks in found] == [False, True]
