"""From effects to names: contributions by hand, seqlets by their rule, planted motifs recovered."""

from itertools import pairwise

import numpy as np
import pytest

from sighthound.core import SighthoundError
from sighthound.core.interpretation.attributions import contribution_matrix, contributions
from sighthound.core.motifs.jaspar import read_motif, read_motifs
from sighthound.core.motifs.match import (
    find_seqlets,
    hits_on_important_bases,
    important_bases,
    match_effects,
    match_matrices,
)
from sighthound.core.motifs.scan import MotifScanner
from tests.motifs import complement, effects_of_site, one_hot_of, planted, random_sequence

FUNGI = read_motifs(tax_group="fungi")
REB1 = read_motif("MA0363.3")
SITE = "ATTACCCGG"


def test_a_contribution_is_minus_the_mean_effect_of_the_alternatives():
    effects = np.array([[0, -3, -3, -6], [2, 2, 2, 2]], np.float32)
    reference = one_hot_of("AN")
    np.testing.assert_allclose(contributions(reference, effects), [4, -2])
    np.testing.assert_allclose(contribution_matrix(reference, effects)[0], [4, 0, 0, 0])
    np.testing.assert_allclose(
        contribution_matrix(reference, effects, hypothetical=True)[0], [3, 0, 0, -3]
    )
    both = np.stack([effects, 2 * effects], axis=-1)
    np.testing.assert_allclose(contributions(reference, both)[0], [4, 8])
    assert contribution_matrix(reference, both).shape == (2, 4, 2)


def test_seqlets_are_runs_of_one_sign_with_small_gaps_and_a_margin():
    contribution = np.zeros(80)
    contribution[[10, 11, 12, 19]] = 5  # six unimportant bases between: one seqlet
    contribution[[40, 41, 42]] = -4
    contribution[[60, 61]] = 9  # two bases are too few
    contribution[70] = 0.1  # below the share of the largest
    seqlets = find_seqlets(contribution)
    assert [(s.start, s.end, s.sign, s.contribution) for s in seqlets] == [
        (8, 22, 1, 20),
        (38, 45, -1, -12),
    ]
    assert important_bases(contribution).sum() == 9


def test_a_stretch_that_is_too_long_is_cut_at_its_widest_gap():
    contribution = np.zeros(80)
    contribution[10:25] = contribution[29:45] = 1
    assert [
        (s.start, s.end) for s in sorted(find_seqlets(contribution), key=lambda s: s.start)
    ] == [
        (8, 27),
        (27, 47),
    ]


def test_nothing_is_important_where_nothing_has_an_effect():
    assert find_seqlets(np.zeros(30)) == []
    assert match_effects(one_hot_of("A" * 30), np.zeros((30, 4)), FUNGI) == []


def test_every_matrix_of_jaspar_looks_most_like_itself():
    found = match_matrices([motif.probabilities for motif in FUNGI], FUNGI)
    assert [matches[0].motif for matches in found] == [motif.id for motif in FUNGI]
    assert all(matches[0].offset == 0 for matches in found)
    for motif, matches in zip(FUNGI, found, strict=True):
        is_palindrome = motif.consensus == complement(motif.consensus)
        assert matches[0].strand == "+" or is_palindrome
    assert all(a.p_value <= b.p_value for m in found for a, b in pairwise(m))


def test_a_matrix_is_matched_on_the_other_strand_and_with_its_offset():
    flank = np.full((3, 4), 0.25)
    turned = np.concatenate([flank, REB1.probabilities[::-1, ::-1]])
    (matches,) = match_matrices([turned], FUNGI)
    assert (matches[0].name, matches[0].strand, matches[0].offset) == ("REB1", "-", 3)
    assert matches[0].q_value < 1e-6


@pytest.mark.parametrize("strand", "+-")
@pytest.mark.parametrize("sign", [1, -1])
def test_a_planted_contribution_with_noise_is_named_right(strand, sign):
    site = SITE if strand == "+" else complement(SITE)
    sequence = planted(random_sequence(120, seed=6), 50, site)
    effects = effects_of_site(sequence, REB1, 50, strand, noise=0.2, sign=sign)
    best = match_effects(one_hot_of(sequence), effects, FUNGI)[0]
    assert (best.name, best.strand, best.sign) == ("REB1", strand, sign)
    assert best.start + best.offset == 50
    assert best.q_value < 0.01


def test_hits_lie_on_important_bases_and_say_how_much_they_cover():
    sequence = planted(planted(random_sequence(150, seed=7), 50, SITE), 100, SITE)
    effects = effects_of_site(sequence, REB1, 50)[40:130]
    scanner = MotifScanner(FUNGI)
    hits = hits_on_important_bases(scanner, one_hot_of(sequence), effects, start=40)
    names = {(row.hit.name, row.hit.start): row.share for row in hits}
    assert names["REB1", 50] == pytest.approx(1)
    assert ("REB1", 100) not in names  # there, but no base of it matters
    assert all(a.share >= b.share for a, b in pairwise(hits))


def test_what_cannot_be_matched_is_refused():
    with pytest.raises(SighthoundError, match="at least 25"):
        match_matrices([REB1.probabilities], [REB1])
    with pytest.raises(SighthoundError, match="expected those of one track"):
        match_effects(one_hot_of("ACGT"), np.zeros((4, 4, 2)), FUNGI)
    with pytest.raises(SighthoundError, match="effects are"):
        contributions(one_hot_of("ACGT"), np.zeros((5, 4)))
