from dataclasses import replace

import numpy as np
import pytest

from sighthound.core.model.model import Model
from sighthound.core.model.target_transforms import TargetTransform
from sighthound.core.tracks.track import write_tracks
from sighthound.precompute.datasets.dataset import make_dataset
from sighthound.precompute.training.levels import level_factors
from sighthound.precompute.training.material import open_material
from tests.models import random_weights
from tests.precompute.simulation.planted import planted_project, tiny_architecture
from tests.precompute.training.test_train import QUICK


def project_with(root, **values):
    project = planted_project(root)
    factor, local = project.read_tracks()
    write_tracks(project.tracks.table, [replace(factor, **values), local])
    make_dataset(project)
    return project


def means(model, batches, fold="train"):
    predicted, measured = [], []
    for batch in batches.fold(fold):
        rows = len(batch.placements)
        predicted.append(model.predict(batch.sequences[:rows])[..., 0])
        measured.append(batch.targets[:rows, :, 0])
    return np.mean(np.concatenate(predicted)), np.mean(np.concatenate(measured))


@pytest.mark.parametrize("transform", ["", "sqrt", "power75"])
def test_the_mean_of_predictions_becomes_that_of_the_experiment(tmp_path, transform):
    project = project_with(tmp_path / "project", transform=transform, scale=0.7)
    material = open_material(project)
    settings = replace(QUICK, shift=0, reverse_complement=False)
    batches = material.batches(settings)
    architecture = tiny_architecture(2)

    def model(factors):
        return Model(
            architecture,
            random_weights(architecture),
            material.dataset.tracks,
            output_scale=(factors / material.scale).tolist(),
            transforms=material.transforms,
        )

    plain = replace(material, scale=np.ones(2), clip=np.full(2, 1e9))
    raw = replace(plain, tracks=tuple(replace(t, transform="") for t in plain.tracks))
    factors = level_factors(model(np.ones(2)), material, batches)
    predicted, measured = means(model(factors), raw.batches(settings))
    assert 0.25 < factors[0] < 4
    assert factors[0] != 1
    assert predicted == pytest.approx(measured, rel=0.02)
    # Where the validation fold has data enough, it says the level.
    factors = level_factors(model(np.ones(2)), material, batches, least_bins=100)
    predicted, measured = means(model(factors), raw.batches(settings), "valid")
    assert predicted == pytest.approx(measured, rel=0.02)


def test_the_tracks_of_a_pair_have_one_factor(tmp_path):
    project = planted_project(tmp_path / "project")
    make_dataset(project)
    material = replace(open_material(project), pairs=np.array([1, 0]))
    architecture = tiny_architecture(2)
    model = Model(architecture, random_weights(architecture), material.dataset.tracks)
    one, other = level_factors(model, material, material.batches(QUICK))
    assert one == other


def test_the_identity_needs_no_transform():
    values = np.array([0.0, 3.0])
    assert (TargetTransform().inverse(2 * TargetTransform().forward(values)) == 2 * values).all()
