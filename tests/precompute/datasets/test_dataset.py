import random
import shutil
from dataclasses import replace
from itertools import pairwise

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from sighthound.core.errors import SighthoundError
from sighthound.core.genome.sequence import Interval
from sighthound.core.project.settings import load_project
from sighthound.core.tracks.track import Track, write_tracks
from sighthound.precompute.datasets.dataset import make_dataset, open_dataset
from sighthound.precompute.datasets.windows import assign_folds, find_contigs, tile_windows
from tests.killed import contents, killable
from tests.precompute.simulation.planted import (
    BIN,
    LENGTHS,
    planted_project,
    write_signal,
)


@pytest.fixture
def project(tmp_path):
    return planted_project(tmp_path / "project")


def only_track(project, values, **options):
    """Replace the experiments by one, the same on every chromosome."""
    signal = {c: values[: -(-n // BIN)].astype(np.float32) for c, n in LENGTHS.items()}
    write_signal(project.root / "one.bw", signal)
    write_tracks(
        project.tracks.table,
        [Track("one", "one", experiment=project.root / "one.bw", **options)],
    )


def test_windows_lie_on_the_grid_of_bins_and_do_not_overlap(project):
    make_dataset(project)
    data = open_dataset(project)
    assert data.target_bins == 28
    for chrom in LENGTHS:
        windows = [w for w in data.windows if w.chrom == chrom]
        assert all(w.start % BIN == 0 and w.end - w.start == 28 * BIN for w in windows)
        assert all(a.end <= b.start for a, b in pairwise(windows))


def test_the_first_and_last_bases_of_a_chromosome_are_targets(project):
    make_dataset(project)
    windows = open_dataset(project).fold("test")
    assert windows[0].start == 0
    assert LENGTHS["chr3"] - windows[-1].end < 28 * BIN


def test_targets_are_the_binned_experiment(project):
    only_track(project, np.arange(2000.0), aggregation="sum")
    make_dataset(project)
    targets = open_dataset(project).targets["chr2"]
    assert targets.shape == (6005 // 16, 1)
    assert targets[:4, 0].tolist() == [0, 16, 32, 48]


def test_a_window_may_start_inside_a_bin(project):
    dataset = replace(project.dataset, phases=4)
    make_dataset(replace(project, dataset=dataset))
    made = open_dataset(replace(project, dataset=dataset))
    bases = np.repeat(np.asarray(made.targets["chr1"])[:, 0], BIN)
    start = 5 * BIN + BIN // 4
    expected = bases[start : start + made.target_bins * BIN].reshape(-1, BIN).mean(axis=1)
    np.testing.assert_allclose(made.window_targets("chr1", start)[:, 0], expected)
    whole = made.window_targets("chr1", 5 * BIN)
    np.testing.assert_allclose(whole, made.targets["chr1"][5 : 5 + made.target_bins])


def test_bins_where_a_track_has_no_data_are_nan(project):
    make_dataset(project)
    data = open_dataset(project)
    assert data.tracks == ("factor", "local")
    assert np.isnan(data.targets["chr2"][:, 1]).all()
    assert not np.isnan(data.targets["chr1"]).any()
    assert {w.observed for w in data.fold("train")} == {1.0}
    assert {w.observed for w in data.fold("valid")} == {0.5}


def test_statistics_give_windows_a_fold_and_the_mean_over_training_bins(project):
    only_track(project, np.where(np.arange(2000) % 2, 3.0, 1.0))
    summary = make_dataset(project)
    statistics = open_dataset(project).statistics
    assert statistics["windows"] == summary.windows == {"train": 53, "valid": 13, "test": 13}
    assert statistics["tracks"][0]["mean"] == 2.0
    assert statistics["tracks"][0]["clip_quantile"] == 3.0


def test_folds_bed_holds_every_window(project):
    make_dataset(project)
    lines = (project.dataset.directory / "folds.bed").read_text().splitlines()
    assert len(lines) == 79
    assert lines[-1] == "chr3\t5376\t5824\ttest"


def test_runs_of_n_cut_a_chromosome_into_contigs(project):
    fasta = project.genome.fasta
    lines = fasta.read_text().splitlines()
    lines[3] = lines[3][:3000] + "N" * 40 + lines[3][3040:]
    fasta.write_text("\n".join(lines) + "\n")
    make_dataset(load_project(project.root))
    contigs = [c for c in open_dataset(load_project(project.root)).contigs if c.chrom == "chr2"]
    assert [(c.start, c.end) for c in contigs] == [(0, 2992), (3040, 6000)]


def test_blacklisted_bins_are_masked(project):
    (project.root / "black.bed").write_text("chr1\t20\t40\n")
    project = replace(project, genome=replace(project.genome, blacklist=project.root / "black.bed"))
    make_dataset(project)
    column = open_dataset(project).targets["chr1"][:, 0]
    assert np.flatnonzero(np.isnan(column)).tolist() == [1, 2]


def test_a_blacklist_with_a_sequence_that_the_genome_lacks_masks_the_rest_and_says_so(project):
    regions = {"blacklist": "chrI\t100\t200\nchrM\t1\t100\n", "gaps": "chrM\t1\t9\n"}
    files = {key: project.root / f"{key}.bed" for key in regions}
    for key, file in files.items():
        file.write_text(regions[key])
    summary = make_dataset(replace(project, genome=replace(project.genome, **files)))
    (finding,) = summary.findings
    assert (finding.count, finding.first) == (2, "chrM in gaps.bed, line 1")
    assert finding.what == "regions on sequences that the genome lacks, passed over"


def test_windows_that_are_mostly_unmappable_are_left_out():
    contigs = assign_folds(
        find_contigs({"chr1": 4000}, [], 10, 100), ("x",), ("y",), window=100, margin=0
    )
    unmappable = [Interval("chr1", 50, 180), Interval("chr1", 230, 250)]
    windows = tile_windows(contigs, 100, unmappable, 0.5)
    assert [(w.start, w.unmappable) for w in windows[:3]] == [(0, 0.5), (200, 0.2), (300, 0.0)]


@given(
    lengths=st.lists(st.integers(100, 4000), min_size=1, max_size=5),
    valid=st.floats(0.05, 0.3),
    test=st.floats(0.05, 0.3),
    crop=st.integers(0, 6),
)
def test_no_held_out_sequence_holds_a_training_target(lengths, valid, test, crop):
    genome = {f"chr{i}": length for i, length in enumerate(lengths)}
    margin = crop * 10
    contigs = assign_folds(
        find_contigs(genome, [], 10, 100), valid, test, window=100, margin=margin
    )
    windows = tile_windows(contigs, 100, [], 1.0)
    held_out = [w for w in windows if w.fold != "train"]
    for training in (c for c in contigs if c.fold == "train"):
        for other in held_out:
            apart = other.start - margin >= training.end or training.start >= other.end + margin
            assert apart or other.chrom != training.chrom
    assert all(a.end <= b.start for a, b in pairwise(windows) if a.chrom == b.chrom)


def test_folds_by_fraction_hold_about_that_share_and_are_always_the_same():
    contigs = find_contigs({f"chr{i}": 500_000 for i in range(8)}, [], 16, 448)
    folds = assign_folds(contigs, 0.1, 0.2, window=448, margin=32)
    assert folds == assign_folds(contigs, 0.1, 0.2, window=448, margin=32)
    share = {
        fold: sum(f.end - f.start for f in folds if f.fold == fold) / 4e6
        for fold in ("valid", "test")
    }
    assert share == pytest.approx({"valid": 0.1, "test": 0.2}, abs=0.005)


def test_an_empty_fold_is_named(project):
    project = replace(project, dataset=replace(project.dataset, sequence_length=16 * 600))
    with pytest.raises(SighthoundError, match=r"the valid fold is empty: \('chr2',\)"):
        make_dataset(project)


def test_an_unknown_fold_chromosome_is_named(project):
    project = replace(project, dataset=replace(project.dataset, test=("chr9",)))
    with pytest.raises(SighthoundError, match="unknown chromosome 'chr9'"):
        make_dataset(project)


def test_small_chromosomes_read_together_are_what_they_are_alone(project, monkeypatch):
    from sighthound.precompute.datasets import targets

    project = replace(project, dataset=replace(project.dataset, phases=4))
    make_dataset(project)
    together = {c: np.array(t) for c, t in open_dataset(project).targets.items()}
    monkeypatch.setattr(targets, "_BATCH_BINS", 0)
    monkeypatch.setattr(targets, "_BLOCK_BINS", 50)
    make_dataset(project)
    alone = open_dataset(project)
    assert list(together) == list(alone.targets)
    for chrom, values in together.items():
        np.testing.assert_array_equal(values, alone.targets[chrom])
        own = alone.window_targets(chrom, 0)
        np.testing.assert_allclose(own, values[: alone.target_bins], rtol=1e-5)


def test_infinity_in_an_experiment_is_named_and_leaves_the_old_dataset(project, monkeypatch):
    make_dataset(project)
    from sighthound.precompute.datasets import targets

    real = targets.chromosome_bins

    def spoilt(track, genome, bins, bin_size):
        values = real(track, genome, bins, bin_size)
        if track.id == "factor":
            values[bins["chr1"] + 3] = np.inf
        return values

    monkeypatch.setattr(targets, "chromosome_bins", spoilt)
    monkeypatch.setattr(targets, "experiment_bins", lambda *_: np.array([np.inf]))
    with pytest.raises(SighthoundError, match="'factor' holds infinity at chr2:49-64"):
        make_dataset(project)
    assert open_dataset(project).tracks == ("factor", "local")
    assert not list(project.root.glob("dataset.*"))


def test_a_track_without_signal_in_training_is_named(project):
    only_track(project, np.ones(2000), covered="chr2")
    with pytest.raises(SighthoundError, match="'one' has no data in the training fold"):
        make_dataset(project)
    assert not list(project.root.glob("dataset*"))


def test_a_folder_that_is_no_dataset_is_never_replaced(project):
    project.dataset.directory.mkdir()
    (project.dataset.directory / "thesis.txt").write_text("years of work")
    with pytest.raises(SighthoundError, match="holds files that are no dataset"):
        make_dataset(project)


def test_killed_at_ten_moments_it_leaves_nothing_or_all_and_ends_with_the_same_bytes(project):
    directory = project.dataset.directory
    make_dataset(project)
    shutil.rmtree(directory)
    words = ["dataset", str(project.root)]
    with killable() as started:
        moments = started.run(words)
        whole = contents(directory)
        beside = sorted(project.root.iterdir())
        chosen = random.Random(14).sample(range(1, moments), 8)
        for moment in (*chosen, moments - 1, moments):  # the last are of putting it in place
            shutil.rmtree(directory)
            started.run(words, moment)
            assert not directory.exists() or contents(directory) == whole
            make_dataset(project)
            assert contents(directory) == whole
        assert sorted(project.root.iterdir()) == beside


def test_training_windows_overlap_by_their_stride_and_those_of_other_folds_never(project):
    strided = replace(project, dataset=replace(project.dataset, stride=10 * BIN))
    make_dataset(strided)
    data = open_dataset(strided)
    assert {b.start - a.start for a, b in pairwise(data.fold("train"))} == {10 * BIN}
    assert {b.start - a.start for a, b in pairwise(data.fold("test"))} == {28 * BIN}
    with pytest.raises(SighthoundError, match=r"made from other input \(settings changed\)"):
        open_dataset(project)


def test_pieces_of_one_family_are_in_one_fold_and_a_large_family_is_trained_on():
    contigs = find_contigs({f"chr{i}": 2_000 for i in range(40)}, [], 10, 100)

    def families(pieces):
        number = [int(piece.chrom[3:]) for piece in pieces]
        return [0 if n < 20 else n // 2 for n in number]

    folds = assign_folds(contigs, 0.1, 0.1, window=100, margin=0, families=families)
    of = {}
    for fold in folds:
        of.setdefault(families([fold])[0], set()).add(fold.fold)
    assert all(len(kinds) == 1 for kinds in of.values())
    assert of[0] == {"train"}
    assert set.union(*of.values()) == {"train", "valid", "test"}


def test_a_replicate_on_held_out_chromosomes_alone_is_not_learned_and_may_come_and_go(project):
    """It says how well experiments agree where predictions are judged."""
    rng = np.random.default_rng(0)
    signal = {c: rng.poisson(5, -(-n // BIN)).astype(np.float32) for c, n in LENGTHS.items()}
    write_signal(project.root / "one.bw", signal)
    one = Track("one", "one", experiment=project.root / "one.bw")
    held_out = ",".join([*project.dataset.valid, *project.dataset.test])
    again = replace(one, id="again", name="again", replicate_of="one", covered=held_out)
    write_tracks(project.tracks.table, [one, again])
    assert make_dataset(project).tracks == ("one",)
    write_tracks(project.tracks.table, [one])
    assert open_dataset(project).tracks == ("one",)
    learned = ",".join(c for c in LENGTHS if c not in held_out)
    write_tracks(project.tracks.table, [one, replace(again, covered=learned)])
    assert make_dataset(project).tracks == ("one", "again")
