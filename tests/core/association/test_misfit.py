"""Statistics that do not fit LD are named, as SLALOM names them."""

import numpy as np
import pandas as pd
import pytest

from sighthound.core.association.ld import ld_matrix
from sighthound.core.association.misfit import dentist_s, is_outlier, loci
from tests.core.association.panels import simulated_panel
from tests.paths import SHARED_DATA


def test_statistics_that_follow_ld_fit_and_one_of_the_wrong_sign_does_not() -> None:
    panel, _ = simulated_panel(variants=60, people=200)
    r = ld_matrix(panel, 0, 60)
    lead = int(np.argmax((r[:, :] ** 2 > 0.6).sum(axis=1)))
    z = 12 * r[lead]
    partner = int(np.flatnonzero((r[lead] ** 2 > 0.6) & (np.arange(60) != lead))[0])
    chi2, log10_p = dentist_s(z, r[lead], lead)
    assert np.isnan(chi2[lead])
    assert not is_outlier(r[lead], log10_p).any()
    z[partner] *= -1
    _, log10_p = dentist_s(z, r[lead], lead)
    assert list(np.flatnonzero(is_outlier(r[lead], log10_p))) == [partner]


def test_r_of_one_fits_only_equal_statistics() -> None:
    chi2, _ = dentist_s(np.array([3.0, 3.0, 2.0]), np.array([1.0, 1.0, 1.0]), 0)
    np.testing.assert_array_equal(chi2, [np.nan, 0, np.inf])


def test_every_locus_of_a_study_is_tested_once() -> None:
    panel, _ = simulated_panel(variants=60, people=100)
    z = np.zeros(60)
    z[[10, 12, 50]] = 8, 7, 9
    z[11] = np.nan
    log10_p = np.where(np.isnan(z), np.nan, np.abs(z) * 2)
    found = loci(panel, z, log10_p, bases=5_000)
    assert [locus.lead for locus in found] == [10, 50]
    assert list(found[0].rows) == [5, 6, 7, 8, 9, 10, 12, 13, 14, 15]
    expected = np.corrcoef(panel.dosages(0, 60))[10, found[0].rows]
    np.testing.assert_allclose(found[0].r, expected, atol=1e-5)
    assert loci(panel, z, log10_p, p=1e-30, bases=5_000) == []


@pytest.mark.real_data
def test_outliers_of_slaloms_example_are_those_that_it_marks() -> None:
    path = SHARED_DATA / "human" / "tcf7l2" / "slalom_example.txt"
    table = pd.read_csv(path, sep="\t")
    lead = int(np.flatnonzero(table["lead_variant"])[0])
    r = table["r"].to_numpy()
    chi2, log10_p = dentist_s((table["beta"] / table["se"]).to_numpy(), r, lead)
    np.testing.assert_allclose(chi2, table["t_dentist_s"], rtol=1e-6, atol=1e-9)
    np.testing.assert_allclose(log10_p, table["nlog10p_dentist_s"], rtol=1e-6, atol=1e-9)
    theirs = (r**2 > 0.6) & (table["nlog10p_dentist_s"] > 4)
    np.testing.assert_array_equal(is_outlier(r, log10_p), theirs)
    assert theirs.sum() > 0
