"""Sequences and effects made from motifs, for tests of what finds them again."""

from __future__ import annotations

import numpy as np

from sighthound.core.genome.sequence import one_hot
from sighthound.core.motifs.jaspar import Motif


def one_hot_of(sequence: str) -> np.ndarray:
    """Float32 (length, 4)."""
    return one_hot(sequence).astype(np.float32)


def random_sequence(length: int, seed: int) -> str:
    return "".join("ACGT"[i] for i in np.random.default_rng(seed).integers(0, 4, length))


def planted(sequence: str, at: int, site: str) -> str:
    return sequence[:at] + site + sequence[at + len(site) :]


def complement(sequence: str) -> str:
    return sequence[::-1].translate(str.maketrans("ACGT", "TGCA"))


def effects_of_site(
    sequence: str, motif: Motif, at: int, strand: str = "+", noise: float = 0.0, sign: int = 1
) -> np.ndarray:
    """Effects of substitutions on a prediction that is the site's log-odds, plus noise."""
    odds = motif.log_odds()
    odds = odds if strand == "+" else odds[::-1, ::-1]
    worth = np.zeros((len(sequence), 4))
    worth[at : at + len(motif)] = sign * odds
    reference = one_hot_of(sequence)
    effects = worth - (worth * reference).sum(axis=1, keepdims=True)
    effects += np.random.default_rng(1).normal(0, noise, effects.shape)
    return (effects * (reference == 0)).astype(np.float32)
