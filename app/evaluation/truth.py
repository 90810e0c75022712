"""Measured effects beside predictions: figures, words and rows of tables.

The report of a table and the Accuracy page draw the same panels, from the table and its comparison.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import plotly.graph_objects as go
from numpy.typing import NDArray

from sighthound.app.evaluation.looks import GREY, GRID, interval, line, number, short, titled
from sighthound.app.evaluation.panels import Panel
from sighthound.app.figures.theme import INK, MUTED, as_text, axis, base_layout
from sighthound.core.interpretation.scores import SCORES
from sighthound.core.project.truth import READOUTS, Truth
from sighthound.core.tracks.bootstrap import Estimate
from sighthound.core.truth.comparison import Ceiling, Comparison
from sighthound.core.truth.tables import SIGNIFICANT

_ROW = 24  # pixels a track
_MOST_SCATTERS = 6
_MOST_POINTS = 1_600  # that a panel draws
_SURE, _UNSURE = "#0b5c97", GREY
_MEASURES = (
    ("spearman", "Spearman r", 0.0),
    ("same_sign", "share of the measured sign", 0.5),
    ("auroc", "AUROC of significant", 0.5),
)


@dataclass(frozen=True)
class TruthCard:
    """A table of measured effects with all that is said of it.

    Attributes
    ----------
    names : mapping
        Names of tracks by id.
    """

    truth: Truth
    comparisons: Sequence[Comparison]
    ceilings: Sequence[Ceiling]
    names: Mapping[str, str]

    def name(self, track: str) -> str:
        """The name of a track."""
        return self.names.get(track, track)

    @property
    def ranked(self) -> list[Comparison]:
        """Comparisons, the largest Spearman correlation by size first."""

        def size(one: Comparison) -> tuple[float, str]:
            value = one.spearman.value
            return (-abs(value) if math.isfinite(value) else 1.0, one.track)

        return sorted(self.comparisons, key=size)


def summary(card: TruthCard) -> str:
    """Say in a few sentences what a table holds and how right predictions of it are."""
    rows = card.truth.rows
    alleles = len(rows[["chrom", "position", "ref", "alt"]].drop_duplicates())
    experiments = rows["experiment"].nunique()
    said = f"{len(rows):,} measurements of {alleles:,} alleles"
    said += f" in {experiments:,} experiments" if experiments > 1 else ""
    if card.truth.has_significance:
        sure = int((rows["q"] < SIGNIFICANT).sum())
        said += f"; {sure:,} at a false discovery rate below 5 %"
    said += ". "
    if not card.comparisons:
        return f"{said}Nothing is predicted yet: the project has no model."
    best = card.ranked[0]
    if math.isfinite(best.spearman.value):
        said += (
            f"Of {_counted(card)} {_named(card, best.track)} has the largest Spearman "
            f"r by size, {_words(best.spearman)}; the largest of several is optimistic. "
        )
    else:
        said += "Too few measurements for a correlation. "
    return said + ceiling_words(card.ceilings)


def _named(card: TruthCard, track: str) -> str:
    """The name of a track, or of a readout, within a sentence."""
    return f"\u201c{card.name(track)}\u201d" if track in READOUTS else card.name(track)


def _counted(card: TruthCard) -> str:
    """How many tracks are compared, and readouts beside them."""
    tracks = sum(one.track not in READOUTS for one in card.comparisons)
    readouts = len(card.comparisons) - tracks
    said = f"{tracks:,} track{'s' if tracks != 1 else ''}"
    return f"{said} and {readouts} readouts of promoters" if readouts else said


def ceiling_words(ceilings: Sequence[Ceiling]) -> str:
    """Say what repeated measurements allow."""
    if not ceilings:
        return "No allele was measured twice: no ceiling is known."
    every = ceilings[0]
    if not math.isfinite(every.pearson.value):
        return f"{every.n:,} pairs of measurements of one allele: too few for a ceiling."
    reach = (
        f", so that a prediction without error would reach r {number(every.reachable)}"
        if math.isfinite(every.reachable)
        else ": they agree no better than by chance, and so can no prediction with them"
    )
    return (
        f"Two measurements of one allele agree with r {_words(every.pearson)} ({every.n:,} "
        f"pairs){reach}."
    )


def truth_panels(card: TruthCard) -> list[Panel]:
    """Draw a table's figures; those that cannot be drawn, without one."""
    name = card.truth.name
    title = f"Measured effects: {name}"
    score = SCORES.get(card.truth.score)
    if score is None or not any(math.isfinite(c.spearman.value) for c in card.comparisons):
        lack = "nothing is predicted yet" if score is None else "fewer than 20 measurements"
        return [Panel(f"truth-{name}", "", title, lack)]
    by = f"{score.label}, {score.formula}"
    signs = (
        "signs, of effects at a false discovery rate below 5 %; AUROC, whether sizes of "
        "predictions tell these from the others"
        if card.truth.has_significance
        else "signs, of all effects; the table says nothing of significance"
    )
    return [
        Panel(
            f"truth-{name}", "", title,
            f"{summary(card)} Predicted: {by}. Bars are 95 % intervals over blocks of neighbours; "
            f"{signs}.",
            agreement_figure(card),
        ),
        Panel(
            f"truth-{name}-points", "", f"{name}: effect by effect",
            f"The {min(_MOST_SCATTERS, len(card.comparisons))} tracks of the largest Spearman r by "
            f"size, of {len(card.comparisons):,}. A point is a measurement: {card.truth.effect} as "
            "it was given, against what is predicted. "
            + ("Blue: significant. " if card.truth.has_significance else "")
            + _sample_words(card.truth),
            points_figure(card),
        ),
    ]  # fmt: skip


def _sample_words(truth: Truth) -> str:
    drawn = sum(map(len, _drawn_points(truth)))
    return "" if drawn == len(truth.rows) else f"An even sample of {drawn:,} is drawn."


def agreement_figure(card: TruthCard) -> go.Figure:
    """Draw correlation, signs and AUROC of every track, with intervals and the ceiling."""
    ranked = card.ranked
    labels = [short(card.name(one.track)) for one in ranked]
    places = list(range(len(ranked)))
    measures = [m for m in _MEASURES if any(_known(getattr(one, m[0])) for one in ranked)]
    gap = 0.05
    width = (1 - gap * (len(measures) - 1)) / len(measures)
    layout = base_layout(
        height=_ROW * len(ranked) + 96, margin={"l": 8, "r": 12, "t": 30, "b": 46}, shapes=[],
        annotations=[], hovermode="closest", showlegend=False,
    )  # fmt: skip
    traces: list[dict[str, Any]] = []
    for place, (measure, label, chance) in enumerate(measures):
        which = "" if place == 0 else str(place + 1)
        left = place * (width + gap)
        values = [getattr(one, measure) for one in ranked]
        ends = [v for one in values for v in (one.value, one.low, one.high) if math.isfinite(v)]
        layout[f"xaxis{which}"] = axis(
            domain=[left, left + width], anchor=f"y{which}", nticks=5, automargin=True,
            range=[min([chance, *ends]) - 0.05, max([chance, *ends]) + 0.05],
            **titled(label), **GRID,
        )  # fmt: skip
        layout[f"yaxis{which}"] = axis(
            anchor=f"x{which}", tickvals=places, ticktext=labels, range=[len(ranked) - 0.4, -0.6],
            ticks="", showline=False, automargin=True, showticklabels=place == 0,
            tickfont={"size": 11.5, "color": INK},
        )  # fmt: skip
        axes = {"xref": f"x{which}", "yref": f"y{which}"}
        layout["shapes"].append(line(chance, -0.6, chance, len(ranked) - 0.4, **axes))
        known = [n for n, one in enumerate(values) if _known(one)]
        whole = [n for n in known if math.isfinite(values[n].low)]
        traces.append(
            {
                "type": "scatter", "mode": "markers", "xaxis": f"x{which}", "yaxis": f"y{which}",
                "x": [values[n].value for n in known], "y": known,
                "marker": {"size": 7, "color": _SURE},
                "hovertext": [_note(card, ranked[n]) for n in known], "hoverinfo": "text",
                "error_x": {
                    "type": "data", "symmetric": False, "thickness": 1.2, "width": 0,
                    "color": _SURE,
                    "array": [values[n].high - values[n].value if n in whole else 0 for n in known],
                    "arrayminus": [
                        values[n].value - values[n].low if n in whole else 0 for n in known
                    ],
                },
            }
        )  # fmt: skip
    _add_ceiling(card, layout, len(ranked))
    return go.Figure({"data": traces, "layout": layout})


def _add_ceiling(card: TruthCard, layout: dict[str, Any], rows: int) -> None:
    """The rank correlation of two measurements, on the axis of rank correlations."""
    if not card.ceilings or not _known(card.ceilings[0].spearman):
        return
    value = card.ceilings[0].spearman.value
    low, high = layout["xaxis"]["range"]
    layout["xaxis"]["range"] = [min(low, value - 0.05), max(high, value + 0.05)]
    layout["shapes"].append(
        line(value, -0.6, value, rows - 0.4, xref="x", yref="y")
        | {"line": {"color": MUTED, "width": 1.5}}
    )
    layout["annotations"].append(
        {
            "text": f"two measurements {number(value)}", "x": value, "y": 1, "xref": "x",
            "yref": "y domain", "xanchor": "right" if value > 0.2 else "left",
            "yanchor": "bottom", "showarrow": False, "font": {"size": 11, "color": MUTED},
        }
    )  # fmt: skip


def points_figure(card: TruthCard) -> go.Figure:
    """Draw measured against predicted effects of the tracks that agree most."""
    truth = card.truth
    chosen = card.ranked[:_MOST_SCATTERS]
    rows, predicted = truth.rows, truth.predicted
    unsure, sure = _drawn_points(truth)
    across = min(3, len(chosen))
    down = -(-len(chosen) // across)
    gap_x, gap_y = 0.07, 0.34 / down if down > 1 else 0.0
    width, height = (1 - gap_x * (across - 1)) / across, (1 - gap_y * (down - 1)) / down
    layout = base_layout(
        height=260 * down + 40, margin={"l": 8, "r": 12, "t": 30, "b": 48}, annotations=[],
        shapes=[], hovermode="closest", showlegend=False,
    )  # fmt: skip
    traces: list[dict[str, Any]] = []
    for place, one in enumerate(chosen):
        which = "" if place == 0 else str(place + 1)
        row, column = divmod(place, across)
        left, bottom = column * (width + gap_x), 1 - (row + 1) * height - row * gap_y
        layout[f"xaxis{which}"] = axis(
            domain=[left, left + width], anchor=f"y{which}", nticks=5, automargin=True,
            **titled("predicted" if place + across >= len(chosen) else ""), **GRID,
        )  # fmt: skip
        layout[f"yaxis{which}"] = axis(
            domain=[bottom, bottom + height], anchor=f"x{which}", nticks=5, automargin=True,
            **titled(f"measured ({as_text(truth.effect)})" if column == 0 else ""), **GRID,
        )  # fmt: skip
        layout["annotations"].append(
            {
                "text": f"<b>{short(card.name(one.track))}</b>  {number(one.spearman.value)}",
                "x": left + width / 2, "y": bottom + height, "xref": "paper", "yref": "paper",
                "xanchor": "center", "yanchor": "bottom", "showarrow": False,
                "font": {"size": 12, "color": INK},
            }
        )  # fmt: skip
        values = predicted[:, truth.tracks.index(one.track)]
        for points, colour in ((unsure, _UNSURE), (sure, _SURE)):
            own = rows.iloc[points]
            traces.append(
                {
                    "type": "scatter", "mode": "markers", "x": values[points].tolist(),
                    "y": own["effect"].tolist(), "xaxis": f"x{which}", "yaxis": f"y{which}",
                    "marker": {"size": 4, "color": colour, "opacity": 0.6},
                    "text": [
                        as_text(f"{c}:{p + 1:,} {r}>{a}")
                        for c, p, r, a in zip(
                            own["chrom"], own["position"], own["ref"], own["alt"], strict=True
                        )
                    ],
                    "hovertemplate": "%{text}<br>measured %{y:.3g}, predicted %{x:.3g}"
                    "<extra></extra>",
                }
            )  # fmt: skip
    return go.Figure({"data": traces, "layout": layout})


def _drawn_points(truth: Truth) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """Which measurements are drawn: not significant, and significant; of many an even sample."""
    is_sure = (truth.rows["q"] < SIGNIFICANT).to_numpy()
    both = np.flatnonzero(~is_sure), np.flatnonzero(is_sure)
    room = _MOST_POINTS // 2
    left = [max(room, _MOST_POINTS - len(other)) for other in both[::-1]]
    unsure, sure = (own[:: -(-len(own) // most) or 1] for own, most in zip(both, left, strict=True))
    return unsure, sure


COMPARISON_HEADS = (
    "track", "n", "Pearson r", "Spearman r", "same sign", "of", "AUROC", "significant",
)  # fmt: skip
CEILING_HEADS = (
    "experiment", "other", "alleles", "Pearson r", "Spearman r", "same sign", "of",
    "reachable r",
)  # fmt: skip
COMPARISON_NUMERIC, CEILING_NUMERIC = frozenset(range(1, 8)), frozenset(range(2, 8))


def comparison_rows(card: TruthCard) -> list[tuple[str, ...]]:
    """Write comparisons for people, in the columns of `COMPARISON_HEADS`."""
    return [
        (
            card.name(one.track), f"{one.n:,}", _words(one.pearson), _words(one.spearman),
            _words(one.same_sign), f"{one.signed:,}", _words(one.auroc), f"{one.significant:,}",
        )
        for one in card.ranked
    ]  # fmt: skip


def ceiling_rows(ceilings: Sequence[Ceiling]) -> list[tuple[str, ...]]:
    """Write ceilings for people, in the columns of `CEILING_HEADS`."""
    return [
        (
            one.one, one.other, f"{one.n:,}", _words(one.pearson), _words(one.spearman),
            _words(one.same_sign), f"{one.signed:,}", number(one.reachable),
        )
        for one in ceilings
    ]  # fmt: skip


def _note(card: TruthCard, one: Comparison) -> str:
    lines = [
        f"<b>{as_text(card.name(one.track))}</b>",
        f"Pearson r {_words(one.pearson)}, Spearman {_words(one.spearman)}",
        f"same sign {_words(one.same_sign)} of {one.signed:,}",
    ]
    if _known(one.auroc):
        lines.append(f"AUROC {_words(one.auroc)}, {one.significant:,} significant")
    return "<br>".join([*lines, f"{one.n:,} measurements"])


def _known(one: Estimate) -> bool:
    return math.isfinite(one.value)


def _words(one: Estimate) -> str:
    return interval(one.value, one.low, one.high)
