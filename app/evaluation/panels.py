"""All figures of an evaluation in their order, each with its number in the paper and what it says.

What is missing is a panel too: with a reason, and without a figure. Numbers in words are taken from
the tables, like those that are drawn.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import pandas as pd
import plotly.graph_objects as go

from sighthound.app.evaluation import bins, by_assay, elements, genes
from sighthound.app.evaluation.looks import number
from sighthound.app.project_state import uncounted
from sighthound.core.project.evaluation import (
    ALL,
    MASKED,
    MEMBERS_FIGURE,
    TRACKS_FILE,
    About,
    read_about,
    read_table,
)
from sighthound.core.tracks.track import Track


@dataclass(frozen=True)
class Panel:
    """A figure with its words.

    Attributes
    ----------
    id : str
        For addresses and files.
    paper : str
        Its number in Kelley et al. 2018, as "2B"; empty for what is not in there.
    title : str
    words : str
        What is drawn, over what; or why it is not.
    figure : Figure or None
    """

    id: str
    paper: str
    title: str
    words: str
    figure: go.Figure | None = None


@dataclass(frozen=True)
class Evaluation:
    """What was read of an evaluation.

    Attributes
    ----------
    tracks : mapping
        Of the table of tracks, by id: names and assays.
    is_partial : bool
        Whether there are others that are left out everywhere, and with them all that is of several
        tracks together.
    """

    folder: Path
    about: About
    tracks: Mapping[str, Track]
    is_partial: bool = False

    def table(self, name: str) -> pd.DataFrame:
        """Read a table, rows of tracks with `name` and `assay`."""
        found = read_table(self.folder, name)
        if self.is_partial:
            found = found[found["track"].isin(list(self.tracks))]
            if "ceiling_of" in found:
                found = found.assign(ceiling_of=[uncounted(of) for of in found["ceiling_of"]])
        if "track" in found and "column" not in found:
            names = self.names
            assays = {id: track.assay for id, track in self.tracks.items()}
            found = found.assign(
                name=[names.get(track, track) for track in found["track"]],
                assay=[assays.get(track, "") for track in found["track"]],
            )
        return found

    @property
    def names(self) -> dict[str, str]:
        """Names of tracks by id."""
        return {id: track.name for id, track in self.tracks.items()}

    def accuracy(self, bin_size: int | None = None, region: str = MASKED) -> pd.DataFrame:
        """Rows of tracks.tsv of one size of bins, by default that of the figures."""
        found = self.table(TRACKS_FILE)
        size = self.about.bin if bin_size is None else bin_size
        return found[(found["bin"] == size) & (found["region"] == region)]


def open_evaluation(
    folder: Path, tracks: Iterable[Track], is_partial: bool = False
) -> Evaluation | None:
    """Open what `sighthound evaluate` wrote; None where there is none.

    `tracks` and `is_partial` are those of `Evaluation`.

    Raises
    ------
    SighthoundError
        It is damaged, or of another version.
    """
    about = read_about(folder)
    if about is None:
        return None
    return Evaluation(folder, about, {track.id: track for track in tracks}, is_partial)


def panels(found: Evaluation) -> list[Panel]:
    """Draw all figures of an evaluation, those that cannot be drawn without one.

    Of a part of the tracks, those that are of each track alone.
    """
    if found.is_partial:
        return list(_tracks(found))
    parts: Sequence[Callable[[Evaluation], Iterator[Panel]]] = (
        _tracks, _scatter, _replicates, _contrasts, _effects, _peaks, _strata, _expression,
        _profiles, _elements, _sites, _ablation,
    )  # fmt: skip
    return [panel for part in parts for panel in part(found)]


def summary(found: Evaluation) -> str:
    """Say in a sentence or two how right the model is."""
    masked, every = found.accuracy(), found.accuracy(region=ALL)
    known = masked[masked["pearson_log1p"].notna()]
    if known.empty:
        return "No track has data and signal in this fold."
    sentence = (
        f"Mean r of log(1 + value) over {len(known):,} tracks: "
        f"{number(known['pearson_log1p'].mean())} on masked bins of {found.about.bin:,} bp, "
        f"{number(every['pearson_log1p'].mean())} on all."
    )
    with_ceiling = known[known["ceiling_log1p"].notna()]
    if with_ceiling.empty:
        sentence += " No track has a replicate, so that no ceiling is known."
    else:
        sentence += (
            f" Where replicates are known ({len(with_ceiling):,} tracks) it is "
            f"{number(with_ceiling['pearson_log1p'].mean())}, and they reach "
            f"{number(with_ceiling['ceiling_log1p'].mean())}."
        )
    within = int(known["level"].between(0.95, 1.05).sum())
    return f"{sentence} Levels of {within:,} of {len(known):,} tracks are within 5 %."


def _tracks(found: Evaluation) -> Iterator[Panel]:
    masked = found.accuracy()
    lack = _lack(found, "2B")
    over = f"masked bins of {found.about.bin:,} bp of the {found.about.fold} fold"
    if lack:
        yield Panel("accuracy", "2B", "Accuracy by assay", lack)
        return
    yield Panel(
        "accuracy", "2B", "Accuracy by assay",
        f"A point is a track, over {over}; a stroke is the ceiling that its replicates set.",
        by_assay.accuracy_figure(masked),
    )  # fmt: skip
    every = found.accuracy(region=ALL)
    if every["n_bins"].sum() > masked["n_bins"].sum():
        yield _on_all_bins(found, every)
    yield Panel(
        "levels", "", "Levels",
        f"Mean of the prediction over mean of the experiment, over {over}; the band is 5 % around "
        "1, where totals are right.",
        by_assay.level_figure(masked[masked["level"].notna()]),
    )  # fmt: skip


def _on_all_bins(found: Evaluation, every: pd.DataFrame) -> Panel:
    return Panel(
        "accuracy-all", "", "The same on all bins",
        f"All bins of {found.about.bin:,} bp, those of the blacklist among them, as of repeats, "
        "where what is stored is often no measurement.",
        by_assay.accuracy_figure(every),
    )  # fmt: skip


def _scatter(found: Evaluation) -> Iterator[Panel]:
    cells = found.table("scatter.tsv")
    if cells.empty:
        yield Panel("scatter", "2C", "The median track of every assay", _lack(found, "2C"))
        return
    yield Panel(
        "scatter", "2C", "The median track of every assay",
        f"Bins of {found.about.bin:,} bp in cells of log(1 + value), darker where there are more; "
        "the line is where both are the same.",
        bins.scatter_figure(cells, found.accuracy().set_index("track")),
    )  # fmt: skip


def _replicates(found: Evaluation) -> Iterator[Panel]:
    table = found.table("replicates.tsv")
    for relation, id, paper, title in (
        ("replicates", "replicates", "2D, S2", "Does a prediction agree with a replicate?"),
        ("samples", "samples", "S3", "Does it agree with other samples of the assay?"),
    ):
        own = table[(table["relation"] == relation) & table["prediction"].notna()]
        if own.empty:
            yield Panel(id, paper, title, _lack(found, paper))
            continue
        better = int((own["prediction"] > own["experiments"]).sum())
        what = "a replicate" if relation == "replicates" else "another sample"
        if relation == "replicates":
            verdict = (
                "So a prediction says more of a replicate than the experiment does."
                if better > len(own) / 2
                else "So a prediction does not beat a replicate here."
            )
        else:
            nearer = int((own["own"] > own["prediction"]).sum())
            verdict = (
                f"In {nearer:,} of {len(own):,} a prediction agrees with its own sample better "
                "than with the other."
            )
        yield Panel(
            id, paper, title,
            f"The prediction of a track agrees with {what}\u2019s experiment better than its own "
            f"experiment does in {better:,} of {len(own):,} pairs (above the line); mean r "
            f"{number(own['prediction'].mean())} against {number(own['experiments'].mean())}. "
            f"{verdict}",
            bins.concordance_figure(own, found.names),
        )  # fmt: skip


def _contrasts(found: Evaluation) -> Iterator[Panel]:
    table = found.table("contrasts.tsv")
    known = table[table["pearson"].notna()]
    title = "Does it know what sets two samples apart?"
    if known.empty:
        yield Panel("contrasts", "", title, "No two samples of one assay and strand are predicted.")
        return
    most = known["ceiling"].dropna()
    ceiling = (
        f"where replicates reach {number(float(most.median()))} (median of {len(most):,})"
        if len(most)
        else "with no replicates to say what could be reached"
    )
    median = number(float(known["pearson"].median()))
    yield Panel(
        "contrasts", "", title,
        "The contrast of two tracks in a bin is log\u2082((A + 1) / (B + 1)). Over "
        f"{len(known):,} pairs of samples of one assay and strand, predicted and measured "
        f"contrasts agree with a median r of {median}, {ceiling}; bars are 95 % intervals.",
        bins.contrasts_figure(known, found.names),
    )  # fmt: skip


def _effects(found: Evaluation) -> Iterator[Panel]:
    table = found.table("effects.tsv")
    title = "Do its networks agree on effects of single changes?"
    if table.empty or table["spearman"].isna().all():
        lack = _lack(found, MEMBERS_FIGURE) or "this evaluation did not compare networks"
        yield Panel("effects", "", title, lack)
        return
    first = table.iloc[0]
    known, sign, of_model = (
        f"{float(table[column].median()):.0%}" if column != "model_spearman"
        else number(float(table[column].median()))
        for column in ("known", "same_sign", "model_spearman")
    )  # fmt: skip
    yield Panel(
        "effects", "", title,
        f"SAD of {first['of']}, both strands and shifts of a third of a bin averaged. Two of the "
        f"{int(first['members'])} networks that taught the model agree with a Spearman correlation "
        f"of {number(float(table['spearman'].median()))}, a network and the model with {of_model}; "
        f"all have one sign in {sign}. Known, where none contradicts and their mean is at least "
        f"their standard deviation, are {known} (medians of {len(table):,} tracks; whiskers in the "
        "table are 95 % intervals over starts, networks held).",
        by_assay.effects_figure(table[table["spearman"].notna()]),
    )  # fmt: skip


def _peaks(found: Evaluation) -> Iterator[Panel]:
    peaks = found.table("peaks.tsv")
    known = peaks[peaks["auprc"].notna()]
    title = "Peaks told from the rest"
    if known.empty:
        yield Panel("peaks", "S1", title, _lack(found, "S1"))
        return
    yield Panel(
        "peaks", "S1", title,
        "Peaks are bins improbable for a Poisson distribution of the track\u2019s mean, at a false "
        "discovery rate of 1 % (Benjamini and Hochberg). By chance AUPRC is the share of peaks; "
        f"values are taken as counts. {_noted(peaks)}",
        by_assay.peaks_figure(known),
    )  # fmt: skip


def _strata(found: Evaluation) -> Iterator[Panel]:
    strata = found.table("strata.tsv")
    if strata.empty:
        yield Panel(
            "strata",
            "",
            "Where predictions are good",
            "no stratum has enough bins with signal, or the project has no genes",
        )
        return
    yield Panel(
        "strata", "", "Where predictions are good",
        f"Median r of an assay\u2019s tracks over masked bins of {found.about.bin:,} bp: by "
        "distance to the nearest annotated start, and over the bins of genes by the track\u2019s "
        "mean there. r within a stratum is lower than over all, since less varies.",
        bins.strata_figure(strata),
    )  # fmt: skip


def _expression(found: Evaluation) -> Iterator[Panel]:
    table = found.table("genes.tsv")
    known = table[table["pearson"].notna()]
    if known.empty:
        yield Panel("expression", "3A, 3B", "Expression of genes", _lack(found, "3A"))
        return
    yield Panel(
        "expression", "3A", "Expression of genes",
        f"r of log\u2082(1 + value) at the starts of held-out genes, bins of {found.about.bin:,} "
        "bp, on stranded tracks on the gene\u2019s strand; lines are 95 % intervals over genes. "
        f"{_noted(table)}",
        genes.expression_figure(known),
    )  # fmt: skip
    yield Panel(
        "depth", "3B", "Expression against depth",
        "Whether deeper experiments are predicted better.",
        genes.depth_figure(known),
    )  # fmt: skip


def _profiles(found: Evaluation) -> Iterator[Panel]:
    heat, clusters = found.table("heat_map.parquet"), found.table("clusters.tsv")
    titles = {
        "heat-map": ("3C, S5", "Which experiments have more of a gene than others"),
        "gene-correlations": ("3D", "r over experiments, gene by gene"),
        "variation": ("S6", "Error by variation"),
    }
    if heat.empty or clusters.empty:
        for id, (paper, title) in titles.items():
            yield Panel(id, paper, title, _lack(found, paper))
        return
    (row,) = clusters.to_dict("records")
    yield Panel(
        "heat-map", *titles["heat-map"],
        f"Quantile-normalised log\u2082(1 + value) around every gene\u2019s mean, {row['of']}; "
        f"both in the order of the measured dendrograms. {row['clusters']} clusters of Gaussian "
        "mixtures, of measured and of predicted profiles apart, agree with an adjusted Rand index "
        f"of {number(row['adjusted_rand'])} (p {row['p']:.3g} by {row['permutations']:,} "
        "permutations).",
        genes.heat_map_figure(heat),
    )  # fmt: skip
    correlations = found.table("gene_correlations.tsv")
    median, other = (number(correlations[c].median()) for c in ("pearson", "pearson_other"))
    yield Panel(
        "gene-correlations", *titles["gene-correlations"],
        f"Median {median} over {int(correlations['columns'].iloc[0])} experiments; with the "
        f"prediction of another gene, drawn at random, {other}: only what lies beyond that is "
        "known of a gene.",
        genes.gene_correlations_figure(correlations),
    )  # fmt: skip
    values = found.table("gene_values.parquet")
    values = values[values["column"].isin(set(heat["column"]))]
    yield Panel(
        "examples", "3D", "Genes at the 95th, 75th, 50th and 25th percentile",
        "Measured and predicted log\u2082(1 + value), before normalisation.",
        genes.examples_figure(values, correlations),
    )  # fmt: skip
    yield Panel(
        "variation", *titles["variation"],
        "Mean squared error of normalised predictions over genes that vary little to much, beside "
        "that of saying each gene\u2019s measured mean for every experiment.",
        genes.variation_figure(found.table("variation.tsv")),
    )  # fmt: skip


def _elements(found: Evaluation) -> Iterator[Panel]:
    tests, curves = found.table("elements.tsv"), found.table("element_curves.tsv")
    title = "Saliency of annotated elements"
    if tests.empty or curves.empty:
        yield Panel("elements", "4B", title, _lack(found, "4B"))
        return
    yield Panel(
        "elements", "4B", title,
        "The largest saliency in an element, as a share of that of its start, beside places of the "
        "same lengths and distances from other starts, without any element; Mann-Whitney U test, "
        "on the track where a kind stands out most, so that p is optimistic with several tracks.",
        elements.elements_figure(curves, tests),
    )  # fmt: skip


def _sites(found: Evaluation) -> Iterator[Panel]:
    table, title = found.table("sites.tsv"), "Explanations at binding sites"
    if table.empty:
        yield Panel("sites", "", title, _lack(found, "of binding sites"))
        return
    own = table[table["kind"] == "all"]
    own = own if len(own) else table
    best = own.sort_values("near").iloc[-1]
    yield Panel(
        "sites", "", title,
        "Shares of measured binding sites in promoters of which the strongest base within 50 lies "
        "within 10 of the site, beside places as far from other starts without such a site (grey); "
        "strength is the size of a base\u2019s contribution to what is predicted at the start. At "
        f"best {best['near']:.0%} ({best['method']}, {best['name']}), by chance "
        f"{best['by_chance']:.0%}.",
        elements.sites_figure(table),
    )  # fmt: skip


def _ablation(found: Evaluation) -> Iterator[Panel]:
    table, title = found.table("ablation.tsv"), "Accuracy against the depth of the experiment"
    known = table[table["share"].notna() & table["pearson_log1p"].notna()]
    if known.empty:
        yield Panel("ablation", "", title, _lack(found, "of depth"))
        return
    yield Panel(
        "ablation", "", title,
        "r of log(1 + value) between the prediction and the experiment with each read kept with a "
        "probability: the same network against less evidence. Dotted: between these reads and all "
        "others of the experiment, as far as they tell of each other. "
        f"{_noted(table)}",
        bins.ablation_figure(known),
    )  # fmt: skip


def _lack(found: Evaluation, paper: str) -> str:
    """Why a figure is not there; empty for one that is."""
    for numbers, reason in found.about.missing.items():
        if set(numbers.split(", ")) & set(paper.split(", ")):
            return reason
    return ""


def _noted(table: pd.DataFrame) -> str:
    """Say which rows have no number, and why."""
    noted = table[table["note"] != ""]
    name = "track" if "track" in table else "column"
    some = [f"{row[name]} ({row['note']})" for row in noted[:6].to_dict("records")]
    more = f" and {len(noted) - 6:,} more" if len(noted) > 6 else ""
    return f"Not drawn: {', '.join(some)}{more}." if some else ""
