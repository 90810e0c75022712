"""Tables with a row a variant: summary statistics, annotations, scores.

TSV, CSV or columns between spaces, compressed or not, with a header; Parquet; or the JSON of
columns that LocusZoom's servers answer. Positions count from 1 in tables and from 0 here.
"""

from __future__ import annotations

import io
import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np
import pandas as pd

from sighthound.core.association.columns import IN_ID, IN_ID_PATTERN, REF_OR_ALT, plain, roles_of
from sighthound.core.errors import SighthoundError
from sighthound.core.files import no_file
from sighthound.core.text import text_lines

_PARQUET = b"PAR1"
_HUGE = 1e100
_LARGEST = 1 << 50  # positions; beyond, numbers are not whole


@dataclass(frozen=True, eq=False)
class VariantTable:
    """A table, and what its columns are.

    Attributes
    ----------
    path : path
    frame : DataFrame
        As read; a column with a role by that name's own name in the file.
    columns : dict
        Role -> name in the file (see `core.association.columns`).
    why : str
        Whose names the alleles' columns are.
    chrom, id, effect, other : object arrays, (rows,), or None
        Alleles in upper case.
    position : int64 array, (rows,), or None
        0-based; -1 where there is none.
    """

    path: Path
    frame: pd.DataFrame
    columns: Mapping[str, str]
    why: str = ""
    chrom: np.ndarray | None = None
    position: np.ndarray | None = None
    id: np.ndarray | None = None
    effect: np.ndarray | None = None
    other: np.ndarray | None = None
    _numbers: dict[str, np.ndarray] = field(default_factory=dict)

    def __len__(self) -> int:
        return len(self.frame)

    def numbers(self, role: str) -> np.ndarray | None:
        """Give a column of numbers by its role: float64, (rows,), NaN where there is none.

        Raises
        ------
        SighthoundError
            A value is no number: its line.
        """
        if role not in self.columns:
            return None
        if role not in self._numbers:
            self._numbers[role] = as_numbers(self.frame[self.columns[role]], self.path)
        return self._numbers[role]

    def as_written(self, role: str) -> np.ndarray:
        """Give a column as text: object array, (rows,); P of 1e-400 is as the file has it."""
        return self.frame[self.columns[role]].astype(str).to_numpy(object)

    def take(self, rows: np.ndarray) -> VariantTable:
        """Give some of the rows, by mask."""

        def some(values: np.ndarray | None) -> np.ndarray | None:
            return None if values is None else values[rows]

        return VariantTable(
            self.path, self.frame[rows].reset_index(drop=True), self.columns, self.why,
            some(self.chrom), some(self.position), some(self.id), some(self.effect),
            some(self.other),
        )  # fmt: skip

    def of_gene(self, gene: str) -> VariantTable:
        """Give the rows of a gene.

        Raises
        ------
        SighthoundError
            There is no column of genes, or none of this name in it.
        """
        if "gene" not in self.columns:
            raise SighthoundError(f"{self.path} has no column of genes to choose {gene!r} from")
        own = (self.frame[self.columns["gene"]].astype(str) == gene).to_numpy(bool)
        if not own.any():
            raise SighthoundError(f"{self.path} has no row of gene {gene}")
        return self.take(own)

    @property
    def has_genes(self) -> bool:
        """Whether rows are of genes: there is such a column, and it is not empty."""
        if "gene" not in self.columns:
            return False
        column = self.frame[self.columns["gene"]]
        return bool((column.notna() & (column.astype(str) != "")).any())

    @property
    def has_places(self) -> bool:
        """Whether rows have chromosome and position."""
        return self.chrom is not None and self.position is not None

    @property
    def effect_name(self) -> str:
        """How the table calls the effect allele."""
        return self.columns.get("effect", IN_ID)


def read_variant_table(path: str | Path, chosen: Mapping[str, str] | None = None) -> VariantTable:
    """Read a table with a row a variant.

    Parameters
    ----------
    path : path
    chosen : mapping, optional
        Role -> a column's name, where it is to be another than the usual.

    Raises
    ------
    SighthoundError
        The file is missing, has no rows or no such columns, or nothing that names variants.
    """
    path = Path(path)
    frame = read_frame(path)
    names = [str(name) for name in frame.columns]
    found, why = roles_of(names, chosen or {}, str(path))
    if "p" in found and frame[found["p"]].eq(0).any() and not _is_typed(path):
        # What no float64 holds became 0.
        frame[found["p"]] = _read_text(path, dtype=str)[found["p"]]

    def texts(role: str) -> np.ndarray | None:
        if role not in found:
            return None
        return frame[found[role]].astype(str).to_numpy(object)

    chrom, id, position = texts("chrom"), texts("id"), None
    if "position" in found:
        given = as_numbers(_single(frame[found["position"]]), path)
        broken = np.isfinite(given) & ((given % 1 != 0) | (np.abs(given) > _LARGEST))
        if broken.any():
            row = int(np.flatnonzero(broken)[0])
            raise SighthoundError(
                f"{path}, row {row + 1:,}: position {given[row]} is no whole number"
            )
        position = np.where(given >= 1, given, 0).astype(np.int64) - 1
    effect, other = _alleles(frame, found)
    if id is not None and (position is None or effect is None):
        parts = pd.Series(id).str.extract(IN_ID_PATTERN)
        if parts["position"].notna().mean() > 0.5:
            if chrom is None or position is None:
                chrom = parts["chrom"].fillna("").to_numpy(object)
                position = parts["position"].fillna("0").astype(np.int64).to_numpy() - 1
            if effect is None:
                effect = parts["alt"].fillna("").str.upper().to_numpy(object)
                other = parts["ref"].fillna("").str.upper().to_numpy(object)
                why = "CHROM_POS_REF_ALT: the effect is of ALT"
    if id is None and (chrom is None or position is None):
        raise SighthoundError(
            f"{path} does not say where its variants are: of its columns {', '.join(names[:30])} "
            "none is an id (SNP, rsid, variant_id) or chromosome and position"
        )
    return VariantTable(path, frame, found, why, chrom, position, id, effect, other)


def as_numbers(column: pd.Series, path: Path) -> np.ndarray:
    """Give a column as float64, NaN where a cell is empty, NA, a point or infinite.

    Raises
    ------
    SighthoundError
        A cell is no number, or one whose square is none.
    """
    numbers = pd.to_numeric(column, errors="coerce")
    wrong = numbers.isna() & column.notna()
    if wrong.any():
        row = int(np.flatnonzero(wrong)[0])
        raise SighthoundError(
            f"{path}, row {row + 1:,}: {column.iloc[row]!r} in column {column.name!r} is no number"
        )
    found = numbers.to_numpy(np.float64, na_value=np.nan)
    huge = np.flatnonzero(np.isfinite(found) & (np.abs(found) > _HUGE))
    if len(huge):
        raise SighthoundError(
            f"{path}, row {huge[0] + 1:,}: {found[huge[0]]:g} in column {column.name!r} is beyond "
            f"any that can be measured; expected -{_HUGE:g} to {_HUGE:g}"
        )
    return np.where(np.isfinite(found), found, np.nan)


def _single(places: pd.Series) -> pd.Series:
    """Leave out places of several variants at once, as the GWAS Catalog has of haplotypes: 5;9."""
    if pd.api.types.is_numeric_dtype(places):
        return places
    several = places.astype("string").str.fullmatch(r"\d+(?:\s*[;x]\s*\d+)+")
    return places.mask(several.fillna(False).to_numpy(bool))


def _alleles(
    frame: pd.DataFrame, found: Mapping[str, str]
) -> tuple[np.ndarray | None, np.ndarray | None]:
    if "effect" not in found or "other" not in found:
        return None, None
    effect = frame[found["effect"]].astype(str).str.upper()
    if found["other"] == REF_OR_ALT:
        known = {plain(str(name)): name for name in frame.columns}
        ref, alt = (frame[known[name]].astype(str).str.upper() for name in ("ref", "alt"))
        # Of several, ALT is C,T.
        is_alt = [one in alts.split(",") for one, alts in zip(effect, alt, strict=True)]
        other = ref.where(is_alt, alt)
    else:
        other = frame[found["other"]].astype(str).str.upper()
    return effect.to_numpy(object), other.to_numpy(object)


def read_frame(path: Path) -> pd.DataFrame:
    """Read a table as it is, whichever format it has.

    Raises
    ------
    SighthoundError
        The file is missing, no table, or has no rows.
    """
    if not path.is_file():
        raise SighthoundError(f"{path} {no_file(path)}; expected a table of variants")
    if not _is_typed(path):
        frame = _read_text(path)
    elif _beginning(path) == _PARQUET:
        try:
            frame = pd.read_parquet(path).reset_index(drop=True)
        except (OSError, ValueError) as error:
            raise SighthoundError(f"{path} cannot be read as Parquet: {error}") from None
    else:
        frame = _read_json(path)
    if not len(frame):
        raise SighthoundError(f"{path} has no rows; expected one a variant below the header")
    return frame


def _beginning(path: Path) -> bytes:
    with path.open("rb") as file:
        return file.read(4)


def _is_typed(path: Path) -> bool:
    """Whether a file is Parquet or JSON, whose numbers are numbers already."""
    begins = _beginning(path)
    return begins == _PARQUET or begins.lstrip()[:1] == b"{"


def _read_json(path: Path) -> pd.DataFrame:
    """Columns as lists, under "data" or at the top."""
    try:
        content = json.loads(path.read_text(encoding="utf-8"))
        columns = content.get("data", content)
        return pd.DataFrame(columns).convert_dtypes(dtype_backend="numpy_nullable")
    except (ValueError, TypeError, AttributeError) as error:
        raise SighthoundError(
            f"{path} is no JSON of columns of one length, as LocusZoom has it: {error}"
        ) from None


def _read_text(path: Path, dtype: type[str] | None = None) -> pd.DataFrame:
    lines = (
        line for line in text_lines(path) if line.strip() and not line.startswith(("##", "# "))
    )
    header = next(lines, "")
    if not header:
        raise SighthoundError(f"{path} is empty; expected a table with a header")
    separator = "\t" if "\t" in header else "," if "," in header else r"\s+"
    text = io.StringIO("\n".join((header, *lines)))
    try:
        frame = pd.read_csv(
            text, sep=separator, na_values=["."], dtype=dtype, dtype_backend="numpy_nullable"
        )
    except (pd.errors.ParserError, pd.errors.EmptyDataError) as error:
        raise SighthoundError(f"{path} cannot be read as a table: {error}") from None
    if not isinstance(frame.index, pd.RangeIndex):
        raise SighthoundError(
            f"{path} cannot be read as a table: rows have more columns than the header, which has "
            f"{len(frame.columns)}"
        )
    return frame
