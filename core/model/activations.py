"""The activation functions of networks, by name: what each computes, for tensors and for numbers.

Two functions are called GELU: x sigmoid(1.702 x), and the usual tanh form, x (1 + tanh(u)) / 2 with
u = sqrt(2 / pi) (x + 0.044715 x^3), written as x sigmoid(2 u), which takes a third of the time.

Patches (`core.interpretation.incremental_patches`) and first-layer motifs
(`core.motifs.first_layer`) rely on two things that every function here does: it is 0 at 0, and it
rises where its argument is positive.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np

from sighthound.core.errors import SighthoundError

_LINEAR = 2 * math.sqrt(2 / math.pi)
_CUBIC = 0.044715


@dataclass(frozen=True)
class ActivationKind:
    """An activation, in words.

    Attributes
    ----------
    name : str
        As files of networks have it.
    formula : str
        Of x.
    """

    name: str
    formula: str


@dataclass(frozen=True)
class ActivationFunction:
    """One function, written twice.

    Attributes
    ----------
    formula : str
        For a person.
    of_tensors : callable
        Takes the module `tensorflow` and a tensor.
    of_numbers : callable
        Takes an array.
    """

    formula: str
    of_tensors: Callable[[Any, Any], Any]
    of_numbers: Callable[[np.ndarray], np.ndarray]


def _sigmoid(x: np.ndarray) -> np.ndarray:
    return 1 / (1 + np.exp(-x))


FUNCTIONS = {
    "relu": ActivationFunction(
        "max(x, 0)", lambda tf, x: tf.nn.relu(x), lambda x: np.maximum(x, 0)
    ),
    "gelu_tanh": ActivationFunction(
        "x (1 + tanh(sqrt(2 / pi) (x + 0.044715 x^3))) / 2",
        lambda tf, x: x * tf.nn.sigmoid(x * (_LINEAR + _LINEAR * _CUBIC * x * x)),
        lambda x: x * _sigmoid(_LINEAR * (x + _CUBIC * x**3)),
    ),
    "gelu_sigmoid": ActivationFunction(
        "x sigmoid(1.702 x)",
        lambda tf, x: x * tf.nn.sigmoid(1.702 * x),
        lambda x: x * _sigmoid(1.702 * x),
    ),
}


def activation_kinds() -> list[ActivationKind]:
    """Say which activations there are."""
    return [ActivationKind(name, entry.formula) for name, entry in FUNCTIONS.items()]


def activation_named(name: str) -> ActivationFunction:
    """Give an activation by its name.

    Raises
    ------
    SighthoundError
        It is none of `FUNCTIONS`.
    """
    if name not in FUNCTIONS:
        raise SighthoundError(f"unknown activation {name!r}; expected {', '.join(FUNCTIONS)}")
    return FUNCTIONS[name]
