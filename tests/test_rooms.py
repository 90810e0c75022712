"""The house: which rooms there are, which may know which, and that none is crowded.

A room is a folder of modules. It may import from rooms of the floors below it, never from its own
floor or from above; so no room can come to need itself.
"""

import ast
import graphlib
import os
import re
from collections import Counter
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from tests.paths import ROOT

PYTHON_FLOORS = (
    {"assets", "core"},
    {"core.genome"},
    {"core.annotation", "core.bigwig", "core.model"},
    {"core.tracks", "core.variants"},
    {"core.association", "core.interpretation", "core.model.published", "core.project"},
    {"core.browsers", "core.expression", "core.motifs", "core.truth"},
    {"core.finemapping", "core.gwas"},
    {"precompute.cluster", "precompute.reads", "precompute.simulation"},
    {"precompute.datasets"},
    {"precompute.genome_wide", "precompute.quality", "precompute.training"},
    {"precompute.interpretation", "precompute.recipes", "precompute.tuning"},
    {"precompute.evaluation", "precompute.studies"},
    {"precompute"},
    {"app.answers", "app.state"},
    {"app.rights"},
    {"app"},
    {"app.figures", "app.uploads", "app.web"},
    {"app.agents", "app.evaluation", "app.exports", "app.inference"},
    {"app.studies", "app.truth", "app.variants"},
    {"app.api", "app.browsers", "app.pages"},
    {"app.server"},
    {"app.commands"},
)
# What people come in by: the top of a folder whose other modules are at its bottom.
DOORS = {"core/__init__.py", "app/cli.py", "app/__main__.py"}
SCRIPT_FLOORS = (
    {"assets/ui"},
    {"assets/view/draw"},
    {"assets/view/state"},
    {"assets/view/data"},
    {"assets/tracks", "assets/variants", "assets/view/rows"},
    {"assets/view/measured"},
    {"assets/view/panels", "assets/view/places"},
    {"assets/view/export"},
    {"assets/view/page"},
)
MOST_MODULES = 20

Arrow = tuple[str, str]


def python_arrows() -> Iterator[Arrow]:
    """Every import of one module of ours by another, as paths; inside functions too."""
    for top in ("core", "precompute", "app"):
        for file in sorted((ROOT / top).rglob("*.py")):
            for node in ast.walk(ast.parse(file.read_text(encoding="utf-8"))):
                if isinstance(node, ast.ImportFrom) and (node.module or "").startswith(
                    "sighthound"
                ):
                    folder = (node.module or "").removeprefix("sighthound").lstrip(".")
                    for alias in node.names:
                        yield str(file.relative_to(ROOT)), _path_of(folder, alias.name)


def _path_of(module: str, name: str) -> str:
    inner = Path(*module.split("."), name) if module else Path(name)
    for path in (inner.with_suffix(".py"), inner / "__init__.py"):
        if (ROOT / path).is_file():
            return str(path)
    outer = Path(*module.split(".")) if module else Path("sighthound")
    file = outer.with_suffix(".py")
    return str(file if (ROOT / file).is_file() else outer / "__init__.py")


def script_arrows() -> Iterator[Arrow]:
    """Every import of one of the page's modules by another, as paths."""
    imports = re.compile(r'^import [^"]*"(\.[^"]+)";', re.MULTILINE)
    for file in sorted((ROOT / "assets").rglob("*.js")):
        for found in imports.findall(file.read_text(encoding="utf-8")):
            path = os.path.normpath(file.parent / found)
            yield str(file.relative_to(ROOT)), os.path.relpath(path, ROOT)


def upward(arrows: Iterator[Arrow], floors: tuple[set[str], ...], separator: str) -> list[Arrow]:
    """The arrows between rooms that do not go down."""
    floor_of = {room: floor for floor, rooms in enumerate(floors) for room in rooms}
    wrong = []
    for source, target in arrows:
        rooms = [str(Path(path).parent).replace("/", separator) for path in (source, target)]
        here, there = (floor_of[room] for room in rooms)
        if source in DOORS or target == "core/__init__.py" or rooms[0] == rooms[1]:
            continue
        if there >= here:
            wrong.append((source, target))
    return wrong


def test_rooms_of_python_know_only_the_floors_below() -> None:
    assert upward(python_arrows(), PYTHON_FLOORS, ".") == []


def test_rooms_of_the_page_know_only_the_floors_below() -> None:
    assert upward(script_arrows(), SCRIPT_FLOORS, "/") == []


@pytest.mark.parametrize("arrows", [python_arrows, script_arrows])
def test_no_module_comes_to_need_itself(arrows: Callable[[], Iterator[Arrow]]) -> None:
    graph: dict[str, set[str]] = {}
    for source, target in arrows():
        # A package's own file hands on what is in it, and what is under `sighthound` is all of it.
        if source != target and not target.endswith(("core/__init__.py", "sighthound/__init__.py")):
            graph.setdefault(source, set()).add(target)
    list(graphlib.TopologicalSorter(graph).static_order())


def test_only_commands_of_the_web_side_know_what_takes_long() -> None:
    knowing = {
        str(Path(source).parent)
        for source, target in python_arrows()
        if source.startswith("app/") and target.startswith("precompute/")
    }
    assert knowing == {"app/commands"}


def test_nothing_below_knows_the_web_side() -> None:
    assert not [
        (source, target)
        for source, target in python_arrows()
        if not source.startswith("app/") and target.startswith("app/")
    ]


def test_no_room_knows_the_public_name() -> None:
    """`sighthound.session` and `sighthound.results` ask them all."""
    public = {"results", "session", "sighthound"}
    assert not [arrow for arrow in python_arrows() if Path(arrow[1]).parts[0] in public]


def test_no_room_is_crowded() -> None:
    modules = Counter(
        file.parent.relative_to(ROOT)
        for top in ("app", "assets", "core", "precompute", "tests")
        for ending in ("*.py", "*.js", "*.mjs", "*.css")
        for file in (ROOT / top).rglob(ending)
        if "node_modules" not in file.parts
    )
    assert {str(room): n for room, n in modules.items() if n > MOST_MODULES} == {}
