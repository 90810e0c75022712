"""One trial of a study: a network trained with the values that the study gives, in any process."""

from __future__ import annotations

import shutil
import threading
import time
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from sighthound.core.model.architecture import Architecture
from sighthound.core.model.runtime import import_tensorflow
from sighthound.core.project.settings import Project
from sighthound.precompute.cluster.tasks import check_running, own_gpu, report
from sighthound.precompute.cluster.worker_model import share_processors
from sighthound.precompute.training.fit import DivergedError, Fit
from sighthound.precompute.training.joint import open_learned
from sighthound.precompute.training.settings import TrainingSettings
from sighthound.precompute.tuning.settings import TuneSettings
from sighthound.precompute.tuning.space import Parameter, with_values
from sighthound.precompute.tuning.study import import_optuna, open_study, suggest

_REPORT_SECONDS = 1.0
_one_at_a_time = threading.Lock()  # a process trains one network at a time


@dataclass(frozen=True)
class TrialTask:
    """What a worker needs to make a trial.

    Attributes
    ----------
    study : path
        Its journal.
    number : int, optional
        Of a trial that was begun and not ended; the next by default.
    threads : int
        For the network; 0 for all.
    """

    project: Project
    study: Path
    identity: str
    space: tuple[Parameter, ...]
    architecture: Architecture
    training: TrainingSettings
    tune: TuneSettings
    number: int | None
    threads: int


def run_trial(task: TrialTask) -> int:
    """Train the network of a trial and tell the study what came of it; give the trial's number.

    A network that diverges, or does not fit into memory, is a failed trial, not an error.

    Raises
    ------
    SighthoundError
        The data set or the study cannot be used.
    KeyboardInterrupt
        Interrupted; the trial can be gone on with.
    """
    with _one_at_a_time:
        check_running()
        own_gpu()
        share_processors(task.threads)
        study = open_study(task.study, task.tune, task.identity, task.space)
        trial = _trial(study, task.number)
        values = suggest(trial, task.space)
        architecture, settings = with_values(task.architecture, task.training, values)
        folder = task.study.parent / "trials" / str(trial.number)
        _train(study, trial, task.project, architecture, settings, folder)
        shutil.rmtree(folder, ignore_errors=True)
        return int(trial.number)


def _trial(study: Any, number: int | None) -> Any:
    optuna = import_optuna()
    if number is None:
        return study.ask()
    begun = study.get_trials(deepcopy=False)[number]
    return optuna.trial.Trial(study, begun._trial_id)


class _PrunedError(Exception):
    """The study has seen enough of a trial."""


def _train(
    study: Any,
    trial: Any,
    project: Project,
    architecture: Architecture,
    settings: TrainingSettings,
    folder: Path,
) -> None:
    states, tf = import_optuna().trial.TrialState, import_tensorflow()
    tf.keras.backend.clear_session()
    state, loss, problem = states.COMPLETE, None, ""
    try:
        fit = Fit(open_learned(project, settings), settings, architecture, folder, _Teller(trial))
        trial.set_user_attr("parameters", int(fit.steps.network.count_params()))
        fit.run()
        loss = fit.at.best_loss
        _describe(trial, fit.at.log, fit.at.best_epoch)
    except _PrunedError:
        state = states.PRUNED
        _describe(trial, fit.at.log, fit.at.best_epoch)
    except DivergedError as error:
        state, problem = states.FAIL, str(error)
    except tf.errors.ResourceExhaustedError:
        state, problem = states.FAIL, "not enough memory for this network"
    if problem:
        trial.set_user_attr("problem", problem)
    # A worker of a run that was stopped may have ended it meanwhile.
    study.tell(trial, loss, state=state, skip_if_finished=True)


class _Teller:
    """Hears the events of a fit: tells the run how far it is, and the study what an epoch gave."""

    def __init__(self, trial: Any) -> None:
        self.trial = trial
        self._known = set(trial.study.get_trials(deepcopy=False)[trial.number].intermediate_values)
        self._steps = self._total = 0
        self._said = 0.0

    def __call__(self, event: dict[str, Any]) -> None:
        kind = event["event"]
        if kind == "start":
            self._steps = event["steps_per_epoch"]
            self._total = self._steps * event["epochs"]
        elif kind == "step":
            check_running()
            done = (event["epoch"] - 1) * self._steps + event["step"]
            if time.monotonic() - self._said > _REPORT_SECONDS:
                report((self.trial.number, done / self._total))
                self._said = time.monotonic()
        elif kind == "epoch":
            if event["epoch"] not in self._known:  # by a run that was killed before its checkpoint
                self.trial.report(event["valid_loss"], event["epoch"])
            if self.trial.should_prune():
                raise _PrunedError


def _describe(trial: Any, log: Sequence[dict[str, Any]], best_epoch: int) -> None:
    """Let the study keep what tables say of a trial that has ended."""
    best = next(line for line in log if line["epoch"] == best_epoch)
    trial.set_user_attr("epochs", log[-1]["epoch"])
    trial.set_user_attr("best_epoch", best_epoch)
    trial.set_user_attr("valid_pearson_log1p", best["valid_pearson_log1p"])
    trial.set_user_attr("seconds", log[-1]["seconds"])
