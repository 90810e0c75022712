"""The filters of a network's first layer as motifs.

As Kelley et al. 2016 (Basset) and 2018 do it: slide over sequences, take the windows that activate
a filter over half of its maximum, and count their bases.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field, replace

import numpy as np

from sighthound.core.errors import SighthoundError
from sighthound.core.model.activations import activation_named
from sighthound.core.model.blocks import Convolution
from sighthound.core.model.model import Model
from sighthound.core.model.operations import NORMALISATION
from sighthound.core.motifs.jaspar import UNIFORM, Motif, background_of
from sighthound.core.motifs.match import MATCH_Q_VALUE, MotifMatch, match_matrices

ACTIVE_SHARE = 0.5  # of a filter's largest activation, above which a window counts
LEAST_WINDOWS = 10  # fewer make no motif
# Columns at the ends of a filter that say less than this are left out before it is compared.
LEAST_BITS = 0.25
_BATCH_WINDOWS = 50_000
_ORDERS = (
    "conv_norm_activation",
    "conv_pool_norm_activation",
    "activation_conv_norm",
    "conv_activation",
)


@dataclass(frozen=True)
class FilterMotif:
    """What activates one filter.

    Attributes
    ----------
    filter : int
        Its index.
    windows : int
        Windows over half of the maximum.
    maximum : float
        Largest activation in the sequences; 0 for a filter that none activates.
    sign : int
        -1 where normalisation turns the filter round after the pool, so that its motif lowers the
        unit. It is 1 otherwise.
    information : float
        Bits, summed over the columns, against the composition of the sequences.
    motif : Motif or None
        None where fewer than `LEAST_WINDOWS` windows activate the filter.
    matches : tuple of MotifMatch
        Known motifs that look like it, by p-value; places are those in the filter.
    """

    filter: int
    windows: int
    maximum: float
    sign: int
    information: float
    motif: Motif | None
    matches: tuple[MotifMatch, ...] = field(default=())


def first_layer_motifs(
    model: Model,
    sequences: np.ndarray,
    motifs: Sequence[Motif] = (),
    q_below: float = MATCH_Q_VALUE,
) -> list[FilterMotif]:
    """Turn the filters of a model's first convolution into motifs, and name them.

    Parameters
    ----------
    model : Model
    sequences : array, (sequences, length, 4), A C G T
        What is slid over; windows with N do not count. A few hundred thousand bases are enough.
    motifs : sequence of Motif
        Known motifs to compare with; none compares nothing.
    q_below : float
        Largest q-value of a match.

    Returns
    -------
    list of FilterMotif, one a filter, in the model's order

    Raises
    ------
    SighthoundError
        The network does not begin with a convolution, or the sequences hold no whole window.
    """
    kernel, scale, shift, sign = _first_layer(model)
    width, _, filters = kernel.shape
    sequences = np.asarray(sequences)
    if sequences.ndim != 3 or sequences.shape[2] != 4:
        raise SighthoundError(f"sequences are {sequences.shape}; expected (sequences, length, 4)")
    flat = (kernel.reshape(-1, filters) * scale).astype(np.float32)
    shift = shift.astype(np.float32)
    # Every activation function of ours rises where its argument is positive, so that half of the
    # maximum is asked of what enters it: the response, cut at 0.
    maximum, seen = np.zeros(filters), 0
    for windows in _windows(sequences, width):
        seen += len(windows)
        maximum = np.maximum(maximum, (windows @ flat + shift).max(axis=0))
    if not seen:
        raise SighthoundError(f"the sequences hold no window of {width} bases without N")
    counts = np.zeros((width * 4, filters))
    active = np.zeros(filters, int)
    for windows in _windows(sequences, width):
        response = windows @ flat + shift
        is_active = (response > ACTIVE_SHARE * maximum) & (response > 0)
        counts += windows.T @ is_active.astype(np.float32)
        active += is_active.sum(axis=0)
    background = background_of(sequences)
    found = []
    for index in range(filters):
        motif = None
        if active[index] >= LEAST_WINDOWS:
            motif = Motif(f"filter_{index}", "", counts[:, index].reshape(width, 4))
        bits = float(motif.information(background).sum()) if motif else 0.0
        found.append(
            FilterMotif(
                index, int(active[index]), float(maximum[index]), int(sign[index]), bits, motif
            )
        )
    return _named(found, motifs, q_below) if motifs else found


def random_sequences(
    count: int, length: int, background: np.ndarray = UNIFORM, seed: int = 0
) -> np.ndarray:
    """Draw random sequences of a composition.

    Returns
    -------
    uint8 array, (count, length, 4)
    """
    bases = np.random.default_rng(seed).choice(4, (count, length), p=background)
    return np.eye(4, dtype=np.uint8)[bases]


def informative_columns(probabilities: np.ndarray, least: float = LEAST_BITS) -> tuple[int, int]:
    """Give the first and the last column, half-open, that hold at least `least` bits.

    Columns between them count whatever they hold; (0, 0) where none does.
    """
    bits = Motif("columns", "", probabilities).information()
    columns = np.flatnonzero(bits >= least)
    return (int(columns[0]), int(columns[-1]) + 1) if columns.size else (0, 0)


def _first_layer(model: Model) -> tuple[np.ndarray, np.ndarray, np.ndarray, np.ndarray]:
    """Kernel (width, 4, filters), and scale, shift and sign (filters,) of its response to a window.

    The response is scale x (kernel * window) + shift, for one-hot windows.
    """
    blocks = model.architecture.blocks
    if not blocks or not isinstance(blocks[0], Convolution):
        raise SighthoundError("the network does not begin with a convolution: it has no filters")
    block = blocks[0]
    kernel = model.weights["convolution_00/kernel"].astype(np.float32)
    ones = np.ones(block.filters)
    if block.order not in _ORDERS:
        raise SighthoundError(
            f"filters of a first layer of order {block.order!r} are not read; "
            f"those of {', '.join(_ORDERS)} are"
        )
    if block.order == "activation_conv_norm":
        # The activation meets the bases themselves: f(0) = 0, and 1 becomes f(1).
        kernel = kernel * np.float32(activation_named(block.activation).of_numbers(np.ones(1))[0])
    if block.order == "conv_activation":
        return kernel, ones, model.weights["convolution_00/bias"].astype(float), ones
    gamma, beta, mean, variance = (
        model.weights[f"normalisation_00/{part}"].astype(float) for part in NORMALISATION
    )
    scale = gamma / np.sqrt(variance + model.architecture.norm_epsilon)
    if block.order == "conv_pool_norm_activation" and block.pool > 1:
        # The pool takes the largest value before the normalisation: the window that decides is the
        # one that the kernel likes best, whether the unit then rises or falls with it.
        rises = scale >= 0
        return (
            kernel,
            np.abs(scale),
            np.where(rises, beta - mean * scale, 0),
            np.where(rises, 1, -1),
        )
    return kernel, scale, beta - mean * scale, ones


def _windows(sequences: np.ndarray, width: int) -> Iterator[np.ndarray]:
    """Windows without N as rows of float32 (windows, width x 4), in batches."""
    length = sequences.shape[1]
    if length < width:
        return
    step = max(1, _BATCH_WINDOWS // length)
    for at in range(0, len(sequences), step):
        batch = np.asarray(sequences[at : at + step], np.float32)
        views = np.lib.stride_tricks.sliding_window_view(batch, width, axis=1)
        rows = views.transpose(0, 1, 3, 2).reshape(-1, width * 4)
        rows = rows[rows.sum(axis=1) == width]
        if len(rows):
            yield rows


def _named(found: list[FilterMotif], motifs: Sequence[Motif], q_below: float) -> list[FilterMotif]:
    places = {}
    for filter_ in found:
        if filter_.motif is not None:
            first, last = informative_columns(filter_.motif.probabilities)
            if last > first:
                places[filter_.filter] = first, last
    matrices = [
        found[index].motif.probabilities[first:last]  # type: ignore[union-attr]
        for index, (first, last) in places.items()
    ]
    named = dict(zip(places, match_matrices(matrices, motifs, q_below), strict=True))
    return [
        replace(
            filter_,
            matches=tuple(
                replace(m, start=places[filter_.filter][0], end=places[filter_.filter][1])
                for m in named.get(filter_.filter, ())
            ),
        )
        for filter_ in found
    ]
