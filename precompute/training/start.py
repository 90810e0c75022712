"""Begin a training from a trained model: its trunk, and its outputs for tracks that it has."""

from __future__ import annotations

from os import PathLike

from sighthound.core.errors import SighthoundError
from sighthound.core.model.architecture import Architecture
from sighthound.core.model.keras_network import Weights, build, get_weights
from sighthound.core.model.model import load_model


def started_from(
    path: str | PathLike[str], architecture: Architecture, tracks: tuple[str, ...], seed: int
) -> tuple[Weights, str]:
    """Take the weights of a trained model into a network of, perhaps, other tracks.

    Parameters
    ----------
    tracks : tuple of str
        Of the network. Outputs of tracks that the model has begin as they are there, others anew.
    seed : int
        Of those.

    Returns
    -------
    Weights, str
        Of the whole network; the model's hash.

    Raises
    ------
    SighthoundError
        No model, or one of another trunk (names the first weight that differs).
    """
    model = load_model(path)
    weights = get_weights(build(architecture, seed))
    last = list(weights)[-1].partition("/")[0]
    for name, own in weights.items():
        given = model.weights.get(name)
        if name.startswith(f"{last}/"):
            continue
        if given is None or given.shape != own.shape:
            found = "missing there" if given is None else f"{given.shape} there"
            raise SighthoundError(
                f"{path} has another trunk: weight {name} is {own.shape} here, {found}; train with "
                "its architecture, the \"architecture\" of its model.json, or 'filters' as it has"
            )
        weights[name] = given
    known = [(here, model.tracks.index(t)) for here, t in enumerate(tracks) if t in model.tracks]
    if known:
        here, there = (list(places) for places in zip(*known, strict=True))
        for name in (f"{last}/kernel", f"{last}/bias"):
            weights[name][..., here] = model.weights[name][..., there]
    return weights, model.hash
