"""JASPAR's matrices: what is read, what is refused, what they say."""

import numpy as np
import pytest

from sighthound.core import SighthoundError
from sighthound.core.motifs.jaspar import Motif, background_of, read_motif, read_motifs
from tests.motifs import one_hot_of

TOY = Motif("toy", "TOY", np.array([[8, 0, 0, 0], [4, 4, 0, 0], [1, 1, 1, 1]]))


def test_the_fungal_matrices_are_read_once_latest_versions_only():
    motifs = read_motifs(tax_group="fungi")
    bases = [motif.id.split(".")[0] for motif in motifs]
    assert len(motifs) == len(set(bases)) == 193
    assert read_motifs(tax_group="fungi") is motifs
    (reb1,) = [motif for motif in motifs if motif.name == "REB1"]
    assert reb1.id.startswith("MA0363.")
    assert reb1.consensus == "ATTACCCGG"
    assert reb1.url == f"https://jaspar.elixir.no/matrix/{reb1.id}/"


def test_one_matrix_is_read_by_its_identifier_with_version():
    assert read_motif("MA0363.3").name == "REB1"
    for wrong in ("MA0363", "MA0363.99", "nonsense"):
        with pytest.raises(SighthoundError, match="has no matrix"):
            read_motif(wrong)


@pytest.mark.parametrize(
    ("wrong", "listed"),
    [
        ({"release": "JASPAR1066"}, "JASPAR2026"),
        ({"collection": "KERN"}, "CORE"),
        ({"tax_group": "yeasts"}, "fungi"),
    ],
)
def test_what_jaspar_does_not_have_is_refused_with_a_list_of_what_it_has(wrong, listed):
    with pytest.raises(SighthoundError, match=listed) as error:
        read_motifs(**wrong)
    assert "\n" not in str(error.value)


def test_information_is_in_bits_against_the_background():
    np.testing.assert_allclose(TOY.information(), [2, 1, 0])
    skewed = np.array([0.5, 0.125, 0.125, 0.25])
    np.testing.assert_allclose(TOY.information(skewed)[0], 1)


def test_log_odds_are_nats_with_a_share_of_the_background_mixed_in():
    odds = TOY.log_odds(pseudocount=0.02)
    np.testing.assert_allclose(odds[0], np.log([0.985 / 0.25, 0.02, 0.02, 0.02]))
    np.testing.assert_allclose(odds[2], 0, atol=1e-12)


def test_a_background_is_that_of_both_strands_and_leaves_n_out():
    np.testing.assert_allclose(
        background_of(one_hot_of("AAANNN")), [5 / 14, 2 / 14, 2 / 14, 5 / 14]
    )


def test_counts_that_make_no_motif_are_refused():
    for counts in ([], [[1, 2, 3]], [[0, 0, 0, 0]], [[-1, 2, 1, 1]]):
        with pytest.raises(SighthoundError, match="motif bad"):
            Motif("bad", "", np.array(counts, float))
