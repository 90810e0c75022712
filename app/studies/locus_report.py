"""The page of a fine-mapped locus: one HTML file that stands alone."""

from __future__ import annotations

from collections.abc import Sequence
from html import escape
from pathlib import Path

from sighthound.app.evaluation.standalone import figure_html, standalone_html, table_html
from sighthound.app.figures.numbers import plain
from sighthound.app.studies.locus_figures import locus_figure, p_words
from sighthound.app.studies.locus_predicted import predicted_html
from sighthound.core.files import write_text
from sighthound.core.finemapping.locus import METHODS, SUSIE, FineMapped
from sighthound.core.finemapping.predicted import PredictedEffects

MOST_ROWS = 40  # of the table on the page; the files have all


def locus_summary(locus: FineMapped) -> str:
    """Say in a few sentences what was found."""
    lead = locus.lead
    tested = int(locus.variants["is_tested"].sum())
    words = (
        f"{tested:,} variants with a P within {locus.chrom}:{locus.start + 1:,}-{locus.end:,}; the "
        f"lead is {locus.name}, P {p_words(lead['log10_p'])}. "
    )
    if not locus.method:
        return words + "No method could be used: posteriors need LD, or effects and their errors."
    best, inside = locus.ranked.iloc[0], locus.credible
    name = best["id"] or f"{locus.chrom}:{best['position']:,}"
    words += (
        f"By {METHODS[locus.method]}, {name} is the most probable, with {plain(best['posterior'])}"
    )
    words += "" if best["is_lead"] else ", and not the lead"
    words += f"; the {locus.level:.0%} credible set has {len(inside):,} variant"
    words += "s" if len(inside) != 1 else ""
    if locus.method == SUSIE:
        return f"{words}."
    return f"{words}. The method takes one variant of the locus to be causal."


def write_locus_page(
    file: Path, locus: FineMapped, title: str, predicted: PredictedEffects | None = None
) -> None:
    """Write the page of a locus."""
    write_text(file, locus_html(locus, title, predicted))


def locus_html(locus: FineMapped, title: str, predicted: PredictedEffects | None = None) -> str:
    """Make the page's HTML; it loads nothing."""
    no_model = ("predicted effects and mutagenesis: give a project with a model (--project)",)
    missing = locus.missing + (no_model if predicted is None else predicted.missing)
    parts = [
        f"<h1>{escape(title)}: the locus of {escape(locus.name)}</h1>",
        f"<p>{escape(locus_summary(locus))}</p>",
        *_missing(missing),
        '<h2 id="association">Association, LD and posterior</h2>',
        "<p>A point is a variant with a P; its colour is LD with the lead. Below, how probable it "
        "is that the variant is the causal one"
        f"{_untested_words(locus)}"
        f"{_recombination_words(locus)}.</p>",
        figure_html(locus_figure(locus), "association"),
        *_variants(locus),
        *([] if predicted is None else predicted_html(predicted)),
        f'<h2 id="read">What was read</h2>'
        f"{_list(locus.said + (() if predicted is None else predicted.said))}",
    ]
    return standalone_html(f"{title}: {locus.name}", parts)


def _untested_words(locus: FineMapped) -> str:
    more = int((~locus.variants["is_tested"]).sum())
    if not more:
        return ""
    which = "a variant" if more == 1 else f"{more:,} variants"
    have = "its own that is" if more == 1 else "their own that are"
    return f", also of {which} without a P of {have} in LD with the lead"


def _recombination_words(locus: FineMapped) -> str:
    if locus.recombination is None:
        return ""
    return "; then how often chromosomes recombine there, by the genetic map"


def _missing(missing: Sequence[str]) -> list[str]:
    if not missing:
        return []
    return [f'<h2 id="missing">What is missing</h2>{_list(missing)}']


def _list(lines: Sequence[str]) -> str:
    return f"<ul>{''.join(f'<li>{escape(words)}</li>' for words in lines)}</ul>"


def _variants(locus: FineMapped) -> list[str]:
    methods = [method for method in METHODS if method in locus.variants]
    has_prior = "prior" in locus.variants
    head = ["variant", "position", "alleles", "P", "r²", *(_SHORT[m] for m in methods)]
    head += ["prior", "posterior"] if has_prior else []
    head += ["in the set"]
    ranked = locus.ranked
    rows = []
    for row in ranked.head(max(MOST_ROWS, int(ranked["in_set"].sum()))).to_dict("records"):
        numbers = [row[m] for m in methods]
        numbers += [row["prior"], row["posterior"]] if has_prior else []
        rows.append(
            (
                row["id"] or "–", f"{row['position']:,}",
                f"{row['other']}>{row['effect']}" if row["effect"] else "–",
                p_words(row["log10_p"]), _share(row["r2"]), *map(_share, numbers),
                "yes" if row["in_set"] else "",
            )
        )  # fmt: skip
    words = (
        f"The {len(rows):,} most probable of {len(ranked):,}; variants.tsv and variants.parquet "
        "beside this file have all. Alleles are other>effect, as the table has them."
        if len(rows) < len(ranked)
        else "Alleles are other>effect, as the table has them."
    )
    numeric = {1, *range(3, len(head) - 1)}
    return [
        '<h2 id="variants">Variants</h2>',
        f"<p>{words}</p>",
        table_html(head, rows, numeric),
    ]


_SHORT = {"pics": "PICS", "abf": "by Bayes factors", "susie": "SuSiE"}


def _share(value: float) -> str:
    return "–" if value != value else plain(value) if value >= 1e-12 or value == 0 else "< 1e-12"
