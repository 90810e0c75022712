"""Posteriors against slow and published versions, credible sets, and names in several tables."""

import math

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from sighthound.core.errors import SighthoundError
from sighthound.core.finemapping.bayes_factors import log_bayes_factors
from sighthound.core.finemapping.credible_sets import credible_set, effect_prior, posteriors
from sighthound.core.finemapping.lead_ld import PanelLD, read_ld_table
from sighthound.core.finemapping.names import find, named
from sighthound.core.finemapping.pics import pics
from sighthound.core.finemapping.susie_tables import read_susie_table
from tests.core.association.panels import simulated_panel


def slow_pics(log10_p, r2s):
    """As Farh et al. (2015) say it, a variant at a time, by the error function."""
    weights = []
    for r2 in r2s:
        if math.isnan(r2) or r2 < 0.5:
            weights.append(0.0)
            continue
        mean = r2 * log10_p
        deviation = math.sqrt(1 - math.sqrt(r2) ** 6.4) * math.sqrt(log10_p) / 2
        z = (log10_p - mean) / deviation if deviation else 0.0
        weights.append(0.5 * math.erfc(z / math.sqrt(2)))
    return [weight / sum(weights) for weight in weights]


@given(st.floats(1, 300), st.lists(st.floats(0, 1), max_size=20))
def test_pics_is_what_a_slow_version_gives(log10_p, r2s):
    r2s = [1.0, *r2s]
    np.testing.assert_allclose(pics(log10_p, r2s), slow_pics(log10_p, r2s), atol=1e-12)


def test_pics_has_the_moments_that_are_published():
    # Farh et al.: a mean of r2 times the lead's -log10 P, a deviation of
    # sqrt(1 - |r|^6.4) sqrt(-log10 P) / 2: of r2 0.9 and 10, of 9 and of 0.84587.
    one, other = pics(10.0, [1.0, 0.9])
    assert other / one == pytest.approx(math.erfc((10 - 9) / 0.8458736 / math.sqrt(2)), rel=1e-5)


def test_variants_that_are_never_apart_share_alike_and_unknown_ones_have_none():
    found = pics(20.0, [1.0, 1.0, np.nan, 0.3])
    np.testing.assert_allclose(found, [0.5, 0.5, np.nan, 0.0])


def test_bayes_factors_are_wakefields_formula():
    beta, se, w = 0.08, 0.02, 0.04
    v = se**2
    # Wakefield (2009), equation 2, of the alternative over the null.
    expected = math.sqrt(v / (v + w)) * math.exp((beta / se) ** 2 / 2 * w / (v + w))
    assert math.exp(log_bayes_factors([beta], [se], 0.2)[0]) == pytest.approx(expected)
    assert np.isnan(log_bayes_factors([0.1, np.nan, 0.1], [0.0, 0.1, np.nan])).all()
    assert np.isnan(log_bayes_factors([np.inf, 0.1], [0.1, np.inf])).all()


@given(st.lists(st.floats(0, 1), min_size=1, max_size=12), st.floats(0.01, 1))
def test_a_credible_set_is_the_smallest_that_holds_the_level(weights, level):
    if sum(weights) < 1e-6:
        return
    posterior = np.array(weights) / sum(weights)
    inside = credible_set(posterior, level)
    held = posterior[inside].sum()
    assert held >= level - 1e-9
    largest = np.sort(posterior)[::-1]
    assert largest[: inside.sum() - 1].sum() < level


def test_a_prior_of_effects_keeps_some_for_what_is_not_predicted_to_matter():
    prior = effect_prior([0.0, np.nan, 2.0], 0.5)
    assert prior.sum() == pytest.approx(1)
    assert prior[0] == pytest.approx(0.5 / 3)
    np.testing.assert_allclose(effect_prior([0.0, 0.0], 0.9), [0.5, 0.5])
    after = posteriors([0.0, 0.0, 0.0], prior)
    np.testing.assert_allclose(after, prior)


def test_variants_are_found_by_place_and_alleles_in_either_order_then_by_id():
    ours = named(["chr1", "1", "2", "1"], [4, 4, 9, 77], ["", "rs2", "rs3", "rs9"],
                 ["A", "A", "C", "G"], ["G", "T", "T", "A"])  # fmt: skip
    theirs = named(None, None, ["1:5_G/A", "rs3", "rs2"])
    assert find(ours, theirs).tolist() == [0, 2, 1, -1]
    # A place without alleles names a variant if it is the only one there.
    placed = named(["1", "2"], [4, 9], None)
    assert find(placed, ours).tolist() == [-1, 2]


def write(path, text):
    path.write_text(text)
    return path


def test_ld_is_read_of_pairs_of_plink_and_of_our_own(tmp_path):
    plink = read_ld_table(write(tmp_path / "a.ld", (
        " CHR_A BP_A SNP_A CHR_B BP_B SNP_B R\n"
        " 1 5 rs1 1 9 rs2 -0.5\n 1 9 rs2 1 12 rs3 0.9\n"
    )))  # fmt: skip
    ours = read_ld_table(write(tmp_path / "b.tsv", (
        "# {}\nchrom\tposition_a\tid_a\tcounted_a\tposition_b\tid_b\tcounted_b\tr\n"
        "1\t5\trs1\tA\t9\trs2\tC\t-0.5\n1\t9\trs2\tC\t12\trs3\tG\t0.9\n"
    )))  # fmt: skip
    lead = named(["1"], [8], ["rs2"])
    for table in (plink, ours):
        names, r2 = table.with_lead(lead, 0, 100)
        assert dict(zip(names["id"], r2.round(4), strict=True)) == {
            "rs2": 1.0, "rs1": 0.25, "rs3": 0.81,
        }  # fmt: skip


def test_ld_with_another_lead_is_refused_by_name(tmp_path):
    table = read_ld_table(write(tmp_path / "one.tsv", "id\tr2\nrs1\t1.0\nrs2\t0.74\n"))
    assert table.with_lead(named(id=["rs1"]), 0, 9)[1].tolist() == [1.0, 0.74]
    with pytest.raises(
        SighthoundError, match=r"another variant than the lead rs2, whose r2 is 0\.7"
    ):
        table.with_lead(named(id=["rs2"]), 0, 9)


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("id\tvalue\nrs1\t1\n", "has no LD"),
        ("id\tr2\nrs1\t1\nrs2\t-0.4\n", r"row 2: r2 is -0\.4"),
        ("r2\n1\n", "which variants its LD is of"),
    ],
)
def test_what_is_no_table_of_ld_is_named(tmp_path, text, words):
    with pytest.raises(SighthoundError, match=words):
        read_ld_table(write(tmp_path / "x.tsv", text))


def test_ld_of_a_panel_is_that_of_its_genotypes():
    panel, copies = simulated_panel(variants=6)
    known = PanelLD.of(panel)
    names, r2 = known.with_lead(known.names.iloc[[1]], 0, 10**9)
    np.testing.assert_allclose(r2, np.corrcoef(copies)[1] ** 2)
    assert names["id"].tolist() == [f"rs{number}" for number in range(1, 7)]
    # Beyond the region, and of what it does not know, nothing.
    assert known.with_lead(known.names.iloc[[1]], 0, 2500)[0]["id"].tolist() == ["rs1", "rs2"]
    assert len(known.with_lead(named(id=["rs77"]), 0, 10**9)[1]) == 0


def test_sets_of_susie_are_read_and_broken_probabilities_are_named(tmp_path):
    file = write(tmp_path / "s.tsv", "variant_id\tpip\tcs_id\n1:5_A/G\t0.9\tL1\n1:9_C/T\t0.1\tNA\n")
    found = read_susie_table(file)
    assert (found.pip.tolist(), found.sets.tolist()) == ([0.9, 0.1], ["L1", ""])
    with pytest.raises(SighthoundError, match=r"row 1: prob is 1\.4; expected a probability"):
        read_susie_table(write(tmp_path / "t.tsv", "id\tprob\nrs1\t1.4\n"))
    with pytest.raises(SighthoundError, match="no posterior probabilities"):
        read_susie_table(write(tmp_path / "u.tsv", "id\tx\nrs1\t1.4\n"))


def test_names_without_chromosome_prefix_are_the_same():
    assert find(named(["chr10"], [4], None), named(["10"], [4], None)).tolist() == [0]
    assert isinstance(named(["chr10"], [4], None), pd.DataFrame)
