"""A card's numbers are those of the tables, and its doubts follow from them by fixed rules."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from sighthound.core.project.evaluation import TABLES, TRACKS_FILE
from sighthound.core.project.model_card import CardLine
from sighthound.core.tracks.track import Track
from sighthound.precompute.evaluation.card import (
    accuracy_lines,
    contrast_lines,
    doubts,
    member_lines,
)

TRACKS = {
    name: Track(name, f"Track {name}", assay) for name, assay in (("a", "CAGE"), ("b", "RNA"))
}


def tables(**changed: float) -> dict[str, pd.DataFrame]:
    """Tables of two tracks, the first of which is as told."""
    good = {"pearson_log1p": 0.85, "ceiling_log1p": 0.9, "level": 1.0}
    rows = [
        {"track": track, "fold": "test", "bin": 64, "region": "masked", **(good | more)}
        for track, more in (("a", changed), ("b", {}))
    ]
    effects = {"track": "a", "members": 3, "variants": 9, "spearman": 0.8, "model_spearman": 0.9,
               "same_sign": 0.95, "known": 0.9, "of": "9 variants of x.vcf"}  # fmt: skip
    return {
        TRACKS_FILE: pd.DataFrame(rows),
        "contrasts.tsv": pd.DataFrame([], columns=list(TABLES["contrasts.tsv"])),
        "effects.tsv": pd.DataFrame([effects]),
    }


def said(made: dict[str, pd.DataFrame], *further: CardLine) -> list[str]:
    lines = [*further, *contrast_lines(made), *member_lines(made)]
    return list(doubts(lines, made, TRACKS, 64, "test"))


def test_nothing_is_doubted_of_a_model_that_is_right() -> None:
    assert said(tables()) == []


@pytest.mark.parametrize(
    ("changed", "doubt"),
    [
        ({"level": 0.78}, "Levels of CAGE are 22% low (median of 1 track, test fold)."),
        ({"level": 1.3}, "Levels of CAGE are 30% high (median of 1 track, test fold)."),
        ({"pearson_log1p": 0.6}, "CAGE is predicted with r 0.60 where replicates reach 0.90 "
         "(median of 1 track)."),
        ({"pearson_log1p": 0.31}, "CAGE is hardly predicted: r of log(1 + value) is 0.31 (median "
         "of 1 track)."),
        ({"ceiling_log1p": np.nan}, "What could be reached is not known of 1 track: there is no "
         "replicate of them."),
        ({"pearson_log1p": np.nan, "level": np.nan}, "Of Track a nothing is known here: no data "
         "or no signal in the test fold."),
    ],
)  # fmt: skip
def test_each_doubt_is_of_a_number_of_the_tables(changed: dict[str, float], doubt: str) -> None:
    assert said(tables(**changed)) == [doubt]


def test_effects_are_doubted_where_networks_disagree_or_were_not_compared() -> None:
    made = tables()
    made["effects.tsv"] = made["effects.tsv"].assign(same_sign=0.61, known=0.55)
    assert said(made) == [
        "Effects of single changes: the networks that taught the model have one sign in 61%; 55% "
        "are known (medians of tracks)."
    ]
    del made["effects.tsv"]
    assert "its networks were not compared" in said(made)[0]


def test_contrasts_and_shared_sequence_are_doubted() -> None:
    made = tables()
    pair = dict.fromkeys(TABLES["contrasts.tsv"], "") | {
        "bin": 64, "pearson": 0.15, "ceiling": 0.82,
    }  # fmt: skip
    made["contrasts.tsv"] = pd.DataFrame([pair])
    kin = CardLine("leakage", "windows with 5% or more", 0.25, "share", "3 of 12")
    assert said(made, kin) == [
        "What sets two samples apart is predicted with r 0.15, where replicates reach 0.82 "
        "(median of 1 pair of samples).",
        "25% of held-out windows have 5 % or more of their sequence in training, too: r there "
        "flatters.",
    ]


def test_every_number_has_a_unit_and_what_it_is_over() -> None:
    made = tables(level=0.9)
    lines = [*accuracy_lines(made, TRACKS, 64, "test"), *member_lines(made)]
    assert [(line.name, line.value) for line in lines if line.part == "levels"] == [
        ("CAGE: level", 0.9), ("RNA: level", 1.0),
    ]  # fmt: skip
    assert all(line.unit and line.over for line in lines)
    assert "masked bins of 64 bases of the test fold" in lines[0].over
