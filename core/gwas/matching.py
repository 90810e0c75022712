"""Negatives that are like positives in what is not asked about: frequency, distance, LD.

A negative is within a tolerance of its positive in every property, as SNPsnap has it (Pers et al.
2015, Bioinformatics 31, 418), and is drawn at random among all that are.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd


@dataclass(frozen=True, eq=False)
class Property:
    """Something that negatives share with their positive.

    Attributes
    ----------
    name : str
    values : float array, (variants,)
        On a scale on which the tolerance is the same everywhere.
    tolerance : float
    """

    name: str
    values: np.ndarray
    tolerance: float


def frequency_property(minor_frequency: np.ndarray) -> Property:
    """Match frequencies of the rarer allele to 0.05."""
    return Property("minor_frequency", np.asarray(minor_frequency, np.float64), 0.05)


def distance_property(bases: np.ndarray) -> Property:
    """Match distances to the nearest start site to a factor of two; nearer than 1 kb is alike."""
    return Property("log2_tss_distance", np.log2(np.asarray(bases, np.float64) + 1000), 1.0)


def ld_property(ld_score: np.ndarray) -> Property:
    """Match LD scores to a factor of two."""
    return Property("log2_ld_score", np.log2(np.maximum(np.asarray(ld_score), 1.0)), 1.0)


def matched_negatives(
    properties: Sequence[Property],
    positives: np.ndarray,
    allowed: np.ndarray,
    count: int,
    seed: int = 0,
) -> np.ndarray:
    """Draw negatives, each for one positive, none twice.

    Parameters
    ----------
    positives : int array, (positives,)
        Numbers of variants.
    allowed : bool array, (variants,)
        Which may be negatives.
    count : int
        Negatives a positive, at most.

    Returns
    -------
    int64 array, (positives, count): numbers of variants; -1 where there are no more that are alike
    """
    rng = np.random.default_rng(seed)
    free = np.array(allowed, bool)
    free[positives] = False
    found = np.full((len(positives), count), -1, np.int64)
    near: list[np.ndarray] = []
    for positive in positives:
        alike = free.copy()
        for one in properties:
            alike &= np.abs(one.values - one.values[positive]) <= one.tolerance
        near.append(np.flatnonzero(alike))
    # Those with few to choose from go first.
    for place in np.argsort([len(rows) for rows in near], kind="stable"):
        rows = near[place][free[near[place]]]
        drawn = rng.permutation(rows)[:count]
        found[place, : len(drawn)] = drawn
        free[drawn] = False
    return found


def balance(
    properties: Sequence[Property], positives: np.ndarray, others: Mapping[str, np.ndarray]
) -> pd.DataFrame:
    """Say how alike positives and others are: differences of means, in standard deviations.

    Parameters
    ----------
    others : mapping
        What they are called -> numbers of variants.

    Returns
    -------
    DataFrame, a row a property; the deviation is that of the positives
    """
    rows = []
    for one in properties:
        own = one.values[positives]
        spread = own.std() or 1.0
        rows.append(
            {"property": one.name, "positives": own.mean()}
            | {name: (one.values[rows_].mean() - own.mean()) / spread
               for name, rows_ in others.items()}
        )  # fmt: skip
    return pd.DataFrame(rows)
