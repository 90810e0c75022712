"""`sighthound saliency` and `mutagenesis` as a person types them."""

import json
import os
import shutil
import signal
import subprocess
import sys
import threading
import time

import pandas as pd
import pyBigWig
import pytest
from click.testing import CliRunner

from sighthound.app.cli import cli
from sighthound.core.genome.sequence import Genome, Interval
from sighthound.core.model.model import save_model
from tests.app.test_cli import run
from tests.models import shallow_model
from tests.paths import ROOT
from tests.tiny import TRACKS, make_project


@pytest.fixture(scope="module")
def lab(tmp_path_factory):
    folder = tmp_path_factory.mktemp("explain") / "lab"
    make_project(folder, model=False, predictions=False)
    save_model(folder / "model", shallow_model(TRACKS))
    return folder


def test_saliency_of_all_genes_fills_a_folder(lab):
    result = run("saliency", lab, "--genes", "all", "--track", "atac", "--both-strands")
    assert result.returncode == 0, result.stderr
    assert "3 starts in 3 bins, 1 track in" in result.stdout
    found = {path.name for path in (lab / "saliency").iterdir()}
    assert found == {"atac.bw", "atac.elements.parquet", "manifest.json"}
    manifest = json.loads((lab / "saliency" / "manifest.json").read_text())
    assert manifest["ensemble"]["reverse_complement"]


def test_saliency_of_a_region_goes_to_standard_output(lab):
    result = CliRunner().invoke(
        cli, ["saliency", str(lab), "--region", "chrI:2,001", "--track", "atac"]
    )
    header, *rows = result.output.splitlines()
    assert header == "chrom\tstart\tend\tatac"
    assert len(rows) == 31 + 1 + 65


def test_a_contrast_is_asked_for_by_both_tracks(lab, tmp_path):
    run = CliRunner()
    asked = ["--contrast", "cage.plus", "atac", "--track", "atac"]
    result = run.invoke(cli, ["saliency", str(lab), "--region", "chrI:2,001", *asked])
    assert result.output.startswith("chrom\tstart\tend\tatac\tcage.plus/atac\n")
    mutagenesis = ["mutagenesis", str(lab), "chrI:1,990-1,993", *asked]
    result = run.invoke(cli, [*mutagenesis, "--target", "ALPHA1", "-o", str(tmp_path / "o.bw")])
    assert sorted(path.name for path in tmp_path.iterdir()) == [
        "o.atac.bw", "o.cage.plus_over_atac.bw",
    ]  # fmt: skip
    result = run.invoke(cli, [*mutagenesis, "-o", str(tmp_path / "none.tsv")])
    assert "cage.plus/atac is a contrast of the sums over some bins; give a target" in str(
        result.exception
    )
    result = run.invoke(cli, ["saliency", str(lab), "--genes", "ALPHA1", *asked])
    assert "ask for a contrast with --region" in str(result.exception)


def test_mutagenesis_writes_what_the_ending_says(lab, tmp_path):
    for name in ("o.parquet", "o.bw"):
        result = run(
            "mutagenesis", lab, "chrI:1,990-1,999", "--target", "ALPHA1", "--track", "atac",
            "--both-strands", "--precision", "float64", "-o", tmp_path / name,
        )  # fmt: skip
        assert result.returncode == 0, result.stderr
        assert f"{name} written" in result.stdout
    table = pd.read_parquet(tmp_path / "o.parquet")
    assert table.atac.dtype == "float64"
    contribution = -table.groupby("position").atac.sum() / 3
    with pyBigWig.open(str(tmp_path / "o.bw")) as file:
        assert file.values("chrI", 1989, 1999) == pytest.approx(list(contribution), rel=1e-5)


@pytest.mark.parametrize(
    "command",
    [
        ["mutagenesis", "lab", "chrI:1,990", "--target", "ALPHA1", "-o", "o.tsv"],
        ["saliency", "lab", "--genes", "ALPHA1", "-o", "out"],
        ["variants", "lab", "v.vcf", "--genes", "-o", "o.parquet"],
        ["alleles", "lab", "ALPHA1:c.-30del", "-o", "out"],
    ],
    ids=lambda command: command[0],
)
def test_every_command_that_reads_the_genes_says_what_was_passed_over(lab, tmp_path, command):
    copy = tmp_path / "lab"
    shutil.copytree(lab, copy, ignore=shutil.ignore_patterns("saliency"))
    with (copy / "genes.gff3").open("a") as genes:
        genes.write("M[b]:x:\ttest\tgene\t1\t9\t.\t+\t.\tID=T9;Name=COB\n")
    ref = Genome(copy / "genome.fa").sequence(Interval("chrI", 1999, 2000))
    alt = "A" if ref != "A" else "C"
    (tmp_path / "v.vcf").write_text(
        "##fileformat=VCFv4.2\n#CHROM\tPOS\tID\tREF\tALT\tQUAL\tFILTER\tINFO\n"
        f"chrI\t2000\t.\t{ref}\t{alt}\t.\t.\t.\n"
    )
    places = {"lab", "v.vcf", "out", "o.tsv", "o.parquet"}
    result = CliRunner().invoke(
        cli, [str(tmp_path / word) if word in places else word for word in command]
    )
    assert result.exit_code == 0, result.output
    said = [line for line in result.stderr.splitlines() if line.startswith("genes: ")]
    what = "genes on sequences that the genome lacks, left out"
    assert said == [f"genes: {what}: 1 (first: COB on M[b]:x:)"]


def test_knock_outs_are_named_by_their_own_regions(lab, tmp_path):
    out = tmp_path / "o.tsv"
    arguments = ["--knock-out", "chrI:1,990-1,999", "--target", "ALPHA1", "-o", str(out)]
    result = CliRunner().invoke(cli, ["mutagenesis", str(lab), *arguments])
    assert result.exit_code == 0, result.output
    assert len(pd.read_csv(out, sep="\t", comment="#")) == 3


@pytest.mark.parametrize(
    ("arguments", "code", "words"),
    [
        (("saliency", "--genes", "gamma"), 1, "no gene is called 'gamma'"),
        (("saliency", "--region", "chrV:1-9"), 1, "unknown chromosome 'chrV'"),
        (("saliency",), 2, "give --genes or --region"),
        (("mutagenesis", "chrI:1-9", "-o", "o.csv"), 1, "ends in '.csv'"),
        (("mutagenesis", "-o", "o.h5"), 2, "give REGION, or --knock-out"),
        (("mutagenesis", "chrI:1-9", "--profile", "--deletions", "3", "-o", "o.h5"), 2, "give one"),
    ],
)
def test_a_mistake_is_one_line_or_the_usage(lab, arguments, code, words, tmp_path):
    command, *others = arguments
    result = run(command, lab, *others, cwd=tmp_path)
    assert result.returncode == code
    assert words in result.stderr
    assert code == 2 or result.stderr.count("\n") == 1
    assert list(tmp_path.iterdir()) == []


def test_ctrl_c_says_how_to_go_on_and_the_same_command_does(lab, tmp_path):
    out = tmp_path / "o.parquet"
    command = [
        sys.executable, "-m", "sighthound", "mutagenesis", str(lab), "chrI:10,001-20,000",
        "--deletions", "9", "--target", "chrI:15,000", "--track", "atac", "-o", str(out),
    ]  # fmt: skip
    environment = {**os.environ, "PYTHONPATH": str(ROOT)}
    with subprocess.Popen(command, stderr=subprocess.PIPE, env=environment) as process:
        pieces = tmp_path / ".o.parquet.pieces"
        deadline = time.monotonic() + 600
        while len(list(pieces.glob("*.npz"))) < 2 and time.monotonic() < deadline:
            threading.Event().wait(0.05)
        process.send_signal(signal.SIGINT)
        _, errors = process.communicate(timeout=600)
    assert process.returncode == 130
    assert b"the same command goes on" in errors
    assert not out.exists()
    assert len(list(pieces.glob("*.npz"))) >= 2
