"""Patterns mean the same in every Python that setup.cfg allows."""

import ast
import re

from tests.paths import ROOT

# Python before 3.11.5 misses matches of these: https://github.com/python/cpython/issues/106052
_POSSESSIVE = re.compile(r"(?<!\\)(?:[*+?]|\})\+|\(\?>")


def test_no_pattern_is_possessive():
    found = []
    for room in ("core", "app", "precompute", "sighthound"):
        for file in sorted((ROOT / room).rglob("*.py")):
            text = file.read_text(encoding="utf-8")
            if "import re" not in text:
                continue
            for node in ast.walk(ast.parse(text)):
                is_text = isinstance(node, ast.Constant) and isinstance(node.value, str)
                # Of a pattern, not of prose: documentation stands in expressions of its own.
                if is_text and "\n" not in node.value and _POSSESSIVE.search(node.value):
                    found.append(f"{file.relative_to(ROOT)}:{node.lineno}: {node.value}")
    assert found == []
