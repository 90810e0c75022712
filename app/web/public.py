"""What a stranger is told: errors name files as the project does, never by their whole paths.

The log and the shell have those.
"""

from __future__ import annotations

import os
import re
from pathlib import Path

from sighthound.core.project.settings import Project

# An absolute path, up to what does not belong to one in a sentence.
_PATH = re.compile(
    r"(?<![\w./:])/(?P<first>[^\s/'\",;:()]+)/(?:[^\s/'\",;:()]+/)*(?P<name>[^\s'\",;:()]*)"
)


def public_line(project: Project, text: str) -> str:
    """Write a message on one line, with files of the project as paths below it, others by name.

    Parameters
    ----------
    project : Project
        Whose folder is left out.
    text : str
        What an error says.
    """
    text = " ".join(text.split())
    # The longest first: one may lie in the other.
    for root in sorted({str(project.root), str(project.root.resolve())}, key=len, reverse=True):
        text = text.replace(f"{root}{os.sep}", "").replace(root, "the project's folder")
    return _PATH.sub(_named, text)


def _named(found: re.Match[str]) -> str:
    """Give the name of a file of this machine; an address of the server stays as it is."""
    if not Path(f"/{found['first']}").is_dir():
        return found[0]
    return found["name"] or found["first"]
