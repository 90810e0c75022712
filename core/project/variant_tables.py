"""Tables of scored variants, as `sighthound variants` and the page's runs write them: Parquet.

A row is an allele, a score (and a gene, of scores by gene) and a value of it: "score", its two
alleles', what networks say of it, its percentile. A score's values have their rows in one order.
The file says what it was made from (`core.project.result_tables`). Tables count from 1.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from sighthound.core.errors import SighthoundError
from sighthound.core.files import whole_file
from sighthound.core.project.nulls import PERCENTILE
from sighthound.core.project.result_tables import VARIANT_COLUMNS, read_about, with_about
from sighthound.core.project.signs import SIGN_PROBABILITY
from sighthound.core.variants.vcf import Allele

if TYPE_CHECKING:  # pyarrow and pandas take long to import, and most answers need neither
    import pandas as pd

KEYS = ("record", "allele", "variant", "chrom", "position", "id", "ref", "alt", "flipped")
_OF_GENES = ("gene", "gene_name")
# What is read of a score, where the table has it, beside the score itself.
_VALUES = (
    "reference", "alternative", "members_mean", "members_sd", "known", PERCENTILE,
    SIGN_PROBABILITY,
)  # fmt: skip
_MEASURED = "measured."
# What a score has no percentile and no probability of a sign for, it has by this.
_RANKED_BY = "sad"
_BY_GENE = "sed"  # the one score whose rows are of genes


def numbered(table: pd.DataFrame, alleles: Sequence[Allele]) -> pd.DataFrame:
    """Say of the rows of `core.score_variants` which allele of a list each is of, in place.

    Parameters
    ----------
    table : DataFrame
        `record` numbers `alleles` from 1.
    """
    index = table["record"].to_numpy() - 1
    table["record"] = np.array([a.record for a in alleles], int)[index]
    table.insert(1, "allele", np.array([a.number for a in alleles], int)[index])
    flipped = np.array([a.is_flipped for a in alleles], bool)[index]
    table.insert(table.columns.get_loc("alt") + 1, "flipped", flipped)
    return table


def write_part(file: Path, table: pd.DataFrame) -> None:
    """Write a part of a table, which is there only if all of it is."""
    import pyarrow as pa
    import pyarrow.parquet as pq

    with whole_file(file) as unfinished:
        pq.write_table(pa.Table.from_pandas(table, preserve_index=False), unfinished)


def join_parts(parts: Sequence[Path], output: Path, about: Mapping[str, Any]) -> None:
    """Put the parts of a table together, a row group each."""
    import pyarrow.parquet as pq

    schema = with_about(pq.read_schema(parts[0]), about)
    with whole_file(output) as unfinished, pq.ParquetWriter(unfinished, schema) as writer:
        for part in parts:
            table = pq.read_table(part)
            writer.write_table(table.cast(schema), row_group_size=max(1, table.num_rows))


@dataclass(frozen=True, eq=False)
class VariantTable:
    """A table of scored variants that is there; see `open_variant_table`.

    Attributes
    ----------
    file : path
    about : mapping
        What it was made from.
    tracks : tuple of str
        Ids, in the order of its columns.
    scores : tuple of str
        Names.
    values : frozenset of str
        What there is of its scores.
    ranked : tuple of str
        Scores that have percentiles of their own.
    alleles : int
        How many alleles it is of.
    """

    file: Path
    about: Mapping[str, Any]
    tracks: tuple[str, ...]
    scores: tuple[str, ...]
    values: frozenset[str]
    ranked: tuple[str, ...]
    alleles: int

    @property
    def members(self) -> int:
        """How many networks were asked, too."""
        return len(self.about.get("members") or ()) if "known" in self.values else 0

    def read(self, score: str, track: str | None) -> pd.DataFrame:
        """Read all alleles by one score, on one track.

        Parameters
        ----------
        track : str or None
            None is for each allele, and gene, the track where the size of the score is largest.

        Returns
        -------
        DataFrame
            A row an allele (and gene), as they lie in the file: the columns `KEYS` that there are,
            "gene" and "gene_name" of scores by gene, "track", "score", and "reference",
            "alternative", "members_mean", "members_sd", "known" (1 or 0), "percentile" and
            "sign_probability", NaN where the table has none. Where the score has none of the last
            two, they are those of SAD, whose sign is that of the other sums'.

        Raises
        ------
        SighthoundError
            The table has no such score or track, or is damaged.
        """
        import pandas as pd

        if score not in self.scores:
            raise SighthoundError(
                f"{self.file.name} has no score {score!r}; it has {', '.join(self.scores)}"
            )
        if track is not None and track not in self.tracks:
            raise SighthoundError(f"{self.file.name} has no track {track!r}")
        parts = [self._of_group(group, score, track) for group in self._groups(track)]
        return pd.concat(parts, ignore_index=True)

    def _groups(self, track: str | None) -> Iterator[pd.DataFrame]:
        """What of each row group is read of a track, or of all."""
        import pyarrow.parquet as pq

        tracks = self.tracks if track is None else (track,)
        try:
            with pq.ParquetFile(self.file) as file:
                names = file.schema_arrow.names
                columns = [c for c in (*KEYS, *_OF_GENES) if c in names]
                for group in range(file.num_row_groups):
                    read = file.read_row_group(group, columns=[*columns, "score", "value", *tracks])
                    yield read.to_pandas()
        except (OSError, ValueError) as error:
            line = " ".join(str(error).split())
            raise SighthoundError(f"{self.file.name} cannot be read ({line})") from None

    def _of_group(self, rows: pd.DataFrame, score: str, track: str | None) -> pd.DataFrame:
        own = rows[rows["score"] == score]
        tracks = list(self.tracks if track is None else (track,))
        values = {value: part[tracks].to_numpy(np.float64) for value, part in own.groupby("value")}
        found = own[own["value"] == "score"]
        kept = [c for c in (*KEYS, *_OF_GENES) if c in found]
        if "gene" not in found or (found["gene"].fillna("") == "").all():  # of another score
            kept = [c for c in kept if c not in _OF_GENES]
        drawn = values.get("score", np.zeros((0, len(tracks))))
        for value in () if "gene" in kept else (PERCENTILE, SIGN_PROBABILITY):
            if value not in values:
                of_sad = rows[(rows["score"] == _RANKED_BY) & (rows["value"] == value)]
                values[value] = of_sad[tracks].to_numpy(np.float64)
        best = np.zeros(len(drawn), int)
        if len(tracks) > 1 and len(drawn):
            best = np.nan_to_num(np.abs(drawn), nan=-1.0).argmax(axis=1)
        table = found[kept].reset_index(drop=True)
        table["track"] = np.array(tracks, object)[best]
        for name in ("score", *_VALUES):
            table[name] = _chosen(values.get(name), best)
        return table


def _chosen(values: NDArray[np.float64] | None, best: NDArray[np.int64]) -> NDArray[np.float64]:
    """The value of each row on its track; NaN where there is none."""
    if values is None or len(values) != len(best):
        return np.full(len(best), np.nan)
    return values[np.arange(len(best)), best]


def open_variant_table(file: Path) -> VariantTable:
    """Open a table of scored variants.

    Raises
    ------
    SighthoundError
        It is none, or not whole.
    """
    import pyarrow.compute as pc
    import pyarrow.parquet as pq

    about = read_about(file)
    try:
        with pq.ParquetFile(file) as table:
            names = table.schema_arrow.names
            scores: dict[str, None] = {}
            values: set[str] = set()
            ranked: dict[str, None] = {}
            alleles = 0
            for group in range(table.num_row_groups):
                said = table.read_row_group(group, columns=["score", "value"])
                scores |= dict.fromkeys(said["score"].to_pylist())
                values |= {*said["value"].to_pylist()}
                own = said.filter(pc.equal(said["value"], PERCENTILE))["score"]
                ranked |= dict.fromkeys(own.to_pylist())
                counted = next((s for s in scores if s != _BY_GENE), None)
                rows = said.to_pandas()
                alleles += int(((rows["score"] == counted) & (rows["value"] == "score")).sum())
    except (OSError, ValueError, KeyError):
        about = None
    if about is None or not set(VARIANT_COLUMNS) <= set(names):
        raise SighthoundError(
            f"{file.name} is no table of scored variants; 'sighthound variants' makes one"
        )
    first = max(names.index(column) for column in VARIANT_COLUMNS) + 1
    tracks = tuple(name for name in names[first:] if not name.startswith(_MEASURED))
    return VariantTable(
        file, about, tracks, tuple(scores), frozenset(values), tuple(ranked), alleles
    )
