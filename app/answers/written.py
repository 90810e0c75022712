"""How an answer is written: its fields by name, its numbers with few digits, NaN as null.

This is the one place that rounds. A field says how many significant digits it has by its type
(`Number`, `Numbers`, or a `Digits` of its own); one that may be left out says so by `Left`.
"""

from __future__ import annotations

import dataclasses
import functools
import json
import math
import types
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Annotated, Any, TypeVar, Union, get_args, get_origin, get_type_hints

import numpy as np
from flask import Response
from numpy.typing import NDArray


@dataclass(frozen=True)
class Digits:
    """Says that a number is written with so many significant digits, or an array of them.

    Attributes
    ----------
    significant : int
        Digits.
    dimensions : int
        Of an array, whose numbers may be missing; 0 for one number.
    """

    significant: int = 6
    dimensions: int = 0


class OneOf:
    """Says which texts there are."""

    def __init__(self, *words: str) -> None:
        self.words = words


class Left:
    """Says of a field that it is left out where it is None."""


# One number, a row of numbers, rows of them.
Number = Annotated[float, Digits()]
Numbers = Annotated[NDArray[np.floating], Digits(dimensions=1)]
Rows = Annotated[NDArray[np.floating], Digits(dimensions=2)]
Strand = Annotated[str, OneOf("+", "-")]
StrandOrNone = Annotated[str, OneOf("+", "-", ".")]
_Value = TypeVar("_Value")
Optionally = Annotated[_Value | None, Left]


def respond_with(found: Any) -> Response:
    """Answer a request with a value."""
    return Response(written(found), mimetype="application/json")


def written(found: Any) -> str:
    """Write an answer as JSON.

    Parameters
    ----------
    found : dataclass
        Or what JSON knows, with dataclasses in it.

    Examples
    --------
    >>> @dataclass(frozen=True)
    ... class Row:
    ...     track: str
    ...     sad: Number
    ...     note: Optionally[str] = None
    >>> written({"ranked": [Row("atac", 1 / 3)]})
    '{"ranked":[{"track":"atac","sad":0.333333}]}'
    """
    return json.dumps(found, default=fields_of, separators=(",", ":"), allow_nan=False)


def fields_of(found: Any) -> dict[str, Any]:
    """Give the fields of an answer as they are written; those in them are values still."""
    if not dataclasses.is_dataclass(found) or isinstance(found, type):
        raise TypeError(f"{type(found).__name__} is no answer")
    given = {}
    for name, digits, is_left in _fields(type(found)):
        value = getattr(found, name)
        if value is None and is_left:
            continue
        given[name] = value if value is None or not digits else rounded(value, digits)
    return given


def rounded(values: float | NDArray[np.floating], digits: int = 6) -> Any:
    """Give a number, or an array as nested lists, in so many digits; NaN and infinity are None.

    Examples
    --------
    >>> rounded(np.array([[1 / 3, np.nan], [np.inf, 0]]))
    [[0.333333, None], [None, 0.0]]
    """
    return _shortened(np.asarray(values).tolist(), digits)


def _shortened(value: Any, digits: int) -> Any:
    if isinstance(value, list):
        return [_shortened(one, digits) for one in value]
    return float(f"{value:.{digits}g}") if math.isfinite(value) else None


@functools.cache
def _fields(kind: type) -> tuple[tuple[str, int, bool], ...]:
    """Name, digits (0: as it is) and whether it may be left out, of every field of an answer."""
    return tuple(
        (name, next((m.significant for m in marks if isinstance(m, Digits)), 0), Left in marks)
        for name, hint in hints_of(kind).items()
        for marks in [list(marks_of(hint))]
    )


def hints_of(kind: type) -> dict[str, Any]:
    """Give the types of an answer's fields, with what they are annotated with."""
    hints = get_type_hints(kind, include_extras=True)
    return {field.name: hints[field.name] for field in dataclasses.fields(kind)}


def marks_of(hint: Any) -> Iterator[Any]:
    """What a type is annotated with, outside or as one of several that are possible."""
    if get_origin(hint) is Annotated:
        inner, *marks = get_args(hint)
        yield from marks
        yield from marks_of(inner)
    elif get_origin(hint) in (Union, types.UnionType):
        for one in get_args(hint):
            yield from marks_of(one)
