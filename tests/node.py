"""Finds a node to test the drawing code with: the system's, or the one that Playwright ships.

`python -m tests.node` prints its path.
"""

import shutil
from pathlib import Path

import playwright


def find_node() -> str:
    """Give the path of a node program."""
    bundled = Path(playwright.__file__).parent / "driver" / "node"
    return str(bundled) if bundled.is_file() else (shutil.which("node") or "node")


if __name__ == "__main__":
    print(find_node())
