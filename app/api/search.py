"""What a person types into the page's box, as places: regions, genes, variants and their ids.

One reading of a text is enough for a place that is meant; all of them are given, the likeliest
first. Answers are 0-based; what is typed is 1-based, as people write it.
"""

from __future__ import annotations

import logging
import threading
from collections.abc import Iterator
from dataclasses import replace

from flask import Blueprint, Response, request

from sighthound.app.answers.places import Found, Kind, Place
from sighthound.app.answers.written import respond_with
from sighthound.app.project_state import Catalogue
from sighthound.app.web.operation import Operation, Operations
from sighthound.app.web.public import public_line
from sighthound.core.annotation.genes import Gene, name_key
from sighthound.core.errors import SighthoundError
from sighthound.core.genome.regions import plain_characters, read_flank
from sighthound.core.genome.sequence import Interval, parse_region
from sighthound.core.project.layout import variant_ids_folder
from sighthound.core.variants.haplotype import Haplotype, parse_haplotype, split_haplotype
from sighthound.core.variants.rsids import VariantIds
from sighthound.core.variants.variant import Variant, is_like_a_variant

RESULTS = 20
# Ids shorter than this complete to too many variants to be of use.
LEAST_ID = 3

_log = logging.getLogger(__name__)


class Finder:
    """Finds places of a project by what a person typed.

    Parameters
    ----------
    catalogue : Catalogue
    """

    def __init__(self, catalogue: Catalogue) -> None:
        self.genome = catalogue.genome
        self.catalogue = catalogue
        vcf = catalogue.project.variants.vcf
        folder = variant_ids_folder(catalogue.project)
        self.ids = VariantIds(vcf, folder, self.genome) if vcf else None
        self._indexing: threading.Thread | None = None
        self._starting = threading.Lock()
        self._failed = ""

    def find(self, text: str, chrom: str | None = None, limit: int = RESULTS) -> Found:
        """Give what a text may mean.

        Parameters
        ----------
        text : str
        chrom : str, optional
            The chromosome that is looked at: positions alone are on it.
        limit : int
            At most so many genes, and so many variants.

        Returns
        -------
        Found
            The places, and where not all could be looked at, why.

        Raises
        ------
        SighthoundError
            It is a place or a variant, but not one of this genome.
        """
        text = text.strip("\r\n ")
        if not text:
            return Found(())
        refusal: SighthoundError | None = None
        results: list[Place] = []
        try:
            results += self._variants_as_typed(text, chrom)
        except SighthoundError as error:
            refusal = error
        if not results:
            try:
                results += self._regions(text, chrom)
            except SighthoundError as error:
                # Only of what looks like a place is said why it is none.
                if refusal is None and (":" in text or "\t" in text):
                    refusal = error
        results += self._genes(text, limit)
        note, known = self._by_id(text, limit)
        results += [_variant_result(variant) for variant in known]
        if refusal is not None and not results:
            raise refusal
        return Found(tuple(results), note or None)

    def _genes(self, text: str, limit: int) -> Iterator[Place]:
        text = plain_characters(text)
        genes = self.catalogue.genes()
        yield from (_gene_result(gene, text) for gene in genes.search(text, limit))
        flanked = read_flank(text)
        if flanked is None or flanked[0] not in genes:
            return
        name, bases = flanked
        for gene in genes.called(name)[:limit]:
            start, end = max(0, gene.start - bases), gene.end + bases
            around = Interval(gene.chrom, start, min(end, self.genome.lengths[gene.chrom]))
            label = f"{gene.name} \u00b1 {bases:,} bp"
            yield replace(_region_result(around, "region"), label=label)

    def known(self, name: str) -> Variant | None:
        """The variant of an id, where it has one place and one ALT.

        Raises
        ------
        SighthoundError
            The id has several.
        """
        found = [v for v in self._by_id(name, 3)[1] if v.id.lower() == name.lower()]
        if len(found) > 1:
            both = ", ".join(map(str, found))
            raise SighthoundError(f"{name} is {both}; write which of them is meant")
        return found[0] if found else None

    def _variants_as_typed(self, text: str, chrom: str | None) -> Iterator[Place]:
        parts = split_haplotype(text)
        if not any(map(is_like_a_variant, parts)) and len(parts) < 2:
            return
        if not is_like_a_variant(parts[0]) and self.known(parts[0]) is None:
            return
        found = parse_haplotype(
            text, self.genome, chrom=chrom, known=self.known, genes=self.catalogue.genes
        )
        if len(found.variants) == 1:
            yield _variant_result(found.variants[0])
        else:
            yield _haplotype_result(found)

    def _regions(self, text: str, chrom: str | None) -> Iterator[Place]:
        found = parse_region(text, self.genome, chrom=chrom, clip=True)
        whole = len(found) == self.genome.lengths[found.chrom]
        kind: Kind = "chromosome" if whole and ":" not in text else "region"
        yield _region_result(found, "position" if len(found) == 1 else kind)
        digits = text.replace(",", "")
        if chrom and kind == "chromosome" and digits.isdecimal() and len(digits) < 19:
            here = self.genome.resolve(chrom)
            position = int(digits)
            if 1 <= position <= self.genome.lengths[here]:
                yield _region_result(Interval(here, position - 1, position), "position")

    def _by_id(self, text: str, limit: int) -> tuple[str, list[Variant]]:
        """Why ids cannot be looked up now, or the variants of the VCF whose id begins so."""
        ids = self.ids
        if ids is None or len(text) < LEAST_ID or not text.isprintable() or " " in text:
            return "", []
        if not ids.is_ready:
            self._index()
            return self._failed or f"the ids of {ids.vcf.name} are being indexed", []
        try:
            return "", ids.find(text, limit)
        except SighthoundError as error:
            return public_line(self.catalogue.project, str(error)), []

    def _index(self) -> None:
        """Index the VCF's ids, once and aside, however many ask meanwhile."""
        with self._starting:
            if self._indexing is not None and self._indexing.is_alive():
                return
            if self._failed:
                return
            self._indexing = threading.Thread(target=self._build, name="variant-ids", daemon=True)
            self._indexing.start()

    def _build(self) -> None:
        assert self.ids is not None
        try:
            self.ids.build()
        except SighthoundError as error:
            self._failed = public_line(self.catalogue.project, str(error))
            _log.warning("%s", error)

    def wait_for_ids(self, seconds: float) -> bool:
        """Give the index time to be made; whether it is."""
        if self.ids is None:
            return False
        if not self.ids.is_ready:
            self._index()
            assert self._indexing is not None
            self._indexing.join(seconds)
        return self.ids.is_ready


OPERATIONS: Operations = {
    "/api/v1/search": {"get": Operation("Places by what a person typed.", "q? chrom?", Found)},
}


def blueprint(catalogue: Catalogue) -> Blueprint:
    """Make the route /api/v1/search."""
    routes = Blueprint("find", __name__, url_prefix="/api/v1")
    finder = Finder(catalogue)

    @routes.get("/search")
    def search() -> Response:
        chrom = request.args.get("chrom")
        here = None if chrom is None else catalogue.genome.resolve(chrom)
        try:
            return respond_with(finder.find(request.args.get("q", ""), here))
        except SighthoundError as error:
            # Half of a place is no mistake: it is still being typed.
            problem = public_line(catalogue.project, str(error))
            return respond_with(Found((), problem=problem))

    return routes


def matched_alias(gene: Gene, typed: str) -> str:
    """The alias, transcript or protein by which a gene was found; empty if by its name or id."""
    typed = name_key(typed)
    if any(name_key(name).startswith(typed) for name in (gene.name, gene.id)):
        return ""
    parts = (name for t in gene.transcripts for name in (t.id, t.protein))
    others = (*gene.aliases, *parts)
    return next((other for other in others if other and name_key(other).startswith(typed)), "")


def gene_place(gene: Gene) -> Place:
    """Give a gene as a place."""
    detail = f"{gene.id} {Interval(gene.chrom, gene.start, gene.end)}"
    return Place(gene.name, detail, gene.chrom, gene.start, gene.end, "gene")


def _gene_result(gene: Gene, typed: str) -> Place:
    alias = matched_alias(gene, typed)
    place = gene_place(gene)
    return replace(place, detail=f"{alias}, {place.detail}") if alias else place


def _region_result(region: Interval, kind: Kind) -> Place:
    label, detail = str(region), f"{len(region):,} bp"
    if kind == "position":
        label, detail = f"{region.chrom}:{region.start + 1:,}", "position"
    return Place(label, detail, region.chrom, region.start, region.end, kind)


def _variant_result(variant: Variant) -> Place:
    alleles = f"{shortened(variant.ref)}>{shortened(variant.alt)}"
    place = f"{variant.chrom}:{variant.position + 1:,} {alleles}"
    return Place(
        variant.id or place,
        place if variant.id else "variant",
        variant.chrom,
        variant.position,
        variant.end,
        "variant",
        str(variant),
    )


def _haplotype_result(found: Haplotype) -> Place:
    first, last = found.variants[0], found.variants[-1]
    return Place(
        " + ".join(
            f"{v.position + 1:,} {shortened(v.ref)}>{shortened(v.alt)}" for v in found.variants
        ),
        f"haplotype of {len(found.variants)} variants on {first.chrom}",
        first.chrom,
        first.position,
        last.end,
        "haplotype",
        str(found),
    )


def shortened(allele: str) -> str:
    """Write an allele, a long one by its beginning and length."""
    return allele if len(allele) <= 12 else f"{allele[:9]}... ({len(allele):,} bp)"
