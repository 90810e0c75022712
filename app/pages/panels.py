"""The panels under the view: mutagenesis, and the card of a variant.

assets/view fills their heads and words by id, and hands what Plotly draws to the stores
`mutagenesis-data` and `variant-data`, from which the callbacks here make figures.
"""

from __future__ import annotations

from typing import Any

import dash
from dash import Input, Output, dcc, html
from dash.development.base_component import Component

from sighthound.app.figures.measured_lane import lanes_of
from sighthound.app.figures.mutagenesis import mutagenesis_figure
from sighthound.app.figures.mutated_track import MutatedTrack
from sighthound.app.figures.theme import in_theme, plotly_config
from sighthound.app.figures.variant_effects import variant_effects_figure
from sighthound.app.pages.bar import label


def layout() -> list[Component]:
    """Lay out the panels and their stores."""
    mutagenesis = html.Section(
        [
            html.Div(id="mutagenesis-head"),
            html.Div(id="mutagenesis-figure", className="figure"),
        ],
        id="mutagenesis-panel",
        className="panel",
        **label("In silico mutagenesis"),
    )
    variant = html.Section(
        [
            html.Div(id="variant-head"),
            html.Div(
                [
                    html.Div(id="variant-haplotype", className="card-part"),
                    html.Div(
                        [html.Div(id="variant-ranking-head"), html.Div(id="variant-figure")],
                        className="card-part card-ranking",
                    ),
                    html.Div(id="variant-consequences", className="card-part"),
                ],
                id="variant-body",
                className="card-body",
            ),
        ],
        id="variant-panel",
        className="panel",
        **label("Variant"),
    )
    return [
        html.Div([mutagenesis, variant], id="panels", className="panels"),
        dcc.Store(id="mutagenesis-data"),
        dcc.Store(id="variant-data"),
    ]


def register_callbacks(dash_app: dash.Dash) -> None:
    """Register what makes figures of data."""

    @dash_app.callback(
        Output("mutagenesis-figure", "children"),
        Input("mutagenesis-data", "data"),
        prevent_initial_call=True,
    )
    def draw_mutagenesis(data: dict[str, Any] | None) -> Component | None:
        return mutagenesis_graph(data) if data else None

    @dash_app.callback(
        Output("variant-figure", "children"),
        Input("variant-data", "data"),
        prevent_initial_call=True,
    )
    def draw_variant(data: dict[str, Any] | None) -> Component | None:
        return variant_graph(data) if data else None


def mutagenesis_graph(data: dict[str, Any]) -> dcc.Graph:
    """Make the graph of one answer of `/api/v1/mutagenesis` of several tracks.

    Beside the answer stand `scale`, `marked`, `room` and `theme` of the figure, the tables that are
    `measured` as `/api/v1/measured` gives them, and in each of its
    `tracks` the `name` and `unit` of the track and, once they are known, `motifs` and `changes`
    as `/api/v1/motifs` gives them, `said`, of `/api/v1/mutagenesis/members`, and `percentiles`, of
    `/api/v1/mutagenesis/nulls`.
    """
    figure = mutagenesis_figure(
        [
            MutatedTrack(
                name=track["name"],
                effects=track["effects"],
                reference=float(track["reference"]),
                unit=track.get("unit", ""),
                motifs=track.get("motifs"),
                changes=track.get("changes", ()),
                said=track.get("said"),
                percentiles=track.get("percentiles"),
            )
            for track in data["tracks"]
        ],
        data["sequence"],
        chrom=data["chrom"],
        start=int(data["start"]),
        scale=data.get("scale", "own"),
        marked=data.get("marked", ()),
        room=float(data.get("room", 0)),
        measured=lanes_of(data.get("measured", ())),
    )
    figure = in_theme(figure, data.get("theme"))
    return dcc.Graph(
        id="mutagenesis-graph",
        figure=figure,
        responsive=True,
        style={"height": figure.layout.height},
        config=plotly_config("sighthound_mutagenesis", scrollZoom=True),
    )


def variant_graph(data: dict[str, Any]) -> dcc.Graph:
    """Make the graph of the `ranked` tracks of `/api/v1/variant`, with what groups them."""
    figure = variant_effects_figure(
        data["rows"],
        score=data.get("score", "log2"),
        window=data.get("window", "local"),
        chrom=data.get("chrom", ""),
    )
    figure = in_theme(figure, data.get("theme"))
    return dcc.Graph(
        id="variant-graph",
        figure=figure,
        responsive=True,
        style={"height": figure.layout.height},
        config=plotly_config(
            "sighthound_variant", displayModeBar="hover", modeBarButtons=[["toImage"]]
        ),
    )
