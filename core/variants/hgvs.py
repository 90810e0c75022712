"""Variants in the words of HGVS: chrIV:g.1234A>G, HIS4:c.-148C>A, 68531delC, g.12_13insTA.

Source: HGVS nomenclature (hgvs-nomenclature.org), DNA recommendations. g. counts bases of the
chromosome. c. counts along the exons of a transcript from the A of its start codon: c.-1 is the
base before it, c.*1 the base behind the stop codon, c.88+2 the second base of the intron behind
c.88. n. counts from the first base of the transcript, and so does c. where nothing is translated;
beyond the transcript's ends both go on along the chromosome.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass

from sighthound.core.annotation.genes import Genes, name_key
from sighthound.core.annotation.transcripts import Transcript
from sighthound.core.errors import SighthoundError
from sighthound.core.genome.accessions import chromosome_of
from sighthound.core.genome.sequence import Genome, Interval

_POSITION = r"[-*]?\d[\d,]{0,20}(?:[+-]\d{1,9})?"
_TYPED = re.compile(
    rf"(?:(?P<name>[^\s:]\S*?)(?:\([^()]*\))?(?:\s*:\s*|\s+))??(?:(?P<kind>[gmcnp])\.\s*)?"
    rf"(?P<start>{_POSITION})(?:_(?P<end>{_POSITION}))?\s*"
    r"(?:(?P<ref>[A-Za-z]+)\s*>\s*(?P<alt>[A-Za-z]+)"
    r"|(?P<what>delins|del|ins|dup|inv)(?P<bases>(?:(?!ins)[A-Za-z])*)(?:\d+)?(?:ins(?P<inserted>[A-Za-z]+))?)",
    re.IGNORECASE,
)
_PROTEIN = re.compile(r"\S+\s*:\s*p\.\S+")
_STOPS = {"TAA", "TAG", "TGA"}
_COMPLEMENT = str.maketrans("ACGTN", "TGCAN")


@dataclass(frozen=True)
class Replacement:
    """Reference bases from `position` on, 0-based, and what takes their place; not both empty."""

    chrom: str
    position: int
    ref: str
    alt: str


def is_hgvs(text: str) -> bool:
    """Whether a person meant a variant in these words.

    Examples
    --------
    >>> is_hgvs("HIS4:c.-148C>A"), is_hgvs("68531delC"), is_hgvs("chrIV:1-2")
    (True, True, False)
    """
    text = text.strip()
    return bool(_TYPED.fullmatch(text) or _PROTEIN.fullmatch(text))


def read_hgvs(
    text: str,
    genome: Genome,
    *,
    chrom: str | None = None,
    genes: Callable[[], Genes] | None = None,
) -> Replacement:
    """Read a variant that `is_hgvs`.

    Parameters
    ----------
    genome : Genome
        Has the bases that are deleted, doubled or turned, and is checked to have those named.
    chrom : str, optional
        The chromosome of a place that names none.
    genes : callable, optional
        Gives the genes and transcripts whose positions c. and n. count.

    Returns
    -------
    Replacement
        With one more base on both sides where nothing is left of one, as VCF has it.

    Raises
    ------
    SighthoundError
        It is of no gene or chromosome here, or the genome has other bases there.
    """
    text = text.strip()
    match = _TYPED.fullmatch(text)
    if match is None or (match["kind"] or "").lower() == "p":
        raise SighthoundError(f"{text!r} names a change of a protein; give that of the DNA")
    kind = (match["kind"] or "g").lower()
    if kind in "gm":
        line = _Line(_chromosome(match["name"] or chrom, text, genome), genome)
    else:
        line = _of_transcript(match["name"], text, genome, genes, kind)
    ends = [line.base(match[key] or match["start"], text) for key in ("start", "end")]
    return _replacement(match, text, line, *ends)


class _Line:
    """Positions of a chromosome."""

    sign = 1

    def __init__(self, chrom: str, genome: Genome) -> None:
        self.chrom, self.genome = chrom, genome

    def base(self, position: str, text: str) -> int:
        """The base of a position, 0-based on the chromosome."""
        if not re.fullmatch(r"\d[\d,]*", position):
            raise SighthoundError(f"{text!r}: {position} is a position of a gene: write GENE:c.")
        return self._inside(int(position.replace(",", "")) - 1, text)

    def bases(self, start: int, end: int) -> str:
        """What the genome has, on the strand that is counted along."""
        found = self.genome.sequence(Interval(self.chrom, start, end))
        return found if self.sign > 0 else _other_strand(found)

    def _inside(self, base: int, text: str) -> int:
        length = self.genome.lengths[self.chrom]
        if not 0 <= base < length:
            raise SighthoundError(
                f"{text!r} lies beyond {self.chrom}, which has {length:,} bases counted from 1"
            )
        return base


class _TranscriptLine(_Line):
    """Positions of a transcript, c. or n."""

    def __init__(self, transcript: Transcript, genome: Genome, kind: str) -> None:
        super().__init__(transcript.chrom, genome)
        self.sign = -1 if transcript.strand == "-" else 1
        exons = sorted(transcript.exons, reverse=self.sign < 0)
        self.exons = exons or [(transcript.start, transcript.end)]
        self.first, self.last = 0, -1  # of what is translated, in bases of the transcript
        if kind == "c" and transcript.coding:
            low, high = transcript.coding[0][0], transcript.coding[-1][1] - 1
            start, end = (low, high) if self.sign > 0 else (high, low)
            self.first, self.last = self._index(start), self._index(end)
            # GTF leaves the stop codon out of the CDS, GFF3 does not.
            codons = [
                "".join(self.bases(b, b + 1) for b in map(self._at, range(at, at + 3)))
                for at in (self.last - 2, self.last + 1)
            ]
            if codons[0] not in _STOPS and codons[1] in _STOPS:
                self.last += 3

    def base(self, position: str, text: str) -> int:
        match = re.fullmatch(r"([-*]?)([\d,]+)([+-]\d+)?", position)
        assert match is not None
        number = int(match[2].replace(",", ""))
        if number == 0:
            raise SighthoundError(f"{text!r}: there is no position 0; 1 follows on -1")
        if match[1] == "*":
            index = self.last + number
        else:
            index = self.first + (-number if match[1] == "-" else number - 1)
        return self._inside(self._at(index) + self.sign * int(match[3] or 0), text)

    def _at(self, index: int) -> int:
        """The base of the chromosome that a base of the transcript is, or would be beyond it."""
        left = index
        for number, (start, end) in enumerate(self.exons):
            if left < end - start or number == len(self.exons) - 1:
                return start + left if self.sign > 0 else end - 1 - left
            left -= end - start
        raise AssertionError("a transcript has an exon")

    def _index(self, base: int) -> int:
        index = 0
        for start, end in self.exons:
            if start <= base < end:
                return index + (base - start if self.sign > 0 else end - 1 - base)
            index += end - start
        return index


def _chromosome(name: str | None, text: str, genome: Genome) -> str:
    if name is None:
        raise SighthoundError(f"{text!r} names no chromosome; write chromosome:position first")
    return chromosome_of(name, genome)


def _of_transcript(
    name: str | None, text: str, genome: Genome, genes: Callable[[], Genes] | None, kind: str
) -> _Line:
    if name is None or genes is None:
        raise SighthoundError(
            f"{text!r} counts from a gene; write which, as in HIS4:c.-148C>A, or chromosome:g."
        )
    found = [gene for gene in genes().called(name) if gene.tss_positions]
    if len(found) != 1:
        places = ", ".join(str(Interval(g.chrom, g.start, g.end)) for g in found[:4])
        where = f"is at {len(found)} places: {places}" if found else "has no start"
        raise SighthoundError(f"{text!r}: {name} {where}; write chromosome:g. and the position")
    transcripts = [t for t in found[0].transcripts if t.has_start]
    named = [t for t in transcripts if name_key(t.id) == name_key(name)]
    # The longest coding sequence is also the one whose codons the page shows.
    chosen = max(named or transcripts, key=lambda t: sum(end - start for start, end in t.coding))
    if chosen.strand not in ("+", "-"):
        raise SighthoundError(f"{text!r}: {name} has no strand; write chromosome:g. instead")
    return _TranscriptLine(chosen, genome, kind)


def _replacement(
    match: re.Match[str], text: str, line: _Line, first: int, last: int
) -> Replacement:
    start, end = min(first, last), max(first, last) + 1
    if (last - first) * line.sign < 0:
        raise SighthoundError(f"{text!r} ends before it starts")
    what = (match["what"] or ">").lower()
    named, alt = (match["bases"] or "").upper(), ""
    if what == ">":
        named, alt = match["ref"].upper(), match["alt"].upper()
        if match["end"] is None:  # AC>GT, of as many bases as are written
            start, end = (first, first + len(named)) if line.sign > 0 else (
                first + 1 - len(named), first + 1
            )  # fmt: skip
    elif what == "delins" or match["inserted"]:
        alt = (match["inserted"] or named).upper()
        named = named if match["inserted"] else ""
    if what == "ins":
        if match["end"] is None or end - start != 2:
            raise SighthoundError(
                f"{text!r}: bases are inserted between two neighbours; write 12_13insTA"
            )
        start, end, named, alt = start + 1, start + 1, "", named
    if what in ("ins", "delins") and not alt:
        raise SighthoundError(f"{text!r}: write the bases that are inserted")
    has = line.bases(start, end)
    if named and named != has:
        place = str(Interval(line.chrom, start, end))
        if end - start == 1:
            place = f"{line.chrom}:{end:,}"
        strand = "" if line.sign > 0 else " on the minus strand"
        raise SighthoundError(
            f"{text!r}: the genome has {has[:20]} at {place}{strand}, not {named[:20]}"
        )
    if what == "dup":
        alt, has = has * 2, has
    elif what == "inv":
        alt = _other_strand(has)
    ref, alt = (has, alt) if line.sign > 0 else (_other_strand(has), _other_strand(alt))
    return _anchored(line, start, ref, alt)


def _anchored(line: _Line, start: int, ref: str, alt: str) -> Replacement:
    """Add the base before, or at the very beginning the base behind, where an allele is empty."""
    if ref and alt:
        return Replacement(line.chrom, start, ref, alt)
    at = start - 1 if start else start + len(ref)
    base = line.genome.sequence(Interval(line.chrom, at, at + 1))
    if start:
        return Replacement(line.chrom, at, base + ref, base + alt)
    return Replacement(line.chrom, start, ref + base, alt + base)


def _other_strand(bases: str) -> str:
    return bases.translate(_COMPLEMENT)[::-1]
