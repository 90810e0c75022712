"""What a model's card says of its accuracy, and where not to believe it, from the tables."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence

import numpy as np
import pandas as pd

from sighthound.core.project.evaluation import MASKED, TRACKS_FILE
from sighthound.core.project.model_card import CardLine
from sighthound.core.tracks.track import Track

WITHIN = 0.1  # of 1, levels that are not worth a word
FAR = 0.8  # of the ceiling, below which a prediction is far from it
POOR = 0.5  # r below which a track is hardly predicted
DOUBTED = 0.8  # share of effects that are known, below which a word is due
_SOME = 6  # names in a sentence

Tables = Mapping[str, pd.DataFrame]


def accuracy_lines(
    tables: Tables, tracks: Mapping[str, Track], bin_size: int, fold: str
) -> Iterator[CardLine]:
    """Give accuracy beside its ceiling, and levels, by assay."""
    for assay, rows in _by_assay(tables, tracks, bin_size):
        known = rows[rows["pearson_log1p"].notna()]
        bins = f"masked bins of {bin_size} bases of the {fold} fold"
        over = f"median of {_tracks(len(known))}; {bins}"
        if known.empty:
            continue
        r = float(known["pearson_log1p"].median())
        yield CardLine("accuracy", f"{assay}: r", r, "Pearson r of log(1 + value)", over)
        most = known[known["ceiling_log1p"].notna()]
        if len(most):
            yield CardLine(
                "accuracy", f"{assay}: what replicates reach",
                float(most["ceiling_log1p"].median()), "Pearson r of log(1 + value)",
                f"median of {_tracks(len(most))} with replicates; {bins}",
            )  # fmt: skip
    for assay, rows in _by_assay(tables, tracks, bin_size):
        known = rows[rows["level"].notna()]
        if len(known):
            yield CardLine(
                "levels", f"{assay}: level", float(known["level"].median()),
                "mean predicted / mean measured",
                f"median of {_tracks(len(known))}; masked bins of {bin_size} bases of the {fold} "
                "fold",
            )  # fmt: skip


def contrast_lines(tables: Tables) -> Iterator[CardLine]:
    """Give r of contrasts, and what replicates reach."""
    table = tables["contrasts.tsv"]
    known = table[table["pearson"].notna()]
    if known.empty:
        return
    bins = f"masked bins of {int(known['bin'].iloc[0])} bases"
    yield CardLine(
        "contrasts", "r", float(known["pearson"].median()), "Pearson r of log2((A + 1) / (B + 1))",
        f"median of {len(known):,} pairs of samples; {bins}",
    )  # fmt: skip
    most = known[known["ceiling"].notna()]
    if len(most):
        yield CardLine(
            "contrasts", "what replicates reach", float(most["ceiling"].median()),
            "Pearson r of log2((A + 1) / (B + 1))",
            f"median of {len(most):,} pairs with replicates; {bins}",
        )  # fmt: skip


def member_lines(tables: Tables) -> Iterator[CardLine]:
    """Give how far the networks that taught the model agree on effects."""
    table = tables.get("effects.tsv")
    if table is None or table.empty:
        return
    over = (
        f"median of {_tracks(len(table))}; SAD of {table['of'].iloc[0]}; both strands and shifts "
        "of a third of a bin"
    )
    for name, column, unit in (
        (f"agreement of two of {int(table['members'].iloc[0])} networks", "spearman",
         "Spearman correlation"),
        ("agreement of a network with the model", "model_spearman", "Spearman correlation"),
        ("effects of which all networks have one sign", "same_sign", "share of changes"),
        ("effects that are known", "known", "share of changes"),
    ):  # fmt: skip
        value = float(table[column].median())
        if np.isfinite(value):
            yield CardLine("members", name, value, unit, over)


def doubts(
    lines: Sequence[CardLine],
    tables: Tables,
    tracks: Mapping[str, Track],
    bin_size: int,
    fold: str,
) -> Iterator[str]:
    """Say in plain words where not to believe a model, each sentence of numbers of the card."""
    for assay, rows in _by_assay(tables, tracks, bin_size):
        known = rows[rows["pearson_log1p"].notna()]
        r = float(known["pearson_log1p"].median()) if len(known) else np.nan
        most = float(known["ceiling_log1p"].median()) if len(known) else np.nan
        many = _tracks(len(known))
        if r < POOR:
            yield f"{assay} is hardly predicted: r of log(1 + value) is {r:.2f} (median of {many})."
        elif r < FAR * most:
            yield (
                f"{assay} is predicted with r {r:.2f} where replicates reach {most:.2f} (median of "
                f"{many})."
            )
        level = float(rows["level"].median())
        if abs(level - 1) > WITHIN:
            way = "low" if level < 1 else "high"
            counted = int(rows["level"].notna().sum())
            yield (
                f"Levels of {assay} are {abs(level - 1):.0%} {way} (median of {_tracks(counted)}, "
                f"{fold} fold)."
            )
    stated = _stated(tables, bin_size)
    unmeasured = [_name(tracks, t) for t in stated[stated["pearson_log1p"].isna()]["track"]]
    if unmeasured:
        yield (
            f"Of {_listed(unmeasured)} nothing is known here: no data or no signal in the {fold} "
            "fold."
        )
    alone = int((stated["pearson_log1p"].notna() & stated["ceiling_log1p"].isna()).sum())
    if alone:
        yield (
            f"What could be reached is not known of {_tracks(alone)}: there is no replicate of "
            "them."
        )
    found = {(line.part, line.name): line.value for line in lines}
    contrasted = found.get(("contrasts", "r"))
    attainable = found.get(("contrasts", "what replicates reach"))
    if isinstance(contrasted, float) and (
        contrasted < POOR or (isinstance(attainable, float) and contrasted < FAR * attainable)
    ):
        reached = (
            f", where replicates reach {attainable:.2f}" if isinstance(attainable, float) else ""
        )
        pairs = int(tables["contrasts.tsv"]["pearson"].notna().sum())
        many = f"{pairs:,} pair{'' if pairs == 1 else 's'} of samples"
        yield (
            f"What sets two samples apart is predicted with r {contrasted:.2f}{reached} "
            f"(median of {many})."
        )
    known = found.get(("members", "effects that are known"))
    sign = found.get(("members", "effects of which all networks have one sign"))
    if not isinstance(known, float) or not isinstance(sign, float):
        yield (
            "Whether an effect of a single change is of the sequence or of this one network is not "
            "known: its networks were not compared."
        )
    elif known < DOUBTED:
        yield (
            f"Effects of single changes: the networks that taught the model have one sign in "
            f"{sign:.0%}; {known:.0%} are known (medians of tracks)."
        )
    kin = next((line for line in lines if line.part == "leakage"), None)
    if kin is not None and isinstance(kin.value, float) and kin.value > 0:
        yield (
            f"{kin.value:.0%} of held-out windows have 5 % or more of their sequence in training, "
            "too: r there flatters."
        )


def _stated(tables: Tables, bin_size: int) -> pd.DataFrame:
    table = tables[TRACKS_FILE]
    return table[(table["region"] == MASKED) & (table["bin"] == bin_size)]


def _by_assay(
    tables: Tables, tracks: Mapping[str, Track], bin_size: int
) -> Iterator[tuple[str, pd.DataFrame]]:
    stated = _stated(tables, bin_size)
    assays = [tracks[t].assay or "no assay given" for t in stated["track"]]
    for assay in dict.fromkeys(assays):
        yield assay, stated[[own == assay for own in assays]]


def _tracks(count: int) -> str:
    return f"{count:,} track{'' if count == 1 else 's'}"


def _name(tracks: Mapping[str, Track], track: str) -> str:
    return tracks[track].name


def _listed(names: Sequence[str]) -> str:
    more = f" and {len(names) - _SOME:,} more" if len(names) > _SOME else ""
    return ", ".join(names[:_SOME]) + more
