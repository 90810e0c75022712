"""targets.txt of published models -> tracks that are predictions only."""

from __future__ import annotations

import math
from collections import Counter
from pathlib import Path

from sighthound.core.errors import SighthoundError
from sighthound.core.text import plain_line, table_rows
from sighthound.core.tracks.track import Track, file_id

# Files without a header, as in 2018: identifier, file, and a description after them.
_HEADLESS = {2: ("identifier", "file"), 3: ("identifier", "file", "description")}
_ASSAYS = {"ATAC": "ATAC", "CAGE": "CAGE", "CHIP": "ChIP", "DNASE": "DNase", "RNA": "RNA"}
_COLUMNS = {
    "index", "genome", "identifier", "file", "clip", "clip_soft", "scale", "sum_stat",
    "strand_pair", "description",
}  # fmt: skip


def read_targets(path: Path) -> list[Track]:
    """Read a published table of targets.

    Parameters
    ----------
    path : path
        Tab-separated: index, identifier, file, clip, scale, sum_stat, strand_pair, description, of
        which identifier is required; without a header, identifier, file and description.

    Returns
    -------
    list of Track
        Without experiments, in the table's order. Ids are identifiers, made unique; assay, sample
        and group come from descriptions such as "CHIP:H3K27ac:liver"; scale and clip are those
        that the published network was trained with.

    Raises
    ------
    SighthoundError
        Cannot be read, an unknown column, a row of another length, or a strand_pair that is no
        index of the table; the line is named.
    """
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
        tracks.append(_track(row, ids[i], ids[pair] if pair != i else "", where))
    return tracks


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
    assay = _ASSAYS.get(head.strip().upper(), "")
    if not assay:
        return "", "", description
    if assay == "ChIP" and ":" in rest:
        group, _, rest = rest.partition(":")
        return assay, group.strip(), rest.strip()
    return assay, "", rest.strip()


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
