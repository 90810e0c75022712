from dataclasses import dataclass
from pathlib import Path

import pytest

from sighthound.core.errors import SighthoundError
from sighthound.core.project.sections import section_values


@dataclass(frozen=True)
class Kennel:
    """[kennel] of these tests."""

    hounds: int = 1
    speed: float = 60.0
    is_open: bool = True
    master: str = ""
    yard: Path | None = None
    names: tuple[str, ...] | int = ()
    ages: tuple[int, int] | None = None
    weights: tuple[float, float] | None = None


def read(**given):
    return section_values(Kennel, given, "kennel", Path("lab"), "lab.toml: ")


def test_values_become_what_the_section_says_they_are():
    found = read(speed=70, yard="yard.bed", names=["Ajax"], ages=[1, 9], weights=[2, 3.5])
    assert found == {
        "speed": 70.0,
        "yard": Path("lab/yard.bed"),
        "names": ("Ajax",),
        "ages": (1, 9),
        "weights": (2, 3.5),
    }


@pytest.mark.parametrize(
    ("given", "message"),
    [
        ({"hound": 2}, r"lab.toml: unknown key 'hound' in \[kennel\]; expected hounds, speed"),
        ({"hounds": True}, r"lab.toml: \[kennel\] hounds is True; expected a whole number"),
        ({"hounds": 2.5}, "expected a whole number"),
        ({"speed": False}, "speed is False; expected a number"),
        ({"is_open": 1}, "is_open is 1; expected true or false"),
        ({"master": ["Ann"]}, "expected a text"),
        ({"yard": ""}, "yard is ''; expected a path"),
        ({"names": ["Ajax", 3]}, "expected a list of texts or a whole number"),
        ({"ages": [1, 2, 3]}, "expected two whole numbers, the lowest and the highest"),
        ({"ages": [1, 2.5]}, "expected two whole numbers"),
        ({"weights": [1, "2"]}, "expected two numbers"),
    ],
)
def test_keys_and_values_that_cannot_be_used_are_named(given, message):
    with pytest.raises(SighthoundError, match=message):
        read(**given)
