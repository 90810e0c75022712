"""The demo's model finds what the simulation planted."""

import numpy as np
import pytest

from sighthound.core import load_model, load_project
from sighthound.precompute.recipes.truth import (
    TOP_BINS,
    Site,
    ceilings,
    compare_mutagenesis,
    find_elements,
    motif_names,
    saliency_roc,
    strong_distal_elements,
    strong_sites,
)
from sighthound.precompute.simulation.simulator import Simulation


@pytest.fixture(scope="module")
def project(simulated_project):
    return load_project(simulated_project)


@pytest.fixture(scope="module")
def model(project):
    return load_model(project.model.directory)


@pytest.fixture(scope="module")
def elements(project):
    return strong_distal_elements(project, "chrXVI")


def test_no_track_is_predicted_better_than_its_noise_allows(project):
    table = ceilings(project, "chrXVI")
    assert (table.pearson_log1p < table.ceiling + 0.05).all()
    assert table.ceiling.between(0.7, 1).all()


def test_saliency_finds_distal_elements(project, model, elements):
    some = elements[:: max(1, len(elements) // 60)]
    found = find_elements(project, model, some)
    assert (found["rank"] < TOP_BINS).mean() > 0.8
    assert saliency_roc(found) > 0.95
    assert found.sign_is_right.mean() > 0.8


def test_mutagenesis_agrees_with_planted_effects_of_bases(project, model, elements):
    strongest = sorted(elements, key=lambda e: -abs(e.log_fold_change))[:8]
    simulation = Simulation(project.open_genome(), project.read_genes(), chromosomes=["chrXVI"])
    compared = compare_mutagenesis(project, model, simulation, strongest)
    assert np.isfinite(compared.pearson).all()
    assert compared.pearson.median() > 0.8
    assert compared.auroc.median() > 0.95


def test_strong_sites_are_occupied_and_listed_once(project):
    sites = strong_sites(project, "chrXVI")
    places = [(site.start, site.factor) for site in sites]
    assert len(places) == len(set(places)) > 200
    assert all(site.occupancy >= 0.5 for site in sites)
    assert all(abs(site.log_fold_change) >= np.log(2) for site in sites)


def test_jaspar_names_planted_motifs_from_mutagenesis(project, model):
    """The best occupied site of every factor but UME6, whose own matrix names it less often."""
    best: dict[str, Site] = {}
    for site in sorted(strong_sites(project, "chrXVI"), key=lambda site: site.occupancy):
        best[site.factor] = site
    sites = [site for factor, site in best.items() if factor != "UME6"]
    simulation = Simulation(project.open_genome(), project.read_genes(), chromosomes=["chrXVI"])
    named = motif_names(project, model, simulation, sites)
    assert len(named) == 8
    assert (named["rank"].between(0, 2)).sum() >= 7
    assert (named.q_value < 0.1).sum() >= 7
