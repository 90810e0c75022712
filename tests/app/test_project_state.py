"""What the web side knows of a project without asking the model."""

from sighthound.app.project_state import Catalogue
from sighthound.core import load_project
from tests.tiny import LENGTHS, SETTINGS, make_project


def test_folds_are_whole_chromosomes_where_they_are_named_and_no_data_set_was_made(tmp_path):
    folder = make_project(tmp_path / "tiny", model=False, predictions=False)
    (folder / "sighthound.toml").write_text(SETTINGS.replace("valid = 0.1", "valid = []"))
    assert Catalogue(load_project(folder)).folds() == [
        {"chrom": "chrI", "start": 0, "end": LENGTHS["chrI"], "fold": "train"},
        {"chrom": "chrII", "start": 0, "end": LENGTHS["chrII"], "fold": "test"},
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
    assert held_out["atac"].items() >= {"pearson": 0.1, "pearson_log1p": 0.2, "r2": 0.3}.items()


def test_held_out_accuracy_over_a_few_bins_is_none(tmp_path):
    folder = make_project(tmp_path / "tiny", predictions=False)
    header = "track\tfold\tbin\tn_bins\tpearson\tpearson_log1p\tr2\n"
    (folder / "model" / "held_out.tsv").write_text(f"{header}atac\tvalid\t64\t19\t1\t1\t1\n")
    assert Catalogue(load_project(folder)).held_out()["atac"] == {
        "pearson": None, "pearson_log1p": None, "r2": None, "fold": "valid", "bin": 64, "n_bins": 19
    }  # fmt: skip
