"""Tables of measured effects as laboratories publish them: reporters, mutagenesis, eQTL, CRISPRi.

One row is one allele at one place, and what it did. Positions of tables count from 1. Nothing is
guessed: a row whose REF is not the genome's is left out and counted, not turned to the other strand
or exchanged; rows without a place, an allele or a number are counted too.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from sighthound.core.errors import SighthoundError
from sighthound.core.genome.chromosomes import own_names
from sighthound.core.genome.sequence import Genome, Interval
from sighthound.core.project.truth import Truth
from sighthound.core.tracks.metrics import q_values
from sighthound.core.truth.cells import numbers, positions, read_cells, words
from sighthound.core.truth.columns import find_columns
from sighthound.core.truth.places import DELETED, anchored, bases_there, fitting_release
from sighthound.core.variants.variant import Variant
from sighthound.core.variants.vcf import BEYOND, DIFFERS, NOT_BASES, UNKNOWN, Tally

if TYPE_CHECKING:  # takes long to import, and most of core needs none
    import pandas as pd

NO_PLACE, NO_EFFECT = "without a place or an allele", "without a number as effect"
NO_ANCHOR = "insertion without the base before it"
NOTHING_CHANGED, OTHER_RELEASE = "ALT is REF", "of another release of the genome"
NUMBERS = ("effect", "p", "q")
SIGNIFICANT = 0.05  # of the false discovery rate
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

    table, header = read_cells(path)
    columns = find_columns(path, header, named)
    lines = pd.Series(table.index + 2)
    found = words(path, table, columns)
    for what in NUMBERS:
        found[what] = numbers(path, table, columns.get(what))
    _check_probabilities(path, table, columns, found)
    tally, exchanged = Tally(), 0
    found["line"] = lines.to_numpy()
    found["shown"] = (
        found["chrom"] + ":" + found["place"] + " " + found["ref"] + ">" + found["alt"]
    ).str.slice(0, 60)
    found["position"] = positions(path, found)
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
        names = found["chrom"].unique()
        found["chrom"] = found["chrom"].map(dict.fromkeys(names, "") | own_names(names, genome))
        without(found["chrom"].ne("").to_numpy(), UNKNOWN)
    there = bases_there(found, genome)
    fits = np.array([one == ref for one, ref in zip(there, found["ref"], strict=True)], bool)
    chosen = fitting_release(found, fits)
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
        found = anchored(found, genome)
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


def _is(found: pd.DataFrame, ref: str, alt: str) -> pd.Series:
    return found["ref"].str.fullmatch(ref) & found["alt"].str.fullmatch(alt)


def _leave_out(tally: Tally, rows: pd.DataFrame, reason: str) -> None:
    if rows.empty:
        return
    first = rows.iloc[0]
    shown = f"line {first['line']:,}, {first['shown']}"
    tally.left_out[reason] += len(rows)
    tally.first.setdefault(reason, shown)


def _check_probabilities(
    path: Path, table: pd.DataFrame, columns: Mapping[str, str], found: pd.DataFrame
) -> None:
    """Refuse p and q that are none, as logarithms."""
    for what in ("p", "q"):
        given = found[what].to_numpy()
        wrong = np.flatnonzero((given < 0) | (given > 1))
        if len(wrong):
            raise SighthoundError(
                f"{path}, line {table.index[wrong[0]] + 2:,}: {columns[what]} is "
                f"{given[wrong[0]]:g}; expected 0 to 1 (--column {what}=NAME names another)"
            )


def _check_assembly(path: Path, genome: Genome, tally: Tally, kept: int) -> None:
    """Refuse a table most of whose REF are not the genome's."""
    differing = tally.left_out[DIFFERS] + tally.left_out[BEYOND]
    if differing >= _COMPARED and differing > _OTHER_ASSEMBLY * (differing + kept):
        first = tally.first.get(DIFFERS) or tally.first[BEYOND]
        raise SighthoundError(
            f"{path} is of another assembly or strand than {genome.path.name}: {differing:,} of "
            f"{differing + kept:,} REF differ, first {first}; give places of this genome, from 1"
        )
