"""How far predicted signs can be believed, by measured effects: words and a table."""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from statistics import median

from sighthound.app.evaluation.looks import number
from sighthound.app.evaluation.truth import TruthCard
from sighthound.core.project.signs import SignCalibration
from sighthound.core.project.truth import READOUTS

BELIEVED = 0.75  # median share of signs that are predicted, from which on no word is due
_LEAST = 20  # measured signs
SIGN_HEADS = (
    "track", "alleles", "right", "calibration error", "wrong", "wrong of the surest fifth",
)  # fmt: skip
SIGN_NUMERIC = frozenset(range(1, 6))


def sign_doubts(cards: Sequence[TruthCard]) -> Iterator[str]:
    """Say of which measured effects the signs are hardly predicted, a sentence a table."""
    for card in cards:
        shares = [
            one.same_sign.value
            for one in card.comparisons
            if one.track not in READOUTS
            and one.signed >= _LEAST
            and math.isfinite(one.same_sign.value)
        ]
        if not shares or median(shares) >= BELIEVED:
            continue
        signed = max(one.signed for one in card.comparisons)
        tracks = f"{len(shares):,} tracks, {min(shares):.0%} to {max(shares):.0%}"
        of = f"median of {tracks}" if len(shares) > 1 else "1 track"
        yield (
            f"Signs of single changes: of {signed:,} measured effects of {card.truth.name} "
            f"{median(shares):.0%} have the predicted sign ({of}; a coin has 50%), also where the "
            "networks agree."
        )


def sign_rows(card: TruthCard, signs: SignCalibration, score: str) -> list[tuple[str, ...]]:
    """Write what is known of signs for people, in the columns of `SIGN_HEADS`."""
    curves = sorted(signs.curves.get(score, {}).items(), key=lambda item: item[1].held_out.wrong)
    return [
        (
            card.name(track), f"{one.alleles:,}", f"{one.right / one.alleles:.0%}",
            number(one.held_out.calibration_error), f"{one.held_out.wrong:.0%}",
            f"{one.held_out.confident_wrong:.0%}",
        )
        for track, one in curves
    ]  # fmt: skip


def sign_words(signs: SignCalibration, score: str) -> str:
    """Say what the probability that a sign is right was learned from, and how it is judged."""
    is_by_networks = signs.members and score not in READOUTS
    by = f" and agreement of the {signs.members} networks" if is_by_networks else ""
    return (
        f"The probability that a measured effect has the predicted sign rises with the size of the "
        f"prediction{by}; it was learned from the alleles whose {signs.effect} has a known sign, "
        "and is judged on chromosomes that it was not learned from: the expected calibration "
        "error, the share of wrong signs, and that of the fifth with the largest probabilities."
    )
