"""The trainable network: an architecture as Keras layers, and the loss it is trained with.

Loss and layers follow Kelley et al. 2018: Poisson loss over bins and tracks.
"""

from __future__ import annotations

import contextlib
import functools
from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

import numpy as np

from sighthound.core.errors import SighthoundError
from sighthound.core.model.activations import activation_named
from sighthound.core.model.architecture import Architecture
from sighthound.core.model.operations import OPERATIONS, placed
from sighthound.core.model.runtime import import_tensorflow

if TYPE_CHECKING:
    import keras
    import tensorflow as tf

Weights = dict[str, np.ndarray]


def build(architecture: Architecture, seed: int = 0, precision: str = "float32") -> keras.Model:
    """Make the trainable Keras model.

    Parameters
    ----------
    architecture : Architecture
    seed : int
        Of the initial weights and the dropout.
    precision : {"float32", "bfloat16"}
        What the trunk is computed in; weights, normalisation, the layer to the tracks and the link
        are float32 in both.

    Returns
    -------
    keras.Model
        Takes float32 one-hot bases, (batch, length, 4) with any length that is a multiple of the
        bin, and gives float32 (batch, length / bin - 2 x crop, tracks).
    """
    return build_with_tower(architecture, seed, precision)[0]


def build_with_tower(
    architecture: Architecture, seed: int = 0, precision: str = "float32"
) -> tuple[keras.Model, keras.Model]:
    """Make the trainable Keras model, as `build`, and its tower as a model that shares its weights.

    Returns
    -------
    keras.Model, keras.Model
        The tower gives the representation: (batch, length / bin, units), in `precision`.
    """
    keras = _keras()
    keras.utils.set_random_seed(seed)
    x = inputs = representation = keras.Input((None, 4), dtype="float32")
    in_tower = len(architecture.parts()[0])
    branches: list[Any] = []
    with _policy(keras, precision):
        for number, place in enumerate(placed(architecture.steps())):
            step, entry = place.step, place.step.entry
            if entry.remembers:
                branches.append(x)
            elif entry.train is None:
                raise SighthoundError(f"networks cannot be trained with {step.operation!r}")
            else:
                given = [branches.pop(), x] if entry.joins else x
                x = entry.train(keras, architecture, step, place.name, given)
            if number < in_tower:
                representation = x
    link = keras.layers.Activation(link_function(architecture.link), name="link", dtype="float32")
    return keras.Model(inputs, link(x)), keras.Model(inputs, representation)


def poisson_loss(
    target: tf.Tensor, prediction: tf.Tensor, mask: tf.Tensor | None = None, *, full: bool = False
) -> Any:
    """Mean Poisson negative log likelihood.

    Parameters
    ----------
    target, prediction : float32 tensors, (batch, bins, tracks)
        Targets at least 0, predictions above 0.
    mask : float32 tensor broadcastable to them, optional
        0 where a track has no data.
    full : bool
        Add log(target!), which no weight changes, by Stirling's formula for targets above 1.

    Returns
    -------
    float32 scalar
        Mean of prediction - target x log(prediction) where the mask is 1.
    """
    tf = import_tensorflow()

    # Predictions of a softplus underflow to 0 in float32; the logarithm must not.
    loss = prediction - target * tf.math.log(prediction + 1e-7)
    if full:
        above = tf.maximum(target, 1.0)
        stirling = above * tf.math.log(above) - above + 0.5 * tf.math.log(2 * np.pi * above)
        loss += tf.where(target > 1, stirling, 0.0)
    if mask is None:
        return tf.reduce_mean(loss)
    mask = tf.broadcast_to(mask, tf.shape(loss))
    return tf.math.divide_no_nan(tf.reduce_sum(loss * mask), tf.reduce_sum(mask))


def get_weights(model: keras.Model) -> Weights:
    """Take the weights out of a Keras model made by `build`, by name."""
    weights: Weights = {}
    for layer in model.layers:
        for variable in layer.weights:
            if _has_weights_of_ours(layer):
                weights[f"{layer.name}/{variable.name}"] = np.asarray(variable)
    return weights


def set_weights(model: keras.Model, weights: Weights) -> None:
    """Put weights by name into a Keras model made by `build`."""
    for layer in model.layers:
        for variable in layer.weights:
            if _has_weights_of_ours(layer):
                variable.assign(weights[f"{layer.name}/{variable.name}"])


def weight_shapes(architecture: Architecture) -> dict[str, tuple[int, ...]]:
    """Name and shape of every weight, in the order of the network; needs no TensorFlow."""
    return {n: s for place in placed(architecture.steps()) for n, s in place.weights.items()}


def check_weights(architecture: Architecture, weights: Weights) -> None:
    """Check that weights fit an architecture.

    Raises
    ------
    SighthoundError
        A weight is missing, unknown, of another shape, or not finite.
    """
    expected = weight_shapes(architecture)
    for name, shape in expected.items():
        if name not in weights:
            raise SighthoundError(f"weight {name} is missing; expected shape {shape}")
        if weights[name].shape != shape:
            raise SighthoundError(f"weight {name} is {weights[name].shape}; expected {shape}")
        if not np.isfinite(weights[name]).all():
            raise SighthoundError(f"weight {name} holds NaN or infinity")
    for name in weights:
        if name not in expected:
            raise SighthoundError(f"weight {name} is not the architecture's")


def activation_function(name: str) -> Any:
    """Give an activation as a function of tensors, by its name in `core.model.activations`."""
    return functools.partial(activation_named(name).of_tensors, import_tensorflow())


def link_function(name: str) -> Any:
    """Give a link as a function of tensors, by its name in `architecture.LINKS`."""
    tf = import_tensorflow()

    def exp_linear(x: Any) -> Any:
        return tf.nn.relu(x) + tf.exp(tf.minimum(x, 0))

    return {"softplus": tf.nn.softplus, "exp_linear": exp_linear}[name]


def _has_weights_of_ours(layer: Any) -> bool:
    prefixes = tuple(f"{entry.layer}_" for entry in OPERATIONS.values() if entry.layer)
    return str(layer.name).startswith(prefixes)


@contextlib.contextmanager
def _policy(keras: Any, precision: str) -> Iterator[None]:
    """Let Keras layers that are made meanwhile compute in a precision."""
    before = keras.config.dtype_policy()
    keras.config.set_dtype_policy("mixed_bfloat16" if precision == "bfloat16" else precision)
    try:
        yield
    finally:
        keras.config.set_dtype_policy(before)


def _keras() -> Any:
    import_tensorflow()
    import keras

    return keras
