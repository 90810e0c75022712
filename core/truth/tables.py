"""Tables of measured effects as laboratories publish them: reporters, mutagenesis, eQTL, CRISPRi.

One row is one allele at one place, and what it did. Positions of tables count from 1. Nothing is
guessed: a row whose REF is not the genome's is left out and counted, not turned to the other strand
or exchanged; rows without a place, an allele or a number are counted too.
"""

from __future__ import annotations

import csv
import io
import math
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from sighthound.core.errors import SighthoundError
from sighthound.core.genome.sequence import Genome, Interval
from sighthound.core.project.truth import Truth
from sighthound.core.text import text_lines
from sighthound.core.tracks.metrics import q_values
from sighthound.core.truth.columns import VARIANT, find_columns
from sighthound.core.variants.variant import Variant
from sighthound.core.variants.vcf import BEYOND, DIFFERS, NOT_BASES, UNKNOWN, Tally

if TYPE_CHECKING:  # takes long to import, and most of core needs none
    import pandas as pd

NO_PLACE, NO_EFFECT = "without a place or an allele", "without a number as effect"
NO_ANCHOR = "insertion without the base before it"
NOTHING_CHANGED, OTHER_RELEASE = "ALT is REF", "of another release of the genome"
# Words and numbers of a row; those of alleles are VCF's, where the genome gave the base before.
WORDS = ("chrom", "ref", "alt", "element", "experiment", "gene")
NUMBERS = ("effect", "p", "q")
DELETED = "-"
SIGNIFICANT = 0.05  # of the false discovery rate
_NOT_THERE = {"", "na", "nan", "n/a", "null", "none", ".", "#n/a"}
_APART = 10_000  # bases between places that are looked up in the genome apart
_LIMIT = 5_000_000  # rows
# Of at least so many rows the share whose REF must differ for the table to be called another's.
_COMPARED, _OTHER_ASSEMBLY = 10, 0.4


@dataclass(frozen=True, eq=False)
class MeasuredTable:
    """What a table of measured effects says, a row an allele and experiment.

    Attributes
    ----------
    source : str
        Name of the file.
    rows : DataFrame
        `chrom`, `position` (0-based), `ref`, `alt`, `effect`, `p`, `q` (NaN where not said),
        `element`, `experiment`, `gene` (empty where not said); by place. With a genome alleles are
        as VCF has them; without, "-" stands for no base.
    columns : mapping
        What a column is -> its name in the file.
    read : int
        Rows of the file.
    left_out : mapping
        Reason -> rows.
    first : mapping
        Reason -> the first such row.
    exchanged : int
        Of the rows whose REF is not the genome's, those whose ALT is.
    is_adjusted : bool
        Whether `q` was made here of `p`, by Benjamini and Hochberg.
    """

    source: str
    rows: pd.DataFrame
    columns: Mapping[str, str]
    read: int
    left_out: Mapping[str, int] = field(default_factory=dict)
    first: Mapping[str, str] = field(default_factory=dict)
    exchanged: int = 0
    is_adjusted: bool = False

    @property
    def variants(self) -> list[Variant]:
        """The alleles, one a row; of a table that was read with a genome."""
        r = self.rows
        columns = (r["chrom"], r["position"].tolist(), r["ref"], r["alt"])
        return [Variant(*row) for row in zip(*columns, strict=True)]

    def lines(self) -> list[str]:
        """Say in words what was read, from which columns, and what was left out."""
        named = ", ".join(f"{what} = {name}" for what, name in self.columns.items())
        places = self.rows[["chrom", "position"]].drop_duplicates()
        said = [
            f"{len(self.rows):,} of {self.read:,} rows, at {len(places):,} places; positions count "
            f"from 1; columns: {named}"
        ]
        if self.is_adjusted:
            said.append("no column of adjusted p: adjusted here, by Benjamini and Hochberg")
        for reason, count in sorted(self.left_out.items(), key=lambda item: -item[1]):
            words = f"{count:,} rows left out: {reason} (first: {self.first[reason]})"
            if reason == DIFFERS and self.exchanged:
                words += f"; of {self.exchanged:,} of them ALT is the genome's"
            said.append(words)
        if not self.left_out.get(DIFFERS):
            said.append("0 REF mismatches")
        return said


def read_measured(
    path: Path, genome: Genome | None = None, named: Mapping[str, str] | None = None
) -> MeasuredTable:
    """Read a table of measured effects.

    Parameters
    ----------
    path : path
        CSV or TSV (or between semicolons), plain or gzip, with a line of names first. Columns are
        found by usual names: `core.truth.columns`.
    genome : Genome, optional
        Every REF is held against it. Without, rows of one place are held against one another.
    named : mapping, optional
        What a column is -> its name in the table, where it goes by none that is usual.

    Raises
    ------
    SighthoundError
        The file cannot be read, lacks columns, has a value that is no number, no row that can be
        used, or is of another assembly.
    """
    import pandas as pd

    table, header = _read(path)
    columns = find_columns(path, header, named)
    numbers = pd.Series(table.index + 2)
    found = _words(path, table, columns)
    for what in NUMBERS:
        found[what] = _numbers(path, table, columns.get(what))
    tally, exchanged = Tally(), 0
    found["line"] = numbers.to_numpy()
    found["shown"] = (
        found["chrom"] + ":" + found["place"] + " " + found["ref"] + ">" + found["alt"]
    ).str.slice(0, 60)
    found["position"] = _positions(path, found)
    release = columns.get("release")
    found["release"] = "" if release is None else table[release].to_numpy()

    def without(keep: NDArray[np.bool_], reason: str) -> None:
        nonlocal found
        _leave_out(tally, found[~keep], reason)
        found = found[keep].reset_index(drop=True)

    alleles = found["ref"].ne("") & found["alt"].ne("") & found["chrom"].ne("")
    without((alleles & (found["position"] >= 0)).to_numpy(), NO_PLACE)
    without(np.isfinite(found["effect"].to_numpy()), NO_EFFECT)
    is_bases = _is(found, r"[ACGT]+", r"(?:[ACGT]+|-)")
    without((is_bases | _is(found, DELETED, r"[ACGT]+")).to_numpy(), NOT_BASES)
    without(found["ref"].ne(DELETED).to_numpy(), NO_ANCHOR)
    without(found["ref"].ne(found["alt"]).to_numpy(), NOTHING_CHANGED)
    if genome is not None:
        found["chrom"] = _own_names(found["chrom"], genome)
        without(found["chrom"].ne("").to_numpy(), UNKNOWN)
    there = _bases(found, genome)
    fits = np.array([one == ref for one, ref in zip(there, found["ref"], strict=True)], bool)
    chosen = _release(found, fits)
    fits, there = fits[chosen], [one for one, kept in zip(there, chosen, strict=True) if kept]
    without(chosen, OTHER_RELEASE)
    if genome is not None:
        beyond = np.array([one == "" for one in there], bool)
        exchanged = sum(
            len(alt) == len(one) and alt == one and not fit
            for one, alt, fit in zip(there, found["alt"], fits, strict=True)
        )
        _leave_out(tally, found[beyond], BEYOND)
        _leave_out(tally, found[~fits & ~beyond], DIFFERS)
        found = found[fits].reset_index(drop=True)
        _check_assembly(path, genome, tally, len(found))
        found = _anchored(found, genome)
    else:
        without(fits, DIFFERS)
    if found.empty:
        reasons = "; ".join(tally.lines()) or "it has no rows"
        raise SighthoundError(f"{path} has no measured effect that can be used: {reasons}")
    adjusted = "q" not in columns and "p" in columns
    if adjusted:
        found["q"] = q_values(found["p"].to_numpy())
    order = {name: rank for rank, name in enumerate(genome.lengths if genome else ())}
    found["rank"] = found["chrom"].map(order) if order else 0
    keys = ["rank", "chrom", "position", "ref", "alt", "experiment", "line"]
    found = found.sort_values(keys, kind="stable", ignore_index=True)
    kept = ["chrom", "position", "ref", "alt", *NUMBERS, "element", "experiment", "gene"]
    return MeasuredTable(
        path.name, found[kept], columns, len(table), dict(tally.left_out), dict(tally.first),
        exchanged, adjusted,
    )  # fmt: skip


def project_table(measured: MeasuredTable, name: str, genome: Genome) -> Truth:
    """Give a table that was read with a project's genome as the project keeps it, unpredicted."""
    from sighthound.core import __version__

    return Truth(
        name, measured.rows, measured.source, tuple(measured.lines()),
        measured.columns["effect"], genome.fingerprint, __version__,
    )  # fmt: skip


def rebuilt_sequences(table: MeasuredTable) -> dict[Interval, str]:
    """Rebuild, from REF, the sequences whose bases a table has changed: N between them.

    Returns
    -------
    dict
        Stretch -> bases; places less than 50 bases apart are of one stretch.
    """
    apart = 50
    found: dict[Interval, str] = {}
    for chrom, rows in table.rows.groupby("chrom", sort=False):
        known: dict[int, str] = {}
        for position, ref in zip(rows["position"], rows["ref"], strict=True):
            known.update({position + n: base for n, base in enumerate(ref)})
        places = np.array(sorted(known))
        for piece in np.split(places, np.flatnonzero(np.diff(places) >= apart) + 1):
            start, end = int(piece[0]), int(piece[-1]) + 1
            sequence = "".join(known.get(at, "N") for at in range(start, end))
            found[Interval(str(chrom), start, end)] = sequence
    return found


def _read(path: Path) -> tuple[pd.DataFrame, list[str]]:
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
        table = pd.read_csv(
            io.StringIO("\n".join(lines[notes:])), sep=mark, dtype=str, keep_default_na=False,
            header=0, names=header if len(set(header)) == len(header) else None, index_col=False,
        )  # fmt: skip
    except ValueError as error:
        words = " ".join(str(error).split())
        raise SighthoundError(f"{path} cannot be read as a table: {words}") from None
    if table.empty:
        raise SighthoundError(f"{path} has names of columns, and no rows")
    table.index += notes
    return table.fillna(""), list(table.columns)


def _words(path: Path, table: pd.DataFrame, columns: Mapping[str, str]) -> pd.DataFrame:
    """Places, alleles and labels of all rows as text, empty where there is none."""
    import pandas as pd

    def text(what: str) -> pd.Series:
        if what not in columns:
            return pd.Series("", index=table.index, dtype=str)
        values = table[columns[what]].str.strip()
        return values.mask(values.str.lower().isin(_NOT_THERE - {""}), "")

    if "variant" in columns:
        place = table[columns["variant"]].str.strip().str.extract(VARIANT).fillna("")
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


def _numbers(path: Path, table: pd.DataFrame, column: str | None) -> NDArray[np.float64]:
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


def _positions(path: Path, found: pd.DataFrame) -> NDArray[np.int64]:
    """Places from 0; -1 where there is none."""
    import pandas as pd

    given = found["place"].str.replace(",", "").str.replace("_", "")
    values = pd.to_numeric(given.mask(given.eq("")), errors="coerce")
    wrong = given.ne("") & (values.isna() | (values < 1) | (values % 1 != 0))
    if wrong.any():
        row = int(np.flatnonzero(wrong)[0])
        raise SighthoundError(
            f"{path}, line {found['line'].iloc[row]:,}: {found['place'].iloc[row][:40]!r} is no "
            "position; expected a whole number, from 1"
        )
    return values.fillna(0).to_numpy(np.int64) - 1


def _is(found: pd.DataFrame, ref: str, alt: str) -> pd.Series:
    return found["ref"].str.fullmatch(ref) & found["alt"].str.fullmatch(alt)


def _leave_out(tally: Tally, rows: pd.DataFrame, reason: str) -> None:
    if rows.empty:
        return
    first = rows.iloc[0]
    shown = f"line {first['line']:,}, {first['shown']}"
    tally.left_out[reason] += len(rows)
    tally.first.setdefault(reason, shown)


def _check_assembly(path: Path, genome: Genome, tally: Tally, kept: int) -> None:
    """Refuse a table most of whose REF are not the genome's."""
    differing = tally.left_out[DIFFERS] + tally.left_out[BEYOND]
    if differing >= _COMPARED and differing > _OTHER_ASSEMBLY * (differing + kept):
        first = tally.first.get(DIFFERS) or tally.first[BEYOND]
        raise SighthoundError(
            f"{path} is of another assembly or strand than {genome.path.name}: {differing:,} of "
            f"{differing + kept:,} REF differ, first {first}; give places of this genome, from 1"
        )


def _own_names(chroms: pd.Series, genome: Genome) -> pd.Series:
    """The genome's names of chromosomes; empty for those that it has not."""

    def own(name: str) -> str:
        try:
            return genome.resolve(name)
        except SighthoundError:
            return ""

    return chroms.map({name: own(name) for name in chroms.unique()})


def _bases(found: pd.DataFrame, genome: Genome | None) -> list[str]:
    """What is at the places of REF: in the genome, or in most rows of the table; empty beyond."""
    starts = found["position"].to_numpy()
    ends = starts + found["ref"].str.len().to_numpy()
    there = [""] * len(found)
    if genome is None:
        # A longer REF is a longer deletion: only rows of one base contradict one another.
        single = found[found["ref"].str.len() == 1]
        place = ["release", "chrom", "position"]
        counts = single.value_counts([*place, "ref"]).rename("rows").reset_index()
        counts = counts.sort_values([*place, "rows", "ref"], ascending=[True] * 3 + [False, True])
        usual = counts.drop_duplicates(place).rename(columns={"ref": "usual"})
        merged = found[[*place, "ref"]].merge(usual, on=place, how="left")
        is_single = merged["ref"].str.len() == 1
        return merged["usual"].where(is_single, merged["ref"]).tolist()
    for chrom, rows in found.groupby("chrom", sort=False).indices.items():
        order = rows[np.argsort(starts[rows], kind="stable")]
        length = genome.lengths[str(chrom)]
        for piece in _pieces(order, starts):
            first, last = int(starts[piece[0]]), min(length, int(ends[piece].max()))
            if last <= first:
                continue
            bases = genome.sequence(Interval(str(chrom), first, last))
            for row in piece.tolist():
                if ends[row] <= length:
                    there[row] = bases[starts[row] - first : ends[row] - first]
    return there


def _pieces(order: NDArray[Any], starts: NDArray[Any]) -> Iterator[NDArray[Any]]:
    yield from np.split(order, np.flatnonzero(np.diff(starts[order]) > _APART) + 1)


def _release(found: pd.DataFrame, fits: NDArray[np.bool_]) -> NDArray[np.bool_]:
    """Which rows are of the release that fits best, the newest by name of equals."""
    names = sorted(set(found["release"]))
    if len(names) < 2:
        return np.ones(len(found), bool)
    own = {name: found["release"].eq(name).to_numpy() for name in names}
    best = max(names, key=lambda name: (float(fits[own[name]].mean()), name))
    return own[best]


def _anchored(found: pd.DataFrame, genome: Genome) -> pd.DataFrame:
    """Write deletions as VCF does, with the base before (or, at a chromosome's start, after)."""
    deleted = np.flatnonzero(found["alt"].eq(DELETED))
    found = found.copy()
    refs, alts, places = (found[c].tolist() for c in ("ref", "alt", "position"))
    for row in deleted.tolist():
        chrom, at, ref = found["chrom"].iloc[row], places[row], refs[row]
        before = at > 0
        place = Interval(chrom, at - 1, at) if before else Interval(chrom, len(ref), len(ref) + 1)
        base = genome.sequence(place)
        refs[row], alts[row] = (base + ref if before else ref + base), base
        places[row] = at - 1 if before else at
    return found.assign(ref=refs, alt=alts, position=np.array(places, np.int64))
