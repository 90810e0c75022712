"""A network drawn as its layers from bases (top) to tracks (bottom), as a stand-alone SVG.

A layer is a bar as wide as it has channels; the tracks, often many more, are cut where they do not
fit. A way around a layer joins its input to its output: + by addition, ‖ by concatenation. Beside
the bars stand shape, parameters, FLOPs and receptive field.
"""

from __future__ import annotations

from sighthound.app.figures.svg import svg_head, svg_text
from sighthound.app.figures.theme import BASE_COLOURS, MUTED, RULE
from sighthound.core.model.architecture import Architecture
from sighthound.core.model.cost import Row, flops, layer_rows, layer_totals, summary

_ROW, _BAR = 30, 18  # px, height of a layer and of its bar
_TOP, _BOTTOM = 84, 30
_NAME, _LEFT, _WIDEST = 24, 218, 300  # px: names, the bars' left end, the widest bar
_COLUMNS = (("positions × channels", 640), ("parameters", 740), ("FLOPs", 800), ("sees", 1010))
_FLOPS, _FLOPS_WIDEST = 800, 70
_WIDTH = 1040
_CENTRE = _LEFT + _WIDEST / 2
_COLOURS = {
    "convolution": BASE_COLOURS["C"],
    "dilated": BASE_COLOURS["A"],
    "tracks": BASE_COLOURS["T"],
}


def architecture_svg(architecture: Architecture, title: str) -> str:
    """Draw a network.

    Parameters
    ----------
    architecture : Architecture
    title : str
        Stands above the drawing.

    Returns
    -------
    str
        An SVG document.
    """
    layers = layer_totals(layer_rows(architecture))
    height = _TOP + _ROW * (len(layers) + 1) + _BOTTOM
    widest = max([4, *(row.channels for row in layers[:-1])]) * 1.25
    parts = [
        svg_head(_WIDTH, height, title),
        svg_text(_NAME, 32, title, size=16, weight=600),
        svg_text(_NAME, 52, summary(architecture), colour=MUTED),
        *(
            svg_text(x, _TOP - 8, name, colour=MUTED, anchor="start" if x == _FLOPS else "end")
            for name, x in _COLUMNS
        ),
        f'<path d="M{_NAME} {_TOP}H{_WIDTH - _NAME}" stroke="{RULE}"/>',
        f'<path d="M{_CENTRE} {_middle(0)}V{_middle(len(layers))}" stroke="{MUTED}"/>',
        *_layer(0, "bases", 4, widest, MUTED),
        svg_text(640, _middle(0), f"{architecture.sequence_length:,} × 4", anchor="end"),
    ]
    most = max(row.flops for row in layers) or 1
    for number, row in enumerate(layers, 1):
        colour = _COLOURS.get(row.name.split()[0], MUTED)
        if row.joins:
            parts.append(_way_around(number, row, widest))
        parts += _layer(number, _label(row), row.channels, widest, colour)
        parts += _numbers(number, row, most)
    parts.append("</svg>")
    return "\n".join(parts) + "\n"


def _label(row: Row) -> str:
    pool = next((o for o in row.operation.split(", ") if o.startswith("pool")), "")
    return f"{row.name}, {pool}" if pool else row.name


def _middle(number: int) -> float:
    return _TOP + _ROW * (number + 0.5)


def _bar_width(channels: int, widest: float) -> float:
    return max(2.0, _WIDEST * min(1.0, channels / widest))


def _layer(number: int, name: str, channels: int, widest: float, colour: str) -> list[str]:
    """Draw the name and the bar of a layer."""
    width = _bar_width(channels, widest)
    x, y = _CENTRE - width / 2, _middle(number) - _BAR / 2
    parts = [
        svg_text(_NAME, _middle(number), name),
        f'<rect x="{x:.1f}" y="{y:.1f}" width="{width:.1f}" height="{_BAR}" rx="3" '
        f'fill="{colour}"/>',
    ]
    if channels > widest:
        cuts = "".join(f"M{x + width - 24 - gap} {y + _BAR + 1}l8 {-_BAR - 2}" for gap in (0, 7))
        parts.append(f'<path d="{cuts}" stroke="#ffffff" stroke-width="3"/>')
    return parts


def _numbers(number: int, row: Row, most: int) -> list[str]:
    """Write what stands beside a layer, with a bar for its FLOPs."""
    y = _middle(number)
    texts = [
        svg_text(640, y, f"{row.positions:,} × {row.channels:,}", anchor="end"),
        svg_text(1010, y, f"{row.receptive_field:,} bp", anchor="end"),
    ]
    if row.parameters:
        texts.append(svg_text(740, y, f"{row.parameters:,}", anchor="end"))
    if row.flops:
        width = _FLOPS_WIDEST * row.flops / most
        texts += [
            f'<rect x="{_FLOPS}" y="{y - 5:.1f}" width="{max(1.0, width):.1f}" height="10" '
            f'fill="{BASE_COLOURS["G"]}"/>',
            svg_text(_FLOPS + width + 6, y, flops(row.flops)),
        ]
    return texts


def _way_around(number: int, row: Row, widest: float) -> str:
    """Draw the way from a layer's input around it to its output."""
    x = _CENTRE - _bar_width(row.channels, widest) / 2 - 2
    top, bottom = _middle(number) - _ROW / 2, _middle(number) + _ROW / 2
    sign = "+" if row.joins == "add" else "‖"
    return (
        f'<path d="M{_CENTRE} {top}H{x:.1f}C{x - 12:.1f} {top} {x - 12:.1f} {bottom} {x:.1f} '
        f'{bottom}H{_CENTRE}" fill="none" stroke="{MUTED}"/>'
        + svg_text(x - 15, _middle(number), sign, colour=MUTED, anchor="middle")
    )
