"""The demo's model finds what the simulation planted."""

import numpy as np
import pytest

from core import load_model, load_project
from precompute.simulation import Simulation
from precompute.truth import (
    TOP_BINS,
    ceilings,
    compare_mutagenesis,
    find_elements,
    motif_names,
    strong_distal_elements,
    strong_sites,
)


@pytest.fixture(scope="module")
def project(demo_project):
    return load_project(demo_project)


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


def test_saliency_finds_distal_elements_far_more_often_than_chance(project, model, elements):
    some = elements[:: max(1, len(elements) // 60)]
    found = find_elements(project, model, some)
    chance = (TOP_BINS / found.candidates).mean()
    assert (found["rank"] < TOP_BINS).mean() > 3 * chance


def test_mutagenesis_agrees_with_planted_effects_of_bases(project, model, elements):
    strongest = sorted(elements, key=lambda e: -abs(e.log_fold_change))[:8]
    simulation = Simulation(project.open_genome(), project.read_genes(), chromosomes=["chrXVI"])
    compared = compare_mutagenesis(project, model, simulation, strongest)
    assert np.isfinite(compared.pearson).all()
    assert compared.pearson.median() > 0.3


def test_strong_sites_are_occupied_and_listed_once(project):
    sites = strong_sites(project, "chrXVI")
    places = [(site.start, site.factor) for site in sites]
    assert len(places) == len(set(places)) > 200
    assert all(site.occupancy >= 0.5 for site in sites)
    assert all(abs(site.log_fold_change) >= np.log(2) for site in sites)


def test_jaspar_names_planted_motifs_from_mutagenesis(project, model):
    """Of the factors whose ChIP the demo has: those the model can be expected to know."""
    sites = [s for s in strong_sites(project, "chrXVI") if s.factor in ("REB1", "ABF1", "GCN4")]
    strongest = sorted(sites, key=lambda site: -site.occupancy)[:9:3]
    simulation = Simulation(project.open_genome(), project.read_genes(), chromosomes=["chrXVI"])
    named = motif_names(project, model, simulation, strongest)
    assert (named.planted_rank == 0).all()
    assert (named["rank"] == 0).sum() >= 2
    assert (named.q_value < 0.1).sum() >= 2
