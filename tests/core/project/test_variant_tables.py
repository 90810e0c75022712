"""Tables of scored variants are read as they were written: by one score, on one track or any."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from sighthound.core.errors import SighthoundError
from sighthound.core.project.variant_tables import (
    join_parts,
    numbered,
    open_variant_table,
    write_part,
)
from sighthound.core.variants.variant import Variant
from sighthound.core.variants.vcf import Allele

KEYS = ("record", "variant", "chrom", "position", "id", "ref", "alt")
VARIANTS = [Variant("chrI", 9, "A", "C", "rs1"), Variant("chrI", 9, "A", "G")]


def scored(
    variants: list[Variant], values: dict[tuple[str, str], list[list[float]]]
) -> pd.DataFrame:
    """Rows of two tracks, value by value, as `core.score_variants` and its kin lay them out."""
    rows = [
        (n + 1, str(v), v.chrom, v.position + 1, v.id, v.ref, v.alt, score, value, *numbers[n])
        for n, v in enumerate(variants)
        for (score, value), numbers in values.items()
    ]
    return pd.DataFrame(rows, columns=[*KEYS, "score", "value", "atac", "cage"])


@pytest.fixture
def file(tmp_path: Path) -> Path:
    values = {
        ("sad", "score"): [[1.0, -4.0], [3.0, 2.0]],
        ("sad", "known"): [[1.0, 0.0], [0.0, 1.0]],
        ("sad", "percentile"): [[50.0, 99.0], [70.0, 60.0]],
        ("sad", "sign_probability"): [[0.9, 0.8], [0.7, 0.6]],
        ("log2_ratio", "score"): [[0.5, -0.1], [0.2, 0.4]],
        ("log2_ratio", "known"): [[0.0, 1.0], [1.0, 0.0]],
    }
    alleles = [Allele(7, n + 1, v, str(v)) for n, v in enumerate(VARIANTS)]
    parts = []
    for n, allele in enumerate(alleles):
        of_one = {key: numbers[n : n + 1] for key, numbers in values.items()}
        parts.append(tmp_path / f"{n}.parquet")
        write_part(parts[-1], numbered(scored(VARIANTS[n : n + 1], of_one), [allele]))
    output = tmp_path / "scores.parquet"
    join_parts(parts, output, {"model": "m", "members": ["a", "b"]})
    return output


def test_a_table_says_what_it_holds(file: Path) -> None:
    table = open_variant_table(file)
    assert (table.tracks, table.scores, table.alleles) == (
        ("atac", "cage"),
        ("sad", "log2_ratio"),
        2,
    )
    assert (table.members, table.about["model"]) == (2, "m")


def test_a_score_is_read_on_a_track_with_all_that_is_said_of_it(file: Path) -> None:
    rows = open_variant_table(file).read("sad", "cage")
    assert rows[["record", "allele", "id"]].to_numpy().tolist() == [[7, 1, "rs1"], [7, 2, ""]]
    assert rows["score"].tolist() == [-4.0, 2.0]
    assert rows["known"].tolist() == [0.0, 1.0]
    assert rows["percentile"].tolist() == [99.0, 60.0]
    assert np.isnan(rows["members_mean"]).all()


def test_without_a_track_each_allele_is_read_where_its_effect_is_largest(file: Path) -> None:
    rows = open_variant_table(file).read("log2_ratio", None)
    assert rows["track"].tolist() == ["atac", "cage"]
    assert rows["score"].tolist() == pytest.approx([0.5, 0.4])
    assert rows["known"].tolist() == [0.0, 0.0]
    # The percentile of SAD on the same track.
    assert rows["percentile"].tolist() == [50.0, 60.0]
    assert rows["sign_probability"].tolist() == pytest.approx([0.9, 0.6])


def test_what_a_table_has_not_is_refused_by_name(file: Path, tmp_path: Path) -> None:
    with pytest.raises(SighthoundError, match=r"no score 'd2'; it has sad, log2_ratio"):
        open_variant_table(file).read("d2", "atac")
    with pytest.raises(SighthoundError, match="no track 'rna'"):
        open_variant_table(file).read("sad", "rna")
    other = tmp_path / "other.parquet"
    pd.DataFrame({"a": [1]}).to_parquet(other)
    with pytest.raises(SighthoundError, match="is no table of scored variants"):
        open_variant_table(other)
