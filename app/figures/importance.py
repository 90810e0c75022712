"""How much each searched number matters, and what was tried of it, as a stand-alone SVG.

On the left a bar a parameter: its share of the variance of the validation loss. On the right every
complete trial at the value that it had, the higher the better, and the best of them ringed.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from sighthound.app.figures.svg import svg_head, svg_text
from sighthound.app.figures.theme import BASE_COLOURS, MUTED, RULE

_ROW, _BAR = 46, 14  # px
_TOP, _BOTTOM = 92, 22
_LEFT, _NAMES, _WIDEST = 24, 140, 230  # px: names, where bars begin, and the widest
_STRIP, _STRIP_WIDTH, _STRIP_HEIGHT = 500, 300, 28
_WIDTH = 880


@dataclass(frozen=True)
class Searched:
    """What was tried of one number.

    Attributes
    ----------
    importance : float
        Share of the variance of the loss.
    low, high : float
        Where it was searched.
    log : bool
        On a scale of logarithms.
    tried : sequence of (float, float)
        Value and validation loss of each complete trial.
    """

    name: str
    importance: float
    low: float
    high: float
    log: bool
    tried: Sequence[tuple[float, float]]


def importance_svg(rows: Sequence[Searched], title: str, words: str) -> str:
    """Draw what was searched.

    Parameters
    ----------
    rows : sequence of Searched
        The most important first.
    words : str
        Stand below the title.

    Returns
    -------
    str
        An SVG document.
    """
    height = _TOP + _ROW * len(rows) + _BOTTOM
    losses = [loss for row in rows for _, loss in row.tried]
    best, worst = min(losses), _worst(losses)
    parts = [
        svg_head(_WIDTH, height, title),
        svg_text(_LEFT, 30, title, size=16, weight=600),
        svg_text(_LEFT, 52, words, colour=MUTED),
        svg_text(_NAMES, _TOP - 12, "share of the variance of the loss", colour=MUTED),
        svg_text(_STRIP, _TOP - 12, "values tried; higher is a lower loss", colour=MUTED),
        f'<path d="M{_LEFT} {_TOP}H{_WIDTH - _LEFT}" stroke="{RULE}"/>',
    ]
    widest = max(row.importance for row in rows) or 1
    for number, row in enumerate(rows):
        middle = _TOP + _ROW * (number + 0.5)
        width = _WIDEST * row.importance / widest
        parts += [
            svg_text(_LEFT, middle, row.name),
            f'<rect x="{_NAMES}" y="{middle - _BAR / 2:.1f}" width="{max(1.0, width):.1f}" '
            f'height="{_BAR}" rx="2" fill="{BASE_COLOURS["C"]}"/>',
            svg_text(_NAMES + width + 8, middle, f"{row.importance:.0%}"),
            *_strip(row, middle, best, worst),
        ]
    parts.append("</svg>")
    return "\n".join(parts) + "\n"


def _worst(losses: Sequence[float]) -> float:
    """The loss that is drawn lowest: a few trials far off must not flatten the others."""
    return sorted(losses)[math.ceil(0.9 * (len(losses) - 1))]


def _strip(row: Searched, middle: float, best: float, worst: float) -> list[str]:
    """Draw what was tried of one number between the ends of its range."""
    top, bottom = middle - _STRIP_HEIGHT / 2, middle + _STRIP_HEIGHT / 2 - 2
    parts = [
        f'<path d="M{_STRIP} {bottom + 5:.1f}H{_STRIP + _STRIP_WIDTH}" stroke="{RULE}"/>',
        svg_text(_STRIP - 8, middle, f"{row.low:.4g}", colour=MUTED, anchor="end", size=11),
        svg_text(_STRIP + _STRIP_WIDTH + 8, middle, f"{row.high:.4g}", colour=MUTED, size=11),
    ]
    for value, loss in sorted(row.tried, key=lambda pair: -pair[1]):
        x = _STRIP + _STRIP_WIDTH * _share(value, row)
        y = top + (bottom - top) * min(1.0, (loss - best) / ((worst - best) or 1))
        is_best = loss == best
        colour = BASE_COLOURS["T"] if is_best else BASE_COLOURS["C"]
        parts.append(
            f'<circle cx="{x:.1f}" cy="{y:.1f}" r="{4.5 if is_best else 3}" fill="{colour}" '
            f'fill-opacity="{1 if is_best else 0.55}"><title>{row.name} {value:.4g}, loss '
            f"{loss:.5g}</title></circle>"
        )
    return parts


def _share(value: float, row: Searched) -> float:
    """Where a value lies between the ends of its range."""
    low, high, at = row.low, row.high, value
    if row.log:
        low, high, at = (math.log(number) for number in (low, high, value))
    return (at - low) / (high - low) if high > low else 0.5


def searched(
    names: Mapping[str, float],
    ranges: Mapping[str, tuple[float, float, bool]],
    tried: Sequence[tuple[Mapping[str, float], float]],
) -> list[Searched]:
    """Gather what is drawn: importance by name, ranges, and the values and loss of each trial."""
    return [
        Searched(
            name, share, *ranges[name], [(values[name], loss) for values, loss in tried]
        )
        for name, share in names.items()
    ]  # fmt: skip
