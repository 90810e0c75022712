"""The report: one HTML file that stands alone, with the figures, their words and the main table."""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence
from html import escape
from pathlib import Path

from plotly.offline import get_plotlyjs

from sighthound.app.evaluation.looks import interval, number
from sighthound.app.evaluation.panels import Evaluation, Panel, panels, summary
from sighthound.core.files import write_text
from sighthound.core.project.evaluation import ALL, REPORT_FILE

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
# Plotly offers to upload a figure to its makers' cloud: nothing leaves the lab.
_CONFIG = {
    "displaylogo": False,
    "responsive": True,
    "showSendToCloud": False,
    "plotlyServerURL": "",
    "modeBarButtonsToRemove": ["select2d", "lasso2d", "autoScale2d", "sendChartToCloud"],
    "toImageButtonOptions": {"format": "svg"},
}


def write_report(found: Evaluation, title: str, doubts: Sequence[str] = ()) -> Path:
    """Write the report beside the tables.

    Parameters
    ----------
    doubts : sequence of str
        Where not to believe the model, of its card.

    Returns
    -------
    path
    """
    file = found.folder / REPORT_FILE
    write_text(file, report_html(found, title, doubts))
    return file


def report_html(found: Evaluation, title: str, doubts: Sequence[str] = ()) -> str:
    """Make the report's HTML; it loads nothing."""
    about = found.about
    parts = [
        f"<h1>{escape(title)}: how right the model is</h1>",
        f'<p class="quiet">Model {escape(about.model)}, genome {escape(about.genome)}, Sighthound '
        f"{escape(about.version)}; the {about.fold} fold, {about.bases:,} bases that it never "
        "learned from. Figures are numbered as in Kelley et al., Genome Research 28, 739 (2018). "
        "Each is drawn from a table beside this file.</p>",
        f"<p>{escape(summary(found))}</p>",
        *_doubts(doubts),
        *map(_panel, panels(found)),
        "<h2>Every track</h2>",
        f"<p>Over bins of {about.bin:,} bp, with 95 % intervals; tracks.tsv has more.</p>",
        f'<div class="scroll">{_tracks(found)}</div>',
    ]
    return (
        f'<!doctype html><html lang="en"><meta charset="utf-8"><title>{escape(title)}</title>'
        f'<meta name="viewport" content="width=device-width"><style>{_STYLE}</style>'
        f"<script>{get_plotlyjs()}</script>{''.join(parts)}</html>\n"
    )


def _doubts(doubts: Sequence[str]) -> list[str]:
    if not doubts:
        return []
    said = "".join(f"<li>{escape(doubt)}</li>" for doubt in doubts)
    return [f'<h2 id="doubts">Where not to believe it</h2><ul>{said}</ul>']


def track_rows(found: Evaluation) -> list[tuple[str, ...]]:
    """Give the main table for people: a row a track, after a row of heads."""
    masked = found.accuracy()
    every = found.accuracy(region=ALL).set_index("track")["pearson_log1p"]
    rows: list[tuple[str, ...]] = [TRACK_HEADS]
    for row in masked.rename(columns={"name": "name_"}).itertuples():
        rows.append(
            (
                row.name_,
                row.assay,
                interval(row.pearson_log1p, row.pearson_log1p_low, row.pearson_log1p_high),
                number(row.ceiling_log1p) if math.isfinite(row.ceiling_log1p) else "",
                row.ceiling_of,
                number(every.get(row.track, math.nan)),
                interval(row.pearson, row.pearson_low, row.pearson_high),
                number(row.r2),
                interval(row.level, row.level_low, row.level_high),
                f"{row.n_bins:,}",
                row.note,
            )
        )
    return rows


TRACK_HEADS = (
    "track", "assay", "r of log(1 + x)", "ceiling", "of", "r, all bins", "r of x", "R\u00b2",
    "level", "bins", "note",
)  # fmt: skip
NUMERIC = frozenset({2, 3, 5, 6, 7, 8, 9})


def _panel(panel: Panel) -> str:
    paper = f" <small>Fig. {escape(panel.paper)}</small>" if panel.paper else ""
    head = f'<h2 id="{panel.id}">{escape(panel.title)}{paper}</h2>'
    if panel.figure is None:
        return f'{head}<p class="quiet">Not drawn: {escape(panel.words)}.</p>'
    drawn = panel.figure.to_html(
        full_html=False, include_plotlyjs=False, div_id=f"figure-{panel.id}", config=_CONFIG
    )
    return f"{head}<p>{escape(panel.words)}</p>{drawn}"


def _tracks(found: Evaluation) -> str:
    head, *rows = track_rows(found)
    return f"<table>{_row(head, 'th')}{''.join(_row(row, 'td') for row in rows)}</table>"


def _row(cells: Sequence[str], tag: str) -> str:
    return f"<tr>{''.join(_cells(cells, tag))}</tr>"


def _cells(cells: Sequence[str], tag: str) -> Iterable[str]:
    for place, cell in enumerate(cells):
        kind = ' class="number"' if place in NUMERIC else ""
        yield f"<{tag}{kind}>{escape(cell)}</{tag}>"
