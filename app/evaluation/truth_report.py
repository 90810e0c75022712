"""The report of a table of measured effects: one HTML file that needs nothing else."""

from __future__ import annotations

from html import escape
from pathlib import Path

from sighthound.app.evaluation.report import panel_html
from sighthound.app.evaluation.signs import SIGN_HEADS, SIGN_NUMERIC, sign_rows, sign_words
from sighthound.app.evaluation.standalone import standalone_html, table_html
from sighthound.app.evaluation.truth import (
    CEILING_HEADS,
    CEILING_NUMERIC,
    COMPARISON_HEADS,
    COMPARISON_NUMERIC,
    TruthCard,
    ceiling_rows,
    ceiling_words,
    comparison_rows,
    summary,
    truth_panels,
)
from sighthound.core.files import write_text
from sighthound.core.interpretation.scores import SCORES
from sighthound.core.project.signs import SignCalibration
from sighthound.core.project.truth import READOUTS, REPORT, beside
from sighthound.core.truth.comparison import ALL_PAIRS


def write_truth_report(
    file: Path, card: TruthCard, title: str, signs: SignCalibration | None = None
) -> Path:
    """Write the report of a table beside it; give its path."""
    report = beside(file, REPORT)
    write_text(report, truth_html(card, title, signs))
    return report


def truth_html(card: TruthCard, title: str, signs: SignCalibration | None = None) -> str:
    """Make the report's HTML; it loads nothing."""
    truth = card.truth
    panels = truth_panels(card)
    of = f"Model {escape(truth.model)}, genome" if truth.model else "Genome"
    read = "".join(f"<li>{escape(words)}</li>" for words in truth.said)
    parts = [
        f"<h1>{escape(title)}: measured and predicted effects, {escape(truth.name)}</h1>",
        f'<p class="quiet">{of} {escape(truth.genome)}, Sighthound {escape(truth.version)}; '
        f"measured effects of {escape(truth.source)}.</p>",
        # A figure begins with the summary.
        *([] if panels[0].figure else [f"<p>{escape(summary(card))}</p>"]),
        *map(panel_html, panels),
    ]
    if card.comparisons:
        parts += [
            '<h2 id="tracks">Every track</h2>',
            "<p>With 95 % intervals over blocks of neighbouring measurements.</p>",
            table_html(COMPARISON_HEADS, comparison_rows(card), COMPARISON_NUMERIC),
        ]
    for score in signs.curves if signs else ():
        rows = sign_rows(card, signs, score) if signs else []
        if signs and rows:
            parts += [
                f'<h2 id="signs-{score}">When is the sign of {_label(score)} right?</h2>',
                f"<p>{escape(sign_words(signs, score))}</p>",
                table_html(SIGN_HEADS, rows, SIGN_NUMERIC),
            ]
    if card.ceilings:
        parts += [
            '<h2 id="ceilings">What repeated measurements allow</h2>',
            f"<p>{escape(ceiling_words(card.ceilings))} \u201c{ALL_PAIRS}\u201d takes every pair "
            "of measurements of one allele, in either order; a prediction without error reaches "
            "the square root of r with one measurement.</p>",
            table_html(CEILING_HEADS, ceiling_rows(card.ceilings), CEILING_NUMERIC),
        ]
    parts += [f'<h2 id="read">What was read</h2><ul>{read}</ul>']
    return standalone_html(f"{title}: {truth.name}", parts)


def _label(score: str) -> str:
    """What is predicted, of a score or a readout."""
    return SCORES[score].label if score in SCORES else f"the {READOUTS[score]}"
