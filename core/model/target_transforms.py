"""How high values of a track are squashed before a network learns them, and how that is undone.

A few bins of an RNA experiment are thousands of times the others and would be all that a loss
sees. The published data steps (Basenji, Borzoi: `sum_sqrt`, `sum_exp75`, `clip_soft`) let the
network learn a power of a value, or let values grow as their square root beyond a limit. A model
carries what its tracks went through, and all that it says is undone to the experiment's units.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from sighthound.core.errors import SighthoundError

# Of the column `transform`: what a value v becomes, (v + offset) ** power - offset. Borzoi's data
# were made without the 1, in the soft clip, too, by scripts that then changed under the same words.
POWERS = {"": 1.0, "sqrt": 0.5, "power75": 0.75, "borzoi": 1.0, "borzoi75": 0.75}
FORMULAS = {"sqrt": "sqrt(v + 1) - 1", "power75": "(v + 1)^0.75 - 1", "borzoi75": "v^0.75"}
_WITHOUT_OFFSET = ("borzoi", "borzoi75")


@dataclass(frozen=True)
class TargetTransform:
    """What a track's values become before they are scaled.

    Attributes
    ----------
    power : str
        One of `POWERS`.
    soft_clip : float or None
        In the experiment's units: what lies beyond grows as its square root.

    Examples
    --------
    >>> transform = TargetTransform("sqrt", soft_clip=99.0)
    >>> transform.forward(np.array([0.0, 8.0, 99.0, 399.0]))
    array([ 0.        ,  2.        ,  9.        , 11.31662479])
    >>> transform.inverse(transform.forward(np.array([8.0, 399.0])))
    array([  8., 399.])
    """

    power: str = ""
    soft_clip: float | None = None

    @property
    def is_identity(self) -> bool:
        """Whether values stay what they are."""
        return POWERS[self.power] == 1 and self.soft_clip is None

    @property
    def words(self) -> str:
        """What is done, for a person; empty where nothing is."""
        said = [FORMULAS[self.power]] if self.power in FORMULAS else []
        if self.soft_clip is not None:
            said.append(f"square root of what lies above {self.soft_clip:g}")
        return ", ".join(said)

    @property
    def exponent(self) -> float:
        """What undoes the power."""
        return 1 / POWERS[self.power]

    @property
    def offset(self) -> float:
        """What is added to a value before a power or root of it is taken, and taken off again."""
        return 0.0 if self.power in _WITHOUT_OFFSET else 1.0

    @property
    def knee(self) -> float:
        """Where the soft clip begins, after the power; infinity without one."""
        return np.inf if self.soft_clip is None else float(self._raised(self.soft_clip))

    def forward(self, values: Any) -> Any:
        """Squash values of 0 and more, in the experiment's units."""
        squashed = self._raised(values)
        excess = np.maximum(squashed - self.knee, 0)
        return np.minimum(squashed, self.knee) + np.sqrt(excess + self.offset) - self.offset

    def inverse(self, squashed: Any) -> Any:
        """Undo `forward`."""
        return undo(np, squashed, self.exponent, self.knee, self.offset)

    def _raised(self, values: Any) -> Any:
        power = POWERS[self.power]
        return values if power == 1 else (values + self.offset) ** power - self.offset

    def to_json(self) -> dict[str, Any]:
        """What a model's description holds of it."""
        return {"power": self.power, "soft_clip": self.soft_clip}


def transforms_from_json(given: Sequence[dict[str, Any]]) -> list[TargetTransform]:
    """Read what `TargetTransform.to_json` wrote, of every track.

    Raises
    ------
    SighthoundError
        A power that this version does not know.
    """
    for entry in given:
        if entry["power"] not in POWERS:
            raise SighthoundError(
                f"the model's tracks went through {entry['power']!r}, which this version cannot "
                f"undo; it knows {', '.join(filter(None, POWERS))}"
            )
    return [TargetTransform(entry["power"], entry["soft_clip"]) for entry in given]


def undo(library: Any, squashed: Any, exponent: Any, knee: Any, offset: Any) -> Any:
    """Undo transforms of several tracks, in NumPy or TensorFlow.

    Parameters
    ----------
    library : module
        `numpy` or `tensorflow`, whichever `squashed` is of.
    squashed : array or tensor, (..., tracks)
    exponent, knee, offset : float, or array or tensor (tracks,)
        As of `TargetTransform`.
    """
    excess = library.maximum(squashed - knee, 0)
    raised = library.minimum(squashed, knee) + excess * (excess + 2 * offset)
    return library.where(exponent == 1, raised, (raised + offset) ** exponent - offset)


class Undoing:
    """The transforms of a model's outputs, undone behind its link.

    Outputs there are still before the output scale, and stay so: the mean of an ensemble is scaled
    once.
    """

    def __init__(self, transforms: Sequence[TargetTransform], output_scale: np.ndarray) -> None:
        self._exponent = np.array([t.exponent for t in transforms])
        self._knee = np.array([t.knee for t in transforms])
        self._offset = np.array([t.offset for t in transforms])
        self._is_identity = np.array([t.is_identity for t in transforms])
        self._scale = output_scale.copy()

    def __call__(self, tf: Any, outputs: Any, tracks: Any = None) -> Any:
        """Undo outputs, a tensor (..., tracks): of all tracks, or those of an int tensor."""

        def constant(values: np.ndarray, dtype: Any) -> Any:
            whole = tf.constant(values, dtype)
            return whole if tracks is None else tf.gather(whole, tracks)

        exponent, knee, offset, scale = (
            constant(values, outputs.dtype)
            for values in (self._exponent, self._knee, self._offset, self._scale)
        )
        undone = undo(tf, outputs * scale, exponent, knee, offset) / scale
        return tf.where(constant(self._is_identity, tf.bool), outputs, undone)
