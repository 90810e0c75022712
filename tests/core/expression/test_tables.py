"""Tables of expression: layouts that studies give, and what is wrong, named."""

from pathlib import Path

import pytest

from sighthound.core.errors import SighthoundError
from sighthound.core.expression.tables import read_people_table


def written(folder: Path, text: str) -> Path:
    path = folder / "e.tsv"
    path.write_text(text)
    return path


def test_a_row_a_gene_and_a_column_a_person(tmp_path: Path) -> None:
    table = read_people_table(written(tmp_path, "gene\t7\tb\nG1\t1\tNA\nG2\t-2\t3e1\n"))
    assert (table.rows, table.people) == (("G1", "G2"), ("7", "b"))
    assert table.of_people(["b", "7"])[1].tolist() == [30, -2]
    assert str(table.values[0, 1]) == "nan"


def test_bed_as_gtex_has_it(tmp_path: Path) -> None:
    text = "#chr\tstart\tend\tgene_id\ta\tb\nchr1\t0\t1\tENSG1.2\t0.5\t1\n"
    table = read_people_table(written(tmp_path, text))
    assert (table.rows, table.people) == (("ENSG1.2",), ("a", "b"))
    assert table.values.tolist() == [[0.5, 1]]


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("", "has no rows"),
        ("gene\ta\ta\nG\t1\t2\n", "has person 'a' twice"),
        ("gene\ta\nG\t1\nG\t2\n", "has row 'G' twice"),
        ("gene\ta\tb\nG\t1\tlow\n", "row G: 'low' of b is no number"),
        ("gene\ta\nG\t1\t2\t3\n", "is no table"),
    ],
)
def test_what_is_wrong_is_named(tmp_path: Path, text: str, said: str) -> None:
    with pytest.raises(SighthoundError, match=said) as raised:
        read_people_table(written(tmp_path, text))
    assert "\n" not in str(raised.value)


def test_people_of_another_study_are_named(tmp_path: Path) -> None:
    table = read_people_table(written(tmp_path, "gene\ta\tb\nG\t1\t2\n"))
    with pytest.raises(SighthoundError, match=r"none of the 2 people of .*e.tsv \(a, b, ...\)"):
        table.shared_with(["x", "y"], Path("calls.vcf"))
    with pytest.raises(SighthoundError, match="only 1 of the 2 people"):
        table.shared_with(["a", "y"], Path("calls.vcf"))
