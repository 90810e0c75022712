"""Score yeast models against measured effects of real variants: of haplotypes and of single ones.

`python -m sighthound.precompute.recipes.yeast_effects PROJECT DATA` prints the table of
docs/accuracy.md for the project's model and the networks of other seeds beside it. DATA holds

- effects/eqtl_ase.tsv: allele-specific expression of genes in crosses of strains BY and RM, and the
  LOD of their local eQTL (Albert et al. 2018); rank correlation of the two is 0.83 at LOD > 50;
- effects/mpra_variants.tsv: effects of single promoter variants in a reporter (Renganaath et al.
  2020);
- variants/BY_RM.plain-gzip.vcf.gz: all variants of RM.

A gene's effect is predicted from the window around its measured start with all of RM's variants
in it; both strands are averaged. Single variants are also put into a reporter of their gene's
direction, where the networks learned promoters. The readouts were settled on odd chromosomes.
"""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from scipy.stats import spearmanr

from sighthound.core.errors import SighthoundError
from sighthound.core.genome.sequence import Genome, Interval, one_hot
from sighthound.core.interpretation.agreement import agreement as agreed
from sighthound.core.interpretation.promoter_effects import STRANDS, promoter_effects
from sighthound.core.model.ensemble import Ensemble
from sighthound.core.model.model import Model, load_members, load_model
from sighthound.core.model.promoters import promoter_networks
from sighthound.core.project.settings import Project, load_project
from sighthound.core.tracks.metrics import auroc
from sighthound.core.truth.tables import read_measured
from sighthound.core.variants.individual import copy_windows, read_individual
from sighthound.core.variants.variant import Variant
from sighthound.precompute.recipes.yeast_project import HELD_OUT

Floats = NDArray[np.float64]
Measure = Callable[[Floats, NDArray[np.int64]], float]  # of scores, and of which alleles they are

AROUND = 512  # bases on each side of a start whose initiation, and whose cohesin, is summed
DOWNSTREAM = 1_024  # bases of a gene, from its start on, whose RNA is summed
MARGIN = 1_024  # bases beyond a window that deletions may bring in
FLOOR = 1e-3  # of the mean readout, added to both alleles
LODS = (10, 50)
FDR = 0.05
DRAWS = 1_000
_BATCH = 16


@dataclass(frozen=True)
class Start:
    """Where a gene's transcription was measured to begin."""

    gene: str
    chrom: str
    position: int
    strand: str


@dataclass(frozen=True)
class Effects:
    """Predicted effects of alleles, a row a network: log2 of the alternative over the reference.

    Attributes
    ----------
    expression : float64 array, (networks, alleles)
        Of STRIPE-seq and of RNA, on the gene's strand, each in its standard deviations, added.
    corrected : float64 array, (networks, alleles)
        The same in standard deviations, less half of Scc1's at the start: a readout that was found
        to tell more of single variants.
    """

    expression: Floats
    corrected: Floats

    @property
    def readouts(self) -> dict[str, Floats]:
        """Each by its name."""
        return {"expression": self.expression, "expression - Scc1 / 2": self.corrected}


def predicted_effects(
    models: Sequence[Model],
    starts: Sequence[Start],
    pairs: Iterator[tuple[np.ndarray, np.ndarray]],
) -> Effects:
    """Predict what alleles do to the starts at the middle of their windows.

    Parameters
    ----------
    models : sequence of Model
        Networks of the recipe's tracks.
    pairs : iterator of (uint8 array, uint8 array)
        The reference and the alternative, (length, 4) each, in the order of `starts`.
    """
    readouts: list[list[Floats]] = [[] for _ in models]
    kept: list[tuple[np.ndarray, np.ndarray]] = []

    def take() -> None:
        first = sum(len(part) for part in readouts[0])
        here = starts[first : first + len(kept)]
        both = np.stack([pair[allele] for allele in (0, 1) for pair in kept])
        for model, parts in zip(models, readouts, strict=True):
            values = _readouts(model, model.predict(both, Ensemble(True)), [*here, *here])
            parts.append(values.reshape(2, len(here), -1).transpose(1, 0, 2))
        kept.clear()

    for pair in pairs:
        kept.append(pair)
        if len(kept) == _BATCH:
            take()
    if kept:
        take()
    expression, corrected = [], []
    for parts in readouts:
        reference, alternative = np.concatenate(parts).transpose(1, 0, 2)
        floor = FLOOR * reference.mean(axis=0)
        change = np.log2((alternative + floor) / (reference + floor))
        stripe, rna, cohesin = (change / change.std(axis=0)).T
        summed = stripe + rna
        expression.append(summed)
        corrected.append(summed / summed.std() - cohesin / 2)
    return Effects(np.array(expression), np.array(corrected))


def _readouts(model: Model, predicted: np.ndarray, starts: Sequence[Start]) -> Floats:
    """STRIPE-seq, RNA and Scc1 of each start, (starts, 3), of bins around the windows' middle."""
    middle, bin_size = predicted.shape[1] // 2, model.architecture.bin
    around = slice(middle - AROUND // bin_size, middle + AROUND // bin_size)
    found = np.zeros((len(starts), 3))
    for row, start in enumerate(starts):
        word, direction = ("plus", "fwd") if start.strand == "+" else ("minus", "rev")
        stripe = [model.track_index(f"STRIPE_{sample}_{word}") for sample in ("WT", "diamide")]
        length = DOWNSTREAM // bin_size
        gene = slice(middle, middle + length)
        if start.strand == "-":
            gene = slice(middle - length, middle)
        found[row] = (
            predicted[row, around][:, stripe].sum(),
            predicted[row, gene, model.track_index(f"RNA_{direction}")].sum(),
            predicted[row, around, model.track_index("Scc1")].sum(),
        )
    return found


def _spearman_with(measured: Floats) -> Measure:
    return lambda scores, drawn: float(spearmanr(scores, measured[drawn])[0])


def _area(significant: NDArray[np.bool_]) -> Measure:
    """Whether the sizes of scores tell significant effects from the others."""
    return lambda scores, drawn: auroc(np.abs(scores), significant[drawn])


def with_interval(scores: Floats, measure: Measure, seed: int = 0) -> str:
    """Give a measure of one network, and the interval over alleles and networks.

    Parameters
    ----------
    scores : float64 array, (networks, alleles)
    measure : callable
        Given one network's scores and the alleles that were drawn.

    Returns
    -------
    str
        The networks' mean, and 2.5 to 97.5 % of draws of alleles and of a network.
    """
    networks, alleles = scores.shape
    random = np.random.default_rng(seed)
    everything = np.arange(alleles)
    mean = np.mean([measure(scores[network], everything) for network in range(networks)])
    drawn = []
    for _ in range(DRAWS):
        chosen = random.choice(everything, alleles)
        drawn.append(measure(scores[random.integers(networks)][chosen], chosen))
    low, high = np.nanpercentile(drawn, [2.5, 97.5])
    return f"{mean:.3f} [{low:.2f}, {high:.2f}]"


def _starts(project: Project, genes: Sequence[str], length: int, genome: Genome) -> list[Start]:
    """The measured starts of genes, those whose window lies inside their chromosome."""
    annotation, found = project.read_genes(), []
    for name in dict.fromkeys(genes):
        if name not in annotation:
            continue
        gene = annotation[name]
        transcript = gene.transcripts[0]
        reach = length // 2 + MARGIN
        if reach <= transcript.tss < genome.lengths[gene.chrom] - reach:
            found.append(Start(name, gene.chrom, transcript.tss, gene.strand))
    return found


def _window(genome: Genome, start: Start, length: int) -> str:
    first = start.position - length // 2
    return genome.sequence(Interval(start.chrom, first, first + length))


def _haplotypes(
    genome: Genome, vcf: Path, starts: Sequence[Start], length: int
) -> Iterator[tuple[np.ndarray, np.ndarray]]:
    individual, _ = read_individual(vcf, genome, "RMx")
    for start in starts:
        (altered,) = copy_windows(individual, genome, start.chrom, start.position, length)
        yield one_hot(_window(genome, start, length)), altered


def _single(
    genome: Genome, rows: pd.DataFrame, starts: Sequence[Start], length: int
) -> Iterator[tuple[np.ndarray, np.ndarray]]:
    for row, start in zip(rows.itertuples(), starts, strict=True):
        reference = _window(genome, start, length)
        at = row.position - (start.position - length // 2)
        altered = reference[:at] + row.alt + reference[at + len(row.ref) :]
        yield one_hot(reference), one_hot(altered)


def _table(path: Path) -> pd.DataFrame:
    if not path.is_file():
        raise SighthoundError(f"{path} is missing; expected the folder of measured effects")
    return pd.read_csv(path, sep="\t")


def effects_table(project: Project, data: Path) -> pd.DataFrame:
    """Compare predicted with measured effects.

    Parameters
    ----------
    data : path
        Folder with effects/ and variants/.

    Returns
    -------
    DataFrame
        Columns what, readout, n; and a column for the model, for one of its members, and for the
        members' mean, each with its interval.
    """
    genome, model = project.open_genome(), load_model(project.model.directory)
    members = load_members(project.model.directory)
    models, length = [model, *members], model.architecture.sequence_length
    held_out = set(HELD_OUT)
    rows: list[dict[str, object]] = []

    def add(
        what: str,
        readouts: Mapping[str, Floats],
        chosen: NDArray[np.int64],
        measure: Measure,
    ) -> None:
        for readout, every in readouts.items():
            scores = every[:, chosen]
            row: dict[str, object] = {"what": what, "readout": readout, "n": len(chosen)}
            row["model"] = with_interval(scores[:1], measure)
            if members:
                spread = scores[1:] / scores[1:].std(axis=1, keepdims=True)
                row["one network"] = with_interval(scores[1:], measure)
                row["mean of networks"] = with_interval(spread.mean(axis=0)[None], measure)
            rows.append(row)

    ase = _table(data / "effects" / "eqtl_ase.tsv").dropna(subset=["ASE_fc", "local_eQTL_LOD"])
    starts = _starts(project, list(ase.gene), length, genome)
    ase = ase.drop_duplicates("gene").set_index("gene").loc[[start.gene for start in starts]]
    vcf = data / "variants" / "BY_RM.plain-gzip.vcf.gz"
    effects = predicted_effects(models, starts, _haplotypes(genome, vcf, starts, length))
    is_out = np.array([start.chrom in held_out for start in starts])
    agreement = [_agreement("haplotypes", effects)]
    for lod in LODS:
        strong = (ase.local_eQTL_LOD > lod).to_numpy()
        for words, mask in (("", strong), (", held-out chromosomes", strong & is_out)):
            chosen = np.flatnonzero(mask)
            measured = ase.ASE_fc.to_numpy()[chosen]
            if len(chosen) > 20:
                add(
                    f"haplotypes, LOD > {lod}{words}: Spearman",
                    effects.readouts,
                    chosen,
                    _spearman_with(measured),
                )

    mpra = read_measured(data / "effects" / "mpra_variants.tsv", genome).rows
    by_gene = {s.gene: s for s in _starts(project, list(mpra.gene), length, genome)}
    inside = [
        row.gene in by_gene
        and len(row.ref) == len(row.alt)
        and row.chrom == by_gene[row.gene].chrom
        and abs(row.position - by_gene[row.gene].position) < length // 4
        for row in mpra.itertuples()
    ]
    mpra = mpra[inside]
    starts = [by_gene[gene] for gene in mpra.gene]
    effects = predicted_effects(models, starts, _single(genome, mpra, starts, length))
    agreement.append(_agreement("single variants", effects))
    readouts, known = dict(effects.readouts), None
    driven = _driven(models, genome, mpra, starts)
    if driven is not None:
        readouts["promoter"] = driven
        readouts["expression + promoter"] = _scaled(effects.expression) + _scaled(driven)
        known = agreed(driven[1:].mean(axis=0), list(driven[1:])).is_known if members else None
    significant = (mpra.q < FDR).to_numpy()
    measured = mpra.effect.to_numpy()
    everything, those = np.arange(len(mpra)), np.flatnonzero(significant)
    add(
        f"single variants, |effect| of FDR < {FDR}: AUROC",
        readouts,
        everything,
        _area(significant),
    )
    add(
        f"single variants of FDR < {FDR}: Spearman",
        readouts,
        those,
        _spearman_with(measured[those]),
    )
    if known is not None:
        promoter = {"promoter": readouts["promoter"]}
        for words, mask in (("agree", known), ("disagree", ~known)):
            some, sure = np.flatnonzero(mask), np.flatnonzero(mask & significant)
            what = f"single variants on which the networks {words}"
            add(f"{what}: AUROC", promoter, some, _area(significant[some]))
            add(f"{what}, FDR < {FDR}: Spearman", promoter, sure, _spearman_with(measured[sure]))
    return pd.DataFrame([*rows, *(row for row in agreement if row)])


def _driven(
    models: Sequence[Model], genome: Genome, rows: pd.DataFrame, starts: Sequence[Start]
) -> Floats | None:
    """What variants do to reporters of their genes, (networks, variants); None if none is read."""
    networks = promoter_networks(models[0], models)
    if not networks:
        return None
    variants = [Variant(row.chrom, row.position, row.ref, row.alt) for row in rows.itertuples()]
    strands = np.array([STRANDS.index(start.strand) for start in starts])
    each = [promoter_effects([network], genome, variants).mean for network in networks]
    return np.array([mean[np.arange(len(mean)), strands] for mean in each], float)


def _scaled(scores: Floats) -> Floats:
    """Scores, (networks, alleles), in their standard deviations."""
    return np.asarray(scores / scores.std(axis=1, keepdims=True))


def _agreement(what: str, effects: Effects) -> dict[str, object]:
    """How well two networks' effects agree: the mean over pairs of members."""
    members = effects.expression[1:]
    if len(members) < 2:
        return {}
    ranks = np.corrcoef([pd.Series(row).rank() for row in members])
    mean = ranks[np.triu_indices(len(members), 1)].mean()
    said = {"what": f"{what}, two networks: Spearman", "readout": "expression"}
    return {**said, "n": members.shape[1], "one network": f"{mean:.3f}"}


if __name__ == "__main__":
    if len(sys.argv) != 3:
        sys.exit("usage: python -m sighthound.precompute.recipes.yeast_effects PROJECT DATA")
    table = effects_table(load_project(Path(sys.argv[1])), Path(sys.argv[2]))
    print(table.fillna("").to_csv(sep="\t", index=False), end="")
