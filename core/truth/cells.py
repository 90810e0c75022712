"""The cells of a table of measured effects: text, numbers and positions, and what is none."""

from __future__ import annotations

import csv
import io
import math
import warnings
from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from sighthound.core.association.columns import IN_ID_PATTERN
from sighthound.core.errors import SighthoundError
from sighthound.core.text import text_lines

if TYPE_CHECKING:  # takes long to import, and most of core needs none
    import pandas as pd

_NOT_THERE = {"", "na", "nan", "n/a", "null", "none", ".", "#n/a"}
_LIMIT = 5_000_000  # rows
_LARGEST = 1 << 50  # positions; beyond, numbers are not whole


def read_cells(path: Path) -> tuple[pd.DataFrame, list[str]]:
    """All cells as text, and the names of columns."""
    import pandas as pd

    # Lines before the names: the notes of VCF-like tables.
    lines = [line for line in text_lines(path, most=2**31) if line.strip()]
    notes = next((n for n, line in enumerate(lines) if not line.startswith("##")), len(lines))
    if len(lines) - notes > _LIMIT:
        raise SighthoundError(
            f"{path} has {len(lines) - notes:,} rows, of at most {_LIMIT:,}; give those that are "
            "of interest"
        )
    if notes == len(lines):
        raise SighthoundError(f"{path} is empty; expected a table with a line of names first")
    first = lines[notes]
    mark = next((one for one in "\t;," if one in first), ",")
    header = [name.strip() for name in next(csv.reader([first], delimiter=mark))]
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("error", pd.errors.ParserWarning)
            table = pd.read_csv(
                io.StringIO("\n".join(lines[notes:])), sep=mark, dtype=str, header=0,
                names=header if len(set(header)) == len(header) else None, index_col=False,
                keep_default_na=False,
            )  # fmt: skip
    except pd.errors.ParserWarning:  # cells would be lost; empty ones at the end of all are none
        raise SighthoundError(
            f"{path} cannot be read as a table: rows have more cells than the {len(header)} names "
            "of its first line"
        ) from None
    except ValueError as error:
        words = " ".join(str(error).split())
        raise SighthoundError(f"{path} cannot be read as a table: {words}") from None
    if table.empty:
        raise SighthoundError(f"{path} has names of columns, and no rows")
    table.index += notes
    return table.fillna(""), list(table.columns)


def words(path: Path, table: pd.DataFrame, columns: Mapping[str, str]) -> pd.DataFrame:
    """Places, alleles and labels of all rows as text, empty where there is none."""
    import pandas as pd

    def text(what: str) -> pd.Series:
        if what not in columns:
            return pd.Series("", index=table.index, dtype=str)
        values = table[columns[what]].str.strip()
        return values.mask(values.str.lower().isin(_NOT_THERE - {""}), "")

    if "variant" in columns:
        place = table[columns["variant"]].str.strip().str.extract(IN_ID_PATTERN).fillna("")
        if place["chrom"].eq("").all():
            first = table[columns["variant"]].iloc[0]
            raise SighthoundError(
                f"{path}: {str(first)[:60]!r} in column {columns['variant']!r} is no variant; "
                "expected chrom:position:ref:alt, or columns of these"
            )
    else:
        place = pd.DataFrame({what: text(what) for what in ("chrom", "position", "ref", "alt")})
    found = pd.DataFrame(
        {
            "chrom": place["chrom"], "place": place["position"],
            "ref": place["ref"].str.upper(), "alt": place["alt"].str.upper(),
            "element": text("element"), "gene": text("gene"),
        }
    )  # fmt: skip
    # What tells experiments of one place apart, in the table's own words.
    experiment = text("experiment")
    if "strand" in columns:
        experiment = (experiment + " " + text("strand")).str.strip()
    found["experiment"] = experiment.where(experiment.ne(""), found["element"])
    return found.reset_index(drop=True)


def numbers(path: Path, table: pd.DataFrame, column: str | None) -> NDArray[np.float64]:
    """A column of numbers, NaN where there is none."""
    import pandas as pd

    if column is None:
        return np.full(len(table), math.nan)
    given = table[column].str.strip()
    there = ~given.str.lower().isin(_NOT_THERE)
    values = pd.to_numeric(given.where(there), errors="coerce")
    wrong = there & values.isna()
    if wrong.any():
        row = int(np.flatnonzero(wrong)[0])
        raise SighthoundError(
            f"{path}, line {table.index[row] + 2:,}: {given.iloc[row][:40]!r} in column {column!r} "
            "is no number; expected one, or NA"
        )
    found = values.to_numpy(float)
    return np.where(np.isfinite(found), found, math.nan)


def positions(path: Path, found: pd.DataFrame) -> NDArray[np.int64]:
    """Places from 0; -1 where there is none."""
    import pandas as pd

    given = found["place"].str.replace(",", "").str.replace("_", "")
    values = pd.to_numeric(given.mask(given.eq("")), errors="coerce")
    wrong = given.ne("") & (values.isna() | (values < 1) | (values > _LARGEST) | (values % 1 != 0))
    if wrong.any():
        row = int(np.flatnonzero(wrong)[0])
        raise SighthoundError(
            f"{path}, line {found['line'].iloc[row]:,}: {found['place'].iloc[row][:40]!r} is no "
            "position; expected a whole number, from 1"
        )
    return values.fillna(0).to_numpy(np.int64) - 1
