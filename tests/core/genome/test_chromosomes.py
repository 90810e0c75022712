"""What a table calls a chromosome, another source may call otherwise: one way to tell."""

import pytest

from sighthound.core.errors import SighthoundError
from sighthound.core.genome.chromosomes import Chromosomes, own_names

HUMAN = [f"chr{number}" for number in range(1, 23)]
PLINK = [str(number) for number in range(1, 27)]
YEAST = ["chrI", "chrII", "chrIII", "chrIV", "chrX", "chrM"]


def source(names):
    return Chromosomes(dict.fromkeys(names, 1), "the source")


@pytest.mark.parametrize(
    ("names", "of", "expected"),
    [
        (["23", "chr24", "25", "26", "22.0"], [*HUMAN, "chrX", "chrY", "chrM"],
         ["chrX", "chrY", "chrX", "chrM", "chr22"]),
        (["X", "chrY", "MT", "chrM", "XY"], PLINK, ["23", "24", "26", "26", None]),
        (["23", "X", "10"], HUMAN, [None, None, "chr10"]),
        (["4", "10", "23", "MT"], YEAST, ["chrIV", "chrX", None, "chrM"]),
        (["IV", "X"], ["1", "2", "3", "4", "10"], ["4", "10"]),
        (["X"], ["10"], [None]),  # of a person, or of yeast? nobody can tell
        (["chr4", "10"], ["IV", "X"], ["IV", None]),
        (["1", float("nan")], ["chr1"], ["chr1", None]),
        (["23", "25", "X"], [str(number) for number in range(1, 26)], ["23", "25", "23"]),
    ],
)  # fmt: skip
def test_names_of_a_table_are_found_in_another_source(names, of, expected):
    found = own_names(names, source(of))
    assert [found.get(name) for name in names] == expected


def test_what_plink_numbers_is_known_wherever_names_are_typed():
    human = source([*HUMAN, "chrX", "chrY", "chrM"])
    assert [human.resolve(name) for name in ("23", "chr24", "26")] == ["chrX", "chrY", "chrM"]
    with pytest.raises(SighthoundError, match="unknown chromosome '23'"):
        source(YEAST).resolve("23")
    assert source(PLINK).resolve("X") == "23"
