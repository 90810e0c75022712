"""Variants that a person pasted: places with alleles, HGVS, ids, or lines of a VCF, one a line.

A line that is none is not passed over in silence: it is left out with the reason.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Sequence

from sighthound.core.annotation.genes import Genes
from sighthound.core.errors import SighthoundError
from sighthound.core.genome.sequence import Genome
from sighthound.core.variants.haplotype import split_haplotype
from sighthound.core.variants.variant import Variant, is_like_a_variant, parse_variant
from sighthound.core.variants.vcf import Allele

MAX_LINE = 4_000
UNREAD = "not understood"
_MOST_REASONS, _MOST_UNREAD = 8, 20
_SHOWN = 60
# CHROM POS ID REF ALT of a VCF, ALT maybe several, whatever comes behind.
_RECORD = re.compile(
    r"(\S+)\s+(\d{1,12})\s+(\S+)\s+([A-Za-z]+)\s+([A-Za-z*<>.,\[\]:0-9_]+)(?:\s.*)?"
)

Known = Callable[[str], Sequence[Variant]]


def read_list(
    text: str, genome: Genome, genes: Callable[[], Genes], known: Known
) -> Iterator[Allele]:
    """Read variants as people write them.

    Parameters
    ----------
    text : str
        One a line, or several between commas or semicolons; "#" begins a comment.
    genes : callable
        Gives the genes that HGVS positions may be of.
    known : callable
        Gives the variants of an id; several where it has several alleles, none if it is unknown.

    Yields
    ------
    Allele
        `record` is the line's number; what cannot be scored comes with the reason.
    """
    for number, line in enumerate(text.splitlines(), 1):
        line = line.strip()
        if not line or line.startswith("#"):
            continue
        for found, one in enumerate(_of_line(line, genome, genes, known), 1):
            variant, part, reason = one
            detail = reason if variant is None else ""
            yield Allele(number, found, variant, part, reason and UNREAD, detail)


def _of_line(
    line: str, genome: Genome, genes: Callable[[], Genes], known: Known
) -> Iterator[tuple[Variant | None, str, str]]:
    if len(line) > MAX_LINE:
        yield None, line[:_SHOWN], f"a line of {len(line):,} letters"
        return
    record = _RECORD.fullmatch(line)
    if record is not None:
        chrom, position, name, ref, alts = record.groups()
        parts = [f"{chrom}\t{position}\t{name}\t{ref}\t{alt}" for alt in alts.split(",")]
    else:
        parts = split_haplotype(line)
    chrom = None
    for part in parts:
        try:
            if "\t" in part or is_like_a_variant(part):
                variants: Sequence[Variant] = [
                    parse_variant(part, genome, chrom=chrom, genes=genes)
                ]
            else:
                variants = known(part)
        except SighthoundError as error:
            yield None, part, str(error)
            continue
        if not variants:
            yield None, part, f"{part[:_SHOWN]!r} is no variant, and no id that is known here"
        for variant in variants:
            chrom = variant.chrom
            yield variant, part, ""


def without_repeats(
    alleles: Iterable[Allele], *, has_lines: bool = True
) -> tuple[list[Allele], list[str]]:
    """Keep what can be scored, each variant once.

    Parameters
    ----------
    alleles : iterable of Allele
    has_lines : bool
        Whether `record` is the number of a line that the person can look up.

    Returns
    -------
    list of Allele, list of str
        And what is left out: the lines that are no variants, and of other reasons one each, with
        its count and its first case.
    """
    kept: dict[str, Allele] = {}
    counts: Counter[str] = Counter()
    first: dict[str, str] = {}
    unread: list[str] = []
    for allele in alleles:
        reason = allele.reason
        if allele.variant is not None:
            key = str(allele.variant)
            if key not in kept:
                kept[key] = allele
                continue
            reason = "given again"
        line = f"line {allele.record:,}: " if has_lines else ""
        case = f"{line}{allele.detail or ' '.join(allele.text.split())}"[:300]
        if reason == UNREAD:
            unread.append(case)
            continue
        counts[reason] += 1
        first.setdefault(reason, case)
    ordered = sorted(counts.items(), key=lambda item: (-item[1], item[0]))
    said = [f"{count:,} {reason} (first {first[reason]})" for reason, count in ordered]
    more = len(unread) - _MOST_UNREAD
    unread = [*unread[:_MOST_UNREAD], *([f"and {more:,} more that are no variants"] * (more > 0))]
    return [*kept.values()], [*unread, *said[:_MOST_REASONS]]
