"""Tables of an evaluation are read as they were written."""

import math
from dataclasses import asdict
from pathlib import Path

import pandas as pd
import pytest

from sighthound.core.errors import SighthoundError
from sighthound.core.project.evaluation import (
    REPORT_FILE,
    TABLES,
    TRACKS_FILE,
    About,
    TrackAccuracy,
    read_about,
    read_table,
    write_evaluation,
)

ABOUT = About("m", "g", "1", "test", 128, (64, 128), 6_400, {"shifts": [0]}, {"2D": "none"})


def rows(*tracks: str) -> pd.DataFrame:
    found = [TrackAccuracy(track, "test", 64, "masked", 9, pearson=0.5) for track in tracks]
    return pd.DataFrame([asdict(row) for row in found])


def test_ids_that_look_like_numbers_or_nothing_stay_text(tmp_path: Path) -> None:
    ids = ["007", "nan", "NA", "1e5", "true"]
    write_evaluation(tmp_path / "out", ABOUT, {TRACKS_FILE: rows(*ids)})
    table = read_table(tmp_path / "out", TRACKS_FILE)
    assert table["track"].tolist() == ids
    assert table["note"].tolist() == [""] * 5
    assert table["pearson"].tolist() == [0.5] * 5
    assert math.isnan(table["r2"][0])
    assert read_about(tmp_path / "out") == ABOUT


def test_a_new_evaluation_leaves_no_table_and_no_report_of_the_old(tmp_path: Path) -> None:
    out = tmp_path / "out"
    peaks = pd.DataFrame([dict.fromkeys(TABLES["peaks.tsv"], 1)])
    write_evaluation(out, ABOUT, {TRACKS_FILE: rows("a"), "peaks.tsv": peaks})
    (out / REPORT_FILE).write_text("old")
    (out / "mine.txt").write_text("kept")
    write_evaluation(out, ABOUT, {TRACKS_FILE: rows("a"), "peaks.tsv": peaks[:0]})
    assert {file.name for file in out.iterdir()} == {"evaluation.json", TRACKS_FILE, "mine.txt"}
    assert read_table(out, "peaks.tsv").columns.tolist() == list(TABLES["peaks.tsv"])


def test_a_table_without_a_column_is_named(tmp_path: Path) -> None:
    write_evaluation(tmp_path, ABOUT, {TRACKS_FILE: rows("a")})
    (tmp_path / TRACKS_FILE).write_text("track\tfold\na\ttest\n")
    with pytest.raises(SighthoundError, match=r"tracks\.tsv is damaged .*run 'sighthound evaluate"):
        read_table(tmp_path, TRACKS_FILE)
