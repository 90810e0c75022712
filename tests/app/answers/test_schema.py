"""Schemas come from dataclasses and can reject; each answer is described in words."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Annotated, Any, Literal

import jsonschema_rs
import pytest

from sighthound.app.answers.project import Columns
from sighthound.app.answers.schema import Schemas
from sighthound.app.answers.written import Numbers, OneOf, Optionally, Strand


@dataclass(frozen=True)
class Score:
    """A score.

    Attributes
    ----------
    r, r2 : float
        Over the bins
        of a fold.
    """

    r: float
    r2: float | None


@dataclass(frozen=True)
class Row:
    """A row of
    some table.

    Attributes
    ----------
    id : str
        Its name.
    kind : str
        Of the row.
    strand : str
        Where it reads.
    span : [start, end]
        Its bases.
    values : array
        A number a bin.
    score : Score
        Null where unknown.
    also : object
        Others.
    note : str
        Left out without one.
    """

    id: str
    kind: Literal["gene", "peak"]
    strand: Strand
    span: tuple[int, int]
    values: Numbers
    score: Score | None
    also: dict[str, int]
    note: Optionally[str] = None


RIGHT: dict[str, Any] = {
    "id": "a", "kind": "peak", "strand": "-", "span": [1, 2], "values": [0.5, None],
    "score": {"r": 0.5, "r2": None}, "also": {"b": 1},
}  # fmt: skip


def accepts(kind: Any, found: object) -> bool:
    schemas = Schemas()
    schema = schemas.of(kind) | {"components": {"schemas": schemas.parts}}
    return jsonschema_rs.is_valid(schema, found)


def test_a_right_answer_is_accepted_with_and_without_what_may_be_left_out() -> None:
    assert accepts(Row, RIGHT)
    assert accepts(Row, RIGHT | {"note": "x", "score": None})


@pytest.mark.parametrize(
    "wrong",
    [
        {"id": 1}, {"kind": "region"}, {"strand": "."}, {"span": [1]}, {"span": [1, 2, 3]},
        {"span": [1, 2.5]}, {"values": ["x"]}, {"values": None}, {"score": {"r": 0.5}},
        {"score": {"r": None, "r2": None}}, {"also": {"b": "c"}}, {"note": None}, {"more": 1},
    ],
)  # fmt: skip
def test_a_wrong_value_or_another_key_is_rejected(wrong: dict[str, object]) -> None:
    assert not accepts(Row, RIGHT | wrong)


@pytest.mark.parametrize("missing", [*RIGHT])
def test_a_missing_key_is_rejected(missing: str) -> None:
    assert not accepts(Row, {key: value for key, value in RIGHT.items() if key != missing})


def test_rows_as_columns_are_one_list_a_key_and_an_object_of_lists_for_a_row_in_a_row() -> None:
    columns = Annotated[dict[str, Any], Columns(Row)]
    right = {key: [value] for key, value in RIGHT.items()} | {
        "score": {"r": [0.5], "r2": [None]}, "note": [None],
    }  # fmt: skip
    assert accepts(columns, right)
    assert not accepts(columns, right | {"score": [RIGHT["score"]]})
    assert not accepts(columns, right | {"id": [1]})


def test_words_are_those_of_the_docstring() -> None:
    schemas = Schemas()
    schemas.of(Row)
    assert schemas.parts["Row"]["description"] == "A row of some table."
    words = {k: v["description"] for k, v in schemas.parts["Score"]["properties"].items()}
    assert words == dict.fromkeys(("r", "r2"), "Over the bins of a fold.")


def test_a_field_without_words_and_a_type_that_json_lacks_are_refused_by_name() -> None:
    @dataclass(frozen=True)
    class Silent:
        """Says nothing of its field."""

        value: int

    with pytest.raises(TypeError, match=r"Silent\.value is not described"):
        Schemas().of(Silent)
    with pytest.raises(TypeError, match="nothing that an answer may hold"):
        Schemas().of(set[int])
    assert Schemas().of(Annotated[str, OneOf("a")]) == {"type": "string", "enum": ["a"]}
