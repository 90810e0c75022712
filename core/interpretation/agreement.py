"""How far several networks agree on an answer, and whether it can be called known.

Networks of other seeds, trained on the same data, answer the same question; where they differ, the
answer is as much of the seed as of the data. The spread is their sample standard deviation about
their mean, in the unit of the answer. An answer is known where the networks and the model that is
asked have one sign, and the networks' mean is no smaller than their spread. Two tosses of a coin
agree half the time: of few networks, known means not contradicted.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import ArrayLike, NDArray

from sighthound.core.errors import SighthoundError

if TYPE_CHECKING:
    import pandas as pd

LEAST_MEMBERS = 2
# Of a table of scores: the networks' mean and sample standard deviation, and whether it is known.
MEMBER_VALUES = ("members_mean", "members_sd", "known")
RULE = (
    "known where all networks and the model have one sign and the networks' mean is at least their "
    "standard deviation"
)


@dataclass(frozen=True)
class Agreement:
    """What several networks say of one answer.

    Attributes
    ----------
    members : int
        How many networks.
    mean, deviation : float32 arrays, of the shape of the answer
        Their mean, and their sample standard deviation (divided by networks - 1) about it.
    is_known : bool array
        False where they do not agree; see `agreement`.
    """

    members: int
    mean: NDArray[np.float32]
    deviation: NDArray[np.float32]
    is_known: NDArray[np.bool_]


def agreement(shown: ArrayLike, said: Sequence[ArrayLike]) -> Agreement:
    """Compare what several networks say with what is shown.

    Parameters
    ----------
    shown : array
        The answer of the model that is asked.
    said : sequence of arrays, each of its shape
        Those of the networks.

    Returns
    -------
    Agreement
        `is_known` where every answer, that which is shown among them, has one sign (or is exactly
        zero), and |mean| >= deviation; never where one is NaN.

    Raises
    ------
    SighthoundError
        Fewer than two networks.

    Examples
    --------
    >>> agreement([2.0, 2.0, 0.0], [[1.0, -1.0, 0.0], [3.0, 3.0, 0.0]]).is_known
    array([ True, False,  True])
    """
    if len(said) < LEAST_MEMBERS:
        raise SighthoundError(f"{len(said)} networks cannot agree; give at least {LEAST_MEMBERS}")
    values = np.stack([np.asarray(one, float) for one in said])
    mean, deviation = values.mean(axis=0), values.std(axis=0, ddof=1)
    signs = np.sign(values)
    is_known = (signs == np.sign(np.asarray(shown, float))).all(axis=0)
    is_known &= np.abs(mean) >= deviation
    return Agreement(
        len(said), mean.astype(np.float32), deviation.astype(np.float32), np.asarray(is_known)
    )


def with_agreement(
    table: pd.DataFrame, said: Sequence[pd.DataFrame], tracks: Sequence[str]
) -> pd.DataFrame:
    """Add to a table of scores what several networks say of each.

    Parameters
    ----------
    table : DataFrame
        Of `core.score_variants`, with `value` "score" and maybe others.
    said : sequence of DataFrame
        The same of the networks, only "score".
    tracks : sequence of str
        The columns of scores.

    Returns
    -------
    DataFrame
        After the rows of every score three more, of the values `MEMBER_VALUES`; "known" is 1 or 0.
    """
    import pandas as pd  # here: a web process that imports core stays small

    tracks, own = list(tracks), table[table["value"] == "score"]
    found = agreement(own[tracks].to_numpy(), [one[tracks].to_numpy() for one in said])
    parts = [table.assign(place=np.cumsum(table["value"] == "score"))]
    values = (found.mean, found.deviation, found.is_known.astype(np.float32))
    for name, block in zip(MEMBER_VALUES, values, strict=True):
        part = own.assign(value=name, place=np.arange(1, len(own) + 1))
        part[tracks] = block
        parts.append(part)
    joined = pd.concat(parts).sort_values("place", kind="stable", ignore_index=True)
    return joined.drop(columns="place")
