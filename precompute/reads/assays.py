"""What is known of an assay's reads: where they count, on which strands, how they are moved.

One entry of `ASSAYS` is one preset of `sighthound coverage --assay`; whatever it sets may be given
by hand instead. A shift is said for both strands in genome coordinates: +4/-4 moves 5' bases of the
plus strand four bases up and those of the minus strand four bases down, to the middle of the nine
bases that Tn5 doubles. (The +4/-5 of Buenrostro et al. 2013 is this one, said of ends as BED has
them, behind the last base; of 5' bases it would leave the strands one base apart.)
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Literal

from sighthound.core.errors import SighthoundError

Position = Literal["5prime", "center", "fragment", "aligned"]
Strands = Literal["+", "-", "both"]

_SHIFT = re.compile(r"([+-]?\d+)(?:/([+-]?\d+))?")


@dataclass(frozen=True)
class Shift:
    """Bases by which 5' ends move downstream, along the read, by its strand."""

    plus: int = 0
    minus: int = 0

    def __str__(self) -> str:
        return f"{self.plus:+d}/{-self.minus:+d}"


NO_SHIFT = Shift()


@dataclass(frozen=True)
class Assay:
    """How reads of one assay are counted.

    Attributes
    ----------
    words : str
        What is counted, for a person.
    position : {"5prime", "center", "fragment", "aligned"}
        Where a read counts.
    shift : Shift
        Of 5' ends.
    mate : int or None
        Whose 5' ends count, where reads are pairs; of aligned bases, whose strand is the RNA's.
    strands : {"+", "-", "both"} or None
        "both" writes a file a strand.
    smoothing_sd : float
        Bases; of the coverage by which multi-mapping reads are shared.
    """

    words: str
    position: Position = "5prime"
    shift: Shift = NO_SHIFT
    mate: int | None = None
    strands: Strands | None = None
    smoothing_sd: float = 32

    def __str__(self) -> str:
        parts = [f"--position {self.position}"]
        if self.shift != NO_SHIFT:
            parts.append(f"--shift {self.shift}")
        if self.mate:
            parts.append(f"--mate {self.mate} (of pairs)")
        if self.strands:
            parts.append(f"--strand {self.strands}")
        return ", ".join([*parts, f"--sd {self.smoothing_sd:g}"])


ASSAYS = {
    "dnase": Assay("DNase I cuts, at 5' ends"),
    "atac": Assay("Tn5 insertions, in the middle of their nine bases", shift=Shift(4, 4)),
    "chip-tf": Assay("middles of fragments", "center"),
    "chip-histone": Assay("every base of fragments", "fragment", smoothing_sd=64),
    "mnase": Assay("middles of fragments: dyads of nucleosomes", "center"),
    "cage": Assay("starts of capped RNA, by strand", mate=1, strands="both"),
    "procap": Assay("starts of nascent capped RNA, by strand", mate=1, strands="both"),
    "rna": Assay(
        "every aligned base of reads of RNA, introns left out, by the strand of mate 1",
        "aligned",
        mate=1,
        strands="both",
        smoothing_sd=64,
    ),
}

CUT_ASSAYS = ("dnase", "atac")  # whose reads end where an enzyme cut both strands


def parse_shift(text: str | int | Shift) -> Shift:
    """Read a shift as people write it.

    Raises
    ------
    SighthoundError
        It is no number of bases, nor one a strand.

    Examples
    --------
    >>> parse_shift("+4/-5"), parse_shift(4)
    (Shift(plus=4, minus=5), Shift(plus=4, minus=4))
    """
    if isinstance(text, Shift):
        return text
    match = _SHIFT.fullmatch(str(text).strip())
    if match is None:
        raise SighthoundError(
            f"shift is {text!r}; expected bases downstream, as 4, or one a strand, as +4/-5"
        )
    plus = int(match[1])
    return Shift(plus, plus if match[2] is None else -int(match[2]))


def assay_named(name: str) -> Assay:
    """Give an assay by its name.

    Raises
    ------
    SighthoundError
        It is none of `ASSAYS`.
    """
    if name not in ASSAYS:
        raise SighthoundError(f"unknown assay {name!r}; expected {', '.join(ASSAYS)}")
    return ASSAYS[name]
