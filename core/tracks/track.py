"""A track is one experiment and the model output that predicts it; the tracks table lists them.

A track may have no experiment (an imported model's outputs are predictions only). Where a track
has no data is declared in the column `covered`, never written as zeros.
"""

from __future__ import annotations

import math
import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, fields
from os import PathLike
from pathlib import Path

import numpy as np

from sighthound.core.errors import SighthoundError
from sighthound.core.files import write_text
from sighthound.core.model.target_transforms import POWERS, TargetTransform
from sighthound.core.text import plain_line, table_rows

_ID = re.compile(r"[A-Za-z0-9][A-Za-z0-9_.+-]*")
MAX_ID = 150  # characters: names of files hold 255 bytes, and what is written adds its endings
_NUMBER_CHARACTERS = 10  # kept free for what tells ids of one name apart
_UNFIT = re.compile(r"[\x00-\x1f\x7f\ud800-\udfff]")
_PATHS = ("experiment", "covered")
_AGGREGATIONS = ("mean", "sum")
_STRANDS = ("+", "-", ".")
_NUMBERS = ("scale", "clip", "soft_clip")


@dataclass(frozen=True)
class Track:
    """One experiment and its prediction.

    Attributes
    ----------
    id : str
        Short and unique; names files and columns.
    experiment : path or None
        BigWig of the measured signal; None where there is only a prediction.
    covered : str
        Where the experiment has data: empty for every chromosome of the BigWig, chromosome names
        joined by commas, or the path of a BED file.
    scale : float or None
        Multiplies bins in the training loss; None stands for 1 / mean over the training fold.
    clip : float or None
        Bins are cut off at this value, in the experiment's units; None leaves it to training.
    transform : str
        What the network learns of a bin, of `core.model.target_transforms.POWERS`; empty for its
        value.
    soft_clip : float or None
        Beyond this value, in the experiment's units, the network learns square roots.
    aggregation : {"mean", "sum"}
        How the bases of a bin become its value.
    strand_pair : str
        Id of the track of the other strand, which takes its place when a sequence is reversed.
    """

    id: str
    name: str
    assay: str = ""
    sample: str = ""
    group: str = ""
    strand: str = "."
    experiment: Path | None = None
    covered: str = ""
    scale: float | None = None
    clip: float | None = None
    aggregation: str = "mean"
    replicate_of: str = ""
    strand_pair: str = ""
    description: str = ""
    transform: str = ""
    soft_clip: float | None = None

    @property
    def target_transform(self) -> TargetTransform:
        """What its values go through before a network learns them."""
        return TargetTransform(self.transform, self.soft_clip)

    @property
    def covered_file(self) -> Path | None:
        """The BED file of where the track has data, if that is what `covered` names."""
        return Path(self.covered) if _is_bed(self.covered) else None

    @property
    def files(self) -> list[Path]:
        """The files that the experiment is read from."""
        return [file for file in (self.experiment, self.covered_file) if file is not None]


COLUMNS = tuple(field.name for field in fields(Track))


def read_tracks(path: str | PathLike[str]) -> list[Track]:
    """Read a tracks table.

    Parameters
    ----------
    path : path
        Tab-separated, with a header naming the columns of `Track`; only `id` is required. Paths
        are relative to the table.

    Raises
    ------
    SighthoundError
        Unknown column, duplicate id, a missing file, or a value that is not allowed; the line is
        named.
    """
    path = Path(path)
    rows = list(table_rows(path))
    if not rows:
        raise SighthoundError(
            f"tracks table {path} is empty; expected a header and one row a track"
        )
    header = _header(rows[0][1], path)
    tracks: dict[str, Track] = {}
    by_name: dict[str, str] = {}
    for number, cells in rows[1:]:
        where = f"tracks table {path}, line {number}"
        if any(cell.strip() for cell in cells[len(header) :]):
            raise SighthoundError(f"{where}: {len(cells)} cells under {len(header)} columns")
        given = {k: v.strip() for k, v in zip(header, cells, strict=False) if v.strip()}
        values = {k: v if k in _PATHS else plain_line(v) for k, v in given.items()}
        track = _track(values, path.parent, where)
        if track.id in tracks:
            raise SighthoundError(f"{where}: id {track.id!r} is used twice; ids must be unique")
        same = by_name.setdefault(track.id.casefold(), track.id)
        if same != track.id:
            raise SighthoundError(
                f"{where}: ids {same!r} and {track.id!r} differ in capitals only; ids name files, "
                "which many disks would take for one"
            )
        tracks[track.id] = track
    if not tracks:
        raise SighthoundError(f"tracks table {path} has a header but no tracks")
    _check_references(tracks, path)
    return list(tracks.values())


def write_tracks(path: Path, tracks: Iterable[Track]) -> None:
    """Write a tracks table; paths below its folder are written relative to it."""
    write_text(path, tracks_table(tracks, path.parent))


def tracks_table(tracks: Iterable[Track], base: Path = Path()) -> str:
    """Give the text of a tracks table; paths below `base` are written relative to it."""
    lines = ["\t".join(COLUMNS)]
    for track in tracks:
        lines.append("\t".join(_cell(getattr(track, column), base) for column in COLUMNS))
    return "\n".join(lines) + "\n"


def file_id(name: str) -> str:
    """Make an id of a name: what an id may not hold becomes _, and its end is cut.

    Examples
    --------
    >>> file_id("../H3K4me3 day 2")
    'H3K4me3_day_2'
    """
    identifier = re.sub(r"[^A-Za-z0-9_.+-]+", "_", name).lstrip("_.+-")
    return identifier[: MAX_ID - _NUMBER_CHARACTERS] or "track"


def strand_pairs(tracks: Sequence[Track]) -> np.ndarray:
    """Give for every track the index of the one that stands for it on the other strand.

    Returns
    -------
    int array, (tracks,)
    """
    index = {track.id: i for i, track in enumerate(tracks)}
    return np.array([index.get(t.strand_pair, i) for i, t in enumerate(tracks)], dtype=int)


def _is_bed(covered: str) -> bool:
    return covered.lower().endswith((".bed", ".bed.gz"))


def _header(cells: list[str], path: Path) -> list[str]:
    """Give the columns that a header names; those without a name must be last, and empty."""
    header = [plain_line(cell) for cell in cells]
    while header and not header[-1]:
        header.pop()
    unknown = [column for column in header if column not in COLUMNS]
    twice = [column for column in COLUMNS if header.count(column) > 1]
    problem = ""
    if unknown:
        problem = f"unknown column {unknown[0]!r}"
        if len(header) == 1 and re.search("[,;]", unknown[0]):
            problem += ", and no tab: save the table as text with tabs between cells"
    elif "id" not in header:
        problem = "no column 'id'"
    elif twice:
        problem = f"two columns {twice[0]!r}"
    if problem:
        raise SighthoundError(f"tracks table {path}: {problem}; columns are {', '.join(COLUMNS)}")
    return header


def _track(values: dict[str, str], base: Path, where: str) -> Track:
    identifier = values.get("id", "")
    if not _ID.fullmatch(identifier) or len(identifier) > MAX_ID:
        raise SighthoundError(
            f"{where}: id {identifier[:60]!r} must be letters, digits and . _ + - only, begin with "
            f"a letter or digit, and have at most {MAX_ID} characters"
        )
    experiment = (base / values["experiment"]) if "experiment" in values else None
    if experiment is not None and not experiment.is_file():
        raise SighthoundError(f"{where}: experiment {values['experiment']!r} does not exist")
    choices = (("aggregation", _AGGREGATIONS), ("strand", _STRANDS), ("transform", tuple(POWERS)))
    for column, allowed in choices:
        if values.get(column, allowed[0]) not in allowed:
            raise SighthoundError(
                f"{where}: {column} is {values[column]!r}; expected one of "
                f"{', '.join(filter(None, allowed))}"
            )
    covered = values.get("covered", "")
    if _is_bed(covered):
        covered = str(base / covered)
        if not Path(covered).is_file():
            raise SighthoundError(f"{where}: covered {values['covered']!r} does not exist")
    text = {k: v for k, v in values.items() if k not in {*_PATHS, *_NUMBERS}}
    text.setdefault("name", text["id"])
    scale, clip, soft_clip = (_positive(values, column, where) for column in _NUMBERS)
    if clip and soft_clip and clip <= soft_clip:
        raise SighthoundError(
            f"{where}: clip is {clip:g}, so that no value comes beyond the soft_clip of "
            f"{soft_clip:g}; give one of them, or a larger clip"
        )
    return Track(
        **text,
        experiment=experiment,
        covered=covered,
        scale=scale,
        clip=clip,
        soft_clip=soft_clip,
    )


def _positive(values: dict[str, str], column: str, where: str) -> float | None:
    if column not in values:
        return None
    try:
        number = float(values[column])
    except ValueError:
        number = math.nan
    if not (math.isfinite(number) and number > 0):
        raise SighthoundError(
            f"{where}: {column} is {values[column]!r}; expected a positive number"
        )
    return number


def _check_references(tracks: dict[str, Track], path: Path) -> None:
    for track in tracks.values():
        for column in ("strand_pair", "replicate_of"):
            other = getattr(track, column)
            if other and other not in tracks:
                raise SighthoundError(
                    f"tracks table {path}: {column} of {track.id!r} is {other!r}, "
                    "which is no id of the table"
                )
        if track.strand_pair and tracks[track.strand_pair].strand_pair != track.id:
            raise SighthoundError(
                f"tracks table {path}: {track.id!r} names {track.strand_pair!r} as its "
                "strand_pair, which must name it in return"
            )
        pair = tracks.get(track.strand_pair, track)
        # One output stands for both: for one on this strand, for the other on the other strand.
        if not track.target_transform.is_identity or not pair.target_transform.is_identity:
            for column in ("transform", "soft_clip", "scale"):
                if getattr(track, column) != getattr(pair, column):
                    raise SighthoundError(
                        f"tracks table {path}: {track.id!r} and {pair.id!r} stand for each other "
                        f"on the other strand, and have not the same {column}; give both the same"
                    )


def _cell(value: object, base: Path) -> str:
    if value is None:
        return ""
    if not isinstance(value, Path):
        return plain_line(str(value))
    resolved, root = value.resolve(), base.resolve()
    text = str(resolved.relative_to(root)) if resolved.is_relative_to(root) else str(resolved)
    if _UNFIT.search(text) or text != text.strip():
        raise SighthoundError(
            f"{text!r}: a table cannot hold a name with tabs, line ends, control characters, "
            "spaces at its ends or bytes that are no UTF-8; rename the file"
        )
    return text
