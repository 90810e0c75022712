"""The trainable network: an architecture as Keras layers, and the loss it is trained with.

Loss and layers follow Kelley et al. 2018: Poisson loss over bins and tracks.
"""

from __future__ import annotations

import functools
from typing import TYPE_CHECKING, Any

import numpy as np

from sighthound.core.errors import SighthoundError
from sighthound.core.model.activations import activation_named
from sighthound.core.model.architecture import Architecture, Step
from sighthound.core.model.runtime import import_tensorflow

if TYPE_CHECKING:
    import keras
    import tensorflow as tf

Weights = dict[str, np.ndarray]
NORMALISATION = ("gamma", "beta", "moving_mean", "moving_variance")


def build(architecture: Architecture, seed: int = 0) -> keras.Model:
    """Make the trainable Keras model.

    Parameters
    ----------
    architecture : Architecture
    seed : int
        Of the initial weights and the dropout.

    Returns
    -------
    keras.Model
        Takes float32 one-hot bases, (batch, length, 4) with any length that is a multiple of the
        bin, and gives float32 (batch, length / bin - 2 x crop, tracks).
    """
    keras = _keras()
    keras.utils.set_random_seed(seed)
    x = inputs = keras.Input((None, 4), dtype="float32")
    branches: list[Any] = []
    convolutions = 0
    for step in architecture.steps():
        if step.operation == "convolve":
            x = _convolve(keras, step, f"convolution_{convolutions:02d}", x)
            convolutions += 1
        elif step.operation == "normalise":
            name = f"normalisation_{convolutions - 1:02d}"
            x = _normalise(keras, architecture, step, name, x)
        elif step.operation == "activate":
            x = keras.layers.Activation(activation_function(step.function))(x)
        elif step.operation == "pool":
            x = keras.layers.MaxPool1D(step.size)(x)
        elif step.operation == "drop":
            x = keras.layers.Dropout(step.rate)(x)
        elif step.operation == "branch":
            branches.append(x)
        elif step.operation == "concatenate":
            x = keras.layers.Concatenate()([branches.pop(), x])
        elif step.operation == "add":
            x = keras.layers.Add()([branches.pop(), x])
        elif step.operation == "crop":
            x = keras.layers.Cropping1D(step.size)(x)
        else:
            raise AssertionError(step.operation)
    outputs = keras.layers.Activation(link_function(architecture.link), name="link")(x)
    return keras.Model(inputs, outputs)


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
            if layer.name.startswith(("convolution", "normalisation")):
                weights[f"{layer.name}/{variable.name}"] = np.asarray(variable)
    return weights


def set_weights(model: keras.Model, weights: Weights) -> None:
    """Put weights by name into a Keras model made by `build`."""
    for layer in model.layers:
        for variable in layer.weights:
            if layer.name.startswith(("convolution", "normalisation")):
                variable.assign(weights[f"{layer.name}/{variable.name}"])


def weight_shapes(architecture: Architecture) -> dict[str, tuple[int, ...]]:
    """Name and shape of every weight, in the order of the network; needs no TensorFlow."""
    shapes: dict[str, tuple[int, ...]] = {}
    channels, convolutions = 4, 0
    branches: list[int] = []
    for step in architecture.steps():
        if step.operation == "convolve":
            name = f"convolution_{convolutions:02d}"
            shapes[f"{name}/kernel"] = (step.width, channels, step.filters)
            if step.bias:
                shapes[f"{name}/bias"] = (step.filters,)
            channels = step.filters
            convolutions += 1
        elif step.operation == "normalise":
            for part in NORMALISATION:
                shapes[f"normalisation_{convolutions - 1:02d}/{part}"] = (channels,)
        elif step.operation == "branch":
            branches.append(channels)
        elif step.operation == "concatenate":
            channels += branches.pop()
        elif step.operation == "add":
            branches.pop()
    return shapes


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


def _convolve(keras: Any, step: Step, name: str, x: Any) -> Any:
    return keras.layers.Conv1D(
        step.filters,
        step.width,
        padding="same",
        dilation_rate=step.dilation,
        use_bias=step.bias,
        kernel_initializer="glorot_uniform" if step.bias else "he_normal",
        name=name,
    )(x)


def _normalise(keras: Any, architecture: Architecture, step: Step, name: str, x: Any) -> Any:
    return keras.layers.BatchNormalization(
        momentum=architecture.norm_momentum,
        epsilon=architecture.norm_epsilon,
        gamma_initializer="zeros" if step.starts_at_zero else "ones",
        name=name,
    )(x)


def _keras() -> Any:
    import_tensorflow()
    import keras

    return keras
