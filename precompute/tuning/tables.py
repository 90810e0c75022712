"""What a study leaves: a table of trials, of importance, and the best network, ready to train."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from sighthound.core.files import write_json, write_text
from sighthound.core.model.architecture import Architecture
from sighthound.core.project.settings import toml_text
from sighthound.precompute.tuning.space import Parameter
from sighthound.precompute.tuning.study import import_optuna

TRIALS, IMPORTANCE = "trials.tsv", "importance.tsv"
BEST_ARCHITECTURE, BEST_TRAINING = "best.json", "best.toml"
_LEAST_COMPLETE = 4  # trials, for their importance to mean anything
_WORDS = {"COMPLETE": "complete", "PRUNED": "pruned", "FAIL": "failed"}
_OF_PRESETS = ("architecture", "filters", "dropout")  # what the best architecture says itself


@dataclass(frozen=True)
class Trial:
    """A trial that has ended.

    Attributes
    ----------
    state : {"complete", "pruned", "failed"}
    valid_loss : float or None
        Of the epoch whose weights would be kept; of a pruned trial, of its last epoch.
    values : dict
        Of the parameters.
    about : dict
        epochs, best_epoch, valid_pearson_log1p, seconds, parameters, problem, as far as known.
    """

    number: int
    state: str
    valid_loss: float | None
    values: Mapping[str, float]
    about: Mapping[str, Any]


def ended_trials(study: Any) -> list[Trial]:
    """List the trials of a study that have ended, by number."""
    return [
        Trial(t.number, _WORDS[t.state.name], t.value, t.params, t.user_attrs)
        for t in study.get_trials(deepcopy=False)
        if t.state.is_finished()
    ]


def best_trial(trials: Sequence[Trial]) -> Trial | None:
    """The complete trial of the lowest validation loss; the first of equals."""
    complete = [trial for trial in trials if trial.state == "complete"]
    return min(complete, key=lambda t: (t.valid_loss, t.number), default=None)


def importance(study: Any, trials: Sequence[Trial], seed: int) -> dict[str, float]:
    """Give the share of the variance of the validation loss that each parameter explains.

    By fANOVA (Hutter et al. 2014) over complete trials; empty where these are few or all alike.
    """
    optuna = import_optuna()
    losses = [trial.valid_loss for trial in trials if trial.state == "complete"]
    if len(losses) < _LEAST_COMPLETE or len(set(losses)) < 2:
        return {}
    evaluator = optuna.importance.FanovaImportanceEvaluator(seed=seed)
    found = optuna.importance.get_param_importances(study, evaluator=evaluator)
    return {name: float(share) for name, share in found.items()}


def write_trials(folder: Path, trials: Sequence[Trial], space: Sequence[Parameter]) -> None:
    """Write the table of trials: a row a trial, a column a parameter."""
    about = ("valid_pearson_log1p", "best_epoch", "epochs", "seconds", "parameters")
    names = [parameter.name for parameter in space]
    lines = ["\t".join(("trial", "state", "valid_loss", *about, *names, "problem"))]
    for trial in trials:
        cells = [
            trial.number, trial.state, trial.valid_loss, *(trial.about.get(name) for name in about),
            *(trial.values.get(name) for name in names), trial.about.get("problem", ""),
        ]  # fmt: skip
        lines.append("\t".join(map(_cell, cells)))
    write_text(folder / TRIALS, "\n".join(lines) + "\n")


def write_importance(folder: Path, shares: Mapping[str, float]) -> None:
    """Write the table of importance, the highest first."""
    lines = ["parameter\timportance", *(f"{name}\t{share:.4f}" for name, share in shares.items())]
    write_text(folder / IMPORTANCE, "\n".join(lines) + "\n")


def write_best(
    folder: Path,
    directory: str,
    trial: Trial,
    architecture: Architecture,
    training: Mapping[str, Any],
) -> None:
    """Write the architecture of the best trial and the [training] that names it.

    Parameters
    ----------
    directory : str
        The folder as the project calls it.
    training : mapping
        Keys of the project's [training], with those of the trial.
    """
    write_json(folder / BEST_ARCHITECTURE, architecture.to_json())
    keys = {"architecture": f"{directory}/{BEST_ARCHITECTURE}"}
    keys |= {name: value for name, value in training.items() if name not in _OF_PRESETS}
    lines = [
        f"# Trial {trial.number}: the lowest loss on the validation fold, {trial.valid_loss:.6g}.",
        "# Put this in the place of [training] in sighthound.toml.",
        "[training]",
        *(f"{name} = {_toml(value)}" for name, value in keys.items()),
    ]
    write_text(folder / BEST_TRAINING, "\n".join(lines) + "\n")


def _toml(value: Any) -> str:
    return toml_text(value) if isinstance(value, str) else json.dumps(value)


def _cell(value: Any) -> str:
    if value is None:
        return ""
    return f"{value:.6g}" if isinstance(value, float) else " ".join(str(value).split())
