"""The card of a coverage BigWig: what it was made of, and how; JSON beside the file.

Whoever opens a BigWig asks whether it is normalised, to what, which reads it counts and how they
were moved. `sighthound coverage` writes the answers beside it; the page and `read_card` read them.
"""

from __future__ import annotations

import dataclasses
import json
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from sighthound.core.errors import SighthoundError
from sighthound.core.files import write_text

FORMAT = 1
ENDING = ".card.json"


@dataclass(frozen=True)
class GcCurve:
    """How coverage depends on GC content.

    Attributes
    ----------
    gc : tuple of float
        Shares of G and C, weighed by a Gaussian of 64 bases.
    log2_coverage : tuple of float
        log2 of coverage plus 0.01, as fitted there.
    r2 : float
        Share of the variance of log2 coverage that the curve explains, over `windows`.
    windows : int
        Windows that it was fitted to.
    """

    gc: tuple[float, ...]
    log2_coverage: tuple[float, ...]
    r2: float
    windows: int


@dataclass(frozen=True)
class ShiftCheck:
    """Whether cut sites were shifted before, told by the bases around them.

    Attributes
    ----------
    sites : int
        Cut sites that were looked at.
    offset : int or None
        Bases from the end of the plus strand to that of the minus strand of the same cut, as the
        files have them: 8 for Tn5, 0 after +4/-4, -1 after +4/-5 or for DNase I. None where that
        cannot be told.
    correlation : float
        Of the bases around ends of both strands, so far apart.
    other_offset, other_correlation : int, float
        The next best.
    moved : str
        The shift that the reads had before; empty where that cannot be told.
    words : str
        What was found, for a person.
    warning : str
        What is wrong with the shift that was asked for, and what to do; empty where nothing is.
    """

    sites: int
    offset: int | None
    correlation: float
    other_offset: int
    other_correlation: float
    moved: str
    words: str
    warning: str


@dataclass(frozen=True)
class FragmentLength:
    """Bases in a fragment of single-end reads, learned from how far their strands lie apart.

    Attributes
    ----------
    length : int
        In bases.
    reads : int
        Reads that were looked at.
    read_length : int
        Bases in a read, median; around it another peak is passed over.
    above_chance : float
        Ends that face each other so far apart, over the median of all lengths.
    lengths : tuple of int
        Lengths that were tried, in bases.
    facing : tuple of float
        Ends that face each other so far apart, smoothed, over the bases with an end of a strand.
    """

    length: int
    reads: int
    read_length: int
    above_chance: float
    lengths: tuple[int, ...]
    facing: tuple[float, ...]


@dataclass(frozen=True)
class Card:
    """What a coverage BigWig is made of.

    Attributes
    ----------
    inputs : tuple of str
        Names of the files that were read.
    alignments : int
        That count.
    unique_reads, multi_reads : int
        Reads with one place, and with several.
    left_out : dict of str to int
        Alignments left out, by the first reason that applied; reasons without any are not listed.
    counted_at : str
        The options that say where a read counts, as the command takes them.
    strand : str
        "+", "-", or "." for both together.
    multi : str
        How reads with several places were shared: em, fraction or unique.
    em_rounds : int
        Rounds of expectation-maximisation; 0 where there was nothing to share.
    em_change : float
        Change of a multi-mapping read's shares in the last round, mean over reads.
    em_converged : bool
        That was below the tolerance.
    normalisation : str
        none, cpm, rpgc, spike-in or factor.
    factor : float
        What counts were multiplied by.
    clip : int or None
        The most that a base may have, by the Poisson rule.
    clipped_bases : int
        Bases that had more.
    depth : float
        Sum of all values.
    gc : GcCurve or None
        What coverage was corrected by.
    shift_check : ShiftCheck or None
        What the bases around cut sites say of the shift; None where nobody looked.
    fragments : FragmentLength or None
        What was learned of single-end reads, where nobody gave a length.
    chosen_by : str
        The options that say which reads count, as the command takes them.
    clip_multi : float or None
        The most that shares of reads with several places may add up to at a base.
    clipped_multi_bases : int
        Bases at which they came to more.
    remarks : tuple of str
        What had to be taken for something, a sentence each.
    command : str
        The command, without folders.
    version : str
        Of the software.
    """

    inputs: tuple[str, ...]
    alignments: int
    unique_reads: int
    multi_reads: int
    left_out: dict[str, int]
    counted_at: str
    strand: str
    multi: str
    em_rounds: int
    em_change: float
    em_converged: bool
    normalisation: str
    factor: float
    clip: int | None
    clipped_bases: int
    depth: float
    gc: GcCurve | None
    shift_check: ShiftCheck | None = None
    fragments: FragmentLength | None = None
    chosen_by: str = ""
    clip_multi: float | None = None
    clipped_multi_bases: int = 0
    remarks: tuple[str, ...] = ()
    command: str = ""
    version: str = ""
    format: int = field(default=FORMAT)

    def lines(self) -> list[tuple[str, str]]:
        """Give the card for a person: what, and its words."""
        reads = f"{self.unique_reads:,} with one place"
        if self.multi_reads:
            reads += f", {self.multi_reads:,} with several ({self.multi})"
        said = [("made from", ", ".join(self.inputs)), ("reads", reads)]
        left = ", ".join(f"{n:,} {why.replace('_', ' ')}" for why, n in self.left_out.items())
        said.append(("left out", left or "none"))
        if self.chosen_by:
            said.append(("chosen by", self.chosen_by))
        said.append(("counted at", self.counted_at))
        if self.shift_check is not None:
            said.append(("shift", self.shift_check.words))
            if self.shift_check.warning:
                said.append(("warning", self.shift_check.warning))
        if (learned := self.fragments) is not None:
            said.append(
                (
                    "fragments",
                    f"{learned.length} bases, learned from the strands of {learned.reads:,} reads "
                    f"(x {learned.above_chance:.2f} of chance)",
                )
            )
        if self.strand != ".":
            said.append(("strand", self.strand))
        if self.em_rounds:
            state = "converged" if self.em_converged else "stopped"
            said.append(("sharing", f"{state} after {self.em_rounds} rounds"))
        scale = self.normalisation
        said.append(("normalised", scale if scale == "none" else f"{scale}, x {self.factor:.6g}"))
        if self.clip is not None:
            said.append(("clipped", f"at most {self.clip} a base; {self.clipped_bases:,} bases"))
        if self.clip_multi is not None:
            shares = f"shares at most {self.clip_multi:g} a base"
            said.append(("clipped", f"{shares}; {self.clipped_multi_bases:,} bases"))
        if self.gc is not None:
            said.append(("GC", f"corrected; explained R2 {self.gc.r2:.3f} of log2 coverage"))
        depth = f"{self.depth:,.0f}" if self.depth >= 1_000 else f"{self.depth:.4g}"
        said.append(("sum of values", depth))
        return [*said, *(("note", remark) for remark in self.remarks)]


def card_file(bigwig: Path) -> Path:
    """Where the card of a BigWig lies."""
    return bigwig.with_name(bigwig.name + ENDING)


def write_card(bigwig: Path, card: Card) -> None:
    """Write the card beside its BigWig."""
    write_text(card_file(bigwig), json.dumps(dataclasses.asdict(card), indent=1) + "\n")


def read_card(bigwig: Path) -> Card | None:
    """Read the card of a BigWig; None where there is none.

    Raises
    ------
    SighthoundError
        The card is damaged, or of another format.
    """
    file = card_file(bigwig)
    try:
        given: Any = json.loads(file.read_text(encoding="utf-8"))
    except FileNotFoundError:
        return None
    except (OSError, ValueError) as error:
        raise SighthoundError(f"{file} is damaged: {error}") from None
    names = {f.name for f in dataclasses.fields(Card)}
    needed = {f.name for f in dataclasses.fields(Card) if f.default is dataclasses.MISSING}
    if (
        not isinstance(given, dict)
        or given.get("format") != FORMAT
        or not needed <= set(given) <= names
    ):
        raise SighthoundError(f"{file} is no card of format {FORMAT}; make the coverage again")
    gc = given["gc"]
    if gc is not None:
        gc = GcCurve(tuple(gc["gc"]), tuple(gc["log2_coverage"]), gc["r2"], gc["windows"])
    check, learned = given.get("shift_check"), given.get("fragments")
    if learned is not None:
        learned = FragmentLength(
            **{**learned, "lengths": tuple(learned["lengths"]), "facing": tuple(learned["facing"])}
        )
    values = {
        "fragments": learned,
        "gc": gc,
        "shift_check": None if check is None else ShiftCheck(**check),
        "inputs": tuple(given["inputs"]),
        "remarks": tuple(given.get("remarks", ())),
    }
    return Card(**{**given, **values})
