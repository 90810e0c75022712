"""Dash's HTML components as HTML, for what a page shows before Dash is there."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from dash.development.base_component import Component
from markupsafe import escape

# As React names them.
_NAMES = {"className": "class", "htmlFor": "for"}
_VOID = frozenset({"br", "hr", "img", "input", "link", "meta"})


def to_html(part: Any) -> str:
    """Write components as HTML.

    Parameters
    ----------
    part : Component, str, number, None or list of these
        Of `dash.html` only: others are drawn by scripts.

    Returns
    -------
    str

    Raises
    ------
    TypeError
        A component is not one of `dash.html`, or a property is no text, number or truth.
    """
    if part is None:
        return ""
    if isinstance(part, list | tuple):
        return "".join(map(to_html, part))
    if not isinstance(part, Component):
        return str(escape(part))
    written = part.to_plotly_json()
    if written["namespace"] != "dash_html_components":
        raise TypeError(f"{written['namespace']}.{written['type']} is drawn by a script")
    properties = dict(written["props"])
    children, tag = to_html(properties.pop("children", None)), written["type"].lower()
    opening = f"<{tag}{_attributes(properties)}>"
    return opening if tag in _VOID else f"{opening}{children}</{tag}>"


def _attributes(properties: Mapping[str, Any]) -> str:
    # In one order: Dash gives aria-... and data-... in another each time.
    return "".join(
        f" {_NAMES.get(name, name.lower())}" + ("" if value is True else f'="{_text(name, value)}"')
        for name, value in sorted(properties.items())
        if value is not None and value is not False
    )


def _text(name: str, value: Any) -> str:
    if not isinstance(value, str | int | float):
        raise TypeError(f"{name} of an element is {type(value).__name__}, not text")
    return str(escape(value))
