"""Running many alternatives of a window's sequence in steps between which progress is told."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import numpy as np

from sighthound.core.errors import SighthoundError
from sighthound.core.interpretation.incremental import alternatives
from sighthound.core.model.reference_pass import ReferencePass
from sighthound.core.progress import Progress

# Alternatives between two reports of progress.
_REPORT_EVERY = 240


def check_region(start: int, end: int, length: int) -> None:
    """Refuse bases that are not inside a window."""
    if not 0 <= start < end <= length:
        raise SighthoundError(f"region {start} to {end} is not inside the window of {length} bases")


def in_steps(
    reference: ReferencePass,
    positions: np.ndarray,
    bases: np.ndarray,
    reduction: Any,
    targets: np.ndarray | None,
    chosen: np.ndarray | None,
    progress: Progress | None,
    spans: np.ndarray | None = None,
) -> Iterator[tuple[slice, np.ndarray, tuple[np.ndarray, ...]]]:
    """Run alternatives in steps between which progress is told."""
    total = len(positions)
    step = total if progress is None else _REPORT_EVERY
    for at in range(0, total, max(1, step)):
        if progress is not None:
            progress(at, total)
        here = slice(at, at + step)
        for done in alternatives(
            reference, positions[here], bases[here], reduction, targets=targets, tracks=chosen,
            spans=None if spans is None else spans[here],
        ):  # fmt: skip
            yield slice(at + done.rows.start, at + done.rows.stop), done.bins, done.values
    if progress is not None:
        progress(total, total)
