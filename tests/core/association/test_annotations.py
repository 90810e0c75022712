"""Annotations of a panel's variants: what is missing of them is said, and counts nothing."""

from pathlib import Path

import numpy as np
import pytest

from sighthound.core.association.annotations import Annotations, read_annotations
from sighthound.core.errors import SighthoundError
from tests.core.association.panels import simulated_sites

SITES = simulated_sites(6)


def read(folder: Path, signed: bool, **columns: list[object]) -> Annotations:
    """Annotations by these columns of the panel's variants."""
    table = SITES.table().rename(columns={"counted": "alt", "other": "ref"}).assign(**columns)
    table.to_csv(folder / "v.tsv", sep="\t", index=False, na_rep="NA")
    return read_annotations(folder / "v.tsv", SITES, signed=signed)


@pytest.mark.parametrize("signed", [True, False])
def test_gaps_are_counted_and_columns_without_a_number_left_out(
    tmp_path: Path, signed: bool
) -> None:
    found = read(tmp_path, signed, full=[1, 2, 3, 4, 5, 6], some=[1, ".", 3, "inf", 5, 6],
                 none=[np.nan] * 6)  # fmt: skip
    assert found.names == ("full", "some")
    assert found.values.tolist() == [[1, 1], [2, 0], [3, 3], [4, 0], [5, 5], [6, 6]]
    assert found.words[-2:] == (
        "left out, without any number: none", "2 of 6 variants have gaps, which count 0",
    )  # fmt: skip


@pytest.mark.parametrize("signed", [True, False])
@pytest.mark.parametrize(
    ("values", "said"),
    [
        ([np.nan] * 6, "no "),
        ([1, 2, 3, 4, 5, "high"], "row 6: 'high' in column 'score_of' is no number"),
        ([1, 2, 3, 4, 5, 1e300], r"row 6: 1e\+300 in column 'score_of' is beyond any"),
    ],
)
def test_what_is_no_score_is_refused(
    tmp_path: Path, signed: bool, values: list[object], said: str
) -> None:
    with pytest.raises(SighthoundError, match=said) as raised:
        read(tmp_path, signed, score_of=values)
    assert "\n" not in str(raised.value)


def test_labels_are_no_scores(tmp_path: Path) -> None:
    labels: list[object] = ["exon", "intron", "1", "exon", "exon", "exon"]
    assert read(tmp_path, False, region=labels, score_of=[1] * 6).names == ("score_of",)


def test_a_folder_is_called_one(tmp_path: Path) -> None:
    with pytest.raises(SighthoundError, match=r"is a folder; expected a table of variants"):
        read_annotations(tmp_path, SITES, signed=True)
