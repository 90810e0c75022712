"""Lists the modules that no test imports or is named after: `python -m tests.house.unnamed`.

They are run all the same, through the modules, commands and routes that use them; whoever changes
one is best served by a test of its own.
"""

import ast

from tests.paths import ROOT


def modules() -> set[str]:
    """Give every module of ours that is more than the door of a package."""
    return {
        ".".join(("sighthound", *file.relative_to(ROOT).with_suffix("").parts))
        for top in ("core", "precompute", "app")
        for file in (ROOT / top).rglob("*.py")
        if file.name != "__init__.py"
    }


def named() -> set[str]:
    """Give what tests import, and what files of tests are named after."""
    found = set()
    for file in (ROOT / "tests").rglob("*.py"):
        inside = file.relative_to(ROOT / "tests")
        if file.name.startswith("test_"):
            found.add(".".join(("sighthound", *inside.parts[:-1], file.stem[len("test_") :])))
        for node in ast.walk(ast.parse(file.read_text(encoding="utf-8"))):
            if isinstance(node, ast.ImportFrom):
                found |= {node.module or ""} | {f"{node.module}.{a.name}" for a in node.names}
            elif isinstance(node, ast.Import):
                found |= {alias.name for alias in node.names}
    return found


if __name__ == "__main__":
    unnamed = sorted(modules() - named())
    print("\n".join([*unnamed, f"{len(unnamed)} of {len(modules())}"]))
