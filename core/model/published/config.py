"""What a Keras-2 file says of itself: which GELU, and whether its layers are an architecture's.

Two functions are called GELU: x * sigmoid(1.702 x), a layer class of its own ("gelu", "gelu_1",
...) in models published before April 2022, and the tanh form ("tf.nn.gelu", ...) in later ones.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from typing import Any

from sighthound.core.errors import SighthoundError
from sighthound.core.model.architecture import Architecture

# Layers that do nothing once a network is trained.
_IDLE = {
    "InputLayer", "Dropout", "StochasticReverseComplement", "StochasticShift", "SwitchReverse",
}  # fmt: skip
_SIGMOID_NAMES = re.compile(r"^(gelu(_\d+)?|tf(_op_layer_|\.math\.)sigmoid.*)$", re.IGNORECASE)
_TANH_NAMES = re.compile(r"^tf\.nn\.gelu(_\d+)?$")
_CONSTANT = 1.702
_EXACT = "the exact GELU (unknown here; --gelu tanh takes its nearest form)"

Token = tuple[Any, ...]


def gelu_of_names(names: Sequence[str]) -> tuple[str, str] | None:
    """Tell the GELU by layer names.

    Returns
    -------
    ("sigmoid" or "tanh", the name that tells), or None when no name tells, or both are there.

    Examples
    --------
    >>> gelu_of_names(["conv1d", "gelu", "gelu_1"])
    ('sigmoid', 'gelu')
    >>> gelu_of_names(["conv1d", "tf.nn.gelu_7"])
    ('tanh', 'tf.nn.gelu_7')
    """
    found = {
        form: next((name for name in names if pattern.match(name)), None)
        for form, pattern in (("sigmoid", _SIGMOID_NAMES), ("tanh", _TANH_NAMES))
    }
    told = [(form, name) for form, name in found.items() if name is not None]
    return told[0] if len(told) == 1 else None


def check_config(
    config: Sequence[dict[str, Any]], architecture: Architecture, head: str, gelu: str
) -> None:
    """Check that a whole model's own description computes what an architecture does.

    Parameters
    ----------
    config : list of dict
        `StoredLayers.config`.
    head : str
        Name of the dense layer that gives the tracks.
    gelu : str
        The form that was asked for, which wins over what the file says; empty for none.

    Raises
    ------
    SighthoundError
        A layer that is not understood, or another one than the architecture has at its place.
    """
    found = [item for item in _stored_tokens(config, gelu) if item[1][0] != "dense"]
    dense = [item for item in _stored_tokens(config, gelu) if item[1][0] == "dense"]
    expected = list(_expected_tokens(architecture))
    for (name, token), wanted in zip(found, expected, strict=False):
        if token != wanted:
            raise SighthoundError(
                f"layer {name!r} of the file is {_words(token)}; params.json has "
                f"{_words(wanted)} there"
            )
    if len(found) != len(expected):
        raise SighthoundError(
            f"the file has {len(found)} layers before its heads, params.json makes "
            f"{len(expected)}; they are of different models"
        )
    wanted = ("dense", architecture.tracks, architecture.link)
    for name, token in dense:
        if name == head and token != wanted:
            raise SighthoundError(
                f"layer {name!r} of the file is {_words(token)}; params.json has {_words(wanted)}"
            )


def _expected_tokens(architecture: Architecture) -> Iterator[Token]:
    *steps, _ = architecture.steps()
    for step in steps:
        if step.operation == "convolve":
            yield ("convolution", step.filters, step.width, step.dilation)
        elif step.operation == "normalise":
            yield ("normalisation", architecture.norm_epsilon)
        elif step.operation == "activate":
            yield (step.function,)
        elif step.operation in {"pool", "crop"}:
            yield (step.operation, step.size)
        elif step.operation in {"concatenate", "add"}:
            yield (step.operation,)
        elif step.operation not in {"drop", "branch"}:
            raise SighthoundError(f"files of published models have no {step.operation!r}")


def _stored_tokens(config: Sequence[dict[str, Any]], gelu: str) -> Iterator[tuple[str, Token]]:
    for layer in config:
        kind, name, values = layer["class_name"], layer["config"]["name"], layer["config"]
        if kind in _IDLE:
            continue
        if kind == "Conv1D":
            same = values["padding"] == "same" and _one(values["strides"]) == 1
            if values["activation"] != "linear" or not same or values.get("groups", 1) != 1:
                raise SighthoundError(
                    f"layer {name!r} of the file is not understood: only convolutions of padding "
                    "'same', stride 1 and no activation are"
                )
            sizes = (_one(values["kernel_size"]), _one(values["dilation_rate"]))
            yield name, ("convolution", values["filters"], *sizes)
        elif kind == "BatchNormalization":
            yield name, ("normalisation", values["epsilon"])
        elif kind == "MaxPooling1D":
            yield name, ("pool", _one(values["pool_size"]))
        elif kind == "Cropping1D":
            left, right = values["cropping"]
            yield name, ("crop", left) if left == right else ("crop", left, right)
        elif kind in {"Concatenate", "Add"}:
            yield name, (kind.lower(),)
        elif kind == "Dense":
            yield name, ("dense", values["units"], values["activation"])
        else:
            token = _activation(kind, layer, gelu)
            if token is not None:
                yield name, token


def _activation(kind: str, layer: dict[str, Any], gelu: str) -> Token | None:
    """Give the activation that a layer is; None for a part of one that says nothing more."""
    values = layer["config"]
    function = values.get("function", values.get("activation", ""))
    if kind == "ReLU" or (kind == "Activation" and function == "relu"):
        return ("relu",)
    if kind == "GELU":
        return (f"gelu_{gelu or 'sigmoid'}",)
    if kind == "TFOpLambda" and function == "nn.gelu":
        approximate = any(
            call[3].get("approximate") for call in layer["inbound_nodes"] if len(call) > 3
        )
        return (f"gelu_{gelu}",) if gelu else ("gelu_tanh",) if approximate else (_EXACT,)
    if kind == "Activation" and function == "gelu":
        return (f"gelu_{gelu}",) if gelu else (_EXACT,)
    if kind == "TFOpLambda" and function == "math.sigmoid":
        return (f"gelu_{gelu or 'sigmoid'}",)
    if kind == "TFOpLambda" and function == "math.multiply":
        numbers = [
            value
            for call in layer["inbound_nodes"]
            for value in (*call, *(call[3].values() if len(call) > 3 else ()))
            if isinstance(value, float)
        ]
        if all(abs(number - _CONSTANT) < 1e-3 for number in numbers):
            return None
    raise SighthoundError(
        f"layer {values['name']!r} of the file is a {kind}, which is not understood"
    )


def _one(value: Any) -> Any:
    return value[0] if isinstance(value, list) else value


def _words(token: Token) -> str:
    return " ".join(str(part) for part in token)
