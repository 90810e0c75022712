"""Signals of a window, in the bins that are drawn: read, pooled, correlated and encoded.

They leave as binary: uint32 (little-endian) length of a JSON header, the header padded with spaces
so that data begin at a multiple of 4 bytes, then float32 series one after another. Bins lie on the
model's grid, or on powers of two of it when a native bin is less than a pixel. 0-based.
"""

from __future__ import annotations

import json
import struct
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from sighthound.app.project_state import Catalogue
from sighthound.app.web.public import public_line
from sighthound.core.bigwig import files
from sighthound.core.bigwig.reader import open_bigwig
from sighthound.core.errors import SighthoundError
from sighthound.core.genome.sequence import Interval
from sighthound.core.tracks.experiments import experiment_bins
from sighthound.core.tracks.metrics import LEAST_BINS
from sighthound.core.tracks.track import Track

# Native bins read for one series: up to here peaks and r are exact, however far out the zoom is.
MAX_NATIVE_BINS = 32_768
# Sub-bins a pixel, at least, where native bins would be too many: their largest mean is the peak.
SUB_BINS = 8


@dataclass(frozen=True)
class Grid:
    """The bins that a window is drawn in.

    Attributes
    ----------
    start, end : int
        Bases; the window snapped outward. The last bin may reach past the chromosome's end.
    bin_bp, native : int
        Bases a drawn bin, and a bin of the model.
    read_bp : int
        Bases a bin as read from disk: `native` wherever that is affordable.
    """

    start: int
    end: int
    bin_bp: int
    native: int
    read_bp: int

    @property
    def bins(self) -> int:
        return (self.end - self.start) // self.bin_bp


def choose_grid(start: int, end: int, pixels: int, native: int) -> Grid:
    """Choose bins of at least a pixel, on the model's grid.

    Parameters
    ----------
    start, end : int
        Bases, 0-based and half-open.
    pixels : int
        Width of the drawing.
    native : int
        Bases a bin of the model.

    Examples
    --------
    >>> choose_grid(1000, 3000, pixels=1000, native=128)
    Grid(start=896, end=3072, bin_bp=128, native=128, read_bp=128)
    >>> choose_grid(1000, 300_000, pixels=1000, native=128).bin_bp
    512
    """
    bin_bp = native
    while bin_bp * pixels < end - start:
        bin_bp *= 2
    first, last = start // bin_bp * bin_bp, -(-end // bin_bp) * bin_bp
    read_bp = native
    if (last - first) // native > MAX_NATIVE_BINS:
        read_bp = max(native, bin_bp // SUB_BINS)
    return Grid(first, last, bin_bp, native, read_bp)


def pool_bins(values: NDArray[np.float32], size: int) -> tuple[NDArray[Any], NDArray[Any]]:
    """Give the mean and the largest of every `size` neighbours, passing over NaN.

    Returns
    -------
    two float32 arrays, (len(values) / size,); NaN where all neighbours are
    """
    groups = values.reshape(-1, size)
    known = np.isfinite(groups)
    count = known.sum(axis=1)
    with np.errstate(invalid="ignore", divide="ignore"):
        mean = np.where(known, groups, 0).sum(axis=1, dtype=np.float64) / count
    return mean.astype(np.float32), np.fmax.reduce(groups, axis=1)


@dataclass(frozen=True)
class Correlation:
    """Pearson's r of log(1 + value) and the number of bins that have data in both.

    `r` is None below `core.tracks.metrics.LEAST_BINS` bins with signal, and without variance.
    """

    r: float | None
    bins: int


def log1p_pearson(a: NDArray[np.float32], b: NDArray[np.float32]) -> Correlation:
    """Correlate log(1 + value) where both have data.

    Values below zero count as zero. A bin has signal where either value is above zero.
    """
    known = np.isfinite(a) & np.isfinite(b)
    bins = int(known.sum())
    x, y = (np.log1p(np.maximum(v[known], 0).astype(np.float64)) for v in (a, b))
    if ((x > 0) | (y > 0)).sum() < LEAST_BINS:
        return Correlation(None, bins)
    x, y = x - x.mean(), y - y.mean()
    # Sums rather than dot products, which would wake a thread pool for microseconds of work.
    norm = float(np.sqrt((x * x).sum() * (y * y).sum()))
    return Correlation(round(float((x * y).sum()) / norm, 4) if norm > 1e-12 else None, bins)


def encode_signal(header: dict[str, Any], series: Sequence[NDArray[np.float32]]) -> bytes:
    """Write the binary form of /api/v1/signal."""
    text = json.dumps(header, separators=(",", ":")).encode()
    text += b" " * (-len(text) % 4)
    parts = [np.ascontiguousarray(s, "<f4").tobytes() for s in series]
    return b"".join([struct.pack("<I", len(text)), text, *parts])


def read_window(
    catalogue: Catalogue, track: Track, chrom: str, grid: Grid, kind: str
) -> NDArray[Any]:
    """Read one series in bins of `grid.read_bp`, as value per native bin.

    Parameters
    ----------
    kind : {"experiment", "prediction"}

    Returns
    -------
    float32 array, ((grid.end - grid.start) / grid.read_bp,)
        NaN where there is no data.
    """
    interval = Interval(chrom, grid.start, grid.end)
    exact = grid.read_bp == grid.native
    if kind == "experiment":
        if exact:
            return experiment_bins(track, catalogue.genome, interval, grid.native)
        values = experiment_bins(
            track, catalogue.genome, interval, grid.read_bp, exact=False, summary="mean"
        )
        return values * np.float32(grid.native) if track.aggregation == "sum" else values
    bins = len(interval) // grid.read_bp
    path = catalogue.prediction(track.id)
    if path is not None:
        with open_bigwig(path) as file:
            if chrom in file.chromosomes:
                return files.read_open_bins(
                    file, chrom, grid.start, grid.end, bins, "mean", exact=exact, empty=np.nan
                )
    return np.full(bins, np.nan, np.float32)


def signal(
    catalogue: Catalogue,
    tracks: Sequence[Track],
    interval: Interval,
    pixels: int,
) -> bytes:
    """Read tracks over a window and encode them.

    Parameters
    ----------
    interval : Interval
        The window; must lie on its chromosome.
    pixels : int
        Its width on the screen.

    Returns
    -------
    bytes
        Header and series, see this module's first lines.
    """
    grid = choose_grid(interval.start, interval.end, pixels, catalogue.native_bin())
    asked = [
        (track, kind)
        for track in tracks
        for kind, exists in (
            ("experiment", track.experiment is not None),
            ("prediction", catalogue.prediction(track.id) is not None),
        )
        if exists
    ]
    read: dict[tuple[str, str], NDArray[Any]] = {}
    problems: dict[str, str] = {}
    # One after another: the reader holds Python's lock, so threads only add to the time.
    for track, kind in asked:
        try:
            values = read_window(catalogue, track, interval.chrom, grid, kind)
        except SighthoundError as error:
            # Of one track: the others are drawn.
            problems[track.id] = public_line(catalogue.project, str(error))
            values = np.full((grid.end - grid.start) // grid.read_bp, np.nan, np.float32)
        read[track.id, kind] = values
    kinds = ("experiment", "prediction")
    return encode_window(interval, grid, tracks, read, kinds, problems=problems)


def encode_window(
    interval: Interval,
    grid: Grid,
    tracks: Sequence[Track],
    read: Mapping[tuple[str, str], NDArray[Any]],
    kinds: Sequence[str],
    **further: Any,
) -> bytes:
    """Pool what was read over a window to its drawn bins and encode it.

    Parameters
    ----------
    read : mapping of (track id, kind) to float32 array
        In bins of `grid.read_bp`.
    kinds : sequence of str
        Which of them are sent; the others only serve the correlations.
    further
        Put into the header.
    """
    size = grid.bin_bp // grid.read_bp
    correlations = {t.id: _local_pearson(read, t.id, grid, interval) for t in tracks}
    described: list[dict[str, Any]] = []
    series: list[NDArray[np.float32]] = []
    for (track, kind), values in read.items():
        if kind not in kinds:
            continue
        stats = (
            {"mean": values}
            if size == 1
            else dict(zip(("mean", "max"), pool_bins(values, size), strict=True))
        )
        for stat, drawn in stats.items():
            offset = len(series) * grid.bins
            described.append({"track": track, "kind": kind, "stat": stat, "offset": offset})
            series.append(drawn)
    header = {
        "chrom": interval.chrom,
        "start": grid.start,
        "end": grid.end,
        "bin_bp": grid.bin_bp,
        "bins": grid.bins,
        "native_bin": grid.native,
        "series": described,
        "pearson": {track: found.r for track, found in correlations.items()},
        "pearson_bins": {track: found.bins for track, found in correlations.items()},
        **further,
    }
    return encode_signal(header, series)


def _local_pearson(
    read: Mapping[tuple[str, str], NDArray[Any]], track: str, grid: Grid, interval: Interval
) -> Correlation:
    experiment = read.get((track, "experiment"))
    prediction = read.get((track, "prediction"))
    if experiment is None or prediction is None or grid.read_bp != grid.native:
        return Correlation(None, 0)
    first = (interval.start - grid.start) // grid.native
    last = -(-(interval.end - grid.start) // grid.native)
    return log1p_pearson(experiment[first:last], prediction[first:last])
