"""The report: one HTML file that stands alone, with the figures, their words and the main table."""

from __future__ import annotations

import math
from collections.abc import Sequence
from html import escape
from pathlib import Path

from sighthound.app.evaluation.looks import interval, number
from sighthound.app.evaluation.panels import Evaluation, Panel, panels, summary
from sighthound.app.evaluation.standalone import figure_html, standalone_html, table_html
from sighthound.core.files import write_text
from sighthound.core.project.evaluation import ALL, REPORT_FILE


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
    head, *rows = track_rows(found)
    parts = [
        f"<h1>{escape(title)}: how right the model is</h1>",
        f'<p class="quiet">Model {escape(about.model)}, genome {escape(about.genome)}, Sighthound '
        f"{escape(about.version)}; the {about.fold} fold, {about.bases:,} bases that it never "
        "learned from. Figures are numbered as in Kelley et al., Genome Research 28, 739 (2018). "
        "Each is drawn from a table beside this file.</p>",
        f"<p>{escape(summary(found))}</p>",
        *_doubts(doubts),
        *map(panel_html, panels(found)),
        "<h2>Every track</h2>",
        f"<p>Over bins of {about.bin:,} bp, with 95 % intervals; tracks.tsv has more.</p>",
        table_html(head, rows, NUMERIC),
    ]
    return standalone_html(title, parts)


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


def panel_html(panel: Panel) -> str:
    """Write a panel of a report: its head, its words, its figure."""
    paper = f" <small>Fig. {escape(panel.paper)}</small>" if panel.paper else ""
    head = f'<h2 id="{panel.id}">{escape(panel.title)}{paper}</h2>'
    if panel.figure is None:
        return f'{head}<p class="quiet">Not drawn: {escape(panel.words)}.</p>'
    return f"{head}<p>{escape(panel.words)}</p>{figure_html(panel.figure, panel.id)}"
