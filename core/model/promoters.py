"""What a promoter drives in a reporter: read off a network's tower, as measured ones taught it.

A training that has measured promoters as a second task leaves a readout beside every network: a
weighted sum of the tower's outputs, averaged over the bins of a promoter that stands between zeros.
It tells of a promoter by itself, as a reporter does, and in the unit of the measured ones: standard
deviations of their expression.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from sighthound.core.errors import SighthoundError

if TYPE_CHECKING:
    from sighthound.core.model.model import Model

PROMOTERS = "promoters"  # in what a model's description says besides
_AT_ONCE = 256


@dataclass(frozen=True)
class PromoterReadout:
    """What reads a network's tower as the expression of a reporter.

    Attributes
    ----------
    insert : int
        Bases of a promoter: the median of those that were measured.
    length : int
        Bases of promoter and zeros together, as they were learned.
    weights : tuple of float
        One a channel of the tower.
    constant : float
    promoters : int
        How many it was learned from.
    r : float
        Pearson's correlation with their measured expression: of what it learned from, no accuracy.
    """

    insert: int
    length: int
    weights: tuple[float, ...]
    constant: float
    promoters: int
    r: float

    def expression(self, model: Model, promoters: NDArray[np.uint8]) -> NDArray[np.float64]:
        """Predict what promoters express in a reporter.

        Parameters
        ----------
        model : Model
            The network that it reads.
        promoters : uint8 array, (promoters, `insert`, 4)
            One-hot bases, read in the direction of the reporter's gene.

        Returns
        -------
        float64 array, (promoters,)
            In standard deviations of the measured expression, from its mean.
        """
        count, insert, _ = promoters.shape
        between = np.zeros((count, self.length, 4), np.uint8)
        first = (self.length - insert) // 2
        between[:, first : first + insert] = promoters
        return tower_means(model, between) @ np.array(self.weights) + self.constant


@dataclass(frozen=True, eq=False)
class PromoterNetwork:
    """A network with its readout."""

    model: Model
    readout: PromoterReadout

    def expression(self, promoters: NDArray[np.uint8]) -> NDArray[np.float64]:
        """Predict what promoters express, as `PromoterReadout.expression`."""
        return self.readout.expression(self.model, promoters)


def tower_means(model: Model, sequences: NDArray[np.uint8]) -> NDArray[np.float64]:
    """Average the outputs of a network's tower over the bins of sequences.

    Parameters
    ----------
    sequences : uint8 array, (sequences, length, 4)
        The length is a multiple of the bin.

    Returns
    -------
    float64 array, (sequences, channels)
    """
    represent = model.graph().represent
    parts = [
        np.asarray(represent(sequences[at : at + _AT_ONCE].astype(np.float32))).mean(
            axis=1, dtype=np.float64
        )
        for at in range(0, len(sequences), _AT_ONCE)
    ]
    return np.concatenate(parts)


def with_readout(model: Model, readout: PromoterReadout) -> Model:
    """Put a readout into what a model's description says, in place."""
    model.info[PROMOTERS] = asdict(readout) | {"weights": list(readout.weights)}
    return model


def readout_of(model: Model) -> PromoterReadout | None:
    """Give the readout of a network; None where it has none.

    Raises
    ------
    SighthoundError
        The model's description is damaged.
    """
    said = model.info.get(PROMOTERS)
    if said is None:
        return None
    try:
        readout = PromoterReadout(**{**said, "weights": tuple(map(float, said["weights"]))})
    except (KeyError, TypeError, ValueError):
        raise SighthoundError(
            "the model's readout of promoters is damaged; train the model again"
        ) from None
    return readout


def promoter_networks(model: Model, members: Sequence[Model] = ()) -> tuple[PromoterNetwork, ...]:
    """Give the networks that are asked of promoters: those that taught a model, or it alone.

    Parameters
    ----------
    members : sequence of Model
        The networks that taught the model.

    Returns
    -------
    tuple of PromoterNetwork
        Empty where one of them has no readout.
    """
    asked = list(members) or [model]
    found = [(one, readout_of(one)) for one in asked]
    networks = tuple(PromoterNetwork(one, its) for one, its in found if its is not None)
    return networks if len(networks) == len(found) else ()


def networks_hash(networks: Sequence[PromoterNetwork]) -> str:
    """Give what changes whenever effects on a reporter could."""
    said = [(one.model.hash, asdict(one.readout)) for one in networks]
    return hashlib.sha256(json.dumps(said).encode()).hexdigest()[:16]
