"""The routes about variants: bins of both alleles, effects on every track, motifs made or broken.

A haplotype is written as people and VCF write variants, from 1: `chrI:20,006 A>G;chrI:20031:CT:C`.
Positions of every other parameter and of answers are 0-based.
"""

from __future__ import annotations

from dataclasses import replace
from functools import partial
from typing import Any

import numpy as np
from flask import Blueprint, Response, request

from sighthound.app.answers.doubt import (
    Agreed,
    MembersOnEffect,
    MembersOnGene,
    MembersOnVariants,
    SignOfTrack,
    SignsOfVariants,
)
from sighthound.app.answers.effects import (
    AskedVariant,
    GeneEffect,
    VariantEffects,
    VariantMotifs,
)
from sighthound.app.answers.limits import MAX_ALLELE_BP, MAX_VARIANTS
from sighthound.app.api.doubt import ask_members, check_members
from sighthound.app.api.signal_windows import encode_signal
from sighthound.app.identity import Identity
from sighthound.app.inference import doubt_tasks, motif_tasks, variant_measures, variant_tasks
from sighthound.app.inference.client import (
    Answer,
    Inference,
    Question,
    asked_of,
    cancelled,
    check_modelled,
    give,
    question,
    respond,
)
from sighthound.app.project_state import Catalogue
from sighthound.app.web.operation import BINARY, Operation, Operations
from sighthound.app.web.parameters import asked_tracks, integer
from sighthound.core.errors import SighthoundError
from sighthound.core.genome.sequence import Genome
from sighthound.core.interpretation.agreement import Agreement
from sighthound.core.interpretation.promoter_effects import REACH, STRANDS
from sighthound.core.interpretation.variant_scores import PSEUDOCOUNT
from sighthound.core.model.model import DESCRIPTION
from sighthound.core.project.signs import TOLD, SignCalibration, sign_files, signs_for
from sighthound.core.project.truth import truth_folder
from sighthound.core.variants.haplotype import haplotype, split_haplotype
from sighthound.core.variants.hgvs import is_hgvs
from sighthound.core.variants.nulls import MATCHED_ON
from sighthound.core.variants.variant import Variant, check_variants, parse_variant

# Tracks that an answer names, unless it is asked for more; and genes.
RANKED_TRACKS = 50
MOST_GENES = 20


OPERATIONS: Operations = {
    "/api/v1/variant": {
        "get": Operation(
            "What variants on one sequence do: the tracks and genes that change most, and both "
            "alleles of the tracks asked for.",
            "variants? chrom? position? ref? alt? tracks? most?",
            VariantEffects,
            waits=True,
        )
    },
    "/api/v1/alternative": {
        "get": Operation(
            "Both alleles of the bins that variants can change, in the form of /api/v1/signal.",
            "variants tracks",
            media=(BINARY,),
            waits=True,
        )
    },
    "/api/v1/variant/members": {
        "get": Operation(
            "How far the networks that taught the model agree on what variants do.",
            "variants? chrom? position? ref? alt?",
            MembersOnVariants,
            waits=True,
        )
    },
    "/api/v1/variant/signs": {
        "get": Operation(
            "How far the signs of what variants do can be believed, by measured effects.",
            "variants? chrom? position? ref? alt?",
            SignsOfVariants,
            waits=True,
        )
    },
    "/api/v1/variant/motifs": {
        "get": Operation(
            "Motifs that variants make or break.", "variants", VariantMotifs, waits=True
        )
    },
}


def blueprint(catalogue: Catalogue, inference: Inference) -> Blueprint:
    """Make the routes /api/v1/variant, what members and measured effects say of it, motifs, bins.

    Parameters
    ----------
    catalogue : Catalogue
        The project's tracks, genome and model.
    inference : Inference
        Runs the jobs.
    """
    routes = Blueprint("variants", __name__, url_prefix="/api/v1")
    project, genome = catalogue.project, catalogue.genome

    def bins(
        identity: Identity, variants: tuple[Variant, ...], tracks: tuple[str, ...]
    ) -> tuple[Question, tuple[Any, ...]]:
        """Name and arguments of the job that predicts both alleles."""
        asked = (variants, tracks, catalogue.claiming())
        return question("alternative", identity, *asked), asked

    def spread(track: str) -> float | None:
        """The spread of what this model predicts of a track; None where no file has that."""
        path, manifest = catalogue.prediction(track), catalogue.manifest()
        model = manifest.identity.model if manifest else None
        if path is None or model not in (None, catalogue.model_hash()):
            return None
        read = partial(variant_measures.predicted_spread, path)
        return catalogue.read_again(f"spread of {track}", [path], read)

    def some_tracks() -> tuple[str, ...]:
        tracks = tuple(track.id for track in asked_tracks(catalogue))
        check_modelled(catalogue, tracks)
        return tracks

    @routes.route("/alternative", methods=["GET", "DELETE"])
    def alternative() -> Answer:
        identity = asked_of(catalogue)
        variants, tracks = asked_variants(genome), some_tracks()
        if not tracks:
            raise SighthoundError("alternative of no track; give at least one in 'tracks'")
        named, asked = bins(identity, variants, tracks)
        if request.method == "DELETE":
            return cancelled(inference, named)
        found, status = inference.answer(
            named, variant_tasks.alternative, project, *asked, priority=1
        )
        if status == 202:
            return give(found, status)
        data = encode_alternative(found, variants[0].chrom, tracks)
        response = Response(data, mimetype="application/octet-stream")
        response.headers["Cache-Control"] = "private, no-cache"
        return response, 200

    @routes.route("/variant", methods=["GET", "DELETE"])
    def variant() -> Answer:
        identity = asked_of(catalogue)
        variants, tracks = asked_variants(genome), some_tracks()
        most = integer("most", 1, 1_000_000) if "most" in request.args else RANKED_TRACKS
        asked = (variants, catalogue.claiming())
        named = question("variant", identity, *asked)
        shown, shown_asked = bins(identity, variants, tracks)
        if request.method == "DELETE":
            return cancelled(inference, named, shown)
        found, status = inference.answer(named, variant_tasks.effects, project, *asked, priority=1)
        if status == 202:
            return give(found, status)
        found = variant_measures.of_tracks(found, catalogue.seen(found.tracks))
        described = tuple(AskedVariant(v.chrom, v.position, v.ref, v.alt) for v in variants)
        spreads = [spread(track) for track in found.tracks]
        answer = VariantEffects(
            described,
            tracks,
            found.bin,
            found.bins,
            found.local.bins,
            variant_measures.ranked(found, spreads, most),
            variant_measures.of_genes(found, catalogue.tracks(), spreads, MOST_GENES),
            matched_on=None if found.percentiles is None else MATCHED_ON,
            **(vars(described[0]) if len(described) == 1 else {}),
        )
        if tracks:
            both, status = inference.answer(
                shown, variant_tasks.alternative, project, *shown_asked, priority=1
            )
            if status == 202:
                return give(both, status)
            answer = replace(
                answer,
                start=both.start,
                reference=both.reference.T,
                alternative=both.alternative.T,
            )
        return give(answer, 200)

    @routes.route("/variant/members", methods=["GET", "DELETE"])
    def members() -> Answer:
        check_members(catalogue)
        identity, asked = asked_of(catalogue), (asked_variants(genome), catalogue.claiming())
        named = question("variant-members", identity, *asked)
        if request.method == "DELETE":
            return cancelled(inference, named)
        own = question("variant", identity, *asked)
        found = inference.answer(own, variant_tasks.effects, project, *asked, priority=1)
        agreed, status = ask_members(inference, named, found, doubt_tasks.effects, *asked)
        if status == 202:
            return give(agreed, status)
        seen = variant_measures.of_tracks(found[0], catalogue.seen(found[0].tracks))
        spreads = [spread(track) for track in seen.tracks]
        genes = variant_measures.of_genes(seen, catalogue.tracks(), spreads, MOST_GENES)
        tracks = frozenset(seen.tracks)
        return give(members_on_variants(found[0], agreed, genes, tracks, asked[0]), 200)

    def signs_known() -> SignCalibration | None:
        """What measured effects say of the signs of this model's claims."""
        model, count = catalogue.model_hash() or "", catalogue.members()
        claims = catalogue.claiming()
        return catalogue.read_again(
            f"signs by {count} networks",
            [truth_folder(project), *sign_files(project), project.model.directory / DESCRIPTION],
            lambda: signs_for(project, model, claims, count, PSEUDOCOUNT),
        )

    @routes.route("/variant/signs", methods=["GET", "DELETE"])
    def signs() -> Answer:
        identity, asked = asked_of(catalogue), (asked_variants(genome), catalogue.claiming())
        own, by_all = (question(kind, identity, *asked) for kind in ("variant", "variant-members"))
        if request.method == "DELETE":
            return cancelled(inference, own, by_all)
        known = signs_known()
        if known is None or not known.curves.get("sad"):
            return give(SignsOfVariants("", "", TOLD, ()), 200)
        found, status = inference.answer(own, variant_tasks.effects, project, *asked, priority=1)
        agreed = None
        if status != 202 and known.members:
            task, answer = doubt_tasks.effects, (found, status)
            agreed, status = ask_members(inference, by_all, answer, task, *asked)
        if status == 202:
            return give(found if agreed is None else agreed, status)
        seen = frozenset(catalogue.seen(found.tracks))
        return give(signs_of_variants(known, found, agreed, seen), 200)

    @routes.route("/variant/motifs", methods=["GET", "DELETE"])
    def motifs() -> Answer:
        variants = asked_variants(genome)
        named = question("variant-motifs", asked_of(catalogue), variants, project.motifs)
        task = motif_tasks.variant_motifs
        return respond(inference, named, task, project, variants, is_beside=True)

    return routes


def members_on_variants(
    found: variant_measures.Effects,
    agreed: doubt_tasks.EffectsAgreement,
    genes: tuple[GeneEffect, ...],
    seen: frozenset[str],
    variants: tuple[Variant, ...],
) -> MembersOnVariants:
    """Lay out what the networks say of the effects of variants.

    `genes` are those answered, `seen` the tracks that who is asking may see.
    """
    tracks = tuple(
        MembersOnEffect(track, _agreed(agreed.local, n), _agreed(agreed.context, n))
        for n, track in enumerate(found.tracks)
        if track in seen
    )
    places = {gene.gene: n for n, gene in enumerate(found.genes)}
    of_genes = []
    for gene in genes:
        first = gene.ranked[0].track
        sed = _agreed(agreed.genes[places[gene.gene]], found.tracks.index(first))
        of_genes.append(MembersOnGene(gene.gene, first, sed, _promoter(agreed, gene, variants)))
    return MembersOnVariants(agreed.members, tracks, tuple(of_genes))


def _promoter(
    agreed: doubt_tasks.EffectsAgreement, gene: GeneEffect, variants: tuple[Variant, ...]
) -> Agreed | None:
    """What variants near the start of a gene do to a reporter of its direction."""
    if agreed.promoters is None or gene.strand not in STRANDS:
        return None
    changed = haplotype(variants).changed
    if all(min(abs(tss - end) for end in changed) > REACH for tss in gene.tss):
        return None
    found, strand = agreed.promoters, STRANDS.index(gene.strand)
    mean, deviation = float(found.mean[0, strand]), float(found.deviation[0, strand])
    return Agreed(mean, deviation, bool(found.is_known[0, strand]))


def signs_of_variants(
    known: SignCalibration,
    found: variant_measures.Effects,
    agreed: doubt_tasks.EffectsAgreement | None,
    seen: frozenset[str],
) -> SignsOfVariants:
    """Lay out how far the signs of SAD over all bins can be believed, on tracks that are seen."""
    sad, said = found.alternative - found.reference, []
    if agreed is not None:
        said = [agreed.context.mean[None], agreed.context.deviation[None]]
    (probabilities,) = known.probabilities("sad", found.tracks, sad[None], *said)
    return SignsOfVariants(
        known.name,
        known.effect,
        TOLD,
        tuple(
            SignOfTrack(track, float(p) if np.isfinite(p) else None, curve.alleles, curve.right)
            for track, p in zip(found.tracks, probabilities, strict=True)
            if (curve := known.curves["sad"].get(track)) is not None and track in seen
        ),
    )


def _agreed(found: Agreement, track: int) -> Agreed:
    return Agreed(
        float(found.mean[track]), float(found.deviation[track]), bool(found.is_known[track])
    )


def asked_variants(genome: Genome) -> tuple[Variant, ...]:
    """Read a haplotype from the request: `variants`, or one by chrom, position, ref and alt.

    Returns
    -------
    tuple of Variant
        In order, checked against the genome.

    Raises
    ------
    SighthoundError
        One is no variant or does not fit the genome, or two overlap.
    """
    text = request.args.get("variants")
    if text is None:
        chrom = genome.resolve(request.args.get("chrom", ""))
        position = integer("position", 0, genome.lengths[chrom] - 1)
        ref, alt = (request.args.get(allele, "").upper() for allele in ("ref", "alt"))
        found = [Variant(chrom, position, ref, alt)]
    else:
        found = []
        for part in split_haplotype(text):
            given = genome if is_hgvs(part) else None  # whose bases its words do not name
            typed = parse_variant(part, given, chrom=found[-1].chrom if found else None)
            chrom = genome.resolve(typed.chrom)
            found.append(Variant(chrom, typed.position, typed.ref, typed.alt))
    if len(found) > MAX_VARIANTS:
        raise SighthoundError(
            f"{len(found)} variants on one sequence; ask for at most {MAX_VARIANTS} here"
        )
    if any(max(len(v.ref), len(v.alt)) > MAX_ALLELE_BP for v in found):
        raise SighthoundError(f"an allele has at most {MAX_ALLELE_BP:,} bases here")
    ordered = haplotype(found).variants
    check_variants(ordered, genome)
    return ordered


def encode_alternative(found: variant_tasks.Alleles, chrom: str, tracks: tuple[str, ...]) -> bytes:
    """Write both alleles in the binary form of /api/v1/signal."""
    size, count = found.bin, len(found.reference)
    kinds = ("reference", "alternative")
    header = {
        "chrom": chrom,
        "start": found.start,
        "end": found.start + count * size,
        "bin_bp": size,
        "bins": count,
        "native_bin": size,
        "series": [
            {
                "track": track,
                "kind": kind,
                "stat": "mean",
                "offset": (number * len(kinds) + place) * count,
            }
            for number, track in enumerate(tracks)
            for place, kind in enumerate(kinds)
        ],
    }
    alleles = (found.reference, found.alternative)
    series = [allele[:, number] for number in range(len(tracks)) for allele in alleles]
    return encode_signal(header, series)
