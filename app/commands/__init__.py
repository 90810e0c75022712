"""The commands of `sighthound`, by what they are for; `app.cli` hands them out.

Options that several commands have are here, in one wording.
"""

from __future__ import annotations

from pathlib import Path

import click

FILE = click.Path(path_type=Path)
EXISTING = click.Path(exists=True, dir_okay=False, path_type=Path)
PROJECT = click.argument("project", type=FILE)
TRACKS = click.option(
    "--track", "tracks", multiple=True, metavar="ID", help="This track; repeatable. Default: all."
)
BOTH_STRANDS = click.option("--both-strands", is_flag=True, help="Average both strands.")
