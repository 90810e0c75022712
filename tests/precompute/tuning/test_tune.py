"""A search from its first trial to a network that is trained with what it found."""

import signal
import sys
import tomllib
from dataclasses import replace

import distributed
import pytest
from click.testing import CliRunner

from sighthound.app.cli import cli
from sighthound.core.errors import SighthoundError
from sighthound.core.model.model import load_model
from sighthound.precompute.cluster.tasks import Workers
from sighthound.precompute.datasets.dataset import make_dataset
from sighthound.precompute.training import fit
from sighthound.precompute.training.train import train
from sighthound.precompute.tuning import study
from sighthound.precompute.tuning.settings import TuneSettings
from sighthound.precompute.tuning.tables import Trial, best_trial
from sighthound.precompute.tuning.tune import tune
from tests.precompute.simulation.planted import SETTINGS, planted_project

optuna = pytest.importorskip("optuna")

TRAINING = "epochs = 2\nbatch_size = 16\nlearning_rate = 0.005\naveraging = 0.0\n"
QUICK = TuneSettings(
    trials=3, startup=2, unpruned_epochs=1, search=("filters", "learning_rate"), filters=(4, 12)
)


def make_project(folder):
    project = planted_project(folder, SETTINGS + TRAINING)
    make_dataset(project)
    return project


def table(project):
    lines = (project.root / "tuning" / "trials.tsv").read_text().splitlines()
    head, *rows = (line.split("\t") for line in lines)
    return [
        {name: cell for name, cell in zip(head, row, strict=True) if name != "seconds"}
        for row in rows
    ]


@pytest.fixture(scope="module")
def tuned(tmp_path_factory):
    project = make_project(tmp_path_factory.mktemp("tuned"))
    told = []
    result = tune(project, QUICK, progress=lambda done, total, phase="": told.append((done, total)))
    return project, result, told


def test_the_first_trial_is_the_project_s_own_network(tuned):
    _, result, _ = tuned
    assert result.trials[0].values == {
        "filters_1": 12, "filters_2": 12, "learning_rate": 0.005,
    }  # fmt: skip
    assert len({tuple(trial.values.values()) for trial in result.trials}) == 3


def test_a_table_has_a_row_a_trial_and_the_best_is_of_the_validation_fold(tuned):
    project, result, _ = tuned
    rows = table(project)
    assert [row["trial"] for row in rows] == ["0", "1", "2"]
    losses = [float(row["valid_loss"]) for row in rows if row["state"] == "complete"]
    assert f"{result.best.valid_loss:.6g}" == f"{min(losses):.6g}"
    assert {row["epochs"] for row in rows if row["state"] == "complete"} == {"2"}


def test_progress_is_of_all_trials_and_ends_whole(tuned):
    _, _, told = tuned
    assert told[0] == (0, 3000)
    assert told[-1] == (3000, 3000)
    assert told == sorted(told)


def test_the_best_is_trained_with_by_putting_its_keys_into_the_settings(tuned):
    project, result, _ = tuned
    best = tomllib.loads((result.directory / "best.toml").read_text())["training"]
    assert best["architecture"] == "tuning/best.json"
    assert best["learning_rate"] == result.best.values["learning_rate"]
    assert (best["epochs"], best["averaging"]) == (2, 0.0)
    again = train(replace(project, training=best))
    # The same network, seed and data: what the trial was judged by.
    assert again.valid_loss == pytest.approx(result.best.valid_loss, rel=1e-5)
    first = load_model(again.model).architecture.blocks[0]
    assert first.filters == result.best.values["filters_1"]


def test_a_search_that_was_stopped_in_a_trial_ends_as_one_that_was_not(tuned, tmp_path):
    expected = table(tuned[0])
    project = make_project(tmp_path / "project")

    def stop(done, total, phase=""):
        if 0 < done < 1000:
            signal.raise_signal(signal.SIGINT)

    with pytest.raises(KeyboardInterrupt):
        tune(project, QUICK, progress=stop)
    assert (project.root / "tuning" / "trials" / "0" / "checkpoint.npz").is_file()
    tune(project, replace(QUICK, trials=1))
    assert table(project) == expected[:1]


def test_a_search_goes_on_with_more_trials_but_not_with_other_settings(tuned):
    project, _, _ = tuned
    with pytest.raises(SighthoundError, match=r"other settings or data: \[tune\]; restore"):
        tune(project, replace(QUICK, seed=1))
    with pytest.raises(SighthoundError, match=r"data: \[training\], \[tune\]; restore"):
        tune(project, replace(QUICK, epochs=1))
    assert [t.number for t in tune(project, QUICK).trials] == [0, 1, 2]


def test_two_searches_do_not_work_on_one_study(tuned):
    project, _, _ = tuned
    from sighthound.core.own_folder import own_folder

    with (
        own_folder(project.root / "tuning" / "running", wait=False),
        pytest.raises(SighthoundError, match="at work for another run"),
    ):
        tune(project, QUICK)


def test_a_file_that_is_no_study_is_named(tmp_path):
    project = make_project(tmp_path / "project")
    (project.root / "tuning").mkdir()
    (project.root / "tuning" / "study.journal").write_text("no journal\n")
    with pytest.raises(SighthoundError, match=r"study.journal is no study, or a damaged one"):
        tune(project, QUICK)


def test_a_network_that_diverges_is_a_failed_trial(tmp_path, monkeypatch):
    project = make_project(tmp_path / "project")

    def diverge(self):
        raise fit.DivergedError("training diverged in epoch 1")

    monkeypatch.setattr(fit.Fit, "run", diverge)
    with pytest.raises(SighthoundError, match="of 1 trials none came to an end: training diverged"):
        tune(project, replace(QUICK, trials=1))
    assert [row["state"] for row in table(project)] == ["failed"]


def test_the_best_is_the_first_of_the_lowest_that_came_to_an_end():
    trials = [
        Trial(0, "complete", 0.5, {}, {}), Trial(1, "pruned", 0.1, {}, {}),
        Trial(2, "complete", 0.3, {}, {}), Trial(3, "complete", 0.3, {}, {}),
        Trial(4, "failed", None, {}, {}),
    ]  # fmt: skip
    best = best_trial(trials)
    assert best is not None
    assert best.number == 2


def test_a_median_of_earlier_trials_prunes_what_does_worse(tmp_path):
    settings = replace(QUICK, startup=2)
    opened = study.open_study(tmp_path / "study.journal", settings, "{}", [])
    for loss in (1.0, 2.0):
        trial = opened.ask()
        for epoch in (1, 2):
            trial.report(loss, epoch)
        opened.tell(trial, loss)
    worse = opened.ask()
    worse.report(5.0, 1)
    assert not worse.should_prune()  # unpruned_epochs
    worse.report(5.0, 2)
    assert worse.should_prune()


def test_draws_follow_from_the_seed_and_the_trials_before(tmp_path):
    drawn = []
    for name in ("one", "other"):
        opened = study.open_study(tmp_path / name, QUICK, "{}", [])
        for number in range(6):
            if name == "other":  # as another process would
                opened = study.open_study(tmp_path / name, QUICK, "{}", [])
            trial = opened.ask()
            x, y = trial.suggest_float("x", 0, 1), trial.suggest_float("y", 0, 1)
            assert x != y
            drawn.append((number, x, y))
            opened.tell(trial, (x - 0.3) ** 2 + y)
    assert drawn[:6] == drawn[6:]
    assert len(set(drawn)) == 6


def test_without_optuna_the_command_says_what_to_install(tuned, monkeypatch):
    project, _, _ = tuned
    monkeypatch.setitem(sys.modules, "optuna", None)
    result = CliRunner().invoke(cli, ["tune", str(project.root)])
    assert isinstance(result.exception, SighthoundError)
    assert str(result.exception) == (
        "tuning needs Optuna; install it: pip install 'sighthound[tune]'"
    )


def test_a_cluster_makes_the_trials_that_were_asked_for(tmp_path):
    project = make_project(tmp_path / "project")
    told = []
    with distributed.LocalCluster(
        n_workers=2, threads_per_worker=1, processes=False, dashboard_address=None
    ) as cluster:
        result = tune(
            project,
            replace(QUICK, trials=2, epochs=1),
            workers=Workers(scheduler=cluster.scheduler_address),
            progress=lambda done, total, phase="": told.append(done),
        )
    assert [trial.number for trial in result.trials] == [0, 1]
    assert told[-1] == 2000
    assert not list((project.root / "tuning" / "trials").iterdir())
