"""What answers look like on the wire: digits, nulls, and what is left out."""

from __future__ import annotations

import json
from dataclasses import dataclass

import numpy as np
import pytest

from sighthound.app.answers.written import Number, Numbers, Optionally, Rows, rounded, written


@dataclass(frozen=True)
class Inner:
    value: Number | None


@dataclass(frozen=True)
class Outer:
    exact: float
    short: Number
    row: Numbers
    rows: Rows
    inner: tuple[Inner, ...]
    null: str | None = None
    left: Optionally[str] = None
    array: Optionally[Numbers] = None


def outer(**further: object) -> Outer:
    numbers = np.array([1 / 3, np.nan], np.float32)
    return Outer(1 / 3, 2 / 3, numbers, numbers[None], (Inner(np.inf), Inner(1e9 / 7)), **further)  # type: ignore[arg-type]


def test_numbers_have_six_digits_and_what_json_lacks_is_null() -> None:
    assert json.loads(written(outer())) == {
        "exact": 1 / 3,
        "short": 0.666667,
        "row": [0.333333, None],
        "rows": [[0.333333, None]],
        "inner": [{"value": None}, {"value": 142857000.0}],
        "null": None,
    }


def test_what_may_be_left_out_is_there_where_it_is_known() -> None:
    found = json.loads(written({"outer": outer(left="", array=np.array([2.0]))}))["outer"]
    assert (found["left"], found["array"]) == ("", [2.0])


def test_digits_are_significant_ones_whatever_the_size() -> None:
    assert rounded(np.array([123_456_789.0, 1.234_567_89e-9, 0.0])) == [
        123_457_000.0,
        1.23457e-9,
        0,
    ]
    assert rounded(0.000_123_49, 3) == 0.000_123


def test_a_number_that_nobody_rounds_may_not_be_nan() -> None:
    with pytest.raises(ValueError, match="JSON compliant"):
        written(Outer(float("nan"), 0, np.zeros(1), np.zeros((1, 1)), ()))


def test_what_is_no_answer_is_named() -> None:
    with pytest.raises(TypeError, match="set is no answer"):
        written({"a": {1}})
