"""`sighthound model filters`: the table, the page of logos, and what is refused."""

import csv

import numpy as np
import pytest
from click.testing import CliRunner

from sighthound.app.commands.filters import COLUMNS, filters, genome_pieces
from sighthound.core import Genome, SighthoundError, load_model
from tests.tiny import LENGTHS, make_project


@pytest.fixture(scope="module")
def project(tmp_path_factory):
    return make_project(tmp_path_factory.mktemp("tiny") / "project", predictions=False)


def run(*arguments):
    return CliRunner().invoke(filters, list(map(str, arguments)))


def test_filters_are_written_as_a_table_and_as_logos(project, tmp_path):
    table, page = tmp_path / "filters.tsv", tmp_path / "filters.html"
    result = run(
        project / "model", "-o", table, "--html", page, "--tax-group", "fungi",
        "--fasta", project / "genome.fa", "--bases", 50_000,
    )  # fmt: skip
    assert result.exit_code == 0, result.output
    assert "8 filters: 8 have a motif" in result.stderr
    rows = list(csv.DictReader(table.read_text().splitlines(), delimiter="\t"))
    assert tuple(rows[0]) == COLUMNS
    assert {row["filter"] for row in rows} == set(map(str, range(8)))
    width = load_model(project / "model").architecture.blocks[0].width
    assert all(len(row["consensus"]) == width for row in rows)
    assert all(not row["match"] or float(row["q_value"]) < 0.1 for row in rows)
    text = page.read_text()
    assert all(f"filter {index}" in text for index in range(8))
    assert "cdn.plot.ly" not in text.split("Plotly.newPlot")[-1]


def test_without_a_file_the_table_goes_to_the_terminal(project):
    result = run(project / "model", "--tax-group", "fungi", "--bases", 20_000)
    assert result.stdout.splitlines()[0].split("\t") == list(COLUMNS)


def test_pieces_of_a_genome_are_drawn_alike_every_time(project):
    genome = Genome(project / "genome.fa")
    pieces = genome_pieces(genome, 20, 1000, seed=1)
    assert pieces.shape == (20, 1000, 4)
    assert (pieces.sum(axis=2) == 1).all()
    np.testing.assert_array_equal(pieces, genome_pieces(genome, 20, 1000, seed=1))
    with pytest.raises(SighthoundError, match="no chromosome of 50000 bases"):
        genome_pieces(genome, 1, 50_000, seed=1)
    assert max(LENGTHS.values()) < 50_000


def test_what_cannot_be_read_is_one_line(project, tmp_path):
    for arguments, said in (
        ((tmp_path,), "holds no model"),
        ((project / "model", "--tax-group", "yeast"), "fungi"),
        ((project / "model", "--bases", 10), "expected at least 1000"),
    ):
        error = run(*arguments).exception
        assert isinstance(error, SighthoundError)
        assert said in str(error)
