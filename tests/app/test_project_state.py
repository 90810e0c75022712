"""What the web side knows of a project without asking the model."""

from dataclasses import asdict, astuple
from typing import Any

import pandas

from sighthound.app.answers.project import FoldStretch, HeldOut
from sighthound.app.project_state import Catalogue
from sighthound.core import load_project
from sighthound.core.project.evaluation import (
    TRACKS_FILE,
    About,
    TrackAccuracy,
    write_evaluation,
)
from tests.tiny import LENGTHS, SETTINGS, make_project


def test_folds_are_whole_chromosomes_where_they_are_named_and_no_data_set_was_made(tmp_path):
    folder = make_project(tmp_path / "tiny", model=False, predictions=False)
    (folder / "sighthound.toml").write_text(SETTINGS.replace("valid = 0.1", "valid = []"))
    assert Catalogue(load_project(folder)).folds() == [
        FoldStretch("chrI", 0, LENGTHS["chrI"], "train"),
        FoldStretch("chrII", 0, LENGTHS["chrII"], "test"),
    ]


def test_held_out_accuracy_is_that_of_the_test_fold_in_the_models_own_bins(tmp_path):
    folder = make_project(tmp_path / "tiny", predictions=False)
    rows = [
        "track\tfold\tbin\tn_bins\tpearson\tpearson_log1p\tr2",
        "atac\ttest\t64\t100\t0.1\t0.2\t0.3",
        "atac\ttest\t128\t50\t0.4\t0.5\t0.6",
        "atac\tvalid\t64\t100\t0.7\t0.8\t0.9",
    ]
    (folder / "model" / "held_out.tsv").write_text("\n".join(rows) + "\n")
    held_out = Catalogue(load_project(folder)).held_out()
    assert list(held_out) == ["atac"]
    assert astuple(held_out["atac"])[:3] == (0.1, 0.2, 0.3)


def test_held_out_accuracy_over_a_few_bins_is_none(tmp_path):
    folder = make_project(tmp_path / "tiny", predictions=False)
    header = "track\tfold\tbin\tn_bins\tpearson\tpearson_log1p\tr2\n"
    (folder / "model" / "held_out.tsv").write_text(f"{header}atac\tvalid\t64\t19\t1\t1\t1\n")
    assert Catalogue(load_project(folder)).held_out()["atac"] == HeldOut(
        None, None, None, fold="valid", bin=64, n_bins=19
    )


def test_a_ceiling_stands_beside_the_r_of_its_fold_and_bins_once_it_is_known(tmp_path):
    folder = make_project(tmp_path / "tiny", predictions=False)
    header = "track\tfold\tbin\tn_bins\tpearson\tpearson_log1p\tr2\n"
    held_out = folder / "model" / "held_out.tsv"
    held_out.write_text(f"{header}atac\ttest\t64\t100\t0.1\t0.2\t0.3\n")
    catalogue = Catalogue(load_project(folder))
    assert catalogue.held_out()["atac"].ceiling_of is None
    accuracy: dict[str, Any] = {"track": "atac", "fold": "test", "ceiling_of": "replicates"}
    rows = [
        TrackAccuracy(**accuracy, bin=128, region="masked", n_bins=50, ceiling_log1p=0.9),
        TrackAccuracy(**accuracy, bin=64, region="all", n_bins=110, ceiling_log1p=0.8),
        TrackAccuracy(
            **accuracy, bin=64, region="masked", n_bins=100, ceiling=0.6, ceiling_log1p=0.7
        ),
    ]
    about = About("m", "g", "1", "test", 128, (64, 128), 6_400, {})
    table = pandas.DataFrame([asdict(row) for row in rows])
    write_evaluation(folder / "evaluation", about, {TRACKS_FILE: table})
    found = catalogue.held_out()["atac"]
    assert (found.ceiling_log1p, found.ceiling, found.ceiling_of) == (0.7, 0.6, "replicates")
