"""Reading variants from VCF and BCF files, one alternative allele after another.

What cannot be scored is not passed over in silence: each allele left out is handed out with the
reason. VCF 4.5 is the specification; positions there are 1-based.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field
from os import PathLike
from pathlib import Path

import pysam

from sighthound.core.errors import SighthoundError
from sighthound.core.genome.sequence import Genome
from sighthound.core.variants.variant import Variant, misfit
from sighthound.core.variants.vcf_forms import open_variants

MISMATCH_CHOICES = ("skip", "flip", "error")
# Of at least so many alleles that can be compared, the share that must differ for the file to be
# called one of another assembly, where a base is right by chance one time in four, and REF or ALT
# one time in two.
_COMPARED, _OTHER_ASSEMBLY = 10, 0.4

SYMBOLIC, NOT_BASES, NOTHING = "symbolic allele", "allele with N or other letters", "no ALT"
UNKNOWN, BEYOND, DIFFERS = "unknown chromosome", "beyond the chromosome's end", "REF differs"
LONG = "longer than the model's window"


@dataclass(frozen=True)
class Allele:
    """One alternative allele of a file.

    Attributes
    ----------
    record : int
        Number of its line among the file's variants, from 1.
    number : int
        Which of the line's ALT alleles, from 1.
    variant : Variant or None
        None where it is left out.
    text : str
        CHROM, POS, ID, REF and ALT as the file has them, tab-separated.
    reason, detail : str
        Why it is left out: the kind of reason, and all that is known of it.
    is_flipped : bool
        REF and ALT are exchanged, because the genome has ALT.
    """

    record: int
    number: int
    variant: Variant | None
    text: str
    reason: str = ""
    detail: str = ""
    is_flipped: bool = False


@dataclass
class Tally:
    """How many alleles there were, kept and left out, and the first of each kind of reason."""

    kept: int = 0
    flipped: int = 0
    left_out: Counter[str] = field(default_factory=Counter)
    first: dict[str, str] = field(default_factory=dict)

    def add(self, allele: Allele) -> None:
        self.kept += allele.variant is not None
        self.flipped += allele.is_flipped
        if allele.variant is None:
            self.left_out[allele.reason] += 1
            chrom, position, _, ref, alt = allele.text.split("\t")
            shown = f"{chrom}:{position} {_short(ref)}>{_short(alt)}"
            self.first.setdefault(
                allele.reason, f"{shown}, {allele.detail}" if allele.detail else shown
            )

    @property
    def total(self) -> int:
        return self.kept + self.left_out.total()

    def lines(self) -> list[str]:
        """One line a kind of reason: its count and its first case."""
        return [f"{n:,} {reason} (first {self.first[reason]})" for reason, n in self._ordered()]

    def check_assembly(self, path: Path, genome: Genome) -> None:
        """Refuse a file most of whose reference alleles are not the genome's.

        Raises
        ------
        SighthoundError
            Says how many differ, or that no chromosome is known.
        """
        differing = self.left_out[DIFFERS] + self.left_out[BEYOND]
        compared = self.kept + differing
        if compared >= _COMPARED and differing > _OTHER_ASSEMBLY * compared:
            example = self.first.get(DIFFERS) or self.first[BEYOND]
            raise SighthoundError(
                f"{path} is of another assembly than {genome.path.name}: {differing:,} of "
                f"{compared:,} REF alleles differ, as {example}; give variants called on this "
                "genome, or let REF and ALT be exchanged (flip)"
            )
        if not self.kept:
            reasons = "; ".join(self.lines()) or "it has no records"
            raise SighthoundError(f"{path} has no variant that can be scored: {reasons}")

    def _ordered(self) -> list[tuple[str, int]]:
        return sorted(self.left_out.items(), key=lambda item: (-item[1], item[0]))


def read_variants(
    path: str | PathLike[str], genome: Genome, mismatch: str = "skip"
) -> list[Variant]:
    """Read the variants of a VCF or BCF file that can be scored, sites split into alleles.

    Parameters
    ----------
    path : path
        VCF, plain, gzip or bgzip, or BCF; sorted or not.
    mismatch : {"skip", "flip", "error"}
        What to do where REF is not the genome's: leave the allele out; exchange REF and ALT where
        the genome has ALT; or raise.

    Raises
    ------
    SighthoundError
        The file is missing or damaged, or of another assembly.
    """
    tally, variants = Tally(), []
    path = Path(path)
    for allele in read_alleles(path, genome, mismatch):
        tally.add(allele)
        if allele.variant is not None:
            variants.append(allele.variant)
    tally.check_assembly(path, genome)
    return variants


def read_alleles(
    path: str | Path, genome: Genome, mismatch: str = "skip", longest: int | None = None
) -> Iterator[Allele]:
    """Read a VCF or BCF file allele by allele, those that are left out with the reason.

    Parameters
    ----------
    path, genome, mismatch
        As for `read_variants`; the file is streamed.
    longest : int, optional
        Bases that an allele may have.

    Raises
    ------
    SighthoundError
        The file is missing or damaged; or, with "error", the first REF that is not the genome's.
    """
    if mismatch not in MISMATCH_CHOICES:
        raise SighthoundError(
            f"mismatch is {mismatch!r}; expected one of {', '.join(MISMATCH_CHOICES)}"
        )
    names: dict[str, str | None] = {}
    for number, record in enumerate(records(path), 1):
        try:
            given, label, ref = record.chrom, record.id or "", record.ref or "."
            alts = record.alts or (".",)
        except UnicodeDecodeError:
            raise SighthoundError(
                f"{path}, record {number:,} is no text in UTF-8; check the file, or copy it again"
            ) from None
        if given not in names:
            names[given] = _resolved(genome, given)
        for place, alt in enumerate(alts, 1):
            text = "\t".join((given, str(record.pos), label or ".", ref, alt))
            allele = _judge(genome, names[given], number, place, text, mismatch, label)
            if longest and max(len(ref), len(alt)) > longest and allele.variant:
                allele = Allele(number, place, None, text, LONG)
            yield allele


def records(path: str | Path) -> Iterator[pysam.VariantRecord]:
    """Stream the records of a VCF or BCF file.

    Raises
    ------
    SighthoundError
        It is missing, no VCF, or damaged; says after how many records.
    """
    done = 0
    with open_variants(path) as file:
        try:
            for record in file:
                yield record
                done += 1
        except (OSError, ValueError) as error:
            where = f"after {done:,} records" if done else "at its first record"
            raise SighthoundError(
                f"{path} cannot be read {where} ({' '.join(str(error).split())}); "
                "check the file, or copy it again"
            ) from None


def samples(path: str | Path) -> list[str]:
    """List the samples of a VCF or BCF file.

    Raises
    ------
    SighthoundError
        It is missing, or no VCF.
    """
    with open_variants(path) as file:
        return list(file.header.samples)


def _judge(
    genome: Genome,
    chrom: str | None,
    record: int,
    number: int,
    text: str,
    choice: str,
    name: str,
) -> Allele:
    given, position, _, ref, alt = text.split("\t")
    ref, alt = ref.upper(), alt.upper()

    def left_out(reason: str, detail: str = "") -> Allele:
        return Allele(record, number, None, text, reason, detail)

    if alt == "." or alt == ref:
        return left_out(NOTHING)
    if set(alt) & set("<>[]*.") or alt == "*":
        return left_out(SYMBOLIC)
    if set(ref + alt) - set("ACGT"):
        return left_out(NOT_BASES)
    if chrom is None:
        return left_out(UNKNOWN, given)
    place = int(position) - 1
    if place < 0:
        return left_out(BEYOND, "before base 1")
    variant = Variant(chrom, place, ref, alt, name)
    problem = misfit(variant, genome)
    if not problem:
        return Allele(record, number, variant, text)
    if choice == "error":
        raise SighthoundError(
            f"variant {variant}: {problem}; give variants of this genome, or leave such alleles "
            "out (skip) or exchange them (flip)"
        )
    if choice == "flip" and not misfit(variant.flipped(), genome):
        return Allele(record, number, variant.flipped(), text, is_flipped=True)
    if variant.end > genome.lengths[chrom]:
        return left_out(BEYOND, problem)
    return left_out(DIFFERS, problem)


def _resolved(genome: Genome, name: str) -> str | None:
    try:
        return genome.resolve(name)
    except SighthoundError:
        return None


def _short(allele: str) -> str:
    return allele if len(allele) <= 20 else f"{allele[:17]}..."
