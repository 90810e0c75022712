"""Components of dash.html as HTML."""

from __future__ import annotations

from typing import Any

import pytest
from dash import dcc, html

from sighthound.app.pages.markup import to_html


def test_components_become_the_html_that_react_makes_of_them() -> None:
    named: dict[str, Any] = {"aria-label": "1 < 2", "data-kind": "x"}
    part = html.Div(
        [
            html.H1("A & B", className="brand"),
            html.Button("Go", id="go", type="button", tabIndex="-1", hidden=True, **named),
            html.Hr(),
            html.Label(["n = ", 3, None], htmlFor="go", hidden=False),
        ]
    )
    assert to_html(part) == (
        '<div><h1 class="brand">A &amp; B</h1>'
        '<button aria-label="1 &lt; 2" data-kind="x" hidden id="go" tabindex="-1" type="button">'
        'Go</button><hr><label for="go">n = 3</label></div>'
    )


def test_what_a_script_would_draw_is_refused() -> None:
    with pytest.raises(TypeError, match=r"dash_core_components\.Store"):
        to_html(html.Div([dcc.Store(id="kept")]))
    with pytest.raises(TypeError, match="style of an element is dict"):
        to_html(html.Div(style={"height": "3px"}))
