"""Summary statistics: what a study says of each variant, as z, beta, P and N."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal
from pathlib import Path

import numpy as np
import scipy.special
import scipy.stats

from sighthound.core.association.columns import (
    ADDITIVE,
    OTHER_MODELS,
    PARTS_OF_MODELS,
    plain,
)
from sighthound.core.association.variant_table import VariantTable, read_variant_table
from sighthound.core.errors import SighthoundError


@dataclass(frozen=True, eq=False)
class Statistics:
    """Summary statistics, a row a variant (or a variant and gene).

    Attributes
    ----------
    table : VariantTable
    z : float64 array, (rows,)
        Of the effect allele; NaN where a row has none.
    log10_p : float64 array, (rows,)
        -log10 P: the table's, or that of z.
    n : float64 array, (rows,), or None
        People.
    z_from : str
        What z was made from, in words.
    words : tuple of str
        What was found of the rows, to be said.
    """

    table: VariantTable
    z: np.ndarray
    log10_p: np.ndarray
    n: np.ndarray | None
    z_from: str
    words: tuple[str, ...] = ()

    def __len__(self) -> int:
        return len(self.z)


def read_statistics(
    path: str | Path,
    chosen: Mapping[str, str] | None = None,
    gene: str | None = None,
    *,
    has_signs: bool = True,
) -> Statistics:
    """Read summary statistics.

    Parameters
    ----------
    path, chosen
        As for `read_variant_table`.
    gene : str, optional
        Its rows alone.
    has_signs : bool
        Whether directions are needed; without, P suffices, and z is NaN where nothing gives one.

    Raises
    ------
    SighthoundError
        The file cannot be read, or lacks alleles or a statistic: which columns were looked for.
    """
    table = read_variant_table(path, chosen)
    table = table if gene is None else table.of_gene(gene)
    table, words = _of_alleles(table)
    names = ", ".join(str(name) for name in list(table.frame.columns)[:30])
    if table.effect is None and has_signs:
        if "effect" not in table.columns and plain("A1") in map(plain, table.frame.columns):
            raise SighthoundError(
                f"{table.path} names the allele that its effects are of (A1) and not the other, as "
                "PLINK 1.9's .assoc.linear and .assoc.logistic; add a column A2, that of the .bim"
            )
        raise SighthoundError(
            f"{table.path} does not say of which allele its effects are: columns are {names}; "
            "expected effect_allele and other_allele, A1 and A2, or ref and alt, or say which with "
            "--effect-allele and --other-allele"
        )
    log10_p, p = table.numbers("log10_p"), table.numbers("p")
    wrong = np.flatnonzero((p < 0) | (p > 1)) if p is not None else np.zeros(0, int)
    if p is not None and len(wrong):
        raise SighthoundError(
            f"{table.path}, row {wrong[0] + 1:,}: P is {p[wrong[0]]:g}; expected 0 to 1 (its "
            "logarithm is another column: --column log10_p NAME)"
        )
    wrong = np.flatnonzero(log10_p < 0) if log10_p is not None else np.zeros(0, int)
    if log10_p is not None and len(wrong):
        raise SighthoundError(
            f"{table.path}, row {wrong[0] + 1:,}: {table.columns['log10_p']} is "
            f"{log10_p[wrong[0]]:g}; expected -log10 of P, which is 0 or more"
        )
    z, z_from = _z_scores(table)
    if z is None and not has_signs and (log10_p is not None or p is not None):
        z, z_from = np.full(len(table), np.nan), "P alone"
    if z is None:
        raise SighthoundError(
            f"{table.path} has no statistics: columns are {names}; expected beta and se, or z, or "
            f"beta and P{'' if has_signs else ', or P'}"
        )
    if has_signs and not np.isfinite(z).any():
        raise SighthoundError(
            f"{table.path} has no row with a statistic: {z_from} is missing in all {len(z):,}"
        )
    given = log10_p if log10_p is not None else _log10_of_p(table)
    log10_p = -scipy.stats.norm.logsf(np.abs(z)) / np.log(10) - np.log10(2)
    if given is not None:
        # P of 0 is one too small for the table's digits.
        log10_p = np.where(np.isfinite(given), given, log10_p)
    return Statistics(table, z, log10_p, table.numbers("n"), z_from, words)


def _of_alleles(table: VariantTable) -> tuple[VariantTable, tuple[str, ...]]:
    """Rows that say what an allele does, of a regression that says what covariates do, too."""
    if "test" not in table.columns:
        return table, ()
    name = table.columns["test"]
    tests = table.frame[name].astype(str).str.upper()
    kinds = list(dict.fromkeys(tests))
    is_additive = (tests == ADDITIVE).to_numpy(bool)
    if is_additive.all():
        return table, ()
    if is_additive.any():
        others = [kind for kind in kinds if kind != ADDITIVE]
        return table.take(is_additive), (
            f"{int((~is_additive).sum()):,} rows whose {name} is not {ADDITIVE} are left out, as "
            f"no effects of alleles: {', '.join(others[:5])}{', ...' if len(others) > 5 else ''}",
        )
    if len(kinds) == 1 and kinds[0] in OTHER_MODELS:
        return table, (f"effects are of the model {kinds[0]} ({name}), not of each copy",)
    if {*OTHER_MODELS, *PARTS_OF_MODELS} & {*kinds}:
        raise SighthoundError(
            f"{table.path} has no row whose {name} is {ADDITIVE}, the effect of an allele; it has "
            f"{', '.join(kinds[:10])}"
        )
    return table, ()


def _log10_of_p(table: VariantTable) -> np.ndarray | None:
    """-log10 of the column P, also of 1e-400, which no float64 holds; NaN where P is 0."""
    p = table.numbers("p")
    if p is None:
        return None
    with np.errstate(divide="ignore", invalid="ignore"):
        found = -np.log10(p)
    tiny = np.flatnonzero(p == 0)
    if len(tiny):
        as_written = table.as_written("p")
        found[tiny] = [_log10_of_text(str(text)) for text in as_written[tiny]]
    return found


def _log10_of_text(text: str) -> float:
    value = Decimal(text)
    return -float(value.log10()) if value > 0 else np.nan


def _z_scores(table: VariantTable) -> tuple[np.ndarray | None, str]:
    columns = table.columns
    z, beta, se = table.numbers("z"), table.numbers("beta"), table.numbers("se")
    words = columns.get("beta", "")
    if beta is None and (odds := table.numbers("odds_ratio")) is not None:
        with np.errstate(divide="ignore", invalid="ignore"):
            beta, words = np.log(odds), f"log {columns['odds_ratio']}"
        wrong = np.flatnonzero(odds < 0)
        if len(wrong):
            raise SighthoundError(
                f"{table.path}, row {wrong[0] + 1:,}: {columns['odds_ratio']} is "
                f"{odds[wrong[0]]:g}, which no odds ratio is; is it the logarithm? (--column beta "
                f"{columns['odds_ratio']})"
            )
    if beta is not None and se is not None:
        good = se > 0
        return np.where(good, beta / np.where(good, se, 1), np.nan), f"{words} / {columns['se']}"
    if z is not None:
        return z, columns["z"]
    log10_p = table.numbers("log10_p")
    if log10_p is None:
        log10_p = _log10_of_p(table)
    if beta is None or log10_p is None:
        return None, ""
    # Of half of P, as a logarithm: P may be far below what a number can hold.
    size = -scipy.special.ndtri_exp(-log10_p * np.log(10) - np.log(2))
    return np.sign(
        beta
    ) * size, f"the sign of {words} and {columns.get('log10_p', columns.get('p'))}"
