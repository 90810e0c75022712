"""A picture of a locus as PNG, for those who see pictures but open no page.

Experiment in grey behind the prediction in blue, both on one scale a track; genes below.
"""

from __future__ import annotations

import io
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from sighthound.app.figures.binned_tracks import COLOUR
from sighthound.app.figures.numbers import plain
from sighthound.app.figures.theme import INK, MUTED, NO_DATA, RULE

WIDTH = 1000
_LEFT, _RIGHT, _TOP = 16, 16, 40
_NAME, _ROW, _GENES, _RULER = 22, 64, 22, 34
_GENE_ROWS = 4
_EXPERIMENT = "#b3bdc7"


@dataclass(frozen=True)
class Row:
    """A track in a window.

    Attributes
    ----------
    name, unit : str
        For people.
    experiment, prediction : float32 array, (bins,), or None
        NaN: no data.
    note : str
        What else is to be said of it, as r and the bins that it is of.
    """

    name: str
    unit: str
    experiment: NDArray[np.float32] | None = field(default=None, repr=False)
    prediction: NDArray[np.float32] | None = field(default=None, repr=False)
    note: str = ""


def picture(
    title: str, start: int, end: int, rows: Sequence[Row], genes: Sequence[dict[str, Any]]
) -> bytes:
    """Draw tracks and genes of a window.

    Parameters
    ----------
    title : str
        What is shown, and where.
    start, end : int
        The bases that the bins cover, 0-based and half-open.
    rows : sequence of Row
        From above.
    genes : sequence of dict
        As /api/v1/genes gives them.

    Returns
    -------
    bytes
        PNG, 1,000 pixels wide; the same input gives the same bytes.
    """
    from PIL import Image, ImageDraw

    lanes = _lanes(genes, start, end)
    height = _TOP + len(rows) * (_NAME + _ROW) + max(1, len(lanes)) * _GENES + _RULER + 8
    image = Image.new("RGB", (WIDTH, height), "#ffffff")
    draw = ImageDraw.Draw(image)
    heading, font, small = _font(15, bold=True), _font(12), _font(11)
    draw.text((_LEFT, 10), title, fill=INK, font=heading)
    legend = "grey: measured    blue: predicted"
    draw.text((WIDTH - _RIGHT, 13), legend, fill=MUTED, font=small, anchor="ra")
    top = _TOP
    for row in rows:
        draw.text((_LEFT, top + 3), row.name, fill=INK, font=font)
        high = _highest(row)
        says = f"{row.note}    top {plain(high)} {row.unit}" if high > 0 else "no signal here"
        draw.text((WIDTH - _RIGHT, top + 3), says, fill=MUTED, font=small, anchor="ra")
        top += _NAME
        box = (_LEFT, top, WIDTH - _RIGHT, top + _ROW - 6)
        for values, colour in ((row.experiment, _EXPERIMENT), (row.prediction, COLOUR)):
            if values is not None:
                _steps(draw, box, values, high, colour, is_line=values is row.prediction)
        draw.line((box[0], box[3], box[2], box[3]), fill=RULE)
        top += _ROW
    for lane in lanes:
        for gene in lane:
            _gene(draw, gene, top, start, end, small)
        top += _GENES
    if not lanes:
        draw.text((_LEFT, top), "no gene here", fill=MUTED, font=small)
        top += _GENES
    _ruler(draw, top + 4, start, end, small)
    file = io.BytesIO()
    image.save(file, "PNG", optimize=True)
    return file.getvalue()


def _font(size: int, *, bold: bool = False) -> Any:
    import reportlab
    from PIL import ImageFont

    # Bitstream Vera, as in our PDF; reportlab brings it along.
    folder = Path(reportlab.__file__).parent / "fonts"
    return ImageFont.truetype(str(folder / ("VeraBd.ttf" if bold else "Vera.ttf")), size)


def _highest(row: Row) -> float:
    """Give the largest value of a row; 0 where nothing is above."""
    series = [values for values in (row.experiment, row.prediction) if values is not None]
    finite = [values[np.isfinite(values)] for values in series]
    return max((float(values.max()) for values in finite if len(values)), default=0.0)


def _x(base: float, start: int, end: int) -> float:
    return _LEFT + (base - start) / (end - start) * (WIDTH - _LEFT - _RIGHT)


def _steps(
    draw: Any,
    box: tuple[int, int, int, int],
    values: NDArray[np.float32],
    high: float,
    colour: str,
    *,
    is_line: bool,
) -> None:
    """Draw bins as filled steps, or as their outline; grey where there are no data."""
    left, top, right, bottom = box
    edges = np.linspace(left, right, len(values) + 1)
    before = float(bottom)
    for x, after, value in zip(edges[:-1], edges[1:], values, strict=True):
        if not np.isfinite(value):
            if not is_line:
                draw.rectangle((x, top, after, bottom), fill=NO_DATA)
            before = float(bottom)
            continue
        y = bottom - max(0.0, float(value)) / high * (bottom - top) if high > 0 else float(bottom)
        if is_line:
            draw.line((x, before, x, y, after, y), fill=colour, width=2)
        elif y < bottom:
            draw.rectangle((x, y, after, bottom), fill=colour)
        before = y


def _lanes(genes: Sequence[dict[str, Any]], start: int, end: int) -> list[list[dict[str, Any]]]:
    """Put genes into lanes in which neither they nor their names overlap; the rest is left out."""
    lanes: list[list[dict[str, Any]]] = []
    ends: list[float] = []
    font = _font(11)
    for gene in sorted(genes, key=lambda gene: (gene["start"], gene["end"])):
        left = max(_LEFT, _x(gene["start"], start, end))
        right = max(_x(gene["end"], start, end), left + font.getlength(_label(gene))) + 8
        for number, taken in enumerate(ends):
            if left >= taken:
                lanes[number].append(gene)
                ends[number] = right
                break
        else:
            if len(lanes) < _GENE_ROWS:
                lanes.append([gene])
                ends.append(right)
    return lanes


def _label(gene: dict[str, Any]) -> str:
    name = gene["name"] or gene["id"]
    return {"+": f"{name} >", "-": f"< {name}"}.get(gene["strand"], name)


def _gene(draw: Any, gene: dict[str, Any], top: int, start: int, end: int, font: Any) -> None:
    left = max(_LEFT, _x(gene["start"], start, end))
    right = min(WIDTH - _RIGHT, _x(gene["end"], start, end))
    draw.rectangle((left, top, max(left + 1, right), top + 3), fill=MUTED)
    width = font.getlength(_label(gene))
    draw.text((min(left, WIDTH - _RIGHT - width), top + 5), _label(gene), fill=INK, font=font)


def _ruler(draw: Any, top: int, start: int, end: int, font: Any) -> None:
    step = 10 ** np.floor(np.log10((end - start) / 3))
    step = int(max(1, step * next(n for n in (5, 2, 1) if step * n <= (end - start) / 3)))
    draw.line((_LEFT, top, WIDTH - _RIGHT, top), fill=MUTED)
    for base in range(-(-(start + 1) // step) * step, end + 1, step):
        x = _x(base - 0.5, start, end)  # the middle of the base, which people count from 1
        draw.line((x, top, x, top + 5), fill=MUTED)
        draw.text((x, top + 8), f"{base:,}", fill=MUTED, font=font, anchor="ma")
