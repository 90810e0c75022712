"""Sections of a settings file, checked against the dataclasses that they are."""

from __future__ import annotations

import dataclasses
import types
import typing
from pathlib import Path
from typing import Any

from sighthound.core.errors import SighthoundError

_NAMES = {
    Path: "a path",
    int: "a whole number",
    float: "a number",
    str: "a text",
    bool: "true or false",
}


def section_values(
    kind: type, given: dict[str, Any], name: str, root: Path = Path(), said: str = ""
) -> dict[str, Any]:
    """Check the keys of a section, and what they are, against the dataclass that it is.

    Parameters
    ----------
    kind : type
        A dataclass; its fields are the keys, their types what may stand there.
    given : dict
        As TOML has it.
    name : str
        Of the section.
    root : path
        What paths are relative to.
    said : str
        What errors begin with.

    Returns
    -------
    dict
        The given keys alone.

    Raises
    ------
    SighthoundError
        An unknown key, or a value of the wrong kind.
    """
    hints = typing.get_type_hints(kind)
    known = [info.name for info in dataclasses.fields(kind)]
    for key in given:
        if key not in known:
            raise SighthoundError(
                f"{said}unknown key {key!r} in [{name}]; expected {', '.join(known)}"
            )
    return {
        key: _value(hints[key], value, root, f"{said}[{name}] {key}")
        for key, value in given.items()
    }


def _value(hint: Any, value: Any, root: Path, where: str) -> Any:
    options = typing.get_args(hint) if isinstance(hint, types.UnionType) else (hint,)
    for option in options:
        if option is Path and isinstance(value, str) and value:
            return root / value
        if typing.get_origin(option) is tuple:
            if _is_list_of(option, value):
                return tuple(value)
        elif option in _NAMES and _is(option, value):
            return float(value) if option is float else value
    expected = " or ".join(_described(o) for o in options if o is not types.NoneType)
    raise SighthoundError(f"{where} is {value!r}; expected {expected}")


def _is(kind: type, value: Any) -> bool:
    if kind is float:
        return type(value) in (int, float)
    return type(value) is kind


def _is_list_of(option: Any, value: Any) -> bool:
    kinds = typing.get_args(option)
    if not isinstance(value, list) or (kinds[-1] is not Ellipsis and len(value) != len(kinds)):
        return False
    return all(_is(kinds[0], item) for item in value)


def _described(option: Any) -> str:
    if typing.get_origin(option) is not tuple:
        return _NAMES[option]
    kind, last = typing.get_args(option)
    if last is Ellipsis:
        return f"a list of {_NAMES[kind].removeprefix('a ')}s"
    return f"two {_NAMES[kind].removeprefix('a ')}s, the lowest and the highest"
