"""Weights of published models -> layers in order, without the code that wrote them.

Two files: Keras 2's HDF5, whole models (`model_weights/`, `model_config`) or weights alone, and the
checkpoints of TensorFlow 1. Layers of a kind follow each other by the number in their name
("conv1d_10" after "conv1d_9"), which counts them as they were built.
"""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np

from sighthound.core.errors import SighthoundError
from sighthound.core.model.operations import NORMALISATION
from sighthound.core.model.runtime import import_tensorflow

# What a TensorFlow-1 checkpoint holds besides the network: optimiser slots and counters.
_NOT_WEIGHTS = re.compile(
    r"(^|/)(global_step|beta[12]_power(_\d+)?)$"
    r"|/(Adam(_\d+)?|Momentum|RMSProp(_\d+)?|Adagrad|ExponentialMovingAverage|renorm_\w+)$"
)
_SUFFIXES = re.compile(r"\.(index|meta|data-\d+-of-\d+)$")


@dataclass(frozen=True)
class StoredLayer:
    """One layer of a file: its name, and its arrays by name (kernel, bias, gamma, ...)."""

    name: str
    arrays: Mapping[str, np.ndarray]


@dataclass(frozen=True)
class StoredLayers:
    """What a file holds.

    Attributes
    ----------
    layout : str
        In words, for messages.
    convolutions, normalisations, heads : list of StoredLayer
        In the order in which they were built; heads are the last, pointwise layers.
    names : tuple of str
        Names of all layers, those without weights too.
    config : list of dict, optional
        Keras' description of the layers in order; only whole models have one.
    """

    layout: str
    convolutions: list[StoredLayer] = field(default_factory=list)
    normalisations: list[StoredLayer] = field(default_factory=list)
    heads: list[StoredLayer] = field(default_factory=list)
    names: tuple[str, ...] = ()
    config: list[dict[str, Any]] | None = None


def read_layers(path: Path) -> StoredLayers:
    """Read the layers of a published model's file.

    Parameters
    ----------
    path : path
        HDF5, or a checkpoint's prefix or one of its files.

    Raises
    ------
    SighthoundError
        The file is missing, of another kind, or holds a layer that is not understood.
    """
    import h5py

    if path.is_file() and h5py.is_hdf5(path):
        return _read_keras(path)
    prefix = path.with_name(_SUFFIXES.sub("", path.name))
    if prefix.with_name(prefix.name + ".index").is_file():
        return _read_checkpoint(prefix)
    if not path.exists():
        raise SighthoundError(f"{path} does not exist; expected HDF5 or a TensorFlow-1 checkpoint")
    raise SighthoundError(
        f"{path} is neither HDF5 (Keras 2) nor a TensorFlow-1 checkpoint (with a .index beside it)"
    )


def _read_keras(path: Path) -> StoredLayers:
    import h5py

    try:
        with h5py.File(path) as file:
            whole = "model_weights" in file
            root = file["model_weights"] if whole else file
            layers = {name: _arrays(group, path) for name, group in root.items()}
            text = file.attrs.get("model_config")
            config = json.loads(text)["config"]["layers"] if whole and text is not None else None
    except (OSError, ValueError, KeyError, TypeError) as error:
        raise SighthoundError(f"{path} cannot be read as Keras-2 HDF5: {error}") from None
    layout = "Keras-2 HDF5, " + ("whole model" if whole else "weights only")
    return _sort(path, layout, layers, config)


def _arrays(group: Any, path: Path) -> dict[str, np.ndarray]:
    """Read the arrays below a layer's group, by the last part of their names."""
    import h5py

    found: dict[str, np.ndarray] = {}

    def visit(name: str, item: Any) -> None:
        if isinstance(item, h5py.Dataset):
            part = name.rsplit("/", 1)[-1].split(":")[0]
            if part in found:
                raise SighthoundError(f"{path}: layer {group.name} holds {part} twice")
            found[part] = item[()].astype(np.float32)

    if isinstance(group, h5py.Group):
        group.visititems(visit)
    else:
        visit(group.name, group)
    return found


def _read_checkpoint(prefix: Path) -> StoredLayers:
    tf = import_tensorflow()
    layers: dict[str, dict[str, np.ndarray]] = {}
    try:
        reader = tf.train.load_checkpoint(str(prefix))
        for name in reader.get_variable_to_shape_map():
            if not _NOT_WEIGHTS.search(name):
                layer, _, part = name.rpartition("/")
                layers.setdefault(layer, {})[part] = reader.get_tensor(name).astype(np.float32)
    # Which of these a damaged file raises depends on where it is damaged.
    except (tf.errors.OpError, IndexError, RuntimeError, ValueError, TypeError) as error:
        first = str(error).splitlines()[0]
        raise SighthoundError(f"checkpoint {prefix} cannot be read: {first}") from None
    return _sort(prefix, "TensorFlow-1 checkpoint", layers, None)


def _sort(
    path: Path,
    layout: str,
    layers: dict[str, dict[str, np.ndarray]],
    config: list[dict[str, Any]] | None,
) -> StoredLayers:
    """Put layers into kinds by what they hold, each in order."""
    stored = StoredLayers(layout, names=tuple(sorted(layers, key=_natural)), config=config)
    for name in stored.names:
        arrays = layers[name]
        if not arrays:
            continue
        layer = StoredLayer(name, arrays)
        kernel = arrays.get("kernel")
        if set(arrays) == set(NORMALISATION):
            stored.normalisations.append(layer)
        elif kernel is not None and set(arrays) <= {"kernel", "bias"} and kernel.ndim in {2, 3}:
            is_head = kernel.ndim == 2 or name.split("/")[0] == "final"
            (stored.heads if is_head else stored.convolutions).append(layer)
        else:
            shapes = ", ".join(f"{part} {array.shape}" for part, array in arrays.items())
            raise SighthoundError(
                f"{path.name}: layer {name!r} is not understood ({shapes}); expected convolutions, "
                "batch normalisations and dense layers"
            )
    return stored


def _natural(name: str) -> list[tuple[int, str]]:
    """Order names by the numbers in them: "conv1d" < "conv1d_9" < "conv1d_10"."""
    return [(int(part), "") if part.isdigit() else (-1, part) for part in re.split(r"(\d+)", name)]
