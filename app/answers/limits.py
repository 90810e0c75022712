"""How much one request may ask for, whatever the project: the routes refuse more, the page no less.

`/api/v1/project` tells the page, which keeps no number of its own.
"""

from __future__ import annotations

from dataclasses import dataclass

# Variants of one sequence, and the longest allele of one.
MAX_VARIANTS = 50
MAX_ALLELE_BP = 1_000
# Bases of /api/v1/sequence.
MAX_SEQUENCE_BP = 20_000
# Tracks whose next peak is looked for.
MAX_PEAK_TRACKS = 100


@dataclass(frozen=True)
class Limits:
    """How much one request may ask for.

    Attributes
    ----------
    variants : int
        Variants of one sequence.
    allele_bp : int
        Bases of an allele.
    sequence_bp : int
        Bases of /api/v1/sequence.
    peak_tracks : int
        Tracks whose next peak is looked for.
    """

    variants: int = MAX_VARIANTS
    allele_bp: int = MAX_ALLELE_BP
    sequence_bp: int = MAX_SEQUENCE_BP
    peak_tracks: int = MAX_PEAK_TRACKS
