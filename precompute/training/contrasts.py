"""Differences between conditions as a task: how the tracks of an assay share what they sum to.

A network that predicts each track well may know nothing of what differs between two samples: that
is a small part of each track's variance. The likelihood of Poisson counts is that of their sum
times that of how they share it, a multinomial; this is the second, to be weighed on its own.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np

from sighthound.core.model.runtime import import_tensorflow
from sighthound.core.tracks.track import Track

_SMALLEST = 1e-7  # as in `poisson_loss`


def contrast_groups(tracks: Sequence[Track]) -> np.ndarray:
    """Say which tracks are to be told from each other: those of one assay, strand and target.

    Returns
    -------
    float32 array, (tracks, groups)
        1 where the track is of the group; a column a group that has more than one sample.

    Examples
    --------
    >>> tracks = [Track("a", "a", "CAGE", "rich"), Track("b", "b", "CAGE", "starved")]
    >>> contrast_groups([*tracks, Track("c", "c", "ATAC", "rich")]).tolist()
    [[1.0], [1.0], [0.0]]
    """
    found: dict[tuple[str, str, str], list[int]] = {}
    for number, track in enumerate(tracks):
        if track.assay:
            found.setdefault((track.assay, track.strand, track.group), []).append(number)
    groups = [members for members in found.values() if len({tracks[i].sample for i in members}) > 1]
    indicator = np.zeros((len(tracks), len(groups)), np.float32)
    for column, members in enumerate(groups):
        indicator[members, column] = 1
    return indicator


def contrast_loss(groups: np.ndarray, target: Any, prediction: Any, mask: Any) -> Any:
    """Mean negative log likelihood of how each group's tracks share their sum.

    Parameters
    ----------
    groups : float32 array, (tracks, groups)
        Of `contrast_groups`.
    target, prediction, mask : float32 tensors, (batch, bins, tracks)
        As of `poisson_loss`.

    Returns
    -------
    float32 scalar
        Mean of -target x log(share predicted of the group's sum) where the mask is 1, over the
        grouped tracks.
    """
    tf = import_tensorflow()
    shared = mask * groups.sum(axis=1)
    predicted = (prediction + _SMALLEST) * shared
    sums = tf.einsum("bng,tg->bnt", tf.einsum("bnt,tg->bng", predicted, groups), groups)
    share = tf.math.divide_no_nan(predicted, sums)
    lost = -target * tf.math.log(tf.where(share > 0, share, 1.0)) * shared
    return tf.math.divide_no_nan(tf.reduce_sum(lost), tf.reduce_sum(shared))
