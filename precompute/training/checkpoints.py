"""Where a training stands, on disk: written whole, gone on with only by the same training."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import numpy as np

from sighthound.core.errors import SighthoundError
from sighthound.core.files import whole_file

_FILE = "checkpoint.npz"


def save_checkpoint(
    folder: Path, identity: str, arrays: dict[str, np.ndarray], state: dict[str, Any]
) -> None:
    """Write a checkpoint in place of the last one.

    Parameters
    ----------
    identity : str
        What a training must have been made with to go on from it.
    state : dict
        Plain data.
    """
    text = json.dumps({"identity": identity, **state})
    with whole_file(folder / _FILE) as part, part.open("wb") as out:
        np.savez(out, state=np.array(text), **arrays)  # type: ignore[arg-type]


def read_checkpoint(
    folder: Path, identity: str
) -> tuple[dict[str, np.ndarray], dict[str, Any]] | None:
    """Read what `save_checkpoint` wrote; None where there is none.

    Raises
    ------
    SighthoundError
        It is of a training with other settings or data.
    """
    file = folder / _FILE
    if not file.is_file():
        return None
    with np.load(file) as stored:
        state = json.loads(str(stored["state"]))
        if state.pop("identity") != identity:
            raise other_training(folder)
        return {name: stored[name] for name in stored.files if name != "state"}, state


def other_training(folder: Path) -> SighthoundError:
    """Give the error of a folder whose unfinished training is not the one that was asked for."""
    return SighthoundError(
        f"{folder} holds an unfinished training with other settings or data; restore them to go on "
        "with it, or start afresh to discard it"
    )
