"""Tables of results say what they were made from."""

from __future__ import annotations

from pathlib import Path

import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from sighthound.core.errors import SighthoundError
from sighthound.core.project.result_tables import (
    DisagreementList,
    DisagreementSettings,
    is_variant_table,
    read_about,
    read_disagreements,
    with_about,
)

ROWS = pd.DataFrame({"track": ["atac"], "start": [1], "log2_ratio": [2.0], "overall": [1]})
SCORES = pa.table({"variant": ["chrI:1:A:C"], "score": ["sad"], "value": ["score"], "atac": [1.0]})


def test_what_is_written_of_disagreements_is_read(tmp_path: Path) -> None:
    settings = DisagreementSettings(32, 1_024, 200, [["gaps.bed", 5, 6, 7]])
    file = tmp_path / "predictions" / "list.parquet"
    DisagreementList(ROWS, settings, "m1", {"atac": [None, ["atac.bw"]]}).write(file)
    found = read_disagreements(file)
    assert found is not None
    pd.testing.assert_frame_equal(found.table, ROWS)
    assert (found.settings, found.model) == (settings, "m1")
    assert found.tracks == {"atac": [None, ["atac.bw"]]}


def test_there_is_no_list_before_it_is_made(tmp_path: Path) -> None:
    assert read_disagreements(tmp_path / "list.parquet") is None


@pytest.mark.parametrize("content", ["another table", "text"])
def test_what_is_no_list_of_disagreements_is_refused(tmp_path: Path, content: str) -> None:
    file = tmp_path / "list.parquet"
    if content == "text":
        file.write_text("track\tstart\n")
    else:
        pq.write_table(SCORES, file)
    with pytest.raises(SighthoundError, match=r"list\.parquet is no list of disagreements; delete"):
        read_disagreements(file)


def test_a_table_of_variants_is_one_with_scores_that_says_its_run(tmp_path: Path) -> None:
    ours, unsaid, other = (tmp_path / f"{name}.parquet" for name in ("ours", "unsaid", "other"))
    table = SCORES.cast(with_about(SCORES.schema, {"version": "0.1"}))
    pq.write_table(table, ours)
    pq.write_table(SCORES, unsaid)
    pq.write_table(table.drop_columns(["score"]), other)
    half = tmp_path / "half.parquet"
    half.write_bytes(ours.read_bytes()[:-20])
    assert [is_variant_table(f) for f in (ours, unsaid, other, half)] == [True, False, False, False]
    assert [read_about(f) for f in (ours, unsaid, half)] == [{"version": "0.1"}, None, None]
