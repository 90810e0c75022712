"""The locus page: a frame, into which assets/view draws the genome and Dash the panels.

The drawing code finds its places by id (`locus-view`, `locus-box-host`, `track-picker`); the panels
under the view are in `app.pages.panels`.
"""

from __future__ import annotations

from typing import Any

import dash
from dash import html
from dash.development.base_component import Component

from sighthound.app.answers.project import Heading
from sighthound.app.pages import panels
from sighthound.app.pages.bar import button, icon_button, label, person_host, simulated_badge
from sighthound.app.pages.menu import DIVIDER, menu
from sighthound.app.pages.page import (
    COMMON_STYLES,
    DASH_HERE,
    PROJECT_LINK,
    index_string,
    script_bundle,
    style_bundle,
)

# Which rows there are depends on the visitor's own files, too.
_OWN_LINK = '<link rel="preload" as="fetch" crossorigin href="/api/v1/uploads">'
BUNDLES = (
    style_bundle("locus.css", [*COMMON_STYLES, "picker.css", "view.css", "panels.css", "*.css"]),
    script_bundle("view/page/main.js"),
)
# Component libraries that other pages use.
WITHOUT = ("dash_ag_grid/", "dash/dash_table/")

_LIVE: dict[str, Any] = {"aria-live": "polite"}
# What is taken from the page: id and words of the entries of the export menu.
EXPORTS: list[tuple[str, str] | None] = [
    ("export-svg", "Picture as SVG"),
    ("export-png", "Picture as PNG"),
    ("export-pdf", "Picture as PDF"),
    ("export-print", "Picture for print\u2026"),
    DIVIDER,
    ("export-tsv", "Values as TSV"),
    ("export-bedgraph", "Values as BedGraph"),
    ("export-bigwig", "BigWigs of this window"),
    DIVIDER,
    ("export-igv", "Open in a running IGV"),
    ("export-igv-xml", "Session for IGV"),
    ("export-igv-json", "Session for igv.js"),
    ("export-hub", "Copy track hub address"),
    ("export-files", "Files and addresses\u2026"),
    DIVIDER,
    ("session-save", "Save session as a file"),
    ("session-open", "Open a session\u2026"),
    ("reproduce", "Reproduce this picture\u2026"),
]


def index(heading: Heading) -> str:
    """Make the page's HTML; `heading` as `frame` takes it."""
    return index_string(frame(heading), BUNDLES, [PROJECT_LINK, _OWN_LINK])


def frame(heading: Heading) -> Component:
    """Lay out the page around what Dash draws.

    Parameters
    ----------
    heading : Heading
        What stands above the page.
    """
    return html.Div(
        [
            _top_bar(heading),
            html.Div(
                [
                    html.Aside(
                        [html.Div(id="track-picker"), html.Div(id="own-data")],
                        className="side",
                        **label("Tracks"),
                    ),
                    html.Div(id="track-scrim", className="scrim"),
                    html.Main(
                        [html.Div(id="locus-view", className="view-host"), DASH_HERE],
                        className="centre",
                    ),
                    html.Aside(id="places-host", className="places-side", **label("Places")),
                ],
                className="middle",
            ),
            html.Div(id="announcer", className="visually-hidden", role="status", **_LIVE),
        ],
        className="page",
    )


def layout() -> list[Component]:
    """Lay out what Dash draws: the panels under the view."""
    return panels.layout()


def register_callbacks(dash_app: dash.Dash) -> None:
    """Register the page's callbacks: data to figures."""
    panels.register_callbacks(dash_app)


def _top_bar(heading: Heading) -> Component:
    brand = [html.H1("Sighthound", className="brand"), html.Span(heading.genome, id="genome")]
    if heading.simulated:
        brand += simulated_badge()
    steps = [
        icon_button("pan-left", "\u2039", "Move left by half a window"),
        icon_button("pan-right", "\u203a", "Move right by half a window"),
        icon_button("zoom-out", "\u2212", "Zoom out"),
        icon_button("zoom-in", "+", "Zoom in"),
    ]
    return html.Header(
        [
            icon_button("tracks-toggle", "\u2630", "Show or hide the list of tracks"),
            html.Div(brand, className="brand-line"),
            html.Div(id="genome-run"),
            html.Div(id="locus-box-host", className="locus-box-host"),
            html.Div(steps, className="button-group", role="group", **label("Move and zoom")),
            html.Div(
                id="view-mode",
                className="segments",
                role="radiogroup",
                **label("Experiment and prediction"),
            ),
            html.Div(
                [
                    button("values-button", "Table"),
                    button("share", "Share"),
                    menu("export", "Export", EXPORTS),
                    icon_button("theme-toggle", "\u25d0", "Light or dark"),
                    icon_button("help-button", "?", "Keys, and how to read the page"),
                ],
                className="acts",
            ),
            *person_host(heading.login),
        ],
        className="top",
    )
