"""Parameter files of published models -> architectures.

Two kinds: params.json of the Keras code (2019 on), whose section "model" lists blocks, and the flat
table of the paper's code (2018), as JSON or as lines "key value" with one line a layer. A key is
used, or known to concern training only, or refused. Blocks are described at
https://github.com/calico/basenji (Apache-2.0).
"""

from __future__ import annotations

import json
import math
import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

from sighthound.core.errors import SighthoundError
from sighthound.core.model.architecture import Architecture
from sighthound.core.model.blocks import Activation, Block, Convolution, Crop, Dilated
from sighthound.core.model.published.keys import Params, number, refuse_unknown
from sighthound.core.model.published.paper import paper_architecture, read_key_values
from sighthound.core.text import read_text

_GELU = "gelu"


def read_params(path: Path) -> Params:
    """Read a parameter file of either kind.

    Raises
    ------
    SighthoundError
        It cannot be read, or is neither JSON nor lines of "key value".
    """
    text = read_text(path)
    try:
        params = json.loads(text)
    except ValueError as error:
        if text.lstrip().startswith("{"):
            raise SighthoundError(f"parameters {path} are not valid JSON: {error}") from None
        params = read_key_values(text, path)
    is_table = isinstance(params, dict) and "cnn_filters" in params
    if not is_table and not (isinstance(params, dict) and isinstance(params.get("model"), dict)):
        raise SighthoundError(
            f"parameters {path} have neither a section 'model' (Keras models) nor 'cnn_filters' "
            "(the paper's code)"
        )
    return params


def uses_gelu(params: Params) -> bool:
    """Whether an activation is called "gelu", of which there are two."""
    if "model" not in params:
        return False
    model = params["model"]
    blocks = [*_listed(model, "trunk"), *(b for _, head in _heads(model) for b in head)]
    named = [b.get("activation") for b in blocks if isinstance(b, dict)]
    return _GELU in [model.get("activation"), *named]


def head_tracks(params: Params) -> dict[str, int]:
    """Tracks of every head, in the order in which the published code builds them.

    Examples
    --------
    >>> head_tracks({"model": {"trunk": [], "head_human": {"name": "final", "units": 5313}}})
    {'human': 5313}
    """
    if "model" not in params:
        return {"": int(number(params, "num_targets", "parameters"))}
    heads = {name: _final(name, blocks)["units"] for name, blocks in _heads(params["model"])}
    if not heads:
        raise SighthoundError("params.json has no head; expected a key 'head' or 'head_...'")
    return heads


def published_architecture(params: Params, head: str, gelu: str) -> Architecture:
    """Translate parameters into an architecture.

    Parameters
    ----------
    params : dict
        What `read_params` gave.
    head : str
        A key of `head_tracks`.
    gelu : {"sigmoid", "tanh"}
        Which function "gelu" stands for.

    Raises
    ------
    SighthoundError
        An unknown block, a key or value that would change the computation in a way not understood.
    """
    if "model" in params:
        return _keras_architecture(params["model"], head, gelu)
    return paper_architecture(params)


def _keras_architecture(model: Params, head: str, gelu: str) -> Architecture:
    where = "params.json, 'model'"
    heads = dict(_heads(model))
    refuse_unknown(
        {k: v for k, v in model.items() if not k.startswith("head")},
        {"seq_length", "trunk", "activation", "strand_pair"},
        where,
    )
    if not (model.get("norm_type") == "batch" or model.get("batch_norm") is True):
        raise SighthoundError(
            f"{where}: norm_type is {model.get('norm_type')!r}; only 'batch' is understood"
        )
    default = model.get("activation", "relu")
    blocks: list[Block] = []
    for block in _listed(model, "trunk"):
        blocks += _translate(block, default, gelu)
    blocks.append(Activation(_activation(default, gelu, where)))
    *between, _ = heads[head]
    for block in between:
        blocks += _translate(block, default, gelu)
    final = _final(head, heads[head])
    if final["activation"] != "softplus":
        raise SighthoundError(
            f"params.json, head {head!r}: its activation is {final['activation']!r}; "
            "only 'softplus' is understood"
        )
    return Architecture(
        sequence_length=int(number(model, "seq_length", where)),
        blocks=tuple(blocks),
        tracks=final["units"],
        norm_momentum=number({"bn_momentum": 0.99} | model, "bn_momentum", where),
    )


def _translate(block: Any, default: str, gelu: str) -> list[Block]:
    """Turn one published block into ours."""
    name = str(block.get("name")) if isinstance(block, dict) else str(block)
    if name not in _BLOCKS or not isinstance(block, dict):
        raise SighthoundError(
            f"params.json: unknown block {name!r}; understood are {', '.join(_BLOCKS)}, final"
        )
    used, translate = _BLOCKS[name]
    where = f"params.json, block {name!r}"
    refuse_unknown(block, used, where)
    values = dict(block)
    if name != "Cropping1D":
        values["activation"] = _activation(block.get("activation", default), gelu, where)
    try:
        return translate(values, where)
    except (TypeError, ValueError, ArithmeticError):
        raise SighthoundError(f"{where}: a value is not a number: {block}") from None


def _conv_block(block: Params, where: str) -> list[Block]:
    if int(block.get("dilation_rate", 1)) != 1:
        raise SighthoundError(
            f"{where}: dilation_rate {block['dilation_rate']} is not understood; expected 1"
        )
    is_first = block["name"] == "conv_dna"
    return [
        Convolution(
            int(number(block, "filters", where)),
            int(block.get("kernel_size", 15 if is_first else 1)),
            int(block.get("pool_size", 1)),
            dropout=float(block.get("dropout", 0)),
            activation=block["activation"],
            order="conv_norm_activation" if is_first else "activation_conv_norm",
        )
    ]


def _conv_tower(block: Params, where: str) -> list[Block]:
    first = number(block, "filters_init", where)
    repeat = int(block.get("repeat", 1))
    if block.get("filters_mult") is not None:
        factor = float(block["filters_mult"])
    elif repeat > 1:
        factor = math.exp(math.log(number(block, "filters_end", where) / first) / (repeat - 1))
    else:
        factor = 1.0
    filters = scaled_filters(first, factor, repeat, int(block.get("divisible_by", 1)))
    return [b for f in filters for b in _conv_block({**block, "filters": f}, where)]


def _dilated(block: Params, where: str) -> list[Block]:
    repeat, factor = int(block.get("repeat", 1)), float(block.get("rate_mult", 2))
    is_dense = block["name"] == "dilated_dense"
    return [
        Dilated(
            int(number(block, "filters", where)),
            scaled_dilations(factor, repeat, rounded=bool(block.get("round", False))),
            style="dense_preactivation" if is_dense else "residual",
            width=int(block.get("kernel_size", 3)),
            # The published code reads the dropout of dense blocks and leaves it out.
            dropout=0.0 if is_dense else float(block.get("dropout", 0)),
            activation=block["activation"],
        )
    ]


def _crop(block: Params, where: str) -> list[Block]:
    sides = block.get("cropping")
    both = sides if isinstance(sides, list) else [sides, sides]
    if len(both) != 2 or both[0] != both[1]:
        raise SighthoundError(f"{where}: cropping {sides} must be the same on both sides")
    return [Crop(int(both[0] or 0))]


_CONVOLUTION = {"name", "filters", "kernel_size", "pool_size", "dropout", "activation"}
_TOWER = {"filters_init", "filters_mult", "filters_end", "divisible_by", "repeat", "dilation_rate"}
_DILATED = {"name", "filters", "kernel_size", "rate_mult", "repeat", "dropout", "activation"}
_BLOCKS: dict[str, tuple[set[str], Callable[[Params, str], list[Block]]]] = {
    "conv_dna": (_CONVOLUTION | {"dropout_residual"}, _conv_block),
    "conv_block": (_CONVOLUTION | {"dilation_rate"}, _conv_block),
    "conv_tower": ((_CONVOLUTION - {"filters"}) | _TOWER, _conv_tower),
    "dilated_dense": (_DILATED, _dilated),
    "dilated_residual": (_DILATED | {"round"}, _dilated),
    "Cropping1D": ({"name", "cropping"}, _crop),
}


def scaled_filters(first: float, factor: float, repeat: int, divisible_by: int = 1) -> list[int]:
    """Filters of a tower whose layers grow by a factor; what is multiplied is never rounded.

    Examples
    --------
    >>> scaled_filters(339, 1.1776, 6)
    [339, 399, 470, 554, 652, 768]
    """
    filters, exact = [], float(first)
    for _ in range(repeat):
        filters.append(round(exact / divisible_by) * divisible_by)
        exact *= factor
    return filters


def scaled_dilations(factor: float, repeat: int, *, rounded: bool = False) -> tuple[int, ...]:
    """Dilations from 1 that grow by a factor.

    Parameters
    ----------
    rounded : bool
        The factor multiplies the rounded dilation before it; otherwise the exact one.

    Examples
    --------
    >>> scaled_dilations(1.5, 11, rounded=True)
    (1, 2, 3, 4, 6, 9, 14, 21, 32, 48, 72)
    """
    dilations, dilation = [], 1.0
    for _ in range(repeat):
        dilations.append(round(dilation))
        dilation = round(dilation * factor) if rounded else dilation * factor
    return tuple(dilations)


def _heads(model: Params) -> list[tuple[str, list[Any]]]:
    """Name and blocks of every head, in natural order of their keys."""
    keys = sorted(
        (key for key in model if key.startswith("head")),
        key=lambda key: [int(p) if p.isdigit() else p for p in re.split(r"(\d+)", key)],
    )
    return [(key.removeprefix("head").lstrip("_") or "head", _listed(model, key)) for key in keys]


def _listed(model: Params, key: str) -> list[Any]:
    value = model.get(key)
    if isinstance(value, dict):
        return [value]
    if not isinstance(value, list):
        raise SighthoundError(f"params.json, 'model': {key} must be a list of blocks")
    return value


def _final(head: str, blocks: list[Any]) -> Params:
    where = f"params.json, head {head!r}"
    names = [block.get("name") if isinstance(block, dict) else None for block in blocks]
    if not names or names[-1] != "final" or "final" in names[:-1]:
        raise SighthoundError(f"{where}: expected its last block to be 'final'; got {names}")
    final = dict(blocks[-1])
    refuse_unknown(final, {"name", "units", "activation"}, where)
    return {
        "units": int(number(final, "units", where)),
        "activation": final.get("activation", "linear"),
    }


def _activation(name: Any, gelu: str, where: str) -> str:
    if name not in {"relu", _GELU}:
        raise SighthoundError(f"{where}: unknown activation {name!r}; understood: relu, gelu")
    return f"gelu_{gelu}" if name == _GELU else str(name)
