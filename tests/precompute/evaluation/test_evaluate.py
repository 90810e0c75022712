"""The whole of `evaluate` on a tiny project, and what it says to bad input."""

import gzip
from pathlib import Path

import numpy as np
import pytest

from sighthound.core.bigwig.files import write_bigwig
from sighthound.core.errors import SighthoundError
from sighthound.core.genome.sequence import Interval
from sighthound.core.interpretation.window_predictions import predict_bins
from sighthound.core.model.architecture import Architecture
from sighthound.core.model.blocks import Convolution, Crop
from sighthound.core.model.ensemble import Ensemble
from sighthound.core.model.model import Model, load_model, save_model
from sighthound.core.project.evaluation import (
    evaluation_folder,
    read_about,
    read_ceilings,
    read_table,
)
from sighthound.core.project.model_card import read_card
from sighthound.core.project.settings import load_project
from sighthound.core.tracks.experiments import experiment_bins
from sighthound.core.tracks.metrics import pearson, pearson_log1p
from sighthound.precompute.datasets.dataset import open_dataset
from sighthound.precompute.datasets.record_dataset import make_record_dataset
from sighthound.precompute.evaluation import signals
from sighthound.precompute.evaluation.evaluate import evaluate
from sighthound.precompute.new_project import init_project
from sighthound.precompute.training.accuracy import held_out_accuracy
from tests.models import random_weights, shallow_model
from tests.paths import GOLDEN
from tests.tiny import BIN, LENGTHS, TRACKS, make_project


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    root = make_project(tmp_path_factory.mktemp("tiny"), model=False, predictions=False)
    save_model(root / "model", shallow_model(TRACKS))
    text = (root / "sighthound.toml").read_text().replace("valid = 0.1", 'valid = ["chrI"]')
    blacklist = root / "blacklist.bed"
    blacklist.write_text("chrII\t10000\t12000\n")
    (root / "sighthound.toml").write_text(
        text.replace("[tracks]", 'blacklist = "blacklist.bed"\n[tracks]')
    )
    table = root / "tracks.tsv"
    again = root / "experiments" / "again.bw"
    rng = np.random.default_rng(3)
    values = [(c, rng.poisson(2.0, n // 16).astype(np.float32)) for c, n in LENGTHS.items()]
    write_bigwig(again, LENGTHS, values, 16)
    head, *rows = table.read_text().splitlines()
    row = dict.fromkeys(head.split("\t"), "") | {
        "id": "again", "assay": "CAGE", "strand": "+", "aggregation": "sum",
        "experiment": "experiments/again.bw", "replicate_of": "cage.plus",
    }  # fmt: skip
    table.write_text("\n".join([head, *rows, "\t".join(row.values())]) + "\n")
    return root


@pytest.fixture(scope="module")
def evaluated(folder: Path) -> Path:
    project = load_project(folder)
    evaluate(project, ensemble=Ensemble(True))
    return evaluation_folder(project)


def test_the_models_card_has_what_was_measured_and_says_what_is_not_known(folder, evaluated):
    card = read_card(folder / "model")
    assert (card.model, card.evaluated) == (load_model(folder / "model").hash, True)
    assert {line.part for line in card.lines} >= {"model", "data", "folds", "levels"}
    (genome,) = [line for line in card.lines if line.name == "genome"]
    assert load_project(folder).open_genome().fingerprint in genome.over
    bases = {line.name: line.value for line in card.part("folds")}
    assert bases == {"valid": LENGTHS["chrI"], "test": LENGTHS["chrII"]}
    table = read_table(evaluated, "tracks.tsv").set_index(["track", "bin", "region"])
    level = next(line for line in card.part("levels") if line.name == "CAGE: level")
    bin_size = read_about(evaluated).bin
    of_tracks = [table.loc[track, bin_size, "masked"].level for track in TRACKS[1:]]
    assert level.value == pytest.approx(np.median(of_tracks), rel=1e-5)
    assert "its networks were not compared" in card.doubts[-1]
    assert "train several" in read_about(evaluated).missing["members"]


def test_numbers_are_those_of_the_predictions_of_the_whole_chromosome(folder, evaluated):
    project = load_project(folder)
    model, genome = load_model(folder / "model"), project.open_genome()
    bins = LENGTHS["chrII"] // BIN
    pieces = predict_bins(model, genome, "chrII", 0, bins, ensemble=Ensemble(True))
    prediction = np.concatenate([values for _, values in pieces])[:, 1]
    track = {t.id: t for t in project.read_tracks()}["cage.plus"]
    experiment = experiment_bins(track, genome, Interval("chrII", 0, bins * BIN), BIN)
    counts = np.ones(bins, bool)
    counts[10_000 // BIN : -(-12_000 // BIN)] = False
    table = read_table(evaluated, "tracks.tsv").set_index(["track", "bin", "region"])
    for region, chosen in (("masked", counts), ("all", slice(None))):
        row = table.loc["cage.plus", BIN, region]
        p, y = prediction[chosen], experiment[chosen]
        assert row["n_bins"] == len(y)
        assert row["pearson"] == pytest.approx(pearson(p, y).item(), abs=1e-5)
        assert row["pearson_log1p"] == pytest.approx(pearson_log1p(p, y).item(), abs=1e-5)
        assert row["level"] == pytest.approx(p.mean() / y.mean(), rel=1e-5)
        assert row["pearson_low"] < row["pearson"] < row["pearson_high"]
    # In bins of 128 bases two are added up.
    p, y = (v[: bins // 2 * 2].reshape(-1, 2).sum(axis=1) for v in (prediction, experiment))
    row = table.loc["cage.plus", 128, "all"]
    assert row["pearson"] == pytest.approx(pearson(p, y).item(), abs=1e-5)


def test_a_replicate_that_the_model_lacks_sets_the_ceiling(folder, evaluated):
    ceilings = read_ceilings(load_project(folder))
    assert ceilings["cage.plus", "test", BIN].of == "replicates"
    assert abs(ceilings["cage.plus", "test", BIN].pearson_log1p) < 0.3
    assert ceilings["cage.minus", "test", BIN].pearson is None
    assert ceilings["cage.minus", "test", BIN].of == "no replicate"
    table = read_table(evaluated, "replicates.tsv")
    assert table[["track", "other", "relation"]].to_numpy().tolist() == [
        ["cage.plus", "again", "replicates"]
    ]


def test_a_track_without_data_in_the_fold_is_missing_and_not_zero(evaluated):
    table = read_table(evaluated, "tracks.tsv")
    rows = table[table["track"] == "atac"]
    assert (rows["note"] == "no data in this fold").all()
    assert rows[["pearson", "r2", "level", "experiment_mean"]].isna().all(axis=None)


def test_it_says_what_it_is_of_and_what_is_missing(folder, evaluated):
    about = read_about(evaluated)
    assert about.model == load_model(folder / "model").hash
    assert (about.bin, about.bins, about.bases) == (128, (64, 128), LENGTHS["chrII"] // 64 * 64)
    assert about.ensemble == {"reverse_complement": True, "shifts": [0]}
    assert "S3" in about.missing


def test_a_second_run_predicts_nothing_and_gives_the_same_bytes(folder, evaluated, monkeypatch):
    files = {file.name: file.read_bytes() for file in evaluated.iterdir()}
    monkeypatch.setattr(signals, "predict_bins", None)
    evaluate(load_project(folder), ensemble=Ensemble(True))
    assert {file.name: file.read_bytes() for file in evaluated.iterdir()} == files


def test_a_run_that_was_killed_goes_on_to_the_same_bytes(folder, evaluated, monkeypatch):
    files = {file.name: file.read_bytes() for file in evaluated.iterdir()}
    monkeypatch.setattr(signals, "_CHUNK_BINS", 200)

    def stop(done: int, total: int, phase: str = "") -> None:
        if done > 200:
            raise KeyboardInterrupt

    (folder / ".cache" / "evaluation" / "identity.json").write_text("of another run")
    with pytest.raises(KeyboardInterrupt):
        evaluate(load_project(folder), ensemble=Ensemble(True), progress=stop)
    done = folder / ".cache" / "evaluation" / "done.txt"
    assert done.read_text() == "0\n1\n"
    done.write_text("0\n1\n2")  # a line that was being written
    evaluate(load_project(folder), ensemble=Ensemble(True))
    again = read_table(evaluated, "tracks.tsv")
    assert again["pearson"].to_numpy() == pytest.approx(
        read_again(files["tracks.tsv"]), abs=1e-5, nan_ok=True
    )


def read_again(content: bytes) -> np.ndarray:
    rows = [line.split("\t") for line in content.decode().splitlines()]
    column = rows[0].index("pearson")
    return np.array([float(row[column]) for row in rows[1:]])


def test_a_model_of_another_genome_is_named(folder, tmp_path):
    model = shallow_model(TRACKS)
    model.info["genome"] = "f00d"
    save_model(tmp_path / "model", model)
    project = load_project(folder)
    other = project.__class__(
        **{**vars(project), "model": project.model.__class__(tmp_path / "model")}
    )
    with pytest.raises(SighthoundError, match=r"trained on another genome than genome\.fa \(f00d"):
        evaluate(other)


@pytest.mark.filterwarnings("ignore:overflow")
def test_a_model_that_predicts_no_number_is_named(folder, tmp_path):
    model = shallow_model(TRACKS)
    model.output_scale[:] = np.finfo(np.float32).max
    model.weights[max(n for n in model.weights if n.endswith("bias"))] += 9
    save_model(tmp_path / "model", model)
    project = load_project(folder)
    broken = project.__class__(
        **{**vars(project), "model": project.model.__class__(tmp_path / "model")}
    )
    with pytest.raises(SighthoundError, match="no number for track 'atac' on chrII:1-29,952"):
        evaluate(broken)


def test_windows_of_records_are_judged_as_they_are_after_a_training(tmp_path):
    fasta = tmp_path / "genome.fa"
    fasta.write_bytes(gzip.decompress((GOLDEN / "bam_cov" / "genome.fa.gz").read_bytes()))
    init_project(tmp_path / "lab", fasta, None, None, records=GOLDEN / "dataset")
    project = load_project(tmp_path / "lab")
    make_record_dataset(project)
    network = Architecture(16_384, (Convolution(4, 5, 128), Crop(8)), tracks=3)
    model = Model(network, random_weights(network, spread=0.5), ("T0", "T1", "T2"))
    save_model(tmp_path / "lab" / "model", model)
    evaluate(project)
    table = read_table(evaluation_folder(project), "tracks.tsv").set_index(["track", "region"])
    stated = held_out_accuracy(project, open_dataset(project), model, Ensemble())
    for row in (row for row in stated if row.fold == "test"):
        found = table.loc[row.track, "masked"]
        assert found["n_bins"] == row.n_bins == 4 * 112
        measures = ["pearson", "pearson_log1p", "r2"]
        assert found[measures].tolist() == pytest.approx(
            [row.pearson, row.pearson_log1p, row.r2], abs=1e-5
        )
