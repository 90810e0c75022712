"""Expression of genes, measured and predicted at their starts: Fig. 3 of Kelley et al. 2018.

A gene's value is that of the bins of its starts, added up (averaged, where a track's bases are); on
stranded tracks those of the gene's own strand count, so that the two tracks of a pair are one
column. Values are log2(1 + value).
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Literal

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from sighthound.core.annotation.genes import Gene
from sighthound.core.tracks.bootstrap import Bootstrap, Estimate
from sighthound.core.tracks.track import Track
from sighthound.precompute.evaluation.correlations import agreement
from sighthound.precompute.evaluation.replicates import Concordance, Family
from sighthound.precompute.evaluation.signals import Bins, Signals

Values = NDArray[np.float32]
Kind = Literal["experiment", "prediction"]
LEAST_GENES = 20
# Assays that count transcripts or their starts.
_TRANSCRIPTION = re.compile(
    r"cage|rna|stripe|rampage|tss|\bpro[ -]?(seq|cap)|gro[ -]?(seq|cap)|net[ -]?(seq|cage)", re.I
)


@dataclass(frozen=True)
class Column:
    """What gives a gene its value: a track of both strands, or one of each."""

    plus: str
    minus: str
    assay: str

    @property
    def name(self) -> str:
        """Ids of its tracks."""
        return self.plus if self.plus == self.minus else f"{self.plus} / {self.minus}"

    @property
    def is_transcription(self) -> bool:
        """Whether its assay counts transcripts or their starts."""
        return bool(_TRANSCRIPTION.search(self.assay))


class GeneValues:
    """Values of the held-out genes: those of which every start lies in held-out bins.

    Parameters
    ----------
    genes : sequence of Gene
    """

    def __init__(self, signals: Signals, bins: Bins, genes: Sequence[Gene]) -> None:
        self.signals, self.bins = signals, bins
        chromosomes = signals.held_out.chromosomes
        order = np.lexsort((bins.start, bins.chrom))
        chrom, start = bins.chrom[order], bins.start[order]
        self.genes: list[Gene] = []
        rows, columns = [], []
        for gene in genes:
            if gene.chrom not in chromosomes or not gene.tss_positions or gene.strand not in "+-":
                continue
            own = chromosomes.index(gene.chrom)
            low, high = np.searchsorted(chrom, [own, own + 1])
            at = np.array(gene.tss_positions)
            found = low + np.searchsorted(start[low:high], at, side="right") - 1
            found = np.maximum(found, low)
            if high == low or not ((start[found] <= at) & (at < start[found] + bins.size)).all():
                continue
            distinct = np.unique(order[found])
            rows += [len(self.genes)] * len(distinct)
            columns += distinct.tolist()
            self.genes.append(gene)
        self._rows, self._bins = np.array(rows, int), np.array(columns, int)
        self._is_plus = np.array([gene.strand == "+" for gene in self.genes], bool)

    @cached_property
    def columns(self) -> list[Column]:
        """Columns of all measured tracks, strand pairs joined."""
        tracks = self.signals.tracks
        found = []
        for track in tracks.values():
            if track.strand == ".":
                found.append(Column(track.id, track.id, track.assay))
            elif track.strand == "+":
                found.append(Column(track.id, _other(track, tracks), track.assay))
            elif _other(track, tracks) == "":
                found.append(Column("", track.id, track.assay))
        return found

    def read(self, kind: Kind, column: Column) -> Values:
        """Give log2(1 + value) of the genes; NaN where a start has no data or does not count."""
        values = [
            np.full(len(self.genes), np.nan, np.float32) if not track else self._of(kind, track)
            for track in dict.fromkeys((column.plus, column.minus))
        ]
        both = np.where(self._is_plus, values[0], values[-1])
        return np.asarray(np.log2(1 + np.maximum(both, 0)), np.float32)

    def _of(self, kind: Kind, track: str) -> NDArray[np.float64]:
        signal = getattr(self.signals, kind)(track, self.bins).astype(float)
        if kind == "experiment":
            signal = np.where(self.bins.counts, signal, np.nan)
        count = len(self.genes)
        total = np.bincount(self._rows, signal[self._bins], count).astype(float)
        if self.signals.is_sum(track):
            return total
        return total / np.maximum(np.bincount(self._rows, minlength=count), 1)

    def is_predicted(self, column: Column) -> bool:
        """Whether the model has all of a column's tracks."""
        return {column.plus, column.minus} - {""} <= set(self.signals.predicted)

    def is_repeat(self, column: Column) -> bool:
        """Whether a column repeats another one."""
        return any(
            self.signals.tracks[track].replicate_of in self.signals.tracks
            for track in {column.plus, column.minus} - {""}
        )

    def families(self, found: Sequence[Family]) -> list[Family]:
        """Families of columns, by name: those of their tracks on the plus strand, or of both."""
        names = {column.plus or column.minus: column.name for column in self.columns}
        return [
            Family(tuple(names[m] for m in f.members), names.get(f.joint, ""))
            for f in found
            if all(member in names for member in f.members)
        ]


def genes_table(values: GeneValues, found: Sequence[Family]) -> pd.DataFrame:
    """Correlate measured and predicted expression over genes, column by column.

    Returns
    -------
    DataFrame
        See `core.project.evaluation.TABLES`: r over all genes and over those with signal, with 95 %
        intervals of a bootstrap over genes, the ceiling of replicates over all genes, and the depth
        of the experiment: the sum of its held-out bins.
    """
    by_name = {column.name: column for column in values.columns}
    concordance = Concordance(
        lambda name: values.read("experiment", by_name[name]), values.families(found)
    )
    bootstrap = Bootstrap(np.arange(len(values.genes)))
    rows = []
    for column in values.columns:
        if not values.is_predicted(column):
            continue
        p, y = values.read("prediction", column), values.read("experiment", column)
        n, n_nonzero = int(np.isfinite(y).sum()), int((y > 0).sum())
        row: dict[str, object] = {
            "column": column.name, "assay": column.assay, "bin": values.bins.size,
            "n_genes": n, "n_nonzero": n_nonzero, "depth": _depth(values, column),
        }  # fmt: skip
        for name, counted in (("pearson", y), ("pearson_nonzero", np.where(y > 0, y, np.nan))):
            r = Estimate()
            if n_nonzero >= LEAST_GENES:
                r = agreement(p, counted, bootstrap).pearson
            row |= {name: r.value, f"{name}_low": r.low, f"{name}_high": r.high}
        ceiling = concordance.ceiling(column.name)
        row |= {"ceiling": ceiling.pearson, "ceiling_of": ceiling.of}
        row["note"] = _note(n, n_nonzero)
        rows.append(row)
    return pd.DataFrame(rows)


def gene_values_table(values: GeneValues) -> pd.DataFrame:
    """Give measured and predicted log2(1 + value), a row a gene and predicted column."""
    genes = pd.DataFrame(
        {
            "gene": [gene.id for gene in values.genes],
            "name": [gene.name for gene in values.genes],
            "chrom": [gene.chrom for gene in values.genes],
            "tss": [int(gene.tss.start) + 1 for gene in values.genes],
            "strand": [gene.strand for gene in values.genes],
        }
    )
    tables = [
        genes.assign(
            column=column.name,
            experiment=values.read("experiment", column),
            prediction=values.read("prediction", column),
        )
        for column in values.columns
        if values.is_predicted(column)
    ]
    return pd.concat(tables, ignore_index=True) if tables else pd.DataFrame()


def _note(genes: int, nonzero: int) -> str:
    if nonzero >= LEAST_GENES:
        return ""
    return f"signal at {nonzero} of {genes:,} genes" if genes else "no data in this fold"


def _depth(values: GeneValues, column: Column) -> float:
    """Sum of the experiment over all held-out bases, of both strands."""
    total = 0.0
    for track in {column.plus, column.minus} - {""}:
        signal = values.signals.experiment(track, values.bins)
        weight = 1 if values.signals.is_sum(track) else values.bins.size
        total += float(np.nansum(signal, dtype=float)) * weight
    return total


def _other(track: Track, tracks: dict[str, Track]) -> str:
    return track.strand_pair if track.strand_pair in tracks else ""
