"""targets.txt of published models -> tracks that are predictions only.

What values went through before a network learned them is in `sum_stat` and `clip_soft`, by which
scripts of two times mean two things. "borzoi", of the published Borzoi and before: `_sqrt` is
v^0.75, above clip_soft c follows c + sqrt(v - c), what is above clip is cut off, and scale comes
last. "sqrt", later: first scale; `_sqrt` is sqrt(v + 1) - 1 and `_exp75` (v + 1)^0.75 - 1, above
clip_soft follows c - 1 + sqrt(v - c + 1), and what is above clip is cut off.
"""

from __future__ import annotations

import math
from collections import Counter
from dataclasses import replace
from pathlib import Path

from sighthound.core.errors import SighthoundError
from sighthound.core.model.target_transforms import TargetTransform
from sighthound.core.text import plain_line, table_rows
from sighthound.core.tracks.assays import assay_of_published
from sighthound.core.tracks.track import Track, file_id

# Files without a header, as in 2018: identifier, file, and a description after them.
_HEADLESS = {2: ("identifier", "file"), 3: ("identifier", "file", "description")}
_POWERS = {
    "sqrt": {"": "", "sqrt": "sqrt", "exp75": "power75"},
    "borzoi": {"": "borzoi", "sqrt": "borzoi75"},
}
SQUASHES = tuple(_POWERS)
_TELLING = ("sum_exp75", "mean_sqrt", "avg_sqrt")  # which only later scripts know
_COLUMNS = {
    "index", "genome", "identifier", "file", "clip", "clip_soft", "scale", "sum_stat",
    "strand_pair", "description",
}  # fmt: skip


def read_targets(path: Path, squash: str = "") -> list[Track]:
    """Read a published table of targets.

    Parameters
    ----------
    path : path
        Tab-separated: index, identifier, file, clip, clip_soft, scale, sum_stat, strand_pair,
        description, of which identifier is required; without a header, identifier, file and
        description.
    squash : str
        One of `SQUASHES`: tracks have the transforms that the table names, in that meaning. By
        default they have none.

    Returns
    -------
    list of Track
        Without experiments, in the table's order. Ids are identifiers, made unique; assay, sample
        and group come from descriptions such as "CHIP:H3K27ac:liver"; scale and clip are those
        that the published network was trained with. Where values were squashed, clip and soft_clip
        are in the units from before that; of "sqrt" these have the scale in them, and no other.

    Raises
    ------
    SighthoundError
        Cannot be read, an unknown column, a row of another length, or a strand_pair that is no
        index of the table; the line is named.
    """
    values = _rows(path)
    ids = _unique_ids([row["identifier"] for _, row in values])
    indices = {row.get("index", str(i)): i for i, (_, row) in enumerate(values)}
    tracks = []
    for i, (where, row) in enumerate(values):
        other = row.get("strand_pair", "")
        if other and other not in indices:
            raise SighthoundError(f"{where}: strand_pair {other!r} is no index of the table")
        pair = indices[other] if other else i
        if pair != i and values[pair][1].get("strand_pair") != row.get("index", str(i)):
            raise SighthoundError(f"{where}: strand_pair {other!r} does not name it in return")
        track = _track(row, ids[i], ids[pair] if pair != i else "", where)
        columns = ("sum_stat", "clip_soft", "scale")
        if squash and any(row.get(c) != values[pair][1].get(c) for c in columns):
            raise SighthoundError(
                f"{where}: it stands for {ids[pair]!r} on the other strand, and has not the same "
                f"{', '.join(columns)}"
            )
        tracks.append(_squashed(track, row, squash, where) if squash else track)
    return tracks


def squashed_rows(path: Path) -> tuple[int, bool]:
    """Count the tracks of a table whose values were squashed, and say whether it tells how.

    Returns
    -------
    int, and bool
        False: what the table says means one thing in older scripts, and another in later ones.
    """
    rows = [row for _, row in _rows(path)]
    told = any(row.get("sum_stat", "") in _TELLING for row in rows)
    return sum(bool(row.get("clip_soft")) or bool(_power(row)) for row in rows), told


def _power(row: dict[str, str]) -> str:
    """What follows the statistic in `sum_stat`: "sqrt", "exp75" or nothing."""
    return row.get("sum_stat", "").partition("_")[2]


def _squashed(track: Track, row: dict[str, str], squash: str, where: str) -> Track:
    powers = _POWERS[squash]
    if _power(row) not in powers:
        raise SighthoundError(
            f"{where}: sum_stat is {row['sum_stat']!r}, which is not understood with "
            f"--squash {squash}"
        )
    power, knee = powers[_power(row)], _positive(row, "clip_soft", where)
    if track.clip and knee and track.clip <= knee:
        knee = None  # is never come to
    plain = TargetTransform(power)
    soft_clip = None if knee is None else float(plain.inverse(knee))
    transform = TargetTransform(power, soft_clip)
    if transform.is_identity:
        return track
    return replace(
        track,
        transform=power,
        soft_clip=soft_clip,
        clip=track.clip and float(transform.inverse(track.clip)),
        scale=track.scale if squash == "borzoi" else None,
    )


def _rows(path: Path) -> list[tuple[str, dict[str, str]]]:
    """Where each row stands, and its cells by column."""
    rows = list(table_rows(path))
    if not rows:
        raise SighthoundError(f"targets {path} are empty; expected one row a track")
    columns = _header(rows[0][1], path)
    rows = rows[1:] if "identifier" in rows[0][1] else rows
    values = []
    for number, cells in rows:
        if columns[-1] == "description" and len(cells) > len(columns):  # with tabs in it
            cells = [*cells[: len(columns) - 1], " ".join(cells[len(columns) - 1 :])]
        if len(cells) != len(columns):
            raise SighthoundError(
                f"targets {path}, line {number}: {len(cells)} cells, expected {len(columns)}"
            )
        row = dict(zip(columns, map(plain_line, cells), strict=True))
        values.append((f"targets {path}, line {number}", row))
    return values


def _header(cells: list[str], path: Path) -> list[str]:
    if "identifier" in cells:
        # The first column is the index, with its name or without.
        columns = [cells[0].strip() or "index", *cells[1:]]
        unknown = [column for column in columns if column not in _COLUMNS]
        if unknown:
            raise SighthoundError(
                f"targets {path}: unknown column {unknown[0]!r}; "
                f"columns are {', '.join(sorted(_COLUMNS))}"
            )
        return columns
    has_index = len(cells) - 1 in _HEADLESS and cells[0].strip().isdigit()
    named = _HEADLESS.get(len(cells) - has_index)
    if named is None:
        raise SighthoundError(
            f"targets {path}: no header with 'identifier', and {len(cells)} columns; "
            "expected a header, or identifier, file and description"
        )
    return ["index", *named] if has_index else list(named)


def _unique_ids(identifiers: list[str]) -> list[str]:
    """Make identifiers fit for file names, and number those that come again."""
    cleaned = [file_id(name) for name in identifiers]
    # Ids that differ in capitals only would be one file on many disks.
    taken, times = {name.casefold() for name in cleaned}, Counter[str]()
    ids: list[str] = []
    for name in cleaned:
        key = name.casefold()
        times[key] += 1
        candidate = name
        while times[key] > 1 and candidate.casefold() in taken:
            candidate = f"{name}.{times[key]}"
            times[key] += candidate.casefold() in taken
        taken.add(candidate.casefold())
        ids.append(candidate)
    return ids


def _track(row: dict[str, str], identifier: str, pair: str, where: str) -> Track:
    description = row.get("description", "")
    assay, group, sample = _facets(description)
    strand = identifier[-1] if pair and identifier[-1] in "+-" else "."
    return Track(
        id=identifier,
        name=f"{description} {strand}" if strand != "." else description or identifier,
        assay=assay,
        sample=sample,
        group=group,
        strand=strand,
        scale=_positive(row, "scale", where),
        clip=_positive(row, "clip", where),
        aggregation="sum" if row.get("sum_stat", "").startswith("sum") else "mean",
        strand_pair=pair,
        description=description,
    )


def _facets(description: str) -> tuple[str, str, str]:
    """Take assay, target and sample out of a description.

    Examples
    --------
    >>> _facets("CHIP:H3K27ac:liver")
    ('ChIP', 'H3K27ac', 'liver')
    >>> _facets("CAGE:oral carcinoma cell line:Ca9-22")
    ('CAGE', '', 'oral carcinoma cell line:Ca9-22')
    """
    head, _, rest = description.partition(":")
    assay = assay_of_published(head)
    if assay is None:
        return "", "", description
    if assay.name == "ChIP" and ":" in rest:
        group, _, rest = rest.partition(":")
        return assay.name, group.strip(), rest.strip()
    return assay.name, "", rest.strip()


def _positive(row: dict[str, str], column: str, where: str) -> float | None:
    if not row.get(column):
        return None
    try:
        number = float(row[column])
    except ValueError:
        number = math.nan
    if not (math.isfinite(number) and number > 0):
        raise SighthoundError(f"{where}: {column} is {row[column]!r}; expected a positive number")
    return number
