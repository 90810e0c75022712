"""Regions as people write and paste them, read without knowing the genome.

Positions are 1-based and inclusive, as genome browsers show them; only lines of BED are 0-based
and half-open: those separated by tabs, or that begin at base 0 (UCSC, "data file formats").
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator
from dataclasses import dataclass

_NUMBER = r"\d[\d,_'\u2019]*(?:\.\d+)*(?:[kKmM][bB]?)?"
_DASH = r"(?:-|\u2010|\u2011|\u2012|\u2013|\u2014|\u2212|\.\.\.?|to)"
_RANGE = re.compile(rf"^({_NUMBER})(?:{_DASH}({_NUMBER}))?$")
# "chromosome IV", "chr 4": a word that is no part of the name.
_WORD_CHROMOSOME = re.compile(r"^(?:chromosome|chrom|chr)\.?\s+(\S)", re.IGNORECASE)
# Start and length (UCSC), a place and what is beside it, NCBI's complement.
_LENGTH = re.compile(rf"^({_NUMBER})\+({_NUMBER})$")
_BESIDE = re.compile(rf"^({_NUMBER})(?:\u00b1|\+/-|\+-)({_NUMBER})$")
_COMPLEMENT = re.compile(rf"^c({_NUMBER}){_DASH}({_NUMBER})$")
_FLANKED = re.compile(r"^(\S.*?)\s*(?:\u00b1|\+/-|\+-)\s*(\d[^+]*)$")
_STRAND = re.compile(r"(?:\([+-]\)|:[+-])$")
# More are no base of any genome, and Python reads no number of thousands of digits.
_MOST_DIGITS = 18
_UNITS = {"": 1, "k": 1_000, "m": 1_000_000}


@dataclass(frozen=True)
class TypedRegion:
    """What a text may mean.

    Attributes
    ----------
    chrom : str or None
        As it was written; None where only positions were.
    start, end : int or None
        1-based, inclusive; both None for a whole chromosome, `end` None for a single position.
    """

    chrom: str | None
    start: int | None = None
    end: int | None = None


def read_region(text: str) -> list[TypedRegion]:
    """Give the ways to read a text as a region, the likeliest first.

    Which of them is meant depends on the genome's chromosomes: "4" may be one of them, or a base of
    the chromosome that is looked at.

    Examples
    --------
    >>> read_region("chrIV:1,000-2,000")[1]
    TypedRegion(chrom='chrIV', start=1000, end=2000)
    >>> read_region("IV 1000 2000") == read_region("IV : 1,000 .. 2,000")
    True
    >>> read_region("chrIV\\t999\\t2000\\tpeak_7")[0]
    TypedRegion(chrom='chrIV', start=1000, end=2000)
    >>> read_region("1.2M")[1]
    TypedRegion(chrom=None, start=1200000, end=None)
    """
    return list(dict.fromkeys(_readings(text)))


def plain_characters(text: str) -> str:
    """Text as a keyboard has it: full-width characters plain, invisible ones gone."""
    if text.isascii():
        return text
    return "".join(
        chr(ord(c) - 0xFEE0) if "\uff01" <= c <= "\uff5e" else c
        for c in text
        if unicodedata.category(c) != "Cf"
    )


def read_flank(text: str) -> tuple[str, int] | None:
    """Read "HIS4 +/- 2 kb": what is named, and how many bases beside it are meant; else None.

    Examples
    --------
    >>> read_flank("HIS4\u00b12kb"), read_flank("HIS4 +/- 2,000"), read_flank("HIS4")
    (('HIS4', 2000), ('HIS4', 2000), None)
    """
    match = _FLANKED.match(plain_characters(text).strip())
    bases = _number(re.sub(r"\s", "", match[2])) if match else None
    return None if match is None or bases is None else (match[1], bases)


def _readings(text: str) -> Iterator[TypedRegion]:
    text = plain_characters(text)
    pasted = _line_of_a_file(text)
    if pasted:
        yield pasted
        return
    text = text.strip().strip("'\"`").rstrip(".;,").strip()
    text = _WORD_CHROMOSOME.sub(r"\1", _STRAND.sub("", text))
    words = text.split()
    if not words:
        return
    if len(words) == 1:
        yield TypedRegion(text)
    for chrom, rest in _split(text):
        span = _span(rest)
        if span:
            yield TypedRegion(chrom, *span)
    span = _span(text)
    if span:
        yield TypedRegion(None, *span)


def _line_of_a_file(text: str) -> TypedRegion | None:
    """A line of BED, or of GFF3 or GTF, whose columns are separated by tabs."""
    cells = [cell.strip() for cell in text.strip("\r\n ").split("\t")]
    if len(cells) >= 3 and _is_position(cells[1]) and _is_position(cells[2]):
        return TypedRegion(cells[0], int(cells[1]) + 1, int(cells[2]))
    if len(cells) >= 8 and _is_position(cells[3]) and _is_position(cells[4]):
        return TypedRegion(cells[0], int(cells[3]), int(cells[4]))
    return None


def _is_position(cell: str) -> bool:
    return cell.isdecimal() and len(cell) <= _MOST_DIGITS


def _split(text: str) -> Iterator[tuple[str, str]]:
    """Chromosome and positions, at the last colon, the first space, or the last two hyphens."""
    chrom, colon, rest = text.rpartition(":")
    if colon and chrom.strip():
        yield chrom.strip(), rest
    words = text.split(maxsplit=1)
    if len(words) == 2 and not colon:
        yield words[0], words[1]
    hyphens = re.fullmatch(r"(\S+)-(\d+)-(\d+)", text)
    if hyphens:
        yield hyphens[1], f"{hyphens[2]}-{hyphens[3]}"


def _span(text: str) -> tuple[int, int | None] | None:
    """Read "1,000-2,000", "1000 2000", "1000 .. 2000", "1.2M" or "1000"."""
    text = text.strip()
    # Without a dash, a space stands between two positions; beside one it may group digits.
    is_one = bool(re.search(_DASH, text)) or len(text.split()) == 1
    packed = re.sub(r"\s+", "", text)
    special = _special_span(packed)
    if special:
        return special
    match = _RANGE.match(packed) if is_one else None
    if match:
        if match[2] and "." in match[1] and match[1][-1].isdigit() and _number(match[1]) is None:
            # 1.5-2M: the unit is of both.
            match = _RANGE.match(packed.replace(match[1], match[1] + _unit(match[2]), 1)) or match
        start, end = _number(match[1]), _number(match[2]) if match[2] else None
        return None if start is None or (match[2] and end is None) else (start, end)
    # Positions with spaces between: a pasted line, of which further columns are passed over.
    numbers = [_number(word) for word in text.split()[:2]]
    if len(numbers) == 2 and numbers[0] is not None and numbers[1] is not None:
        return max(1, numbers[0]), numbers[1]
    return None


def _special_span(text: str) -> tuple[int, int | None] | None:
    """Read "1000+500", 500 bases from 1,000 on; "1000+/-500"; "c2000-1000"."""
    for pattern in (_LENGTH, _BESIDE, _COMPLEMENT):
        match = pattern.match(text)
        if match is None:
            continue
        one, other = _number(match[1]), _number(match[2])
        if one is None or other is None:
            return None
        if pattern is _LENGTH:
            return one, one + other - 1
        return (max(1, one - other), one + other) if pattern is _BESIDE else (other, one)
    return None


def _unit(word: str) -> str:
    return re.sub(r"^[\d.,_'\u2019]+", "", word)


def _number(word: str) -> int | None:
    """Read "1,000", "1.000.000", "12.5kb" or "1.2M"; None where it is no whole number of bases."""
    match = re.fullmatch(r"([\d,_'\u2019.]+?)([kKmM]?)[bB]?", word)
    if not match:
        return None
    digits, unit = re.sub(r"[,_'\u2019]", "", match[1]), _UNITS[match[2].lower()]
    if unit == 1 and re.fullmatch(r"\d{1,3}(\.\d{3})+", digits):
        digits = digits.replace(".", "")
    if not re.fullmatch(r"\d+(\.\d+)?", digits) or len(digits) > _MOST_DIGITS:
        return None
    whole, _, decimals = digits.partition(".")
    # Whole-number arithmetic: 1.1 million in floats is not 1,100,000.
    scaled = int(whole + decimals) * unit
    return scaled // 10 ** len(decimals) if scaled % 10 ** len(decimals) == 0 else None
