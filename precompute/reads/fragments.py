"""Fragments and cut sites as text: fragments.tsv of single cells, BEDPE, BED; gzip or plain.

A line with chromosome, start and end is a fragment of which both ends are cuts (fragments.tsv,
MACS's BEDPE of three columns); with two chromosomes, starts and ends it is BEDPE; where each is one
base long it is a cut site, on the strand of its sixth column. 0-based, half-open. A line counts
once, whatever its other columns say; no line is a read with several places.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Literal, NoReturn

import numpy as np

from sighthound.core.errors import SighthoundError
from sighthound.core.genome.sequence import Genome
from sighthound.core.progress import Progress
from sighthound.core.text import open_decompressed, text_lines
from sighthound.precompute.reads.counting import Counting
from sighthound.precompute.reads.cut_motif import CutSites
from sighthound.precompute.reads.places import Alignments, GenomeLine, Places, skipped_counts

if TYPE_CHECKING:  # which reads of a BAM do not need
    import pyarrow as pa

Kind = Literal["fragments", "bedpe", "sites"]
_STRANGE, _LONE = -1, -2  # instead of a chromosome: none of the genome's, none at all
_BLOCK_BYTES = 1 << 24
_LOOKED_AT = 200  # lines whose form tells the kind
_NAMED = re.compile(r"\.(bed|bedpe|tsv)(\.b?gz)?$", re.IGNORECASE)
_HEADERS = ("#", "track", "browser")


def is_text(path: Path) -> bool:
    """Say whether a file holds fragments as text, and not alignments (BAM, CRAM, SAM)."""
    try:
        with open_decompressed(path) as file:
            start = file.read(4)
        if start in (b"BAM\1", b"CRAM"):
            return False
        if _NAMED.search(path.name):
            return True
        cells = _first_lines(path, 1)[-1].split("\t")
        return len(cells) >= 3 and _are_numbers(cells[1:3])
    except (SighthoundError, OSError, EOFError, IndexError):
        return False  # for the reader of alignments to say


def kind_of(path: Path) -> tuple[Kind, int, int]:
    """Tell what the lines of a file are, how many columns they have, and lines before the first.

    Raises
    ------
    SighthoundError
        The first line is no fragment.
    """
    lines = _first_lines(path, _LOOKED_AT)
    before = next((n for n, line in enumerate(lines) if not _is_header(line)), len(lines))
    rows = [line.split("\t") for line in lines[before:] if not _is_header(line)]
    if not rows:
        raise SighthoundError(f"{path} holds no fragments; expected chromosome, start and end")
    first = rows[0]
    if len(first) >= 6 and all(_is_end(row[3:6]) for row in rows):
        return "bedpe", len(first), before
    if len(first) < 3 or not _are_numbers(first[1:3]):
        raise SighthoundError(
            f"{path}, line {before + 1}: {lines[before][:80]!r} is no fragment; expected "
            "chromosome, start and end between tabs, 0-based"
        )
    whole = [row for row in rows if len(row) == len(first) and _are_numbers(row[1:3])]
    lengths = {int(row[2]) - int(row[1]) for row in whole}
    return ("sites" if lengths == {1} else "fragments"), len(first), before


def read_fragments(
    path: Path,
    line: GenomeLine,
    genome: Genome,
    counting: Counting,
    progress: Progress,
    cuts: CutSites | None = None,
) -> Alignments:
    """Read fragments or cut sites as reads of one place each.

    Parameters
    ----------
    path : path
    line : GenomeLine
        Laid out from the genome.
    genome : Genome
        Whose chromosomes the names may mean (4 for chrIV).
    counting : Counting
    progress : callable
        Called with (bytes read, bytes in the file).
    cuts : CutSites, optional
        Sees the ends, as the file has them; sites without a strand tell nothing.

    Raises
    ------
    SighthoundError
        A line is no fragment or lies beyond its chromosome, no chromosome is the genome's, or the
        options ask for what fragments do not have (a mate; a strand without one).
    """
    kind, columns, before = kind_of(path)
    _check_options(path, kind, columns, line, counting)
    numbers = _Numbers(genome, list(line.lengths))
    lengths = np.array(list(line.lengths.values()), np.int64)
    starts: list[np.ndarray] = []
    spans: list[np.ndarray] = []
    skipped = skipped_counts()
    strangers: dict[str, int] = {}
    count = 0
    for block, done, size in _blocks(path, kind, columns, before, line, genome):
        progress(done, size)
        chrom = numbers.of(block.column(0))
        start, end = (block.column(i).to_numpy() for i in (1, 2))
        if kind == "bedpe":
            start, end, chrom = _joined(block, start, end, chrom, numbers)
            skipped["not_fragments"] += int((chrom == _LONE).sum())
        for name, number in _named(block.column(0), chrom == _STRANGE):
            strangers[name] = strangers.get(name, 0) + number
        fits = chrom >= 0
        chrom, start, end = chrom[fits], start[fits], end[fits]
        bad = (start < 0) | (end <= start) | (end > lengths[chrom])
        if bad.any():
            _refuse_line(path, kind, columns, line, genome, "")
        minus = None
        if kind == "sites" and columns >= 6:
            minus = np.asarray(block.column(3).to_pylist())[fits] == "-"
        sized = np.ones(len(start), bool)
        if counting.sizes is not None and kind != "sites":
            low, high = counting.sizes
            sized = (end - start >= low) & (end - start <= high)
            skipped["fragment_size"] += int((~sized).sum())
        count += len(start)
        if cuts is not None and kind != "sites":
            cuts.add_many(chrom[sized], start[sized], False)
            cuts.add_many(chrom[sized], end[sized] - 1, True)
        elif cuts is not None and minus is not None:
            cuts.add_many(chrom, start, minus)
        place, span = counting.places(start[sized], end[sized], kind, minus)
        for row, (at_base, whose) in enumerate(place):
            own = chrom[sized][whose]
            at_base = np.clip(at_base, 0, lengths[own] - 1)
            offsets = line.offsets[row if len(line.offsets) == 2 else 0]
            starts.append(at_base + offsets[own])
            if span is not None:
                spans.append(span)
    if not count:
        some = ", ".join(list(strangers)[:3])
        raise SighthoundError(
            f"{path} has no fragment on {genome.path}"
            + (f": it names {some}, which that genome lacks" if strangers else "")
        )
    remarks = []
    if strangers:
        skipped["other_sequences"] = sum(strangers.values())
        remarks.append(
            f"{sum(strangers.values()):,} fragments of {path} lie on sequences that {genome.path} "
            f"lacks, {next(iter(strangers))} first"
        )
    counting_spans = np.concatenate(spans).astype(np.int32) if spans else None
    if counting.position == "fragment" and counting_spans is None:
        counting_spans = np.zeros(0, np.int32)
    nothing = np.zeros(0, np.int64)
    return Alignments(
        Places(np.concatenate(starts) if starts else nothing, counting_spans),
        Places(nothing, None if counting_spans is None else np.zeros(0, np.int32)),
        nothing, nothing, nothing, skipped, tuple(remarks),
    )  # fmt: skip


def _blocks(
    path: Path, kind: Kind, columns: int, before: int, line: GenomeLine, genome: Genome
) -> Iterator[tuple[pa.RecordBatch, int, int]]:
    """Give blocks of lines: chromosome, start and end (and those of the other end, or strand)."""
    import pyarrow as pa
    from pyarrow import csv

    names = [f"column {number + 1}" for number in range(columns)]
    wanted = {"fragments": [0, 1, 2], "bedpe": [0, 1, 2, 3, 4, 5], "sites": [0, 1, 2]}[kind]
    if kind == "sites" and columns >= 6:
        wanted = [0, 1, 2, 5]
    text = pa.dictionary(pa.int32(), pa.string())
    is_number = {1, 2, 4, 5} if kind == "bedpe" else {1, 2}
    types = {names[i]: pa.int64() if i in is_number else text for i in wanted}
    size = path.stat().st_size
    with open_decompressed(path) as file:
        try:
            reader = csv.open_csv(
                file,
                csv.ReadOptions(
                    use_threads=False, block_size=_BLOCK_BYTES, column_names=names, skip_rows=before
                ),
                csv.ParseOptions(delimiter="\t", quote_char=False),
                csv.ConvertOptions(
                    include_columns=[names[i] for i in wanted], column_types=types,
                    strings_can_be_null=False, null_values=[],
                ),
            )  # fmt: skip
            done = 0
            for block in reader:
                done += block.nbytes
                yield block, min(done // 3, size), size
        except (pa.ArrowInvalid, OSError, EOFError) as error:
            _refuse_line(path, kind, columns, line, genome, " ".join(str(error).split())[:200])


class _Numbers:
    """Numbers of chromosomes on the line, by the names that files give them."""

    def __init__(self, genome: Genome, names: list[str]) -> None:
        self._genome = genome
        self._number = {name: number for number, name in enumerate(names)}
        self._known = {".": _LONE}

    def of(self, names: pa.DictionaryArray) -> np.ndarray:
        """Give numbers, int64; `_STRANGE` for names that the genome lacks, `_LONE` for none."""
        words = [str(word) for word in names.dictionary.to_pylist()]
        for word in words:
            if word not in self._known:
                self._known[word] = self._find(word)
        return np.array([self._known[word] for word in words], np.int64)[names.indices.to_numpy()]

    def _find(self, name: str) -> int:
        try:
            return self._number[self._genome.resolve(name)]
        except SighthoundError:
            return _STRANGE


def _named(names: pa.DictionaryArray, chosen: np.ndarray) -> Iterator[tuple[str, int]]:
    """Give the chosen names of a column, and how often each is there."""
    for index, count in zip(
        *np.unique(names.indices.to_numpy()[chosen], return_counts=True), strict=True
    ):
        yield str(names.dictionary[index].as_py()), int(count)


def _joined(
    block: pa.RecordBatch,
    start: np.ndarray,
    end: np.ndarray,
    chrom: np.ndarray,
    numbers: _Numbers,
) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Fragments from both ends of pairs; `_LONE` for ends on two chromosomes, or one nowhere."""
    other = numbers.of(block.column(3))
    start2, end2 = (block.column(i).to_numpy() for i in (4, 5))
    lone = (start < 0) | (start2 < 0) | (chrom != other)
    return (
        np.minimum(start, start2),
        np.maximum(end, end2),
        np.where(lone & (chrom != _STRANGE), _LONE, chrom),
    )


def _refuse_line(
    path: Path, kind: Kind, columns: int, line: GenomeLine, genome: Genome, said: str
) -> NoReturn:
    """Name the first line that is no fragment; where there is none, the file is damaged."""
    try:
        for number, text in enumerate(text_lines(path, errors="replace"), 1):
            if not _is_header(text) and (fault := _fault(text, kind, columns, line, genome)):
                raise SighthoundError(f"{path}, line {number:,}: {text[:80]!r} {fault}")
    except (OSError, EOFError):
        pass
    raise SighthoundError(f"{path} is damaged or no table of fragments: {said}")


def _fault(text: str, kind: Kind, columns: int, line: GenomeLine, genome: Genome) -> str:
    """Say what is wrong with a line; "" where nothing is."""
    cells = text.split("\t")
    if len(cells) != columns:
        return f"has {len(cells)} columns where the first line has {columns}, apart by tabs"
    ends = [cells[:3], cells[3:6]] if kind == "bedpe" else [cells[:3]]
    if not all(_are_numbers(end[1:3]) for end in ends):
        return "is no fragment; expected chromosome, start and end between tabs, 0-based"
    places = [(end[0], int(end[1]), int(end[2])) for end in ends]
    is_alone = len({name for name, _, _ in places}) > 1 or min(place[1] for place in places) < 0
    if kind == "bedpe" and is_alone:
        return ""  # which is counted as such
    start, end = min(p[1] for p in places), max(p[2] for p in places)
    try:
        name = genome.resolve(cells[0])
    except SighthoundError:
        return ""
    if 0 <= start < end <= line.lengths.get(name, end):
        return ""
    return (
        f"is no stretch of {name}, which has {line.lengths[name]:,} bases in {genome.path}; "
        "starts are 0-based, ends exclusive"
    )


def _check_options(
    path: Path, kind: Kind, columns: int, line: GenomeLine, counting: Counting
) -> None:
    wrong = ""
    if counting.position == "aligned":
        wrong = "position aligned: which bases were read is not in it"
    elif counting.mate is not None:
        wrong = "mate: fragments are both mates at once"
    elif kind == "sites" and counting.position != "5prime":
        wrong = f"position {counting.position}: a cut site has no fragment"
    elif kind == "sites" and columns < 6 and (len(line.offsets) == 2):
        wrong = "strand: its sites have none (column 6)"
    elif len(line.offsets) == 2 and counting.position != "5prime":
        wrong = "strand: whole fragments have none"
    if wrong:
        raise SighthoundError(f"{path} holds {kind}, which cannot be counted by {wrong}")


def _first_lines(path: Path, count: int) -> list[str]:
    lines: list[str] = []
    for line in text_lines(path, errors="replace"):
        lines.append(line)
        if len(lines) - sum(map(_is_header, lines)) >= count:
            break
    return lines


def _is_header(line: str) -> bool:
    return not line.strip() or line.startswith(_HEADERS)


def _is_end(cells: list[str]) -> bool:
    """Whether columns 4 to 6 are the other end of a pair; behind a barcode no place follows."""
    if len(cells) < 3 or not _are_numbers(cells[1:3]):
        return False
    return cells[0] == "." or 0 <= int(cells[1]) < int(cells[2])


def _are_numbers(cells: list[str]) -> bool:
    return all(cell.removeprefix("-").isdigit() for cell in cells)
