"""Shuffled sequences that keep every dinucleotide count: what a motif is knocked out with.

Algorithm: Altschul and Erickson 1985, Mol Biol Evol 2:526. A sequence is a walk over its letters;
another walk over the same steps, in random order, has the same dinucleotides, first and last base.
"""

from __future__ import annotations

from itertools import pairwise

import numpy as np


def dinucleotide_shuffles(sequence: str, count: int, seed: int = 0) -> list[str]:
    """Shuffle a sequence, keeping its dinucleotides, its first and its last base.

    Parameters
    ----------
    sequence : str
        Any letters.
    count : int
        Shuffles wanted; short sequences have few different ones, which then repeat.
    seed : int
        Equal seeds give equal shuffles.

    Returns
    -------
    list of str

    Examples
    --------
    >>> dinucleotide_shuffles("AACAGA", 3, seed=1)
    ['AACAGA', 'AGAACA', 'ACAAGA']
    """
    rng = np.random.default_rng(seed)
    return [_shuffled(sequence, rng) for _ in range(count)]


def _shuffled(sequence: str, rng: np.random.Generator) -> str:
    if len(sequence) < 3:
        return sequence
    followers: dict[str, list[str]] = {}
    for base, follower in pairwise(sequence):
        followers.setdefault(base, []).append(follower)
    last_steps = _last_steps(followers, sequence[-1], rng)
    order = {}
    for base, steps in followers.items():
        steps = list(steps)
        if base in last_steps:
            steps.remove(last_steps[base])
        steps = [steps[i] for i in rng.permutation(len(steps))]
        order[base] = iter([*steps, last_steps[base]] if base in last_steps else steps)
    walk = [sequence[0]]
    for _ in range(len(sequence) - 1):
        walk.append(next(order[walk[-1]]))
    return "".join(walk)


def _last_steps(
    followers: dict[str, list[str]], last: str, rng: np.random.Generator
) -> dict[str, str]:
    """Draw the last step out of every letter but the last one, so that all lead to that one."""
    letters = [base for base in followers if base != last]
    while True:
        steps = {base: followers[base][rng.integers(len(followers[base]))] for base in letters}
        reached = {last}
        while more := {b for b in letters if b not in reached and steps[b] in reached}:
            reached |= more
        if reached.issuperset(letters):
            return steps
