"""The command line: help, exit codes, errors of one line, the road from BigWigs to predictions."""

import contextlib
import io
import json
import os
import subprocess
import sys

import click
import pandas
import pytest
from click.testing import CliRunner
from click.types import FloatParamType, IntParamType

from sighthound.app.cli import cli, main
from sighthound.app.commands import Number
from sighthound.core import Interval, load_model, load_project
from tests.paths import GOLDEN, ROOT
from tests.tiny import SETTINGS, make_project

COMMANDS = (
    "admin",
    "align",
    "alleles",
    "atlas",
    "check-statistics",
    "check-tracks",
    "contrasts",
    "coverage",
    "dataset",
    "demo",
    "disagreements",
    "doctor",
    "eqtl",
    "evaluate",
    "finemap",
    "gwas",
    "hub",
    "inference",
    "init",
    "ld",
    "ldsc",
    "mcp",
    "model",
    "mutagenesis",
    "nulls",
    "predict",
    "repeats",
    "saliency",
    "serve",
    "sldp",
    "train",
    "truth",
    "tune",
    "variants",
)


def run(*arguments, cwd="."):
    """A command as a person runs it, in this process, which has TensorFlow already."""
    words = [str(argument) for argument in arguments]
    stdout, stderr, code = io.StringIO(), io.StringIO(), 0
    with (
        contextlib.chdir(cwd),
        contextlib.redirect_stdout(stdout),
        contextlib.redirect_stderr(stderr),
        pytest.MonkeyPatch.context() as patch,
    ):
        patch.setattr(sys, "argv", ["sighthound", *words])
        try:
            main()
        except SystemExit as end:
            code = end.code
    return subprocess.CompletedProcess(words, code, stdout.getvalue(), stderr.getvalue())


def run_alone(*arguments, cwd=None):
    """As `run`, in a process of its own, so that what libraries write themselves is heard too."""
    environment = {**os.environ, "PYTHONPATH": str(ROOT)}
    return subprocess.run(
        [sys.executable, "-m", "sighthound", *map(str, arguments)],
        capture_output=True, text=True, cwd=cwd, env=environment, check=False,
    )  # fmt: skip


def test_every_command_is_listed_and_explains_itself():
    assert set(COMMANDS) == set(cli.commands)
    for name in COMMANDS:
        result = CliRunner().invoke(cli, [name, "--help"])
        assert result.exit_code == 0
        assert len(result.output.splitlines()) > 5


def test_every_command_is_in_the_readme():
    readme = (ROOT / "README.md").read_text()
    assert all(f"sighthound {name}" in readme for name in COMMANDS)


def numbers_asked(command, words=()):
    """Every kind of number that a command or those within it take, and the words that lead there"""
    if isinstance(command, click.Group):
        for name, inner in command.commands.items():
            yield from numbers_asked(inner, (*words, name))
        return
    for one in command.params:
        for kind in one.type.types if isinstance(one.type, click.Tuple) else [one.type]:
            if isinstance(kind, FloatParamType | IntParamType):
                yield " ".join((*words, one.name)), kind


def test_every_number_that_is_asked_for_has_a_least_and_is_finite():
    found = dict(numbers_asked(cli))
    assert len(found) > 80
    free = {name for name, kind in found.items() if getattr(kind, "min", None) is None}
    assert {name.split()[-1] for name in free} == {"shifts"}  # to either side
    floats = [kind for kind in found.values() if isinstance(kind, FloatParamType)]
    assert {type(kind) for kind in floats} == {Number}


@pytest.mark.parametrize("words", [
    ("eqtl", "lab", "samples.tsv", "-o", "out", "--cis-kb", "nan"),
    ("ldsc", "panel", "z.tsv", "-o", "o.tsv", "--window-kb", "inf"),
    ("nulls", "lab", "--seed", "-1"),
])  # fmt: skip
def test_what_is_no_number_is_wrong_usage(words):
    result = run(*words)
    assert result.returncode == 2
    assert f"Invalid value for '{words[-2]}'" in result.stderr


def test_a_users_error_is_one_line_and_code_1(tmp_path):
    result = run_alone("serve", tmp_path)
    assert result.returncode == 1
    assert result.stderr.startswith("sighthound: ")
    assert result.stderr.count("\n") == 1
    assert "is no project" in result.stderr


def test_variants_are_scored_and_what_is_skipped_is_said(tmp_path):
    project = make_project(tmp_path / "project", predictions=False)
    base = load_project(project).open_genome().sequence(Interval("chrI", 99, 100))
    other = "C" if base == "A" else "A"
    head = "##fileformat=VCFv4.2\n#CHROM\tPOS\tID\tREF\tALT\tQUAL\tFILTER\tINFO\n"
    lines = [f"chrI\t100\t.\t{base}\t{other}\t.\t.\t.", f"chrI\t100\t.\t{base}\t<INS>\t.\t.\t."]
    (tmp_path / "in.vcf").write_text(head + "\n".join(lines) + "\n")
    result = run_alone(
        "variants", project, "in.vcf", "-o", "out.parquet", "--score", "sad,log2_ratio",
        "--track", "atac", cwd=tmp_path,
    )  # fmt: skip
    assert result.returncode == 0, result.stderr
    assert "out.parquet: 1 allele scored" in result.stdout
    assert "1 symbolic allele (first chrI:100" in result.stdout
    table = pandas.read_parquet(tmp_path / "out.parquet")
    assert table.score.tolist() == ["sad"] * 3 + ["log2_ratio"] * 3
    assert list(table.columns)[-1] == "atac"


def test_wrong_usage_is_code_2(tmp_path):
    assert run("predict").returncode == 2
    assert run("coverage", "--multi", "some", "a.bam", "b.bw").returncode == 2


def test_a_cancelled_command_is_code_130(monkeypatch):
    def cancel(**options):
        raise KeyboardInterrupt

    monkeypatch.setattr(cli, "main", cancel)
    with pytest.raises(SystemExit) as end:
        main()
    assert end.value.code == 130


def test_the_road_from_experiments_to_predictions(tmp_path):
    """dataset, train and predict on a tiny project leave what the page reads."""
    folder = make_project(tmp_path / "tiny", model=False, predictions=False)
    training = "\n[training]\nfilters = 8\nepochs = 1\nbatch_size = 4\nwarmup_steps = 1\n"
    (folder / "sighthound.toml").write_text(SETTINGS + training)
    for command in ("dataset", "train", "predict"):
        result = run(command, folder)
        assert result.returncode == 0, result.stderr
        assert "next: sighthound" in result.stdout
    header, *rows = (folder / "model" / "held_out.tsv").read_text().splitlines()
    assert header == "track\tfold\tbin\tn_bins\tpearson\tpearson_log1p\tr2"
    assert len(rows) > 3
    assert {path.name for path in (folder / "predictions").iterdir()} == {
        "atac.bw", "cage.plus.bw", "cage.minus.bw", "manifest.json", "disagreements.parquet",
    }  # fmt: skip


def test_an_imported_model_makes_a_project_that_predicts(tmp_path):
    """model import, init --model and predict, in a folder that holds no experiment."""
    folder = make_project(tmp_path / "tiny", model=False, predictions=False)
    golden = GOLDEN / "small_v1"
    targets = tmp_path / "targets.txt"
    rows = "".join(f"T{i}\tfile\tCHIP:H3K27ac:cell {i}\n" for i in range(7))
    targets.write_text(rows)
    model, lab = tmp_path / "published", tmp_path / "lab"
    result = run(
        "model", "import", golden / "weights_only.h5", "--params", golden / "params.json",
        "--targets", targets, "--out", model,
    )  # fmt: skip
    assert result.returncode == 0, result.stderr
    assert "Keras-2 HDF5, weights only" in result.stdout
    assert "self-check" in result.stdout
    assert load_model(model).tracks == tuple(f"T{i}" for i in range(7))
    fasta, genes = folder / "genome.fa", folder / "genes.gff3"
    result = run("init", lab, "--fasta", fasta, "--genes", genes, "--model", model)
    assert result.returncode == 0, result.stderr
    assert "next: sighthound" not in result.stdout
    assert f"sighthound predict {lab}" in result.stdout
    project = load_project(lab)
    assert project.dataset.bin == 128
    assert [track.group for track in project.read_tracks()] == ["H3K27ac"] * 7
    result = run("predict", lab, "--track", "T3")
    assert result.returncode == 0, result.stderr
    assert (lab / "predictions" / "T3.bw").is_file()


def test_an_import_that_fails_is_one_line_and_writes_nothing(tmp_path):
    golden = GOLDEN / "small_v1"
    out = tmp_path / "model"
    other = GOLDEN / "small_v2" / "params.json"
    result = run_alone(
        "model", "import", golden / "model_best.h5", "--params", other, "--gelu", "tanh",
        "--out", out,
    )  # fmt: skip
    assert result.returncode == 1
    assert result.stderr.count("\n") == 1
    assert result.stderr.startswith("sighthound: model_best.h5: ")
    assert not list(tmp_path.iterdir())


def test_a_network_is_described_as_a_table_as_data_and_as_a_drawing(tmp_path):
    table = CliRunner().invoke(cli, ["model", "describe", "paper"]).output
    assert "244.7 GFLOP" in table
    assert "dilated 64 ‖" in table
    svg = tmp_path / "net.svg"
    result = run("model", "describe", "basenji2", "--tracks", 9, "--svg", svg, "--json")
    described = json.loads(result.stdout)
    assert (described["tracks"], described["bins"]) == (9, 896)
    assert described["flops"] == sum(layer["flops"] for layer in described["layers"])
    assert svg.read_text().startswith("<svg")


def test_a_model_folder_and_an_architectures_file_are_described_alike(tmp_path):
    model = make_project(tmp_path / "tiny", predictions=False) / "model"
    data = json.loads((model / "model.json").read_text())["architecture"]
    (tmp_path / "net.json").write_text(json.dumps(data))
    of_folder, of_file = (
        CliRunner().invoke(cli, ["model", "describe", str(path)]).output.splitlines()
        for path in (model, tmp_path / "net.json")
    )
    assert (of_folder[0], of_file[0]) == ("model", "net")
    assert of_folder[1:] == of_file[1:]


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["nothing"], "nothing is neither a model folder, nor a preset"),
        (["broken.json"], "broken.json is not valid JSON"),
        (["list.json"], "expected an object with 'blocks'"),
        (["list.json", "--tracks", "3"], "--tracks is for presets"),
    ],
)
def test_what_cannot_be_described_is_one_line(tmp_path, arguments, message):
    (tmp_path / "broken.json").write_text("{")
    (tmp_path / "list.json").write_text("[]")
    result = run("model", "describe", *arguments, cwd=tmp_path)
    assert result.returncode == 1
    assert message in result.stderr
    assert result.stderr.count("\n") == 1
