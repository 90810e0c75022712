"""Tables of nulls: random substitutions of the genome, what they are matched on, and their effects.

A table is of one model, genome and ensemble: effects of another cannot be ranked in it. Its rows
are those of `core.score_variants`, with the values "score" and "local", and besides class, distance
and gc (`core.variants.nulls`). Tables count from 1.
"""

from __future__ import annotations

import functools
import json
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from sighthound.core.annotation.genes import Genes
from sighthound.core.errors import SighthoundError
from sighthound.core.files import Stamp, file_stamp, whole_file
from sighthound.core.genome.sequence import Genome
from sighthound.core.model.ensemble import Ensemble
from sighthound.core.project.formats import Format, reads
from sighthound.core.project.layout import nulls_folder
from sighthound.core.project.result_tables import read_about, with_about
from sighthound.core.project.settings import Project
from sighthound.core.variants.nulls import (
    CLASSES,
    LOCAL,
    Ranking,
    Surroundings,
    surroundings,
)
from sighthound.core.variants.variant import Variant

if TYPE_CHECKING:
    import pandas as pd

FORMAT = 1
PERCENTILE = "percentile"  # the value of rows that say it, in tables of scored variants


@dataclass(frozen=True)
class NullSettings:
    """What a table of nulls is of.

    Attributes
    ----------
    model, genome : str
        Hash of the model, fingerprint of the genome.
    ensemble : Ensemble
        Strands and shifts that were averaged.
    scores : tuple of str
        Names of the scores.
    pseudocount : float
        Of the log scores.
    number, seed : int
        Nulls that were asked for, and how they were drawn.
    genes : str
        Hash of the annotation, whose starts are near or far.
    """

    model: str
    genome: str
    ensemble: Ensemble
    scores: tuple[str, ...]
    pseudocount: float
    number: int
    seed: int
    genes: str = ""

    def to_json(self) -> dict[str, Any]:
        """Give what the table says of itself."""
        said: dict[str, Any] = json.loads(json.dumps({"format": FORMAT, **asdict(self)}))
        return said


@dataclass(frozen=True, eq=False)
class Nulls:
    """A table of nulls that is there."""

    file: Path
    settings: Mapping[str, Any]
    table: pd.DataFrame

    def __len__(self) -> int:
        return len(self.table[["chrom", "position", "ref", "alt"]].drop_duplicates())

    def has(self, score: str) -> bool:
        """Whether the effects are there by a score."""
        return score in self.settings["scores"]

    def surroundings(self, score: str) -> Surroundings:
        """What the nulls are matched on, in the order of `values`."""
        rows = self.table[(self.table["score"] == score) & (self.table["value"] == "score")]
        kind = rows["class"].map(CLASSES.index).to_numpy(np.int64)
        return Surroundings(kind, rows["distance"].to_numpy(float), rows["gc"].to_numpy(float))

    def values(self, score: str, value: str, tracks: Sequence[str]) -> np.ndarray:
        """Give "score" or "local" of the nulls, (nulls, tracks)."""
        rows = self.table[(self.table["score"] == score) & (self.table["value"] == value)]
        return rows[list(tracks)].to_numpy(np.float32)

    def ranking(self, score: str, tracks: Sequence[str]) -> Ranking:
        """Make ready to rank variants by a score on some tracks."""
        return _ranking(self, score, tuple(tracks))


def nulls_file(project: Project, ensemble: Ensemble) -> Path:
    """Where the nulls of an ensemble lie, once they are made.

    Examples
    --------
    >>> from types import SimpleNamespace
    >>> lab = SimpleNamespace(root=Path("lab"))
    >>> nulls_file(lab, Ensemble(True, (0, 21, -21))).name
    'both_strands_shifts_0_21_-21.parquet'
    """
    strands = "both_strands" if ensemble.reverse_complement else "one_strand"
    shifts = "_".join(map(str, ensemble.shifts))
    return nulls_folder(project) / f"{strands}_shifts_{shifts}.parquet"


def write_nulls(file: Path, table: pd.DataFrame, settings: NullSettings) -> None:
    """Write a table of nulls."""
    import pyarrow as pa
    import pyarrow.parquet as pq

    arrow = pa.Table.from_pandas(table, preserve_index=False).replace_schema_metadata()
    with whole_file(file, parents=True) as part:
        pq.write_table(arrow.cast(with_about(arrow.schema, settings.to_json())), part)


def read_nulls(project: Project, ensemble: Ensemble, model: str, genome: str) -> Nulls | None:
    """Read the nulls of a model; None where there are none of it by this ensemble.

    Parameters
    ----------
    model, genome : str
        Hash and fingerprint; a table of others counts as none.

    Raises
    ------
    SighthoundError
        The file is no table of nulls.
    """
    reads(Format.NULLS)
    file = nulls_file(project, ensemble)
    if not file.is_file():
        return None
    found = _read(file, file_stamp(file))
    is_of_these = (found.settings["model"], found.settings["genome"]) == (model, genome)
    return found if is_of_these else None


def nulls_for(
    project: Project, model: str, genome: Genome, ensemble: Ensemble, pseudocount: float
) -> Nulls | None:
    """Find the nulls that scores of a run may be ranked among; None where there are none."""
    found = read_nulls(project, ensemble, model, genome.fingerprint)
    is_alike = found is not None and found.settings["pseudocount"] == pseudocount
    return found if is_alike else None


def with_percentiles(
    table: pd.DataFrame,
    variants: Sequence[Variant],
    nulls: Nulls,
    genome: Genome,
    genes: Genes,
    tracks: Sequence[str],
) -> pd.DataFrame:
    """Put the percentile among matched nulls behind the values of each score.

    Parameters
    ----------
    table : DataFrame
        Of `score_variants` with `local`, `record` numbering `variants` from 1.

    Returns
    -------
    DataFrame
        Without the rows of the value "local"; those of "percentile" come behind the others of the
        score. NaN where a variant is no substitution of one base. Scores without nulls have none.
    """
    import pandas as pd

    tracks = list(tracks)
    around = surroundings(variants, genome, genes)
    parts = [table.assign(place=np.cumsum(table["value"] == "score"))]
    for score in dict.fromkeys(table["score"]):
        if not nulls.has(score):  # as by gene, of which there are none
            continue
        own = parts[0][(table["score"] == score) & (table["value"] == "score")]
        local = table[(table["score"] == score) & (table["value"] == LOCAL)]
        index = own["record"].to_numpy() - 1
        matched = type(around)(around.kind[index], around.distance[index], around.gc[index])
        part = own.assign(value=PERCENTILE)
        part[tracks] = nulls.ranking(score, tracks).percentiles(
            matched, local[tracks].to_numpy(np.float32), own[tracks].to_numpy(np.float32)
        )
        parts.append(part)
    joined = pd.concat(parts).sort_values("place", kind="stable", ignore_index=True)
    return joined[joined["value"] != LOCAL].drop(columns="place").reset_index(drop=True)


@functools.lru_cache(maxsize=2)
def _read(file: Path, _: Stamp) -> Nulls:
    import pyarrow.parquet as pq

    about = read_about(file)
    if about is None or about.get("format") != FORMAT:
        raise SighthoundError(f"{file} is no table of nulls; delete it, and run 'sighthound nulls'")
    return Nulls(file, about, pq.read_table(file).to_pandas())


@functools.lru_cache(maxsize=4)
def _ranking(nulls: Nulls, score: str, tracks: tuple[str, ...]) -> Ranking:
    return Ranking(
        nulls.surroundings(score),
        nulls.values(score, "local", tracks),
        nulls.values(score, "score", tracks),
    )
