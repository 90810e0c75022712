"""Models that others published, read without their code and turned into ours.

The weights come from `core.model.published.layers`, the architecture from
`core.model.published.params`, the tracks from `core.model.published.targets`; here they are put
together and every shape is checked. Weights are assigned in order within a kind (convolution, batch
normalisation, dense), never by name.
"""

from __future__ import annotations

from dataclasses import dataclass
from os import PathLike
from pathlib import Path
from typing import Any

import numpy as np

from sighthound.core.errors import SighthoundError
from sighthound.core.files import own_items
from sighthound.core.model.architecture import Architecture
from sighthound.core.model.keras_network import Weights, build, set_weights, weight_shapes
from sighthound.core.model.model import Model, save_model
from sighthound.core.model.operations import NORMALISATION
from sighthound.core.model.published.config import check_config, gelu_of_names
from sighthound.core.model.published.keys import Params
from sighthound.core.model.published.layers import StoredLayer, StoredLayers, read_layers
from sighthound.core.model.published.params import (
    head_tracks,
    published_architecture,
    read_params,
    uses_gelu,
)
from sighthound.core.model.published.targets import read_targets, squashed_rows
from sighthound.core.tracks.track import Track, strand_pairs, tracks_table

TRACKS_FILE = "tracks.tsv"  # of a model folder
_CHECK_SEED = 0
_CHECK_BINS = 8  # predicted in the self-check
_CHECK_TOLERANCE = 1e-4


@dataclass(frozen=True)
class Imported:
    """An imported model.

    Attributes
    ----------
    model : Model
        Its `info` says what was imported and how the self-check went.
    tracks : list of Track
        One an output, without experiments.
    decisions : tuple of str
        What was decided, and why, in sentences.
    """

    model: Model
    tracks: list[Track]
    decisions: tuple[str, ...]


def import_model(
    weights: str | PathLike[str],
    params: str | PathLike[str],
    targets: str | PathLike[str] | None = None,
    *,
    gelu: str | None = None,
    head: str | None = None,
    squash: str | None = None,
) -> Imported:
    """Read a published model.

    Parameters
    ----------
    weights : path
        Keras-2 HDF5, a whole model or weights alone, or a TensorFlow-1 checkpoint.
    params : path
        Its params.json, or the table of the paper's code.
    targets : path, optional
        Its targets.txt; tracks are numbered without it.
    gelu : {"sigmoid", "tanh"}, optional
        Which function "gelu" is; told by the file's layers by default.
    head : str, optional
        Of several heads ("human", "mouse"), the one to import; by default the one that fits.
    squash : {"sqrt", "borzoi"}, optional
        What `_sqrt` and clip_soft of the targets mean (`core.model.published.targets`), so that
        predictions can be undone to what they were before.

    Raises
    ------
    SighthoundError
        Targets that were squashed, without a word of how.
        Something that is not understood, a layer too many or too few, a shape that does not fit,
        another number of targets than of outputs, or a self-check that fails.
    """
    weights, params = Path(weights), Path(params)
    targets = None if targets is None else Path(targets)
    read = read_params(params)
    stored = read_layers(weights)
    meant, why = _choose_squash(targets, squash)
    tracks = read_targets(targets, meant) if targets is not None else None
    decisions = [f"{weights.name}: {stored.layout}", *([why] if why else [])]
    chosen, why = _choose_head(read, stored, tracks, head)
    if chosen:
        decisions.append(f"head: {chosen} ({why})")
    form = ""
    if uses_gelu(read):
        form, why = _choose_gelu(stored, weights, gelu)
        decisions.append(f"GELU: {form} form ({why})")
    elif gelu is not None:
        raise SighthoundError(f"--gelu {gelu}: no activation in {params.name} is a GELU")
    architecture = published_architecture(read, chosen, form)
    last = _head_layer(architecture, stored, list(head_tracks(read)), chosen, weights)
    if stored.config is not None:
        try:
            check_config(stored.config, architecture, last.name, gelu or "")
        except SighthoundError as error:
            raise SighthoundError(f"{weights.name}: {error}") from None
        except (AttributeError, IndexError, KeyError, TypeError, ValueError) as error:
            raise SighthoundError(
                f"{weights.name}: its description of layers is not Keras 2's ({error!r})"
            ) from None
    assigned = _assign(architecture, stored, last, weights.name, params.name)
    if tracks is None:
        tracks = [Track(f"track{i}", f"track {i}") for i in range(architecture.tracks)]
        decisions.append("tracks: numbered, as no targets were given")
    elif len(tracks) != architecture.tracks:
        raise SighthoundError(
            f"targets {targets} have {len(tracks)} rows, the model has {architecture.tracks} "
            "outputs; give the table that belongs to this model and head"
        )
    info = {
        "published": {
            "weights": weights.name,
            "params": params.name,
            "targets": targets.name if targets else None,
            "head": chosen or None,
            "gelu": form or None,
            "squash": meant or None,
            "decisions": decisions,
        }
    }
    model = Model(
        architecture,
        assigned,
        [track.id for track in tracks],
        strand_pairs=strand_pairs(tracks),  # type: ignore[arg-type]
        # Those of "borzoi" were scaled last; of "sqrt" the scale stays in what is undone.
        output_scale=[1 / (t.scale or 1) for t in tracks] if meant == "borzoi" else None,
        transforms=[track.target_transform for track in tracks],
        info=info,
    )
    model.info["self_check"] = self_check(model)
    difference = model.info["self_check"]["largest_relative_difference"]
    decisions.append(f"self-check: folded and unfolded network differ by at most {difference:.1e}")
    return Imported(model, tracks, tuple(decisions))


def save_imported(directory: str | PathLike[str], imported: Imported) -> None:
    """Write an imported model as a model folder, with its tracks table beside.

    Raises
    ------
    SighthoundError
        The folder is there already and not empty.
    """
    check_free(directory)
    save_model(directory, imported.model, {TRACKS_FILE: tracks_table(imported.tracks)})


def check_free(directory: str | PathLike[str]) -> None:
    """Check that a model folder can be written without replacing anything."""
    directory = Path(directory)
    if directory.exists() and (not directory.is_dir() or own_items(directory)):
        raise SighthoundError(f"{directory} is there already; choose another folder, or remove it")


def self_check(model: Model, seed: int = _CHECK_SEED) -> dict[str, Any]:
    """Compare the folded network with the same weights as Keras layers, on a random sequence.

    Parameters
    ----------
    model : Model
    seed : int
        Of the sequence, which is as short as gives eight bins.

    Returns
    -------
    dict
        largest_relative_difference (of the largest prediction), seed, length, version.

    Raises
    ------
    SighthoundError
        The two differ by more than 0.0001, or predictions are not finite.
    """
    from sighthound.core import __version__

    length = (2 * model.crop + _CHECK_BINS) * model.bin
    rng = np.random.default_rng(seed)
    one_hot = np.eye(4, dtype=np.float32)[rng.integers(0, 4, (1, length))]
    folded = model.predict(one_hot)
    layers = build(model.architecture)
    set_weights(layers, model.weights)
    unfolded = np.array(layers(one_hot, training=False)) * model.output_scale
    for track, transform in enumerate(model.transforms):
        if not transform.is_identity:
            unfolded[..., track] = transform.inverse(unfolded[..., track])
    difference = float(np.abs(folded - unfolded).max() / max(np.abs(unfolded).max(), 1e-30))
    if not difference <= _CHECK_TOLERANCE:  # NaN fails, too
        raise SighthoundError(
            f"self-check failed: folded and unfolded predictions differ by {difference:.1e} of the "
            f"largest, more than {_CHECK_TOLERANCE:g}; the weights may be damaged"
        )
    return {
        "largest_relative_difference": difference,
        "seed": seed,
        "length": length,
        "version": __version__,
    }


def _choose_squash(targets: Path | None, asked: str | None) -> tuple[str, str]:
    """What squashed values of the targets are, and the sentence that says so; empty for none."""
    count, told = squashed_rows(targets) if targets is not None else (0, False)
    if not count:
        if asked is not None:
            raise SighthoundError(f"--squash {asked}: no targets have '_sqrt' or clip_soft")
        return "", ""
    name = targets.name if targets is not None else ""
    if asked is None and not told:
        raise SighthoundError(
            f"{name} says that {count:,} tracks were squashed ('_sqrt' or clip_soft), which means "
            "v^0.75, scaled last, in Borzoi as published and before, and sqrt(v + 1) - 1 of scaled "
            "values later: give --squash borzoi or --squash sqrt"
        )
    meant = asked or "sqrt"
    words = (
        "v^0.75 and c + sqrt(v - c), then scaled: predictions are undone to the experiments' units"
        if meant == "borzoi"
        else "sqrt(v + 1) - 1 and c - 1 + sqrt(v - c + 1) of scaled values: predictions are "
        "undone, and stay times the scale of the table"
    )
    because = "asked for" if asked else f"{name} has words that only later scripts know"
    return meant, f"squashed targets: {count:,} tracks, {meant} form ({because}): {words}"


def _choose_head(
    params: Params, stored: StoredLayers, tracks: list[Track] | None, asked: str | None
) -> tuple[str, str]:
    heads = head_tracks(params)
    listed = ", ".join(f"{name} ({count} tracks)" for name, count in heads.items())
    if asked is not None:
        if asked not in heads:
            raise SighthoundError(f"--head {asked}: the parameters have {listed or 'no heads'}")
        return asked, "asked for"
    if len(heads) == 1:
        return next(iter(heads)), "the only one in the parameters"
    counts = {"the targets": len(tracks)} if tracks is not None else {}
    if len(stored.heads) == 1:
        counts["the only dense layer"] = stored.heads[0].arrays["kernel"].shape[-1]
    for what, count in counts.items():
        fitting = [name for name, units in heads.items() if units == count]
        if len(fitting) == 1:
            return fitting[0], f"fits {what}"
    raise SighthoundError(f"the parameters have several heads: {listed}; choose one: --head NAME")


def _choose_gelu(stored: StoredLayers, path: Path, asked: str | None) -> tuple[str, str]:
    told = gelu_of_names(stored.names)
    if asked is not None:
        against = f", though layer {told[1]!r} says {told[0]}" if told and told[0] != asked else ""
        return asked, f"asked for{against}"
    if told is None:
        raise SighthoundError(
            f"{path.name} does not say which GELU it was trained with, and the wrong one changes "
            "predictions by about 5 %: give --gelu sigmoid for models published before April 2022 "
            "(the cross-species ones), --gelu tanh for later ones"
        )
    since = {"sigmoid": "before April 2022", "tanh": "from April 2022 on"}[told[0]]
    return told[0], f"layer {told[1]!r}, as in models published {since}"


def _head_layer(
    architecture: Architecture, stored: StoredLayers, heads: list[str], chosen: str, path: Path
) -> StoredLayer:
    """Find the stored layer of the chosen head.

    A file has one dense layer; or one a head of the parameters, in order; or those of further
    heads besides, when just one of them has the tracks of the parameters.
    """
    shape = _kernel_shapes(architecture)[-1][1:]
    found = stored.heads
    if not found:
        raise SighthoundError(f"{path.name} has no dense layer at its end; the parameters have one")
    if len(found) == len(heads):
        return found[heads.index(chosen)]
    if len(found) == 1:
        return found[0]
    shapes = [layer.arrays["kernel"].shape[-2:] for layer in found]
    fitting = [layer for layer, s in zip(found, shapes, strict=True) if s == shape]
    if len(fitting) != 1 or any(s[0] != shape[0] for s in shapes):
        listed = ", ".join(f"{la.name} {s}" for la, s in zip(found, shapes, strict=True))
        raise SighthoundError(
            f"{path.name} has {len(found)} dense layers ({listed}); the parameters make "
            f"{len(heads)}, {shape} in {chosen or 'all'}"
        )
    return fitting[0]


def _assign(
    architecture: Architecture, stored: StoredLayers, head: StoredLayer, file: str, params: str
) -> Weights:
    """Give our names to stored arrays, in order within a kind."""
    shapes = weight_shapes(architecture)
    names = list(dict.fromkeys(name.split("/")[0] for name in shapes))
    *convolutions, last = (name for name in names if name.startswith("convolution"))
    normalisations = [name for name in names if name.startswith("normalisation")]
    pairs = [
        *_pair("convolutions", convolutions, stored.convolutions, file, params),
        *_pair("batch normalisations", normalisations, stored.normalisations, file, params),
        (last, head),
    ]
    weights: Weights = {}
    for name, layer in pairs:
        for part in NORMALISATION if name in normalisations else ("kernel", "bias"):
            array, shape = layer.arrays.get(part), shapes.get(f"{name}/{part}")
            if name == last and part == "kernel" and array is not None and array.ndim == 2:
                array = array[None]  # a dense layer is a convolution of width 1
            if (None if array is None else array.shape) != shape:
                given = "missing" if array is None else f"of shape {array.shape}"
                wanted = f"shape {shape}" if shape else "no such weight"
                raise SighthoundError(
                    f"{file}: {part} of layer {layer.name!r} is {given}; {params} makes {wanted}"
                )
            if array is not None:
                weights[f"{name}/{part}"] = array
    return {name: weights[name] for name in shapes}


def _pair(
    kind: str, names: list[str], layers: list[StoredLayer], file: str, params: str
) -> list[tuple[str, StoredLayer]]:
    """Pair our layers with stored ones of a kind, which must be as many."""
    if len(layers) != len(names):
        rest = [layer.name for layer in layers[len(names) :]]
        surplus = f" ({', '.join(map(repr, rest))} without a place)" if rest else ""
        raise SighthoundError(
            f"{file} has {len(layers)} {kind}{surplus}, {params} makes {len(names)}; "
            "they are of different models"
        )
    return list(zip(names, layers, strict=True))


def _kernel_shapes(architecture: Architecture) -> list[tuple[int, ...]]:
    return [s for name, s in weight_shapes(architecture).items() if name.endswith("/kernel")]
