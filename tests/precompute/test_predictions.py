import json
from dataclasses import replace

import numpy as np
import pytest

from core.bigwig import chromosomes, read_bins
from core.errors import SighthoundError
from core.genome import Interval
from core.inference import Ensemble, Model, load_model, save_model
from core.network import weight_shapes
from core.tracks import Track, read_tracks, write_tracks
from precompute import predictions
from precompute.predictions import predict_bins, predict_genome
from tests.precompute.planted import LENGTHS, planted_project, tiny_architecture


def random_model(tracks=("factor", "local"), seed=0, **info):
    architecture = tiny_architecture(len(tracks))
    random = np.random.default_rng(seed)
    weights = {
        name: (
            random.uniform(0.5, 1.5, shape)
            if name.endswith(("gamma", "variance"))
            else random.normal(0, 0.3, shape)
        ).astype(np.float32)
        for name, shape in weight_shapes(architecture).items()
    }
    return Model(architecture, weights, tracks, output_scale=[2.0] * len(tracks), info=info)


@pytest.fixture
def project(tmp_path):
    project = planted_project(tmp_path / "project")
    save_model(project.model.directory, random_model())
    return project


def manifest(project):
    return json.loads((project.predictions.directory / "manifest.json").read_text())


def contents(project):
    directory = project.predictions.directory
    return {file.name: file.read_bytes() for file in sorted(directory.glob("*.bw"))}


def predicted(model, genome, chrom, start, end, **options):
    pieces = list(predict_bins(model, genome, chrom, start, end, **options))
    assert [first for first, _ in pieces] == sorted(first for first, _ in pieces)
    return np.concatenate([values for _, values in pieces])


@pytest.mark.parametrize("window_bins", [16, 48, 128])
@pytest.mark.parametrize("ensemble", [Ensemble(), Ensemble(True, (0, 3, -3))])
def test_predictions_do_not_depend_on_where_windows_fall(project, window_bins, ensemble):
    model, genome = load_model(project.model.directory), project.open_genome()
    whole = predicted(model, genome, "chr2", 0, 376, ensemble=ensemble)
    parts = predicted(
        model, genome, "chr2", 0, 376, ensemble=ensemble, window_bins=window_bins, batch_size=3
    )
    assert whole.shape == (376, 2)
    np.testing.assert_allclose(parts, whole, rtol=1e-5, atol=1e-5)
    middle = predicted(model, genome, "chr2", 101, 140, ensemble=ensemble)
    np.testing.assert_allclose(middle, whole[101:140], rtol=1e-5, atol=1e-5)


def test_a_bin_is_predicted_as_from_a_window_that_is_much_longer(project):
    model, genome = load_model(project.model.directory), project.open_genome()
    sequence = genome.one_hot(Interval("chr1", 0, 8000))
    long = model.predict(sequence[None])[0]
    np.testing.assert_allclose(
        predicted(model, genome, "chr1", 200, 210), long[198:208], rtol=1e-5, atol=1e-5
    )


def test_every_track_becomes_a_bigwig_to_the_last_base(project):
    predict_genome(project)
    file = project.predictions.directory / "local.bw"
    assert chromosomes(file) == LENGTHS
    model, genome = load_model(project.model.directory), project.open_genome()
    bins = -(-LENGTHS["chr1"] // 16)
    expected = predicted(model, genome, "chr1", 0, bins)[:, 1]
    found = read_bins(file, "chr1", 0, bins * 16, bins)
    np.testing.assert_allclose(found, expected, rtol=1e-3)
    assert found[-1] > 0
    done = manifest(project)
    assert done["complete"]
    assert done["done"] == list(LENGTHS)
    assert done["tracks"] == ["factor", "local"]
    assert done["model"] == model.hash
    assert not (project.predictions.directory / ".partial").exists()


def test_progress_ends_with_everything_done(project):
    steps = []
    predict_genome(project, progress=lambda done, total: steps.append((done, total)))
    assert steps == sorted(steps)
    assert steps[-1][0] == steps[-1][1]


@pytest.mark.parametrize("step", [1, 2, 3, 4])
def test_a_run_killed_at_any_point_resumes_and_ends_with_the_same_bytes(project, step):
    class KilledError(Exception):
        pass

    predict_genome(project)
    expected = contents(project)
    for file in project.predictions.directory.glob("*"):
        file.unlink()
    steps = []

    def kill(done, total):
        steps.append(done)
        if len(steps) == step:
            raise KilledError

    with pytest.raises(KilledError):
        predict_genome(project, progress=kill)
    assert not manifest(project)["complete"]
    resumed = []
    predict_genome(project, progress=lambda done, total: resumed.append(done))
    assert contents(project) == expected
    assert step == 1 or len(resumed) < 5


def test_a_complete_run_is_not_repeated(project, monkeypatch):
    predict_genome(project)
    monkeypatch.setattr(predictions, "predict_bins", None)
    predict_genome(project)


def test_another_model_replaces_the_predictions(project):
    predict_genome(project)
    before = contents(project)
    save_model(project.model.directory, random_model(seed=5))
    predict_genome(project)
    assert contents(project) != before
    assert manifest(project)["model"] == load_model(project.model.directory).hash


def test_some_tracks_can_be_predicted_first_and_the_others_later(project):
    predict_genome(project)
    expected = contents(project)
    for file in project.predictions.directory.glob("*"):
        file.unlink()
    predict_genome(project, ["local"])
    assert list(contents(project)) == ["local.bw"]
    predict_genome(project)
    assert contents(project) == expected
    assert sorted(manifest(project)["tracks"]) == ["factor", "local"]


def test_tracks_without_experiments_are_predicted(project):
    write_tracks(project.tracks.table, [Track("a", "a"), Track("b", "b")])
    save_model(project.model.directory, random_model(("a", "b")))
    predict_genome(project)
    assert list(contents(project)) == ["a.bw", "b.bw"]


def test_a_model_of_other_tracks_is_refused_and_the_difference_named(project):
    tracks = read_tracks(project.tracks.table)
    write_tracks(project.tracks.table, [tracks[0], replace(tracks[1], id="renamed")])
    with pytest.raises(SighthoundError, match="only the model has local; only the table has ren"):
        predict_genome(project)
    assert not project.predictions.directory.exists()


def test_a_model_of_another_genome_is_refused(project):
    save_model(project.model.directory, random_model(genome="0123"))
    with pytest.raises(SighthoundError, match="trained on another genome"):
        predict_genome(project)


def test_an_unknown_track_is_named(project):
    with pytest.raises(SighthoundError, match="no track 'factr'"):
        predict_genome(project, ["factr"])


def test_another_precision_is_another_run_and_nearly_the_same(project):
    predict_genome(project)
    file = project.predictions.directory / "local.bw"
    exact = read_bins(file, "chr1", 0, 480 * 16, 480)
    predict_genome(project, precision="bfloat16")
    rounded = read_bins(file, "chr1", 0, 480 * 16, 480)
    assert manifest(project)["precision"] == "bfloat16"
    assert (rounded != exact).any()
    np.testing.assert_allclose(rounded, exact, rtol=0.1, atol=0.05 * exact.max())
