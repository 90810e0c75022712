"""Which bins a change reaches and a wanted output sees, at every step of the dilated layers.

Pure integer work on the host: `plan_stack` and `plan_head` give index arrays in the order in which
`core.interpretation.incremental` consumes them. A group is a set of bins whose differences share
their leading channels of zeros: concatenation adds channels at the end, so bins that a change
reaches later have only later channels.

A frame is a run of bins around each alternative; column c of alternative v is bin first[v] + c.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

import numpy as np

from sighthound.core.model.operations import Folded


@dataclass
class Plan:
    """Index arrays for the dilated layers, and the groups of bins that leave them.

    Attributes
    ----------
    arrays : list of arrays, (alternatives, ...)
        In the order of use.
    groups : list of int arrays, (alternatives, n)
        Columns of each group's bins; -1 fills up.
    first : int array, (alternatives,)
        Bin of column 0.
    wanted : bool array, (alternatives, columns)
    """

    first: np.ndarray
    wanted: np.ndarray
    arrays: list[np.ndarray] = field(default_factory=list)
    groups: list[np.ndarray] = field(default_factory=list)

    def bins(self, columns: np.ndarray) -> np.ndarray:
        """Bins of columns; -1 where a row only fills up."""
        return np.where(columns >= 0, self.first[:, None] + columns, -1)


def plan_stack(
    stack: Sequence[Folded],
    first_changed: np.ndarray,
    changed: int,
    wanted: np.ndarray,
    first_row: int,
    rows: int,
    spans: np.ndarray | None = None,
) -> Plan:
    """Follow changed bins through the dilated layers, as far as wanted bins can see them.

    Parameters
    ----------
    first_changed : int array, (alternatives,)
        First bin of the representation that may change.
    changed : int
        How many bins may change from there.
    wanted : bool array, (bins of the window,)
    first_row, rows : int
        Bin that row 0 of the reference's tables stands for, and their rows.
    spans : int array, (alternatives, 2), optional
        First bin and end of the bins wanted of each alternative; all that are `wanted` by default.
    """
    reach = sum(f.step.dilation * (f.step.width // 2) for f in stack if _spreads(f))
    columns = changed + 2 * reach
    first = first_changed - reach
    bins = first[:, None] + np.arange(columns)
    inside = (bins >= 0) & (bins < len(wanted))
    of_each = inside & wanted[np.clip(bins, 0, len(wanted) - 1)]
    if spans is not None:
        of_each &= (bins >= spans[:, :1]) & (bins < spans[:, 1:])
    plan = Plan(first, of_each)
    needed = _needed(stack, plan.wanted, inside)

    def table_rows(columns: np.ndarray) -> np.ndarray:
        return np.clip(plan.bins(columns) - first_row, 0, rows - 1)

    mask = np.zeros_like(inside)
    mask[:, reach : reach + changed] = True
    mask &= needed[0]
    start = _columns(mask)
    plan.arrays += [
        np.clip(start - reach, 0, changed - 1),
        table_rows(start),
        (start >= 0)[..., None],
    ]
    groups = [start]
    branches: list[list[np.ndarray]] = []
    for number, folded in enumerate(stack):
        operation = folded.step.operation
        if _spreads(folded):
            mask = _dilate(_mask(groups, columns), folded) & needed[number + 1]
            out = _columns(mask)
            plan.arrays += [_entries(out, groups, columns, folded), table_rows(out)]
            groups = [out]
        elif operation == "branch":
            branches.append(groups)
        elif operation == "concatenate":
            old = branches.pop()
            lookup = _lookup(groups, columns)
            plan.arrays += [_find(lookup, group) for group in old]
            rest = _columns(_mask(groups, columns) & ~_mask(old, columns))
            plan.arrays += [_find(lookup, rest), table_rows(rest)]
            groups = [*old, rest]
        elif operation == "add":
            old = branches.pop()
            both = _mask(groups, columns) | _mask(old, columns)
            both = _columns(both & needed[number + 1])
            plan.arrays += [
                _find(_lookup(old, columns), both),
                _find(_lookup(groups, columns), both),
                table_rows(both),
            ]
            groups = [both]
    plan.groups = groups
    return plan


def plan_head(plan: Plan, bins: np.ndarray) -> tuple[list[np.ndarray], np.ndarray, bool]:
    """Choose the wanted bins among those that leave the dilated layers.

    Parameters
    ----------
    bins : int array
        Wanted bins, ascending: the rows of the reference's tables of the head.

    Returns
    -------
    list of int arrays
        For each group, rows of it and the rows of the head's tables; or, where groups are joined,
        rows of each group for the same bins, and one array of table rows.
    int array, (alternatives, n)
        The bins, of all groups one after another; -1 fills up.
    bool
        True if groups are joined: a few wanted bins would else be computed once a group.
    """
    columns = plan.wanted.shape[1]
    masks = [_mask([group], columns) & plan.wanted for group in plan.groups]
    chosen = [_columns(mask) for mask in masks]
    union = _columns(np.logical_or.reduce(masks))
    is_joined = sum(c.shape[1] for c in chosen) > 1.25 * union.shape[1] and len(chosen) > 1

    def table_rows(columns: np.ndarray) -> np.ndarray:
        return np.clip(np.searchsorted(bins, plan.bins(columns)), 0, len(bins) - 1)

    arrays: list[np.ndarray] = []
    if is_joined:
        arrays += [_find(_lookup([g], columns), union) for g in plan.groups]
        arrays.append(table_rows(union))
        return arrays, plan.bins(union), True
    for group, columns_of_group in zip(plan.groups, chosen, strict=True):
        arrays += [_find(_lookup([group], columns), columns_of_group), table_rows(columns_of_group)]
    return arrays, np.concatenate([plan.bins(c) for c in chosen], axis=1), False


def _spreads(folded: Folded) -> bool:
    return folded.step.operation == "convolve" and folded.step.width > 1


def _needed(stack: Sequence[Folded], wanted: np.ndarray, inside: np.ndarray) -> list[np.ndarray]:
    """Bins that wanted outputs can see, at the input of every step and at the end."""
    needed = [wanted]
    joins: list[np.ndarray] = []
    for folded in reversed(stack):
        need = needed[-1]
        if _spreads(folded):
            need = _dilate(need, folded) & inside
        elif folded.step.operation in ("concatenate", "add"):
            joins.append(need)
        elif folded.step.operation == "branch":
            need = need | joins.pop()
        needed.append(need)
    return needed[::-1]


def _dilate(mask: np.ndarray, folded: Folded) -> np.ndarray:
    out = np.zeros_like(mask)
    for tap in _taps(folded):
        if tap < 0:
            out[:, :tap] |= mask[:, -tap:]
        elif tap > 0:
            out[:, tap:] |= mask[:, :-tap]
        else:
            out |= mask
    return out


def _taps(folded: Folded) -> range:
    """Offsets of the bins that a dilated convolution reads."""
    step = folded.step
    reach = step.dilation * (step.width // 2)
    return range(-reach, reach + 1, step.dilation)


def _columns(mask: np.ndarray) -> np.ndarray:
    """Columns of the true entries, (rows, most of any row and at least 1); -1 fills up."""
    counts = mask.sum(axis=1)
    rows, columns = np.nonzero(mask)
    found = np.full((len(mask), max(1, int(counts.max(initial=0)))), -1)
    before = np.concatenate([[0], np.cumsum(counts)[:-1]])
    found[rows, np.arange(len(rows)) - before[rows]] = columns
    return found


def _mask(groups: Sequence[np.ndarray], columns: int) -> np.ndarray:
    mask = np.zeros((len(groups[0]), columns + 1), bool)
    row = np.arange(len(mask))[:, None]
    for group in groups:
        mask[row, group] = True  # -1 falls into the last column, which is cut off
    return mask[:, :-1]


def _lookup(groups: Sequence[np.ndarray], columns: int) -> np.ndarray:
    """Row, in the groups one after another, of every column; the row after the last if absent."""
    total = sum(group.shape[1] for group in groups)
    lookup = np.full((len(groups[0]), columns + 1), total)
    row, before = np.arange(len(lookup))[:, None], 0
    for group in groups:
        lookup[row, group] = before + np.arange(group.shape[1])
        before += group.shape[1]
    lookup[:, -1] = total
    return lookup


def _find(lookup: np.ndarray, columns: np.ndarray) -> np.ndarray:
    return np.take_along_axis(lookup, np.where(columns >= 0, columns, lookup.shape[1] - 1), 1)


def _entries(
    out: np.ndarray, groups: Sequence[np.ndarray], columns: int, folded: Folded
) -> np.ndarray:
    """Row of (input row, tap) whose product each output sums, (alternatives, outputs, taps)."""
    lookup = _lookup(groups, columns)
    absent, taps = lookup[0, -1], _taps(folded)
    entries = np.empty((*out.shape, len(taps)), int)
    for number, tap in enumerate(taps):
        source = out + tap
        is_there = (out >= 0) & (source >= 0) & (source < columns)
        row = _find(lookup, np.where(is_there, source, -1))
        entries[..., number] = np.where(row == absent, absent * len(taps), row * len(taps) + number)
    return entries
