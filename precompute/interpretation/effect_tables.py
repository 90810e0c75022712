"""Effects of altered sequences as files: Parquet, TSV, HDF5, and dynseq BigWig.

Every file says in itself which model and genome it is of, in which units and coordinates. It
appears under its name only when complete, and equal input gives equal bytes.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq

from sighthound.core.bigwig.files import checked_bins, new_bigwig
from sighthound.core.errors import SighthoundError
from sighthound.core.files import whole_file
from sighthound.core.genome.sequence import ALPHABET, Interval, one_hot
from sighthound.core.interpretation.attributions import contributions
from sighthound.core.project.result_tables import with_about

TABLES = (".parquet", ".tsv")
HDF5 = (".h5", ".hdf5")
BIGWIG = (".bw", ".bigwig")
COORDINATES = "positions are 1-based, start and end inclusive"


@dataclass(frozen=True)
class Block:
    """Effects of a stretch of a region.

    Attributes
    ----------
    interval : Interval
        The bases, or places, that the rows of `effects` stand for.
    sequence : str
        What stands there in the genome.
    effects : array, (bases, 4, tracks), (bases, 4, bins, tracks) or (places, tracks)
    first_bin : int
        Of the chromosome, that the first of `bins` stands for.
    """

    interval: Interval
    sequence: str
    effects: np.ndarray
    first_bin: int = 0


def check_ending(output: Path, *endings: str) -> str:
    """Give the ending of a file to write, in lower case.

    Raises
    ------
    SighthoundError
        It is not among those that are possible.
    """
    ending = output.suffix.lower()
    if ending not in endings:
        raise SighthoundError(
            f"{output} ends in {ending or 'nothing'!r}; for this, expected {', '.join(endings)}"
        )
    return ending


def write_tables(path: Path, tables: Iterable[pa.Table], about: Mapping[str, Any]) -> None:
    """Write tables of one schema one after another, as Parquet or TSV by the path's ending.

    Parameters
    ----------
    about : mapping
        Goes into the Parquet file's metadata as JSON; into TSV as a comment.
    """
    text = json.dumps(about)
    with whole_file(path, parents=True) as part:
        if path.suffix.lower() == ".tsv":
            with part.open("w", encoding="utf-8") as file:
                file.write(f"# {text}\n")
                for number, table in enumerate(tables):
                    frame = table.to_pandas()
                    frame.to_csv(file, sep="\t", index=False, header=not number)
            return
        writer = None
        try:
            for table in tables:
                table = table.cast(with_about(table.schema, about))
                writer = writer or pq.ParquetWriter(part, table.schema)
                writer.write_table(table)
        finally:
            if writer is not None:
                writer.close()


def substitution_table(block: Block, tracks: Sequence[str], bin_size: int) -> pa.Table:
    """One row an alternative base, or an alternative base and bin that it changes."""
    bases = np.frombuffer(block.sequence.encode(), np.uint8)
    codes = np.frombuffer(ALPHABET.encode(), np.uint8)
    is_alternative = bases[:, None] != codes
    effects = block.effects
    if effects.ndim == 3:
        row, base = np.nonzero(is_alternative)
        columns: dict[str, Any] = {}
        values = effects[row, base]
    else:
        changed = is_alternative[..., None] & (effects != 0).any(axis=-1)
        row, base, bin = np.nonzero(changed)
        starts = (block.first_bin + bin) * bin_size
        columns = {"bin_start": starts + 1, "bin_end": starts + bin_size}
        values = effects[row, base, bin]
    letters = np.array(list(ALPHABET))
    return _table(
        {
            "chrom": pa.array([block.interval.chrom] * len(row), pa.string()),
            "position": block.interval.start + row + 1,
            "ref": pa.array([block.sequence[i] for i in row], pa.string()),
            "alt": pa.array(letters[base], pa.string()),
            **columns,
        },
        values,
        tracks,
    )


def place_table(
    block: Block, tracks: Sequence[str], alteration: Callable[[int], tuple[str, str]]
) -> pa.Table:
    """One row a place; `alteration` gives what stands at a place and what is written instead."""
    places = range(block.interval.start, block.interval.end)
    pairs = [alteration(place) for place in places]
    return _table(
        {
            "chrom": pa.array([block.interval.chrom] * len(places), pa.string()),
            "position": np.array(places) + 1,
            "ref": pa.array([ref for ref, _ in pairs], pa.string()),
            "alt": pa.array([alt for _, alt in pairs], pa.string()),
        },
        block.effects,
        tracks,
    )


def region_table(
    regions: Sequence[Interval], written: Sequence[str], effects: np.ndarray, tracks: Sequence[str]
) -> pa.Table:
    """One row a region and what is written over it."""
    return _table(
        {
            "chrom": pa.array([region.chrom for region in regions], pa.string()),
            "start": np.array([region.start + 1 for region in regions]),
            "end": np.array([region.end for region in regions]),
            "written": pa.array(written, pa.string()),
        },
        effects,
        tracks,
    )


def _table(columns: dict[str, Any], values: np.ndarray, tracks: Sequence[str]) -> pa.Table:
    for track in tracks:
        if track in columns:
            raise SighthoundError(f"track id {track!r} is a column of this table; rename the track")
    of_tracks = {t: np.ascontiguousarray(values[:, i]) for i, t in enumerate(tracks)}
    return pa.table({**columns, **of_tracks})


def write_hdf5(
    path: Path,
    region: Interval,
    blocks: Iterable[Block],
    tracks: Sequence[str],
    about: Mapping[str, Any],
    dtype: str,
    bins: tuple[int, int, int] | None = None,
) -> None:
    """Write effects as arrays.

    Datasets: position (bases,), 1-based; reference (bases,), one letter each; tracks (tracks,);
    effects (bases, 4, tracks), or (bases, 4, bins, tracks) with bin_start (bins,), 1-based. The
    axis of 4 is A C G T. Of places instead of bases, effects are (places, tracks).

    Parameters
    ----------
    bins : (first, end, bases a bin), optional
        Bins of the chromosome that profiles span.
    """
    import h5py

    with whole_file(path, parents=True) as part, h5py.File(part, "w") as file:
        for key, value in about.items():
            file.attrs[key] = value if isinstance(value, str | int | float) else json.dumps(value)
        file.attrs["alphabet"] = ALPHABET
        file["position"] = np.arange(region.start + 1, region.end + 1)
        file["tracks"] = [track.encode() for track in tracks]
        reference = file.create_dataset("reference", (len(region),), "S1")
        effects = None
        for block in blocks:
            shape = block.effects.shape[1:]
            if bins is not None:
                first, end, bin_size = bins
                shape = (4, end - first, len(tracks))
                if "bin_start" not in file:
                    file["bin_start"] = np.arange(first, end) * bin_size + 1
            if effects is None:
                effects = file.create_dataset(
                    "effects",
                    (len(region), *shape),
                    dtype,
                    chunks=(min(64, len(region)), *shape[:-1], min(64, shape[-1])),
                    compression="gzip",
                    compression_opts=4,
                )
            rows = slice(block.interval.start - region.start, block.interval.end - region.start)
            reference[rows] = np.frombuffer(block.sequence.encode(), "S1")
            if bins is None:
                effects[rows] = block.effects
            else:
                at = block.first_bin - bins[0]
                effects[rows, :, at : at + block.effects.shape[2]] = block.effects


def contribution(block: Block) -> np.ndarray:
    """What a base adds to the prediction, (bases, tracks); NaN where the genome has N."""
    reference = one_hot(block.sequence)
    values = contributions(reference, block.effects)
    values[~reference.any(axis=1)] = np.nan
    return values


def write_dynseq(
    paths: Sequence[Path],
    lengths: Mapping[str, int],
    region: Interval,
    stretches: Iterable[tuple[Interval, np.ndarray]],
) -> None:
    """Write one value a base as BigWigs, one a track, that genome browsers draw as letters.

    Memory holds all values, 4 bytes each.

    Parameters
    ----------
    region : Interval
        Holds all stretches.
    stretches : iterable of (Interval, array (bases, tracks))
        NaN is no data.
    """
    columns = np.full((len(paths), len(region)), np.nan, np.float32)
    for interval, values in stretches:
        columns[:, interval.start - region.start : interval.end - region.start] = values.T
    for path, column in zip(paths, columns, strict=True):
        checked = checked_bins(region.chrom, column, lengths, 1, None)
        path.parent.mkdir(parents=True, exist_ok=True)
        with new_bigwig(path, lengths, step=1) as writer:
            writer.add_values(region.chrom, checked, region.start)
