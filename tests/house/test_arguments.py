"""What a function takes beyond a few things is given by name, which says what it is."""

import ast
from collections.abc import Iterator

from tests.paths import ROOT

MOST = 8


def functions() -> Iterator[tuple[str, ast.FunctionDef]]:
    """Functions and methods; not those within others, nor commands, whose options have names."""
    for room in ("core", "app", "precompute", "sighthound"):
        for file in sorted((ROOT / room).glob("**/*.py")):
            if "commands" in file.parts:
                continue
            module = ast.parse(file.read_text(encoding="utf-8"))
            classes = [node for node in module.body if isinstance(node, ast.ClassDef)]
            for node in (*module.body, *(part for named in classes for part in named.body)):
                if isinstance(node, ast.FunctionDef):
                    yield f"{file.relative_to(ROOT)}:{node.lineno} {node.name}", node


def test_no_function_takes_more_than_eight_by_position():
    found = {place: len(node.args.posonlyargs + node.args.args) for place, node in functions()}
    assert len(found) > 1000
    assert {place: count for place, count in found.items() if count > MOST} == {}
