"""What a project's model says of a locus' most probable variants: effects, genes, mutagenesis."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
import pandas as pd

from sighthound.core.annotation.genes import Genes
from sighthound.core.annotation.transcripts import Gene
from sighthound.core.errors import SighthoundError
from sighthound.core.finemapping.credible_sets import effect_prior
from sighthound.core.finemapping.locus import FineMapped
from sighthound.core.finemapping.predicted import (
    LEAST_CHANGE,
    MutagenesisPair,
    Opposite,
    PredictedEffects,
    kind_of,
    opposite_effects,
)
from sighthound.core.genome.sequence import ALPHABET, Genome, Interval
from sighthound.core.interpretation.mutagenesis import mutagenesis
from sighthound.core.interpretation.variant_scores import PSEUDOCOUNT, score_variants
from sighthound.core.interpretation.windows import locus_window, predict_locus
from sighthound.core.model.ensemble import Ensemble
from sighthound.core.model.model import Model, load_model
from sighthound.core.motifs.jaspar import read_motifs
from sighthound.core.motifs.naming import FLANK, scanner_of
from sighthound.core.motifs.variant_sites import haplotype_changes
from sighthound.core.progress import Progress
from sighthound.core.project.settings import Project
from sighthound.core.tracks.track import Track
from sighthound.core.variants.haplotype import haplotype
from sighthound.core.variants.variant import Variant, of_genome

MOST_VARIANTS = 40
_SCORE, _BY_GENE = "sum_log2_ratio", "sed"
_AROUND = 30  # bases on either side of the variant that are mutated
_TRACKS = 2  # of the mutagenesis


@dataclass(frozen=True, eq=False)
class _Scored:
    """SED of each variant and gene in reach: reference and alternative, (rows, tracks).

    Both are 0 of tracks of the strand that the gene is not on.
    """

    variant: np.ndarray  # number of the variant
    gene: np.ndarray
    gene_name: np.ndarray
    reference: np.ndarray
    alternative: np.ndarray

    @property
    def change(self) -> np.ndarray:
        """A share of what is predicted without the variant; 0 where that is nothing."""
        known = self.reference > 0
        difference = self.alternative - self.reference
        return np.where(known, difference / np.where(known, self.reference, 1), 0)


def predict_effects(
    project: Project,
    locus: FineMapped,
    ensemble: Ensemble,
    *,
    most: int = MOST_VARIANTS,
    progress: Progress | None = None,
) -> PredictedEffects:
    """Predict what the most probable variants of a locus do.

    Parameters
    ----------
    most : int
        Variants that are predicted: the most probable, of those that may be causal.

    Raises
    ------
    SighthoundError
        The genome has not the locus' chromosome, or the genome's allele is none of any variant's.
    """
    genome, genes = project.open_genome(), project.read_genes()
    model = load_model(project.model.directory)
    table, variants, said = _placed(locus, genome, most)
    missing = [] if len(genes) else ["genes: the project has no annotation, so there is no SED"]
    scores = (_SCORE, _BY_GENE) if len(genes) else (_SCORE,)
    scored = score_variants(
        model, genome, variants, scores=scores, alleles=True, genes=genes if len(genes) else None,
        ensemble=ensemble, progress=progress,
    )  # fmt: skip
    tracks = {track.id: track for track in project.read_tracks() if track.id in model.tracks}
    ids = list(tracks)
    log2 = np.zeros((len(variants), len(ids)))
    overall = scored[(scored["score"] == _SCORE) & (scored["value"] == "score")]
    log2[overall["record"].to_numpy() - 1] = overall[ids].to_numpy(np.float64)
    by_gene = _by_gene(scored, ids, genes, tracks)
    table["size"] = _sizes(by_gene, len(variants)) if len(genes) else np.nan
    changes = _changes(by_gene, table, tracks)
    opposite = opposite_effects(changes, tracks)
    if opposite is None:
        missing.append(
            "opposite effects: no variant raises a gene's expression by more than "
            f"{LEAST_CHANGE:.0%} in one sample and lowers it so in another"
        )
    lead = str(table["variant"].iloc[0])
    turned = opposite if opposite is not None and opposite.variant == lead else None
    gene, shown = _explained(by_gene, np.abs(log2[0]), ids, turned)
    mutated = _mutated(
        project, model, lead, variants[0], None if gene is None else genes[gene], shown, ensemble
    )
    return PredictedEffects(
        table, tracks, log2, changes, opposite, mutated, tuple(said), tuple(missing)
    )


def prior_of(locus: FineMapped, found: PredictedEffects, weight: float) -> tuple[np.ndarray, str]:
    """Make a locus' prior of what is predicted, with words for it."""
    sizes = np.full(len(locus.variants), np.nan)
    sizes[found.variants["row"]] = found.variants["size"]
    candidates = locus.variants[locus.method].to_numpy() > 0
    prior = np.zeros(len(sizes))
    prior[candidates] = effect_prior(sizes[candidates], weight)
    return prior, (
        f"prior: {weight:g} x size / sum of sizes + {1 - weight:g} / candidates; size is the "
        f"largest |SED| / (reference + {PSEUDOCOUNT:g}) of all genes and tracks, and the mean size "
        "where it was not predicted"
    )


def _placed(
    locus: FineMapped, genome: Genome, most: int
) -> tuple[pd.DataFrame, list[Variant], list[str]]:
    """The most probable variants, as variants of the genome."""
    chrom = genome.resolve(locus.chrom)
    candidates = locus.variants.assign(row=np.arange(len(locus.variants)))
    candidates = candidates[(candidates["posterior"] > 0) | candidates["is_lead"]]
    candidates = candidates.sort_values("posterior", ascending=False, kind="stable")
    rows, variants, unplaced = [], [], 0
    for row in candidates.head(most).itertuples():
        alleles = str(row.other), str(row.effect)
        variant = of_genome(genome, chrom, int(row.position) - 1, *alleles, str(row.id))
        if variant is None:
            unplaced += 1
            continue
        variants.append(variant)
        rows.append((row.row, row.id or str(variant), chrom, row.position, variant.ref,
                     variant.alt, row.posterior))  # fmt: skip
    tried = min(most, len(candidates))
    if not variants:
        raise SighthoundError(
            f"none of the {tried:,} most probable variants of {locus.name} has an allele that is "
            f"{genome.path.name}'s there; give a project of the statistics' assembly, and "
            "statistics with alleles"
        )
    said = [f"predicted: the {len(variants):,} most probable of {len(candidates):,} candidates"]
    if unplaced:
        said.append(f"not predicted: {unplaced:,} whose alleles are not {genome.path.name}'s")
    names = ["row", "variant", "chrom", "position", "ref", "alt", "posterior"]
    return pd.DataFrame(rows, columns=names), variants, said


def _by_gene(
    scored: pd.DataFrame, ids: list[str], genes: Genes, tracks: Mapping[str, Track]
) -> _Scored:
    own = scored[scored["score"] == _BY_GENE]
    reference, alternative = (own[own["value"] == value] for value in ("reference", "alternative"))
    if not len(own):
        none = np.zeros(0, object)
        return _Scored(np.zeros(0, int), none, none, *(np.zeros((0, len(ids))) for _ in range(2)))
    before, after = (part[ids].to_numpy(np.float64) for part in (reference, alternative))
    # What is read off the other strand is no expression of the gene.
    strands = np.array([tracks[id].strand for id in ids])
    own_strand = np.array([genes[str(gene)].strand for gene in reference["gene"]])
    turned = np.array([{"+": "-", "-": "+"}.get(strand, "none") for strand in own_strand])
    foreign = strands == turned[:, None]
    return _Scored(
        reference["record"].to_numpy() - 1,
        reference["gene"].to_numpy(object),
        reference["gene_name"].to_numpy(object),
        np.where(foreign, 0, before),
        np.where(foreign, 0, after),
    )


def _sizes(scored: _Scored, count: int) -> np.ndarray:
    """The largest |SED| of each variant over the reference and a pseudocount; 0 out of reach."""
    sizes = np.zeros(count)
    change = np.abs(scored.alternative - scored.reference) / (scored.reference + PSEUDOCOUNT)
    np.maximum.at(sizes, scored.variant, change.max(axis=1, initial=0))
    return sizes


def _changes(scored: _Scored, table: pd.DataFrame, tracks: Mapping[str, Track]) -> pd.DataFrame:
    change = scored.change
    row, track = np.nonzero(np.abs(change) > LEAST_CHANGE)
    ids = list(tracks)
    found = pd.DataFrame(
        {
            "variant": table["variant"].to_numpy()[scored.variant[row]],
            "gene": scored.gene[row],
            "gene_name": scored.gene_name[row],
            "track": [ids[number] for number in track],
            "kind": [kind_of(tracks[ids[number]]) for number in track],
            "reference": scored.reference[row, track],
            "alternative": scored.alternative[row, track],
            "change": change[row, track],
        }
    )
    order = found["change"].abs().sort_values(ascending=False, kind="stable").index
    return found.loc[order].reset_index(drop=True)


def _explained(
    scored: _Scored, sizes: np.ndarray, ids: list[str], opposite: Opposite | None
) -> tuple[str | None, list[str]]:
    """Choose at which gene's starts, if at any, and on which tracks the first variant is shown."""
    own = np.flatnonzero(scored.variant == 0)
    gene = None
    if len(own):
        strength = np.abs(scored.alternative[own] - scored.reference[own])
        strength = strength / (scored.reference[own] + PSEUDOCOUNT)
        best = int(strength.max(axis=1).argmax())
        if opposite is not None:
            best = list(scored.gene[own]).index(opposite.gene)
        gene, sizes = str(scored.gene[own[best]]), strength[best]
    if opposite is not None:
        return gene, [opposite.raised, opposite.lowered]
    return gene, [ids[number] for number in np.argsort(-sizes, kind="stable")[:_TRACKS]]


def _mutated(
    project: Project, model: Model, name: str, variant: Variant, gene: Gene | None,
    tracks: list[str], ensemble: Ensemble,
) -> MutagenesisPair:  # fmt: skip
    """Mutate the bases around a variant, with and without it."""
    genome = project.open_genome()
    start, end = variant.position - _AROUND, variant.end + _AROUND
    start, end = max(0, start), min(genome.lengths[variant.chrom], end)
    sites = [variant.position] if gene is None else [
        s for s in gene.tss_positions if abs(s - variant.position) < _reach(model)
    ]  # fmt: skip
    further = -(-ensemble.furthest // model.bin) + 1
    window = locus_window(model, variant.chrom, min(start, *sites), max(end, *sites) + 1, further)
    first = window.interval.start
    reference = window.one_hot(genome)
    changed = haplotype(variant).altered(reference, first)[: len(reference)]
    lost = len(reference) - len(changed)
    changed = np.pad(changed, ((0, lost), (0, 0)))
    ends = (end, end + variant.shift)
    effects, predicted, sequences = [], [], []
    for number, bases in enumerate((reference, changed)):
        shift = variant.shift if number else 0
        moved = [site + (shift if site > variant.position else 0) for site in sites]
        bins = sorted({window.predicted_index(site) for site in moved})
        if gene is None:
            bins = [bins[0] - 1, bins[0], bins[0] + 1]
        region = (start - first, ends[number] - first)
        effects.append(
            mutagenesis(model, bases, *region, tracks=tracks, bins=bins, ensemble=ensemble)
        )
        at = np.array(bins) + model.crop
        predicted.append(predict_locus(model, bases, at, tracks, ensemble).sum(axis=0))
        sequences.append(_letters(bases[slice(*region)]))
    where = (
        f"the bins of the start sites of {gene.name or gene.id}"
        if gene is not None
        else "the variant's bin and its neighbours"
    )
    around = Interval(variant.chrom, variant.position - FLANK, variant.end + FLANK)
    flanked = genome.one_hot(around)
    settings = project.motifs
    known = read_motifs(settings.release, settings.collection, settings.tax_group)
    motifs = haplotype_changes(
        scanner_of(known, flanked), haplotype(variant), flanked, around.start
    )
    return MutagenesisPair(
        name, variant.chrom, start, (sequences[0], sequences[1]), tuple(tracks),
        (effects[0], effects[1]), (predicted[0], predicted[1]), where,
        ((variant.position, variant.end),
         (variant.position, variant.position + len(variant.alt))),
        tuple(motifs),
    )  # fmt: skip


def _reach(model: Model) -> int:
    """Bases from a variant to the last bin that it can change."""
    return model.receptive_field_bins * model.bin


def _letters(bases: np.ndarray) -> str:
    """Write one-hot bases; N where there is none."""
    codes = np.where(bases.any(axis=1), bases.argmax(axis=1), len(ALPHABET))
    return "".join(f"{ALPHABET}N"[code] for code in codes)
