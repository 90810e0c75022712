"""Small models with known weights, for tests of what is built on a model."""

from __future__ import annotations

import tempfile
from collections.abc import Sequence
from pathlib import Path

import numpy as np

from sighthound.core.model.architecture import Architecture, small
from sighthound.core.model.blocks import Convolution, Crop, Dilated
from sighthound.core.model.keras_network import Weights, weight_shapes
from sighthound.core.model.model import Model
from sighthound.core.model.published import import_model
from tests.paths import GOLDEN
from tests.published import write_checkpoint


def random_weights(architecture: Architecture, seed: int = 0, spread: float = 0.2) -> Weights:
    """Weights with batch-norm statistics far from the identity."""
    rng = np.random.default_rng(seed)
    weights = {}
    for name, shape in weight_shapes(architecture).items():
        if name.endswith(("gamma", "moving_variance")):
            weights[name] = rng.uniform(0.5, 1.5, shape).astype(np.float32)
        else:
            weights[name] = rng.normal(0, spread, shape).astype(np.float32)
    return weights


def random_one_hot(length: int, seed: int = 0) -> np.ndarray:
    """A random sequence, float32 (length, 4), with a run of N."""
    rng = np.random.default_rng(seed)
    one_hot = np.eye(4, dtype=np.float32)[rng.integers(0, 4, length)]
    one_hot[length // 3 : length // 3 + 20] = 0
    return one_hot


def small_model(tracks: Sequence[str] = ("a", "b", "c"), seed: int = 0) -> Model:
    """A network of preset "small" with few filters, 4,096-bp windows and 64-bp bins."""
    architecture = small(len(tracks), sequence_length=4096, bin=64, crop=8, filters=8)
    return Model(architecture, random_weights(architecture, seed), tracks)


def shallow_model(tracks: Sequence[str], seed: int = 0) -> Model:
    """A network that compiles fast: bins of 64 bp, few layers, sparse dilations of 65 bins' reach.

    Tracks "x.plus" and "x.minus" are each other's other strand.
    """
    blocks = (
        Convolution(6, 9, 8),
        Convolution(8, 3, 8),
        Dilated(6, (1, 16, 48), style="dense"),
        Crop(8),
        Convolution(8, 1),
    )
    architecture = Architecture(4096, blocks, len(tracks))
    other = {"plus": "minus", "minus": "plus"}
    pairs = [
        list(tracks).index(f"{name}.{other[strand]}" if strand in other else track)
        for track in tracks
        for name, _, strand in [track.rpartition(".")]
    ]
    weights = random_weights(architecture, seed, spread=0.5)
    return Model(architecture, weights, tracks, strand_pairs=pairs)


def golden_paper_model() -> Model:
    """The paper's network with the weights of the golden numbers."""
    folder = GOLDEN / "paper_v02"
    with tempfile.TemporaryDirectory() as directory:
        checkpoint = Path(directory) / "model_best.tf"
        write_checkpoint(checkpoint, dict(np.load(folder / "weights.npz")))
        return import_model(checkpoint, folder / "params_v1.json").model
