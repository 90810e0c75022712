"""What a sample of an eQTL study says of its genes: one pass over them.

For every gene of a sample chi-squared of the variants around its start is held against their LD
score, and the size of their SED-LD on the sample's track (Kelley et al. 2018, Figs. 5 and S7);
only sums and the variants that pruning leaves are kept. The same
regression with SED of other variants at the same distance, and with signs turned at random, says
what it finds where there is nothing.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd
from scipy.stats import kstest

from sighthound.core.annotation.genes import Gene, Genes
from sighthound.core.association.heritability import jackknife_blocks
from sighthound.core.association.ld import correlations
from sighthound.core.association.panel import Panel
from sighthound.core.association.pruning import prune
from sighthound.core.errors import SighthoundError
from sighthound.core.expression.enrichment import (
    enrichment_by_chance,
    quantile_shares,
    rank_correlation,
)
from sighthound.core.expression.regression import (
    BY_DISTANCE,
    DISTANCES,
    MODELS,
    PLAIN,
    PairSums,
    distance_class,
    distance_marks,
    drawn_profiles,
    fit_sizes,
    gene_blocks,
    share_at_least,
)
from sighthound.core.expression.study import (
    ENRICHMENT,
    EVERYWHERE,
    FITS,
    PAIRS,
    SHUFFLED,
    SHUFFLES,
    SIGNS,
    TURNED,
)
from sighthound.core.progress import Progress, silent
from sighthound.core.tracks.bootstrap import Estimate, estimate_columns
from sighthound.core.tracks.metrics import q_values
from sighthound.precompute.studies.eqtl_inputs import (
    Ld,
    OfGene,
    Parts,
    Scored,
    StudySettings,
    associations,
    starts_distance,
    variants_around,
)
from sighthound.precompute.studies.eqtl_samples import Readout

SIGNIFICANT = 0.05  # false discovery rate
_CLASSES = (*DISTANCES, None)
_CHANCES = 40  # shuffles of which enrichment is said, too: all their pairs are kept


@dataclass(frozen=True, eq=False)
class SampleStudy:
    """What came of a sample: rows of tables, by file, and the rank correlation of z with SED-LD."""

    tables: Mapping[str, pd.DataFrame]
    spearman: Estimate


def study_sample(
    readout: Readout,
    panel: Panel,
    parts: Parts,
    genes: Genes,
    scored: Scored,
    ld: Ld,
    settings: StudySettings,
    said: list[str],
    *,
    columns: Mapping[str, str] | None = None,
    progress: Progress = silent,
) -> SampleStudy:
    """Hold a sample's associations against SED-LD on its track.

    Parameters
    ----------
    ld : Ld
        Of the panel.
    columns : mapping, optional
        Role -> a column's name of the statistics, where it is to be another than the usual.
    said : list of str
        Takes what was found of the inputs.

    Raises
    ------
    SighthoundError
        The sample's files cannot be used, or too few genes have variants.
    """
    for track in readout.tracks.values():
        if track not in scored.tracks:
            raise SighthoundError(
                f"track {track} of sample {readout.sample} is not in the table of scores, which "
                f"has {', '.join(scored.tracks[:30])}"
            )
    every = associations(readout, panel, parts, genes, settings, columns or {}, said)
    of_strand = [one for one in every if one.gene.strand in readout.tracks]
    if len(of_strand) < len(every):
        said.append(
            f"{readout.sample}: {len(every) - len(of_strand):,} genes are on a strand without a "
            "track and are left out"
        )
    if not of_strand:
        raise SighthoundError(
            f"sample {readout.sample}: no gene has a variant with a statistic within "
            f"{settings.cis:,} bases of its start; give more variants, or widen --cis-kb"
        )
    return _Pass(readout, panel, parts, scored, ld, settings, of_strand).run(said, progress)


class _Pass:
    """The pass over a sample's genes."""

    def __init__(
        self, readout: Readout, panel: Panel, parts: Parts, scored: Scored, ld: Ld,
        settings: StudySettings, every: Sequence[OfGene],
    ) -> None:  # fmt: skip
        self.readout, self.panel, self.settings = readout, panel, settings
        self.every, self.scored, self.parts = every, scored, parts
        self.ends, self.scores = ld.ends, ld.scores
        self.blocks = gene_blocks(len(every), jackknife_blocks(self.ends))
        self.column = {
            strand: scored.tracks.index(track) for strand, track in readout.tracks.items()
        }

    def run(self, said: list[str], progress: Progress) -> SampleStudy:
        pools, without = self._pools(), 0
        width, count = 2 + 2 * len(DISTANCES), self.settings.shuffles
        sums = PairSums(int(self.blocks.max()) + 1, width, 1 + 2 * count)
        kept: list[dict[str, Any]] = []
        for number, one in enumerate(self.every):
            good = np.isfinite(one.z)
            variants, z = one.variants[good], one.z[good]
            distance = starts_distance(one.gene, self.panel.sites.position[variants])
            marks = distance_marks(distance)
            r, near = self._ld(one.gene, variants)
            sed, rows = self._sed(one.gene, near)
            without += not len(rows)
            rng = np.random.default_rng([self.settings.seed, number])
            classes = distance_class(
                starts_distance(one.gene, self.panel.sites.position[near[rows]])
            )
            drawn = drawn_profiles(pools, classes, count, rng)
            turned = sed[:, None] * rng.choice([-1.0, 1.0], (len(rows), count))
            profiles = r.r[:, rows] @ np.concatenate((sed[:, None], drawn, turned), axis=1)
            near_marks = distance_marks(starts_distance(one.gene, self.panel.sites.position[near]))
            x = np.concatenate(
                (np.ones((len(z), 1)), self.scores[variants, None], marks, r.r2 @ near_marks),
                axis=1,
            )
            block = int(self.blocks[number])
            sums.add(block, x, z * z, np.abs(profiles))
            left = self._pruned(variants, one.log10_p[good])
            kept.append(
                {
                    "gene": np.full(len(left), one.gene.id, object), "variant": variants[left],
                    "distance": distance[left], "z": z[left], "log10_p": one.log10_p[good][left],
                    "x": x[left], "sed_ld": profiles[left, 0],
                    "block": np.full(len(left), block),
                    "chances": profiles[left, 1 : 1 + min(count, _CHANCES)].astype(np.float32),
                }
            )  # fmt: skip
            progress(number + 1, len(self.every), self.readout.sample)
        if without == len(self.every):
            raise SighthoundError(
                f"{self.readout.sample}: none of its {without:,} genes has a score near its start "
                f"among those of {len(self.scored.by_gene):,} genes "
                f"({', '.join(list(self.scored.by_gene)[:3])}, ...); score variants on the genes "
                "of this project ('sighthound variants --genes --score sed')"
            )
        if without:
            said.append(
                f"{self.readout.sample}: {without:,} of {len(self.every):,} genes have no scored "
                "variant; their SED-LD is 0"
            )
        pairs = {name: np.concatenate([part[name] for part in kept]) for name in kept[0]}
        return self._study(sums, pairs)

    def _pools(self) -> list[np.ndarray]:
        """SED of every variant and gene, by the distance of the two: what is drawn from."""
        pools: list[list[np.ndarray]] = [[] for _ in _CLASSES]
        for one in self.every:
            variants, values = self.scored.by_gene.get(one.gene.id, (None, None))
            if variants is None or values is None:
                continue
            own = values[:, self.column[one.gene.strand]]
            classes = distance_class(starts_distance(one.gene, self.panel.sites.position[variants]))
            for number in np.unique(classes):
                pools[number].append(own[classes == number])
        return [np.concatenate([*pool, np.zeros(0)]) for pool in pools]

    def _ld(self, gene: Gene, variants: np.ndarray) -> tuple[_GeneLd, np.ndarray]:
        """LD of a gene's variants with those near its start, and those that are scored."""
        around = variants_around(self.panel, self.parts, gene, DISTANCES[-1])
        scored = self.scored.by_gene.get(gene.id)
        near = np.arange(around.start, around.stop)
        if scored is not None:
            near = np.union1d(near, scored[0])
        a = self.panel.take(variants).standardised(0, len(variants))
        b = self.panel.take(near).standardised(0, len(near))
        r, people = correlations(a, b)
        first = np.minimum(variants[:, None], near)
        inside = np.maximum(variants[:, None], near) < self.ends[first]
        same = variants[:, None] == near
        r2 = r * r
        r2 -= (1 - r2) / np.maximum(people - 2, 1)
        return _GeneLd(np.where(same, 1, r * inside), np.where(same, 1, r2 * inside)), near

    def _sed(self, gene: Gene, near: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        scored = self.scored.by_gene.get(gene.id)
        if scored is None:
            return np.zeros(0), np.zeros(0, np.int64)
        variants, values = scored
        return values[:, self.column[gene.strand]], np.searchsorted(near, variants)

    def _pruned(self, variants: np.ndarray, log10_p: np.ndarray) -> np.ndarray:
        """Which variants are left, no two of them in LD, those of the smallest P first."""
        ends = np.searchsorted(variants, self.ends[variants])
        kept = prune(self.panel.take(variants), ends, self.settings.prune_r2, -log10_p)
        return np.flatnonzero(kept)

    def _study(self, sums: PairSums, pairs: dict[str, np.ndarray]) -> SampleStudy:
        sample, count = self.readout.sample, self.settings.shuffles
        q = q_values(10 ** -pairs["log10_p"])
        significant = q < SIGNIFICANT
        size, blocks = np.abs(pairs["sed_ld"]), pairs["block"]
        classes = distance_class(pairs["distance"])
        fits, shuffles, enrichment = [], [], []
        expected: dict[str, np.ndarray] = {}
        for model, columns in MODELS.items():
            chances = np.abs(pairs["chances"].T)
            fit, (chi2, *of_chance) = fit_sizes(sums, columns, 1 + len(chances))
            nulls = {SHUFFLED: slice(1, 1 + count), TURNED: slice(1 + count, None)}
            p = {name: fit.p[part] for name, part in nulls.items()}
            row: dict[str, Any] = {
                "sample": sample, "model": model, "genes": len(self.every),
                "pairs": int(sums.pairs.sum()), "slope": fit.slope[0], "se": fit.se[0],
                "z": fit.z[0], "p": fit.p[0],
                "p_shuffled": share_at_least(fit.z[0], fit.z[nulls[SHUFFLED]]),
                "p_signs": share_at_least(fit.z[0], fit.z[nulls[TURNED]]),
                "r2_without": fit.r2_without, "r2_with": fit.r2_with[0],
            }  # fmt: skip
            for name, word in ((SHUFFLED, "shuffled"), (TURNED, "signs")):
                known = p[name][np.isfinite(p[name])]
                row[f"{word}_below_0.05"] = (known <= 0.05).mean() if len(known) else np.nan
                row[f"{word}_ks_p"] = kstest(known, "uniform").pvalue if len(known) else np.nan
                shuffles.append(
                    pd.DataFrame(
                        {
                            "sample": sample, "model": model, "null": name,
                            "number": np.arange(1, count + 1), "z": fit.z[nulls[name]],
                            "p": p[name],
                        }
                    )
                )  # fmt: skip
            fits.append(row)
            more = chi2.difference(pairs["x"][:, columns], size, blocks)
            expected[model] = more
            more_by_chance = np.stack(
                [
                    one.difference(pairs["x"][:, columns], own, blocks)
                    for one, own in zip(of_chance, chances, strict=True)
                ]
            )
            for number, far in enumerate((None, *_CLASSES)):
                own = np.ones(len(q), bool) if number == 0 else classes == number - 1
                words = EVERYWHERE if number == 0 else class_words(far)
                if not own.any():
                    continue
                chance = enrichment_by_chance(more_by_chance[:, own], significant[own])
                enrichment += [
                    {
                        "sample": sample, "model": model, "distance": words, "quantile": one.number,
                        "pairs": one.pairs, "significant": one.found,
                        **estimate_columns("share", one.share),
                        **estimate_columns("enrichment", one.enrichment),
                        **estimate_columns("chance", Estimate(*chance[:, one.number].tolist())),
                    }
                    for one in quantile_shares(more[own], significant[own], blocks[own])
                ]  # fmt: skip
        signed = significant & (size > 0)
        same = np.sign(pairs["z"]) == np.sign(pairs["sed_ld"])
        signs = [
            {
                "sample": sample, "quantile": one.number, "significant": one.pairs,
                "same_sign": one.found, **estimate_columns("share", one.share),
            }
            for one in quantile_shares(size[signed], same[signed], blocks[signed])
        ]  # fmt: skip
        table = self._pairs_table(pairs, q, expected)
        tables = {
            FITS: pd.DataFrame(fits), ENRICHMENT: pd.DataFrame(enrichment),
            SIGNS: pd.DataFrame(signs), SHUFFLES: pd.concat(shuffles, ignore_index=True),
            PAIRS: table,
        }  # fmt: skip
        return SampleStudy(tables, rank_correlation(pairs["z"], pairs["sed_ld"], blocks))

    def _pairs_table(
        self, pairs: dict[str, np.ndarray], q: np.ndarray, expected: Mapping[str, np.ndarray]
    ) -> pd.DataFrame:
        sites = self.panel.sites.table().iloc[pairs["variant"]].reset_index(drop=True)
        return pd.DataFrame(
            {
                "sample": self.readout.sample, "gene": pairs["gene"].astype(str), **sites,
                "distance": pairs["distance"], "z": pairs["z"], "log10_p": pairs["log10_p"],
                "q": q, "ld_score": pairs["x"][:, 1], "sed_ld": pairs["sed_ld"],
                "expected_more": expected[PLAIN],
                "expected_more_by_distance": expected[BY_DISTANCE],
            }
        )  # fmt: skip


@dataclass(frozen=True, eq=False)
class _GeneLd:
    """r, and unbiased r^2, of a gene's variants with those near it."""

    r: np.ndarray
    r2: np.ndarray


def class_words(far: int | None) -> str:
    """Say which distances from a start a class has: by its end."""
    if far is None:
        return f"{DISTANCES[-1]:,} bp and more"
    number = DISTANCES.index(far)
    return f"< {far:,} bp" if not number else f"{DISTANCES[number - 1]:,}\u2013{far:,} bp"
