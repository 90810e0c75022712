"""Settings of the server from the environment: what a machine has otherwise than the project says.

A variable SIGHTHOUND_SERVER_ and the name of a key of [server], in capitals, goes before the file.
"""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from typing import Any, get_origin, get_type_hints

from sighthound.core.errors import SighthoundError
from sighthound.core.project.sections import section_values

PREFIX = "SIGHTHOUND_SERVER_"


def variable_of(key: str) -> str:
    """Name the variable of a key.

    Examples
    --------
    >>> variable_of("upload_mb")
    'SIGHTHOUND_SERVER_UPLOAD_MB'
    """
    return f"{PREFIX}{key.upper()}"


def settings_in(environment: Mapping[str, str], kind: type) -> dict[str, Any]:
    """Read the settings that an environment has.

    Parameters
    ----------
    environment : mapping of str to str
        As `os.environ`.
    kind : type
        The dataclass of the section; its fields are the keys. Texts stand as they are, lists with
        commas between their parts, numbers and truth as in TOML.

    Raises
    ------
    SighthoundError
        A variable of no key, or a value of the wrong kind.
    """
    hints = get_type_hints(kind)
    keys = {variable_of(key): key for key in hints}
    found: dict[str, Any] = {}
    for name in sorted(environment):
        if not name.startswith(PREFIX):
            continue
        if name not in keys:
            raise SighthoundError(
                f"the environment has {name}, which is of no key of [server]; expected "
                f"{', '.join(keys)}"
            )
        key = keys[name]
        value = _value(environment[name], hints[key])
        found |= section_values(kind, {key: value}, "server", said=f"{name} of the environment: ")
    return found


def _value(text: str, hint: Any) -> Any:
    if get_origin(hint) is tuple:
        return [part.strip() for part in text.split(",") if part.strip()]
    if hint not in (int, float, bool):
        return text
    try:
        return tomllib.loads(f"value = {text}")["value"]
    except tomllib.TOMLDecodeError:
        return text  # which is then said to be of the wrong kind
