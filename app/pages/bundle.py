"""Many files of a page in one, so that a browser asks once: ES modules as a script, style sheets.

The modules in assets/ stay the small files that they are, for us and for tests; a page that asked
for each would wait for ninety answers before it draws. Joined, each module is a function that
gives what it exports. So that this needs no parser, our modules keep to what `join_modules` reads:
imports by name from "./file.js", and `export` at the beginning of a line. Anything else is refused
when the server starts.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

from sighthound.core.errors import SighthoundError

# Beside view/ and tracks/: what a module finds relative to its own address, it finds from here.
ADDRESS = "/assets/bundles/"

_IMPORT = re.compile(r'^import (?:\{(?P<names>[^}]*)\} from )?"(?P<path>\.[^"]+)";\n', re.MULTILINE)
_EXPORT = re.compile(
    r"^export (?P<what>(?:async )?function\*? |class |const )(?P<name>[\w$]+)", re.MULTILINE
)
_CHANGING = re.compile(r"^export let (?P<names>[\w$, ]+);\n", re.MULTILINE)
_NOT_JOINED = re.compile(r"^(?:import|export)\b.*", re.MULTILINE)


@dataclass(frozen=True)
class Bundle:
    """What is served for several files.

    Parameters
    ----------
    name : str
        Of the bundle, its ending that of the files.
    content : bytes
    """

    name: str
    content: bytes

    @property
    def address(self) -> str:
        """Where it is served; other content has another address."""
        stem, _, ending = self.name.rpartition(".")
        return f"{ADDRESS}{stem}-{hashlib.sha256(self.content).hexdigest()[:12]}.{ending}"

    @property
    def mimetype(self) -> str:
        return "text/css" if self.name.endswith(".css") else "text/javascript"


def join_styles(name: str, files: Iterable[Path]) -> Bundle:
    """Put style sheets one after the other."""
    return Bundle(name, b"\n".join(file.read_bytes() for file in files))


def join_modules(name: str, entry: Path) -> Bundle:
    """Make one ES module of a module and all that it imports.

    Parameters
    ----------
    name : str
        Of the bundle.
    entry : Path
        The module that the page would load.

    Returns
    -------
    Bundle
        Each imported module is a function, called once, before those that import it; bindings
        that change after that (`export let`) lie outside all functions. The entry comes last and
        may wait at its top level.

    Raises
    ------
    SighthoundError
        A module imports or exports in another way, two modules export a changing binding of one
        name, or modules import each other.
    """
    order = modules(entry)
    texts = {file: file.read_text(encoding="utf-8") for file in order}
    changing = _changing(texts)
    functions = {file: f"module{number}" for number, file in enumerate(order)}
    parts = [f"let {', '.join(sorted(changing))};\n"] if changing else []
    for file, text in texts.items():
        body = _CHANGING.sub("", _importing(text, file, functions, changing))
        exported = [found["name"] for found in _EXPORT.finditer(body)]
        body = _EXPORT.sub(r"\g<what>\g<name>", body)
        wrong = _NOT_JOINED.search(body)
        if wrong:
            raise SighthoundError(
                f"{file.name}: cannot join {wrong[0]!r}; import by name, export what is declared"
            )
        if file != order[-1]:
            given = f"return {{ {', '.join(exported)} }};"
            body = f"const {functions[file]} = (() => {{\n{body}{given}\n}})();\n"
        parts.append(f"// {file.name}\n{body}")
    return Bundle(name, "".join(parts).encode())


def modules(entry: Path) -> list[Path]:
    """List a module and all that it imports, each after what it imports.

    Raises
    ------
    SighthoundError
        Modules import each other.
    """
    done: dict[Path, None] = {}

    def visit(file: Path, importers: tuple[Path, ...]) -> None:
        if file in importers:
            circle = " -> ".join(path.name for path in (*importers, file))
            raise SighthoundError(f"modules import each other: {circle}; move what both need out")
        if file in done:
            return
        for found in _IMPORT.finditer(file.read_text(encoding="utf-8")):
            visit((file.parent / found["path"]).resolve(), (*importers, file))
        done[file] = None

    visit(entry.resolve(), ())
    return list(done)


def _changing(texts: dict[Path, str]) -> set[str]:
    """Names that `export let` declares."""
    changing: set[str] = set()
    for file, text in texts.items():
        for found in _CHANGING.finditer(text):
            names = set(found["names"].split(", "))
            if names & changing:
                raise SighthoundError(f"{file.name}: {names & changing} changes elsewhere, too")
            changing |= names
    return changing


def _importing(text: str, file: Path, functions: dict[Path, str], changing: set[str]) -> str:
    """A module that takes what it imports out of what other modules' functions gave."""

    def taken(found: re.Match[str]) -> str:
        names = [name.strip() for name in (found["names"] or "").split(",") if name.strip()]
        fixed = [name.replace(" as ", ": ") for name in names if name not in changing]
        source = functions[(file.parent / found["path"]).resolve()]
        return f"const {{ {', '.join(fixed)} }} = {source};\n" if fixed else ""

    return _IMPORT.sub(taken, text)
