"""Effects of whole haplotypes on genes: predicted from both sequences, and measured.

What a gene's two copies express differently (allele-specific expression), or people who carry the
one or the other (a local eQTL), is of all variants around it together. So all are written into the
window about its start, and both windows are predicted.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pandas as pd

from sighthound.core.annotation.genes import Gene, Genes
from sighthound.core.errors import SighthoundError
from sighthound.core.expression.enrichment import rank_correlation
from sighthound.core.expression.study import CEILINGS, HAPLOTYPE_FITS, HAPLOTYPES, MEAN
from sighthound.core.files import no_file
from sighthound.core.genome.sequence import Genome, Interval, one_hot
from sighthound.core.model.ensemble import Ensemble
from sighthound.core.model.model import Model
from sighthound.core.progress import Progress, silent
from sighthound.core.text import table_rows
from sighthound.core.tracks.bootstrap import estimate_columns
from sighthound.core.truth.comparison import blocks_of, compare
from sighthound.core.variants.individual import Individual, copy_windows
from sighthound.precompute.studies.eqtl_samples import Readout

ALL = "all"
FLOOR = 1e-3  # of the mean readout, added to both
STRONG = 0.75  # quantile of the size of predictions, from which on they are strong
_FEWEST = 20  # genes of a group
_BATCH = 16
_COLUMNS = ("gene", "experiment", "group", "effect", "q")


@dataclass(frozen=True, eq=False)
class MeasuredGenes:
    """Measured effects on genes.

    Attributes
    ----------
    rows : DataFrame
        gene (id of the annotation), experiment, group, effect, q.
    genes : mapping
        Id -> gene.
    words : tuple of str
        What was left out.
    """

    rows: pd.DataFrame
    genes: Mapping[str, Gene]
    words: tuple[str, ...]


def read_measured_genes(path: Path, genes: Genes) -> MeasuredGenes:
    """Read measured effects on genes: a tab-separated table.

    Columns are `gene` and `effect` (log2 of the alternative haplotype over the reference's, or of
    the second copy over the first), and if there are any `experiment`, `group` and `q`.

    Raises
    ------
    SighthoundError
        The table is missing or lacks a column, a cell is no number, a gene is twice in an
        experiment, or none is in the annotation.
    """
    if not path.is_file():
        raise SighthoundError(f"{path} {no_file(path)}; expected a table of genes and effects")
    lines = table_rows(path)
    _, header = next(lines, (0, []))
    if not {"gene", "effect"} <= set(header):
        raise SighthoundError(
            f"{path} has the columns {', '.join(header) or 'of no line'}; expected gene and "
            "effect, and any of experiment, group and q, between tabs"
        )
    found: list[tuple[str, str, str, float, float]] = []
    known: dict[str, Gene] = {}
    seen: set[tuple[str, str]] = set()
    absent: list[str] = []
    for line, cells in lines:
        values = dict(zip(header, cells, strict=False))
        name = values.get("gene", "")
        if name not in genes:
            absent.append(name)
            continue
        gene = genes[name]
        experiment = values.get("experiment") or path.stem
        if (gene.id, experiment) in seen:
            raise SighthoundError(
                f"{path}, line {line}: gene {name} is twice in {experiment}; expected once"
            )
        seen.add((gene.id, experiment))
        effect, q = (_number(values.get(what, ""), what, path, line) for what in ("effect", "q"))
        if np.isfinite(effect):
            found.append((gene.id, experiment, values.get("group") or ALL, effect, q))
            known[gene.id] = gene
    if not found:
        raise SighthoundError(
            f"none of the genes of {path} ({', '.join(absent[:3]) or 'no rows'}) is in the "
            "project's annotation; give ids or names that it has"
        )
    words: tuple[str, ...] = ()
    if absent:
        words = (
            f"{path.name}: rows of genes that the annotation lacks, {len(absent):,}: "
            f"{', '.join(absent[:3])}",
        )
    return MeasuredGenes(pd.DataFrame(found, columns=list(_COLUMNS)), known, words)


def _number(text: str, what: str, path: Path, line: int) -> float:
    if text.lower() in ("", "na", "nan"):
        return float("nan")
    try:
        return float(text)
    except ValueError:
        raise SighthoundError(f"{path}, line {line}: {what} {text!r} is no number") from None


def distinct(readouts: Sequence[Readout]) -> dict[str, Readout]:
    """Give readouts that differ in what is read, those that do not by one name."""
    names: dict[tuple[object, ...], list[str]] = {}
    by_key: dict[tuple[object, ...], Readout] = {}
    for one in readouts:
        key = (tuple(sorted(one.tracks.items())), one.upstream, one.downstream)
        names.setdefault(key, []).append(one.sample)
        by_key[key] = one
    return {", ".join(samples): by_key[key] for key, samples in names.items()}


def haplotype_effects(
    model: Model,
    genome: Genome,
    individual: Individual,
    genes: Sequence[Gene],
    readouts: Mapping[str, Readout],
    *,
    progress: Progress = silent,
) -> pd.DataFrame:
    """Predict what a haplotype does to genes: log2 of it over the other.

    The other is the reference where the individual's copies are alike, else the first of its two.

    Parameters
    ----------
    readouts : mapping
        Name -> which tracks, and how far about the start they are summed.

    Returns
    -------
    DataFrame, (genes, readouts), by id; NaN where the gene's strand has no track

    Raises
    ------
    SighthoundError
        A readout's track is none of the model's, or the individual has more than two copies.
    """
    of_strand = {
        (name, strand): model.track_index(track)
        for name, one in readouts.items()
        for strand, track in one.tracks.items()
    }
    length = model.architecture.sequence_length
    kept: list[Gene] = []
    pairs: list[Sequence[np.ndarray]] = []
    rows: list[np.ndarray] = []

    def take() -> None:
        both = np.stack([pair[allele] for allele in (0, 1) for pair in pairs])
        predicted = model.predict(both, Ensemble(True))
        values = [
            [
                _readout(predicted[allele * len(kept) + row], gene, name, one, of_strand, model)
                for name, one in readouts.items()
            ]
            for allele in (0, 1)
            for row, gene in enumerate(kept)
        ]
        rows.append(np.array(values).reshape(2, len(kept), -1).transpose(1, 0, 2))
        kept.clear()
        pairs.clear()

    for number, gene in enumerate(genes):
        place = gene.tss.start
        copies = copy_windows(individual, genome, gene.chrom, place, length)
        if len(copies) > 2:
            raise SighthoundError(
                f"the sample has {len(copies)} copies of {gene.chrom}; allele-specific effects are "
                "of two, or of one against the reference"
            )
        if len(copies) == 1:
            first = place - length // 2
            reference = one_hot(genome.sequence(Interval(gene.chrom, first, first + length)))
            copies = [reference, *copies]
        kept.append(gene)
        pairs.append(copies)
        if len(kept) == _BATCH or number + 1 == len(genes):
            take()
            progress(number + 1, len(genes), "haplotypes")
    both = np.concatenate(rows)
    floor = FLOOR * np.nanmean(both[:, 0], axis=0)
    with np.errstate(invalid="ignore", divide="ignore"):
        change = np.log2((both[:, 1] + floor) / (both[:, 0] + floor))
    return pd.DataFrame(change, index=[gene.id for gene in genes], columns=list(readouts))


def _readout(
    predicted: np.ndarray,
    gene: Gene,
    name: str,
    one: Readout,
    of_strand: Mapping[tuple[str, str], int],
    model: Model,
) -> float:
    """The sum of a readout's bins about the middle of a window, (bins, tracks)."""
    track = of_strand.get((name, gene.strand))
    if track is None:
        return float("nan")
    middle, size = len(predicted) // 2, model.architecture.bin
    before, after = -(-one.upstream // size), -(-one.downstream // size)
    if gene.strand == "-":
        before, after = after, before
    return float(predicted[max(0, middle - before) : middle + after, track].sum())


def compare_haplotypes(measured: MeasuredGenes, predicted: pd.DataFrame) -> dict[str, pd.DataFrame]:
    """Hold measured effects against predicted ones.

    Parameters
    ----------
    predicted : DataFrame, (genes, readouts)
        By id.

    Returns
    -------
    dict
        Tables of `core.expression.study` by file: of genes, of how well readouts agree, and of
        how well experiments agree with one another.
    """
    rows = measured.rows[measured.rows["gene"].isin(predicted.index)].reset_index(drop=True)
    found = [measured.genes[name] for name in rows["gene"]]
    rows = rows.assign(
        name=[gene.name for gene in found], chrom=[gene.chrom for gene in found],
        position=[gene.tss.start for gene in found], strand=[gene.strand for gene in found],
    )  # fmt: skip
    rows = rows.sort_values(["chrom", "position", "experiment"], ignore_index=True)
    values = predicted
    if predicted.shape[1] > 1:
        spread = predicted / predicted.std()
        values = predicted.assign(**{MEAN: spread.mean(axis=1)})
    own = values.loc[rows["gene"]].reset_index(drop=True)
    fits = []
    for experiment, part in _groups(rows):
        chosen = rows[part]
        for name in values.columns:
            effect = own.loc[part, name]
            (fit,) = compare(chosen, effect.to_numpy()[:, None], [name])
            size = effect.abs()
            is_strong = (size >= size.quantile(STRONG)).to_numpy()
            (strong,) = compare(chosen[is_strong], effect[is_strong].to_numpy()[:, None], [name])
            fits.append(
                {
                    "experiment": experiment[0], "group": experiment[1], "readout": name,
                    "n": fit.n, **estimate_columns("spearman", fit.spearman), "signed": fit.signed,
                    **estimate_columns("same_sign", fit.same_sign), "strong": strong.signed,
                    **estimate_columns("same_sign_strong", strong.same_sign),
                }
            )  # fmt: skip
    table = rows.rename(columns={"position": "tss"}).assign(tss=rows["position"] + 1)
    heads = ["gene", "name", "chrom", "tss", "strand", "experiment", "group", "effect", "q"]
    return {
        HAPLOTYPES: pd.concat((table[heads], own), axis=1),
        HAPLOTYPE_FITS: pd.DataFrame(fits),
        CEILINGS: _ceilings(rows),
    }


def _groups(rows: pd.DataFrame) -> list[tuple[tuple[str, str], np.ndarray]]:
    """Rows of each experiment, and of each of its groups that is large enough."""
    found = []
    for experiment in dict.fromkeys(rows["experiment"]):
        own = (rows["experiment"] == experiment).to_numpy()
        found.append(((experiment, ALL), own))
        for group in sorted(set(rows.loc[own, "group"]) - {ALL}):
            part = own & (rows["group"] == group).to_numpy()
            if part.sum() >= _FEWEST:
                found.append(((experiment, group), part))
    return found


def _ceilings(rows: pd.DataFrame) -> pd.DataFrame:
    names, found = list(dict.fromkeys(rows["experiment"])), []
    for number, one in enumerate(names):
        for other in names[number + 1 :]:
            both = rows[rows["experiment"] == one].merge(
                rows[rows["experiment"] == other], on="gene", suffixes=("", "_other")
            )
            for group in (ALL, *sorted(set(both["group"]) - {ALL})):
                part = both if group == ALL else both[both["group"] == group]
                if len(part) >= _FEWEST:
                    r = rank_correlation(
                        part["effect"].to_numpy(), part["effect_other"].to_numpy(), blocks_of(part)
                    )
                    found.append(
                        {"experiment": one, "other": other, "group": group, "n": len(part),
                         **estimate_columns("spearman", r)}
                    )  # fmt: skip
    return pd.DataFrame(found)
