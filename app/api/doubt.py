"""Asking the networks that taught the model what it was asked.

The page does so when it has drawn the answer itself, so that nothing waits for them.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from sighthound.app.inference.client import Inference, Question
from sighthound.app.project_state import Catalogue
from sighthound.core.errors import SighthoundError

PRIORITY = -1  # below what people wait for


def check_members(catalogue: Catalogue) -> None:
    """Refuse a question to the networks that taught the model where none did."""
    if not catalogue.members():
        raise SighthoundError(
            "no networks taught this model, so how far they agree is not known; train several: "
            "sighthound train PROJECT --seeds 3"
        )


def ask_members(
    inference: Inference,
    named: Question,
    found: tuple[Any, int],
    task: Callable[..., Any],
    *arguments: Any,
) -> tuple[Any, int]:
    """Ask the networks about what the model answered, or say how far that is.

    Parameters
    ----------
    found : answer, int
        Of the model, with the status of its own question.
    task, arguments
        Of `app.inference.doubt_tasks`, which takes the project, the model's answer, `arguments`.
    """
    answer, status = found
    if status == 202:
        return found
    return inference.answer(named, task, inference.project, answer, *arguments, priority=PRIORITY)
