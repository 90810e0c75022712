"""What a model predicts of a locus' variants, as parts of its page."""

from __future__ import annotations

from html import escape
from typing import Any

import numpy as np
import plotly.graph_objects as go

from sighthound.app.evaluation.looks import short
from sighthound.app.evaluation.standalone import figure_html, table_html
from sighthound.app.figures.mutagenesis import mutagenesis_figure
from sighthound.app.figures.mutated_track import MutatedTrack
from sighthound.app.figures.numbers import plain, share, signed
from sighthound.app.figures.theme import DIVERGING, INK, as_text, axis, base_layout
from sighthound.core.finemapping.predicted import (
    LEAST_CHANGE,
    MutagenesisPair,
    PredictedEffects,
)
from sighthound.core.motifs.jaspar import PROFILE_PAGE
from sighthound.core.motifs.variant_sites import SiteChange

MOST_TRACKS, MOST_CHANGES, MOST_MOTIFS = 30, 40, 12
_LINE = 22  # pixels


def predicted_html(found: PredictedEffects) -> list[str]:
    """Write the parts of a locus' page that are the model's."""
    shown = min(MOST_TRACKS, len(found.tracks))
    parts = [
        '<h2 id="predicted">Predicted effects</h2>',
        f"<p>The {shown:,} tracks of {len(found.tracks):,} that change most, the most probable "
        "variant first: sum over the bins that it can change of log2 ratios, alternative over "
        "reference, by the model. Blue raises, orange lowers.</p>",
        figure_html(effects_figure(found), "predicted"),
        *_changes(found),
        *_opposite(found),
    ]
    return parts + (_mutagenesis(found, found.mutated) if found.mutated is not None else [])


def effects_figure(found: PredictedEffects) -> go.Figure:
    """Draw effects on the tracks that change most: a column a variant, a line a track."""
    ids = list(found.tracks)
    order = np.argsort(-np.abs(found.log2).max(axis=0), kind="stable")[:MOST_TRACKS]
    values = found.log2[:, order].T
    names = [found.tracks[ids[number]].name for number in order]
    variants = [str(name) for name in found.variants["variant"]]
    limit = float(np.abs(values).max(initial=0)) or 1.0
    notes = [
        [
            f"<b>{as_text(variant)}</b> {row.ref}>{row.alt}<br>{as_text(name)}<br>"
            f"sum of log2 ratios {signed(values[line, column])}<br>posterior {plain(row.posterior)}"
            for column, (variant, row) in enumerate(
                zip(variants, found.variants.itertuples(), strict=True)
            )
        ]
        for line, name in enumerate(names)
    ]
    layout = base_layout(
        height=_LINE * len(names) + 150, margin={"l": 8, "r": 8, "t": 10, "b": 8},
        xaxis=axis(tickvals=list(range(len(variants))), ticktext=[short(v) for v in variants],
                   tickangle=-45, automargin=True, ticks="", showline=False,
                   tickfont={"size": 11, "color": INK}),
        yaxis=axis(tickvals=list(range(len(names))), ticktext=[short(name) for name in names],
                   range=[len(names) - 0.5, -0.5], automargin=True, ticks="", showline=False,
                   tickfont={"size": 11, "color": INK}),
    )  # fmt: skip
    trace = {
        "type": "heatmap", "z": values.tolist(), "zmin": -limit, "zmax": limit,
        "colorscale": DIVERGING, "xgap": 1, "ygap": 1, "hovertext": notes,
        "hovertemplate": "%{hovertext}<extra></extra>",
        "colorbar": {"title": {"text": "sum of log₂ ratios", "side": "right",
                               "font": {"size": 11.5, "color": INK}},
                     "thickness": 12, "outlinewidth": 0, "len": 1},
    }  # fmt: skip
    return go.Figure({"data": [trace], "layout": layout})


def _changes(found: PredictedEffects) -> list[str]:
    rows = found.changes
    expression = int((rows["kind"] == "expression").sum())
    words = (
        "A variant changes a gene's track if SED, summed over the bins of its start sites, is "
        f"more than {LEAST_CHANGE:.0%} of what is predicted without it. Of {len(found.variants):,} "
        f"variants {rows['variant'].nunique():,} do: {expression:,} times a track of expression, "
        f"{len(rows) - expression:,} times one of chromatin at a start site."
    )
    parts = ['<h2 id="genes">Genes that change</h2>', f"<p>{words}</p>"]
    if not len(rows):
        return parts
    if len(rows) > MOST_CHANGES:
        parts.append(
            f'<p class="quiet">The {MOST_CHANGES:,} largest of {len(rows):,}; changes.tsv beside '
            "this file has all.</p>"
        )
    cells = [
        (
            row.variant, row.gene_name or row.gene, found.tracks[row.track].name, row.kind,
            plain(row.reference), plain(row.alternative),
            share(row.alternative - row.reference, row.reference),
        )
        for row in rows.head(MOST_CHANGES).itertuples()
    ]  # fmt: skip
    head = ("variant", "gene", "track", "kind", "reference", "alternative", "change")
    return [*parts, table_html(head, cells, {4, 5, 6})]


def _opposite(found: PredictedEffects) -> list[str]:
    one = found.opposite
    if one is None:
        return []
    raised, lowered = (found.tracks[track] for track in (one.raised, one.lowered))
    return [
        '<h2 id="opposite">Opposite effects</h2>',
        f"<p>{escape(one.variant)} raises {escape(one.gene_name)} in {escape(raised.name)} by "
        f"{one.raised_by:.0%}, and lowers it in {escape(lowered.name)} by {-one.lowered_by:.0%}: "
        "of all variants, genes and pairs of samples, that whose lesser change is largest.</p>",
    ]


def _mutagenesis(found: PredictedEffects, pair: MutagenesisPair) -> list[str]:
    parts = [
        '<h2 id="mutagenesis">Mutagenesis with and without the most probable variant</h2>',
        f"<p>What every substitution around {escape(pair.variant)} does to what is predicted over "
        f"{escape(pair.where)}. The frame is the variant.</p>",
    ]
    for number, (words, kind, does) in enumerate(
        (("Reference", "loss", "breaks"), ("Alternative", "gain", "makes"))
    ):
        sites = [_placed(motif) for motif in pair.motifs if motif.kind == kind][:MOST_MOTIFS]
        tracks = [
            MutatedTrack(
                found.tracks[track].name,
                pair.effects[number][:, :, place],
                float(pair.predicted[number][place]),
                motifs=sites,
                no_motif=f"the variant {does} no known motif",
            )
            for place, track in enumerate(pair.tracks)
        ]  # fmt: skip
        figure = mutagenesis_figure(
            tracks, pair.sequences[number], chrom=pair.chrom, start=pair.start,
            marked=[pair.marked[number]],
        )  # fmt: skip
        parts += [f"<h3>{words}</h3>", figure_html(figure, f"mutagenesis-{words.lower()}")]
    return parts + _motifs(pair)


def _placed(change: SiteChange) -> dict[str, Any]:
    """A motif's site as the lane of a figure takes it."""
    return {
        "start": change.start, "end": change.end, "strand": change.strand, "name": change.name,
        "motif": change.motif, "url": f"{PROFILE_PAGE}{change.motif}/", "by": change.kind,
        "q_value": min(change.p_reference, change.p_alternative),
    }  # fmt: skip


def _motifs(pair: MutagenesisPair) -> list[str]:
    head = '<h2 id="motifs">Motifs gained and lost</h2>'
    if not pair.motifs:
        return [head, f"<p>{escape(pair.variant)} makes or breaks no known motif.</p>"]
    cells = [
        (
            m.name, m.motif, "gained" if m.kind == "gain" else "lost",
            f"{m.start + 1:,}-{m.end:,}", m.strand, plain(m.p_reference), plain(m.p_alternative),
        )
        for m in pair.motifs[:MOST_MOTIFS]
    ]  # fmt: skip
    heads = ("motif", "matrix", "", "place", "strand", "P, reference", "P, alternative")
    words = (
        f"The {len(cells):,} most surprising of {len(pair.motifs):,} matrices of JASPAR whose best "
        f"site over {escape(pair.variant)} is one with one allele and none with the other."
    )
    return [head, f"<p>{words}</p>", table_html(heads, cells, {5, 6})]
