"""The ranking of a variant's effects: groups, order, signs, and what is left out."""

from __future__ import annotations

from typing import Any

import pytest

from app.figures.variant_effects import LOWERS, RAISES, variant_effects_figure
from core.errors import SighthoundError


def row(name: str, assay: str, sample: str, sad: float, **more: Any) -> dict[str, Any]:
    numbers = {"log2_ratio": sad / 100, "reference": 50.0, "alternative": 50.0 + sad}
    return (
        {"name": name, "assay": assay, "group": "", "sample": sample, "sad": sad} | numbers | more
    )


ROWS = [
    row("ATAC 1", "ATAC", "liver", 2.0),
    row("CAGE +", "CAGE", "liver", -9.0, log2_ratio=-0.01),
    row("CAGE -", "CAGE", "liver", -1.0),
    row("CAGE b", "CAGE", "brain", 3.0, log2_ratio=0.9),
]


def labels(drawn: Any) -> list[str]:
    """Lines from the top: assays in bold, groups plain."""
    axis = drawn.layout.yaxis
    return [text for _, text in sorted(zip(axis.tickvals, axis.ticktext, strict=True))][::-1]


def test_assays_and_samples_are_ranked_by_their_strongest_track() -> None:
    drawn = variant_effects_figure(ROWS)
    assert labels(drawn) == ["<b>CAGE</b>", "liver", "brain", "<b>ATAC</b>", "liver"]
    bars = drawn.data[0]
    assert dict(zip(bars.y, bars.x, strict=True)) == {4: -9.0, 3: 3.0, 1: 2.0}
    assert list(bars.marker.color) == [LOWERS, RAISES, RAISES]
    assert "SAD" in drawn.layout.xaxis.title.text


def test_every_track_of_a_group_is_a_point_beside_its_bar() -> None:
    points = variant_effects_figure(ROWS).data[1]
    assert (list(points.x), list(points.y)) == ([-1.0], [4])
    assert "<b>CAGE -</b>" in points.hovertext[0]
    assert "reference 50, alternative 49" in points.hovertext[0]


def test_the_log_ratio_ranks_in_its_own_way() -> None:
    drawn = variant_effects_figure(ROWS, score="log2_ratio")
    assert labels(drawn)[:3] == ["<b>CAGE</b>", "brain", "liver"]
    assert "log2 ratio" in drawn.layout.xaxis.title.text


def test_of_thousands_of_tracks_the_strongest_groups_are_drawn_and_the_rest_counted() -> None:
    many = [row(f"t{i}", f"assay {i % 7}", f"sample {i}", float(i)) for i in range(4_229)]
    drawn = variant_effects_figure(many)
    assert len(drawn.data[0].x) == 40
    assert max(drawn.data[0].x) == 4_228
    assert "4,189 groups with less" in drawn.layout.xaxis.title.text


def test_a_group_that_repeats_its_assay_is_not_written_twice() -> None:
    drawn = variant_effects_figure(
        [
            row("a", "CAGE (simulated)", "rich", 1.0, group="CAGE"),
            row("b", "TF ChIP-seq", "rich", 1.0, group="GCN4"),
            row("c", "DNase", "", 1.0),
        ]
    )
    ticks = drawn.layout.yaxis.ticktext
    assert {"rich", "GCN4, rich", "c"} == {tick for tick in ticks if not tick.startswith("<b>")}


def test_no_effect_at_all_is_still_a_figure() -> None:
    drawn = variant_effects_figure([row("a", "ATAC", "x", 0.0)])
    assert [words.strip() for words in drawn.data[0].text] == ["0"]
    assert drawn.layout.xaxis.range[0] < 0 < drawn.layout.xaxis.range[1]


def test_an_unknown_score_is_refused() -> None:
    with pytest.raises(SighthoundError, match="unknown score 'p'"):
        variant_effects_figure(ROWS, score="p")
