"""What sets two tracks apart in a bin, or a place: log2((A + 1) / (B + 1)), in the tracks' units.

A contrast is named where a track is, by the ids of both: "A/B". No id holds a "/".
"""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from sighthound.core.errors import SighthoundError

PSEUDOCOUNT = 1.0  # in the tracks' units: ratios of next to nothing are no contrast
UNIT = "log2 ratio"
_OVER = "/"
_SHOWN = 80  # characters of a name that is none


def contrast_name(one: str, other: str) -> str:
    """Name the contrast of a track over another.

    Examples
    --------
    >>> contrast_name("rich", "starved")
    'rich/starved'
    """
    return f"{one}{_OVER}{other}"


def is_contrast(name: str) -> bool:
    """Whether a name is of two tracks' contrast."""
    return _OVER in name


def tracks_of(name: str) -> tuple[str, ...]:
    """Give the tracks that a name is of: both of a contrast, else the one.

    Raises
    ------
    SighthoundError
        Not of two tracks, or of one and itself.
    """
    ids = tuple(name.split(_OVER))
    if len(ids) == 1:
        return ids
    if len(ids) != 2 or not all(ids) or ids[0] == ids[1]:
        raise SighthoundError(f"{name[:_SHOWN]!r} is no contrast; expected two tracks, as in A/B")
    return ids


def name_for_files(name: str) -> str:
    """Give a name that a file's can hold.

    Examples
    --------
    >>> name_for_files("rich/starved")
    'rich_over_starved'
    """
    return name.replace(_OVER, "_over_")


def log_ratio(one: NDArray[Any], other: NDArray[Any]) -> NDArray[Any]:
    """Give log2((one + 1) / (other + 1)), in the arrays' type; what is below zero counts as zero.

    NaN, for no data, stays so.
    """
    ratio = (np.maximum(one, 0) + PSEUDOCOUNT) / (np.maximum(other, 0) + PSEUDOCOUNT)
    return np.asarray(np.log2(ratio))
