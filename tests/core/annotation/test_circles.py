"""Genes on circles and at the ends of sequences: every start is a base that exists."""

from __future__ import annotations

from sighthound.core.annotation.circles import inside_sequence, joined_at_origin, laid_on_circle
from sighthound.core.annotation.transcripts import Gene, Transcript
from sighthound.core.findings import Findings


def gene(start: int, end: int, strand: str = "+", name: str = "rep") -> Gene:
    transcript = Transcript(name, "plasmid", start, end, strand, ((start, end),))
    return Gene(name, name, "plasmid", start, end, strand, (transcript,))


def test_a_gene_inside_its_circle_is_left_as_it_is() -> None:
    findings = Findings()
    one = gene(10, 100)
    assert laid_on_circle(one, 100, findings) == [one]
    assert not findings.all()


def test_a_gene_over_the_origin_is_two_parts_of_which_one_starts() -> None:
    parts = laid_on_circle(gene(90, 120), 100, Findings())
    assert [(g.start, g.end, g.tss_positions) for g in parts] == [(90, 100, (90,)), (0, 20, ())]
    assert [t.exons for g in parts for t in g.transcripts] == [((90, 100),), ((0, 20),)]


def test_on_the_other_strand_the_part_behind_the_origin_has_the_start() -> None:
    parts = laid_on_circle(gene(90, 120, "-"), 100, Findings())
    assert [(g.start, g.end, g.tss_positions) for g in parts] == [(90, 100, ()), (0, 20, (19,))]


def test_beyond_the_end_of_a_line_a_gene_is_cut_and_that_is_found() -> None:
    findings = Findings()
    cut = inside_sequence(gene(90, 120), 100, findings)
    assert cut is not None
    assert (cut.start, cut.end, cut.tss_positions) == (90, 100, (90,))
    assert findings.all()


def test_a_gene_whose_start_lies_beyond_the_end_is_none() -> None:
    findings = Findings()
    assert inside_sequence(gene(90, 120, "-"), 100, findings) is None
    assert inside_sequence(gene(130, 150), 100, findings) is None
    assert findings.all()


def test_two_parts_that_touch_both_ends_have_one_start() -> None:
    first, last = gene(90, 100), gene(0, 20)
    joined = list(joined_at_origin([first, last], {"plasmid": 100}, Findings()))
    assert [g.tss_positions for g in joined] == [(90,), ()]
    other = gene(0, 20, name="another")
    apart = list(joined_at_origin([first, other], {"plasmid": 100}, Findings()))
    assert [g.tss_positions for g in apart] == [(90,), (0,)]
