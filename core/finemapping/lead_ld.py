"""LD of a locus' variants with its lead, from genotypes or from a table of pairs.

Tables of pairs: ours (`ld --pairs`), PLINK's .ld and .vcor, LocusZoom's answers, or any with a
column r or r2 and a variant a row, of one lead. r may have either sign: only its square is used.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

import numpy as np
import pandas as pd

from sighthound.core.association.ld import correlations
from sighthound.core.association.panel import Panel
from sighthound.core.association.variant_table import as_numbers, read_frame
from sighthound.core.errors import SighthoundError
from sighthound.core.finemapping.names import find, named

_R2 = ("r2", "rsquare", "r_squared", "rsq", "phased_r2", "unphased_r2")
_R = ("r", "phased_r", "unphased_r", "correlation")
_PARTS = {
    "chrom": ("chrom", "chromosome", "chr"),
    "position": ("position", "pos", "bp"),
    "id": ("id", "snp", "rsid", "variant"),
    "a": ("counted", "alt", "a1"),
    "b": ("other", "ref", "a2"),
}
_OWN = 0.99  # of a variant with itself, rounded


class LeadLD(Protocol):
    """Where LD is known from."""

    @property
    def words(self) -> str:
        """What it is of, for a person."""
        ...

    def with_lead(
        self, lead: pd.DataFrame, start: int, end: int
    ) -> tuple[pd.DataFrame, np.ndarray]:
        """Give the variants between two bases that are known (as `named`), and r2 of each.

        The lead is one row of names. Nothing is given where it is not known.
        """
        ...


@dataclass(frozen=True, eq=False)
class PanelLD:
    """LD of genotypes."""

    panel: Panel
    names: pd.DataFrame
    words: str

    @classmethod
    def of(cls, panel: Panel) -> PanelLD:
        """Take a panel's variants by their names."""
        s = panel.sites
        people = f"LD of {len(panel.samples):,} people, {panel.source.name}"
        return cls(panel, named(s.chrom, s.position, s.id, s.counted, s.other), people)

    def with_lead(
        self, lead: pd.DataFrame, start: int, end: int
    ) -> tuple[pd.DataFrame, np.ndarray]:
        (row,) = find(lead, self.names)
        if row < 0:
            return self.names.iloc[:0], np.zeros(0)
        part = self.panel.sites.chromosomes()[str(self.panel.sites.chrom[row])]
        near = np.searchsorted(self.panel.sites.position[part], [start, end])
        first, last = (int(part.start + step) for step in near)
        r, _ = correlations(
            self.panel.standardised(first, last), self.panel.standardised(row, row + 1)
        )
        r2 = np.minimum(r[:, 0] ** 2, 1)
        if first <= row < last:
            r2[row - first] = 1
        return self.names.iloc[first:last].reset_index(drop=True), r2


@dataclass(frozen=True, eq=False)
class TableLD:
    """LD of a table of pairs; `ones` is None where it is of one lead, which it does not name."""

    path: Path
    ones: pd.DataFrame | None
    others: pd.DataFrame
    r2: np.ndarray
    words: str

    def with_lead(
        self, lead: pd.DataFrame, start: int, end: int
    ) -> tuple[pd.DataFrame, np.ndarray]:
        if self.ones is None:
            names, r2 = self.others, self.r2
            self._check_own(lead)
        else:
            is_one, is_other = find(self.ones, lead) >= 0, find(self.others, lead) >= 0
            if not (is_one | is_other).any():
                return lead.iloc[:0], np.zeros(0)
            # On its chromosome as the table calls it, so that all are of one name.
            chrom = pd.concat((self.ones[is_one], self.others[is_other]))["chrom"].iat[0]
            lead = lead.assign(chrom=chrom or lead["chrom"].iat[0])
            names = pd.concat((lead, self.others[is_one], self.ones[is_other & ~is_one]))
            r2 = np.r_[1.0, self.r2[is_one], self.r2[is_other & ~is_one]]
        placed = (names["position"] >= 0).to_numpy()
        inside = ((names["position"] >= start) & (names["position"] < end)).to_numpy() | ~placed
        known = inside & np.isfinite(r2)
        return names[known].reset_index(drop=True), r2[known]

    def _check_own(self, lead: pd.DataFrame) -> None:
        """A table that does not name its lead must have r2 of 1 with it."""
        (row,) = find(lead, self.others)
        if row < 0 or self.r2[row] >= _OWN:
            return
        own = self.others.iloc[int(np.nanargmax(self.r2))]
        raise SighthoundError(
            f"{self.path} is LD with another variant than the lead {said(lead.iloc[0])}, whose r2 "
            f"is {self.r2[row]:.2f} there and that of {said(own)} {np.nanmax(self.r2):.2f}; give "
            "LD with the lead, or say which is to be the lead (--lead)"
        )


def said(name: pd.Series) -> str:
    """Write a variant as people do: by its id, or its place."""
    return str(name["id"]) or f"{name['chrom']}:{name['position'] + 1:,}"


def read_ld_table(path: Path) -> TableLD:
    """Read LD of pairs of variants, or of variants with one lead.

    Raises
    ------
    SighthoundError
        The file cannot be read, or has no r or r2, or nothing that names variants.
    """
    frame = read_frame(path)
    plain = {str(name).strip().lstrip("#").lower(): str(name) for name in frame.columns}
    value = next((plain[name] for name in (*_R2, *_R) if name in plain), None)
    if value is None:
        raise SighthoundError(
            f"{path} has no LD: columns are {', '.join(map(str, frame.columns[:30]))}; expected "
            f"one of {', '.join((*_R2, *_R))}"
        )
    given = as_numbers(frame[value], path)
    r2 = given if value.lower() in _R2 else given**2
    wrong = np.flatnonzero((r2 > 1.01) | (r2 < -0.01))
    if len(wrong):
        raise SighthoundError(
            f"{path}, row {wrong[0] + 1:,}: {value} is {given[wrong[0]]:g}; expected LD from "
            f"{'0' if value.lower() in _R2 else '-1'} to 1"
        )
    ones, others = _side(frame, plain, ("_a", "1"), path), _side(frame, plain, ("_b", "2"), path)
    if others is None:
        ones, others = None, _side(frame, plain, ("",), path)
    if others is None:
        raise SighthoundError(
            f"{path} does not say which variants its LD is of; expected chromosome and position, "
            "or an id, of two variants (SNP_A and SNP_B, position_a and position_b) or of one"
        )
    return TableLD(path, ones, others, np.clip(r2, 0, 1), f"LD of {path.name}")


def _side(
    frame: pd.DataFrame, plain: dict[str, str], endings: tuple[str, ...], path: Path
) -> pd.DataFrame | None:
    """Names of one variant of each pair; None where there are no such columns."""
    found: dict[str, object] = {}
    for part, words in _PARTS.items():
        column = next((plain[w + e] for w in words for e in endings if w + e in plain), None)
        if column is not None and part == "position":
            numbers = as_numbers(frame[column], path)
            found[part] = np.where(np.isfinite(numbers), numbers, 0).astype(np.int64) - 1
        elif column is not None:
            found[part] = frame[column].astype(str).to_numpy(object)
    if "chrom" not in found and "chrom" in plain and found:
        found["chrom"] = frame[plain["chrom"]].astype(str).to_numpy(object)  # our own: of both
    if "id" not in found and not {"chrom", "position"} <= found.keys():
        return None
    # A column a or b alone is no allele.
    if not {"a", "b"} <= found.keys():
        found = {part: v for part, v in found.items() if part not in ("a", "b")}
    return named(**found)


def locus_name(text: str) -> str:
    """Write a lead's name as that of a file."""
    return re.sub(r"[^A-Za-z0-9._-]+", "-", text).strip("-.") or "locus"
