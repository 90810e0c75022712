"""Write BigWigs at the speed of numpy, and read them in bins that are exact.

The format is that of Kent et al. 2010 (Bioinformatics 26:2204, supplement): a chromosome B+ tree,
compressed data sections under an R-tree, and zoom levels with their own R-trees. Encoding bounds
genome-wide predictions, so values go out in whole numpy blocks through libdeflate, rounded (on
request) to the precision that a prediction has.
"""

from __future__ import annotations

import threading
from collections import OrderedDict
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryFile
from typing import Any

import numpy as np
import pybigtools
from numpy.typing import NDArray

from core.bigwig_encoding import BIGWIG_MAGIC, BigWigEncoder, round_mantissa
from core.errors import SighthoundError
from core.files import whole_file

OPEN_FILES_PER_THREAD = 64
BLUR_FROM_BASES = 8_000_000  # where reading every base of a dense track takes a noticeable time
BLUR_FRACTION = 8
MAX_STEP = 1 << 24  # keeps the coarsest zoom level within 32 bits
BIGWIG_MAGICS = (BIGWIG_MAGIC.to_bytes(4, "little"), BIGWIG_MAGIC.to_bytes(4, "big"))
# what pybigtools raises for a truncated file
DAMAGE = (pybigtools.BBIReadError, ValueError, OSError)


def write_bigwig(
    path: Path | str,
    lengths: Mapping[str, int],
    values: Iterable[tuple[str, NDArray[np.floating]]],
    step: int,
    *,
    mantissa_bits: int | None = 10,
) -> None:
    """Write one value per `step` bases of each chromosome as a BigWig.

    The file appears under its name only when complete and on disk. Equal input gives equal bytes.
    Memory holds one chromosome and 40 bytes for every 4,096 values written.

    Parameters
    ----------
    path : path of the BigWig to write
    lengths : chromosome name -> length in bases; also of chromosomes without values
    values : (chromosome, float32 array, (bins,)) pairs, consumed one by one, each chromosome at
        most once. Bin i covers bases [i * step, (i + 1) * step), the last one cut by the
        chromosome's end. NaN: no data. An array shorter than its chromosome leaves the rest
        without data.
    step : bases per value
    mantissa_bits : values are rounded to this many binary digits after the leading one (10: within
        0.05 %); None keeps float32 bit for bit

    Raises
    ------
    SighthoundError : an unknown or repeated chromosome, more values than the chromosome has bins,
        an infinite value
    """
    path = Path(path)
    if not 1 <= step <= MAX_STEP:
        raise ValueError(f"step is {step}; expected 1 to {MAX_STEP} bases")
    if mantissa_bits is not None and not 0 <= mantissa_bits <= 23:
        raise ValueError(
            f"mantissa_bits is {mantissa_bits}; expected 0 to 23, or None for all of them"
        )
    with new_bigwig(path, lengths, step) as writer:
        for chrom, bins in values:
            writer.add_values(chrom, checked_bins(chrom, bins, lengths, step, mantissa_bits))


@contextmanager
def new_bigwig(path: Path, lengths: Mapping[str, int], step: int) -> Iterator[BigWigEncoder]:
    """Write a BigWig bit by bit; it appears under its name when the block ends without an error."""
    with (
        whole_file(path) as part,
        part.open("wb", buffering=1 << 20) as file,
        TemporaryFile(dir=path.parent) as spill,
    ):
        writer = BigWigEncoder(file, spill, lengths, step)
        yield writer
        writer.finish()


def read_bins(
    path: Path | str,
    chrom: str,
    start: int,
    end: int,
    bins: int,
    summary: str = "mean",
    *,
    exact: bool = True,
    empty: float = 0.0,
) -> NDArray[np.float32]:
    """Summarise a stretch of a BigWig in equal bins, over all bases: one without an entry counts 0.

    With n = end - start, bin i covers bases [start + i * n // bins, start + (i + 1) * n // bins).
    Bases beyond the chromosome's ends do not exist: a bin cut there is summarised over the rest.
    Safe to call from many threads.

    Parameters
    ----------
    path : path of a BigWig
    chrom : chromosome name as in the file
    start, end : 0-based half-open; may run past the chromosome's ends
    bins : number of bins, at most one per base
    summary : "mean" (per base), "sum" or "max"
    exact : False allows zoom levels where they change nothing but float32 rounding (bins on the
        grid of our own files' zoom levels), and, over stretches of 8 Mb and more, where records at
        most an eighth of a bin wide are shared between the bins they touch
    empty : the value of a bin in which no base has an entry; NaN tells "no data" from "measured 0"

    Returns
    -------
    float32 array, (bins,)

    Raises
    ------
    SighthoundError : no such file, not a BigWig, damaged, or without this chromosome
    """
    if summary not in ("mean", "sum", "max"):
        raise ValueError(f'summary is {summary!r}; expected "mean", "sum" or "max"')
    if not 1 <= bins <= end - start:
        raise ValueError(f"{bins} bins for {end - start} bases; expected 1 to one bin per base")
    opened = _open_here(Path(path))
    length = _chromosome_length(opened, path, chrom)
    edges = start + np.arange(bins + 1, dtype=np.int64) * (end - start) // bins
    edges_inside = np.clip(edges, 0, length)
    bases = edges_inside[1:] - edges_inside[:-1]
    try:
        totals = None
        if not exact:
            totals = _zoomed_bins(opened, chrom, edges, bases, summary, empty)
        if totals is None:
            statistic = "max" if summary == "max" else "sum"
            totals = _exact_bins(opened.reader, chrom, edges, length, statistic, empty)
    except DAMAGE as error:
        raise _damaged(path, error) from error
    if summary == "mean":
        totals = totals / np.maximum(bases, 1)
    totals[bases == 0] = empty
    return totals.astype(np.float32)


def chromosomes(path: Path | str) -> dict[str, int]:
    """Chromosome name -> length in bases, in the file's order.

    Raises
    ------
    SighthoundError : no such file, or not a BigWig
    """
    return dict(_open_here(Path(path)).chromosomes)


def find_not_finite(path: Path | str) -> tuple[str, int] | None:
    """Find the first entry of a BigWig that is NaN or infinite.

    Returns
    -------
    (chromosome, 0-based base), or None where all is well
    """
    opened = _open_here(Path(path))
    chunk, bin_bases = 1 << 22, 1024
    for chrom, length in opened.chromosomes.items():
        for start in range(0, length, chunk):
            edges = np.arange(start, min(start + chunk, length) + bin_bases, bin_bases)
            sums = _exact_bins(opened.reader, chrom, edges, length, "sum", 0.0)
            for rank in np.flatnonzero(~np.isfinite(sums)):
                first, last = int(edges[rank]), min(int(edges[rank + 1]), length)
                for entry_start, _, value in opened.reader.records(chrom, first, last):
                    if not np.isfinite(value):
                        return chrom, max(int(entry_start), first)
    return None


def checked_bins(
    chrom: str,
    bins: NDArray[np.floating],
    lengths: Mapping[str, int],
    step: int,
    mantissa_bits: int | None,
) -> NDArray[np.float32]:
    """Check values for `write_bigwig`, and round them; its errors."""
    if chrom not in lengths:
        raise SighthoundError(
            f"values for {chrom}, which is not among the genome's {len(lengths)} chromosomes"
        )
    array = np.ascontiguousarray(bins, np.float32)
    most = -(-lengths[chrom] // step)
    if array.ndim != 1 or len(array) > most:
        raise SighthoundError(
            f"{chrom}: values of shape {array.shape}; "
            f"expected one dimension and at most {most:,} bins of {step} bases"
        )
    infinite = np.isinf(array)
    if infinite.any():
        raise SighthoundError(
            f"{chrom}: infinite value in the bin at base {int(infinite.argmax()) * step + 1:,}"
        )
    return array if mantissa_bits is None else round_mantissa(array, mantissa_bits)


@dataclass(frozen=True)
class _Opened:
    reader: Any
    chromosomes: Mapping[str, int]
    zooms: list[int]


class _OpenFiles(threading.local):
    """The BigWigs that this thread has open (a reader must not be shared), oldest use first."""

    def __init__(self) -> None:
        self.by_path: OrderedDict[Path, tuple[tuple[int, int, int], _Opened]] = OrderedDict()


_open_files = _OpenFiles()


def _open_here(path: Path) -> _Opened:
    """This thread's reader of the file as it is on disk now."""
    try:
        status = path.stat()
    except OSError as error:
        raise SighthoundError(f"{path}: no such file; expected a BigWig") from error
    version = (status.st_mtime_ns, status.st_size, status.st_ino)
    cache = _open_files.by_path
    if path in cache and cache[path][0] == version:
        cache.move_to_end(path)
        return cache[path][1]
    opened = _open(path)
    cache[path] = (version, opened)
    cache.move_to_end(path)
    while len(cache) > OPEN_FILES_PER_THREAD:
        cache.popitem(last=False)
    return opened


def _open(path: Path) -> _Opened:
    if not _begins_like_a_bigwig(path):
        raise SighthoundError(
            f"{path}: not a BigWig; convert it (for example with bedGraphToBigWig) first"
        )
    try:
        reader = pybigtools.open(str(path))
        return _Opened(reader, reader.chroms(), sorted(reader.zooms()))
    except DAMAGE as error:
        raise _damaged(path, error) from error


def _begins_like_a_bigwig(path: Path) -> bool:
    if path.is_dir():
        return False
    with path.open("rb") as file:
        return file.read(4) in BIGWIG_MAGICS


def _damaged(path: Path | str, error: Exception) -> SighthoundError:
    return SighthoundError(
        f"{path}: damaged BigWig ({' '.join(str(error).split())}); make or copy it again"
    )


def _chromosome_length(opened: _Opened, path: Path | str, chrom: str) -> int:
    if chrom not in opened.chromosomes:
        some = ", ".join(list(opened.chromosomes)[:3])
        more = ", ..." if len(opened.chromosomes) > 3 else ""
        raise SighthoundError(f"{path}: no chromosome {chrom}; the file has {some}{more}")
    return opened.chromosomes[chrom]


def _exact_bins(
    reader: Any, chrom: str, edges: NDArray[np.int64], length: int, summary: str, empty: float
) -> NDArray[np.float64]:
    """Bins between edges; pybigtools blanks a bin cut by the chromosome's end, so such go alone."""
    first, last = _uncut_bins(edges, length)
    bins = np.full(len(edges) - 1, empty, np.float64)
    if last > first:
        bins[first:last] = _summarised(
            reader, chrom, int(edges[first]), int(edges[last]), last - first, summary, empty
        )
    for rank in (*range(first), *range(last, len(bins))):
        start, end = max(int(edges[rank]), 0), min(int(edges[rank + 1]), length)
        if start < end:
            bins[rank] = _summarised(reader, chrom, start, end, 1, summary, empty)[0]
    return bins


def _uncut_bins(edges: NDArray[np.int64], length: int) -> tuple[int, int]:
    """First and last (exclusive) of the bins to ask for at once: on the chromosome, evenly laid."""
    count = len(edges) - 1
    first = min(int(np.searchsorted(edges, 0, side="left")), count)
    last = max(first, int(np.searchsorted(edges, length, side="right")) - 1)
    whole = (first, last) == (0, count)
    even = (edges[-1] - edges[0]) % count == 0
    return (first, last) if whole or even else (0, 0)


def _summarised(
    reader: Any, chrom: str, start: int, end: int, bins: int, summary: str, empty: float
) -> NDArray[np.float64]:
    def over(uncovered: float | None) -> NDArray[np.float64]:
        options = {"bins": bins, "summary": summary, "uncovered": uncovered, "exact": True}
        values = reader.values(chrom, start, end, fillna=None, **options)
        return np.asarray(values, np.float64)

    if empty == 0:
        return over(0.0)
    covered_only = over(None)
    if summary == "max" and (covered_only < 0).any():
        return np.where(np.isnan(covered_only), empty, over(0.0))
    return np.where(np.isnan(covered_only), empty, covered_only)


def _zoomed_bins(
    opened: _Opened,
    chrom: str,
    edges: NDArray[np.int64],
    bases: NDArray[np.int64],
    summary: str,
    empty: float,
) -> NDArray[np.float64] | None:
    """Bins from zoom records: exact from records that lie within bins, blurred over long stretches.

    None where neither can be had: records of other writers often begin where their data begin.
    """
    length, bins = int(edges[-1] - edges[0]), len(bases)
    width = length // bins
    evenly = length % bins == 0
    on_grid = [z for z in opened.zooms if evenly and width % z == 0 and edges[0] % z == 0]
    if on_grid:
        zoom = max(on_grid)
        first_bins = _zoom_records(opened.reader, zoom, chrom, edges[: 1 + min(bins, 8)])
        if _within_cells(first_bins, zoom):
            records = _zoom_records(opened.reader, zoom, chrom, edges)
            if _within_cells(records, zoom):
                return _bins_of_records(records, edges, bases, summary, empty)
    fine_enough = [z for z in opened.zooms if z * BLUR_FRACTION <= width]
    if length < BLUR_FROM_BASES or not fine_enough:
        return None
    records = _zoom_records(opened.reader, max(fine_enough), chrom, edges)
    return _bins_of_records(records, edges, bases, summary, empty)


def _zoom_records(
    reader: Any, zoom: int, chrom: str, edges: NDArray[np.int64]
) -> NDArray[np.float64]:
    """Start, end, bases covered, sum and maximum of each zoom record: (5, records)."""
    start, end = max(0, int(edges[0])), max(0, int(edges[-1]))
    records = [
        (first, last, zoomed["bases_covered"], zoomed["sum"], zoomed["max_val"])
        for first, last, zoomed in reader.zoom_records(zoom, chrom, start, end)
    ]
    return np.array(records, np.float64).reshape(-1, 5).T


def _within_cells(records: NDArray[np.float64], zoom: int) -> bool:
    return bool((records[0] // zoom == (records[1] - 1) // zoom).all())


def _bins_of_records(
    records: NDArray[np.float64],
    edges: NDArray[np.int64],
    bases: NDArray[np.int64],
    summary: str,
    empty: float,
) -> NDArray[np.float64]:
    """Gather records in bins; one across an edge is shared by overlap, its maximum not."""
    starts, ends, covered, sums, maxima = records
    if not len(starts):
        return np.full(len(bases), empty)
    positions = np.stack([starts, ends], axis=1).ravel()

    def per_bin(amounts: NDArray[np.float64]) -> NDArray[np.float64]:
        until = np.cumsum(amounts)
        cumulative = np.stack([until - amounts, until], axis=1).ravel()
        return np.diff(np.interp(edges, positions, cumulative))

    bin_covered = per_bin(covered)
    if summary == "max":
        bins = np.where(bin_covered < bases - 0.5, 0.0, -np.inf)
        for place in (starts, ends - 1):
            rank = np.searchsorted(edges, place, side="right") - 1
            inside = (rank >= 0) & (rank < len(bins))
            np.maximum.at(bins, rank[inside], maxima[inside])
    else:
        bins = per_bin(sums)
    return np.where(bin_covered > 0, bins, empty)
