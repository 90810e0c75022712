"""The study on disk: Optuna's journal, its sampler and its pruner.

The journal is a text file to which processes append in turn, so that trials may run side by side,
on several machines where they share the disk.
"""

from __future__ import annotations

import json
import zlib
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from sighthound.core.errors import SighthoundError
from sighthound.precompute.tuning.settings import TuneSettings
from sighthound.precompute.tuning.space import Parameter

if TYPE_CHECKING:
    import optuna

_NAME = "sighthound"
_IDENTITY = "identity"


def import_optuna() -> Any:
    """Import Optuna, quiet.

    Raises
    ------
    SighthoundError
        It is not installed.
    """
    try:
        import optuna
    except ImportError:
        raise SighthoundError(
            "tuning needs Optuna; install it: pip install 'sighthound[tune]'"
        ) from None
    optuna.logging.set_verbosity(optuna.logging.WARNING)
    return optuna


def open_study(
    file: Path, settings: TuneSettings, identity: str, space: Sequence[Parameter]
) -> optuna.Study:
    """Open a study, or begin one with the network that the project has as its first trial.

    Parameters
    ----------
    identity : str
        What trials of one study have in common.

    Raises
    ------
    SighthoundError
        It is of another search, or damaged; Optuna is not installed.
    """
    optuna = import_optuna()
    is_new = not file.is_file()
    try:
        study = optuna.create_study(
            storage=_storage(file),
            study_name=_NAME,
            load_if_exists=True,
            sampler=numbered_sampler(settings),
            pruner=optuna.pruners.MedianPruner(
                # The step from which on it prunes; steps are epochs, the first is 1.
                n_startup_trials=settings.startup,
                n_warmup_steps=settings.unpruned_epochs + 1,
            ),
        )
        known = study.user_attrs.get(_IDENTITY)
    except (KeyError, ValueError, TypeError, OSError) as error:
        raise SighthoundError(
            f"{file} is no study, or a damaged one ({type(error).__name__}); begin afresh with "
            "--fresh"
        ) from None
    if known is None:
        if not is_new and study.get_trials(deepcopy=False):
            raise SighthoundError(f"{file} is no study of this software; begin afresh with --fresh")
        study.set_user_attr(_IDENTITY, identity)
        study.enqueue_trial({parameter.name: _own(parameter) for parameter in space})
    elif known != identity:
        raise SighthoundError(
            f"{file.parent} holds a study with other settings or data: "
            f"{_differing(known, identity)}; restore them to go on with it, or begin afresh with "
            "--fresh"
        )
    return study


def _storage(file: Path) -> Any:
    from optuna.storages import JournalStorage
    from optuna.storages.journal import JournalFileBackend

    return JournalStorage(JournalFileBackend(str(file)))


def suggest(trial: optuna.Trial, space: Sequence[Parameter]) -> dict[str, float]:
    """Ask the study for the values of a trial; those of one that is gone on with stay."""
    values: dict[str, float] = {}
    for parameter in space:
        if parameter.is_count:
            values[parameter.name] = trial.suggest_int(
                parameter.name, int(parameter.low), int(parameter.high), log=parameter.log
            )
        else:
            values[parameter.name] = trial.suggest_float(
                parameter.name, parameter.low, parameter.high, log=parameter.log
            )
    return values


def numbered_sampler(settings: TuneSettings) -> Any:
    """Make a sampler whose draws follow from the seed, the trial's number and those before it.

    So a search that was interrupted, or runs in several processes, needs no memory of its own.
    """
    optuna = import_optuna()

    class NumberedSampler(optuna.samplers.BaseSampler):  # type: ignore[misc, name-defined]
        """Tree-structured Parzen estimators (Bergstra et al. 2011), seeded for every draw."""

        def _of(self, trial: Any, name: str = "") -> Any:
            entropy = [settings.seed, trial.number, zlib.crc32(name.encode())]
            return optuna.samplers.TPESampler(
                seed=int(np.random.SeedSequence(entropy).generate_state(1)[0]),
                n_startup_trials=settings.startup,
                multivariate=True,
                constant_liar=True,
            )

        def infer_relative_search_space(self, study: Any, trial: Any) -> Any:
            return self._of(trial).infer_relative_search_space(study, trial)

        def sample_relative(self, study: Any, trial: Any, search_space: Any) -> Any:
            return self._of(trial).sample_relative(study, trial, search_space)

        def sample_independent(self, study: Any, trial: Any, name: str, distribution: Any) -> Any:
            return self._of(trial, name).sample_independent(study, trial, name, distribution)

    return NumberedSampler()


def _own(parameter: Parameter) -> float:
    return int(parameter.first) if parameter.is_count else parameter.first


def _differing(known: str, asked: str) -> str:
    """Name what differs between two identities."""
    one, other = json.loads(known), json.loads(asked)
    return ", ".join(key for key in other if one.get(key) != other[key]) or "another version"
