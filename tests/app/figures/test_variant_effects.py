"""The ranking of a variant's effects: groups, order, signs, and what is left out."""

from __future__ import annotations

from typing import Any

import pytest

from sighthound.app.figures.theme import DOUBTED
from sighthound.app.figures.variant_effects import LOWERS, RAISES, variant_effects_figure
from sighthound.core.errors import SighthoundError


def values(sad: float, log2: float | None = None) -> dict[str, Any]:
    ratio = sad / 100 if log2 is None else log2
    return {"sad": sad, "log2": ratio, "reference": 50.0, "alternative": 50.0 + sad}


def row(name: str, assay: str, sample: str, sad: float, **more: Any) -> dict[str, Any]:
    """A track whose changes lie in its local stretch, all of them."""
    log2 = more.pop("log2", None)
    local = {"start": 1_024, "end": 1_536, **values(sad, log2)}
    told = {"track": name, "name": name, "assay": assay, "group": "", "sample": sample}
    numbers = {"unit": "reads", "spread": 5.0, "local": local, "context_bp": 32_896}
    return told | numbers | values(sad, log2) | more


ROWS = [
    row("ATAC 1", "ATAC", "liver", 2.0),
    row("CAGE +", "CAGE", "liver", -9.0, log2=-0.01),
    row("CAGE -", "CAGE", "liver", -1.0),
    row("CAGE b", "CAGE", "brain", 3.0, log2=0.9),
]


def labels(drawn: Any) -> list[str]:
    """Lines from the top: assays in bold, groups plain."""
    axis = drawn.layout.yaxis
    return [text for _, text in sorted(zip(axis.tickvals, axis.ticktext, strict=True))][::-1]


def test_assays_and_samples_are_ranked_by_their_strongest_track() -> None:
    drawn = variant_effects_figure(ROWS, score="sad")
    assert labels(drawn) == ["<b>CAGE</b>", "liver", "brain", "<b>ATAC</b>", "liver"]
    bars = drawn.data[0]
    assert dict(zip(bars.y, bars.x, strict=True)) == {4: -9.0, 3: 3.0, 1: 2.0}
    assert list(bars.marker.color) == [LOWERS, RAISES, RAISES]
    assert list(bars.customdata) == ["CAGE +", "CAGE b", "ATAC 1"]
    assert "SAD" in drawn.layout.xaxis.title.text


def test_every_track_of_a_group_is_a_point_beside_its_bar() -> None:
    points = variant_effects_figure(ROWS, score="sad").data[1]
    assert (list(points.x), list(points.y), list(points.customdata)) == ([-1.0], [4], ["CAGE -"])


def test_by_default_the_log_ratio_over_the_bins_that_change_most_ranks() -> None:
    drawn = variant_effects_figure(ROWS)
    assert labels(drawn)[:3] == ["<b>CAGE</b>", "brain", "liver"]
    title = drawn.layout.xaxis.title.text
    assert title.startswith("log\u2082 ratio")
    assert title.endswith("over the 512 bp that change most")


def test_both_windows_rank_in_their_own_way_and_say_their_bases() -> None:
    broad = row("K36", "ChIP", "cells", -1.0) | values(-80.0)
    broken = row("site", "ATAC", "cells", -20.0)
    local, context = (
        variant_effects_figure([broad, broken], score="sad", window=window)
        for window in ("local", "context")
    )
    assert list(local.data[0].customdata) == ["site", "K36"]
    assert list(context.data[0].customdata) == ["K36", "site"]
    assert list(context.data[0].x) == [-80.0, -20.0]
    assert context.layout.xaxis.title.text.endswith("over the 32,896 bp that can change")


def test_under_the_pointer_a_number_says_its_track_window_denominator_and_unit() -> None:
    drawn = variant_effects_figure([row("Pol II", "ChIP-seq", "rich", -25.0)], chrom="chrI")
    name, place, local, everywhere, _, unit = drawn.data[0].hovertext[0].split("<br>")
    assert name == "<b>Pol II</b> (ChIP-seq, rich)"
    assert place == "chrI:1,025-1,536, 512 bp"
    assert local.strip() == (
        "50.0 \u2192 25.0: SAD \u221225.0 (\u221250 %), log\u2082 ratio \u22120.250"
    )
    assert everywhere == "all 32,896 bp that can change"
    assert unit == "sums of bins, reads; spread 5.00"


def test_what_changes_alike_stands_in_the_order_of_its_name_however_it_came() -> None:
    alike = [row(name, "ATAC", sample, 1.0) for sample in "ba" for name in ("z", "y")]
    for rows in (alike, alike[::-1]):
        drawn = variant_effects_figure(rows)
        assert labels(drawn) == ["<b>ATAC</b>", "a", "b"]
        assert list(drawn.data[0].customdata) == ["y", "y"]


def test_names_are_words_and_no_markup() -> None:
    drawn = variant_effects_figure([row("<b>x</b>", "<i>", "a<b", 1.0)])
    assert "&lt;b&gt;x&lt;/b&gt;" in drawn.data[0].hovertext[0]
    assert labels(drawn) == ["<b>&lt;i&gt;</b>", "a&lt;b"]


def test_a_score_that_cannot_be_computed_is_said_and_ranks_last() -> None:
    unknown = row("no", "ATAC", "a", 1.0)
    unknown["local"] = unknown["local"] | {"log2": None}
    drawn = variant_effects_figure([unknown, row("yes", "ATAC", "b", 0.5)])
    assert labels(drawn) == ["<b>ATAC</b>", "b", "a"]
    assert [words.strip() for words in drawn.data[0].text] == ["+0.00500", "no data"]


def test_of_thousands_of_tracks_the_strongest_groups_are_drawn_and_the_rest_counted() -> None:
    many = [row(f"t{i}", f"assay {i % 7}", f"sample {i}", float(i)) for i in range(4_229)]
    drawn = variant_effects_figure(many, score="sad")
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
    with pytest.raises(SighthoundError, match="unknown window 'wide'"):
        variant_effects_figure(ROWS, window="wide")


def test_what_the_networks_disagree_on_is_grey_and_says_so() -> None:
    said = {"mean": -8.0, "deviation": 2.0, "known": True}
    agreed = {"local": said | {"known": False, "mean": 1.0}, "context": said}
    rows = [row("a", "CAGE", "", -9.0, members=3, agreed=agreed), row("b", "ATAC", "", 2.0)]
    bars = variant_effects_figure(rows, score="sad").data[0]
    assert dict(zip(bars.customdata, bars.marker.color, strict=True)) == {"a": DOUBTED, "b": RAISES}
    words = dict(zip(bars.customdata, bars.text, strict=True))
    assert words["a"].strip() == "\u22129.00 ?"
    assert words["b"].strip() == "+2.00"
    note = dict(zip(bars.customdata, bars.hovertext, strict=True))["a"]
    assert "3 networks: SAD +1.00 \u00b1 2.00: <b>they disagree</b>" in note
    assert "3 networks: SAD \u22128.00 \u00b1 2.00: they agree" in note
    over_all = variant_effects_figure(rows, score="sad", window="context").data[0]
    assert list(over_all.marker.color) == [LOWERS, RAISES]


def test_a_sign_that_measured_effects_do_not_tell_is_grey_and_one_that_they_tell_is_not() -> None:
    rows = [
        row("a", "CAGE", "", -9.0, sign=0.52, told=0.6),
        row("b", "ATAC", "", 2.0, sign=0.7, told=0.6),
        row("c", "DNase", "", 1.0, sign=None, told=0.6),
    ]
    bars = variant_effects_figure(rows, score="sad").data[0]
    colours = dict(zip(bars.customdata, bars.marker.color, strict=True))
    assert colours == {"a": DOUBTED, "b": RAISES, "c": RAISES}
    notes = dict(zip(bars.customdata, bars.hovertext, strict=True))
    assert "measured effects have its sign with probability 0.52: <b>not told</b>" in notes["a"]
    assert "measured effects have its sign with probability 0.70<br>" in notes["b"]
    assert "probability" not in notes["c"]
