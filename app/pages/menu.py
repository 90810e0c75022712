"""A menu under a button, as ARIA describes it; assets/ui/menu.js opens it and moves in it."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from dash import html
from dash.development.base_component import Component

# Parts the entries before it from those after it.
DIVIDER = None


def menu(identifier: str, label: str, entries: Sequence[tuple[str, str] | None]) -> Component:
    """Lay out a button and its menu.

    Parameters
    ----------
    identifier : str
        Of the button; the menu is `menu-of-<identifier>`.
    label : str
        What the button says.
    entries : sequence of (id, label), or DIVIDER
    """
    below = f"menu-of-{identifier}"
    opens: dict[str, Any] = {
        "aria-haspopup": "menu",
        "aria-expanded": "false",
        "aria-controls": below,
    }
    named: dict[str, Any] = {"aria-labelledby": identifier}
    items = [html.Hr() if entry is DIVIDER else _item(*entry) for entry in entries]
    return html.Div(
        [
            html.Button(label, id=identifier, className="button", type="button", **opens),
            html.Div(items, id=below, className="menu", role="menu", hidden=True, **named),
        ],
        className="menu-host",
    )


def _item(identifier: str, label: str) -> Component:
    return html.Button(
        label, id=identifier, className="menu-item", type="button", role="menuitem", tabIndex="-1"
    )
