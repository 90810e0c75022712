"""Fine mapping of a study: its loci, LD with their leads, and posteriors by every method there is.

PICS needs P of the lead and LD with it; approximate Bayes factors need effects and their errors;
SuSiE is read from a table. What a locus lacks is said in it, and nothing else stops for it.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from sighthound.core.annotation.genes import Genes
from sighthound.core.association.statistics import Statistics, read_statistics
from sighthound.core.errors import SighthoundError
from sighthound.core.finemapping.bayes_factors import PRIOR_SD, log_bayes_factors
from sighthound.core.finemapping.credible_sets import LEVEL, credible_set, posteriors
from sighthound.core.finemapping.lead_ld import LeadLD, locus_name, said
from sighthound.core.finemapping.locus import ABF, METHODS, PICS, SUSIE, FineMapped
from sighthound.core.finemapping.names import COLUMNS, find, named
from sighthound.core.finemapping.pics import LEAST_R2, pics
from sighthound.core.finemapping.predicted import PredictedEffects
from sighthound.core.finemapping.recombination import GeneticMap
from sighthound.core.finemapping.susie_tables import SusieTable
from sighthound.core.genome.chromosomes import Chromosomes, own_names
from sighthound.precompute.studies.ld_tables import write_frame
from sighthound.precompute.studies.matched import StatisticsChoice

LEAD_P = 5e-8
LOCUS_BASES = 250_000
VARIANTS, PREDICTED, CHANGES = "variants", "predicted", "changes"


@dataclass(frozen=True)
class FineMappingChoice:
    """How loci are chosen and mapped.

    Attributes
    ----------
    lead : str, optional
        The variant to map around, by id or chrom:position; by default the variants of the smallest
        P, as long as it is at most `lead_p` and none is within `bases` of one before.
    bases : int
        How far from its lead a locus goes.
    method : str, optional
        Whose posterior counts; by default the first there is of SuSiE, PICS and Bayes factors.
    prior_sd : float
        Of effects, for Bayes factors.
    least_r2 : float
        Of candidates of PICS.
    level : float
        Of credible sets.
    """

    lead: str | None = None
    lead_p: float = LEAD_P
    bases: int = LOCUS_BASES
    method: str | None = None
    prior_sd: float = PRIOR_SD
    least_r2: float = LEAST_R2
    level: float = LEVEL


def fine_map(
    statistics: StatisticsChoice,
    choice: FineMappingChoice,
    ld: LeadLD | None = None,
    susie: SusieTable | None = None,
    genes: Genes | None = None,
) -> list[FineMapped]:
    """Map every locus of a study.

    Parameters
    ----------
    statistics : StatisticsChoice
        P suffices; beta and its error give Bayes factors.
    ld, susie, genes : optional

    Returns
    -------
    list of FineMapped, by the lead's P

    Raises
    ------
    SighthoundError
        The table cannot be read or is of several genes; the lead is not in it, or there is none;
        the panel has none of its variants; or the method that is asked for has not what it needs.
    """
    read = read_statistics(statistics.path, statistics.columns, statistics.gene, has_signs=False)
    rows, words = _rows(read, statistics)
    names = rows[list(COLUMNS)]
    leads = _leads(rows, names, choice, statistics.path)
    found = [_locus(rows, names, lead, choice, words, ld, susie, genes) for lead in leads]
    if ld is not None and not any(locus.variants["r2"].notna().sum() > 1 for locus in found):
        raise SighthoundError(
            f"no variant near {found[0].name} of {statistics.path} is known to the {ld.words}; "
            "give LD of the same assembly, by the same names"
        )
    return found


def _rows(read: Statistics, choice: StatisticsChoice) -> tuple[pd.DataFrame, list[str]]:
    """Variants with a P, each once, and what was left out."""
    table = read.table
    if table.has_genes and table.frame[table.columns["gene"]].nunique() > 1:
        raise SighthoundError(f"{choice.path} has rows of several genes; choose one (--gene)")
    rows = named(table.chrom, table.position, table.id, table.effect, table.other)
    # Names are without "chr", so that tables agree; the page has the table's own.
    given = rows["chrom"] if table.chrom is None else pd.Series(table.chrom.astype(str))
    rows["shown_chrom"] = given.str.removesuffix(".0")
    rows["log10_p"] = read.log10_p
    for role in ("beta", "se"):
        numbers = table.numbers(role)
        rows[role] = np.nan if numbers is None else numbers
    if "beta" not in table.columns and (odds := table.numbers("odds_ratio")) is not None:
        with np.errstate(divide="ignore", invalid="ignore"):
            rows["beta"] = np.log(odds)
    words = [f"{choice.path.name}: {len(rows):,} rows; statistics are {read.z_from}", *read.words]
    placed, tested = rows["position"] >= 0, np.isfinite(rows["log10_p"])
    if not placed.any():
        raise SighthoundError(
            f"{choice.path} does not say where its variants are; fine mapping needs chromosome and "
            "position"
        )
    p = table.numbers("p")
    below = np.flatnonzero(placed & ~tested & (p == 0)) if p is not None else np.zeros(0, int)
    if len(below):  # the strongest of all cannot be left out
        raise SighthoundError(
            f"{choice.path}, row {below[0] + 1:,}: P is 0, and nothing says how small it is; give "
            "-log10 P (--column log10_p NAME), or effects and their errors"
        )
    if (~tested | ~placed).any():
        words.append(
            f"left out: {int((~tested).sum()):,} rows without a statistic, "
            f"{int((~placed).sum()):,} without a place"
        )
    rows = rows[placed & tested].reset_index(drop=True)
    key = _variant_keys(rows)
    again = key.duplicated(keep=False)
    if again.any():
        differ = rows[again].groupby(key[again])["log10_p"].transform("nunique") > 1
        dropped = key.duplicated()
        dropped[differ.index[differ]] = True
        words.append(
            f"left out: {int(dropped.sum()):,} copies of a variant, of which "
            f"{int(differ.sum()):,} differ in their P and none of them is used"
        )
        rows = rows[~dropped].reset_index(drop=True)
    if len(rows) < 2:
        raise SighthoundError(
            f"{choice.path} has {len(rows)} variant{'s' if len(rows) != 1 else ''} with a place "
            "and a P; fine mapping needs at least two"
        )
    return rows, words


def _variant_keys(rows: pd.DataFrame) -> pd.Series:
    """What tells a variant: its place and alleles in either order; without alleles, its id."""
    low = rows["a"].where(rows["a"] <= rows["b"], rows["b"])
    high = rows["b"].where(rows["a"] <= rows["b"], rows["a"])
    what = (low + ":" + high).where((rows["a"] != "") & (rows["b"] != ""), rows["id"])
    return rows["chrom"] + ":" + rows["position"].astype(str) + ":" + what


def _leads(
    rows: pd.DataFrame, names: pd.DataFrame, choice: FineMappingChoice, path: Path
) -> list[int]:
    if choice.lead is not None:
        return [_asked_lead(names, choice.lead, path)]
    order = np.argsort(-rows["log10_p"].to_numpy(), kind="stable")
    best = rows.iloc[order[0]]
    if best["log10_p"] < -np.log10(choice.lead_p):
        raise SighthoundError(
            f"no variant of {path} has P of {choice.lead_p:g} or less: the smallest is "
            f"{10 ** -best['log10_p']:.2g}, of {said(best)}; raise --lead-p, or name a --lead"
        )
    taken = np.zeros(len(rows), bool)
    chrom, position = rows["chrom"].to_numpy(), rows["position"].to_numpy()
    leads = []
    for row in order:
        if rows["log10_p"].iat[row] < -np.log10(choice.lead_p):
            break
        if not taken[row]:
            leads.append(int(row))
            taken |= (chrom == chrom[row]) & (np.abs(position - position[row]) <= choice.bases)
    return leads


def _asked_lead(names: pd.DataFrame, text: str, path: Path) -> int:
    chrom, mark, position = text.replace(",", "").partition(":")
    asked = named(id=np.array([text], object))
    if mark and position.isdecimal():
        asked = named(
            np.array([chrom], object), np.array([int(position) - 1]), np.array([""], object)
        )
    (row,) = find(asked, names)
    if row < 0:
        raise SighthoundError(
            f"{path} has no variant {text!r} with a P, or several; write its id or "
            f"chromosome:position as it has them, as {said(names.iloc[0])}"
        )
    return int(row)


def _locus(
    rows: pd.DataFrame,
    names: pd.DataFrame,
    lead: int,
    choice: FineMappingChoice,
    words: list[str],
    ld: LeadLD | None,
    susie: SusieTable | None,
    genes: Genes | None,
) -> FineMapped:
    chrom, place = str(rows["chrom"].iat[lead]), int(rows["position"].iat[lead])
    start, end = max(0, place - choice.bases), place + choice.bases + 1
    near = (rows["chrom"] == chrom) & (rows["position"] >= start) & (rows["position"] < end)
    variants = rows[near].assign(is_lead=near.index[near] == lead, is_tested=True, r2=np.nan)
    missing: list[str] = []
    own_words = [*words]
    if ld is None:
        missing.append("LD: give --panel or --ld for colours and PICS")
    else:
        variants, lines = _with_ld(variants, names.iloc[[lead]], ld, choice, start, end)
        own_words += lines
        if variants["r2"].notna().sum() < 2:
            missing.append(f"LD: {said(names.iloc[lead])} is not known to the {ld.words}")
    variants = variants.sort_values("position", kind="stable").reset_index(drop=True)
    found, lacks = _posteriors(variants, choice, susie)
    variants = variants.assign(**found)
    missing += lacks
    method = _method(choice, found)
    variants["posterior"] = variants[method] if method else np.nan
    in_set = variants[f"{method}_set"] if method else np.zeros(len(variants), bool)
    variants["in_set"] = in_set != "" if method == SUSIE else in_set
    variants["position"] += 1
    shown = str(rows["shown_chrom"].iat[lead])
    variants = (
        variants.drop(columns="shown_chrom")
        .assign(chrom=shown)
        .rename(columns={"a": "effect", "b": "other"})
    )
    own_genes = [] if genes is None else _genes_near(genes, rows["chrom"], chrom, start, end)
    return FineMapped(
        said(names.iloc[lead]), shown, start, end, variants, method, choice.level,
        tuple(own_words), tuple(missing), own_genes,
    )  # fmt: skip


def _with_ld(
    variants: pd.DataFrame,
    lead: pd.DataFrame,
    ld: LeadLD,
    choice: FineMappingChoice,
    start: int,
    end: int,
) -> tuple[pd.DataFrame, list[str]]:
    """Variants with r2, and those that only the LD knows: candidates that were not tested."""
    known, r2 = ld.with_lead(lead, start, end)
    at = find(variants[list(COLUMNS)], known)
    variants = variants.assign(r2=np.where(at >= 0, np.r_[r2, np.nan][at], np.nan))
    variants.loc[variants["is_lead"], "r2"] = 1.0 if len(known) else np.nan
    if not len(known):
        return variants, []
    lacking = int(variants["r2"].isna().sum())
    others = np.setdiff1d(np.flatnonzero(r2 >= choice.least_r2), at)
    placed = others[(known["position"].to_numpy()[others] >= 0)]
    # What the LD knows at a place of the study, by other alleles, is another variant.
    more = known.iloc[placed].assign(r2=r2[placed], is_lead=False, is_tested=False)
    line = (
        f"{ld.words}: r2 with the lead of {len(variants) - lacking:,} of {len(variants):,} variants"
    )
    if lacking:
        line += f"; {lacking:,} have none and are no candidates of PICS"
    if len(more):
        line += (
            f"; {len(more):,} more, of r2 {choice.least_r2:g} or above, have no P and are "
            "candidates too"
        )
    return pd.concat((variants, more), ignore_index=True), [line]


def _posteriors(
    variants: pd.DataFrame, choice: FineMappingChoice, susie: SusieTable | None
) -> tuple[dict[str, Any], list[str]]:
    found: dict[str, Any] = {}
    missing: list[str] = []
    lead_p = float(variants.loc[variants["is_lead"], "log10_p"].iloc[0])
    if variants["r2"].notna().sum() > 1:
        found[PICS] = pics(lead_p, variants["r2"], choice.least_r2)
        found[f"{PICS}_set"] = credible_set(found[PICS], choice.level)
    logs = log_bayes_factors(variants["beta"], variants["se"], choice.prior_sd)
    if np.isfinite(logs).any():
        found["log_bf"] = logs
        found[ABF] = posteriors(logs)
        found[f"{ABF}_set"] = credible_set(found[ABF], choice.level)
    else:
        missing.append("approximate Bayes factors: the statistics have no effect and its error")
    if susie is not None:
        at = find(variants[list(COLUMNS)], susie.names)
        if (at < 0).all():
            raise SighthoundError(
                f"{susie.path} has none of the {len(variants):,} variants of the locus of "
                f"{said(variants[variants['is_lead']].iloc[0])}; give its table, of the same "
                "assembly and names"
            )
        found[SUSIE] = np.r_[susie.pip, np.nan][at]
        sets = np.append(susie.sets, "")[at]
        if not susie.sets.any():  # probabilities alone
            inside = credible_set(found[SUSIE], choice.level)
            sets = np.where(inside, "1", "").astype(object)
        found[f"{SUSIE}_set"] = sets
    return found, missing


def _method(choice: FineMappingChoice, found: Mapping[str, Any]) -> str:
    if choice.method is None:
        return next((method for method in (SUSIE, PICS, ABF) if method in found), "")
    if choice.method not in found:
        needs = {PICS: "LD (--panel, --ld)", ABF: "beta and se", SUSIE: "a table (--susie)"}
        raise SighthoundError(
            f"{METHODS[choice.method]} cannot be had: it needs {needs[choice.method]}"
        )
    return choice.method


def _genes_near(genes: Genes, chroms: pd.Series, chrom: str, start: int, end: int) -> list[Any]:
    """Genes of a place on one of the table's chromosomes."""
    known = Chromosomes({gene.chrom: 0 for gene in genes}, "the genes")
    own = own_names(pd.unique(chroms), known).get(chrom)
    return [gene for gene in genes if gene.chrom == own and gene.start < end and gene.end > start]


def with_recombination(locus: FineMapped, known: GeneticMap) -> FineMapped:
    """Add to a locus how often chromosomes recombine in it, or that the map does not say."""
    places, rates = known.rates(locus.chrom, locus.start, locus.end)
    name = known.path.name
    if not len(places):
        lack = (
            f"recombination: {name} has no rate at {locus.chrom}:{locus.start + 1:,}-{locus.end:,}"
        )
        return replace(locus, missing=(*locus.missing, lack))
    line = f"{name}: recombination of up to {np.nanmax(rates):.3g} cM/Mb"
    return replace(locus, said=(*locus.said, line), recombination=(places, rates))


def with_prior(locus: FineMapped, prior: np.ndarray, words: str) -> FineMapped:
    """Weigh a locus' posterior anew by a prior, (variants,), that was made of predictions."""
    if not locus.method:
        return locus
    even = locus.variants[locus.method].to_numpy(np.float64)
    with np.errstate(divide="ignore"):
        after = posteriors(np.log(even), prior)
    inside = credible_set(after, locus.level)
    variants = locus.variants.assign(prior=prior, posterior=after, in_set=inside)
    return replace(locus, variants=variants, said=(*locus.said, words))


def write_variants(folder: Path, loci: list[FineMapped], about: Mapping[str, Any]) -> None:
    """Write the variants of all loci as Parquet and TSV, a row a locus and variant."""
    parts = []
    for locus in loci:
        part = locus.variants.copy()
        part.insert(0, "locus", locus.name)
        part.insert(1, "method", locus.method)
        parts.append(part)
    table = pd.concat(parts, ignore_index=True)
    for ending in ("parquet", "tsv"):
        write_frame(folder / f"{VARIANTS}.{ending}", table, about)


def write_predictions(
    folder: Path, loci: list[FineMapped], found: list[PredictedEffects], about: Mapping[str, Any]
) -> None:
    """Write what is predicted of all loci: log2 ratios of every track, and genes that change."""
    effects, changes = [], []
    for locus, one in zip(loci, found, strict=True):
        log2 = pd.DataFrame(one.log2, columns=list(one.tracks))
        own = pd.concat((one.variants.drop(columns="row"), log2), axis=1)
        effects.append(own.assign(locus=locus.name))
        changes.append(one.changes.assign(locus=locus.name))
    for name, parts in ((PREDICTED, effects), (CHANGES, changes)):
        table = pd.concat(parts, ignore_index=True)
        for ending in ("parquet", "tsv"):
            write_frame(folder / f"{name}.{ending}", table, about)


def page_name(locus: FineMapped) -> str:
    """Name the file of a locus' page."""
    return f"{locus_name(locus.name)}.html"
