"""What a biologist adds: a signal, BED or VCF, told by its content, checked and made searchable.

BigWigs stay as they are; bedGraph and wiggle become one. The lines of BED (BED3 to BED12,
narrowPeak, broadPeak) and of VCF become one table, sorted, compressed by bgzip and indexed by
tabix, with the genome's own chromosome names. Everything a file says is checked here, once, so that
who reads it later need not.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

import pysam

from sighthound.app.uploads.kinds import kind_of, numbered_lines, why_no_bed
from sighthound.app.uploads.signals import NotSignalError, read_signal, write_signal
from sighthound.core.bigwig import files
from sighthound.core.errors import SighthoundError
from sighthound.core.genome.bed import bed_cells
from sighthound.core.genome.sequence import Genome
from sighthound.core.tracks.experiments import check_experiments
from sighthound.core.tracks.track import Track
from sighthound.core.variants.vcf import Tally, read_alleles

KINDS = ("bigwig", "bed", "vcf")
MAX_FEATURES = 1_000_000
BIGWIG_NAME, TABLE_NAME = "data.bw", "data.tsv.gz"
TABLE_INDEX = f"{TABLE_NAME}.csi"
# Columns of the table; those after `end` are empty where the file has none.
BED_COLUMNS = ("chrom", "start", "end", "name", "score", "strand", "color", "blocks", "summit")
VCF_COLUMNS = ("chrom", "start", "end", "name", "ref", "alt", "problem")
MAX_NAME, MAX_BLOCKS, MAX_ALLELE = 100, 1_000, 200


@dataclass(frozen=True)
class Found:
    """What a file holds.

    Attributes
    ----------
    kind : {"bigwig", "bed", "vcf"}
    items : int
        Features or alleles; 0 for a BigWig.
    note : str
        What of the file is left out, in words; empty where nothing is.
    """

    kind: str
    items: int
    note: str


def take_file(path: Path, name: str, genome: Genome, folder: Path, most_bytes: int) -> Found:
    """Check a file and put it into a folder in the form in which it is read.

    Parameters
    ----------
    path : path
        The file as it came; moved or read.
    name : str
        What its owner calls it.
    genome : Genome
        Whose chromosomes it must name.
    folder : path
        Where `data.bw`, or `data.tsv.gz` and its index, are written.
    most_bytes : int
        How large a file may be; a compressed one may hold eight times as much.

    Raises
    ------
    SighthoundError
        It is none of these formats, is damaged, or is of another genome.
    """
    kind = kind_of(path, name, most_bytes)
    if kind == "bigwig":
        return _check_bigwig(path.rename(folder / BIGWIG_NAME), name, genome)
    if kind == "vcf":
        # What htslib is given has been read through: no line, and no file, grows without limit.
        for _ in numbered_lines(path, name, most_bytes):
            pass
        return _take_vcf(path, name, genome, folder)
    if kind != "bed":
        try:
            return _take_signal(path, name, genome, folder, most_bytes)
        except NotSignalError:
            if kind == "signal":
                raise
    return _take_bed(path, name, genome, folder, most_bytes)


def _take_signal(path: Path, name: str, genome: Genome, folder: Path, most_bytes: int) -> Found:
    signal = read_signal(numbered_lines(path, name, most_bytes), name, genome)
    if not signal.count:
        if signal.absent:
            _refuse_unknown(name, genome, signal.absent)
        raise SighthoundError(f"{name} has no values")
    write_signal(signal, folder / BIGWIG_NAME, name, genome)
    made = f"a BigWig made of {signal.count:,} value{'' if signal.count == 1 else 's'}"
    left_out = _left_out(sum(signal.absent.values()), "line", genome)
    return Found("bigwig", 0, "; ".join(part for part in (made, left_out) if part))


def _check_bigwig(path: Path, name: str, genome: Genome) -> Found:
    try:
        check_experiments([Track("own", name, experiment=path)], genome)
        files.check_bigwig(path)
        unknown = sum(not _resolved(genome, chrom) for chrom in files.chromosomes(path))
    except SighthoundError as error:
        text = str(error).replace("track 'own': ", "").replace(str(path), name)
        raise SighthoundError(text.replace(path.name, name)) from None
    return Found("bigwig", 0, _left_out(unknown, "chromosome", genome))


def _take_bed(path: Path, name: str, genome: Genome, folder: Path, most_bytes: int) -> Found:
    rows: list[tuple[int, int, int, tuple[str, ...]]] = []
    order = {chrom: rank for rank, chrom in enumerate(genome.lengths)}
    resolved: dict[str, str | None] = {}
    unknown = 0
    for number, line in numbered_lines(path, name, most_bytes):
        _check_count(number, name)
        where = f"{name}, line {number:,}"
        try:
            cells = bed_cells(line, where)
        except SighthoundError as error:
            why = f" ({why_no_bed(line)})" if "is not BED" in str(error) else ""
            raise SighthoundError(f"{error}{why}") from None
        if cells is None:
            continue
        if cells[0] not in resolved:
            resolved[cells[0]] = _resolved(genome, cells[0])
        chrom = resolved[cells[0]]
        if chrom is None:
            unknown += 1
            continue
        row = _bed_row(cells, where, chrom, genome.lengths[chrom])
        rows.append((order[chrom], int(cells[1]), int(cells[2]), row))
    if not rows:
        _refuse_unknown(name, genome, resolved) if unknown else _refuse_nothing(name)
    rows.sort(key=lambda row: row[:3])
    _write_table(folder, (row[3] for row in rows))
    return Found("bed", len(rows), _left_out(unknown, "line", genome))


def _bed_row(cells: list[str], where: str, chrom: str, length: int) -> tuple[str, ...]:
    start, end = int(cells[1]), int(cells[2])
    if not start < end:
        raise SighthoundError(
            f"{where}: start {start:,} is not before end {end:,}; BED counts from 0, and the end "
            "is not part of a feature"
        )
    if end > length:
        raise SighthoundError(
            f"{where}: {end:,} lies beyond the end of {chrom}, which has {length:,} bases here; "
            "is the file of another assembly?"
        )
    cells = [cell.strip() for cell in cells] + [""] * 12
    label = "" if cells[3] == "." else cells[3][:MAX_NAME]
    score = cells[4] if _is_number(cells[4]) else ""
    strand = cells[5] if cells[5] in ("+", "-") else ""
    given = len(cells) - 12
    color = blocks = summit = ""
    if given in (9, 12):
        color = _color(cells[8])
    if given == 12:
        blocks = _blocks(cells, where, end - start)
    # narrowPeak: the summit is counted from the start, -1 where none was called.
    if given == 10 and cells[9].isdecimal() and int(cells[9]) < end - start:
        summit = str(start + int(cells[9]))
        score = cells[6] if _is_number(cells[6]) else score
    return chrom, str(start), str(end), label, score, strand, color, blocks, summit


def _blocks(cells: list[str], where: str, length: int) -> str:
    sizes, starts = ([part for part in cells[at].split(",") if part] for at in (10, 11))
    counted = cells[9].isdecimal() and len(sizes) == len(starts) == int(cells[9])
    if not counted or not all(part.isdecimal() for part in (*sizes, *starts)):
        raise SighthoundError(
            f"{where}: columns 10 to 12 do not give blocks' number, sizes, starts"
        )
    spans = [(int(at), int(at) + int(size)) for at, size in zip(starts, sizes, strict=True)]
    if any(end > length for _, end in spans):
        raise SighthoundError(f"{where}: a block reaches beyond the feature's end")
    if len(spans) > MAX_BLOCKS or len(spans) < 2:
        return ""
    return ",".join(f"{start}-{end}" for start, end in spans)


def _take_vcf(path: Path, name: str, genome: Genome, folder: Path) -> Found:
    tally = Tally()
    rows: list[tuple[int, int, tuple[str, ...]]] = []
    order = {chrom: rank for rank, chrom in enumerate(genome.lengths)}
    try:
        for allele in read_alleles(path, genome):
            tally.add(allele)
            given, position, label, ref, alt = allele.text.split("\t")
            chrom = _resolved(genome, given)
            start = int(position) - 1
            if chrom is None or not 0 <= start < genome.lengths[chrom]:
                continue
            end = min(start + max(1, len(ref)), genome.lengths[chrom])
            label = "" if label == "." else label[:MAX_NAME]
            alleles = [allele[:MAX_ALLELE] for allele in (ref, alt)]
            row = (chrom, str(start), str(end), label, *alleles, allele.reason)
            rows.append((order[chrom], start, row))
            _check_count(len(rows), name)
        # A file of another assembly is refused; one without a variant that can be scored is not.
        if rows:
            _check_assembly(tally, path, genome)
        else:
            reasons = "; ".join(tally.lines()) or "it has no records"
            raise SighthoundError(f"{name} has no variant on {genome.path.name}: {reasons}")
    except SighthoundError as error:
        raise SighthoundError(str(error).replace(str(path), name)) from None
    rows.sort(key=lambda row: row[:2])
    _write_table(folder, (row[2] for row in rows))
    left_out = tally.total - tally.kept
    note = f"{left_out:,} of {tally.total:,} alleles cannot be scored" if left_out else ""
    if len(rows) < tally.total:
        note += f", {tally.total - len(rows):,} of them at no place of {genome.path.name}"
    return Found("vcf", len(rows), note)


def _check_assembly(tally: Tally, path: Path, genome: Genome) -> None:
    try:
        tally.check_assembly(path, genome)
    except SighthoundError:
        if tally.kept or tally.left_out.total() == 0:
            raise
        # Only symbolic alleles and the like: they can be looked at.
        from sighthound.core.variants.vcf import BEYOND, DIFFERS

        if tally.left_out[DIFFERS] or tally.left_out[BEYOND]:
            raise


def _write_table(folder: Path, rows: Iterator[tuple[str, ...]]) -> None:
    file = folder / TABLE_NAME
    with pysam.BGZFile(str(file), "wb", None) as table:
        for row in rows:
            cells = (" ".join(cell.split()) for cell in row)
            table.write(("\t".join(cells) + "\n").encode("utf-8", "replace"))
    pysam.tabix_index(
        str(file), seq_col=0, start_col=1, end_col=2, zerobased=True, csi=True, force=True
    )


def _resolved(genome: Genome, name: str) -> str | None:
    try:
        return genome.resolve(name)
    except SighthoundError:
        return None


def _check_count(rows: int, name: str) -> None:
    if rows > MAX_FEATURES:
        raise SighthoundError(
            f"{name} has more than {MAX_FEATURES:,} lines; leave out what is not needed"
        )


def _refuse_unknown(name: str, genome: Genome, given: Mapping[str, object]) -> None:
    raise SighthoundError(
        f"no chromosome of {name} is in {genome.path.name}: it names {', '.join(list(given)[:4])}; "
        f"expected names like {next(iter(genome.lengths))}"
    )


def _refuse_nothing(name: str) -> None:
    raise SighthoundError(f"{name} has no features")


def _left_out(count: int, what: str, genome: Genome) -> str:
    if not count:
        return ""
    one = count == 1
    return (
        f"{count:,} {what}{'' if one else 's'} left out: {genome.path.name} has no such "
        f"chromosome{'' if one else 's'}"
    )


def _is_number(text: str) -> bool:
    try:
        return abs(float(text)) < float("inf")
    except ValueError:
        return False


def _color(text: str) -> str:
    parts = text.split(",")
    if len(parts) != 3 or not all(part.isdecimal() and int(part) < 256 for part in parts):
        return ""
    # Black is what programs write that do not mean a colour.
    return "" if parts == ["0", "0", "0"] else "#" + "".join(f"{int(p):02x}" for p in parts)
