"""The model of a run, loaded once in each process that computes for it."""

from __future__ import annotations

import threading
from collections.abc import Sequence
from pathlib import Path

from sighthound.core.errors import SighthoundError
from sighthound.core.model.model import Model, load_members_of, load_model
from sighthound.core.model.promoters import PromoterNetwork, networks_hash, promoter_networks
from sighthound.core.model.runtime import import_tensorflow

GPU_BATCH = 4  # windows at once that a GPU is given; a processor gains nothing from more than one

_loading = threading.Lock()
_loaded: dict[tuple[Path, str], tuple[Model, int]] = {}
_members: dict[tuple[str, ...], list[Model]] = {}
_promoters: dict[str, tuple[PromoterNetwork, ...]] = {}


def worker_model(directory: Path, expected: str, threads: int = 0) -> tuple[Model, int]:
    """Load the model of a run, and say how many windows it should be given at once.

    Parameters
    ----------
    expected : str
        The model's hash.
    threads : int
        That the network may use, where several workers share a machine; 0 for all.

    Raises
    ------
    SighthoundError
        The folder holds another model by now.
    """
    with _loading:
        if (directory, expected) not in _loaded:
            tf = import_tensorflow()
            share_processors(threads)
            batch = GPU_BATCH if tf.config.list_physical_devices("GPU") else 1
            model = load_model(directory)
            if model.hash != expected:
                raise SighthoundError(f"{directory} changed during the run; run the command again")
            _loaded.clear()
            _loaded[directory, expected] = model, batch
        return _loaded[directory, expected]


def worker_members(directory: Path, model: Model, expected: Sequence[str]) -> list[Model]:
    """Load the networks that taught the model of a run; none where none are expected.

    Parameters
    ----------
    expected : sequence of str
        Their hashes.

    Raises
    ------
    SighthoundError
        The folder holds other networks by now.
    """
    if not expected:
        return []
    key = tuple(expected)
    with _loading:
        if key not in _members:
            found = load_members_of(model, directory)
            if tuple(member.hash for member in found) != key:
                raise SighthoundError(f"{directory} changed during the run; run the command again")
            _members.clear()
            _members[key] = found
        return _members[key]


def worker_promoters(directory: Path, expected: str) -> tuple[PromoterNetwork, ...]:
    """Load the networks that a run asks of promoters; their readouts are in no model's hash.

    Parameters
    ----------
    expected : str
        `networks_hash` of them.

    Raises
    ------
    SighthoundError
        The folder holds other networks or readouts by now.
    """
    with _loading:
        if expected not in _promoters:
            model = load_model(directory)
            found = promoter_networks(model, load_members_of(model, directory))
            if networks_hash(found) != expected:
                raise SighthoundError(f"{directory} changed during the run; run the command again")
            _promoters.clear()
            _promoters[expected] = found
        return _promoters[expected]


def share_processors(threads: int) -> None:
    """Let networks of this process use so many threads, 0 for all; the first call decides."""
    threading_of = import_tensorflow().config.threading
    if threads and not threading_of.get_intra_op_parallelism_threads():
        threading_of.set_intra_op_parallelism_threads(threads)
