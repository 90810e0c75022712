from dataclasses import replace

import numpy as np
import pytest
from sklearn.linear_model import Ridge

from sighthound.core.errors import SighthoundError
from sighthound.core.model.model import load_model, write_description
from sighthound.core.model.promoters import readout_of, tower_means
from sighthound.core.model.runtime import import_tensorflow
from sighthound.core.project.settings import load_project
from sighthound.precompute.datasets.dataset import make_dataset
from sighthound.precompute.training.fit import Fit
from sighthound.precompute.training.material import open_material
from sighthound.precompute.training.reporters import (
    BATCH,
    fit_readouts,
    promoter_readout,
    read_reporters,
)
from sighthound.precompute.training.settings import training_architecture
from sighthound.precompute.training.train import train
from tests.models import shallow_model
from tests.precompute.simulation.planted import planted_project
from tests.precompute.training.test_train import QUICK


@pytest.fixture
def table(tmp_path):
    path = tmp_path / "promoters.tsv"
    path.write_text("id\tsequence\texpression\na\tACGT\t3\nb\tggNg\t1\nc\tACGTACGTACGTACGTA\t2\n")
    return path


def test_promoters_lie_between_zeros_in_whole_bins(table):
    read = read_reporters(table, bin=16)
    assert read.sequences.shape == (3, 32, 4)
    assert read.sequences.sum(axis=(1, 2)).tolist() == [4, 3, 17]
    assert np.flatnonzero(read.sequences[0].any(axis=1)).tolist() == [14, 15, 16, 17]
    np.testing.assert_allclose(read.measured, np.array([1, -1, 0]) / np.sqrt(2 / 3), rtol=1e-6)


def test_a_step_sees_promoters_that_follow_from_the_seed(table):
    tf = import_tensorflow()
    one, again, other = (read_reporters(table, 16, seed) for seed in (0, 0, 1))
    drawn = [r.batch(tf, tf.constant(4))[1].numpy() for r in (one, again, other)]
    assert drawn[0].shape == (BATCH,)
    assert (drawn[0] == drawn[1]).all()
    assert (drawn[0] != drawn[2]).any()


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("sequence\tvalue\nACGT\t1\n", "no column 'expression'"),
        ("sequence\texpression\nACXT\t1\n", "tsv:2: 'ACXT' is no sequence"),
        ("sequence\texpression\nACGT\thigh\n", "tsv:2: expression is 'high'; expected a number"),
        ("sequence\texpression\nACGT\tnan\n", "expression is 'nan'"),
        ("sequence\texpression\nACGT\n", "tsv:2: 1 columns of 2"),
        ("sequence\texpression\nACGT\t1\nAC\t1\n", "no two promoters of different expression"),
        ("", "no column 'sequence'"),
    ],
)
def test_tables_that_cannot_be_learned_are_named(tmp_path, text, message):
    path = tmp_path / "promoters.tsv"
    path.write_text(text)
    with pytest.raises(SighthoundError, match=message):
        read_reporters(path, 16)


@pytest.fixture
def project(tmp_path):
    project = planted_project(tmp_path / "project")
    make_dataset(project)
    random = np.random.default_rng(0)
    rows = ["".join(random.choice(list("ACGT"), 40)) for _ in range(200)]
    lines = [f"{row}\t{row.count('G') + row.count('C')}" for row in rows]
    (project.root / "promoters.tsv").write_text("sequence\texpression\n" + "\n".join(lines))
    return project


def test_the_second_head_learns_and_moves_the_tower(project):
    settings = replace(QUICK, reporters="promoters.tsv", epochs=8, reporter_weight=1.0)
    material = open_material(project)
    architecture = training_architecture(project, settings, 2)
    fit = Fit(material, settings, architecture, project.root / "fit", lambda event: None)
    tf = import_tensorflow()
    before = float(fit.steps.reporter_loss(tf, tf.constant(0)))
    fit.run()
    assert float(fit.steps.reporter_loss(tf, tf.constant(0))) < 0.5 * before


def test_the_model_is_of_the_tracks_alone_and_reads_promoters(project):
    result = train(project, replace(QUICK, reporters="promoters.tsv", epochs=1))
    model = load_model(result.model)
    assert model.tracks == ("factor", "local")
    readout = readout_of(model)
    assert readout is not None
    assert (readout.insert, readout.length, readout.promoters) == (40, 48, 200)
    assert readout.r > 0.5  # of G and C even a tower of one epoch says something


def test_a_readout_is_the_ridge_regression_of_what_was_measured_on_the_tower(project):
    model = shallow_model(("a",))
    reporters = read_reporters(project.root / "promoters.tsv", model.bin)
    readout = promoter_readout(model, reporters)
    means = tower_means(model, reporters.sequences)
    spread = means.std(axis=0)
    scaled = (means - means.mean(axis=0)) / np.where(spread, spread, 1)  # one channel is silent
    from_scikit = Ridge(alpha=1e-3 * 200).fit(scaled, reporters.measured).predict(scaled)
    found = means @ np.array(readout.weights) + readout.constant
    np.testing.assert_allclose(found, from_scikit, atol=1e-4)
    promoters = reporters.sequences[:, 12:52]
    np.testing.assert_allclose(readout.expression(model, promoters), found, atol=1e-5)


def test_the_usual_promoter_is_as_long_as_half_of_them(tmp_path):
    path = tmp_path / "promoters.tsv"
    rows = [("A" * n, n) for n in (20, 30, 30, 30, 40)]
    lines = [f"{bases}\t{value}" for bases, value in rows]
    path.write_text("\n".join(["sequence\texpression", *lines]) + "\n")
    assert read_reporters(path, 16).insert == 30


def test_readouts_are_fitted_again_by_a_command(project):
    result = train(project, replace(QUICK, reporters="promoters.tsv", epochs=1))
    before = load_model(result.model)
    del before.info["promoters"]
    write_description(result.model, before)
    with pytest.raises(SighthoundError, match="names no reporters; name a table of measured"):
        fit_readouts(project)
    settings = project.root / "sighthound.toml"
    named = settings.read_text().replace("[training]", '[training]\nreporters = "promoters.tsv"')
    settings.write_text(named)
    assert fit_readouts(load_project(project.root)) == 1
    model = load_model(result.model)
    assert readout_of(model) is not None
    assert model.hash == before.hash
