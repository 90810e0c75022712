"""The model's card on the accuracy page: where not to believe the model, and what it is."""

from __future__ import annotations

from collections.abc import Sequence

from dash import html
from dash.development.base_component import Component

from sighthound.app.figures.numbers import plain
from sighthound.core.project.model_card import PARTS, CardLine, ModelCard

ADDRESS = "/accuracy#model-card"
SMALL = 0.01  # share below which a percentage has a decimal


def doubts_section(card: ModelCard, measured: Sequence[str] = ()) -> Component:
    """Lay out where not to believe the model.

    Parameters
    ----------
    card : ModelCard
    measured : sequence of str
        What measured effects say against it.
    """
    doubts = [*measured, *card.doubts]
    said = html.Ul([html.Li(doubt) for doubt in doubts], className="accuracy-doubts")
    nothing = html.P("By the rules of the card there is nothing to be said against it.")
    numbers = html.P(["The numbers are in ", html.A("the model's card", href="#model-card"), "."])
    return html.Section(
        [html.H2("Where not to believe it"), said if doubts else nothing, numbers], id="doubts"
    )


def card_section(card: ModelCard, is_present: bool) -> Component:
    """Lay out the numbers of a card, each with its unit and what it is over.

    Parameters
    ----------
    is_present : bool
        Whether it is of the project's present model.
    """
    parts: list[Component] = [html.H2("Model card")]
    if not is_present:
        parts.append(html.P("This card is of an earlier model.", role="alert"))
    for part, heading in PARTS.items():
        lines = card.part(part)
        if lines:
            rows = [_row(line) for line in lines]
            table = html.Table(html.Tbody(rows))
            parts += [html.H3(heading), html.Div(table, className="accuracy-table model-card")]
    if not card.evaluated:
        parts.append(html.P("Its accuracy has not been measured.", className="quiet"))
    return html.Section(parts, id="model-card")


def _row(line: CardLine) -> Component:
    return html.Tr(
        [
            html.Td(line.name),
            html.Td(value_in_words(line), className="number"),
            html.Td(unit_in_words(line)),
            html.Td(line.over, className="over"),
        ]
    )


def value_in_words(line: CardLine) -> str:
    """Write a value as people read it: shares as percentages, counts with separators."""
    if isinstance(line.value, str):
        return line.value
    if line.unit.startswith("share"):
        return f"{line.value:.1%}" if 0 < line.value < SMALL else f"{line.value:.0%}"
    return f"{line.value:,}" if isinstance(line.value, int) else plain(line.value)


def unit_in_words(line: CardLine) -> str:
    """Write a unit as it stands behind a value; a percentage says of what."""
    return line.unit.removeprefix("share").strip() if line.unit.startswith("share") else line.unit
