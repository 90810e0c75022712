"""Scanning with motifs: scores by hand, p-values by enumeration, planted sites, changes."""

import itertools

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from sighthound.core import SighthoundError
from sighthound.core.motifs.jaspar import UNIFORM, Motif, read_motif, read_motifs
from sighthound.core.motifs.scan import SCORE_STEP, MotifScanner, base_codes, score_starts
from sighthound.core.tracks.metrics import q_values
from tests.motifs import complement, one_hot_of, planted, random_sequence

TOY = Motif(
    "toy", "TOY", np.array([[90, 4, 3, 3], [10, 70, 10, 10], [5, 5, 80, 10], [40, 10, 10, 40]])
)
AT_RICH = np.array([0.35, 0.15, 0.15, 0.35])
REB1_SITE = "ATTACCCGG"


def toy_score(word, background):
    """Sum of rounded log-odds, by hand."""
    odds = np.round(TOY.log_odds(background) / SCORE_STEP)
    return sum(odds[i, "ACGT".index(base)] for i, base in enumerate(word)) * SCORE_STEP


@pytest.mark.parametrize("background", [UNIFORM, AT_RICH])
def test_p_values_are_those_of_enumerating_every_word(background):
    words = ["".join(word) for word in itertools.product("ACGT", repeat=len(TOY))]
    scores = {word: toy_score(word, background) for word in words}
    chance = {word: np.prod([background["ACGT".index(base)] for base in word]) for word in words}
    scanner = MotifScanner([TOY], background)
    for word in words[::7]:
        (hit,) = [h for h in scanner.scan(one_hot_of(word), p_below=1) if h.strand == "+"]
        at_least = sum(chance[w] for w in words if scores[w] >= scores[word] - 1e-9)
        assert hit.score == pytest.approx(scores[word], abs=1e-4)
        assert hit.p_value == pytest.approx(at_least, rel=1e-5)


@settings(max_examples=30)
@given(
    counts=arrays(np.float64, st.tuples(st.integers(1, 14), st.just(4)), elements=st.floats(1, 9)),
    sequence=st.text("ACGTN", max_size=40),
)
def test_scores_equal_summing_by_hand_and_n_never_matches(counts, sequence):
    matrix = np.log(counts)
    scores = score_starts(base_codes(one_hot_of(sequence)), matrix)
    assert len(scores) == max(0, len(sequence) - len(matrix) + 1)
    for start, score in enumerate(scores):
        window = sequence[start : start + len(matrix)]
        if "N" in window:
            assert score == -np.inf
        else:
            terms = [matrix[i, "ACGT".index(base)] for i, base in enumerate(window)]
            assert score == pytest.approx(sum(terms), rel=1e-5, abs=1e-5)


@pytest.mark.parametrize(("site", "strand"), [(REB1_SITE, "+"), (complement(REB1_SITE), "-")])
def test_reb1_is_found_where_it_is_planted(site, strand):
    sequence = planted(random_sequence(400, seed=3), 200, site)
    scanner = MotifScanner(read_motifs(tax_group="fungi"))
    best = next(h for h in scanner.scan(one_hot_of(sequence)) if h.start < 209 and h.end > 200)
    assert (best.name, best.start, best.end, best.strand) == ("REB1", 200, 209, strand)
    assert best.p_value < 1e-5
    assert best.q_value < 0.01


def test_a_site_that_holds_n_is_no_hit():
    scanner = MotifScanner([read_motif("MA0363.3")])
    assert not scanner.scan(one_hot_of(REB1_SITE[:4] + "N" + REB1_SITE[5:]), p_below=1)


def test_q_values_are_benjamini_hochberg_and_monotone():
    p = np.array([[0.01, 0.04, 0.03, 0.005], [0.2, np.nan, 0.1, np.nan]])
    np.testing.assert_allclose(q_values(p), [[0.02, 0.04, 0.04, 0.02], [0.2, np.nan, 0.2, np.nan]])


def test_q_values_count_the_tests_of_one_motif():
    scanner = MotifScanner([TOY, read_motif("MA0363.3")])
    hits = scanner.scan(one_hot_of("ACGTTT"), p_below=1)
    # REB1 does not fit into six bases; three places on two strands were tested for the other.
    assert len(hits) == 6
    assert hits[0].q_value == pytest.approx(min(6 * hits[0].p_value, 3 * hits[1].p_value))


def test_breaking_a_site_loses_its_motif_and_mending_it_gains_it_again():
    sequence = planted(random_sequence(60, seed=4), 25, REB1_SITE)
    broken = planted(sequence, 30, "A")  # ATTACACGG
    scanner = MotifScanner([read_motif("MA0363.3")])
    losses = {(c.position, c.alternative): c for c in scanner.changes(one_hot_of(sequence), 30, 31)}
    loss = losses[30, "A"]
    assert (loss.reference, loss.kind, loss.start, loss.end, loss.strand) == (
        "C",
        "loss",
        25,
        34,
        "+",
    )
    (gain,) = [c for c in scanner.changes(one_hot_of(broken), 30, 31) if c.alternative == "C"]
    assert (gain.reference, gain.kind, gain.start, gain.strand) == ("A", "gain", 25, "+")
    assert gain.p_alternative == loss.p_reference < 1e-4 < loss.p_alternative == gain.p_reference
    assert gain.score_alternative == loss.score_reference > loss.score_alternative


def test_changes_equal_scanning_every_altered_sequence():
    sequence = planted(planted(random_sequence(70, seed=5), 20, REB1_SITE), 45, "TGACTCAT")
    scanner = MotifScanner((*read_motifs(tax_group="fungi")[::8], read_motif("MA0363.3")))

    def best(text, position, motif):
        """Best score of the motif over a position."""
        over = [
            hit.score
            for hit in scanner.scan(one_hot_of(text), p_below=1)
            if hit.motif == motif and hit.start <= position < hit.end
        ]
        return max(over)

    changes = scanner.changes(one_hot_of(sequence), 18, 56)
    assert {change.kind for change in changes} == {"gain", "loss"}
    for change in changes[::9]:
        altered = planted(sequence, change.position, change.alternative)
        place = change.position, change.motif
        assert change.score_reference == pytest.approx(best(sequence, *place), abs=1e-4)
        assert change.score_alternative == pytest.approx(best(altered, *place), abs=1e-4)


def test_what_cannot_be_scanned_is_refused():
    with pytest.raises(SighthoundError, match="no motifs"):
        MotifScanner([])
    with pytest.raises(SighthoundError, match="A as frequent as T"):
        MotifScanner([TOY], np.array([0.4, 0.2, 0.2, 0.2]))
    with pytest.raises(SighthoundError, match="not inside the 4 bases"):
        MotifScanner([TOY]).changes(one_hot_of("ACGT"), 2, 5)
    with pytest.raises(SighthoundError, match="expected \\(length, 4\\)"):
        MotifScanner([TOY]).scan(np.zeros((5, 3)))
