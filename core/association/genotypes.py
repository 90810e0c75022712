"""Reading genotypes of people: VCF and BCF, and PLINK's .bed, .bim and .fam.

Formats: VCF 4.5 (field GT, phased or not); PLINK 1.9, variant-major .bed. A haploid call counts
twice; a call of which an allele is missing is missing.
"""

from __future__ import annotations

import functools
import sys
import tempfile
from array import array
from collections.abc import Iterator
from pathlib import Path

import numpy as np

from sighthound.core.association.panel import Panel, pack
from sighthound.core.association.sites import Sites
from sighthound.core.errors import SighthoundError
from sighthound.core.files import no_file
from sighthound.core.text import text_lines
from sighthound.core.variants.vcf import samples as vcf_samples
from sighthound.core.variants.vcf_forms import record_lines

_PLINK = (".bed", ".bim", ".fam")
_BED_MAGIC = b"\x6c\x1b\x01"  # the last byte: variant after variant
_PACKED_AT_ONCE = 256  # variants
_FIXED = 9  # columns of a VCF before those of samples
_PLAIN_CALL = 3  # characters of a diploid call of alleles below 10


def read_panel(path: str | Path) -> Panel:
    """Open genotypes, whichever format they have.

    Parameters
    ----------
    path : path
        VCF (plain, gzip or bgzip) or BCF; or PLINK's, by their common prefix or any of the three.

    Raises
    ------
    SighthoundError
        A file is missing, damaged, or has no genotypes: which, and where.
    """
    path = Path(path)
    stem = path.with_suffix("") if path.suffix.lower() in _PLINK else path
    if any(Path(f"{stem}{ending}").is_file() for ending in _PLINK):
        return _read_plink(stem)
    if not path.is_file():
        raise SighthoundError(
            f"{path} does not exist, nor does {stem}.bed; expected a VCF or BCF file, or the "
            "prefix of PLINK's .bed, .bim and .fam"
        )
    return _read_vcf(path)


def read_samples(path: Path) -> list[str]:
    """Read names of samples from a file: the last of up to two columns, one sample a line.

    Two columns are PLINK's family and individual.

    Raises
    ------
    SighthoundError
        The file is missing or names none.
    """
    if not path.is_file():
        raise SighthoundError(f"{path} {no_file(path)}; expected a list of samples, one a line")
    lines = (line.split() for line in text_lines(path))
    names = [words[1] if len(words) > 1 else words[0] for words in lines if words]
    if not names:
        raise SighthoundError(f"{path} names no samples; expected one a line")
    return names


def _read_plink(stem: Path) -> Panel:
    bed, bim, fam = (Path(f"{stem}{ending}") for ending in _PLINK)
    for file in (bed, bim, fam):
        if not file.is_file():
            raise SighthoundError(f"{file} does not exist; PLINK's .bed, .bim and .fam go together")
    names = [words[1] for _, words in _columns(fam, 2, "family and individual")]
    sites = _read_bim(bim)
    width = -(-len(names) // 4)
    with bed.open("rb") as opened:
        magic = opened.read(len(_BED_MAGIC))
    if magic != _BED_MAGIC:
        raise SighthoundError(
            f"{bed} is no variant-major .bed file of PLINK 1; make one with plink --make-bed"
        )
    expected, size = len(_BED_MAGIC) + width * len(sites), bed.stat().st_size
    if size != expected:
        raise SighthoundError(
            f"{bed} has {size:,} bytes, where {len(sites):,} variants of {bim.name} and "
            f"{len(names):,} samples of {fam.name} take {expected:,}; copy the three again"
        )
    packed = np.memmap(bed, np.uint8, "r", offset=len(_BED_MAGIC), shape=(len(sites), width))
    return Panel(stem, names, sites, packed)


def _columns(file: Path, least: int, words: str) -> Iterator[tuple[int, list[str]]]:
    found = False
    for number, line in enumerate(text_lines(file), 1):
        cells = line.split()
        if cells and len(cells) < least:
            raise SighthoundError(
                f"{file}, line {number}: {len(cells)} columns; expected at least {least}: {words}"
            )
        if cells:
            found = True
            yield number, cells
    if not found:
        raise SighthoundError(f"{file} is empty; expected lines of {words}")


def _read_bim(bim: Path) -> Sites:
    chroms: list[str] = []
    ids: list[str] = []
    alleles: list[str] = []
    others: list[str] = []
    positions, centimorgans = array("q"), array("d")
    for number, cells in _columns(bim, 6, "chromosome, id, centimorgans, position, two alleles"):
        try:
            positions.append(int(cells[3]) - 1)
            centimorgans.append(float(cells[2]))
        except ValueError:
            raise SighthoundError(
                f"{bim}, line {number}: position {cells[3]!r} and map {cells[2]!r} are not both "
                "numbers"
            ) from None
        # One text for all variants that share it: a genome has millions.
        chroms.append(sys.intern(cells[0]))
        ids.append(cells[1])
        alleles.append(sys.intern(cells[4].upper()))
        others.append(sys.intern(cells[5].upper()))
    return Sites.of(chroms, positions, ids, alleles, others, centimorgans)


def _read_vcf(path: Path) -> Panel:
    names = vcf_samples(path)
    if not names:
        raise SighthoundError(
            f"{path} has no samples, only sites; give a file with genotypes (field GT)"
        )
    chroms: list[str] = []
    positions: list[int] = []
    ids: list[str] = []
    alts: list[str] = []
    refs: list[str] = []
    waiting: list[np.ndarray] = []
    # Unlinked at once: the mapping keeps it, and nothing is left however the process ends.
    with tempfile.TemporaryFile() as file:

        def put_down() -> None:
            if waiting:
                pack(np.stack(waiting)).tofile(file)
                waiting.clear()

        for number, line in enumerate(record_lines(path), 1):
            cells = line.split("\t", _FIXED)
            if len(cells) <= _FIXED or not cells[8].split(":")[0] == "GT":
                raise SighthoundError(
                    f"{path}, record {number:,} at {cells[0]}:{cells[1]} has no genotypes; "
                    "expected GT first in its FORMAT"
                )
            if not cells[1].isdecimal():
                raise SighthoundError(
                    f"{path}, record {number:,}: position {cells[1]!r} is no whole number"
                )
            own = cells[4].split(",")
            for place, alt in enumerate(own, 1):
                if alt == ".":
                    continue
                try:
                    waiting.append(_copies(cells[_FIXED], place, len(own), len(names)))
                except ValueError as error:
                    raise SighthoundError(
                        f"{path}, record {number:,} at {cells[0]}:{cells[1]}: {error}"
                    ) from None
                chroms.append(sys.intern(cells[0]))
                positions.append(int(cells[1]) - 1)
                ids.append(cells[2])
                alts.append(sys.intern(alt.upper()))
                refs.append(sys.intern(cells[3].upper()))
                if len(waiting) == _PACKED_AT_ONCE:
                    put_down()
        put_down()
        if not chroms:
            raise SighthoundError(f"{path} has no variants")
        file.flush()
        shape = (len(chroms), -(-len(names) // 4))
        packed = np.memmap(file, np.uint8, "r", shape=shape)
    return Panel(path, names, Sites.of(chroms, positions, ids, alts, refs), packed)


def _copies(calls: str, allele: int, alleles: int, samples: int) -> np.ndarray:
    """Copies of one of so many ALT alleles, int8, (samples,); -1 where there is no call.

    Raises
    ------
    ValueError
        A call is none or of an allele that is not there, or there are not as many as samples.
    """
    plain = len(calls) == (_PLAIN_CALL + 1) * samples - 1 and ":" not in calls
    if plain and allele < 10:  # every call is of three characters, a|b or a/b
        text = np.frombuffer(f"{calls}\t".encode("ascii", "replace"), np.uint8)
        text = text.reshape(samples, _PLAIN_CALL + 1)
        separated = np.isin(text[:, 1], (ord("|"), ord("/"))).all() and (text[:, 3] == 9).all()
        last = 48 + min(alleles, 9)
        digits = ((text[:, ::2][:, :2] >= 48) & (text[:, ::2][:, :2] <= last)).all()
        if separated and digits:
            return (text[:, 0] == 48 + allele).astype(np.int8) + (text[:, 2] == 48 + allele)
    cells = calls.split("\t")
    if len(cells) != samples:
        raise ValueError(f"{len(cells):,} genotypes; expected {samples:,}, as many as samples")
    return np.array(
        [_copies_of_one(cell.split(":", 1)[0], allele, alleles) for cell in cells], np.int8
    )


@functools.lru_cache(maxsize=4096)
def _copies_of_one(call: str, allele: int, alleles: int) -> int:
    called = call.replace("|", "/").split("/")
    if "." in called:
        return -1
    if len(called) > 2 or not all(a.isdecimal() for a in called):
        raise ValueError(f"genotype {call!r}; expected one or two alleles by number, as in 0|1")
    if max(map(int, called)) > alleles:
        raise ValueError(f"genotype {call!r}, where ALT has {alleles}; expected 0 to {alleles}")
    return sum(int(a) == allele for a in called) * (2 if len(called) == 1 else 1)
