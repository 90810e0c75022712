"""Annotations of a panel's variants: a number a variant, signed (an effect of an allele) or not.

They come as a table with a row a variant and a column an annotation (those of LDSC, and what
`sighthound variants` writes), or as regions of BED, inside of which variants count 1.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pandas as pd

from sighthound.core.association.alleles import align
from sighthound.core.association.columns import number_columns
from sighthound.core.association.sites import Sites
from sighthound.core.association.variant_table import (
    VariantTable,
    as_numbers,
    read_variant_table,
)
from sighthound.core.errors import SighthoundError
from sighthound.core.files import no_file
from sighthound.core.genome.bed import read_bed
from sighthound.core.genome.chromosomes import Chromosomes

_BED = (".bed", ".bed.gz")
_SCORE, _VALUE = "score", "value"  # columns of our own tables of scored variants
_UNBOUNDED = 1 << 40  # bases: a panel does not say how long its chromosomes are


@dataclass(frozen=True, eq=False)
class Annotations:
    """Numbers of a panel's variants.

    Attributes
    ----------
    names : tuple of str
    values : float64 array, (variants, annotations)
        Signed ones are of the allele that the panel counts; 0 where the file has none.
    is_given : bool array, (variants,)
        Which variants the file has.
    words : tuple of str
        What was found of the rows, to be said.
    """

    names: tuple[str, ...]
    values: np.ndarray
    is_given: np.ndarray
    words: tuple[str, ...]


def read_annotations(
    source: Path | VariantTable,
    sites: Sites,
    *,
    signed: bool,
    score: str | None = None,
    gene: str | None = None,
    use_ambiguous: bool = False,
) -> Annotations:
    """Read annotations of a panel's variants.

    Parameters
    ----------
    source : path, or VariantTable
        BED, or a table as `read_variant_table` takes them, or that is read; signed ones need
        alleles.
    signed : bool
        Values turn their sign with the alleles.
    score, gene : str, optional
        Of a table with rows of several scores or genes, those that are meant.
    use_ambiguous : bool
        Take alleles A/T and C/G as they are written.

    Raises
    ------
    SighthoundError
        The file cannot be read, has no numbers, none of the variants, or several rows a variant.
    """
    if isinstance(source, Path) and source.name.lower().endswith(_BED):
        return _of_regions(source, sites, signed)
    given = source if isinstance(source, VariantTable) else read_variant_table(source)
    table, path = rows_of_score(given, score, gene), given.path
    names = _names(table)
    numbers = np.column_stack([as_numbers(table.frame[name], path) for name in names])
    if signed:
        rows, variants, numbers, words = _signed(table, numbers, sites, use_ambiguous)
    else:
        variants, rows = _places(table, sites)
        numbers = numbers[rows]
        words = ()
    is_empty = ~np.isfinite(numbers).any(axis=0)
    if is_empty.all():
        raise SighthoundError(
            f"{path} has no number for any of the {len(rows):,} variants that the panel has: "
            f"{', '.join(names[:30])}"
        )
    if is_empty.any():
        left_out = [name for name, none in zip(names, is_empty, strict=True) if none]
        words += (f"left out, without any number: {', '.join(left_out[:30])}",)
        names = [name for name in names if name not in left_out]
        numbers = numbers[:, ~is_empty]
    gaps = int((~np.isfinite(numbers)).any(axis=1).sum())
    if gaps:
        words += (f"{gaps:,} of {len(rows):,} variants have gaps, which count 0",)
    if len(np.unique(variants)) < len(variants):
        raise SighthoundError(
            f"{path} has several rows of {sites.id[_first_twice(variants)]}; expected one a variant"
            + (": choose a gene (--gene)" if table.has_genes else "")
        )
    values = np.zeros((len(sites), len(names)))
    values[variants] = np.nan_to_num(numbers)
    is_given = np.zeros(len(sites), bool)
    is_given[variants] = True
    if not is_given.all():
        absent = int((~is_given).sum())
        words += (f"{absent:,} of {len(sites):,} variants of the panel are not in it and count 0",)
    return Annotations(tuple(names), values, is_given, words)


@dataclass(frozen=True, eq=False)
class GeneScores:
    """Signed scores of variants on genes, as SED: a row a variant and gene.

    Attributes
    ----------
    names : tuple of str
        Of tracks.
    genes : object array, (rows,)
    variants : int64 array, (rows,)
        Of the panel.
    values : float64 array, (rows, tracks)
        Of the allele that the panel counts.
    words : tuple of str
        What was found of the rows, to be said.
    """

    names: tuple[str, ...]
    genes: np.ndarray
    variants: np.ndarray
    values: np.ndarray
    words: tuple[str, ...]

    def by_gene(self) -> Iterator[tuple[str, np.ndarray, np.ndarray]]:
        """Give each gene, in the order of the file, with its variants, rising, and their values."""
        numbers, names = pd.factorize(self.genes)
        order = np.lexsort((self.variants, numbers))
        ends = np.cumsum(np.bincount(numbers, minlength=len(names)))
        for name, rows in zip(names, np.split(order, ends[:-1]), strict=True):
            yield str(name), self.variants[rows], self.values[rows]


def gene_scores(table: VariantTable, sites: Sites, *, use_ambiguous: bool = False) -> GeneScores:
    """Take signed scores of variants on genes out of a table.

    Parameters
    ----------
    table : VariantTable
        With a column of genes; of one score (`rows_of_score`).
    sites, use_ambiguous
        As for `read_annotations`.

    Raises
    ------
    SighthoundError
        The table has no numbers or alleles, or none of the variants.
    """
    names = _names(table)
    numbers = np.column_stack([as_numbers(table.frame[name], table.path) for name in names])
    rows, variants, values, words = _signed(table, numbers, sites, use_ambiguous)
    genes = table.frame[table.columns["gene"]].astype(str).to_numpy(object)[rows]
    return GeneScores(tuple(names), genes, variants, np.nan_to_num(values), words)


def _signed(
    table: VariantTable, numbers: np.ndarray, sites: Sites, use_ambiguous: bool
) -> tuple[np.ndarray, np.ndarray, np.ndarray, tuple[str, ...]]:
    """Rows that are used, their variants and values of the counted allele, and what is said."""
    if table.effect is None:
        raise SighthoundError(
            f"{table.path} does not say of which allele its scores are; expected ref and alt, or "
            "A1 and A2"
        )
    # Copies of a row are told by the sum of its scores; a row without any says nothing.
    sums = np.where(np.isfinite(numbers).any(axis=1), np.nansum(numbers, axis=1), np.nan)
    alignment = align(table, sites, use_ambiguous=use_ambiguous, statistic=sums)
    rows = np.flatnonzero(alignment.is_used)
    words = tuple(alignment.words(table.effect_name, "the panel"))
    if not len(rows):
        raise SighthoundError(f"no row of {table.path} can be used: {'; '.join(words)}")
    return rows, alignment.variant[rows], numbers[rows] * alignment.sign[rows, None], words


def _of_regions(path: Path, sites: Sites, signed: bool) -> Annotations:
    if signed:
        raise SighthoundError(
            f"{path} holds regions, which have no sign; expected a table of scores"
        )
    if not path.is_file():
        raise SighthoundError(f"{path} {no_file(path)}; expected a BED file")
    chroms = Chromosomes(dict.fromkeys(map(str, sites.chromosomes()), _UNBOUNDED), "the panel")
    inside = np.zeros(len(sites))
    parts = sites.chromosomes()
    for interval in read_bed(path, chroms):
        part = parts[interval.chrom]
        start, end = np.searchsorted(sites.position[part], [interval.start, interval.end])
        inside[part.start + start : part.start + end] = 1
    name = path.name[: path.name.lower().rindex(".bed")]
    return Annotations((name,), inside[:, None], np.ones(len(sites), bool), ())


def rows_of_score(
    table: VariantTable, score: str | None = None, gene: str | None = None
) -> VariantTable:
    """Give the rows of a score, and of a gene, of a table as `sighthound variants` writes it.

    Raises
    ------
    SighthoundError
        There are none; or the table has several scores, of which none is chosen.
    """
    table = table if gene is None else table.of_gene(gene)
    frame = table.frame
    if _SCORE not in frame or _VALUE not in frame:
        if score is not None:
            raise SighthoundError(f"{table.path} has no column of scores to choose {score!r} from")
        return table
    scores = list(dict.fromkeys(frame[_SCORE].astype(str)))
    if score is None and len(scores) > 1:
        raise SighthoundError(
            f"{table.path} has the scores {', '.join(scores)}; choose one (--score)"
        )
    rows = (frame[_SCORE] == (score or scores[0])) & (frame[_VALUE] == "score")
    if not rows.any():
        raise SighthoundError(f"{table.path} has no score {score}; it has {', '.join(scores)}")
    return table.take(rows.fillna(False).to_numpy(bool))


def _names(table: VariantTable) -> list[str]:
    columns = [str(name) for name in table.frame.columns]
    if _SCORE in columns and _VALUE in columns:
        names = columns[columns.index(_VALUE) + 1 :]
    else:
        names = [
            name
            for name in number_columns(columns, table.columns)
            if _holds_numbers(table.frame[name])
        ]
    if not names:
        raise SighthoundError(
            f"{table.path} has no column of numbers beside those of variants and alleles: "
            f"{', '.join(columns[:30])}"
        )
    return names


def _holds_numbers(column: pd.Series) -> bool:
    """Whether a column is of numbers, though a cell of it may be none: which is then said."""
    if pd.api.types.is_numeric_dtype(column):
        return True
    return bool(pd.to_numeric(column.dropna(), errors="coerce").notna().mean() > 0.5)


def _places(table: VariantTable, sites: Sites) -> tuple[np.ndarray, np.ndarray]:
    """Variants of the panel and the rows that are of them, by alleles if there are any."""
    if table.effect is not None:
        alignment = align(table, sites, use_ambiguous=True)
        rows = np.flatnonzero(alignment.is_used)
        return alignment.variant[rows], rows
    if table.id is None:
        raise SighthoundError(f"{table.path} has neither ids nor alleles to find variants by")
    by_id = pd.Series(np.arange(len(sites)), sites.id.astype(str))
    by_id = by_id[~by_id.index.duplicated()]
    found = by_id.reindex(table.id.astype(str)).to_numpy()
    rows = np.flatnonzero(np.isfinite(found))
    if not len(rows):
        raise SighthoundError(
            f"none of the {len(table):,} variants of {table.path} is in the panel by name, as "
            f"{table.id[0]}"
        )
    return found[rows].astype(int), rows


def _first_twice(variants: np.ndarray) -> int:
    values, counts = np.unique(variants, return_counts=True)
    return int(values[counts > 1][0])
