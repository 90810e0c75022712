"""Sequence logos as vector shapes: one Plotly path for all letters of a base.

Letters are outlines in the unit square, stretched to one base wide and to their height, so they
stay sharp at any zoom and in an SVG. A shape costs Plotly far less than a letter as text or an
image: a logo is four shapes.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from sighthound.app.figures.theme import BASE_COLOURS, DOUBTED
from sighthound.core.errors import SighthoundError

# Outlines in the unit square, y up, drawn for this logo. A's inner triangle is a hole, by even-odd
# filling.
_ARC = "M.98 .66C.96 .9 .76 1 .52 1C.18 1 0 .78 0 .5C0 .22 .18 0 .52 0"
_INNER_ARC = "C.31 .15 .21 .27 .21 .5C.21 .73 .31 .85 .52 .85C.66 .85 .76 .78 .78 .66Z"
OUTLINES = {
    "A": "M0 0L.39 1L.61 1L1 0L.79 0L.715 .22L.285 .22L.21 0ZM.34 .38L.66 .38L.5 .84Z",
    "C": _ARC + "C.76 0 .96 .1 .98 .34L.78 .34C.76 .22 .66 .15 .52 .15" + _INNER_ARC,
    "G": _ARC + "C.72 0 .88 .06 .98 .16L.98 .53L.54 .53L.54 .39L.78 .39L.78 .22"
    "C.72 .175 .63 .15 .52 .15" + _INNER_ARC,
    "T": "M0 1L1 1L1 .84L.605 .84L.605 0L.395 0L.395 .84L0 .84Z",
    "N": "M0 0L0 1L.2 1L.8 .32L.8 1L1 1L1 0L.8 0L.2 .68L.2 0Z",
}
LETTER_WIDTH = 0.92  # of a base, so that neighbours do not touch
_TOKEN = re.compile(r"[MLCZ]|\d*\.?\d+")
_LEAST_HEIGHT = 1e-3  # of the tallest letter: below it a letter is not drawn


def logo_shapes(
    sequence: str,
    heights: ArrayLike,
    first: float,
    *,
    xref: str = "x",
    yref: str = "y",
    is_doubted: NDArray[np.bool_] | None = None,
) -> list[dict[str, Any]]:
    """Make the layout shapes of a sequence logo; letters of negative height hang below zero.

    Parameters
    ----------
    sequence : str
        Letters A, C, G, T; anything else is drawn as N.
    heights : array, (length,)
        Signed height of each letter, in units of the y axis.
    first : float
        Position of the first letter's middle on the x axis; the others follow one apart.
    xref, yref : str
        The axes that the shapes belong to.
    is_doubted : bool array, (length,), optional
        Letters that are drawn in grey; none by default.

    Returns
    -------
    list of dict
        One `layout.shapes` entry for each base that occurs, and for each that is doubted.

    Raises
    ------
    SighthoundError
        `sequence` and `heights` differ in length.
    """
    heights = np.asarray(heights, dtype=np.float64)
    if heights.shape != (len(sequence),):
        raise SighthoundError(
            f"a logo of {len(sequence)} bases was given heights of shape {heights.shape}; "
            "give one height a base"
        )
    letters = np.array([base if base in BASE_COLOURS else "N" for base in sequence.upper()])
    doubted = np.zeros(len(letters), bool) if is_doubted is None else is_doubted
    given = (letters, first + np.arange(len(letters)), np.zeros(len(letters)), heights, xref, yref)
    return _shapes(*given, doubted)


def matrix_logo_shapes(
    heights: ArrayLike, first: float = 1, *, xref: str = "x", yref: str = "y"
) -> list[dict[str, Any]]:
    """Make the layout shapes of a motif's logo: four letters a position, the tallest on top.

    Parameters
    ----------
    heights : array, (width, 4), A C G T
        Height of each letter, at least 0, in units of the y axis.
    first : float
        Position of the first column's middle on the x axis; the others follow one apart.
    xref, yref : str
        The axes that the shapes belong to.

    Returns
    -------
    list of dict
        One `layout.shapes` entry for each base that occurs.
    """
    heights = np.asarray(heights, dtype=np.float64)
    if heights.ndim != 2 or heights.shape[1] != 4 or heights.min(initial=0.0) < 0:
        raise SighthoundError(
            f"a motif's logo was given heights of shape {heights.shape}; expected (width, 4), none "
            "below 0"
        )
    order = np.argsort(heights, axis=1, kind="stable")
    stacked = np.take_along_axis(heights, order, axis=1)
    bottoms = np.cumsum(stacked, axis=1) - stacked
    positions = np.repeat(first + np.arange(len(heights)), 4)
    letters = np.array(list("ACGT"))[order].ravel()
    return _shapes(letters, positions, bottoms.ravel(), stacked.ravel(), xref, yref)


def _shapes(
    letters: NDArray[Any],
    positions: NDArray[Any],
    bottoms: NDArray[Any],
    heights: NDArray[Any],
    xref: str,
    yref: str,
    doubted: NDArray[np.bool_] | None = None,
) -> list[dict[str, Any]]:
    """One shape for each base, of all its letters that can be seen, and one of those in doubt."""
    seen = np.abs(heights) > _LEAST_HEIGHT * float(np.max(np.abs(heights), initial=0.0))
    known = seen if doubted is None else seen & ~doubted
    kinds = [(base, colour, known) for base, colour in BASE_COLOURS.items()]
    if doubted is not None:
        kinds += [(base, DOUBTED, seen & doubted) for base in BASE_COLOURS]
    shapes = []
    for base, colour, of_kind in kinds:
        chosen = np.flatnonzero((letters == base) & of_kind)
        if chosen.size:
            left = positions[chosen] - LETTER_WIDTH / 2
            shapes.append(
                {
                    "type": "path",
                    "path": _stretched(OUTLINES[base], left, bottoms[chosen], heights[chosen]),
                    "fillcolor": colour,
                    "fillrule": "evenodd",
                    "line": {"width": 0},
                    "layer": "above",
                    "xref": xref,
                    "yref": yref,
                    "name": base,
                }
            )
    return shapes


def _stretched(
    outline: str, left: NDArray[Any], bottoms: NDArray[Any], heights: NDArray[Any]
) -> str:
    """One path holding the outline once for every letter; x by its left edge, y by its height."""
    tokens = _TOKEN.findall(outline)
    columns: list[Iterator[str]] = []
    is_x = True
    for token in tokens:
        if token.isalpha():
            columns.append(iter([token] * len(left)))
            is_x = True
        else:
            number = float(token)
            places = left + number * LETTER_WIDTH if is_x else bottoms + number * heights
            columns.append(map(_written, places))
            is_x = not is_x
    return " ".join(" ".join(letter) for letter in zip(*columns, strict=True))


def _written(number: float) -> str:
    # Ten figures hold a position of a hundred megabases to a hundredth of a base.
    return format(number, ".10g")
