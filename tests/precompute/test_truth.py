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
    strong_distal_elements,
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
