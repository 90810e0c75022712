"""All there is to say of one gene: what it is, where its starts are, where others describe it."""

from __future__ import annotations

from flask import Blueprint, Response, request

from sighthound.app.answers.genome import GeneCard, GeneStart
from sighthound.app.answers.written import respond_with
from sighthound.app.project_state import Catalogue
from sighthound.app.web.operation import WINDOW, Operation, Operations
from sighthound.app.web.parameters import asked_window
from sighthound.core.annotation.genes import Gene
from sighthound.core.annotation.links import gene_links
from sighthound.core.errors import SighthoundError

OPERATIONS: Operations = {
    "/api/v1/gene": {
        "get": Operation(
            "A gene that touches a window: what it is, its starts, links to databases.",
            f"{WINDOW} gene",
            GeneCard,
        )
    },
}


def blueprint(catalogue: Catalogue) -> Blueprint:
    """Make the route /api/v1/gene."""
    routes = Blueprint("gene_card", __name__, url_prefix="/api/v1")

    @routes.get("/gene")
    def gene_() -> Response:
        interval, name = asked_window(catalogue.genome), request.args.get("gene", "")
        for gene in catalogue.genes().overlapping(interval):
            if gene.id == name:
                return respond_with(describe(gene))
        raise SighthoundError(f"no gene has the id {name[:80]!r} at {interval}")

    return routes


def describe(gene: Gene) -> GeneCard:
    """Give a gene as /api/v1/gene does."""
    return GeneCard(
        gene.id,
        gene.name,
        gene.chrom,
        gene.start,
        gene.end,
        gene.strand,
        gene.description,
        # Cross-references are among the links.
        tuple(alias for alias in gene.aliases if ":" not in alias),
        tuple(
            GeneStart(tss, tuple(t.id for t in gene.transcripts if t.tss == tss))
            for tss in gene.tss_positions
        ),
        tuple(gene_links(gene)),
    )
