"""Explanations at binding sites, on promoters whose strongest bases are known."""

import numpy as np
import pytest

from sighthound import core
from sighthound.core import Ensemble, Interval, load_project
from sighthound.core.interpretation.windows import locus_window
from sighthound.core.motifs.jaspar import read_motifs
from sighthound.precompute.evaluation.sites import (
    DOWNSTREAM,
    UPSTREAM,
    Promoter,
    promoters,
    sites_table,
)
from tests.models import shallow_model
from tests.tiny import TRACKS, make_project

RNG = np.random.default_rng(2)
LENGTH = UPSTREAM + DOWNSTREAM


def promoter(number, sign, strong=None, motifs=()):
    """The promoter of a start; `strong` is the base (upstream of it) that matters most."""
    tss = 10_000 * (number + 1)
    start = tss - (UPSTREAM if sign > 0 else DOWNSTREAM)
    sizes = RNG.uniform(0.5, 1.5, (LENGTH, 1))
    if strong is not None:
        sizes[tss - sign * strong - start] = 20
    shares = sizes / sizes.sum()
    return Promoter(
        Interval("chrI", start, start + LENGTH), tss, sign,
        {"mutagenesis": shares, "gradient": np.full((LENGTH, 1), 1 / LENGTH)}, (tuple(motifs),),
    )  # fmt: skip


@pytest.fixture
def found():
    """Forty promoters; in the even ones the base 150 upstream matters, and has a site."""
    return [
        promoter(
            n, 1 if n % 4 < 2 else -1, 150 if n % 2 == 0 else None,
            [(10_000 * (n + 1) - 155, 10_000 * (n + 1) - 146, "REB1")] if n == 0 else (),
        )
        for n in range(40)
    ]  # fmt: skip


def site_of(promoter, shift=0):
    at = promoter.tss - promoter.sign * 150 + shift
    return Interval("chrI", at, at + 1)


def table(found, sites):
    return sites_table(found, sites, ["cage"]).set_index(["kind", "method"])


def test_sites_under_the_strongest_base_are_found_and_places_elsewhere_are_not(found):
    sites = {"Reb1": [site_of(p, shift=7) for p in found[::2]]}
    rows = table(found, sites)
    own = rows.loc["Reb1", "mutagenesis"]
    assert (own["sites"], own["near"]) == (20, 1)
    assert own["by_chance"] < 0.6
    assert own["auroc"] > 0.99
    assert own["named"] == own["own_name"] == 1 / 20
    flat = rows.loc["Reb1", "gradient"]
    assert flat["auroc"] == 0.5
    assert np.isnan(flat["named"])
    assert ("all", "mutagenesis") not in rows.index, "one kind is all"


def test_sites_beyond_ten_bases_of_the_strongest_are_not_found(found):
    off = {"Reb1": [site_of(p, shift=25) for p in found[::2]], "Abf1": [site_of(found[1])] * 9}
    rows = table(found, off)
    assert rows.loc["Reb1", "mutagenesis"]["near"] == 0
    assert rows.loc["all", "mutagenesis"]["sites"] == 21
    assert ("Abf1", "mutagenesis") not in rows.index, "one summit, however often it is listed"


def test_matched_places_are_as_far_from_starts_on_either_strand(found):
    """Were strands mixed up, places downstream of starts would be among them."""
    marked = [promoter(n, 1 if n % 2 else -1, strong=150) for n in range(40)]
    sites = {"Reb1": [site_of(p) for p in marked[:20]]}
    rows = table(marked, sites)
    # The bases 150 upstream of all matter, whether a site lies there or not.
    assert rows.loc["Reb1", "mutagenesis"]["by_chance"] == 1
    assert rows.loc["Reb1", "mutagenesis"]["auroc"] == pytest.approx(0.5, abs=0.2)


def test_a_start_is_explained_on_the_track_of_its_strand(tmp_path):
    folder = make_project(tmp_path / "lab", model=False, predictions=False)
    project, model = load_project(folder), shallow_model(TRACKS)
    genome, genes = project.open_genome(), list(project.read_genes())
    by_strand = {"+": "atac", "-": "cage.plus"}
    known = read_motifs("JASPAR2026", "CORE", "fungi")[:25]
    site = Interval("chrI", 8_100, 8_101)
    found = promoters(
        model, genome, genes, {"site": [site]}, [by_strand], Ensemble(), known, most=1
    )
    # The one with a site is taken: BETA1, on the other strand, from 7,999 down.
    (beta,) = found
    assert (beta.tss, beta.sign, beta.interval) == (7_999, -1, Interval("chrI", 7_899, 8_399))
    window = locus_window(model, "chrI", 7_899, 8_399)
    part = (7_899 - window.interval.start, 8_399 - window.interval.start)
    x, bins = window.one_hot(genome), [window.predicted_index(7_999)]
    effects = core.mutagenesis(model, x, *part, tracks=["cage.plus"], bins=bins)
    sizes = abs(core.contributions(x[slice(*part)], effects))
    np.testing.assert_allclose(beta.shares["mutagenesis"], sizes / sizes.sum(), rtol=1e-4)
    assert beta.shares["gradient"].sum() == pytest.approx(1)
