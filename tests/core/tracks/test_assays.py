"""What is known of assays: one entry each, found by files' names and by published tables."""

from __future__ import annotations

import pytest

from sighthound.core.tracks.assays import ASSAYS, assay_of_file, assay_of_published


@pytest.mark.parametrize(
    ("stem", "assay"),
    [
        ("WT_CAGE.plus", "CAGE"),
        ("mESC procap", "CAGE"),
        ("ATAC_wt", "ATAC"),
        ("k562.dnase.rep1", "DNase"),
        ("MNase-seq", "MNase"),
        ("rna_day2", "RNA"),
        ("H3K4me3 day 2", "ChIP"),
        ("liver_H2A.Z", "ChIP"),
    ],
)
def test_a_file_name_tells_its_assay(stem: str, assay: str) -> None:
    found = assay_of_file(stem)
    assert found is not None
    assert found is ASSAYS[assay]


@pytest.mark.parametrize("stem", ["mystery", "eternal", "squat act", ""])
def test_a_word_inside_another_tells_nothing(stem: str) -> None:
    assert assay_of_file(stem) is None


def test_counts_of_molecule_ends_are_summed_and_coverage_is_averaged() -> None:
    assert {name for name, assay in ASSAYS.items() if assay.aggregation == "sum"} == {"CAGE"}


def test_published_tables_call_every_assay_by_one_head() -> None:
    heads = [assay.published for assay in ASSAYS.values() if assay.published]
    assert len(heads) == len(set(heads)) == 5
    assert assay_of_published(" chip") is ASSAYS["ChIP"]
    assert assay_of_published("") is None
