"""Networks with random weights, and the questions that several benchmarks ask them."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

from sighthound.core.model.architecture import Architecture, paper, small
from sighthound.core.model.model import Model
from tests.models import random_weights

TRACKS = 4229
WINDOW = 131_072
SUBSTITUTIONS = 600  # 200 bp x 3


def paper_model() -> Model:
    """The paper's network, 4,229 tracks."""
    return _model(paper(TRACKS))


def paper_window_small_model() -> Model:
    """The preset "small" over windows as long as the paper's."""
    return _model(small(TRACKS // 100, WINDOW))


def _model(architecture: Architecture) -> Model:
    tracks = [f"track{i}" for i in range(architecture.tracks)]
    return Model(architecture, random_weights(architecture, spread=0.02), tracks)


def window(length: int = WINDOW, seed: int = 0) -> np.ndarray:
    """A random sequence, uint8 (length, 4)."""
    return np.eye(4, dtype=np.uint8)[np.random.default_rng(seed).integers(0, 4, length)]


def full_forward(model: Model) -> Callable[[], object]:
    """One compiled full forward pass of the window, its sequence as the graph wants it."""
    sequence = window(model.sequence_length)[None].astype(np.float32)
    return lambda: model.predict(sequence)


def region(model: Model) -> tuple[int, int]:
    """200 bases over the middle of the window, where the TSS bin is."""
    middle = model.sequence_length // 2
    return middle - 70, middle + 130
