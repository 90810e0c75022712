"""What is searched: numbers of a network and of its training, around those that a project has.

As in the Bayesian optimisation of Kelley et al. 2018: filters and widths of the convolutions,
filters and number of the dilated layers, units of the last layer, dropout, rate and moments of
Adam. Pools, crop and activations stay, and with them the size of bins.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace

from sighthound.core.errors import SighthoundError
from sighthound.core.model.architecture import Architecture
from sighthound.core.model.blocks import Block, Convolution, Crop, Dilated
from sighthound.precompute.training.settings import TrainingSettings
from sighthound.precompute.tuning.settings import RANGES, Range, TuneSettings

_FREE: dict[str, Range] = {"dropout": (0.0, 0.5), "beta_1": (0.8, 0.99), "beta_2": (0.9, 0.9999)}
_OF_TRAINING = ("learning_rate", "beta_1", "beta_2")


@dataclass(frozen=True)
class Parameter:
    """One number that is searched.

    Attributes
    ----------
    name : str
        As in tables: that of its key in [tune], with the number of the convolution where there are
        several, as in filters_2.
    own : float
        What the project has.
    is_count : bool
        A whole number.
    log : bool
        Searched on a scale of logarithms.
    """

    name: str
    own: float
    low: float
    high: float
    is_count: bool
    log: bool

    @property
    def first(self) -> float:
        """What the project has, or the end of the range that is nearest."""
        return min(max(self.own, self.low), self.high)


def search_space(
    architecture: Architecture, training: TrainingSettings, tune: TuneSettings
) -> list[Parameter]:
    """List what is searched around a network, in the order of its layers.

    Raises
    ------
    SighthoundError
        [tune] searches, or gives a range of, what the network does not have.
    """
    found = []
    for key, name, own in _numbers(architecture, training):
        if tune.search and key not in tune.search:
            continue
        low, high = getattr(tune, key) or _default(key, own)
        is_count = RANGES[key][0]
        found.append(Parameter(name, own, low, high, is_count, is_count or key == "learning_rate"))
    known = {key for key, _, _ in _numbers(architecture, training)}
    for key in RANGES:
        if key not in known and (key in tune.search or getattr(tune, key) is not None):
            raise SighthoundError(
                f"[tune] names {key}, but the architecture {training.architecture!r} has no layer "
                "of that kind; leave it out"
            )
    return found


def with_values(
    architecture: Architecture, training: TrainingSettings, values: Mapping[str, float]
) -> tuple[Architecture, TrainingSettings]:
    """Put values by the names of parameters into a network and its training."""
    head = _head(architecture)
    blocks: list[Block] = []
    number = 0
    for place, block in enumerate(architecture.blocks):
        if _is_of_tower(architecture, place):
            number += 1
            assert isinstance(block, Convolution)
            block = replace(
                block,
                filters=int(values.get(f"filters_{number}", block.filters)),
                width=int(values.get(f"widths_{number}", block.width)),
            )
        elif isinstance(block, Dilated):
            layers = int(values.get("dilated_layers", len(block.dilations)))
            block = replace(
                block,
                filters=int(values.get("dilated_filters", block.filters)),
                dilations=_dilations(block.dilations, layers),
                dropout=float(values.get("dropout", block.dropout)),
            )
        elif place == head:
            assert isinstance(block, Convolution)
            block = replace(block, filters=int(values.get("units", block.filters)))
        blocks.append(block)
    own = {name: float(values[name]) for name in _OF_TRAINING if name in values}
    return replace(architecture, blocks=tuple(blocks)), replace(training, **own)  # type: ignore[arg-type]


def _numbers(
    architecture: Architecture, training: TrainingSettings
) -> Iterator[tuple[str, str, float]]:
    """Key, name and own value of all that may be searched."""
    head = _head(architecture)
    number = 0
    dilated_seen = False
    for place, block in enumerate(architecture.blocks):
        if _is_of_tower(architecture, place):
            number += 1
            assert isinstance(block, Convolution)
            yield "filters", f"filters_{number}", block.filters
            if block.width > 1:
                yield "widths", f"widths_{number}", block.width
        elif isinstance(block, Dilated) and not dilated_seen:
            dilated_seen = True
            yield "dilated_filters", "dilated_filters", block.filters
            yield "dilated_layers", "dilated_layers", len(block.dilations)
            yield "dropout", "dropout", block.dropout
        elif place == head:
            assert isinstance(block, Convolution)
            yield "units", "units", block.filters
    for name in _OF_TRAINING:
        yield name, name, getattr(training, name)


def _is_of_tower(architecture: Architecture, place: int) -> bool:
    """Whether a block is a convolution before the dilated layers and the crop."""
    before = architecture.blocks[: place + 1]
    is_behind = any(block.is_stacked or isinstance(block, Crop) for block in before)
    return isinstance(architecture.blocks[place], Convolution) and not is_behind


def _head(architecture: Architecture) -> int:
    """Place of the last convolution behind the tower; -1 where there is none."""
    places = [
        place
        for place, block in enumerate(architecture.blocks)
        if isinstance(block, Convolution) and not _is_of_tower(architecture, place)
    ]
    return places[-1] if places else -1


def _dilations(own: tuple[int, ...], layers: int) -> tuple[int, ...]:
    """The first so many; further ones each twice the one before."""
    made = list(own[:layers])
    while len(made) < layers:
        made.append(2 * made[-1])
    return tuple(made)


def _default(key: str, own: float) -> Range:
    if key in _FREE:
        return _FREE[key]
    if key == "learning_rate":
        return own / 5, own * 5
    if key == "dilated_layers":
        return max(1, own - 3), own + 1
    return max(1, own // 2), own * 2
