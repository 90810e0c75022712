"""Reports as one HTML file that needs nothing else: its look, its figures, its tables."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence
from html import escape

import plotly.graph_objects as go
from plotly.offline import get_plotlyjs

from sighthound.app.figures.theme import plotly_config

_STYLE = """
body{font:15px/1.5 system-ui,sans-serif;max-width:72rem;margin:2rem auto;padding:0 1rem}
body{color:#1d2733}
h1{font-size:1.5rem;margin-bottom:.3rem}h2{font-size:1.1rem;margin:2.4rem 0 .2rem}
h2 small{font-weight:400;color:#5b6875}p{max-width:60rem;margin:.3rem 0}.quiet{color:#5b6875}
.scroll{overflow-x:auto}table{border-collapse:collapse;font-size:13px;margin-top:.6rem}
td,th{padding:.2rem .8rem .2rem 0;text-align:left;white-space:nowrap}
td.number,th.number{text-align:right;font-variant-numeric:tabular-nums}
tr{border-bottom:1px solid #e3e8ee}
"""
_CONFIG = plotly_config(responsive=True)


def standalone_html(title: str, parts: Iterable[str]) -> str:
    """Put parts of HTML together into a file that loads nothing."""
    return (
        f'<!doctype html><html lang="en"><meta charset="utf-8"><title>{escape(title)}</title>'
        f'<meta name="viewport" content="width=device-width"><style>{_STYLE}</style>'
        f"<script>{get_plotlyjs()}</script>{''.join(parts)}</html>\n"
    )


def figure_html(figure: go.Figure, id: str) -> str:
    """Write a figure, which Plotly of `standalone_html` draws."""
    return str(
        figure.to_html(
            full_html=False, include_plotlyjs=False, div_id=f"figure-{id}", config=_CONFIG
        )
    )


def table_html(
    head: Sequence[str], rows: Iterable[Sequence[str]], numeric: Collection[int] = ()
) -> str:
    """Write a table; `numeric` are the places of columns that hold numbers."""
    body = "".join(_row(row, "td", numeric) for row in rows)
    return f'<div class="scroll"><table>{_row(head, "th", numeric)}{body}</table></div>'


def _row(cells: Sequence[str], tag: str, numeric: Collection[int]) -> str:
    return f"<tr>{''.join(_cells(cells, tag, numeric))}</tr>"


def _cells(cells: Sequence[str], tag: str, numeric: Collection[int]) -> Iterable[str]:
    for place, cell in enumerate(cells):
        kind = ' class="number"' if place in numeric else ""
        yield f"<{tag}{kind}>{escape(cell)}</{tag}>"
