"""One data set for several models: every window is the test of one of them, and kept from it."""

from __future__ import annotations

import itertools
import shutil
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from sighthound.core.errors import SighthoundError
from sighthound.core.genome.sequence import Interval
from sighthound.core.project.folds import read_folds
from sighthound.core.project.settings import Project, load_project
from sighthound.precompute.datasets.dataset import Dataset, make_dataset, open_dataset
from sighthound.precompute.datasets.windows import (
    TargetWindow,
    cross_validation_folds,
    find_contigs,
)
from sighthound.precompute.training.batches import Batches
from tests.precompute.simulation.planted import BIN, SETTINGS, planted_project

FOLDS = SETTINGS.replace('valid = ["chr2"]\ntest = ["chr3"]', "folds = 4")
MARGIN = 2 * BIN


@pytest.fixture(scope="module")
def project(tmp_path_factory: pytest.TempPathFactory) -> Project:
    """Four folds, of the track that has data everywhere."""
    project = planted_project(tmp_path_factory.mktemp("folds") / "project", FOLDS)
    table = project.tracks.table
    table.write_text("".join(table.read_text().splitlines(keepends=True)[:2]))
    make_dataset(project)
    return project


@pytest.fixture
def data(project: Project) -> Dataset:
    return open_dataset(project)


def places(dataset: Dataset, fold: str) -> set[tuple[str, int]]:
    """The first bases of all bins of a fold."""
    return {
        (window.chrom, start)
        for window in dataset.fold(fold)
        for start in range(window.start, window.end, BIN)
    }


def test_every_test_window_is_the_test_of_one_fold_and_the_validation_of_the_one_before(
    data: Dataset,
) -> None:
    assert data.divisions == 4
    tests = [places(data.with_fold(number), "test") for number in range(4)]
    assert sum(map(len, tests)) == len(set.union(*tests))
    for number in range(4):
        assert places(data.with_fold(number), "valid") == tests[(number + 1) % 4]
    held_out_once = set.union(*tests)
    for number in range(4):
        assert places(data.with_fold(number), "train") <= held_out_once | places(data, "train")
    sizes = [len(one) for one in tests]
    assert max(sizes) < 1.5 * min(sizes)


def test_no_sequence_that_a_fold_holds_out_has_a_training_target(data: Dataset) -> None:
    for number in range(4):
        fold = data.with_fold(number)
        training = [c for c in fold.contigs if c.fold == "train"]
        for other in (w for w in fold.windows if w.fold != "train"):
            for contig in (c for c in training if c.chrom == other.chrom):
                apart = other.start - MARGIN >= contig.end or contig.start >= other.end + MARGIN
                assert apart, (number, other, contig)


def test_windows_counts_and_scales_are_of_the_fold(data: Dataset) -> None:
    for number in range(4):
        fold = data.with_fold(number)
        assert fold.division == number
        counts = {name: len(fold.fold(name)) for name in ("train", "valid", "test")}
        assert fold.statistics["windows"] == counts
        values = np.concatenate(
            [fold.window_targets(w.chrom, w.start)[:, 0] for w in fold.fold("train")]
        )
        said = fold.statistics["tracks"][0]
        assert said["mean"] == pytest.approx(values.mean(), rel=1e-6)
        assert said["clip_quantile"] == pytest.approx(np.quantile(values, 0.9995), rel=1e-6)
    means = {data.with_fold(n).statistics["tracks"][0]["mean"] for n in range(4)}
    assert len(means) == 4


def test_batches_of_a_fold_hold_its_windows(data: Dataset, project: Project) -> None:
    fold = data.with_fold(2)
    batches = Batches(
        fold,
        project.open_genome(),
        batch_size=4,
        scale=np.ones(1),
        clip=np.full(1, np.inf),
        strand_pairs=np.zeros(1, int),
    )
    seen = {(p.chrom, p.start) for batch in batches.fold("test") for p in batch.placements}
    assert seen == {(w.chrom, w.start) for w in fold.fold("test")}
    training = [c for c in fold.contigs if c.fold == "train"]
    for place in itertools.chain(*batches.placements(0)):
        end = place.start + fold.target_bins * BIN
        assert any(
            c.chrom == place.chrom and c.start <= place.start and end <= c.end for c in training
        )


def test_what_is_opened_and_shown_on_the_page_is_fold_0(data: Dataset, project: Project) -> None:
    assert data.with_fold(0).windows == data.windows
    shown = read_folds(project, project.open_genome())
    assert {s.fold for s in shown} == {"train", "valid", "test"}
    bases = sum(s.end - s.start for s in shown if s.fold == "test")
    assert bases == sum(w.end - w.start for w in data.fold("test"))


def test_pieces_of_one_family_are_in_one_fold_of_each_division() -> None:
    contigs = find_contigs({f"chr{i}": 2_000 for i in range(40)}, [], 10, 100)

    def families(pieces: Sequence[Interval | TargetWindow]) -> list[int]:
        number = [int(piece.chrom[3:]) for piece in pieces]
        return [0 if n < 20 else n // 2 for n in number]

    for division in cross_validation_folds(contigs, 4, window=100, margin=0, families=families):
        of: dict[int, set[str]] = {}
        for fold in division:
            of.setdefault(families([fold])[0], set()).add(fold.fold)
        assert all(len(kinds) == 1 for kinds in of.values())
        assert of[0] == {"train"}  # larger than a part
        assert set.union(*of.values()) == {"train", "valid", "test"}


def test_a_fold_that_is_not_there_is_named(data: Dataset, tmp_path: Path) -> None:
    with pytest.raises(SighthoundError, match=r"no fold 4: .* has 4 cross-validation .*0 to 3"):
        data.with_fold(4)
    single = planted_project(tmp_path / "single")
    make_dataset(single)
    with pytest.raises(SighthoundError, match=r"no fold 1: .* made without cross-validation folds"):
        open_dataset(single).with_fold(1)
    assert open_dataset(single).with_fold(0).windows == open_dataset(single).windows


@pytest.mark.parametrize(
    ("settings", "words"),
    [
        (FOLDS.replace("folds = 4", "folds = 2"), "folds is 2; expected 3 to 20"),
        (FOLDS.replace("folds = 4", 'folds = 4\nvalid = ["chr2"]'), "leave valid and test out"),
    ],
)
def test_settings_that_do_not_go_together_are_named(
    tmp_path: Path, settings: str, words: str
) -> None:
    with pytest.raises(SighthoundError, match=words):
        planted_project(tmp_path / "project", settings)


def test_more_folds_than_windows_are_named(project: Project, tmp_path: Path) -> None:
    shutil.copytree(project.root, tmp_path / "copy")
    copied = load_project(tmp_path / "copy")
    wide = replace(copied.dataset, folds=20, sequence_length=16 * 300)
    with pytest.raises(SighthoundError, match=r"cross-validation fold \d+ is empty.*give fewer"):
        make_dataset(replace(copied, dataset=wide))
