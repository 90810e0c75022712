"""How far something is that takes long, and how it is told to stop.

Whoever runs something long gives it a `Progress`: what is done of how much, and in which phase
where it has several. Whatever that raises ends the run, which leaves nothing half-written.
"""

from __future__ import annotations

from typing import Protocol


class Progress(Protocol):
    """Told now and then how far something is; may raise `CancelledError` (or any other) to end it.

    A plain function of two arguments is one for all that has no phases.
    """

    def __call__(self, done: int, total: int, phase: str = "", /) -> None:
        """Hear that `done` of `total` steps of a phase, named where there are several, are done."""


def silent(done: int, total: int, phase: str = "", /) -> None:
    """A `Progress` of which nobody hears."""


def part_of(progress: Progress | None, number: int, parts: int) -> Progress | None:
    """Progress of one of several equal parts, told as progress of the whole.

    Examples
    --------
    >>> half = part_of(lambda done, total, phase="": print(done, "of", total), 1, 2)
    >>> half(3, 10)
    13 of 20
    """
    if progress is None or parts == 1:
        return progress

    def told(done: int, total: int, phase: str = "", /) -> None:
        # Without a phase no third argument: so plain functions of two will do.
        progress(number * total + done, parts * total, *([phase] if phase else []))

    return told
