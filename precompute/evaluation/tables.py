"""The tables of an evaluation, made of the signals over held-out bins, and what cannot be said."""

from __future__ import annotations

import dataclasses
import math
from collections.abc import Callable, Mapping, Sequence
from functools import cached_property
from pathlib import Path

import numpy as np
import pandas as pd

from sighthound.core.annotation.genes import Gene
from sighthound.core.genome.sequence import Genome, Interval
from sighthound.core.interpretation.agreement import LEAST_MEMBERS
from sighthound.core.model.ensemble import Ensemble, claiming
from sighthound.core.model.model import Model
from sighthound.core.motifs.jaspar import Motif
from sighthound.core.progress import Progress, silent
from sighthound.core.project.evaluation import (
    ALL,
    MASKED,
    MEMBERS_FIGURE,
    REGIONS,
    TRACKS_FILE,
    TrackAccuracy,
)
from sighthound.core.tracks.bootstrap import Bootstrap
from sighthound.core.tracks.track import Track
from sighthound.precompute.evaluation.ablation import ablation_table
from sighthound.precompute.evaluation.contrasts import contrasts_table
from sighthound.precompute.evaluation.correlations import agreement
from sighthound.precompute.evaluation.elements import (
    MOST_STARTS,
    element_scores,
    element_tables,
    saliency_of_starts,
)
from sighthound.precompute.evaluation.expression import (
    GeneValues,
    gene_values_table,
    genes_table,
)
from sighthound.precompute.evaluation.members import (
    changes_of_file,
    effects_table,
    random_changes,
)
from sighthound.precompute.evaluation.peaks import peaks_table
from sighthound.precompute.evaluation.profiles import (
    gene_correlations_table,
    heat_map_tables,
    profiles,
    variation_table,
)
from sighthound.precompute.evaluation.replicates import (
    Concordance,
    concordance_table,
    families,
)
from sighthound.precompute.evaluation.scatter import NO_ASSAY, median_tracks, scatter_table
from sighthound.precompute.evaluation.signals import Bins, Floats, Signals
from sighthound.precompute.evaluation.sites import LEAST_SITES, promoters, sites_table
from sighthound.precompute.evaluation.strata import strata_table

Tables = dict[str, pd.DataFrame]
_NO_GENES = "the project has no genes: name an annotation under [genome] genes"


class Evaluation:
    """Tables of one model.

    Parameters
    ----------
    bins : sequence of Bins
        Of all sizes that are stated; figures are of the last.
    fold : str
        Of the bins.
    genes : sequence of Gene
        All of the genome.

    Attributes
    ----------
    missing : dict
        Number of a figure, or its name -> why it cannot be drawn, as far as tables have been made.
    """

    def __init__(
        self,
        signals: Signals,
        bins: Sequence[Bins],
        fold: str,
        genes: Sequence[Gene],
        progress: Progress | None = None,
    ) -> None:
        self.signals, self.bins, self.fold, self.genes = signals, list(bins), fold, genes
        self.progress = progress or silent
        self.missing: dict[str, str] = {}
        own = self.bins[0]
        self.families = families(
            list(signals.tracks.values()), lambda track: signals.experiment(track, own)
        )
        self._concordance = {
            (b.size, region): Concordance(self._reader(b, region), self.families)
            for b in self.bins
            for region in REGIONS
        }

    def tables(self) -> Tables:
        """Make all tables but those of elements."""
        found = {TRACKS_FILE: self.accuracy, "replicates.tsv": self.replicates()}
        found["contrasts.tsv"] = contrasts_table(self.signals, self.bins[-1], self.families)
        self.progress(0, 4, "statistics")
        if not self.median_tracks:
            self.missing["2B, 2C"] = "no track has data and signal in this fold"
        found["scatter.tsv"] = scatter_table(self.signals, self.bins[-1], self.median_tracks)
        self.progress(1, 4, "statistics")
        found["peaks.tsv"] = peaks_table(self.signals, self.bins[-1])
        if found["peaks.tsv"]["auprc"].isna().all():
            self.missing["S1"] = "no experiment has peaks enough in this fold"
        self.progress(2, 4, "statistics")
        found["strata.tsv"] = strata_table(self.signals, self.bins[-1], self.genes)
        self.progress(3, 4, "statistics")
        found |= self.expression()
        self.progress(4, 4, "statistics")
        return found

    @cached_property
    def accuracy(self) -> pd.DataFrame:
        """A row a track, size of bins and region."""
        rows = []
        draws = {bins.size: Bootstrap(bins.blocks) for bins in self.bins}
        for number, track in enumerate(self.signals.predicted, 1):
            for bins in self.bins:
                prediction = self.signals.prediction(track, bins)
                for region in REGIONS:
                    experiment = self._reader(bins, region)(track)
                    rows.append(
                        self._row(track, bins, region, prediction, experiment, draws[bins.size])
                    )
            self.progress(number, len(self.signals.predicted), "tracks")
        return pd.DataFrame([dataclasses.asdict(row) for row in rows])

    @cached_property
    def median_tracks(self) -> dict[str, str]:
        """The track of the median r of every assay, replicates of another left out."""
        stated = self.accuracy
        stated = stated[(stated["region"] == MASKED) & (stated["bin"] == self.bins[-1].size)]
        score = dict(zip(stated["track"], stated["pearson_log1p"], strict=True))
        tracks = [t for t in self.signals.tracks.values() if t.id in score]
        return median_tracks(tracks, score)

    def _row(
        self,
        track: str,
        bins: Bins,
        region: str,
        prediction: Floats,
        experiment: Floats,
        bootstrap: Bootstrap,
    ) -> TrackAccuracy:
        found = agreement(prediction, experiment, bootstrap)
        ceiling = self._concordance[bins.size, region].ceiling(track)
        numbers: dict[str, float] = {}
        for measure in ("pearson", "pearson_log1p", "r2", "level"):
            estimate = getattr(found, measure)
            numbers[measure] = estimate.value
            numbers[f"{measure}_low"], numbers[f"{measure}_high"] = estimate.low, estimate.high
        return TrackAccuracy(
            track, self.fold, bins.size, region, found.n_bins, **numbers,
            experiment_mean=found.experiment_mean, prediction_mean=found.prediction_mean,
            ceiling=ceiling.pearson, ceiling_log1p=ceiling.pearson_log1p,
            ceiling_of=ceiling.of, replicates=ceiling.replicates,
            note=_note(found.n_bins, experiment, found.pearson.value),
        )  # fmt: skip

    def replicates(self) -> pd.DataFrame:
        """Concordance of replicates and samples, in the bins of the figures."""
        bins = self.bins[-1]
        concordance = self._concordance[bins.size, MASKED]
        table = concordance_table(self.signals, bins, self.families, concordance)
        relations = set(table["relation"]) if len(table) else set()
        if "replicates" not in relations:
            self.missing["2D, S2"] = (
                "no replicates with data here: name them in the column replicate_of of the tracks "
                "table"
            )
        if "samples" not in relations:
            self.missing["S3"] = "no two samples of one assay were measured here"
        return table

    def expression(self) -> Tables:
        """Tables of genes at their starts."""
        values = GeneValues(self.signals, self.bins[-1], self.genes)
        if not values.genes:
            why = "no gene has all of its starts in this fold" if self.genes else _NO_GENES
            self.missing["3A, 3B, 3C, 3D, S5, S6"] = why
            return {}
        table = genes_table(values, self.families)
        found = {"genes.tsv": table, "gene_values.parquet": gene_values_table(values)}
        if table.empty or table["pearson"].isna().all():
            self.missing["3A, 3B"] = "no experiment has signal at enough starts of this fold"
        own = profiles(values)
        if not own.is_enough:
            self.missing["3C, 3D, S5, S6"] = own.lack
            return found
        return found | {
            "variation.tsv": variation_table(own),
            "gene_correlations.tsv": gene_correlations_table(values, own),
            **heat_map_tables(values, own),
        }

    def elements(
        self,
        places: Mapping[str, Sequence[Interval]],
        model: Model,
        genome: Genome,
        ensemble: Ensemble,
    ) -> Tables:
        """Tables of the saliency of annotated elements."""
        genes = GeneValues(self.signals, self.bins[-1], self.genes).genes
        tracks = list(dict.fromkeys(self.median_tracks.values()))
        if not places:
            self.missing["4B"] = "no annotated elements: name BED files with --elements"
        elif not genes or not tracks:
            self.missing["4B"] = "no gene, or no track with signal, in this fold"
        else:
            found = saliency_of_starts(model, genome, genes, tracks, ensemble, self.progress)
            tables = element_tables(element_scores(found, places, model.bin), tracks)
            if tables["elements.tsv"].empty:
                self.missing["4B"] = (
                    f"too few elements lie within {model.architecture.context:,} bases of "
                    f"{min(len(genes), MOST_STARTS):,} starts"
                )
            return tables
        return {}

    def effects(
        self, model: Model, members: Sequence[Model], genome: Genome, variants: Path | None
    ) -> Tables:
        """Table of how far the networks that taught the model agree on effects of changes."""
        if len(members) < LEAST_MEMBERS:
            self.missing[MEMBERS_FIGURE] = (
                "no networks taught this model: train several with 'sighthound train --seeds 3'"
            )
            return {}
        places = self.signals.held_out.stretches
        changes = (
            random_changes(self.genes, places, genome, self.fold)
            if variants is None
            else changes_of_file(variants, genome)
        )
        if changes is None:
            self.missing[MEMBERS_FIGURE] = "no gene starts in this fold: name a VCF with --variants"
            return {}
        self.progress(0, 1, "effects")

        def told(done: int, total: int, _: str = "", /) -> None:
            self.progress(done, total, "effects")

        found = effects_table(model, members, genome, changes, claiming(model.bin), told)
        return {"effects.tsv": found}

    def ablation(self, asked: bool) -> Tables:
        """The table of accuracy against the depth of experiments, where it is asked for."""
        if not asked:
            self.missing["of depth"] = "not asked for: --ablation thins the experiments' reads"
            return {}
        self.progress(0, 1, "thinned reads")
        table = ablation_table(self.signals, self.bins[-1])
        self.progress(1, 1, "thinned reads")
        if table["share"].isna().all():
            self.missing["of depth"] = "no experiment is counts, which alone can be thinned"
        return {"ablation.tsv": table}

    def sites(
        self,
        places: Mapping[str, Sequence[Interval]],
        model: Model,
        genome: Genome,
        ensemble: Ensemble,
        known: Callable[[], tuple[Motif, ...]],
        most: int,
    ) -> Tables:
        """The table of explanations at binding sites; `known` reads the motifs to name."""
        genes = GeneValues(self.signals, self.bins[-1], self.genes).genes
        # What is predicted is explained whether it was measured in this fold or not.
        own = {id: self.signals.tracks[id] for id in self.signals.predicted}
        tracks = list(
            {
                **{track.assay or NO_ASSAY: id for id, track in reversed(own.items())},
                **self.median_tracks,
            }.values()
        )
        if not places:
            self.missing["of binding sites"] = "no binding sites: name BED files with --sites"
        elif not genes:
            self.missing["of binding sites"] = "no gene has all of its starts in this fold"
        else:
            found = promoters(
                model, genome, genes, places, [_by_strand(own[id], own) for id in tracks],
                ensemble, known(), most=most, progress=self.progress,
            )  # fmt: skip
            table = sites_table(found, places, tracks)
            if table.empty:
                self.missing["of binding sites"] = (
                    f"fewer than {LEAST_SITES} sites of a kind lie in {len(found):,} promoters"
                )
            return {"sites.tsv": table}
        return {}

    def _reader(self, bins: Bins, region: str) -> Callable[[str], Floats]:
        def read(track: str) -> Floats:
            values = self.signals.experiment(track, bins)
            return values if region == ALL else np.where(bins.counts, values, np.nan)

        return read


def _by_strand(track: Track, others: Mapping[str, Track]) -> dict[str, str]:
    """Which track explains a start on a strand: of a pair that of the strand."""
    pair = track.strand_pair if track.strand_pair in others else track.id
    return {"+": track.id, "-": pair} if track.strand == "+" else {"+": pair, "-": track.id}


def _note(n_bins: int, experiment: Floats, pearson: float) -> str:
    if not n_bins:
        return "no data in this fold"
    if not (experiment[np.isfinite(experiment)] > 0).any():
        return "no signal in this fold"
    return "" if math.isfinite(pearson) else "too few bins with signal, or all alike"
