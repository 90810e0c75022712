"""The file of measured effects: what is written is read, and nothing else is taken for one."""

import numpy as np
import pandas as pd
import pytest

from sighthound.core import load_project
from sighthound.core.errors import SighthoundError
from sighthound.core.project.truth import (
    REPORT,
    Truth,
    beside,
    predicted_column,
    read_truth,
    remove_truth,
    truth_file,
    truth_files,
    truth_name,
)
from tests.tiny import make_project


@pytest.fixture
def project(tmp_path):
    return load_project(make_project(tmp_path / "lab", model=False, predictions=False))


def truth(**more):
    rows = pd.DataFrame(
        {
            "chrom": ["chrI"], "position": [9], "ref": ["A"], "alt": ["C"], "effect": [0.5],
            "p": [np.nan], "q": [0.01], "element": [""], "experiment": ["one"], "gene": [""],
        }
    )  # fmt: skip
    given = {"name": "m", "rows": rows, "source": "m.tsv", "said": ("all",), "effect": "logFC"}
    return Truth(**{**given, "genome": "g", "version": "1", **more})


def test_what_is_written_is_read_again(project):
    rows = truth().rows.assign(**{predicted_column("effect"): np.float32([1.5])})
    written = truth(rows=rows, model="h", tracks=("effect",), score="sad", ensemble={"shifts": [0]})
    file = truth_file(project, "m")
    written.write(file)
    before = file.read_bytes()
    found = read_truth(file)
    assert found.rows.equals(rows)
    assert found.predicted.tolist() == [[1.5]]
    assert (found.model, found.tracks, found.said) == ("h", ("effect",), ("all",))
    assert pd.read_parquet(file)["position"].tolist() == [10]
    found.write(file)
    assert file.read_bytes() == before


def test_a_table_goes_with_all_that_is_beside_it(project):
    file = truth_file(project, "m")
    truth().write(file)
    beside(file, REPORT).write_text("x")
    remove_truth(project, "m")
    assert list(file.parent.iterdir()) == []
    with pytest.raises(SighthoundError, match="called 'm'; there: none"):
        remove_truth(project, "m")
    with pytest.raises(SighthoundError, match=r"called '\.\./m'"):
        remove_truth(project, "../m")


def test_other_files_are_refused(project):
    file = truth_file(project, "m")
    file.parent.mkdir()
    pd.DataFrame({"a": [1]}).to_parquet(file)
    assert truth_files(project) == [file]
    with pytest.raises(SighthoundError, match="is no table of measured effects"):
        read_truth(file)


def test_names_are_those_of_files_without_what_a_shell_would_trip_over():
    assert truth_name("MPRA (2019).csv.gz") == "MPRA_2019"
    assert truth_name("../../x.tsv") == "x"
    assert truth_name(".gz") == "measured"
