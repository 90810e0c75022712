"""Pictures of scored variants say what a number is of, and why an effect is grey."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from sighthound.app.figures.scored_variants import across_genome, strongest
from sighthound.core.interpretation.scores import SCORES


def rows(sign: float = np.nan) -> pd.DataFrame:
    return pd.DataFrame(
        {
            "variant": ["chrI:5:A:C"], "chrom": ["chrI"], "position": [5], "ref": ["A"],
            "alt": ["C"], "id": ["."], "track": ["atac"], "score": [1.0], "reference": [9.0],
            "alternative": [10.0], "known": [np.nan], "members_mean": [np.nan],
            "members_sd": [np.nan], "percentile": [np.nan], "sign_probability": [sign],
            "near_name": ["HO"], "gene_name": [""],
        }
    )  # fmt: skip


@pytest.mark.parametrize(
    ("score", "unit"),
    [("sad", "the track’s unit"), ("log2_ratio", "log₂"), ("sqrt_sad", "root of the track’s unit")],
)
def test_the_words_under_the_pointer_have_a_unit_and_claim_no_gene(score: str, unit: str) -> None:
    figure, _ = strongest(rows(), SCORES[score].in_words, {"atac": "ATAC"}, 0)
    (note,) = figure.data[0].hovertext
    assert f"9.00 to 10.0 ({unit})" in note
    assert "nearest start: HO" in note
    assert unit in figure.layout.xaxis.title.text


@pytest.mark.parametrize(
    ("sign", "members", "said"),
    [
        (np.nan, 0, ""),
        (np.nan, 3, " Grey: the 3 networks disagree."),
        (0.5, 0, " Grey: the sign is right with a probability below 0.6."),
        (
            0.5, 3,
            " Grey: the 3 networks disagree, or the sign is right with a probability below 0.6.",
        ),
    ],
)  # fmt: skip
def test_grey_is_explained_by_what_makes_it(sign: float, members: int, said: str) -> None:
    _, words = across_genome(
        rows(sign), SCORES["sad"].in_words, {"chrI": 100}, {"atac": "ATAC"}, members
    )
    assert f"Blue raises, orange lowers.{said} A click" in words
