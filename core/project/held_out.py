"""held_out.tsv of a model's folder: how well it predicts sequences that it never learned from.

One row a track, fold and bin size: Pearson r of values and of log(1 + value), and R2, over the bins
of the fold where the track has data. Who states one number a track states that of `read_held_out`.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import astuple, dataclass, fields
from pathlib import Path

from sighthound.core.model.architecture import Architecture
from sighthound.core.model.model import DESCRIPTION, read_description
from sighthound.core.project.settings import Project
from sighthound.core.text import text_lines
from sighthound.core.tracks.metrics import LEAST_BINS

HELD_OUT_FILE = "held_out.tsv"
# Nobody chose anything on a test fold.
_BEST_FOLD = "test"


@dataclass(frozen=True)
class Accuracy:
    """A row of held_out.tsv; NaN where a correlation is not defined, 0 for a size not said."""

    track: str
    fold: str
    bin: int
    n_bins: int
    pearson: float
    pearson_log1p: float
    r2: float

    @property
    def scores(self) -> dict[str, float | None]:
        """Give pearson, pearson_log1p and r2; None where not defined, or over too few bins."""
        is_evidence = not 0 < self.n_bins < LEAST_BINS
        return {
            name: value if is_evidence and math.isfinite(value) else None
            for name in ("pearson", "pearson_log1p", "r2")
            for value in [getattr(self, name)]
        }


def held_out_files(project: Project) -> list[Path]:
    """Files that `read_held_out` reads."""
    directory = project.model.directory
    return [directory / HELD_OUT_FILE, directory / DESCRIPTION]


def read_held_out(project: Project) -> dict[str, Accuracy]:
    """Read the accuracy that is stated of each track.

    Of several rows a track it is that of the test fold, where there is one, in the model's own
    bins, where there are such.

    Returns
    -------
    dict
        Track id -> its row; empty without the file.

    Raises
    ------
    SighthoundError
        The file is no text, or the model's description cannot be read.
    """
    file, description = held_out_files(project)
    if not file.is_file():
        return {}
    own = project.dataset.bin
    if description.is_file():
        model = read_description(description.parent)
        own = Architecture.from_json(model["architecture"]).bin
    rows = sorted(_rows(file), key=lambda row: (row.fold == _BEST_FOLD, row.bin == own))
    return {row.track: row for row in rows}


def stated_pearson(project: Project) -> dict[str, float]:
    """Give Pearson r of each track as it is stated; tracks without evidence are left out."""
    found = {track: row.scores["pearson"] for track, row in read_held_out(project).items()}
    return {track: r for track, r in found.items() if r is not None}


def held_out_tsv(rows: Sequence[Accuracy]) -> str:
    """Write rows as the text of held_out.tsv."""
    lines = ["\t".join(field.name for field in fields(Accuracy))]
    for row in rows:
        cells = (f"{v:.6g}" if isinstance(v, float) else str(v) for v in astuple(row))
        lines.append("\t".join(cells))
    return "\n".join(lines) + "\n"


def _rows(file: Path) -> list[Accuracy]:
    lines = [line.split("\t") for line in text_lines(file)]
    if not lines:
        return []
    header, *rows = lines
    found = []
    for cells in rows:
        row = dict(zip(header, cells, strict=False))
        if row.get("track"):
            sizes = (_number(row.get(name)) for name in ("bin", "n_bins"))
            scores = (_number(row.get(name)) for name in ("pearson", "pearson_log1p", "r2"))
            size, bins = (int(number) if math.isfinite(number) else 0 for number in sizes)
            found.append(Accuracy(row["track"], row.get("fold", ""), size, bins, *scores))
    return found


def _number(text: str | None) -> float:
    try:
        return float(text or "nan")
    except ValueError:
        return math.nan
