"""How large the effects of changed bases are among those of random substitutions that match."""

from __future__ import annotations

from dataclasses import dataclass

from sighthound.app.answers.written import Rows


@dataclass(frozen=True)
class NullsOnTrack:
    """Where the changes of a region rank on one track.

    Attributes
    ----------
    track : str
        Its id.
    percentiles : array
        A row a base, columns A, C, G and T: of the size of the SAD over all bins that the change
        can reach, 0 to 100; null of the base that is there, and where too few nulls match.
    """

    track: str
    percentiles: Rows


@dataclass(frozen=True)
class NullsOnMutagenesis:
    """Where the changes of a region rank among random substitutions that match.

    Attributes
    ----------
    start : int
        First base.
    nulls : int
        How many there are in all; 0 where there are none of this model.
    matched_on : str
        On what.
    tracks : array of NullsOnTrack
        As asked for, without contrasts.
    """

    start: int
    nulls: int
    matched_on: str
    tracks: tuple[NullsOnTrack, ...]
