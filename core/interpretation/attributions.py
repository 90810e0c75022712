"""What bases add to a prediction, from the effects of changing them.

The contribution of a base is minus the mean effect of its three alternatives: positive where the
base that is there raises the prediction.
"""

from __future__ import annotations

import numpy as np

from sighthound.core.errors import SighthoundError


def contributions(one_hot: np.ndarray, effects: np.ndarray) -> np.ndarray:
    """What each reference base adds to the prediction: minus the mean effect of its changes.

    Parameters
    ----------
    one_hot : array, (length, 4), A C G T
        The reference; at N all four changes count.
    effects : array, (length, 4) or (length, 4, tracks)
        Alternative minus reference, as of `core.mutagenesis`.

    Returns
    -------
    float32 array, (length,) or (length, tracks)
    """
    one_hot, effects = _checked(one_hot, effects)
    alternatives = 4 - one_hot.sum(axis=1)
    worth = -effects.sum(axis=1) / alternatives.reshape(-1, *[1] * (effects.ndim - 2))
    return worth.astype(np.float32)


def contribution_matrix(
    one_hot: np.ndarray, effects: np.ndarray, hypothetical: bool = False
) -> np.ndarray:
    """Spread contributions over the four bases.

    Parameters
    ----------
    one_hot, effects : arrays
        As for `contributions`.
    hypothetical : bool
        Also say what the other bases would contribute: the effect of each base minus the mean of
        the four. Otherwise all but the reference base are 0.

    Returns
    -------
    float32 array, of the shape of `effects`
    """
    one_hot, effects = _checked(one_hot, effects)
    if hypothetical:
        return (effects - effects.mean(axis=1, keepdims=True)).astype(np.float32)
    worth = contributions(one_hot, effects)[:, None]
    return one_hot.reshape(*one_hot.shape, *[1] * (effects.ndim - 2)) * worth


def _checked(one_hot: np.ndarray, effects: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    one_hot, effects = np.asarray(one_hot, np.float32), np.asarray(effects, np.float32)
    if (
        effects.ndim not in (2, 3)
        or effects.shape[:2] != one_hot.shape
        or one_hot.shape[1:] != (4,)
    ):
        raise SighthoundError(
            f"effects are {effects.shape} on a sequence of {one_hot.shape}; expected (length, 4) "
            "or (length, 4, tracks) on (length, 4)"
        )
    return one_hot, effects
