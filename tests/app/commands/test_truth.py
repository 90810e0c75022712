"""`sighthound truth` as a person runs it: tables come in, are listed, and go."""

import pytest

from sighthound.core import Interval, load_project
from sighthound.core.project.truth import CEILINGS, REPORT, beside, truth_file, truth_files
from tests.app.test_cli import run
from tests.tiny import make_project


@pytest.fixture
def project(tmp_path):
    return make_project(tmp_path / "lab", model=False, predictions=False)


@pytest.fixture
def table(project, tmp_path):
    bases = load_project(project).open_genome().sequence(Interval("chrI", 0, 12))
    rows = [f"chrI,{n},{base},{'C' if base != 'C' else 'G'},0.5" for n, base in enumerate(bases, 1)]
    file = tmp_path / "m.csv"
    file.write_text("\n".join(["chrom,pos,ref,alt,lfc", *rows, "chrI,3,N,A,1"]) + "\n")
    return file


def test_a_table_comes_in_is_listed_and_goes(project, table):
    done = run("truth", project, table)
    assert done.returncode == 0, done.stderr
    assert "12 of 13 rows" in done.stdout
    assert "1 rows left out: allele with N or other letters (first: line 14" in done.stdout
    assert "no model" in done.stdout
    file = truth_file(load_project(project), "m")
    assert beside(file, REPORT).is_file()
    assert beside(file, CEILINGS).is_file()
    assert "m: 12 measurements of m.csv, not predicted" in run("truth", project).stdout
    assert run("truth", project, "--remove", "m").stdout == "m is removed\n"
    assert truth_files(load_project(project)) == []


def test_a_table_alone_says_what_it_holds(table):
    done = run("truth", table, "--column", "effect=lfc")
    assert "1 experiments; 1 stretches of 12 bases" in done.stdout
    assert "no ceiling is known" in done.stdout


@pytest.mark.parametrize(
    ("arguments", "code", "said"),
    [
        (["--remove", "x"], 1, "no table of measured effects is called 'x'; there: none"),
        (["missing.tsv"], 1, "missing.tsv does not exist"),
        (["--column", "effect"], 2, "expected WHAT=NAME"),
        (["--score", "max_log2"], 2, "'max_log2' is not one of"),
    ],
)
def test_mistakes_are_one_line(project, arguments, code, said):
    done = run("truth", project, *arguments)
    assert done.returncode == code
    assert said in done.stderr
