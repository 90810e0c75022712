"""The variants page: lists of variants are scored, and tables of scored variants looked through.

assets/variants lays out what the server says of them; Dash draws the two pictures of what is asked
for, in the page's theme, which `variants-asked` holds beside it.
"""

from __future__ import annotations

from typing import Any

import dash
import plotly.graph_objects as go
from dash import Input, Output, dcc, html
from dash.development.base_component import Component
from flask import Blueprint, Response, abort, send_file

from sighthound.app.answers.project import Heading
from sighthound.app.figures.scored_variants import across_genome, strongest
from sighthound.app.figures.theme import in_theme, plotly_config
from sighthound.app.pages.bar import icon_button, pages_nav, person_host, simulated_badge
from sighthound.app.pages.page import (
    COMMON_STYLES,
    DASH_HERE,
    PROJECT_LINK,
    index_string,
    script_bundle,
    style_bundle,
)
from sighthound.app.project_state import Catalogue
from sighthound.app.variants.routes import asked_rows
from sighthound.app.variants.tables import ScoredTables
from sighthound.core.errors import SighthoundError
from sighthound.core.project.layout import studies_folder

BUNDLES = (
    style_bundle("variants.css", [*COMMON_STYLES, "../variants/variants.css"]),
    script_bundle("variants/main.js"),
)
# Component libraries that other pages use.
WITHOUT = ("dash_ag_grid/", "dash/dash_table/")
_CONFIG: Any = plotly_config("sighthound_variants")


def index(heading: Heading) -> str:
    """Make the page's HTML; `heading` as `frame` takes it."""
    return index_string(frame(heading), BUNDLES, [PROJECT_LINK])


def frame(heading: Heading) -> Component:
    """Lay out the page around its pictures.

    Parameters
    ----------
    heading : Heading
        What stands above the page.
    """
    name = [html.Span("Sighthound", className="brand"), html.Span(heading.genome, id="genome")]
    brand = [*name, *(simulated_badge() if heading.simulated else [])]
    top = html.Header(
        [
            html.Div(brand, className="brand-line"),
            pages_nav("Variants"),
            *person_host(heading.login),
            icon_button("theme-toggle", "\u25d0", "Light or dark"),
        ],
        className="top",
    )
    main = html.Main(
        [
            html.H1("Variants"),
            html.Div(id="variant-lists"),
            html.Div(id="atlas-host"),
            html.Div(id="scored-head"),
            html.Div(DASH_HERE, id="scored-pictures", hidden=True),
            html.Div(id="scored-rows"),
        ],
        className="variants",
    )
    return html.Div([top, main], className="page")


def layout() -> Component:
    """Lay out what Dash draws, before anything is asked for."""
    return html.Div(
        [dcc.Store(id="variants-asked"), html.Div(id="scored-figures", className="pictures")]
    )


def register_callbacks(dash_app: dash.Dash, catalogue: Catalogue, tables: ScoredTables) -> None:
    """Register what draws the pictures."""

    @dash_app.callback(
        Output("scored-figures", "children"),
        Input("variants-asked", "data"),
        prevent_initial_call=True,
    )
    def draw(asked: dict[str, Any] | None) -> list[Component]:
        given = asked if isinstance(asked, dict) else {}
        said = {key: value for key, value in given.items() if isinstance(value, str)}
        found = tables.select(said.get("id", ""), asked_rows(said))
        if found is None:
            raise SighthoundError("this table of scored variants is not here any more")
        names = {id: track.name for id, track in catalogue.tracks().items()}
        theme = said.get("theme")
        theme = theme if theme in ("light", "dark") else None
        rows, score, members = found.rows[found.passes], found.score, found.table.members
        genome = across_genome(rows, score, catalogue.genome.lengths, names, members)
        return [
            _figure("genome", *genome, theme),
            _figure("strongest", *strongest(rows, score, names, members), theme),
        ]


def _figure(name: str, drawn: go.Figure, words: str, theme: str | None) -> Component:
    return html.Figure(
        [
            html.Figcaption(words, id=f"{name}-words"),
            dcc.Graph(
                id=f"{name}-figure",
                figure=in_theme(drawn, theme),
                responsive=True,
                config=_CONFIG,
                style={"height": drawn.layout.height},
            ),
        ]
    )


def blueprint(catalogue: Catalogue, tables: ScoredTables) -> Blueprint:
    """Make the route that gives reports of studies as files."""
    routes = Blueprint("studies", __name__)

    @routes.get("/studies/<path:name>")
    def report(name: str) -> Response:
        if name not in tables.studies():
            abort(404)
        # To be kept, not opened here: a report may have scripts of its own.
        path = studies_folder(catalogue.project) / name
        return send_file(path, as_attachment=True, conditional=True)

    return routes
