"""Over which bins a variant is measured, against which spread, and on which tracks of a gene."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from sighthound.app.answers.effects import GeneTrackEffect, LocalEffect
from sighthound.app.inference.variant_measures import (
    Effects,
    GeneSums,
    Stretches,
    changed_most,
    is_expression,
    of_genes,
    predicted_spread,
    ranked,
    spread_ratio,
)
from sighthound.core.bigwig.files import write_bigwig
from sighthound.core.tracks.track import Track

BIN = 64


def test_the_local_stretch_is_where_a_track_changes_most_whatever_the_sign() -> None:
    reference = np.full((10, 2), 4, np.float32)
    alternative = reference.copy()
    alternative[[2, 3], 0] = 1, 7  # sums to nothing, and changes most
    alternative[8, 0] = 5
    alternative[7:9, 1] = 3
    found = changed_most(reference, alternative, 2, middle=5)
    assert found.first.tolist() == [2, 7]
    assert found.reference.tolist() == [8, 8]
    assert found.alternative.tolist() == [8, 6]


def test_of_stretches_that_change_alike_the_first_counts_and_of_none_the_variants_own() -> None:
    reference = np.ones((9, 2), np.float32)
    alternative = reference.copy()
    alternative[[1, 6], 0] = 2
    assert changed_most(reference, alternative, 1, middle=5).first.tolist() == [1, 5]
    few = changed_most(reference, alternative, 50, middle=5)
    assert (few.first.tolist(), few.bins) == ([0, 0], 9)


def test_a_ratio_counts_against_the_tracks_spread() -> None:
    before, after = np.array([80.0, 0.08]), np.array([40.0, 0.04])
    ratio = spread_ratio(before, after, 8, np.array([5.0, 5.0]))
    assert ratio == pytest.approx([np.log2(10 / 15), np.log2(5.005 / 5.01)])
    assert np.isnan(spread_ratio(np.array([-100.0]), np.array([1.0]), 1, np.array([1.0]))).all()


def test_a_broken_site_ranks_above_a_broad_mark_that_changes_a_little_everywhere() -> None:
    # A mark of 100 in 500 bins that loses 2 % in each; a site of 40 that is gone.
    found = Effects(
        0, BIN, 500, ("mark", "site"), np.array([50_000.0, 140.0]), np.array([49_000.0, 100.0]),
        Stretches(np.array([3, 4]), 8, np.array([800.0, 42.0]), np.array([784.0, 2.0])), (),
    )  # fmt: skip
    by_track = {row.track: row for row in ranked(found, [30.0, 2.0], most=2)}
    assert by_track["mark"].sad == -1_000
    local = {track: abs(row.local.log2 or 0) for track, row in by_track.items()}
    assert local["site"] > 10 * local["mark"]
    assert replace(by_track["site"].local, log2=0) == LocalEffect(
        start=256, end=768, sad=-40, log2=0, reference=42, alternative=2
    )
    assert by_track["site"].log2 == pytest.approx(np.log2((0.2 + 2) / (0.28 + 2)), rel=1e-5)
    assert [row.track for row in ranked(found, [30.0, 2.0], most=1)] == ["mark"]


def test_without_a_spread_one_is_added_and_none_is_told() -> None:
    found = Effects(
        0, BIN, 1, ("a",), np.array([3.0]), np.array([1.0]),
        Stretches(np.array([0]), 1, np.array([3.0]), np.array([1.0])), (),
    )  # fmt: skip
    (row,) = ranked(found, [None], most=1)
    assert (row.spread, row.log2) == (None, -1)


def test_the_spread_is_the_standard_deviation_over_the_genome(tmp_path: Path) -> None:
    path = tmp_path / "a.bw"
    values = np.array([0, 0.25, 0.5, 4], np.float32)
    write_bigwig(path, {"chrI": 4 * BIN}, [("chrI", values)], BIN)
    assert predicted_spread(path) == pytest.approx(np.std(values), rel=1e-4)
    write_bigwig(path, {"chrI": 4 * BIN}, [("chrI", np.full(4, 2, np.float32))], BIN)
    assert predicted_spread(path) is None
    path.write_bytes(b"no BigWig")
    assert predicted_spread(path) is None
    assert predicted_spread(tmp_path / "gone.bw") is None


@pytest.mark.parametrize(
    "assay",
    ["RNA-seq", "CAGE", "CAGE (simulated)", "STRIPE-seq", "PRO-seq", "PROcap", "PRO-cap", "GRO-seq",
     "NET-seq", "RAMPAGE", "TSS-seq", "total RNA", "csRNA-seq", "NET-CAGE"],
)  # fmt: skip
def test_assays_of_expression_are_known_by_name(assay: str) -> None:
    assert is_expression(assay)


@pytest.mark.parametrize(
    "assay", ["ChIP-seq", "ATAC-seq", "MNase-seq", "DNase", "RNA polymerase II ChIP", "CUT&Tag", ""]
)
def test_assays_of_chromatin_are_none_of_expression(assay: str) -> None:
    assert not is_expression(assay)


def test_of_a_gene_expression_on_its_strand_comes_first_and_genes_by_it() -> None:
    tracks = {
        track.id: track
        for track in (
            Track("chip", "H3K4me3", "ChIP-seq", "cells"),
            Track("plus", "CAGE +", "CAGE", "cells", strand="+"),
            Track("minus", "CAGE -", "CAGE", "cells", strand="-"),
            Track("rna", "RNA", "RNA-seq", "cells"),
        )
    }
    before = np.array([100.0, 100.0, 100.0, 100.0])
    minus = GeneSums("G", "G", "-", (70,), 1, before, np.array([1.0, 1.0, 60.0, 90.0]))
    plus = GeneSums("H", "G", "+", (70,), 1, before, np.array([100.0, 20.0, 100.0, 100.0]))
    whole = Stretches(np.zeros(4, np.int64), 1, before, before)
    found = Effects(0, BIN, 2, tuple(tracks), before, before, whole, (minus, plus))
    first, second = of_genes(found, tracks, [10.0] * 4, most=5)
    assert (first.gene, second.gene) == ("H", "G")
    assert [row.track for row in second.ranked] == ["minus", "rna", "chip", "plus"]
    assert [row.is_expression for row in second.ranked] == [True, True, False, False]
    assert replace(second.ranked[0], log2=0) == GeneTrackEffect(
        "minus", is_expression=True, sed=-40, log2=0, reference=100, alternative=60
    )
    assert second.ranked[0].log2 == pytest.approx(np.log2(70 / 110), rel=1e-5)
    assert len(of_genes(found, tracks, [10.0] * 4, most=1)) == 1
