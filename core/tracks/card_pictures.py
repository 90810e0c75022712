"""Pictures of a card: the curves that it holds as numbers, as SVG beside the BigWig."""

from __future__ import annotations

from collections.abc import Sequence
from html import escape
from pathlib import Path

import numpy as np

from sighthound.core.files import write_text
from sighthound.core.tracks.card import Card

GC_ENDING, FRAGMENTS_ENDING = ".gc.svg", ".fragments.svg"
_WIDTH, _HEIGHT = 480, 300  # pixels
_LEFT, _RIGHT, _TOP, _BOTTOM = 66, 16, 34, 46  # of the frame, pixels
_TICKS = 5
_INK, _QUIET, _LINE, _MARK = "#222", "#767676", "#0072b2", "#b25900"


def picture_files(bigwig: Path) -> tuple[Path, Path]:
    """Where the pictures of GC and of fragments lie."""
    return (
        bigwig.with_name(bigwig.name + GC_ENDING),
        bigwig.with_name(bigwig.name + FRAGMENTS_ENDING),
    )


def write_pictures(bigwig: Path, card: Card) -> None:
    """Write the pictures of what the card has, beside its BigWig."""
    for file, picture in zip(picture_files(bigwig), (gc_picture, fragments_picture), strict=True):
        if drawn := picture(card):
            write_text(file, drawn)


def gc_picture(card: Card) -> str:
    """Draw how coverage depends on GC, as SVG; empty where that was not corrected."""
    if (gc := card.gc) is None:
        return ""
    words = f"GC explains R\u00b2 {gc.r2:.3f} of log2 coverage ({gc.windows:,} windows)"
    percent = [100 * share for share in gc.gc]
    axes = ("GC (%, Gaussian of 64 bases)", "log2 (coverage + 0.01)")
    return curve(words, axes, percent, gc.log2_coverage)


def fragments_picture(card: Card) -> str:
    """Draw how far strands lie apart, as SVG; empty where no length was learned."""
    if (learned := card.fragments) is None:
        return ""
    words = f"Fragments of {learned.length} bases ({learned.reads:,} reads)"
    axes = ("distance between 5\u2032 ends of the strands (bases)", "ends that face each other")
    marks = {learned.length: "fragment", learned.read_length: "read"}
    return curve(words, axes, learned.lengths, learned.facing, marks)


def curve(
    title: str,
    axes: tuple[str, str],
    x: Sequence[float],
    y: Sequence[float],
    marks: dict[int, str] | None = None,
) -> str:
    """Draw a curve as SVG.

    Parameters
    ----------
    title : str
    axes : (str, str)
        Words of the horizontal and the vertical axis, with units.
    x, y : sequences of float
    marks : dict of int to str, optional
        Places on the horizontal axis that have a name.
    """
    low, high = min(y), max(y)
    if marks:  # counts begin at 0, and names stand above the curve
        low, high = 0, 1.2 * high
    if low == high:
        low, high = low - 1, high + 1
    across = _ticks(min(x), max(x))
    up = _ticks(low, high)
    left, right = min(min(x), across[0]), max(max(x), across[-1])
    bottom, top = min(low, up[0]), max(high, up[-1])

    def at_x(value: float) -> float:
        return _LEFT + (value - left) / (right - left) * (_WIDTH - _LEFT - _RIGHT)

    def at_y(value: float) -> float:
        return _HEIGHT - _BOTTOM - (value - bottom) / (top - bottom) * (_HEIGHT - _TOP - _BOTTOM)

    base = _HEIGHT - _BOTTOM
    shapes = [f'<rect width="{_WIDTH}" height="{_HEIGHT}" fill="#fff"/>']
    shapes.append(_text(_LEFT, 20, title, size=13))
    for value in up:
        y0 = at_y(value)
        shapes.append(
            f'<path d="M{_LEFT} {y0:.1f}H{_WIDTH - _RIGHT}" stroke="#e4e4e4" fill="none"/>'
        )
        shapes.append(_text(_LEFT - 6, y0 + 4, f"{value:g}", anchor="end"))
    for value in across:
        x0 = at_x(value)
        shapes.append(f'<path d="M{x0:.1f} {base}v4" stroke="{_INK}" fill="none"/>')
        shapes.append(_text(x0, base + 17, f"{value:g}", anchor="middle"))
    shapes.append(f'<path d="M{_LEFT} {base}H{_WIDTH - _RIGHT}" stroke="{_INK}" fill="none"/>')
    names = []
    for number, (value, name) in enumerate((marks or {}).items()):
        x0, y0 = at_x(value), _TOP + 11 + 14 * number
        shapes.append(
            f'<path d="M{x0:.1f} {_TOP}V{base}" stroke="{_MARK}" stroke-dasharray="4 3"/>'
        )
        names.append(_text(x0 + 4, y0, f"{name} {value}", colour=_MARK, on_lines=True))
    shapes += names
    points = " ".join(f"{at_x(a):.1f},{at_y(b):.1f}" for a, b in zip(x, y, strict=True))
    shapes.append(f'<polyline points="{points}" stroke="{_LINE}" stroke-width="2" fill="none"/>')
    middle = (_LEFT + _WIDTH - _RIGHT) / 2
    shapes.append(_text(middle, _HEIGHT - 10, axes[0], anchor="middle", colour=_QUIET))
    y0 = (_TOP + base) / 2
    turned = _text(15, y0, axes[1], anchor="middle", colour=_QUIET)
    shapes.append(turned.replace("<text ", f'<text transform="rotate(-90 15 {y0:.1f})" '))
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {_WIDTH} {_HEIGHT}" '
        f'width="{_WIDTH}" height="{_HEIGHT}" role="img" aria-label="{escape(title)}" '
        f'font-family="sans-serif">{"".join(shapes)}</svg>\n'
    )


def _ticks(low: float, high: float) -> list[float]:
    """Round numbers within a range, about `_TICKS` of them."""
    raw = (high - low) / _TICKS
    power = 10.0 ** np.floor(np.log10(raw))
    step = power * next(times for times in (1, 2, 5, 10) if times * power >= raw)
    first, last = int(np.ceil(low / step)), int(np.floor(high / step))
    return [round(number * step, 10) for number in range(first, last + 1)]


def _text(
    x: float,
    y: float,
    words: str,
    *,
    anchor: str = "start",
    colour: str = _INK,
    size: int = 11,
    on_lines: bool = False,
) -> str:
    halo = 'stroke="#fff" stroke-width="4" paint-order="stroke" ' if on_lines else ""
    return (
        f'<text x="{x:.1f}" y="{y:.1f}" font-size="{size}" text-anchor="{anchor}" '
        f'{halo}fill="{colour}">{escape(words)}</text>'
    )
