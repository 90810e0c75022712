"""Finding the same variant in several tables, whose names and alleles' order differ.

A variant is found by its id; else by place and alleles, in either order; else, where one side says
no alleles, by its place, if only one variant has it. Chromosomes go by any of their names.
"""

from __future__ import annotations

import numpy as np
import pandas as pd

from sighthound.core.association.columns import IN_ID_PATTERN
from sighthound.core.genome.chromosomes import Chromosomes, own_names

COLUMNS = ("chrom", "position", "id", "a", "b")


def named(
    chrom: object = None, position: object = None, id: object = None, a: object = None,
    b: object = None,
) -> pd.DataFrame:  # fmt: skip
    """Lay out variants' names: chrom, position (0-based, -1 unknown), id and two alleles.

    Parameters are arrays, (variants,), or None where a table has no such column. Places and alleles
    that stand in an id, as 10:5_A/G, are taken out of it.
    """
    given = {"chrom": chrom, "position": position, "id": id, "a": a, "b": b}
    length = next(len(v) for v in given.values() if v is not None)  # type: ignore[arg-type]
    frame = pd.DataFrame(index=range(length))
    for column in COLUMNS:
        values = given[column]
        if column == "position":
            frame[column] = np.full(length, -1) if values is None else np.asarray(values, np.int64)
        else:
            frame[column] = "" if values is None else np.asarray(values, object).astype(str)
    parts = frame["id"].str.extract(IN_ID_PATTERN)
    told = parts["position"].notna()
    for column, own, value in (
        ("chrom", frame["chrom"] == "", parts["chrom"]),
        (
            "position",
            frame["position"] < 0,
            parts["position"].astype(float).fillna(0).astype(int) - 1,
        ),
        ("a", frame["a"] == "", parts["alt"].str.upper()),
        ("b", frame["b"] == "", parts["ref"].str.upper()),
    ):
        frame[column] = frame[column].where(~(told & own), value)
    frame["chrom"] = frame["chrom"].str.removesuffix(".0").str.replace("^chr", "", regex=True)
    frame["id"] = frame["id"].where(~frame["id"].isin((".", "<NA>", "nan")), "")
    return frame


def find(wanted: pd.DataFrame, among: pd.DataFrame) -> np.ndarray:
    """Find variants of one table in another.

    Parameters
    ----------
    wanted, among : DataFrames
        As `named` gives them.

    Returns
    -------
    int64 array, (wanted,): rows of `among`; -1 where there is none
    """
    found = np.full(len(wanted), -1, np.int64)
    known = Chromosomes(dict.fromkeys(pd.unique(among["chrom"]), 0), "the other table")
    names = pd.unique(wanted["chrom"])
    own = {name: f"{name} of its own" for name in names} | own_names(names, known)
    wanted = wanted.assign(chrom=wanted["chrom"].map(own))
    has_alleles = [
        ((frame["a"] != "") & (frame["b"] != "")).to_numpy() for frame in (wanted, among)
    ]
    place_a, place_b = _places(wanted), _places(among)
    alleles_a, alleles_b = _with_alleles(wanted, place_a), _with_alleles(among, place_b)
    placed_a, placed_b = (wanted["position"] >= 0).to_numpy(), (among["position"] >= 0).to_numpy()
    for ours, theirs, is_ours, are_theirs, is_alone in (
        (alleles_a, alleles_b, placed_a & has_alleles[0], placed_b & has_alleles[1], False),
        (wanted["id"], among["id"], (wanted["id"] != "").to_numpy(), (among["id"] != "").to_numpy(),
         False),
        (place_a, place_b, placed_a & ~has_alleles[0], placed_b, True),
        (place_a, place_b, placed_a, placed_b & ~has_alleles[1], True),
    ):  # fmt: skip
        rows = np.flatnonzero(are_theirs)
        keys = pd.Index(theirs.to_numpy()[rows])
        keep = ~keys.duplicated(keep=False if is_alone else "first")
        at = keys[keep].get_indexer(pd.Index(ours))
        new = (found < 0) & is_ours & (at >= 0)
        found[new] = rows[keep][at[new]]
    return found


def _places(frame: pd.DataFrame) -> pd.Series:
    return frame["chrom"] + ":" + frame["position"].astype(str)


def _with_alleles(frame: pd.DataFrame, places: pd.Series) -> pd.Series:
    low = frame["a"].where(frame["a"] <= frame["b"], frame["b"])
    high = frame["b"].where(frame["a"] <= frame["b"], frame["a"])
    return places + ":" + low + ":" + high
