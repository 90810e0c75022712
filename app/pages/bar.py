"""What the bars at the top of pages are made of: buttons, a choice of one, a badge."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from dash import html
from dash.development.base_component import Component

_SIMULATED = (
    "The assays of this project were simulated on the real genome by our own simulator; "
    "nothing here was measured."
)


def button(identifier: str, words: str) -> Component:
    """Make a button of the bar."""
    return html.Button(words, id=identifier, className="button", type="button")


def icon_button(identifier: str, sign: str, words: str) -> Component:
    """A button with a sign; `words` say what it does."""
    return html.Button(
        sign, id=identifier, className="button icon", type="button", title=words, **label(words)
    )


def segments(identifier: str, words: str, choices: Mapping[str, str]) -> Component:
    """A choice of one, as ARIA describes a radio group; assets/view/page/modes.js moves in it.

    Parameters
    ----------
    identifier : str
    words : str
        What is chosen.
    choices : mapping
        Label of each value; the first is chosen at first.
    """
    first = next(iter(choices))
    radios = []
    for value, says in choices.items():
        checked: dict[str, Any] = {"aria-checked": "true" if value == first else "false"}
        focus = "0" if value == first else "-1"
        radios.append(
            html.Button(says, role="radio", type="button", value=value, tabIndex=focus, **checked)
        )
    return html.Div(radios, id=identifier, className="segments", role="radiogroup", **label(words))


def simulated_badge() -> list[Component]:
    """The badge that says that nothing was measured, and its longer words."""
    described: dict[str, Any] = {"aria-describedby": "simulated-tip"}
    return [
        html.Span("simulated assays", id="simulated-badge", tabIndex="0", **described),
        html.Span(_SIMULATED, id="simulated-tip", className="tip", role="tooltip"),
    ]


def label(words: str) -> dict[str, Any]:
    """An accessible name."""
    return {"aria-label": words}
