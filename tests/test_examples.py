"""The Python of README and docs/explain.md runs as it stands, in a project called lab."""

import re

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


def test_the_readmes_example_names_a_bin_and_ten_bases(lab, capsys):
    names = {}
    exec(compile(example("README.md"), "README.md", "exec"), names)
    first, *bases = capsys.readouterr().out.splitlines()
    assert re.fullmatch(r"atac: [+-][\d,]+ bases from the start, score -?[\d.e-]+", first)
    assert len(bases) == 10
    assert all(
        re.match(r"chrI:[\d,]+ [ACGT]: [+-]?[\d.e-]+ to \+?[\d.e-]+", line) for line in bases
    )
    assert names["prediction"].shape == (3,)
    assert names["effects"].shape == (64, 4)
    assert len(names["table"]) == 1


def test_the_guides_example_asks_every_question(lab, capsys):
    names = {}
    exec(compile(example("docs/explain.md"), "docs/explain.md", "exec"), names)
    assert capsys.readouterr().out.startswith("N ")
    assert (names["scores"] != 0).any()
    assert names["slopes"].shape == (len(names["window"].interval),)
    assert names["effects"].shape == (200, 4, 1)
    assert (names["contribution"] != 0).any()
    assert names["profile"].shape[:2] == (5, 4)
    assert names["motif_in"].shape == (30, 1)
    assert names["deletions"].shape == (4, 1)
