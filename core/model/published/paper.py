"""The flat table of parameters of the paper's code (2018): one entry a layer under every key."""

from __future__ import annotations

import itertools
import math
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

from sighthound.core.errors import SighthoundError
from sighthound.core.model.architecture import Architecture
from sighthound.core.model.blocks import Block, Convolution, Crop, Dilated
from sighthound.core.model.published.keys import Params, number, refuse_unknown
from sighthound.core.text import split_lines


def paper_architecture(params: Params) -> Architecture:
    """Translate the flat table of the paper's code.

    Parameters
    ----------
    params : dict
        num_targets, batch_length (or seq_length), batch_buffer, link, and lists cnn_filters,
        cnn_filter_sizes, cnn_pool, cnn_dilation, cnn_dense with one number a layer.
    """
    where = "parameters"
    per_layer = {"cnn_filters", "cnn_filter_sizes", "cnn_pool", "cnn_dilation", "cnn_dense"}
    single = {"batch_length", "seq_length", "batch_buffer", "num_targets", "target_pool", "link"}
    refuse_unknown(params, per_layer | single | {"cnn_dropout", "nonlinearity"}, where)
    if params.get("nonlinearity", "relu") != "relu":
        raise SighthoundError(f"{where}: nonlinearity {params['nonlinearity']!r} is not 'relu'")
    filters = _per_layer(params, "cnn_filters", None)
    count = len(filters)
    widths = _per_layer(params, "cnn_filter_sizes", count)
    pools = _per_layer(params, "cnn_pool", count, 1)
    dilations = _per_layer(params, "cnn_dilation", count, 1)
    dense = _per_layer(params, "cnn_dense", count, 0)
    dropouts = _per_layer(params, "cnn_dropout", count, 0)
    blocks: list[Block] = []
    sees = (i for i in range(count) if widths[i] > 1 or pools[i] > 1 or dense[i])
    last = max(sees, default=count - 1)
    length = "batch_length" if "batch_length" in params else "seq_length"
    bases = int(number(params, length, where))
    bin_size = math.prod(int(pool) for pool in pools)
    for i in range(count):
        if dense[i]:
            if pools[i] != 1:
                raise SighthoundError(f"{where}: layer {i} is dense and pools; that is not known")
            dilation, width = int(dilations[i]), int(widths[i])
            blocks.append(Dilated(int(filters[i]), (dilation,), "dense", width, dropouts[i]))
        elif dilations[i] != 1:
            raise SighthoundError(f"{where}: layer {i} is dilated but not dense; that is not known")
        else:
            width, pool = int(widths[i]), int(pools[i])
            blocks.append(Convolution(int(filters[i]), width, pool, dropouts[i]))
        if i == last:
            blocks.append(_paper_crop(params, bin_size, where))
    return Architecture(
        sequence_length=bases,
        blocks=tuple(_join_dilated(blocks)),
        tracks=int(number(params, "num_targets", where)),
        link=str(params.get("link", "exp_linear")),
    )


def _paper_crop(params: Params, bin_size: int, where: str) -> Crop:
    """Give the paper's buffer, which is cut off behind the last layer that sees neighbours."""
    pool = int(number({"target_pool": bin_size} | params, "target_pool", where))
    buffer = int(number(params, "batch_buffer", where))
    if pool != bin_size or buffer % bin_size:
        raise SighthoundError(
            f"{where}: target_pool {pool} and batch_buffer {buffer} do not fit pools that make "
            f"bins of {bin_size}"
        )
    return Crop(buffer // bin_size)


def _join_dilated(blocks: list[Block]) -> Iterator[Block]:
    """Make one block of dilated layers that follow each other and differ in dilation only."""

    def layer(block: Block) -> Dilated | None:
        return replace(block, dilations=()) if isinstance(block, Dilated) else None

    for alike, group in itertools.groupby(blocks, key=layer):
        if alike is None:
            yield from group
        else:
            dilations = (d for b in group if isinstance(b, Dilated) for d in b.dilations)
            yield replace(alike, dilations=tuple(dilations))


def _per_layer(
    params: Params, key: str, count: int | None, default: float | None = None
) -> list[Any]:
    value = params.get(key)
    if value is None and default is not None and count is not None:
        return [default] * count
    values = value if isinstance(value, list) else [value]
    are_numbers = all(isinstance(v, int | float) for v in values)
    if not values or not are_numbers or (count is not None and len(values) != count):
        raise SighthoundError(
            f"parameters: {key} is {value!r}; expected {count or 'a list of'} numbers, one a layer"
        )
    return values


def read_key_values(text: str, path: Path) -> Params:
    """Read lines "key value"; keys of layers (cnn_...) come once a layer."""
    params: Params = {}
    for at, line in enumerate(split_lines(text), 1):
        cells = line.split()
        if not cells or cells[0].startswith("#"):
            continue
        if len(cells) != 2:
            raise SighthoundError(f"parameters {path}, line {at}: expected 'key value'")
        key, value = cells[0], _value(cells[1])
        if key.startswith("cnn_"):
            params.setdefault(key, []).append(value)
        else:
            params[key] = value
    return params


def _value(text: str) -> int | float | str:
    for kind in (int, float):
        try:
            return kind(text)
        except ValueError:
            continue
    return text
