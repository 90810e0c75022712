"""The quality report: one HTML file that needs nothing else, of pictures and what is suspicious."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from html import escape

import numpy as np

from sighthound.core.genome.sequence import Genome
from sighthound.core.project.folds import Stretch
from sighthound.precompute.quality.doctor import CHECKS, shallow_words, unjudged
from sighthound.precompute.quality.evidence import Evidence, Suspicion, replicate_sets
from sighthound.precompute.quality.samples import Sample

# As on the page; told apart by people of every colour vision.
_FOLDS = {"train": "#8fa3b5", "valid": "#e69f00", "test": "#0072b2"}
_MOST_TRACKS = 60  # in the picture of correlations
_MOST_CHROMOSOMES = 40
_STYLE = """
body{font:15px/1.5 system-ui,sans-serif;max-width:64rem;margin:2rem auto;padding:0 1rem;color:#222}
h1{font-size:1.5rem}h2{font-size:1.15rem;margin-top:2.2rem}table{border-collapse:collapse}
td,th{padding:.25rem 1rem .25rem 0;text-align:left;vertical-align:top}
td.number,th.number{text-align:right;font-variant-numeric:tabular-nums}
tr{border-bottom:1px solid #ddd}svg{max-width:100%;height:auto}svg text{font:11px sans-serif}
.kind{white-space:nowrap;font-weight:600}.quiet{color:#666}
"""


def report_html(
    title: str, genome: Genome, sample: Sample, found: Sequence[Suspicion], folds: Sequence[Stretch]
) -> str:
    """Make the report.

    Parameters
    ----------
    found : sequence of Suspicion
        As `examine` gives them.
    folds : sequence of Stretch
        Of the windows of the data set; none before there is one.
    """
    evidence = Evidence(sample)
    parts = [
        f"<h1>{escape(title)}: quality of {len(sample.tracks):,} experiments</h1>",
        f'<p class="quiet">From {len(sample.stretches):,} stretches of '
        f"{len(sample.stretches[0]):,} bases, and the whole genome in bins of {sample.bin:,}.</p>",
        "<h2>What is suspicious</h2>",
        _suspicions(found),
        _unjudged(sample),
        "<h2>Windows and folds</h2>",
        _genome_map(genome, folds) if folds else "<p>No data set yet: sighthound dataset.</p>",
        "<h2>Values of single bases</h2>",
        _distributions(sample),
        "<h2>Correlation between tracks</h2>",
        _correlations(evidence),
        "<h2>Replicates</h2>",
        _replicates(evidence),
    ]
    return (
        f'<!doctype html><html lang="en"><meta charset="utf-8"><title>{escape(title)}</title>'
        f'<meta name="viewport" content="width=device-width"><style>{_STYLE}</style>'
        f"{''.join(parts)}</html>\n"
    )


def _suspicions(found: Sequence[Suspicion]) -> str:
    if not found:
        return f"<p>Nothing. Looked for: {', '.join(CHECKS)}.</p>"
    rows = (
        f'<tr><td class="kind">{escape(s.kind)}</td><td>{escape(", ".join(s.tracks))}</td>'
        f"<td>{escape(s.words)}</td><td>{escape(s.advice)}</td></tr>"
        for s in found
    )
    return _table(("what", "tracks", "evidence", "what to do"), rows)


def _unjudged(sample: Sample) -> str:
    said = []
    if ids := unjudged(sample):
        said.append(
            "Not held against others, since no replicate and not two tracks of their assay, group "
            f"and strand are there: {', '.join(ids)}."
        )
    if words := shallow_words(sample):
        said.append(f"{words[0].upper()}{words[1:]}.")
    return "".join(f'<p class="quiet">{escape(words)}</p>' for words in said)


def _genome_map(genome: Genome, folds: Sequence[Stretch]) -> str:
    lengths = sorted(genome.lengths.items(), key=lambda item: -item[1])
    order = [name for name in genome.lengths if name in dict(lengths[:_MOST_CHROMOSOMES])]
    longest, left, width, row = max(genome.lengths.values()), 90, 780, 20
    shapes = []
    for place, chrom in enumerate(order):
        y, end = place * row, genome.lengths[chrom] / longest * width
        shapes.append(f'<text x="{left - 6}" y="{y + 13}" text-anchor="end">{escape(chrom)}</text>')
        shapes.append(
            f'<rect x="{left}" y="{y + 3}" width="{end:.1f}" height="13" fill="none" '
            f'stroke="#aaa"><title>{escape(chrom)}: {genome.lengths[chrom]:,} bases</title></rect>'
        )
        for stretch in (s for s in folds if s.chrom == chrom):
            x, w = (n / longest * width for n in (stretch.start, stretch.end - stretch.start))
            said = f"{chrom}:{stretch.start + 1:,}-{stretch.end:,}, {stretch.fold}"
            shapes.append(
                f'<rect x="{left + x:.1f}" y="{y + 4}" width="{max(w, 0.5):.1f}" height="11" '
                f'fill="{_FOLDS.get(stretch.fold, "#999")}"><title>{escape(said)}</title></rect>'
            )
    bases = {name: sum(s.end - s.start for s in folds if s.fold == name) for name in _FOLDS}
    legend = "".join(
        f'<tr><td><svg width="12" height="12"><rect width="12" height="12" fill="{colour}"/></svg> '
        f'{name}</td><td class="number">{bases[name]:,}</td></tr>'
        for name, colour in _FOLDS.items()
    )
    rest = len(lengths) - len(order)
    note = f"<p>The {len(order)} longest; {rest:,} others are not drawn.</p>" * (rest > 0)
    note += "<p>Left white: in no window.</p>"
    head = ("fold", "bases of windows")
    return _svg(left + width + 4, len(order) * row + 4, shapes) + note + _table(head, [legend], 1)


def _distributions(sample: Sample) -> str:
    rows = []
    for track, values in zip(sample.tracks, sample.bases, strict=True):
        seen = values[np.isfinite(values)]
        if not len(seen):
            rows.append(f"<tr><td>{escape(track.id)}</td><td>no data in the stretches</td></tr>")
            continue
        share, high = float((seen > 0).mean()), np.quantile(seen, (0.5, 0.99, 1))
        cells = "".join(f'<td class="number">{v:.4g}</td>' for v in (seen.mean(), *high))
        rows.append(
            f'<tr><td>{escape(track.id)}</td><td class="number">{share:.1%}</td>{cells}'
            f"<td>{_histogram(seen[seen > 0])}</td></tr>"
        )
    head = ("track", "above 0", "mean", "median", "99 %", "largest", "values above 0, by log")
    return _table(head, rows, 1, 6)


def _histogram(values: np.ndarray) -> str:
    if not len(values):
        return ""
    logs = np.log10(values)
    counts, edges = np.histogram(logs, 40)
    heights = np.log1p(counts) / np.log1p(counts.max()) * 32
    bars = [
        f'<rect x="{i * 5}" y="{34 - h:.1f}" width="4.5" height="{h:.1f}" fill="#0072b2"><title>'
        f"{10**a:.3g} to {10**b:.3g}: {n:,} bases</title></rect>"
        for i, (h, n, a, b) in enumerate(zip(heights, counts, edges, edges[1:], strict=False))
    ]
    ends = zip((0, 200), ("start", "end"), (edges[0], edges[-1]), strict=True)
    bars += [
        f'<text x="{x}" y="45" text-anchor="{anchor}">{10**value:.4g}</text>'
        for x, anchor, value in ends
    ]
    return _svg(200, 47, bars, 200)


def _correlations(evidence: Evidence) -> str:
    ids = [track.id for track in evidence.tracks][:_MOST_TRACKS]
    r = evidence.correlations[: len(ids), : len(ids)]
    cell, left = 18, 8 + 7 * min(30, max(map(len, ids)))
    shapes = []
    for i, one in enumerate(ids):
        y = i * cell
        shapes.append(
            f'<text x="{left - 6}" y="{y + 13}" text-anchor="end">{escape(one[:30])}</text>'
        )
        for j, other in enumerate(ids):
            if not np.isfinite(r[i, j]):
                continue
            said = f"{one} and {other}: r {r[i, j]:.3f}"
            shapes.append(
                f'<rect x="{left + j * cell}" y="{y}" width="{cell - 1}" height="{cell - 1}" '
                f'fill="{_shade(float(r[i, j]))}"><title>{escape(said)}</title></rect>'
            )
    more = len(evidence.tracks) - len(ids)
    note = f", the first {len(ids)}; {more:,} others are not drawn" * (more > 0)
    scale = "".join(
        f'<svg width="14" height="12"><rect width="14" height="12" fill="{_shade(v)}" '
        f'stroke="#aaa"/></svg> '
        f"{v:g} "
        for v in (-1.0, -0.5, 0.0, 0.5, 1.0)
    )
    return (
        _svg(left + cell * len(ids), cell * len(ids), shapes)
        + f"<p>Pearson r of log(1 + value / mean) in bins of 32 bases: {scale}"
        f"<br>Columns are the tracks in the order of the rows{note}.</p>"
    )


def _shade(r: float) -> str:
    """White at 0, blue towards 1, orange towards -1."""
    end = (0, 114, 178) if r > 0 else (230, 159, 0)
    mixed = (round(255 + (c - 255) * min(abs(r), 1)) for c in end)
    return f"rgb({','.join(map(str, mixed))})"


def _replicates(evidence: Evidence) -> str:
    names, r = replicate_sets(evidence.tracks), evidence.correlations
    rows = []
    for index, track in enumerate(evidence.tracks):
        peers = evidence.peers(index)
        own = [r[index, i] for i in peers if names[i] == names[index]]
        others = [r[index, i] for i in peers if names[i] != names[index]]
        if own:
            cells = "".join(
                f'<td class="number">{max(v):.3f}</td>' if v else '<td class="number">none</td>'
                for v in (own, others)
            )
            rows.append(
                f"<tr><td>{escape(track.id)}</td><td>{escape(names[index])}</td>{cells}</tr>"
            )
    if not rows:
        return "<p>None: the tracks table names none in replicate_of.</p>"
    return _table(
        ("track", "replicates of", "best r with them", "best r with other samples"), rows, 2
    )


def _table(head: Sequence[str], rows: Iterable[str], first: int = 99, last: int = 99) -> str:
    """A table whose columns from `first` up to `last` hold numbers."""
    cells = "".join(
        f'<th class="number">{name}</th>' if first <= i < last else f"<th>{name}</th>"
        for i, name in enumerate(head)
    )
    return f"<table><tr>{cells}</tr>{''.join(rows)}</table>"


def _svg(width: float, height: float, shapes: Iterable[str], shown: float | None = None) -> str:
    return (
        f'<svg viewBox="0 0 {width} {height}" width="{shown or width}" role="img">'
        f"{''.join(shapes)}</svg>"
    )
