"""Search for a network and a way to train it, by trials that the validation fold judges.

The study is on disk and every trial has a checkpoint, so a search that is interrupted goes on where
it was. The test fold is never looked at.
"""

from __future__ import annotations

import dataclasses
import json
import shutil
from collections.abc import Iterator
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from sighthound.core.errors import SighthoundError
from sighthound.core.own_folder import own_folder
from sighthound.core.progress import Progress, silent
from sighthound.core.project.settings import Project
from sighthound.precompute.cluster.tasks import Workers
from sighthound.precompute.training.joint import open_learned
from sighthound.precompute.training.settings import training_architecture, training_settings
from sighthound.precompute.tuning.settings import TuneSettings, tune_settings
from sighthound.precompute.tuning.space import Parameter, search_space, with_values
from sighthound.precompute.tuning.study import open_study
from sighthound.precompute.tuning.tables import (
    Trial,
    best_trial,
    ended_trials,
    importance,
    write_best,
    write_importance,
    write_trials,
)
from sighthound.precompute.tuning.trial import TrialTask, run_trial

JOURNAL = "study.journal"
_UNITS = 1000  # of progress, a trial


@dataclass(frozen=True)
class TuningResult:
    """What a search came to.

    Attributes
    ----------
    directory : path
        With trials.tsv, importance.tsv, best.json and best.toml.
    trials : tuple of Trial
        All that have ended.
    best : Trial
    importance : dict
        Share of each parameter, the highest first; empty where trials are too few.
    space : tuple of Parameter
        What was searched.
    """

    directory: Path
    trials: tuple[Trial, ...]
    best: Trial
    importance: dict[str, float]
    space: tuple[Parameter, ...]


def tune(
    project: Project,
    settings: TuneSettings | None = None,
    *,
    workers: Workers | None = None,
    progress: Progress | None = None,
    fresh: bool = False,
) -> TuningResult:
    """Make the trials of a search that are left, and write what came of all.

    Parameters
    ----------
    settings : TuneSettings, optional
        The keys of [tune] by default.
    workers : Workers, optional
        Where trials run; one after the other in this process by default, which gives the same
        trials every time.
    progress : Progress, optional
        Of all trials together, in thousandths of one.
    fresh : bool
        Discard the study that is there.

    Raises
    ------
    SighthoundError
        No data set; a study of another search; Optuna is not installed; another run works on it;
        no trial came to an end.
    KeyboardInterrupt
        Interrupted; the same call goes on from there.
    """
    return _Search(project, settings or tune_settings(project.tune)).run(
        workers or Workers(), progress or silent, fresh
    )


class _Search:
    def __init__(self, project: Project, settings: TuneSettings) -> None:
        self.project, self.settings = project, settings
        training = training_settings(project.training)
        self.training = replace(training, epochs=settings.epochs or training.epochs, members=1)
        self.material = open_learned(project, self.training)
        self.architecture = training_architecture(project, self.training, len(self.material.tracks))
        self.space = tuple(search_space(self.architecture, self.training, settings))
        if not self.space:
            raise SighthoundError("[tune] leaves nothing to search")
        self.folder = project.root / settings.directory
        self.file = self.folder / JOURNAL

    def run(self, workers: Workers, progress: Progress, fresh: bool) -> TuningResult:
        self.folder.mkdir(parents=True, exist_ok=True)
        with own_folder(self.folder / "running", wait=False):
            if fresh:
                self.file.unlink(missing_ok=True)
                shutil.rmtree(self.folder / "trials", ignore_errors=True)
            self.study = open_study(self.file, self.settings, self._identity(), self.space)
            self._make_trials(workers, progress)
            return self._write()

    def _make_trials(self, workers: Workers, progress: Progress) -> None:
        states = self.study.get_trials(deepcopy=False)
        ended = sum(trial.state.is_finished() for trial in states)
        begun = [trial.number for trial in states if trial.state.name == "RUNNING"]
        left = max(0, self.settings.trials - ended)
        total = max(self.settings.trials, ended) * _UNITS
        shares: dict[int, float] = {}

        def tell(news: tuple[int, float]) -> None:
            shares[news[0]] = news[1]
            at = min(sum(shares.values()), total / _UNITS - ended)
            progress(ended * _UNITS + round(at * _UNITS), total)

        def tasks() -> Iterator[tuple[int, TrialTask]]:
            numbers = [*begun, *[None] * left][:left]
            for place, number in enumerate(numbers):
                yield place, self._task(number, workers.threads)

        with workers.open() as runner:
            if left:
                progress(ended * _UNITS, total)
            for _, number in runner.run(run_trial, tasks(), tell):
                tell((number, 1.0))
                write_trials(self.folder, ended_trials(self.study), self.space)

    def _task(self, number: int | None, threads: int) -> TrialTask:
        return TrialTask(
            self.project, self.file, self._identity(), self.space, self.architecture,
            self.training, self.settings, number, threads,
        )  # fmt: skip

    def _write(self) -> TuningResult:
        trials = ended_trials(self.study)
        write_trials(self.folder, trials, self.space)
        best = best_trial(trials)
        if best is None:
            problem = next((t.about["problem"] for t in trials if "problem" in t.about), "")
            raise SighthoundError(
                f"of {len(trials):,} trials none came to an end{': ' if problem else ''}{problem}"
            )
        shares = importance(self.study, trials, self.settings.seed)
        write_importance(self.folder, shares)
        architecture, training = with_values(self.architecture, self.training, best.values)
        given = self.project.training | {
            name: getattr(training, name)
            for name in ("learning_rate", "beta_1", "beta_2")
            if name in best.values
        }
        write_best(self.folder, self.settings.directory, best, architecture, given)
        return TuningResult(self.folder, tuple(trials), best, shares, self.space)

    def _identity(self) -> str:
        """What trials have in common, as JSON; more of them are still of the same search."""
        search: dict[str, Any] = dataclasses.asdict(self.settings)
        for name in ("directory", "trials"):
            search.pop(name)
        return json.dumps(
            {
                "[tune]": search,
                "[training]": dataclasses.asdict(self.training),
                "architecture": self.architecture.to_json(),
                "data": self.material.identity,
            },
            sort_keys=True,
        )
