"""The card of a BigWig comes back as it was written, or is refused."""

from dataclasses import replace

import pytest

from sighthound.core.errors import SighthoundError
from sighthound.core.tracks.card import Card, GcCurve, card_file, read_card, write_card

CARD = Card(
    inputs=("a.bam", "b.bam"), alignments=12, unique_reads=10, multi_reads=1,
    left_out={"duplicates": 3}, counted_at="--position center", strand="+", multi="em",
    em_rounds=2, em_change=0.01, em_converged=False, normalisation="none", factor=1.0, clip=8,
    clipped_bases=5, depth=11.0, gc=GcCurve((0.3, 0.4), (1.0, 1.5), 0.41, 900),
    remarks=("b.bam had no names",), command="sighthound coverage a.bam b.bam x.bw", version="1",
)  # fmt: skip


def test_a_card_comes_back_as_it_was_written(tmp_path):
    assert read_card(tmp_path / "x.bw") is None
    write_card(tmp_path / "x.bw", CARD)
    assert read_card(tmp_path / "x.bw") == CARD


def test_a_card_is_told_in_lines():
    lines = dict(CARD.lines())
    assert lines["sharing"] == "stopped after 2 rounds"
    assert lines["clipped"] == "at most 8 a base; 5 bases"
    assert lines["GC"] == "corrected; explained R2 0.410 of log2 coverage"
    assert (lines["strand"], lines["note"]) == ("+", "b.bam had no names")


@pytest.mark.parametrize("text", ["", "[]", '{"format": 1}', '{"format": 9}'])
def test_what_is_no_card_is_refused_by_name(tmp_path, text):
    write_card(tmp_path / "x.bw", replace(CARD, gc=None))
    card_file(tmp_path / "x.bw").write_text(text)
    with pytest.raises(SighthoundError, match=r"x\.bw\.card\.json is (damaged|no card)"):
        read_card(tmp_path / "x.bw")
