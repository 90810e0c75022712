"""Files as the published code writes them, with weights of our choice."""

from __future__ import annotations

import json
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import h5py
import numpy as np

from sighthound.core.model.architecture import Architecture
from sighthound.core.model.keras_network import Weights
from sighthound.core.model.operations import NORMALISATION
from sighthound.core.model.runtime import import_tensorflow


def write_keras(
    path: Path,
    architecture: Architecture,
    weights: Weights,
    *,
    gelu: str = "gelu",
    heads: Sequence[tuple[np.ndarray, np.ndarray]] = (),
    first: int = 0,
) -> None:
    """Write weights alone in the layout of Keras 2.

    Parameters
    ----------
    gelu : str
        Name of the activation layers: "gelu", "tf.nn.gelu" or "re_lu".
    heads : sequence of (kernel, bias)
        Dense layers after the network's own.
    first : int
        Number of the first layer of each kind: a process that built models before counts on.
    """
    with h5py.File(path, "w") as file:
        numbers: dict[str, int] = {}

        def add(kind: str, **arrays: np.ndarray) -> None:
            number = numbers[kind] = numbers.get(kind, first - 1) + 1
            name = f"{kind}_{number}" if number else kind
            group = file.create_group(f"{name}/{name}" if arrays else name)
            for part, array in arrays.items():
                group[f"{part}:0"] = array

        convolutions = 0
        steps = list(architecture.steps())
        for step in steps[:-1]:
            if step.operation == "convolve":
                add("conv1d", kernel=weights[f"convolution_{convolutions:02d}/kernel"])
                convolutions += 1
            elif step.operation == "normalise":
                of = f"normalisation_{convolutions - 1:02d}"
                add("batch_normalization", **{p: weights[f"{of}/{p}"] for p in NORMALISATION})
            elif step.operation == "activate":
                add(gelu)
        last = f"convolution_{convolutions:02d}"
        for kernel, bias in [(weights[f"{last}/kernel"][0], weights[f"{last}/bias"]), *heads]:
            add("dense", kernel=kernel, bias=bias)


def write_checkpoint(prefix: Path, arrays: dict[str, np.ndarray]) -> None:
    """Write a TensorFlow-1 checkpoint: `prefix`.index and its data."""
    tf = import_tensorflow()
    tf.raw_ops.SaveV2(
        prefix=str(prefix),
        tensor_names=[name.removesuffix(":0") for name in arrays],
        shape_and_slices=[""] * len(arrays),
        tensors=[tf.constant(array) for array in arrays.values()],
    )


def paper_variables(architecture: Architecture, weights: Weights) -> dict[str, np.ndarray]:
    """Give our weights the names of the paper's code."""
    last = sum(step.operation == "convolve" for step in architecture.steps()) - 1
    variables = {}
    for name, array in weights.items():
        layer, part = name.split("/")
        number = int(layer.split("_")[1])
        scope = "final" if number == last else f"cnn{number}"
        kind = "conv1d" if layer.startswith("convolution") else "batch_normalization"
        variables[f"{scope}/{kind}/{part}"] = array
    return variables


def change_params(params: Path, path: Path, **changes: Any) -> Path:
    """Copy a params.json with other values in its section "model"."""
    data = json.loads(params.read_text())
    data["model"] |= changes
    path.write_text(json.dumps(data))
    return path
