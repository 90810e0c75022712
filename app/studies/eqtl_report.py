"""A study of eQTL as a report: figures and words, from its tables alone."""

from __future__ import annotations

from html import escape
from pathlib import Path
from typing import Any

import pandas as pd

from sighthound.app.evaluation.looks import interval, number
from sighthound.app.evaluation.panels import Panel
from sighthound.app.evaluation.report import panel_html
from sighthound.app.evaluation.standalone import standalone_html, table_html
from sighthound.app.studies.eqtl_figures import (
    FEWEST,
    TOP,
    distance_figure,
    enrichment_figure,
    genes_figure,
    haplotypes_figure,
    interval_of,
    qq_figure,
    signs_figure,
)
from sighthound.core.expression.study import (
    CEILINGS,
    ENRICHMENT,
    EVERYWHERE,
    FITS,
    HAPLOTYPE_FITS,
    HAPLOTYPES,
    REPORT_FILE,
    SHUFFLES,
    SIGNS,
    read_study,
    read_table,
)
from sighthound.core.files import write_text
from sighthound.core.tracks.metrics import LEAST_BINS as LEAST_PAIRS

_ENRICHED = "Are significant eQTL where they are predicted?"
_SHUFFLED_BELOW, _TURNED_BELOW = "shuffled_below_0.05", "signs_below_0.05"


def write_eqtl_report(folder: Path, title: str) -> Path:
    """Write the report of a study beside its tables; give its path."""
    report = folder / REPORT_FILE
    write_text(report, eqtl_html(folder, title))
    return report


def eqtl_html(folder: Path, title: str) -> str:
    """Make the report's HTML; it loads nothing."""
    about = read_study(folder)
    settings = about.settings
    made = [f"Sighthound {about.version}"]
    if settings.get("panel"):
        made.append(
            f"LD of {settings['people']:,} people of {settings['panel']}, {settings['window']:,} "
            f"bp each way; variants up to {settings['cis']:,} bp from a start"
        )
    parts = [
        f"<h1>{escape(title)}: predicted effects and eQTL</h1>",
        f'<p class="quiet">{escape("; ".join(made))}. Each figure is drawn from a table beside '
        "this file; intervals are 95 %, over blocks of neighbouring genes.</p>",
        "<ul>",
        *(f"<li>{escape(words)}</li>" for words in summary(folder)),
        "</ul>",
    ]
    fits = read_table(folder, FITS)
    if len(fits):
        parts += [
            '<h2 id="fits">Does |SED-LD| say more than LD?</h2>',
            "<p>Chi-squared of every variant and gene, regressed on LD score and |SED-LD|; "
            "\u201c... and distance\u201d has four classes of distance from the start, and the LD "
            "score of each, beside. Ranks are among the same regression of shuffled SED: of other "
            "variants at the same distance, or with signs turned at random, which keeps sizes and "
            "has about as large a z even where SED are right: it says what sizes do by "
            "themselves.</p>",
            table_html(_FIT_HEADS, _fit_rows(fits), range(2, len(_FIT_HEADS))),
        ]
    parts += map(panel_html, _panels(folder))
    haplotypes = read_table(folder, HAPLOTYPE_FITS)
    if len(haplotypes):
        parts += [
            '<h2 id="haplotype-table">Haplotypes: every readout</h2>',
            table_html(_HAPLOTYPE_HEADS, _haplotype_rows(haplotypes), range(3, 9)),
        ]
    parts += [
        '<h2 id="read">What was read</h2><ul>',
        *(f"<li>{escape(words)}</li>" for words in (*_samples_words(about.samples), *about.said)),
        "</ul>",
    ]
    return standalone_html(f"{title}: eQTL", parts)


def summary(folder: Path) -> list[str]:
    """Say in a sentence each what was found, and what was not."""
    about, found = read_study(folder), []
    enrichment, signs = read_table(folder, ENRICHMENT), read_table(folder, SIGNS)
    for sample, own in read_table(folder, FITS).groupby("sample", sort=False):
        said = [
            f"{row.model}: z {number(row.z)}, P {row.p:.2g}, by rank among shuffled SED "
            f"{row.p_shuffled:.2g}, among turned signs {row.p_signs:.2g}"
            for row in own.itertuples()
        ]
        last = own.iloc[-1]
        is_found = last.z > 0 and max(last.p, last.p_shuffled) < 0.05
        verdict = (
            "|SED-LD| goes with chi-squared beyond LD, distance and shuffled SED"
            if is_found
            else "no effect of |SED-LD| beyond LD and distance that is told from shuffled SED"
        )
        found.append(f"{sample}: {verdict} ({'; '.join(said)}).")
        top = enrichment[
            (enrichment["sample"] == sample) & (enrichment["distance"] == EVERYWHERE)
            & (enrichment["quantile"] == TOP)
        ]  # fmt: skip
        words = [
            f"{interval_of(row, 'enrichment')} (beside {row.model}; of shuffled SED "
            f"{interval_of(row, 'chance')})"
            for row in top.itertuples()
        ]
        if words:
            found.append(
                f"{sample}: significant eQTL in the fifth of pairs with the highest prediction, "
                f"over those in all: {', '.join(words)}."
            )
        own_signs = signs[
            (signs["sample"] == sample) & signs["quantile"].isin([0, TOP])
            & ((signs["quantile"] == 0) | (signs["significant"] >= FEWEST))
        ]  # fmt: skip
        shares = [
            f"{interval_of(row, 'share')} of {row.significant:,}" for row in own_signs.itertuples()
        ]
        if shares:
            r = interval(*about.spearman[str(sample)])
            found.append(
                f"{sample}: significant eQTL whose sign is predicted: {shares[0]}"
                + (f"; of the fifth of largest |SED-LD| {shares[1]}" if shares[1:] else "")
                + f"; 0.5 is chance. Spearman r of z with SED-LD {r}."
            )
    fits = read_table(folder, HAPLOTYPE_FITS)
    for experiment, own in fits.groupby("experiment", sort=False):
        best = own.loc[own["group"].eq("all")].dropna(subset=["spearman"])
        if len(best):
            row = best.iloc[-1]
            found.append(
                f"haplotypes, {experiment}: Spearman r {interval_of(row, 'spearman')} over "
                f"{row.n:,} genes ({row.readout}); same sign in the quarter of largest predictions "
                f"{interval_of(row, 'same_sign_strong')}."
            )
    return found


def _samples_words(samples: Any) -> list[str]:
    return [
        f"{name}: " + ", ".join(f"{what} {value}" for what, value in own.items())
        for name, own in samples.items()
    ]


_FIT_HEADS = (
    "sample", "beside", "genes", "pairs", "slope", "z", "P", "rank, shuffled", "rank, signs",
    "R\u00b2 without", "R\u00b2 with",
)  # fmt: skip


def _fit_rows(fits: pd.DataFrame) -> list[tuple[str, ...]]:
    return [
        (
            row.sample, row.model, f"{row.genes:,}", f"{row.pairs:,}",
            f"{row.slope:.3g}", number(row.z), f"{row.p:.2g}", f"{row.p_shuffled:.2g}",
            f"{row.p_signs:.2g}", number(row.r2_without, 4), number(row.r2_with, 4),
        )
        for row in fits.itertuples()
    ]  # fmt: skip


_HAPLOTYPE_HEADS = (
    "experiment", "genes", "readout", "n", "Spearman r", "same sign", "of", "strong: same sign",
    "of",
)  # fmt: skip


def _haplotype_rows(fits: pd.DataFrame) -> list[tuple[str, ...]]:
    return [
        (
            row.experiment, row.group, row.readout, f"{row.n:,}",
            interval_of(row, "spearman"), interval_of(row, "same_sign"), f"{row.signed:,}",
            interval_of(row, "same_sign_strong"),
            f"{row.strong:,}",
        )
        for row in fits.itertuples()
    ]  # fmt: skip


def _panels(folder: Path) -> list[Panel]:
    found = []
    shuffles, fits = read_table(folder, SHUFFLES), read_table(folder, FITS)
    if len(shuffles):
        found.append(
            Panel(
                "qq", "", "Is the test calibrated?",
                "P of |SED-LD| from the same regression with shuffled SED, against what P of "
                "nothing would be; the band holds 95 % of each. Blue: SED of other variants at the "
                "same distance; orange: signs turned at random. The dotted line is P of the real "
                "SED. "
                + _calibration_words(fits),
                qq_figure(shuffles, fits),
            )
        )  # fmt: skip
    enrichment = read_table(folder, ENRICHMENT)
    if len(enrichment):
        of_all = enrichment[enrichment["quantile"] == 0]
        own = enrichment[(enrichment["distance"] == EVERYWHERE) & (enrichment["quantile"] > 0)]
        if of_all["significant"].max() < FEWEST:
            lack = f"fewer than {FEWEST} pairs are significant"
            return [*found, Panel("enrichment", "5B, S7A", _ENRICHED, lack)]
        found += [
            Panel(
                "enrichment", "5B, S7A", _ENRICHED,
                "Pairs that pruning leaves, in five quantiles of what |SED-LD| adds to the "
                "expected chi-squared (5: most; fitted without the pair's own neighbourhood): the "
                "share that is significant, over that of all pairs. Grey: what holds 95 % of the "
                "same with shuffled SED, which knows no more than how far the variants around lie.",
                enrichment_figure(own),
            ),
            Panel(
                "distance", "5C, S7B", "The highest fifth, by distance from the start",
                "The same for pairs of each class of distance, in quantiles of its own: enrichment "
                f"of the fifth quantile, of classes with {FEWEST} significant pairs or more.",
                distance_figure(enrichment),
            ),
        ]  # fmt: skip
    signs = read_table(folder, SIGNS)
    signs = signs[(signs["significant"] >= FEWEST) & (signs["quantile"] > 0)]
    if len(signs):
        found.append(
            Panel(
                "signs", "", "Do they point the right way?",
                "Share of significant eQTL whose sign is that of SED-LD, in quantiles of |SED-LD| "
                "(5: largest).",
                signs_figure(signs),
            )
        )  # fmt: skip
    haplotypes = read_table(folder, HAPLOTYPE_FITS)
    if len(haplotypes):
        ceilings = read_table(folder, CEILINGS)
        has_r = bool(haplotypes["spearman"].notna().any())
        found += [
            Panel(
                "haplotypes", "", "Whole haplotypes against measured effects",
                "Spearman r of measured effects on genes with those predicted of all variants "
                f"together. {_ceiling_words(ceilings)}"
                if has_r
                else f"no r is given of fewer than {LEAST_PAIRS} genes",
                haplotypes_figure(haplotypes) if has_r else None,
            ),
            Panel(
                "genes", "", "Gene by gene",
                "A point is a gene: the measured effect against the predicted one, log\u2082, or "
                "in standard deviations where readouts are averaged.",
                genes_figure(read_table(folder, HAPLOTYPES)),
            ),
        ]  # fmt: skip
    return found


def _calibration_words(fits: pd.DataFrame) -> str:
    said = [
        f"{row['sample']}, {row['model']}: {100 * row[_SHUFFLED_BELOW]:.1f} % and "
        f"{100 * row[_TURNED_BELOW]:.1f} %"
        for _, row in fits.iterrows()
    ]
    return f"At most 0.05 are (5 % would be, of nothing): {'; '.join(said)}."


def _ceiling_words(ceilings: pd.DataFrame) -> str:
    if not len(ceilings):
        return "Nothing was measured twice: no ceiling is known."
    said = [
        f"{interval_of(row, 'spearman')} ({row.group}, {row.n:,} genes)"
        for row in ceilings.head(4).itertuples()
    ]
    first = ceilings.iloc[0]
    return (
        f"The effects of two experiments, {first.experiment} and {first.other}, agree with r "
        f"{', '.join(said)}."
    )
