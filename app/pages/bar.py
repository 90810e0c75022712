"""What the bars at the top of pages are made of: buttons, a choice of one, a badge."""

from __future__ import annotations

from typing import Any

from dash import html
from dash.development.base_component import Component

_PAGES = (
    ("Locus", "/"), ("Tracks", "/tracks"), ("Variants", "/variants"), ("Accuracy", "/accuracy"),
    ("About", "/about"),
)  # fmt: skip
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


def pages_nav(here: str) -> Component:
    """Lay out the links from page to page; `here` is the one that they stand on."""
    current: dict[str, Any] = {"aria-current": "page"}
    links = []
    for words, address in _PAGES:
        if words == here:
            links.append(html.A(words, href="#", **current))
        elif address == "/":
            links.append(html.A(words, href=address, id="to-locus"))
        else:
            links.append(html.A(words, href=address))
    return html.Nav(links, className="segments", **label("Pages"))


def simulated_badge() -> list[Component]:
    """The badge that says that nothing was measured, and its longer words."""
    described: dict[str, Any] = {"aria-describedby": "simulated-tip"}
    return [
        html.Span("simulated assays", id="simulated-badge", tabIndex="0", **described),
        html.Span(_SIMULATED, id="simulated-tip", className="tip", role="tooltip"),
    ]


def person_host(login: str) -> list[Component]:
    """Where a page says who is logged in, by assets/ui/person.js; nowhere without a login."""
    return [] if login == "none" else [html.Div(id="person")]


def label(words: str) -> dict[str, Any]:
    """An accessible name."""
    return {"aria-label": words}
