"""Predictions of a stretch of a chromosome, window by window, every bin with its full context.

Windows overlap by the network's receptive field, so the result does not depend on where windows
fall; beyond chromosome ends the context is zeros.
"""

from __future__ import annotations

import functools
import math
import operator
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass

import numpy as np
from scipy import sparse

from sighthound.core.genome.sequence import Genome, Interval
from sighthound.core.model.architecture import Architecture
from sighthound.core.model.blocks import Convolution
from sighthound.core.model.ensemble import Ensemble
from sighthound.core.model.model import Model
from sighthound.core.model.window import Window
from sighthound.core.variants.individual import make_copy
from sighthound.core.variants.variant import Variant

# Longer windows waste less on context, but what the first layer makes of one must fit in memory.
_CORE_BINS = (4096, 2048, 1024)
_FIRST_LAYER_BYTES = 400 << 20
_SPARE_BINS = 8  # by which a window grows when insertions push its last bins out


@dataclass(frozen=True)
class PredictionWindow:
    """A sequence to be predicted, of the reference or of an individual, and what is wanted of it.

    Attributes
    ----------
    first, bins : int
        What is wanted of it, in bins of the reference from the start of the chromosome.
    one_hot : uint8 array, (length, 4)
    take : callable
        Gives the wanted bins, (bins, tracks), of what the network says of the window.
    """

    first: int
    bins: int
    one_hot: np.ndarray
    take: Callable[[np.ndarray], np.ndarray]


@dataclass(frozen=True)
class Layout:
    """How windows lie: bins wanted of each, and bins of context on either side."""

    core: int
    margin: int
    bin: int
    crop: int

    @classmethod
    def of(cls, model: Model, ensemble: Ensemble, bins: int, core: int | None = None) -> Layout:
        """For a stretch of so many bins."""
        context = model.receptive_field_bins
        context += math.ceil(ensemble.furthest / model.bin)
        margin = max(context, model.crop)
        core = core or _core_bins(model.architecture, margin)
        # Short stretches take short windows, in powers of two so that few shapes are compiled.
        core = min(core, 1 << max(0, bins - 1).bit_length())
        return cls(core, margin, model.bin, model.crop)

    @property
    def bases(self) -> int:
        """Bases of a window."""
        return (self.core + 2 * self.margin) * self.bin


def _core_bins(architecture: Architecture, margin: int) -> int:
    filters = next(b.filters for b in architecture.blocks if isinstance(b, Convolution))
    bytes_a_bin = 4 * filters * architecture.bin
    fitting = (c for c in _CORE_BINS if (c + 2 * margin) * bytes_a_bin <= _FIRST_LAYER_BYTES)
    return max(next(fitting, _CORE_BINS[-1]), 4 * margin)


def reference_windows(
    layout: Layout, genome: Genome, chrom: str, start: int, end: int
) -> Iterator[PredictionWindow]:
    """Cut a stretch of the reference, in bins, into windows."""
    size = layout.bin
    for first in range(start, end, layout.core):
        bins = min(layout.core, end - first)
        place = Interval(
            chrom,
            (first - layout.margin) * size,
            (first + layout.core + layout.margin) * size,
        )
        window = Window(place, size, layout.crop)
        cut = window.predicted_index(first * size)
        take = operator.itemgetter(slice(cut, cut + bins))
        yield PredictionWindow(first, bins, window.one_hot(genome), take)


def individual_windows(
    layout: Layout,
    genome: Genome,
    chrom: str,
    start: int,
    end: int,
    copies: Sequence[Sequence[Variant]],
) -> Iterator[PredictionWindow]:
    """Cut a stretch of an individual's copies into windows: of each copy one after another.

    What is taken of a window is divided by the number of copies, so that their sum is the mean.
    """
    size, margin = layout.bin, layout.margin
    cut, count = margin - layout.crop, len(copies)
    for first in range(start, end, layout.core):
        bins = min(layout.core, end - first)
        for variants in copies:
            # Deletions draw further bases of the reference into the window.
            reach = (margin + 1) * size + sum(max(0, -v.shift) for v in variants)
            low, high = first * size, (first + layout.core) * size
            copy = make_copy(genome, chrom, low - reach, high + reach, variants)
            origin = copy.place(low)
            altered = max(
                layout.core, math.ceil((copy.place((first + bins) * size) - origin) / size)
            )
            altered = layout.core + -(-(altered - layout.core) // _SPARE_BINS) * _SPARE_BINS
            weights = copy.lifting(low, bins, altered, size)
            sequence = copy.one_hot(origin - margin * size, origin + (altered + margin) * size)

            lift = functools.partial(_lifted, weights / count, slice(cut, cut + altered))
            yield PredictionWindow(first, bins, sequence, lift)


def _lifted(weights: sparse.csr_array, part: slice, predicted: np.ndarray) -> np.ndarray:
    return weights @ predicted[part].astype(np.float64)


def predict_bins(
    model: Model,
    genome: Genome,
    chrom: str,
    start: int,
    end: int,
    *,
    ensemble: Ensemble | None = None,
    precision: str = "float32",
    window_bins: int | None = None,
    batch_size: int = 1,
) -> Iterator[tuple[int, np.ndarray]]:
    """Predict a stretch of a chromosome.

    Parameters
    ----------
    start, end : int
        Bins from the start of the chromosome.
    window_bins : int, optional
        Bins predicted in one window; an efficient number by default. It changes results by no
        more than rounding.
    batch_size : int
        Windows predicted at once.

    Yields
    ------
    (first bin, float32 array (bins, tracks)), in order and without gaps
    """
    ensemble = ensemble or Ensemble()
    layout = Layout.of(model, ensemble, end - start, window_bins)
    for group in batches(reference_windows(layout, genome, chrom, start, end), batch_size):
        predicted = model.predict(np.stack([w.one_hot for w in group]), ensemble, precision)
        for window, values in zip(group, predicted, strict=True):
            yield window.first, window.take(values)


def batches(windows: Iterator[PredictionWindow], size: int) -> Iterator[list[PredictionWindow]]:
    """Put neighbouring windows of one length together."""
    group: list[PredictionWindow] = []
    for window in windows:
        if group and (len(group) == size or len(window.one_hot) != len(group[0].one_hot)):
            yield group
            group = []
        group.append(window)
    if group:
        yield group
