"""The JSON Schema of an answer, from its dataclass: types from the hints, words from the docstring.

It can reject: every field is required unless it says that it may be left out, and no other key may
come. Dataclasses are named parts of the document, so each is described once.
"""

from __future__ import annotations

import dataclasses
import functools
import inspect
import re
import types
from typing import Annotated, Any, Literal, Union, get_args, get_origin

from sighthound.app.answers.project import Columns
from sighthound.app.answers.written import Digits, Left, OneOf, hints_of, marks_of

Schema = dict[str, Any]
PARTS = "#/components/schemas/"
_PLAIN = {str: "string", int: "integer", float: "number", bool: "boolean", type(None): "null"}
_NAMES = re.compile(r"^(\w[\w, ]*) : .*$", re.MULTILINE)


class Schemas:
    """The schemas of some answers, and of the dataclasses in them by name."""

    def __init__(self) -> None:
        self.parts: dict[str, Schema] = {}

    def of(self, hint: Any) -> Schema:
        """Give the schema of a type, and keep those of the dataclasses that it needs.

        Parameters
        ----------
        hint : type
            A dataclass, or what its fields are: numbers, texts, `tuple`, `dict`, `Literal`, unions.

        Raises
        ------
        TypeError
            It is nothing that an answer may hold.
        """
        kind, given = get_origin(hint), get_args(hint)
        if hint is Any:
            return {}
        if hint in _PLAIN:
            return {"type": _PLAIN[hint]}
        if _is_answer(hint):
            return self._part(hint)
        if kind is Annotated:
            return self._annotated(*given)
        if kind is Literal:
            return {"type": "string", "enum": list(given)}
        if kind in (Union, types.UnionType):
            return self._one_of([self.of(one) for one in given])
        if kind is dict:
            return {"type": "object", "additionalProperties": self.of(given[1])}
        if kind is list or (kind is tuple and given[-1] is Ellipsis):
            return {"type": "array", "items": self.of(given[0])}
        if kind is tuple:
            items = [self.of(one) for one in given]
            return {"type": "array", "prefixItems": items, "items": False, "minItems": len(items)}
        raise TypeError(f"{hint} is nothing that an answer may hold")

    def _annotated(self, hint: Any, *marks: Any) -> Schema:
        for mark in marks:
            if isinstance(mark, Columns):
                return self._columns(mark.of)
            if isinstance(mark, OneOf):
                return {"type": "string", "enum": list(mark.words)}
            if isinstance(mark, Digits) and mark.dimensions:
                schema: Schema = {"type": ["number", "null"]}
                for _ in range(mark.dimensions):
                    schema = {"type": "array", "items": schema}
                return schema
        return self.of(hint)

    def _part(self, kind: Any) -> Schema:
        name = kind.__name__
        if name not in self.parts:
            self.parts[name] = {}  # Whoever needs itself finds this.
            self.parts[name] = self._object(kind)
        return {"$ref": f"{PARTS}{name}"}

    def _object(self, kind: type) -> Schema:
        hints, words = hints_of(kind), words_of(kind)
        return {
            "type": "object",
            "description": summary_of(kind),
            "properties": {
                name: self.of(without_left(hint)) | {"description": words[name]}
                for name, hint in hints.items()
            },
            "required": [name for name, hint in hints.items() if Left not in marks_of(hint)],
            "additionalProperties": False,
        }

    def _columns(self, kind: type) -> Schema:
        """Rows of a dataclass, as one list a key; a row in a row is an object of lists."""
        columns = {}
        for name, hint in hints_of(kind).items():
            inner: list[Any] = [one for one in get_args(hint) if _is_answer(one)]
            column = {"type": "array", "items": self.of(hint)}
            columns[name] = self._columns(inner[0]) if inner else column
        return {
            "type": "object",
            "properties": columns,
            "required": [*columns],
            "additionalProperties": False,
        }

    def _one_of(self, several: list[Schema]) -> Schema:
        if all(set(one) == {"type"} for one in several):
            return {"type": [one["type"] for one in several]}
        return {"anyOf": several}


def _is_answer(hint: Any) -> bool:
    return isinstance(hint, type) and dataclasses.is_dataclass(hint)


def without_left(hint: Any) -> Any:
    """The type of a field where it is there."""
    if get_origin(hint) is not Annotated or Left not in get_args(hint)[1:]:
        return hint
    there = [one for one in get_args(get_args(hint)[0]) if one is not type(None)]
    return functools.reduce(lambda one, other: one | other, there)


def summary_of(kind: type) -> str:
    """The first paragraph of a docstring, in one line."""
    return " ".join(inspect.cleandoc(kind.__doc__ or "").split("\n\n")[0].split())


def words_of(kind: type) -> dict[str, str]:
    """What the docstrings of a dataclass, and of those that it extends, say of each field.

    Raises
    ------
    TypeError
        A field is not described.
    """
    words: dict[str, str] = {}
    for one in reversed(kind.__mro__):
        if dataclasses.is_dataclass(one):
            words |= _attributes(inspect.cleandoc(one.__doc__ or ""))
    for name in hints_of(kind):
        if name not in words:
            raise TypeError(f"{kind.__name__}.{name} is not described in its docstring")
    return words


def _attributes(doc: str) -> dict[str, str]:
    _, _, section = doc.partition("Attributes\n----------\n")
    _, *parts = _NAMES.split(section)
    words: dict[str, str] = {}
    for names, said in zip(parts[::2], parts[1::2], strict=True):
        words |= dict.fromkeys(re.split(r",\s*", names), " ".join(said.split()))
    return words
