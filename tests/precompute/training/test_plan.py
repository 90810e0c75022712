from dataclasses import replace

from click.testing import CliRunner

from sighthound.app.cli import cli
from sighthound.precompute.datasets.dataset import make_dataset
from sighthound.precompute.training.plan import plan_training
from tests.precompute.simulation.planted import planted_project
from tests.precompute.training.test_train import QUICK


def test_a_plan_counts_all_networks_and_leaves_nothing(tmp_path):
    project = planted_project(tmp_path / "project")
    make_dataset(project)
    one = plan_training(project, QUICK)
    team = plan_training(project, replace(QUICK, members=3, distillation_epochs=2))
    assert (one.networks, team.networks) == (1, 4)
    assert one.steps == team.steps == QUICK.epochs * team.distillation_steps // 2
    assert one.seconds > one.seconds_a_step * one.steps  # validation counts, too
    assert (one.devices, one.device_memory) == (1, 0)
    assert team.seconds > 3 * team.seconds_a_step * team.steps
    assert one.memory > 1e8
    before = sorted(project.root.rglob("*"))
    result = CliRunner().invoke(cli, ["train", str(project.root), "--dry-run", "--seeds", "2"])
    assert result.exit_code == 0, result.output
    assert "3 networks of" in result.output
    assert "minutes" in result.output or "hours" in result.output
    assert sorted(project.root.rglob("*")) == before
