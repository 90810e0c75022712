"""Targets of many tracks are read in bounded blocks, and measured on what is trained on."""

from __future__ import annotations

import json
from dataclasses import replace
from itertools import pairwise
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from sighthound.core.errors import SighthoundError
from sighthound.core.project.settings import Project
from sighthound.core.tracks.track import Track, write_tracks
from sighthound.precompute.datasets import targets
from sighthound.precompute.datasets.dataset import DatasetSummary, make_dataset, open_dataset
from sighthound.precompute.datasets.target_statistics import LargestValues
from sighthound.precompute.datasets.targets import BLOCK_BYTES, blocks
from sighthound.precompute.training.batches import Batches
from sighthound.precompute.training.target_scales import target_scale
from tests.many_tracks import TRACKS
from tests.precompute.simulation.planted import BIN, LENGTHS, planted_project, write_signal

HUMAN = {"chr1": 248_956_422 // 128, "chrM": 16_569 // 128, **{f"un{i}": 300 for i in range(500)}}


@pytest.fixture
def project(tmp_path: Path) -> Project:
    return planted_project(tmp_path / "project")


def made(project: Project, values: np.ndarray, aggregation: str = "mean") -> DatasetSummary:
    """Make a data set of one track, the same values on every chromosome, and say what was found."""
    signal = {c: values[: -(-n // BIN)].astype(np.float32) for c, n in LENGTHS.items()}
    write_signal(project.root / "one.bw", signal)
    write_tracks(
        project.tracks.table,
        [Track("one", "one", experiment=project.root / "one.bw", aggregation=aggregation)],
    )
    return make_dataset(project)


@pytest.mark.parametrize("tracks", [1, 20, TRACKS, 10 * TRACKS])
def test_a_block_of_any_number_of_tracks_fits_and_together_they_are_all_bins(tracks: int) -> None:
    at = dict.fromkeys(HUMAN, 0)
    for block in blocks(HUMAN, tracks):
        assert sum(part.end - part.start for part in block) * 4 * tracks <= BLOCK_BYTES
        assert len(block) == 1 or all(part.start == 0 for part in block)
        for part in block:
            assert part.start == at[part.chrom]
            at[part.chrom] = part.end
    assert at == HUMAN


def test_a_block_has_one_bin_when_one_bin_of_all_tracks_is_too_much() -> None:
    assert [len(block) for block in blocks({"chr1": 3}, BLOCK_BYTES)] == [1, 1, 1]


@given(
    values=st.lists(
        st.lists(st.floats(0, 100, width=32) | st.just(np.nan), min_size=3, max_size=3),
        min_size=1,
        max_size=60,
    ),
    rows=st.integers(1, 20),
)
def test_the_quantile_of_the_largest_is_that_of_all(values: list[list[float]], rows: int) -> None:
    every = np.array(values, np.float32)
    largest = LargestValues(len(every) - int((len(every) - 1) * 0.8), 3)
    for start in range(0, len(every), rows):
        largest.add(every[start : start + rows])
    for track, found in enumerate(largest.quantile(0.8)):
        seen = every[~np.isnan(every[:, track]), track].astype(float)
        expected = np.quantile(seen, 0.8) if len(seen) else np.nan
        assert found == pytest.approx(expected, rel=1e-6, abs=1e-6, nan_ok=True)


def test_small_blocks_give_the_same_bytes(
    project: Project, monkeypatch: pytest.MonkeyPatch
) -> None:
    (project.root / "black.bed").write_text("chr1\t1000\t3000\nchr2\t16\t40\n")
    genome = replace(project.genome, blacklist=project.root / "black.bed")
    project = replace(project, genome=genome)
    make_dataset(project)
    once = {f.name: f.read_bytes() for f in project.dataset.directory.iterdir()}
    monkeypatch.setattr(targets, "BLOCK_BYTES", 7 * 4 * 2)
    make_dataset(project)
    assert {f.name: f.read_bytes() for f in project.dataset.directory.iterdir()} == once
    masked = np.isnan(open_dataset(project).targets["chr1"][:, 0])
    assert np.flatnonzero(masked).tolist() == list(range(1000 // BIN, -(-3000 // BIN)))


def test_masked_bins_and_windows_left_out_count_in_no_statistic(project: Project) -> None:
    values = np.where(np.arange(2000) < 100, 1000.0, 2.0)
    (project.root / "black.bed").write_text(f"chr1\t0\t{80 * BIN}\n")
    (project.root / "unmappable.bed").write_text(f"chr1\t{80 * BIN}\t{100 * BIN}\n")
    genome = replace(
        project.genome,
        blacklist=project.root / "black.bed",
        unmappable=project.root / "unmappable.bed",
    )
    made(replace(project, genome=genome), values)
    (column,) = open_dataset(replace(project, genome=genome)).statistics["tracks"]
    assert (column["mean"], column["clip_quantile"], column["missing"]) == (2.0, 2.0, 0.0)


def test_bins_of_windows_that_overlap_count_once(project: Project) -> None:
    values = np.where(np.arange(2000) < 20, 50.0, 1.0)  # where fewer windows overlap
    made(project, values)
    plain = open_dataset(project)
    end_to_end = plain.statistics["tracks"][0]
    trained = sum(w.end - w.start for w in plain.fold("train")) // BIN
    assert end_to_end["mean"] == pytest.approx((20 * 50 + trained - 20) / trained)
    strided = replace(project, dataset=replace(project.dataset, stride=4 * BIN))
    make_dataset(strided)
    data = open_dataset(strided)
    bins = {s for w in data.fold("train") for s in range(w.start, w.end, BIN)}
    assert all(b.start - a.start == 4 * BIN for a, b in pairwise(data.fold("train")))
    mean = (20 * 50 + len(bins) - 20) / len(bins)
    assert data.statistics["tracks"][0]["mean"] == pytest.approx(mean)
    track = replace(project.read_tracks()[0], transform="sqrt")
    scale, _ = target_scale(data, [track])
    root = (20 * (np.sqrt(1 + min(50, end_to_end["clip_quantile"])) - 1)) + (len(bins) - 20) * (
        np.sqrt(2) - 1
    )
    assert 1 / scale[0] == pytest.approx(root / len(bins), rel=1e-5)


def test_a_track_that_is_zero_almost_everywhere_is_not_cut_off_at_zero(project: Project) -> None:
    made(project, np.where(np.arange(2000) == 30, 7.0, 0.0))
    assert open_dataset(project).statistics["tracks"][0]["clip_quantile"] > 0


def test_counts_that_32_bits_round_are_told_with_track_and_place(project: Project) -> None:
    values = np.ones(2000)
    values[3] = 2_000_000.0
    (finding,) = made(project, values, aggregation="sum").findings
    assert str(finding) == (
        "bins with counts above 16,777,216, which 32-bit numbers round: 3 "
        "(first: track one at chr1:49-64)"
    )
    assert made(project, values).findings == ()  # a mean loses nothing


def test_bases_that_add_up_to_infinity_are_named_with_track_and_place(project: Project) -> None:
    values = np.ones(2000)
    values[3] = 3e38
    words = r"track 'one': the values at chr1:49-64 add up to more than 32-bit .*3\.4e\+38"
    with pytest.raises(SighthoundError, match=words):
        made(project, values, aggregation="sum")
    assert not list(project.root.glob("dataset*"))


def test_a_scale_that_32_bits_cannot_hold_names_its_track(project: Project) -> None:
    made(project, np.full(2000, 1e-40))
    data = open_dataset(project)
    with pytest.raises(SighthoundError, match=r"track 'one': its scale, 1e\+40"):
        target_scale(data, project.read_tracks())


def test_a_target_whose_scale_makes_it_infinite_is_named_with_its_place(project: Project) -> None:
    values = np.ones(2000)
    values[40] = 1e30
    made(project, values)
    batches = Batches(
        open_dataset(project),
        project.open_genome(),
        batch_size=4,
        scale=np.full(1, 1e20),
        clip=np.full(1, np.inf),
        strand_pairs=np.zeros(1, int),
    )
    with pytest.raises(
        SighthoundError, match=r"track 'one' at chr2:641-656 times its scale, 1e\+20"
    ):
        list(batches.fold("valid"))


def test_statistics_name_what_the_data_set_was_made_from(project: Project) -> None:
    make_dataset(project)
    said = json.loads((project.dataset.directory / "statistics.json").read_text())
    assert set(said["inputs"]["experiments"]) == {"factor", "local"}
