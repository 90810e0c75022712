"""Parquet tables of results: what they say of their run, and the list of disagreements.

What a table was made from is JSON in the file's own metadata, under one key, so that a table that
is copied away still says it; a file without is none of ours, or not whole. Tables count from 1.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, field, fields
from pathlib import Path
from typing import TYPE_CHECKING, Any

from sighthound.core.errors import SighthoundError
from sighthound.core.files import whole_file
from sighthound.core.project.settings import Project

if TYPE_CHECKING:  # pyarrow and pandas take long to import, and most answers need neither
    import pandas as pd
    import pyarrow as pa

DISAGREEMENTS_FILE = "disagreements.parquet"
# Columns that a table of scored variants has, beside one a track.
VARIANT_COLUMNS = ("variant", "score", "value")
_METADATA = b"sighthound"


def with_about(schema: pa.Schema, about: Mapping[str, Any]) -> pa.Schema:
    """Give the schema of a table that says what it was made from."""
    return schema.with_metadata({**(schema.metadata or {}), _METADATA: json.dumps(dict(about))})


def read_about(file: Path) -> dict[str, Any] | None:
    """Read what a table was made from; None if it is not whole, or none of ours."""
    import pyarrow.parquet as pq

    try:
        return _about(pq.read_schema(file))
    except (OSError, ValueError):
        return None


def is_variant_table(file: Path) -> bool:
    """Whether a file is a whole table of scored variants."""
    import pyarrow.parquet as pq

    try:
        schema = pq.read_schema(file)
        return _about(schema) is not None and set(VARIANT_COLUMNS) <= {*schema.names}
    except (OSError, ValueError):
        return False


@dataclass(frozen=True)
class DisagreementSettings:
    """How a list of disagreements was made.

    Attributes
    ----------
    bin, window : int
        Bases of a bin, and over how many both signals are averaged.
    top : int
        Places a track.
    excluded : list
        Names and stamps of the files that say what does not count.
    """

    bin: int = 0
    window: int = 0
    top: int = 0
    excluded: Sequence[Any] = ()


@dataclass(frozen=True, eq=False)
class DisagreementList:
    """Where prediction and experiment differ most: a row a place, and what was compared.

    Attributes
    ----------
    table : DataFrame
        track, rank, chrom, start, end, fold, experiment, prediction, log2_ratio, deviation, and
        overall, the rank by the size of the deviation over all tracks.
    model : str or None
        Hash of the model whose predictions these are.
    tracks : mapping
        Track id -> what changes when one of its two signals does.
    """

    table: pd.DataFrame
    settings: DisagreementSettings
    model: str | None = None
    tracks: Mapping[str, Any] = field(default_factory=dict)

    def write(self, file: Path) -> None:
        """Write it where `disagreements_file` says."""
        import pyarrow as pa
        import pyarrow.parquet as pq

        about = {**asdict(self.settings), "model": self.model, "tracks": dict(self.tracks)}
        # Without what pandas would say of its index.
        table = pa.Table.from_pandas(self.table, preserve_index=False).replace_schema_metadata()
        with whole_file(file, parents=True) as part:
            pq.write_table(table.cast(with_about(table.schema, about)), part)


def disagreements_file(project: Project) -> Path:
    """Where a project's list of disagreements lies, once there is one."""
    return project.predictions.directory / DISAGREEMENTS_FILE


def read_disagreements(file: Path) -> DisagreementList | None:
    """Read a list of disagreements; None where there is no file.

    Raises
    ------
    SighthoundError
        The file is no such list.
    """
    import pyarrow.parquet as pq

    if not file.is_file():
        return None
    try:
        table = pq.read_table(file)
        about = _about(table.schema)
    except (OSError, ValueError):
        about = None
    if about is None:
        raise SighthoundError(
            f"{file} is no list of disagreements; delete it, and run 'sighthound disagreements'"
        )
    known = {f.name: about[f.name] for f in fields(DisagreementSettings) if f.name in about}
    return DisagreementList(
        table.to_pandas(),
        DisagreementSettings(**known),
        about.get("model"),
        about.get("tracks") or {},
    )


def _about(schema: pa.Schema) -> dict[str, Any] | None:
    said = json.loads((schema.metadata or {}).get(_METADATA, b"null"))
    return said if isinstance(said, dict) else None
