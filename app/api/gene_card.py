"""All there is to say of one gene: what it is, where its starts are, where others describe it."""

from __future__ import annotations

from dataclasses import asdict
from typing import Any

from flask import Blueprint, Response, jsonify, request

from sighthound.app.project_state import Catalogue
from sighthound.app.web.parameters import asked_window
from sighthound.core.annotation.genes import Gene
from sighthound.core.annotation.links import gene_links
from sighthound.core.errors import SighthoundError


def blueprint(catalogue: Catalogue) -> Blueprint:
    """Make the route /api/v1/gene."""
    routes = Blueprint("gene_card", __name__, url_prefix="/api/v1")

    @routes.get("/gene")
    def gene_() -> Response:
        interval, name = asked_window(catalogue.genome), request.args.get("gene", "")
        for gene in catalogue.genes().overlapping(interval):
            if gene.id == name:
                return jsonify(describe(gene))
        raise SighthoundError(f"no gene has the id {name[:80]!r} at {interval}")

    return routes


def describe(gene: Gene) -> dict[str, Any]:
    """Give a gene as /api/v1/gene does; positions are 0-based."""
    return {
        "id": gene.id,
        "name": gene.name,
        "chrom": gene.chrom,
        "start": gene.start,
        "end": gene.end,
        "strand": gene.strand,
        "description": gene.description,
        # Cross-references are among the links.
        "aliases": [alias for alias in gene.aliases if ":" not in alias],
        "starts": [
            {"position": tss, "transcripts": [t.id for t in gene.transcripts if t.tss == tss]}
            for tss in gene.tss_positions
        ],
        "links": [asdict(link) for link in gene_links(gene)],
    }
