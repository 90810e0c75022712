"""What targets are cut off at, and multiplied by so that all tracks weigh alike in the loss."""

from __future__ import annotations

import numpy as np

from sighthound.core.errors import SighthoundError
from sighthound.core.tracks.track import Track, strand_pairs
from sighthound.precompute.datasets.dataset import Dataset
from sighthound.precompute.datasets.windows import new_bins

_LEAST = float(np.finfo(np.float32).tiny)  # whose reciprocal float32 holds, too


def target_scale(dataset: Dataset, tracks: list[Track]) -> tuple[np.ndarray, np.ndarray]:
    """Give scale and clip of the targets: the tracks table's, or 1 / mean and a high quantile.

    Returns
    -------
    scale, clip : float array, (tracks,)
        A target is min(value, clip), transformed as the tracks table says, x scale; those of
        records are taken as they are.

    Raises
    ------
    SighthoundError
        A transform of a track whose values are of records, or a scale that float32 cannot hold.
    """
    if dataset.rows:
        for track in tracks:
            if not track.target_transform.is_identity:
                raise SighthoundError(
                    f"track {track.id!r} has a transform or soft_clip; values of records are taken "
                    "as they are: empty these cells of the tracks table"
                )
        return np.ones(len(tracks)), np.full(len(tracks), np.inf)
    columns = {column["id"]: column for column in dataset.statistics["tracks"]}
    # A soft clip takes the place of the quantile.
    quantiles = [np.inf if t.soft_clip else columns[t.id]["clip_quantile"] for t in tracks]
    clip = [t.clip or quantile for t, quantile in zip(tracks, quantiles, strict=True)]
    means = np.array([columns[t.id]["mean"] for t in tracks])
    transformed = [i for i, t in enumerate(tracks) if not t.target_transform.is_identity]
    if transformed:
        chosen = [tracks[i] for i in transformed]
        means[transformed] = _transformed_means(dataset, transformed, chosen, clip)
        # An output that stands for both strands has one scale.
        paired = (means + means[strand_pairs(tracks)]) / 2
        means[transformed] = paired[transformed]
    scale = [t.scale or 1 / mean for t, mean in zip(tracks, means.tolist(), strict=True)]
    for track, factor in zip(tracks, scale, strict=True):
        if not _LEAST <= factor <= 1 / _LEAST:
            raise SighthoundError(
                f"track {track.id!r}: its scale, {factor:.2g}, is beyond what 32-bit numbers hold; "
                "give its BigWig other units, or a scale in the tracks table"
            )
    return np.array(scale), np.array(clip)


def _transformed_means(
    dataset: Dataset, columns: list[int], tracks: list[Track], clip: list[float]
) -> np.ndarray:
    """Mean over the training fold of what the transforms give, of some columns of the targets."""
    sums, counts = np.zeros(len(columns)), np.zeros(len(columns))
    for window, first in new_bins(dataset.fold("train"), dataset.bin):
        part = slice(window.start // dataset.bin + first, window.end // dataset.bin)
        values = np.asarray(dataset.targets[window.chrom][part][:, columns], float)
        for place, (column, track) in enumerate(zip(columns, tracks, strict=True)):
            seen = values[~np.isnan(values[:, place]), place]
            squashed = track.target_transform.forward(np.clip(seen, 0, clip[column]))
            sums[place] += squashed.sum()
            counts[place] += len(seen)
    return sums / counts
