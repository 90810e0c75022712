"""Chromosomes by their RefSeq accessions, as HGVS names them: NC_000001.11 is chr1 of GRCh38.

Source: NCBI Assembly, GRCh37.p13, GRCh38.p14 and R64 (sacCer3). A version is of one assembly, so
that it is held against the genome's own: a position of another would be another base.
"""

from __future__ import annotations

import re

from sighthound.core.errors import SighthoundError
from sighthound.core.genome.chromosomes import Chromosomes, to_roman

_NUMBERED = re.compile(r"NC_0*(\d+)(?:\.(\d+))?", re.IGNORECASE)
# Versions of human chromosomes 1 to 22, X, Y in GRCh38; each is one less in GRCh37.
_GRCH38 = (
    11, 12, 12, 12, 10, 12, 14, 11, 12, 11, 10, 12, 11, 9, 10, 10, 11, 10, 10, 11, 9, 11, 11, 10,
)  # fmt: skip
_CHR1_LENGTHS = {248_956_422: 38, 249_250_621: 37}
_YEAST_FIRST, _YEAST_CHR1_LENGTH = 1133, 230_218


def chromosome_of(name: str, genome: Chromosomes) -> str:
    """Give the genome's own name of a chromosome, named as anywhere or by accession.

    Raises
    ------
    SighthoundError
        No chromosome goes by that name, or the accession is of another assembly.
    """
    match = _NUMBERED.fullmatch(name)
    if match is None or name in genome.lengths:
        return genome.resolve(name)
    number, version = int(match[1]), int(match[2] or 0)
    first = {genome.lengths[genome.resolve(alias)] for alias in ("1", "I") if _has(genome, alias)}
    assembly = next((_CHR1_LENGTHS[n] for n in first if n in _CHR1_LENGTHS), None)
    if assembly is not None and 1 <= number <= len(_GRCH38):
        expected = _GRCH38[number - 1] - (38 - assembly)
        if version not in (0, expected):
            raise SighthoundError(
                f"{name} is not of the genome's assembly, GRCh{assembly}, whose accession is "
                f"NC_{number:06}.{expected}"
            )
        return genome.resolve({23: "X", 24: "Y"}.get(number, str(number)))
    if first == {_YEAST_CHR1_LENGTH} and 0 <= number - _YEAST_FIRST < 16:
        return genome.resolve(to_roman(number - _YEAST_FIRST + 1))
    return genome.resolve(name)


def _has(genome: Chromosomes, alias: str) -> bool:
    try:
        genome.resolve(alias)
    except SighthoundError:
        return False
    return True
