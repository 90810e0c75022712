"""Signals of a few tracks over a made-up chromosome, in the files that statistics read."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path

import numpy as np
from numpy.typing import ArrayLike

from sighthound.core.genome.sequence import Interval
from sighthound.core.tracks.track import Track
from sighthound.precompute.evaluation.signals import HeldOut, Signals

BIN = 10


def signals_of(
    folder: Path,
    tracks: Sequence[Track],
    experiments: Mapping[str, ArrayLike],
    predictions: Mapping[str, ArrayLike],
    blacklist: Sequence[Interval] = (),
) -> Signals:
    """Put values of bins of 10 bases of chrI, from its first on, where `Signals` finds them."""
    bins = len(np.asarray(next(iter(experiments.values()))))
    held_out = HeldOut([Interval("chrI", 0, bins * BIN)], BIN, blacklist)
    for kind, values in (("experiment", experiments), ("prediction", predictions)):
        np.save(folder / f"{kind}.npy", np.array(list(values.values()), np.float32))
    return Signals(folder, held_out, tracks, list(predictions))
