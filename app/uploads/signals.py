"""bedGraph and wiggle that a visitor adds, made into a BigWig (UCSC, "Data file formats").

bedGraph counts from 0 and its ends are not part of an entry; wiggle counts from 1.
"""

from __future__ import annotations

import math
import re
from array import array
from collections.abc import Iterable
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np

from sighthound.core.bigwig.files import write_entries
from sighthound.core.errors import SighthoundError
from sighthound.core.genome.bed import bed_cells
from sighthound.core.genome.sequence import Genome

MAX_LINES = 1_000_000
_LARGEST = float(np.finfo(np.float32).max)
_SETTING = re.compile(r"(\w+)=(\S+)")


class NotSignalError(SighthoundError):
    """Lines that only seemed to be a signal: values that are no numbers, or places that overlap."""


@dataclass(frozen=True)
class Signal:
    """Values on stretches of chromosomes.

    Attributes
    ----------
    entries : dict of chromosome to (starts, ends, values)
        0-based and half-open.
    absent : dict of str to int
        Lines on sequences that the genome lacks, by name.
    """

    entries: dict[str, tuple[array[int], array[int], array[float]]] = field(default_factory=dict)
    absent: dict[str, int] = field(default_factory=dict)

    @property
    def count(self) -> int:
        return sum(len(values) for _, _, values in self.entries.values())


@dataclass
class _Step:
    """What a declaration line of wiggle says of those that follow."""

    chrom: str
    span: int
    start: int = 0
    step: int = 0  # 0: variableStep, whose lines say where they are


def read_signal(lines: Iterable[tuple[int, str]], name: str, genome: Genome) -> Signal:
    """Read bedGraph or wiggle.

    Parameters
    ----------
    lines : iterable of (number, text)

    Raises
    ------
    SighthoundError
        A line is neither, or lies beyond its chromosome; there are more than `MAX_LINES`.
    """
    signal = Signal()
    known: dict[str, str | None] = {}
    step: _Step | None = None
    for number, line in lines:
        where = f"{name}, line {number:,}"
        if number > MAX_LINES:
            raise SighthoundError(
                f"{name} has more than {MAX_LINES:,} lines; turn it into a BigWig with "
                "bedGraphToBigWig (wiggle: wigToBigWig) and add that"
            )
        words = line.split()
        if not words or line.startswith("#"):
            continue
        if words[0] in ("track", "browser"):
            step = None
            continue
        if words[0] in ("fixedStep", "variableStep"):
            step = _declared(words[0], line, where)
            continue
        place = _place(words, line, step, where)
        if place is None:
            continue
        chrom, start, end, text = place
        if chrom not in known:
            try:
                known[chrom] = genome.resolve(chrom)
            except SighthoundError:
                known[chrom] = None
        resolved = known[chrom]
        if resolved is None:
            signal.absent[chrom] = signal.absent.get(chrom, 0) + 1
            continue
        length = genome.lengths[resolved]
        if step is not None and start < length:
            end = min(end, length)  # a last step may reach beyond the chromosome
        if not 0 <= start < end <= length:
            what = "is empty" if start == end else f"lies beyond the {length:,} bases of {chrom}"
            raise SighthoundError(
                f"{where}: base {start + 1:,} to {end:,} {what}; is the file of another assembly, "
                "or does it count from 1?"
            )
        value = _number(text, where)
        if value is None:
            continue
        if resolved not in signal.entries:
            signal.entries[resolved] = (array("q"), array("q"), array("f"))
        starts, ends, values = signal.entries[resolved]
        starts.append(start)
        ends.append(end)
        values.append(value)
    return signal


def write_signal(signal: Signal, path: Path, name: str, genome: Genome) -> None:
    """Write a signal as a BigWig.

    Raises
    ------
    SighthoundError
        Two values lie at one base.
    """
    chroms = [chrom for chrom in genome.lengths if chrom in signal.entries]
    ordered = {}
    for chrom in chroms:
        starts, ends, values = (np.asarray(column) for column in signal.entries[chrom])
        order = np.argsort(starts, kind="stable")
        starts, ends, values = ordered[chrom] = starts[order], ends[order], values[order]
        twice = np.flatnonzero(starts[1:] < ends[:-1])
        if len(twice):
            raise NotSignalError(
                f"{name} has two values at base {int(starts[twice[0] + 1]) + 1:,} of {chrom}; "
                "a signal has one (bedtools merge -c 4 -o mean makes it so)"
            )
    write_entries(path, {chrom: genome.lengths[chrom] for chrom in chroms}, ordered)


def _declared(kind: str, line: str, where: str) -> _Step:
    given = dict(_SETTING.findall(line))
    try:
        step = _Step(given["chrom"], int(given.get("span", 1)))
        if kind == "fixedStep":
            step.start, step.step = int(given["start"]) - 1, int(given.get("step", 1))
    except (KeyError, ValueError):
        step = None
    if step is None or step.span < 1 or (kind == "fixedStep" and step.step < step.span):
        raise SighthoundError(
            f"{where}: {line[:60]!r}; expected {kind} with chrom="
            + (
                ", start= and step= not below span="
                if kind == "fixedStep"
                else " and span= above 0"
            )
        )
    return step


def _place(
    words: list[str], line: str, step: _Step | None, where: str
) -> tuple[str, int, int, str] | None:
    """Chromosome, start, end and value of a line; None where it names columns."""
    if step is None:
        cells = bed_cells(line, where)
        if cells is None:
            return None
        if len(cells) < 4:
            raise NotSignalError(
                f"{where}: {line[:60]!r}; expected chromosome, start, end and value"
            )
        return cells[0], int(cells[1]), int(cells[2]), cells[3]
    if step.step and len(words) == 1:
        start, step.start = step.start, step.start + step.step
        return step.chrom, start, start + step.span, words[0]
    if not step.step and len(words) == 2 and words[0].isdecimal() and len(words[0]) < 20:
        start = int(words[0]) - 1
        return step.chrom, start, start + step.span, words[1]
    expected = "a value" if step.step else "a position and a value"
    raise SighthoundError(f"{where}: {line[:60]!r}; expected {expected}")


def _number(text: str, where: str) -> float | None:
    text = text.strip()
    if text.lower() in ("nan", "na"):
        return None
    try:
        value = float(text)
    except ValueError:
        value = math.inf
    if abs(value) <= _LARGEST:
        return value
    if re.fullmatch(r"[-+]?\d*,\d+", text):
        raise SighthoundError(f"{where}: {text!r} has a decimal comma; write it with a point")
    raise NotSignalError(f"{where}: {text[:30]!r} is no number")
