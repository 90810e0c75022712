"""The tracks page: thousands of tracks in a table, with facets, from which a view is chosen.

Dash draws the table with its columns; assets/tracks fetches the tracks, fills the table and
filters it. It finds its places by id (`tracks-grid`, `facet-panel`, `table-search-host`,
`table-line`, `choice-tray`).
"""

from __future__ import annotations

from typing import Any

import dash_ag_grid as dag
from dash import html
from dash.development.base_component import Component

from sighthound.app.answers.project import Heading
from sighthound.app.pages.bar import (
    button,
    icon_button,
    label,
    pages_nav,
    person_host,
    simulated_badge,
)
from sighthound.app.pages.page import (
    COMMON_STYLES,
    DASH_HERE,
    PROJECT_LINK,
    index_string,
    script_bundle,
    style_bundle,
)

BUNDLES = (
    style_bundle("tracks.css", [*COMMON_STYLES, "../tracks/tracks.css"]),
    script_bundle("tracks/main.js"),
)
# Component libraries that other pages use.
WITHOUT = ("dash/dcc/", "dash/dash_table/")
# The grid's second half, fetched with the first, which finds it to be there.
_GRID_SCRIPT = (
    '<script async src="/_dash-component-suites/dash_ag_grid/async-community.js"></script>'
)

ROW_HEIGHT = 34
_LIVE: dict[str, Any] = {"aria-live": "polite"}
_HELD_OUT = "on the fold that was held out; a dash below 20 bins"
_SCORE: dict[str, Any] = {
    "cellClass": "score",
    "headerClass": "score-head",
    "width": 96,
    "minWidth": 88,
    # The best first: who sorts by accuracy looks for that.
    "sortingOrder": ["desc", "asc", None],
}
COLUMNS: list[dict[str, Any]] = [
    {
        "field": "name",
        "headerName": "Track",
        "tooltipField": "description",
        "cellClass": "track",
        "flex": 3,
        "minWidth": 190,
    },
    {"field": "assay", "headerName": "Assay", "flex": 1.4, "minWidth": 112},
    {"field": "sample", "headerName": "Sample", "flex": 2, "minWidth": 140},
    {"field": "group", "headerName": "Group", "width": 96},
    {"field": "strand", "headerName": "Strand", "width": 72},
    {
        **_SCORE,
        "field": "r",
        "headerName": "Held-out r",
        "width": 124,
        "headerTooltip": f"Pearson's r of log(1 + x) {_HELD_OUT}",
    },
    {
        **_SCORE,
        "field": "ceiling",
        "headerName": "Ceiling",
        "headerTooltip": "The r that replicates set over the same bins; a dash without any",
    },
    {
        **_SCORE,
        "field": "pearson",
        "headerName": "r of x",
        "headerTooltip": f"Pearson's r without the logarithm {_HELD_OUT}",
    },
    {
        **_SCORE,
        "field": "r2",
        "headerName": "R\u00b2",
        "headerTooltip": f"Share of the variance explained {_HELD_OUT}",
    },
    {
        "field": "bins",
        "headerName": "Bins",
        "cellClass": "score-head",
        "headerClass": "score-head",
        "width": 92,
        "headerTooltip": "Bins that the held-out r and R\u00b2 are of",
    },
    {"field": "data", "headerName": "Data", "tooltipField": "data", "width": 108},
    {
        "field": "card",
        "headerName": "Card",
        "width": 70,
        "headerTooltip": "How the experiment was made",
    },
    {"field": "id", "headerName": "Id", "flex": 1.1, "minWidth": 104},
]


def index(heading: Heading) -> str:
    """Make the page's HTML; `heading` as `frame` takes it."""
    return index_string(frame(heading), BUNDLES, [PROJECT_LINK, _GRID_SCRIPT])


def frame(heading: Heading) -> Component:
    """Lay out the page around its table.

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
                    html.Aside(html.Div(id="facet-panel"), className="side", **label("Facets")),
                    html.Div(id="track-scrim", className="scrim"),
                    html.Main(
                        [html.Div(id="table-line"), DASH_HERE, html.Div(id="choice-tray")],
                        className="centre",
                    ),
                ],
                className="middle",
            ),
            html.Div(id="announcer", className="toast", role="status", **_LIVE),
        ],
        className="page tracks-page",
    )


def layout() -> Component:
    """Lay out the table, without tracks."""
    return dag.AgGrid(
        id="tracks-grid",
        className="tracks-grid",
        columnDefs=COLUMNS,
        defaultColDef={"sortable": True, "resizable": True, "suppressHeaderMenuButton": True},
        rowData=[],
        getRowId="params.data.id",
        dashGridOptions={
            "rowHeight": ROW_HEIGHT,
            "headerHeight": ROW_HEIGHT,
            "animateRows": False,
            "loading": True,
            "tooltipShowDelay": 500,
            "rowSelection": {
                "mode": "multiRow",
                "selectAll": "filtered",
                "enableClickSelection": True,
                # Without this a click would drop everything else that is chosen.
                "enableSelectionWithoutKeys": True,
            },
            "localeText": {"noMatchingRows": "No track is all of that."},
        },
        style={"height": "auto"},
    )


def _top_bar(heading: Heading) -> Component:
    brand = [html.H1("Sighthound", className="brand"), html.Span(heading.genome, id="genome")]
    if heading.simulated:
        brand += simulated_badge()
    return html.Header(
        [
            html.H1("Tracks", className="visually-hidden"),
            icon_button("tracks-toggle", "\u2630", "Show or hide the facets"),
            html.Div(brand, className="brand-line"),
            pages_nav("Tracks"),
            html.Div(id="table-search-host", className="table-search-host"),
            html.Div(
                [
                    button("share", "Share"),
                    icon_button("theme-toggle", "\u25d0", "Light or dark"),
                    icon_button("help-button", "?", "Keys, and how to read the page"),
                ],
                className="acts",
            ),
            *person_host(heading.login),
        ],
        className="top",
    )
