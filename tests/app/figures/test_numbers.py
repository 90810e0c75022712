"""Numbers in the words of figures: three figures, one sign, nothing that is no number."""

from __future__ import annotations

import math

import pytest

from sighthound.app.figures.numbers import in_unit, plain, share, signed


@pytest.mark.parametrize(
    ("value", "words"),
    [
        (0, "0"), (-0.0, "0"), (12_345.0, "12,345"), (999.6, "1,000"), (99.96, "100.0"),
        (1.234, "1.23"), (0.0424, "0.0424"), (0.00178, "0.00178"), (4.2e-5, "4.20e-5"),
        (-0.3, "\u22120.300"), (math.nan, "no data"), (math.inf, "no data"), (None, "no data"),
    ],
)  # fmt: skip
def test_a_number_has_three_figures(value: float | None, words: str) -> None:
    assert plain(value) == words


def test_a_change_has_a_sign_and_no_change_none() -> None:
    assert [signed(v) for v in (0.3, -0.3, 0.0, -0.0, math.nan, None)] == [
        "+0.300", "\u22120.300", "0", "0", "no data", "no data",
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("change", "reference", "words"),
    [
        (-0.3, 2.5, "\u221212 %"), (0.05, 1, "+5.0 %"), (-1e-4, 1, "\u22120.0100 %"),
        (10, 2, "6.00 times"), (1, 0, ""), (1, -2, ""), (math.nan, 1, ""), (1, None, ""),
        (1, 1e-320, ""), (0, 1, "0 %"),
    ],
)  # fmt: skip
def test_a_share_is_of_something(change: float, reference: float | None, words: str) -> None:
    assert share(change, reference) == words


def test_only_numbers_have_units() -> None:
    assert in_unit("1.00", "reads") == "1.00 (reads)"
    assert in_unit("1.00", "") == "1.00"
    assert in_unit("no data", "reads") == "no data"
