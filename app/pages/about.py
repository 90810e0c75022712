"""The about page: what this server shows, by which model and software, under which licences."""

from __future__ import annotations

import platform
from collections.abc import Iterator
from importlib import metadata
from typing import Any

from dash import html
from dash.development.base_component import Component

from sighthound.app.pages.bar import icon_button, pages_nav, person_host
from sighthound.app.pages.model_card import ADDRESS
from sighthound.app.pages.page import COMMON_STYLES, plain_html, script_bundle, style_bundle
from sighthound.app.project_state import Catalogue
from sighthound.core import __version__
from sighthound.core.model.target_transforms import transforms_from_json

BUNDLES = (
    style_bundle("about.css", [*COMMON_STYLES, "about.css"]),
    script_bundle("view/page/about.js"),
)
# What computes what is seen; the version of each says how a number came to be.
_LIBRARIES = (
    "tensorflow", "numpy", "scipy", "pandas", "pysam", "pyjaspar", "memelite", "dash",
    "plotly", "dash-ag-grid",
)  # fmt: skip
_NAMED = 6  # tracks, of a model's list of those it learned transformed
_PAPER = (
    "Kelley et al., Sequential regulatory activity prediction across chromosomes with "
    "convolutional neural networks, Genome Research 28, 739 (2018)"
)


def page(catalogue: Catalogue) -> str:
    """Make the page's HTML, from what the project holds now."""
    return plain_html(f"About \u2013 {catalogue.project.title}", layout(catalogue), BUNDLES)


def layout(catalogue: Catalogue) -> Component:
    """Lay out the about page of a project.

    Parameters
    ----------
    catalogue : Catalogue

    Returns
    -------
    Component
    """
    return html.Div(
        [
            _top_bar(catalogue.project.genome.name, catalogue.project.server.login),
            html.Main(
                [
                    html.H1(catalogue.project.title),
                    html.H2("Project"),
                    _terms(_project(catalogue)),
                    html.P(
                        [
                            "How right the model is, and where not to believe it: ",
                            html.A("its card", href=ADDRESS),
                            ".",
                        ]
                    ),
                    html.H2("Software"),
                    _terms([("Sighthound", f"{__version__}, Apache-2.0"), *_libraries()]),
                    html.H2("Method"),
                    html.P(f"The network, saliency and mutagenesis follow {_PAPER}."),
                    html.P(
                        [
                            "How to use the page, and what lies behind it: ",
                            html.A("the guides", href="/guides/"),
                            ".",
                        ]
                    ),
                    html.P(
                        "Motifs are named after JASPAR, CC BY 4.0. The interface is described at "
                        "/api/v1/openapi.json."
                    ),
                ],
                className="about",
            ),
        ],
        className="page",
    )


def _project(catalogue: Catalogue) -> Iterator[tuple[str, str]]:
    """What is shown: names and numbers that a person cites."""
    project, lengths = catalogue.project, catalogue.genome.lengths
    tracks = catalogue.tracks()
    measured = sum(track.experiment is not None for track in tracks.values())
    yield (
        "Genome",
        (
            f"{project.genome.name}: {len(lengths):,} sequences, {sum(lengths.values()):,} bp, "
            f"fingerprint {catalogue.genome.fingerprint}"
        ),
    )
    genes = project.read_genes()
    if project.genome.genes is not None:
        starts = sum(len(gene.tss_positions) for gene in genes)
        yield (
            "Genes",
            f"{len(genes):,} with {starts:,} starts, read from {project.genome.genes.name}",
        )
        for finding in genes.findings:
            yield "", _sentence(str(finding))
    yield "Tracks", f"{len(tracks):,}, {measured:,} with an experiment"
    if project.server.simulated:
        yield "Assays", "simulated on the real genome; nothing was measured"
    architecture = catalogue.architecture()
    if architecture is None:
        yield "Model", "none yet"
        return
    yield "Model", str(catalogue.model_hash())
    yield (
        "Reads",
        (
            f"{architecture.sequence_length:,} bp at once, in bins of {architecture.bin} bp; a bin "
            f"sees up to {architecture.context:,} bp on either side"
        ),
    )
    for words, ids in _transformed(catalogue).items():
        some = ", ".join(ids[:_NAMED]) + (f" and {len(ids) - _NAMED:,} more" * (len(ids) > _NAMED))
        yield "Learned", f"{words} of a value v of {some}; shown in the experiment's units"
    manifest = catalogue.manifest()
    yield "Predictions", (
        "on demand" if not manifest
        else f"on disk, {len(pending):,} tracks to come"
        if (pending := catalogue.seen(manifest.pending))
        else "on disk, genome-wide"
    )  # fmt: skip


def _transformed(catalogue: Catalogue) -> dict[str, list[str]]:
    """Tracks whose values the network learned transformed, by what was done to them."""
    model = catalogue.model() or {}
    ids: dict[str, list[str]] = {}
    transforms = transforms_from_json(model.get("transforms", ()))
    seen = frozenset(catalogue.model_tracks())
    for track, transform in zip(model["tracks"] if transforms else (), transforms, strict=True):
        if transform.words and track in seen:
            ids.setdefault(transform.words, []).append(track)
    return ids


def _libraries() -> Iterator[tuple[str, str]]:
    yield "Python", platform.python_version()
    for name in _LIBRARIES:
        try:
            found = metadata.metadata(name)
        except metadata.PackageNotFoundError:
            continue
        yield name, ", ".join(filter(None, [found["Version"], _licence(found.json)]))


def _licence(said: dict[str, Any]) -> str:
    """A package's licence in a few words; packages say it in one of three places."""
    classified = [
        line.rsplit(" :: ", 1)[-1].removesuffix(" License")
        for line in said.get("classifier", ())
        if line.startswith("License :: OSI Approved :: ")
    ]
    written = str(said.get("license", "")).partition("\n")[0]
    return said.get("license_expression") or next(iter(classified), written)


def _sentence(words: str) -> str:
    return words[:1].upper() + words[1:]


def _terms(pairs: Iterator[tuple[str, str]] | list[tuple[str, str]]) -> Component:
    """A list of terms; what has no name of its own stands below what has."""
    parts = ((html.Dt(name) if name else None, html.Dd(says)) for name, says in pairs)
    return html.Dl([part for pair in parts for part in pair if part is not None])


def _top_bar(genome: str, login: str) -> Component:
    brand = [html.Span("Sighthound", className="brand"), html.Span(genome, id="genome")]
    return html.Header(
        [
            html.Div(brand, className="brand-line"),
            pages_nav("About"),
            *person_host(login),
            icon_button("theme-toggle", "\u25d0", "Light or dark"),
        ],
        className="top",
    )
