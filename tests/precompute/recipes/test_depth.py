"""Networks of one dilated layer, two, and so on: what they see and how right they are."""

import json
from dataclasses import replace

import pytest

from sighthound.core.errors import SighthoundError
from sighthound.core.model.architecture import Architecture
from sighthound.core.model.blocks import Convolution, Crop
from sighthound.core.model.model import load_model
from sighthound.precompute.datasets.dataset import make_dataset
from sighthound.precompute.recipes.depth import measure_depths
from tests.precompute.simulation.planted import CROP, SEQUENCE_LENGTH, planted_project
from tests.precompute.training.test_train import QUICK


def test_each_depth_is_trained_once_and_sees_further(tmp_path):
    project = planted_project(tmp_path / "project")
    make_dataset(project)
    told = []
    found = measure_depths(project, replace(QUICK, epochs=1), tmp_path / "depths", told.append)
    assert found == told
    assert [depth.layers for depth in found] == [1, 2]
    assert found[0].context < found[1].context
    assert found[0].parameters < found[1].parameters
    assert all(-1 <= r <= 1 for depth in found for r in (depth.valid, depth.test))
    before = load_model(tmp_path / "depths" / "1").hash
    assert measure_depths(project, replace(QUICK, epochs=1), tmp_path / "depths") == found
    with pytest.raises(SighthoundError, match="1 was trained with another epochs; give another"):
        measure_depths(project, replace(QUICK, epochs=2), tmp_path / "depths")
    assert load_model(tmp_path / "depths" / "1").hash == before


def test_a_network_without_dilated_layers_has_no_depths(tmp_path):
    project = planted_project(tmp_path / "project")
    blocks = (Convolution(4, 11, 4), Convolution(4, 3, 4), Crop(CROP), Convolution(4, 1))
    plain = Architecture(SEQUENCE_LENGTH, blocks, 1).to_json()
    (project.root / "plain.json").write_text(json.dumps(plain))
    settings = replace(QUICK, architecture="plain.json")
    with pytest.raises(SighthoundError, match="0 blocks of dilated layers; expected one"):
        measure_depths(project, settings, tmp_path / "depths")
