"""The Python of the docs runs as it stands: in a project called lab, and in the demo."""

import doctest
import io
import re
from pathlib import Path

import pytest

from sighthound.core.model.model import save_model
from tests.models import shallow_model
from tests.paths import ROOT
from tests.tiny import GENES, TRACKS, make_project


def example(path):
    (code,) = re.findall(r"```python\n(.*?)```", (ROOT / path).read_text(), re.DOTALL)
    return code


@pytest.fixture
def lab(tmp_path, monkeypatch):
    make_project(tmp_path / "lab", model=False, predictions=False)
    (tmp_path / "lab" / "genes.gff3").write_text(GENES.replace("BETA1", "HIS4"))
    save_model(tmp_path / "lab" / "model", shallow_model(TRACKS))
    monkeypatch.chdir(tmp_path)


def test_the_readmes_session_goes_from_a_gene_to_a_variant(lab, capsys):
    names = {}
    exec(compile(example("README.md"), "README.md", "exec"), names)
    correlation, *bases = capsys.readouterr().out.split("Name: pearson, dtype: float64\n")
    assert correlation.startswith("atac ")
    assert bases[0].count("chrI ") == 10
    assert Path("his4.bw").stat().st_size
    assert names["seen"].interval == names["measured"].interval
    assert names["effects"].values.shape == (64, 4, 1)
    assert len(names["scores"]) == 1
    assert names["alleles"].difference.values.any()


def test_the_session_of_the_guide_is_that_of_the_demo(demo_project, tmp_path, monkeypatch):
    (tmp_path / "sighthound-demo").symlink_to(demo_project)
    monkeypatch.chdir(tmp_path)
    text = (ROOT / "docs" / "python.md").read_text(encoding="utf-8").replace("```", "")
    session = doctest.DocTestParser().get_doctest(text, {}, "docs/python.md", None, 0)
    assert len(session.examples) >= 20
    said = io.StringIO()
    result = doctest.DocTestRunner().run(session, out=said.write)
    assert result.failed == 0, said.getvalue()


def test_the_guides_example_asks_every_question(lab, capsys):
    names = {}
    exec(compile(example("docs/explain.md"), "docs/explain.md", "exec"), names)
    assert capsys.readouterr().out.startswith("N ")
    assert (names["scores"].values != 0).any()
    assert names["slopes"].shape == (len(names["window"].interval),)
    assert names["effects"].values.shape == (200, 4, 1)
    assert (names["contribution"].values != 0).any()
    assert names["profile"].shape[:2] == (5, 4)
    assert names["motif_in"].shape == (30, 1)
    assert names["deletions"].shape == (4, 1)
