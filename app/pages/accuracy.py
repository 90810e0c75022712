"""The accuracy page: how right the model is, in the figures of its evaluation.

Dash draws the figures that `sighthound evaluate` has the tables of, in the page's theme, which
assets/view/page/accuracy.js puts into the store `accuracy-theme`. The tables themselves, and the
report as one file, are given as files.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import dash
from dash import Input, Output, dcc, html
from dash.development.base_component import Component
from flask import Blueprint, Response, abort, send_file

from sighthound.app.answers.project import Heading
from sighthound.app.figures.theme import in_theme, plotly_config
from sighthound.app.pages.bar import icon_button, label, pages_nav, person_host, simulated_badge
from sighthound.app.pages.model_card import card_section, doubts_section
from sighthound.app.pages.page import (
    COMMON_STYLES,
    DASH_HERE,
    index_string,
    script_bundle,
    style_bundle,
)
from sighthound.app.project_state import Catalogue
from sighthound.app.truth.tables import MeasuredTables
from sighthound.app.web.public import public_line
from sighthound.core.errors import SighthoundError
from sighthound.core.project.evaluation import (
    REPORT_FILE,
    TABLES,
    evaluation_files,
    evaluation_folder,
)
from sighthound.core.project.model_card import read_card

if TYPE_CHECKING:  # takes long to import, and no other page needs it
    from sighthound.app.evaluation.panels import Evaluation, Panel

BUNDLES = (
    style_bundle("accuracy.css", [*COMMON_STYLES, "about.css", "accuracy.css"]),
    script_bundle("view/page/accuracy.js"),
)
# Component libraries that other pages use.
WITHOUT = ("dash_ag_grid/", "dash/dash_table/")
_NONE = (
    "This model has not been evaluated. Whoever runs the server can have it measured on the "
    "sequence that it never learned from:"
)


def index(heading: Heading) -> str:
    """Make the page's HTML; `heading` as `frame` takes it."""
    return index_string(frame(heading), BUNDLES)


def frame(heading: Heading) -> Component:
    """Lay out the page around its figures."""
    name = [html.Span("Sighthound", className="brand"), html.Span(heading.genome, id="genome")]
    brand = [*name, *(simulated_badge() if heading.simulated else [])]
    top = html.Header(
        [
            html.Div(brand, className="brand-line"),
            pages_nav("Accuracy"),
            *person_host(heading.login),
            icon_button("theme-toggle", "\u25d0", "Light or dark"),
        ],
        className="top",
    )
    main = html.Main([html.H1("How right the model is"), DASH_HERE], className="about accuracy")
    return html.Div([top, main], className="page")


def layout() -> Component:
    """Lay out what Dash draws, before the theme is known."""
    return html.Div(
        [
            dcc.Store(id="accuracy-theme"),
            html.Div(html.P("The figures come \u2026"), id="accuracy-panels"),
        ]
    )


def register_callbacks(dash_app: dash.Dash, catalogue: Catalogue) -> None:
    """Register what draws the figures."""

    @dash_app.callback(
        Output("accuracy-panels", "children"),
        Input("accuracy-theme", "data"),
        prevent_initial_call=True,
    )
    def draw(theme: str | None) -> list[Component]:
        return contents(catalogue, theme if theme in ("light", "dark") else None)


def contents(catalogue: Catalogue, theme: str | None = None) -> list[Component]:
    """Lay out words, figures and tables of the project's evaluation.

    Parameters
    ----------
    theme : {"light", "dark"} or None
    """
    from sighthound.app.evaluation.panels import open_evaluation, panels, summary
    from sighthound.app.evaluation.signs import sign_doubts
    from sighthound.app.evaluation.truth import truth_panels

    tables = MeasuredTables(catalogue)
    project = catalogue.project
    files = [*evaluation_files(project), project.tracks.table]

    is_partial = bool(catalogue.hidden())

    def read() -> tuple[Evaluation, str, list[Panel]] | None:
        tracks = catalogue.tracks().values()
        found = open_evaluation(evaluation_folder(project), tracks, is_partial)
        return None if found is None else (found, summary(found), panels(found))

    try:
        known = catalogue.read_again(f"accuracy {catalogue.view()}", files, read)
        truths = tables.cards()
        measured = [_section(panel, theme) for truth in truths for panel in truth_panels(truth)]
        # The card counts all tracks.
        card = None if is_partial else read_card(project.model.directory)
        above = [] if card is None else [doubts_section(card, list(sign_doubts(truths)))]
        is_present = card is not None and card.model == catalogue.model_hash()
        below = [] if card is None else [card_section(card, is_present)]
        if known is None:
            nothing = [html.P(_NONE), html.Pre(f"sighthound evaluate {project.root.name}")]
            return [*nothing, *above, *measured, *below]
        found, words, drawn = known
        return [
            *_head(catalogue, found, words),
            *above,
            *(_section(panel, theme) for panel in drawn),
            *measured,
            *below,
            html.Section([html.H2("Every track"), _tracks(found)], id="every-track"),
            *([] if is_partial else [_files(catalogue)]),
        ]
    except SighthoundError as error:
        return [html.P(public_line(project, str(error)), role="alert")]


def _head(catalogue: Catalogue, found: Evaluation, words: str) -> list[Component]:
    about = found.about
    parts: list[Component] = []
    if about.model != catalogue.model_hash():
        parts.append(
            html.P(
                "These figures are of an earlier model; \u201csighthound evaluate\u201d measures "
                "the present one.",
                className="accuracy-warning",
                role="alert",
            )
        )
    return [
        *parts,
        html.P(words, className="accuracy-summary"),
        html.P(
            f"On the {about.fold} fold, {about.bases:,} bases that the model never learned from. "
            "Figures carry their numbers in Kelley et al., Genome Research 28, 739 (2018).",
            className="quiet",
        ),
    ]


def _section(panel: Panel, theme: str | None) -> Component:
    paper = [html.Small(f"Fig. {panel.paper}")] if panel.paper else []
    head = html.H2([f"{panel.title} ", *paper])
    if panel.figure is None:
        return html.Section(
            [head, html.P(f"Not drawn: {panel.words}.", className="quiet")], id=panel.id
        )
    figure = in_theme(panel.figure, theme)
    graph = dcc.Graph(
        id=f"figure-{panel.id}",
        figure=figure,
        responsive=True,
        style={"height": figure.layout.height},
        config=plotly_config(f"sighthound_{panel.id}"),
    )
    return html.Section([head, html.P(panel.words), graph], id=panel.id)


def _tracks(found: Evaluation) -> Component:
    from sighthound.app.evaluation.report import NUMERIC, track_rows

    head, *rows = track_rows(found)

    def cells(row: tuple[str, ...], cell: type[html.Td] | type[html.Th]) -> Component:
        return html.Tr(
            [
                cell(words, className="number" if place in NUMERIC else "")
                for place, words in enumerate(row)
            ]
        )

    body = html.Tbody([cells(row, html.Td) for row in rows])
    table = html.Table([html.Thead(cells(head, html.Th)), body])
    return html.Div(table, className="accuracy-table", tabIndex="0", **label("Every track"))


def _files(catalogue: Catalogue) -> Component:
    folder = evaluation_folder(catalogue.project)
    there = [name for name in (REPORT_FILE, *TABLES) if (folder / name).is_file()]
    links = [html.A(name, href=f"accuracy/{name}", download=name) for name in there]
    return html.Section([html.H2("Files"), html.P(links, className="accuracy-files")], id="files")


def blueprint(catalogue: Catalogue) -> Blueprint:
    """Make the route that gives tables and report as files."""
    routes = Blueprint("accuracy-files", __name__)

    # Dash answers any unknown path with the page, which would look like a damaged table.
    @routes.get("/accuracy/<path:name>")
    def file(name: str) -> Response:
        path = evaluation_folder(catalogue.project) / name
        # They are of all tracks, and many of all together.
        if name not in (REPORT_FILE, *TABLES) or catalogue.hidden() or not path.is_file():
            abort(404)
        # To be kept, not opened here: the report has scripts of its own.
        return send_file(path, as_attachment=True, conditional=True)

    return routes
