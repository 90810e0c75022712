"""Presets of assays are what the guide says of them."""

import re

import pytest

from sighthound.core.errors import SighthoundError
from sighthound.precompute.reads.assays import ASSAYS, Shift, assay_named, parse_shift
from tests.paths import ROOT

GUIDE = (ROOT / "docs" / "coverage.md").read_text(encoding="utf-8")


def test_the_guide_names_every_assay_with_its_options():
    rows = re.findall(
        r"^\| ((?:`[\w-]+`(?:, )?)+) \| ([^|]+) \| `([^`]+)` \|$", GUIDE, re.MULTILINE
    )
    told = {
        name: options for names, _, options in rows for name in re.findall(r"`([\w-]+)`", names)
    }
    assert set(told) == set(ASSAYS)
    for name, assay in ASSAYS.items():
        own = str(assay).replace(" (of pairs)", "").replace(",", "").replace(" --sd 32", "")
        assert told[name] == own, name


@pytest.mark.parametrize(
    ("text", "shift"),
    [("4", Shift(4, 4)), ("+4/-5", Shift(4, 5)), (0, Shift()), ("-2", Shift(-2, -2))],
)
def test_shifts_are_read_as_people_write_them(text, shift):
    assert parse_shift(text) == shift
    assert parse_shift(str(shift)) == shift


@pytest.mark.parametrize("text", ["", "4,5", "four", "+4/-5/6", "4.5"])
def test_what_is_no_shift_is_refused(text):
    with pytest.raises(SighthoundError, match="expected bases downstream"):
        parse_shift(text)


def test_an_unknown_assay_is_named_with_those_there_are():
    with pytest.raises(
        SighthoundError, match="unknown assay 'hi-c'; expected dnase, atac, chip-tf"
    ):
        assay_named("hi-c")
