"""How high the bins of a signal are over the genome: what stands out, and what is noise.

Percentiles of a track's native bins, in the unit in which rows are drawn (sum or mean a native bin,
as `read_window` gives them): of the whole genome, or of stretches spread evenly over a large one.
They are computed once for each version of a file, beside the server's work, and kept on disk.
"""

from __future__ import annotations

import json
import logging
import queue
import threading
import time
from collections.abc import Callable
from dataclasses import astuple, dataclass, fields
from pathlib import Path
from typing import Any, Literal

import numpy as np
from flask import Blueprint, Response
from numpy.typing import NDArray

from sighthound.app.answers.project import TrackLevels
from sighthound.app.answers.written import respond_with
from sighthound.app.api.signal_windows import Grid, read_window
from sighthound.app.project_state import Catalogue
from sighthound.app.web.operation import Operation, Operations
from sighthound.app.web.parameters import asked_tracks
from sighthound.core.errors import SighthoundError
from sighthound.core.files import stamps, write_text
from sighthound.core.project.layout import levels_file
from sighthound.core.tracks.track import Track

# Bases of a genome that its percentiles are estimated from, and of one stretch of them.
SAMPLED_BP, STRETCH_BP = 32_000_000, 1_000_000
# A page that has just been opened draws first: reading whole files would hold it up.
_AFTER_S = 1.0
_log = logging.getLogger(__name__)


Signal = Literal["experiment", "prediction"]


@dataclass(frozen=True)
class Series:
    """One of the two signals of a track."""

    track: Track
    kind: Signal


@dataclass(frozen=True)
class Levels:
    """Percentiles of native bins: the middle, the 98th, the 99th and the highest."""

    median: float
    p98: float
    p99: float
    highest: float


class GenomeLevels:
    """Levels of a project's signals, and of visitors' own.

    Parameters
    ----------
    catalogue : Catalogue
    """

    def __init__(self, catalogue: Catalogue) -> None:
        self.catalogue = catalogue
        self._store = levels_file(catalogue.project)
        self._lock = threading.Lock()
        self._known = _read(self._store)
        self._asked: queue.SimpleQueue[Series] = queue.SimpleQueue()
        self._waiting: set[str] = set()
        self._worker: threading.Thread | None = None

    def of(self, series: Series) -> Levels | None:
        """Give the levels of a signal, computed now unless they are known; None without data."""
        known, levels = self._find(series)
        return levels if known else self._compute(series)

    def find(self, series: Series) -> tuple[bool, Levels | None]:
        """Say whether the levels of a signal are known, and give them; else have them computed."""
        known, levels = self._find(series)
        if not known:
            self._ask(series)
        return known, levels

    def _find(self, series: Series) -> tuple[bool, Levels | None]:
        stamp = self._stamp(series)
        with self._lock:
            kept = self._known.get(_key(series))
        if kept is None or kept["stamp"] != stamp:
            return False, None
        return True, None if kept["levels"] is None else Levels(*kept["levels"])

    def _ask(self, series: Series) -> None:
        key = _key(series)
        with self._lock:
            if key not in self._waiting:
                self._waiting.add(key)
                self._asked.put(series)
            if self._worker is None or not self._worker.is_alive():
                self._worker = threading.Thread(target=self._work, daemon=True)
                self._worker.start()

    def _work(self) -> None:
        time.sleep(_AFTER_S)
        while True:
            series = self._asked.get()
            try:
                self._compute(series)
            finally:
                with self._lock:
                    self._waiting.discard(_key(series))
                    if not self._waiting:
                        self._write()

    def _compute(self, series: Series) -> Levels | None:
        stamp = self._stamp(series)
        try:
            levels = self._read_levels(series)
        except SighthoundError as error:
            _log.warning("no genome-wide level of %s: %s", series.track.id, error)
            levels = None
        kept = {"stamp": stamp, "levels": None if levels is None else astuple(levels)}
        with self._lock:
            self._known[_key(series)] = kept
        return levels

    def _read_levels(self, series: Series) -> Levels | None:
        lengths, native = self.catalogue.genome.lengths, self.catalogue.native_bin()
        every = max(1, -(-sum(lengths.values()) // SAMPLED_BP))
        sampled, passed = [], 0
        for chrom, length in lengths.items():
            for start in range(0, length, STRETCH_BP):
                size = min(STRETCH_BP, length - start)
                # Counted over all chromosomes: many short ones are passed over, too.
                if passed // STRETCH_BP % every == 0:
                    first, last = start // native, -(-(start + size) // native)
                    values = read_native(self.catalogue, series, chrom, first, last)
                    sampled.append(values[np.isfinite(values)])
                passed += size
        values = np.concatenate(sampled)
        if not len(values):
            return None
        return Levels(*(float(v) for v in np.percentile(values, (50, 98, 99, 100))))

    def _stamp(self, series: Series) -> list[object]:
        """Whatever the levels depend on, as JSON keeps it."""
        track, catalogue = series.track, self.catalogue
        file = track.experiment if series.kind == "experiment" else catalogue.prediction(track.id)
        how = [track.aggregation, track.covered, track.scale, track.clip]
        stamp: list[object] = [catalogue.genome.fingerprint, catalogue.native_bin(), repr(how)]
        files = [f for f in (file, track.covered_file) if f is not None]
        return [*stamp, stamps(files)]

    def _write(self) -> None:
        try:
            self._store.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
            write_text(self._store, json.dumps(self._known), unique=True)
        except OSError as error:
            _log.warning("%s cannot be written: %s", self._store, error)


def read_native(
    catalogue: Catalogue, series: Series, chrom: str, first: int, last: int
) -> NDArray[np.float32]:
    """Read native bins [first, last) of a signal."""
    native = catalogue.native_bin()
    grid = Grid(first * native, last * native, native, native, native)
    return read_window(catalogue, series.track, chrom, grid, series.kind)


def series_of(catalogue: Catalogue, track: Track) -> list[Series]:
    """Give the signals that a track has in files."""
    predicted = catalogue.prediction(track.id) is not None
    measured = [Series(track, "experiment")] if track.experiment is not None else []
    return [*measured, Series(track, "prediction")] if predicted else measured


OPERATIONS: Operations = {
    "/api/v1/levels": {
        "get": Operation(
            "The genome-wide 99th percentile of each track's bins, of experiment and prediction.",
            "tracks?",
            TrackLevels,
        )
    },
}


def blueprint(
    catalogue: Catalogue, levels: GenomeLevels, own: Callable[[str], Track | None]
) -> Blueprint:
    """Make the route /api/v1/levels; `own` gives the asking visitor's own track of an id."""
    routes = Blueprint("levels", __name__, url_prefix="/api/v1")

    @routes.get("/levels")
    def levels_() -> Response:
        given: dict[str, dict[str, float]] = {}
        pending = []
        for track in asked_tracks(catalogue, own):
            found = {s.kind: levels.find(s) for s in series_of(catalogue, track)}
            if all(known for known, _ in found.values()):
                given[track.id] = {k: v.p99 for k, (_, v) in found.items() if v is not None}
            else:
                pending.append(track.id)
        response = respond_with(TrackLevels(given, tuple(pending)))
        response.headers["Cache-Control"] = "private, no-store"
        return response

    return routes


def _key(series: Series) -> str:
    return f"{series.track.id}/{series.kind}"


def _read(store: Path) -> dict[str, dict[str, Any]]:
    try:
        known = json.loads(store.read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return {}
    if not isinstance(known, dict):
        return {}
    return {key: kept for key, kept in known.items() if _is_kept(kept)}


def _is_kept(kept: object) -> bool:
    if not isinstance(kept, dict) or "stamp" not in kept or "levels" not in kept:
        return False
    levels = kept["levels"]
    return levels is None or (
        isinstance(levels, list)
        and len(levels) == len(fields(Levels))
        and all(isinstance(level, float) for level in levels)
    )
