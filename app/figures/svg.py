"""Words of drawings that are SVG documents of their own, in the look of the other figures."""

from __future__ import annotations

from html import escape

from sighthound.app.figures.theme import FONT_FAMILY, INK


def svg_head(width: float, height: float, title: str) -> str:
    """Begin a document of so many pixels on white; who draws ends it with </svg>."""
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {width} {height}" width="{width}" '
        f'height="{height}" font-family="{escape(FONT_FAMILY)}" font-size="12" fill="{INK}">\n'
        f"<title>{escape(title)}</title>\n"
        f'<rect width="{width}" height="{height}" fill="#ffffff"/>'
    )


def svg_text(
    x: float,
    y: float,
    text: str,
    *,
    colour: str = INK,
    anchor: str = "start",
    size: float = 12,
    weight: int = 400,
) -> str:
    """Write a line of text, its middle at `y`."""
    return (
        f'<text x="{x:.1f}" y="{y:.1f}" text-anchor="{anchor}" dominant-baseline="central" '
        f'font-size="{size:g}" font-weight="{weight}" fill="{colour}">{escape(text)}</text>'
    )
