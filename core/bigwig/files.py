"""Write BigWigs at the speed of numpy, and read them in bins that are exact.

The format is that of Kent et al. 2010 (Bioinformatics 26:2204, supplement): a chromosome B+ tree,
compressed data sections under an R-tree, and zoom levels with their own R-trees. Encoding bounds
genome-wide predictions, so values go out in whole numpy blocks through libdeflate, rounded (on
request) to the precision that a prediction has.
"""

from __future__ import annotations

import os
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from tempfile import TemporaryFile

import numpy as np
from numpy.typing import NDArray

from sighthound.core.bigwig.bins import Totals, contradictory
from sighthound.core.bigwig.encoding import BigWigEncoder, round_mantissa
from sighthound.core.bigwig.reader import BigWigFile, Entries, open_bigwig
from sighthound.core.bigwig.structure import byte_order
from sighthound.core.errors import SighthoundError
from sighthound.core.files import check_output, whole_file

BLUR_FROM_BASES = 8_000_000  # where reading every base of a dense track takes a noticeable time
BLUR_FRACTION = 8
MAX_WRONG_RECORDS = 256  # of a zoom level, which are read anew from their bases
MAX_STEP = 1 << 24  # keeps the coarsest zoom level within 32 bits


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


def check_bigwig_output(path: Path) -> None:
    """Refuse a BigWig that cannot be written, or that would replace a file of another kind.

    Where the output was forgotten (`coverage *.bam`), the last input stands in its place.

    Raises
    ------
    SighthoundError
        As `check_output`, or the file is there and is no BigWig.
    """
    if path.is_file() and os.access(path, os.R_OK):
        with path.open("rb") as file:
            start = file.read(4)
        if start and byte_order(start) is None:
            raise SighthoundError(
                f"{path} is there already and is no BigWig; give a name for the BigWig to write, "
                "or remove that file"
            )
    check_output(path)


def write_entries(
    path: Path | str,
    lengths: Mapping[str, int],
    entries: Mapping[str, tuple[NDArray[np.integer], NDArray[np.integer], NDArray[np.floating]]],
) -> None:
    """Write entries of any widths as a BigWig, their values to float32.

    The file appears under its name only when complete and on disk. Equal input gives equal bytes.

    Parameters
    ----------
    path, lengths
        As for `write_bigwig`.
    entries : chromosome name -> starts, ends and values, arrays, (entries,)
        0-based, half-open and ascending, within the chromosome, none over another; none of NaN.
    """
    widths = [ends - starts for starts, ends, _ in entries.values()]
    count, bases = sum(map(len, widths)), sum(int(w.sum()) for w in widths)
    # Of many bases an entry, zoom levels of few would outgrow the data.
    step = min(max(1, bases // max(1, count)), MAX_STEP)
    with new_bigwig(Path(path), lengths, step) as writer:
        for chrom, (starts, ends, values) in entries.items():
            if len(starts):
                writer.add_entries(chrom, starts, ends, values)


@contextmanager
def new_bigwig(path: Path, lengths: Mapping[str, int], step: int) -> Iterator[BigWigEncoder]:
    """Write a BigWig bit by bit; it appears under its name when the block ends without an error."""
    with whole_file(path) as part, unpublished_bigwig(part, lengths, step) as writer:
        yield writer


@contextmanager
def unpublished_bigwig(
    part: Path, lengths: Mapping[str, int], step: int
) -> Iterator[BigWigEncoder]:
    """Write a BigWig bit by bit under a name that is not yet its own: `publish` gives it that."""
    with (
        part.open("wb", buffering=1 << 20) as file,
        TemporaryFile(dir=part.parent) as spill,
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
    A bin with an entry of NaN is NaN. Sums are float64 until the end. Safe to call from many
    threads.

    Parameters
    ----------
    path : path of a BigWig
    chrom : chromosome name as in the file
    start, end : 0-based half-open; may run past the chromosome's ends
    bins : number of bins, at most one per base
    summary : "mean" (per base), "sum" or "max"
    exact : False allows zoom levels: where each record lies within one bin, which rounds its sum to
        float32 (2**-23 of the sum of magnitudes) and changes nothing else, and, over stretches of
        8 Mb and more, records at most an eighth of a bin wide that are shared between the bins they
        touch by overlap: a sum is then wrong by at most what the two records at the bin's edges
        hold, and a maximum may be one of theirs. Levels that miscount bases are passed over, and
        records that cannot be true are read anew. Of NaN, zoom levels know what their writer kept.
    empty : the value of a bin in which no base has an entry; NaN tells "no data" from "measured 0"

    Returns
    -------
    float32 array, (bins,)

    Raises
    ------
    SighthoundError : no such file, not a BigWig, damaged, or without this chromosome
    """
    with open_bigwig(path) as file:
        return read_open_bins(file, chrom, start, end, bins, summary, exact=exact, empty=empty)


def read_open_bins(
    file: BigWigFile,
    chrom: str,
    start: int,
    end: int,
    bins: int,
    summary: str,
    *,
    exact: bool,
    empty: float,
) -> NDArray[np.float32]:
    """Do what `read_bins` does, of a BigWig that is open."""
    if summary not in ("mean", "sum", "max"):
        raise ValueError(f'summary is {summary!r}; expected "mean", "sum" or "max"')
    if not 1 <= bins <= end - start:
        raise ValueError(f"{bins} bins for {end - start} bases; expected 1 to one bin per base")
    length = file.length(chrom)
    edges = start + np.arange(bins + 1, dtype=np.int64) * (end - start) // bins
    totals = None
    if not exact:
        totals = _zoomed_totals(file, chrom, edges, length)
    if totals is None:
        totals = Totals(np.clip(edges, 0, length))
        for entries in file.entries(chrom, max(start, 0), min(end, length)):
            totals.add_entries(entries)
    return totals.summarised(summary, empty)


def read_chromosomes(
    path: Path | str, bins: Mapping[str, int], bin_size: int, summary: str = "mean"
) -> NDArray[np.float32]:
    """Summarise the first bins of many small chromosomes as `read_bins` does, in one go.

    Parameters
    ----------
    path : path of a BigWig
    bins : chromosome name as in the file -> bins from its first base on, all within it
    bin_size : bases a bin
    summary : "mean" (per base), "sum" or "max"

    Returns
    -------
    float32 array, (all bins,), one chromosome after the other

    Raises
    ------
    SighthoundError : no such file, not a BigWig, damaged, or without one of these chromosomes
    """
    parts, at = [], 0
    with open_bigwig(path) as file:
        for chrom, count in bins.items():
            for entries in file.entries(chrom, 0, count * bin_size):
                parts.append(Entries(entries.start + at, entries.end + at, entries.value))
            at += count * bin_size
    totals = Totals(np.arange(0, at + 1, bin_size, dtype=np.int64))
    if parts:
        totals.add_entries(
            Entries(
                np.concatenate([part.start for part in parts]),
                np.concatenate([part.end for part in parts]),
                np.concatenate([part.value for part in parts]),
            )
        )
    return totals.summarised(summary, 0.0)


def chromosomes(path: Path | str) -> Mapping[str, int]:
    """Chromosome name -> length in bases, in the file's order.

    Raises
    ------
    SighthoundError : no such file, not a BigWig, or a damaged one
    """
    with open_bigwig(path) as file:
        return file.chromosomes


def check_bigwig(path: Path | str, most_blocks: int | None = None) -> None:
    """Read the blocks of a BigWig, all or so many, evenly spread.

    Raises
    ------
    SighthoundError : no such file, not a BigWig, or a damaged one
    """
    with open_bigwig(path) as file:
        file.check(most_blocks)


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


def _zoomed_totals(
    file: BigWigFile, chrom: str, edges: NDArray[np.int64], length: int
) -> Totals | None:
    """Totals from zoom records: exact where they lie within bins, blurred over long stretches.

    None where neither can be had: records of other writers often begin where their data begin.
    """
    stretch, bins = int(edges[-1] - edges[0]), len(edges) - 1
    width = stretch // bins
    inside = np.clip(edges, 0, length)

    def totals(zoom: int, first: int, last: int, *, blurred: bool) -> Totals | None:
        records = file.zoom_records(zoom, chrom, max(first, 0), min(last, length))
        wrong = contradictory(records)
        found = Totals(inside)
        if wrong.sum() > MAX_WRONG_RECORDS or not found.add_records(
            records[~wrong], blurred=blurred
        ):
            return None
        for record in records[wrong]:
            for entries in file.entries(chrom, int(record["start"]), int(record["end"])):
                found.add_entries(entries)
        return found

    evenly = stretch % bins == 0
    on_grid = [z for z in file.zooms if evenly and width % z == 0 and edges[0] % z == 0]
    if on_grid:
        zoom = max(on_grid)
        # A look at the first bins tells files whose records lie on no grid.
        on_no_grid = totals(zoom, int(edges[0]), int(edges[min(bins, 8)]), blurred=False) is None
        if not on_no_grid and file.counts_once(zoom):
            found = totals(zoom, int(edges[0]), int(edges[-1]), blurred=False)
            if found:
                return found
    fine_enough = [z for z in file.zooms if z * BLUR_FRACTION <= width]
    if stretch < BLUR_FROM_BASES or not fine_enough or not file.counts_once(max(fine_enough)):
        return None
    return totals(max(fine_enough), int(edges[0]), int(edges[-1]), blurred=True)
