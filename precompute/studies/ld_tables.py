"""Tables of LD: pairs with r, LD scores, variants left by pruning, signed LD profiles.

Each is Parquet or TSV by its ending, says in itself how it was made, and appears only when whole.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pyarrow as pa

from sighthound.core.association.annotations import (
    GeneScores,
    gene_scores,
    read_annotations,
    rows_of_score,
)
from sighthound.core.association.ld import tiles
from sighthound.core.association.ld_scores import ld_scores, profile_of_few, signed_ld_profile
from sighthound.core.association.panel import Panel
from sighthound.core.association.pruning import prune
from sighthound.core.association.shrinkage import Shrinkage
from sighthound.core.association.variant_table import read_variant_table
from sighthound.core.errors import SighthoundError
from sighthound.core.files import check_output
from sighthound.core.progress import Progress, silent
from sighthound.precompute.interpretation.effect_tables import TABLES, check_ending, write_tables

_BASE = "base"  # the annotation of LDSC that every variant has
_ALLELES = "r is of copies of the alleles called counted"


def check_table(path: Path, inputs: Iterable[Path] = ()) -> None:
    """Refuse a name under which no table can be written.

    Parameters
    ----------
    inputs : paths
        What is read, which nothing may be written over.

    Raises
    ------
    SighthoundError
        Its ending is neither .parquet nor .tsv, or its folder is not there.
    """
    check_ending(path, *TABLES)
    check_output(path, inputs)


def write_frame(path: Path, frame: pd.DataFrame, about: Mapping[str, Any]) -> None:
    """Write one table."""
    write_tables(path, [_arrow(frame)], about)


def write_pairs(
    panel: Panel,
    ends: np.ndarray,
    output: Path,
    about: Mapping[str, Any],
    *,
    least_r2: float,
    shrinkage: Shrinkage | None = None,
    progress: Progress = silent,
) -> int:
    """Write every pair of variants within the window whose r^2 is at least so much.

    Returns
    -------
    int, how many there are

    Raises
    ------
    SighthoundError
        There are fewer than two variants, or the file cannot be written.
    """
    if len(panel) < 2:
        raise SighthoundError(
            f"{panel.source} has one variant that differs among people; pairs need at least two"
        )
    sites, count, none = _arrow(panel.sites.table()), 0, np.zeros(0, np.int64)

    def tables() -> Iterator[pa.Table]:
        nonlocal count
        yield _pairs(sites, none, none, np.zeros(0))  # columns, even of no pair
        for tile in tiles(panel, ends, shrinkage=shrinkage, progress=progress):
            row, column = np.nonzero(tile.inside & (tile.r * tile.r >= least_r2))
            count += len(row)
            if len(row):
                yield _pairs(
                    sites, row + tile.rows.start, column + tile.columns.start, tile.r[row, column]
                )

    write_tables(output, tables(), {**about, "alleles": _ALLELES, "least_r2": least_r2})
    return count


def write_scores(
    panel: Panel,
    ends: np.ndarray,
    output: Path,
    about: Mapping[str, Any],
    *,
    annotations: Path | None = None,
    score: str | None = None,
    progress: Progress = silent,
) -> tuple[pd.DataFrame, tuple[str, ...]]:
    """Write the LD score of each variant, and those by annotation.

    Returns
    -------
    table : DataFrame
    words : tuple of str
        What was found of the annotations.
    """
    names: tuple[str, ...] = (_BASE,)
    words: tuple[str, ...] = ()
    values = np.ones((len(panel), 1))
    if annotations is not None:
        read = read_annotations(annotations, panel.sites, signed=False, score=score)
        words = read.words
        kept = [number for number, name in enumerate(read.names) if name != _BASE]
        names = (_BASE, *(read.names[number] for number in kept))
        values = np.concatenate((values, read.values[:, kept]), axis=1)
    found = ld_scores(panel, ends, values, progress=progress)
    table = panel.sites.table()
    table["minor_frequency"] = panel.minor_frequency
    for number, name in enumerate(names):
        table["ld_score" if name == _BASE else f"{name}.ld_score"] = found[:, number]
    write_frame(
        output, table,
        {**about, "unbiased": "r2 - (1 - r2) / (N - 2)",
         "annotation_sums": dict(zip(names, values.sum(axis=0).tolist(), strict=True))},
    )  # fmt: skip
    return table, words


def write_pruned(
    panel: Panel,
    ends: np.ndarray,
    output: Path,
    about: Mapping[str, Any],
    *,
    r2: float,
    progress: Progress = silent,
) -> int:
    """Write the variants of which no two have a larger r^2 within the window.

    Returns
    -------
    int, how many there are
    """
    kept = prune(panel, ends, r2, progress=progress)
    table = panel.sites.table()
    table["minor_frequency"] = panel.minor_frequency
    write_frame(output, table[kept], {**about, "r2": r2})
    return int(kept.sum())


def write_profile(
    panel: Panel,
    ends: np.ndarray,
    scores: Path,
    output: Path,
    about: Mapping[str, Any],
    *,
    score: str | None = None,
    gene: str | None = None,
    use_ambiguous: bool = False,
    shrinkage: Shrinkage | None = None,
    progress: Progress = silent,
) -> tuple[int, tuple[str, ...]]:
    """Write the signed LD profile of scores, as SED-LD: sum of r times score, a column a track.

    A row is a variant of the panel; of a table with genes, a gene and a variant that is in LD's
    reach of what the gene's scores are of. `scored` says whether the table has the variant itself.

    Returns
    -------
    tracks : int
    words : tuple of str
        What was found of the scores' alleles, and how many genes there are.
    """
    about = {**about, "alleles": "profiles are of the alleles called counted"}
    table = rows_of_score(read_variant_table(scores), score, gene)
    if gene is None and table.has_genes:
        of_genes = gene_scores(table, panel.sites, use_ambiguous=use_ambiguous)
        write_tables(output, _gene_profiles(panel, ends, of_genes, shrinkage, progress), about)
        count = len(set(of_genes.genes))
        return len(of_genes.names), (*of_genes.words, f"{count:,} genes")
    read = read_annotations(table, panel.sites, signed=True, use_ambiguous=use_ambiguous)
    profile = signed_ld_profile(panel, ends, read.values, shrinkage=shrinkage, progress=progress)
    sites = panel.sites.table()
    write_frame(output, _profile_table(sites, read.is_given, read.names, profile), about)
    return len(read.names), read.words


def _gene_profiles(
    panel: Panel,
    ends: np.ndarray,
    scores: GeneScores,
    shrinkage: Shrinkage | None,
    progress: Progress,
) -> Iterator[pa.Table]:
    sites, total = panel.sites.table(), len(set(scores.genes))
    for number, (gene, variants, values) in enumerate(scores.by_gene(), 1):
        part, profile = profile_of_few(panel, ends, variants, values, shrinkage=shrinkage)
        is_scored = np.isin(np.arange(part.start, part.stop), variants)
        table = _profile_table(sites.iloc[part], is_scored, scores.names, profile)
        table.insert(0, "gene", gene)
        yield _arrow(table)
        progress(number, total)


def _profile_table(
    sites: pd.DataFrame, is_scored: np.ndarray, names: Sequence[str], profile: np.ndarray
) -> pd.DataFrame:
    own = pd.DataFrame(profile, columns=list(names), index=sites.index)
    return pd.concat((sites.assign(scored=is_scored), own), axis=1)


def _pairs(sites: pa.Table, a: np.ndarray, b: np.ndarray, r: np.ndarray) -> pa.Table:
    first, second = sites.take(a), sites.take(b)
    named = ("position", "id", "counted")
    return pa.table(
        {
            "chrom": first["chrom"],
            **{f"{name}_a": first[name] for name in named},
            **{f"{name}_b": second[name] for name in named},
            "r": r,
        }
    )


def _arrow(frame: pd.DataFrame) -> pa.Table:
    table = pa.Table.from_pandas(frame, preserve_index=False).replace_schema_metadata()
    # pandas has two kinds of text; one kind makes parts of a file fit together.
    fields = [
        f.with_type(pa.string()) if pa.types.is_large_string(f.type) or f.type == pa.null() else f
        for f in table.schema
    ]
    return table.cast(pa.schema(fields))
