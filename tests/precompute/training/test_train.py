import json
import signal
from dataclasses import replace

import numpy as np
import pytest

from sighthound.core.errors import SighthoundError
from sighthound.core.genome.sequence import reverse_complement
from sighthound.core.model.keras_network import build
from sighthound.core.model.model import load_model
from sighthound.core.model.target_transforms import TargetTransform
from sighthound.core.tracks.track import write_tracks
from sighthound.precompute.datasets.dataset import make_dataset, open_dataset
from sighthound.precompute.training.batches import Batches
from sighthound.precompute.training.settings import (
    TrainingSettings,
    training_architecture,
    training_settings,
)
from sighthound.precompute.training.target_scales import target_scale
from sighthound.precompute.training.train import train
from tests.precompute.simulation.planted import planted_project

QUICK = TrainingSettings(
    architecture="tiny.json",
    epochs=3,
    batch_size=8,
    learning_rate=5e-3,
    warmup_steps=2,
    averaging=0.9,
)


@pytest.fixture
def project(tmp_path):
    project = planted_project(tmp_path / "project")
    make_dataset(project)
    return project


@pytest.fixture(scope="module")
def trained(tmp_path_factory):
    project = planted_project(tmp_path_factory.mktemp("trained"))
    make_dataset(project)
    train(project, replace(QUICK, epochs=30, learning_rate=1e-2))
    return project


def batches(project, **options):
    options = {
        "batch_size": 4,
        "scale": np.ones(2),
        "clip": np.full(2, 1e9),
        "strand_pairs": np.arange(2),
        "reverse_complement": False,
        **options,
    }
    return Batches(open_dataset(project), project.open_genome(), **options)


def weights(project):
    return load_model(project.model.directory).weights


def test_a_planted_motif_is_learned(trained):
    table = (trained.model.directory / "held_out.tsv").read_text().splitlines()
    rows = {tuple(line.split("\t")[:3]): line.split("\t")[3:] for line in table[1:]}
    assert table[0] == "track\tfold\tbin\tn_bins\tpearson\tpearson_log1p\tr2"
    assert set(rows) == {("factor", f, b) for f in ("valid", "test") for b in ("16", "128")}
    assert rows["factor", "test", "16"][0] == str(13 * 28)
    assert float(rows["factor", "test", "16"][2]) > 0.7


def test_predictions_are_in_the_units_of_the_experiment(trained):
    batch = next(batches(trained, batch_size=13).fold("test"))
    predicted = load_model(trained.model.directory).predict(batch.sequences)
    assert predicted[..., 0].mean() == pytest.approx(batch.targets[..., 0].mean(), rel=0.15)


def transform(project, **values):
    factor, local = project.read_tracks()
    write_tracks(project.tracks.table, [replace(factor, **values), local])


def test_what_is_learned_transformed_is_predicted_and_measured_undone(tmp_path):
    project = planted_project(tmp_path / "project")
    transform(project, transform="sqrt", soft_clip=4.0)
    make_dataset(project)
    train(project, replace(QUICK, epochs=30, learning_rate=1e-2))
    model = load_model(project.model.directory)
    assert model.transforms == (TargetTransform("sqrt", 4.0), TargetTransform())
    batch = next(batches(project, batch_size=13).fold("test"))
    predicted = model.predict(batch.sequences)[..., 0].astype(float)
    experiment = batch.targets[..., 0]
    # A base lies at 1, a peak at 10.
    assert np.median(predicted[experiment > 9]) == pytest.approx(10, rel=0.3)  # squashed, 1.7
    assert np.median(predicted[experiment < 2]) == pytest.approx(1, rel=0.15)
    table = (project.model.directory / "held_out.tsv").read_text().splitlines()
    r2 = next(float(line.split("\t")[6]) for line in table if line.startswith("factor\ttest\t16"))
    assert r2 > 0.5


def test_transformed_targets_weigh_as_much_as_others(project):
    transform(project, transform="power75", soft_clip=4.0)
    dataset, tracks = open_dataset(project), project.read_tracks()
    scale, clip = target_scale(dataset, tracks)
    given = batches(
        project, scale=scale, clip=clip, transforms=[track.target_transform for track in tracks]
    )
    # Windows overlap the contig's whole length but for its ends.
    means = np.mean([b.targets[..., 0].mean() for b in given.epoch(0)])
    assert means == pytest.approx(1, rel=0.1)
    assert clip[0] == np.inf
    assert clip[1] == dataset.statistics["tracks"][1]["clip_quantile"]


def test_a_training_without_transforms_has_the_targets_it_had(project):
    dataset, tracks = open_dataset(project), project.read_tracks()
    scale, clip = target_scale(dataset, tracks)
    columns = dataset.statistics["tracks"]
    assert scale.tolist() == [1 / column["mean"] for column in columns]
    assert clip.tolist() == [column["clip_quantile"] for column in columns]
    batch = next(batches(project, scale=scale, clip=clip).fold("valid"))
    place = batch.placements[0]
    values = dataset.window_targets(place.chrom, place.start)[:, 0]
    expected = np.clip(values, 0, clip.astype(np.float32)[0]) * scale.astype(np.float32)[0]
    assert (batch.targets[0, :, 0] == expected).all()


def test_the_model_folder_says_how_it_was_made(trained):
    log = (trained.model.directory / "training.jsonl").read_text().splitlines()
    epochs = [json.loads(line)["epoch"] for line in log]
    assert epochs == list(range(1, len(epochs) + 1))
    info = load_model(trained.model.directory).info
    assert info["genome"] == trained.open_genome().fingerprint
    assert info["training"]["settings"]["learning_rate"] == 1e-2
    assert info["held_out_ensemble"] == {"reverse_complement": True, "shifts": [0]}
    assert not list(trained.root.glob("model.*"))


def test_a_training_interrupted_anywhere_ends_with_the_same_weights(tmp_path):
    def interrupt(event):
        if event["event"] == "step" and (event["epoch"], event["step"]) in {(1, 4), (2, 7)}:
            signal.raise_signal(signal.SIGINT)

    projects = [planted_project(tmp_path / name) for name in ("whole", "interrupted")]
    for project in projects:
        make_dataset(project)
    train(projects[0], QUICK)
    for _ in range(2):
        with pytest.raises(KeyboardInterrupt):
            train(projects[1], QUICK, interrupt)
    train(projects[1], QUICK, interrupt)
    resumed = weights(projects[1])
    for name, expected in weights(projects[0]).items():
        np.testing.assert_allclose(resumed[name], expected, rtol=1e-5, atol=1e-6)


def test_an_unfinished_training_with_other_settings_is_not_gone_on_with(project):
    def interrupt(event):
        if event["event"] == "step":
            signal.raise_signal(signal.SIGINT)

    with pytest.raises(KeyboardInterrupt):
        train(project, QUICK, interrupt)
    other = replace(QUICK, epochs=1)
    with pytest.raises(SighthoundError, match="unfinished training with other settings"):
        train(project, other)
    assert train(project, other, fresh=True).epochs == 1


def test_a_trunk_in_bfloat16_learns_weights_and_predictions_of_float32(project):
    result = train(project, replace(QUICK, precision="bfloat16", epochs=1))
    model = load_model(result.model)
    assert {array.dtype.name for array in model.weights.values()} == {"float32"}
    network = build(model.architecture, precision="bfloat16")
    assert network.output.dtype == "float32"
    assert network.layers[1].compute_dtype == "bfloat16"
    assert build(model.architecture).layers[1].compute_dtype == "float32"


def test_training_stops_when_validation_no_longer_improves(project):
    result = train(project, replace(QUICK, epochs=60, patience=2, learning_rate=3e-2))
    assert result.epochs == result.best_epoch + 2 < 60


def test_masked_values_do_not_influence_the_loss(project):
    from sighthound.core.model.keras_network import poisson_loss

    batch = next(batches(project).fold("valid"))
    assert batch.mask[..., 0].all()
    assert not batch.mask[..., 1].any()
    prediction = np.full(batch.targets.shape, 2.0, np.float32)
    loss = float(poisson_loss(batch.targets, prediction, batch.mask))
    prediction[..., 1] = 1e6
    assert float(poisson_loss(batch.targets, prediction, batch.mask)) == loss


def test_an_epoch_depends_on_seed_and_number_alone(project):
    first, again = batches(project, shift=3, seed=4), batches(project, shift=3, seed=4)
    assert first.placements(7) == again.placements(7)
    assert first.placements(7) != first.placements(8)
    whole = list(first.epoch(2))
    rest = list(again.epoch(2, first_step=3))
    assert len(rest) == len(whole) - 3
    assert (rest[0].sequences == whole[3].sequences).all()


def test_training_windows_move_on_the_grid_and_stay_in_their_contig(project):
    placed = [p for batch in batches(project).placements(0) for p in batch]
    starts = np.array([p.start for p in placed])
    assert {p.chrom for p in placed} == {"chr1"}
    assert (starts % 16 == 0).all()
    assert starts.min() >= 0
    assert starts.max() + 28 * 16 <= 24_000
    assert (starts % (28 * 16) != 0).any()


def test_a_reversed_window_has_its_targets_reversed_and_strands_swapped(project):
    pair = np.array([1, 0])
    made = batches(project, reverse_complement=True, strand_pairs=pair, scale=np.array([1, 2]))
    plan = made.placements(0)
    turned = next(p for batch in plan for p in batch if p.is_reversed)
    straight = replace(turned, is_reversed=False)
    one, other = made._read([turned]), made._read([straight])
    assert (one.sequences[0] == reverse_complement(other.sequences[0])).all()
    assert (one.targets[0] == other.targets[0][::-1, pair]).all()


def test_windows_with_more_data_are_drawn_more_often(project):
    made = batches(project)
    made.training = [
        replace(window, observed=1.0 if window.start < 12_000 else 0.25) for window in made.training
    ]
    starts = [p.start for n in range(20) for batch in made.placements(n) for p in batch]
    often = np.mean(np.array(starts) < 12_000)
    assert often == pytest.approx(0.8, abs=0.05)


def test_a_window_at_a_chromosome_end_sees_zeros_beyond_it(project):
    batch = next(batches(project).fold("test"))
    assert batch.placements[0].start == 0
    assert not batch.sequences[0, :32].any()
    assert batch.sequences[0, 32:].any(axis=-1).all()


def test_infinity_in_the_dataset_is_named(project):
    data = open_dataset(project)
    targets = np.load(data.directory / "targets.npy", mmap_mode="r+")
    targets[:, 1] = np.inf
    targets.flush()
    with pytest.raises(SighthoundError, match="infinity in track 'local' at chr1:"):
        train(project, QUICK)


def test_a_loss_that_is_no_number_names_track_and_window(project):
    with pytest.raises(SighthoundError, match=r"diverged in epoch 1: .* track 'factor' at chr1:"):
        train(project, replace(QUICK, learning_rate=1e30, clip_norm=1e30, warmup_steps=0))
    assert not project.model.directory.exists()


@pytest.mark.parametrize(
    ("given", "message"),
    [
        ({"epoch": 3}, "unknown key 'epoch' in"),
        ({"epochs": "3"}, "epochs is '3'; expected a whole number"),
        ({"epochs": 0}, "epochs is 0; expected a number above 0"),
        ({"learning_rate": True}, "expected a number"),
        ({"schedule": "step"}, "schedule is 'step'; expected cosine or constant"),
        ({"precision": "half"}, "precision is 'half'; expected float32 or bfloat16"),
        ({"members": 0}, "members is 0; expected a number above 0"),
        ({"mutations": 1.0}, "mutations is 1.0; expected 0 or more, below 1"),
    ],
)
def test_settings_that_cannot_be_used_are_named(given, message):
    with pytest.raises(SighthoundError, match=message):
        training_settings(given)


def test_settings_come_from_the_project(project):
    assert training_settings(project.training).architecture == "tiny.json"
    assert training_settings({"learning_rate": 1}).learning_rate == 1.0


def test_an_architecture_with_other_bins_than_the_dataset_is_refused(project):
    project = replace(project, dataset=replace(project.dataset, bin=32))
    with pytest.raises(SighthoundError, match=r"has a bin of 16, .* one of 32"):
        training_architecture(project, QUICK, 2)
