"""Which samples an eQTL study has: a table that gives each its data and its tracks."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from sighthound.core.errors import SighthoundError
from sighthound.core.files import no_file
from sighthound.core.text import table_rows
from sighthound.core.tracks.track import Track

STRANDS = ("+", "-")
AROUND = 512  # bases on either side of a start that a haplotype's effect sums
_KNOWN = (
    "sample", "track", "statistics", "expression", "covariates", "upstream", "downstream",
)  # fmt: skip


@dataclass(frozen=True)
class Readout:
    """A sample, and what stands for it.

    Attributes
    ----------
    sample : str
    tracks : mapping
        Strand of a gene -> id of the track; a strand without a track is not there.
    statistics, expression, covariates : path or None
        Summary statistics, or a row a gene and a column a person.
    upstream, downstream : int
        Bases about a start, on the gene's strand, that a haplotype's effect sums.
    """

    sample: str
    tracks: Mapping[str, str]
    statistics: Path | None = None
    expression: Path | None = None
    covariates: Path | None = None
    upstream: int = AROUND
    downstream: int = AROUND

    @property
    def is_studied(self) -> bool:
        """Whether there are associations, or what they are made from."""
        return self.statistics is not None or self.expression is not None


def read_samples_table(path: Path, tracks: Sequence[Track]) -> list[Readout]:
    """Read which samples are held to which tracks.

    A tab-separated table: `sample`, `track`, and for those that are studied `statistics`, or
    `expression` with or without `covariates`: files, from the table's folder on. A sample of which
    strands have tracks of their own has a row each. `upstream` and `downstream` are bases.

    Raises
    ------
    SighthoundError
        The table is missing or lacks a column; a sample has no track, one that the project lacks,
        or two for a strand; its rows differ, or a file is not there.
    """
    if not path.is_file():
        raise SighthoundError(f"{path} {no_file(path)}; expected a table of samples and tracks")
    rows = table_rows(path)
    _, header = next(rows, (0, []))
    unknown = [name for name in header if name not in _KNOWN]
    if not {"sample", "track"} <= set(header) or unknown:
        raise SighthoundError(
            f"{path} has the columns {', '.join(header) or 'of no line'}; expected sample and "
            f"track, and any of {', '.join(_KNOWN[2:])}, between tabs"
        )
    by_id = {track.id: track for track in tracks}
    found: dict[str, Readout] = {}
    for line, cells in rows:
        values = dict(zip(header, cells, strict=False))
        where, name = f"{path}, line {line}", values["sample"]
        if not name:
            raise SighthoundError(f"{where}: no sample; expected its name")
        track = by_id.get(values.get("track", ""))
        if track is None:
            given = f"track {values['track']!r}" if values.get("track") else "no track"
            raise SighthoundError(
                f"{where}: sample {name} has {given}; expected one of the project's tracks: "
                f"{', '.join(list(by_id)[:30])}"
            )
        strands = (track.strand,) if track.strand in STRANDS else STRANDS
        readout = _readout(values, dict.fromkeys(strands, track.id), path.parent, where)
        before = found.get(name)
        if before is not None:
            both = set(before.tracks) & set(strands)
            if both:
                raise SighthoundError(
                    f"{where}: sample {name} has tracks {before.tracks[min(both)]} and {track.id} "
                    "for genes of one strand; expected one, or one a strand"
                )
            if _data(before) != _data(readout):
                raise SighthoundError(
                    f"{where}: sample {name} has other files or bases than in its row before; "
                    "expected the same"
                )
            tracks_ = {**before.tracks, **readout.tracks}
            readout = Readout(name, tracks_, *_data(readout))
        found[name] = readout
    if not found:
        raise SighthoundError(f"{path} names no sample; expected a row a sample and track")
    return list(found.values())


def _data(readout: Readout) -> tuple[Path | None, Path | None, Path | None, int, int]:
    return (
        readout.statistics, readout.expression, readout.covariates, readout.upstream,
        readout.downstream,
    )  # fmt: skip


def _readout(
    values: Mapping[str, str], tracks: Mapping[str, str], folder: Path, where: str
) -> Readout:
    name = values["sample"]

    def file(what: str) -> Path | None:
        if not values.get(what):
            return None
        path = folder / values[what]
        if not path.is_file():
            raise SighthoundError(f"{where}: {what} {path} of sample {name} {no_file(path)}")
        return path

    def bases(what: str) -> int:
        text = values.get(what) or str(AROUND)
        if not text.isdecimal():
            raise SighthoundError(f"{where}: {what} {text!r} is no number of bases")
        return int(text)

    statistics, expression, covariates = (
        file(what) for what in ("statistics", "expression", "covariates")
    )
    if statistics is not None and expression is not None:
        raise SighthoundError(f"{where}: sample {name} has statistics and expression; give one")
    if covariates is not None and expression is None:
        raise SighthoundError(f"{where}: sample {name} has covariates without expression")
    upstream, downstream = bases("upstream"), bases("downstream")
    if upstream + downstream == 0:
        raise SighthoundError(f"{where}: upstream and downstream of sample {name} are both 0")
    return Readout(name, tracks, statistics, expression, covariates, upstream, downstream)
