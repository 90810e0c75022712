"""Plans of genome-wide predictions: what is measured, and how it is scaled up."""

import dataclasses

import numpy as np
import pytest

from sighthound.core.genome.sequence import Interval
from sighthound.core.model.ensemble import Ensemble
from sighthound.core.model.model import load_model
from sighthound.core.project.settings import load_project
from sighthound.precompute.genome_wide import plan as prediction_plan
from sighthound.precompute.genome_wide.plan import (
    Calibration,
    Files,
    calibrate,
    make_plan,
    with_outputs,
)
from tests.tiny import make_project

MEASURED = Calibration(
    start=2.0,
    window=0.5,
    core=1000,
    window_bases=140_000,
    window_flop=1e12,
    files=Files(encode=1e-7, assemble=1e-8, each=0.01, packed=3.0, written=3.0),
    disk=1e9,
    threads=2,
    has_gpu=False,
    network_bytes=10**9,
)


@pytest.fixture(autouse=True)
def two_processors(monkeypatch):
    monkeypatch.setattr(prediction_plan.os, "cpu_count", lambda: 2)


def test_on_processors_encoding_adds_to_the_network():
    plan = make_plan(MEASURED, bins=10_000, bin=128, tracks=100)
    assert plan.windows == 10
    assert plan.values == 1_000_000
    assert plan.network == pytest.approx(5.0)
    assert plan.encode == pytest.approx(0.05)  # both processors
    assert plan.assemble == pytest.approx(0.005 + 0.5)
    assert plan.seconds == pytest.approx(2.0 + 5.0 + 0.05 + 0.505)
    assert plan.bottleneck == "network"
    assert plan.files == plan.partial == 3_000_000


def test_two_workers_on_one_machine_share_its_processors():
    slower = dataclasses.replace(MEASURED, window=1.0)  # with one processor each
    alone = make_plan(MEASURED, bins=10_000, bin=128, tracks=100)
    pair = make_plan(slower, bins=10_000, bin=128, tracks=100, workers=2)
    assert pair.seconds == pytest.approx(alone.seconds)


def test_beside_gpus_the_slowest_of_network_encoding_and_disk_decides():
    size = {"bins": 10_000_000, "bin": 128, "tracks": 5000, "workers": 4, "gpu_flops": 1e13}
    files = dataclasses.replace(MEASURED.files, assemble=1e-9)
    quick = dataclasses.replace(MEASURED, disk=1e11, files=files)
    many = make_plan(quick, cpus=8, **size)
    assert many.network == pytest.approx(10_000 * 0.1 / 4)
    assert many.encode == pytest.approx(5e10 * 1e-7 / 32)
    assert many.bottleneck == "network"
    few = make_plan(quick, cpus=1, **size)
    assert few.bottleneck == "encoding"
    assert few.seconds > few.encode > many.encode
    slow = make_plan(dataclasses.replace(MEASURED, disk=1e8), cpus=8, **size)
    assert slow.bottleneck == "disk"
    # 150 GB of chunks are written, then read again while as many of files are written.
    assert slow.seconds > 3 * 150e9 / 1e8


def test_a_calibration_measures_this_machine(tmp_path):
    project = load_project(make_project(tmp_path / "tiny"))
    model, genome = load_model(project.model.directory), project.open_genome()
    found = calibrate(model, genome, project.predictions.directory, ensemble=Ensemble())
    assert found.window > 0
    assert found.files.encode > 0
    assert 0.5 < found.files.packed < 40
    assert found.disk > 1e6
    assert not list(project.predictions.directory.glob("*.part"))
    assert prediction_plan.count_windows(model, genome, Ensemble(), found) > 0


def test_outputs_are_made_of_those_that_a_model_has(tmp_path):
    project = load_project(make_project(tmp_path / "tiny"))
    model = load_model(project.model.directory)
    wide = with_outputs(model, 7)
    assert len(wide.tracks) == 7
    sequence = project.open_genome().one_hot(Interval("chrI", 0, model.sequence_length))
    predicted = wide.predict(sequence[None])[0]
    assert predicted.shape[1] == 7
    assert np.isfinite(predicted).all()
    assert (predicted.std(axis=0) > 0).all()
