"""Lists of places worth a look, read from files that commands left.

Where prediction and experiment disagree most (`sighthound disagreements`), where two tracks differ
most (`sighthound contrasts`), and the variants with the largest effects (tables of `sighthound
variants` in the project's folder, or its folder `variants`). A place's rank, from 1, says where in
its list it stands. Answers are 0-based; the files count from 1.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
from flask import Blueprint, Response, request

from sighthound.app.answers.places import (
    ContrastPlace,
    ContrastPlaces,
    Disagreement,
    Disagreements,
    TopVariant,
    TopVariants,
)
from sighthound.app.answers.written import respond_with
from sighthound.app.api.search import shortened
from sighthound.app.project_state import Catalogue
from sighthound.app.web.operation import Operation, Operations
from sighthound.app.web.parameters import asked_tracks, check_known, integer
from sighthound.core.errors import SighthoundError
from sighthound.core.files import data_files
from sighthound.core.genome.sequence import Interval
from sighthound.core.interpretation.scores import SCORES
from sighthound.core.project.contrast_lists import (
    ContrastList,
    contrast_list_files,
    read_contrast_list,
)
from sighthound.core.project.layout import variant_table_folders
from sighthound.core.project.result_tables import (
    disagreements_file,
    is_variant_table,
    read_disagreements,
)

KINDS = ("disagreement", "contrast", "variant")
MOST = 500
_ROWS_A_PLACE = 20
_ROWS_AT_ONCE = 65_536


class Places:
    """The lists of a project, read again when their files change.

    Parameters
    ----------
    catalogue : Catalogue
    """

    def __init__(self, catalogue: Catalogue) -> None:
        self.catalogue = catalogue

    def disagreements(
        self, tracks: Sequence[str] = (), folds: Sequence[str] = (), limit: int = MOST
    ) -> Disagreements:
        """Give the places where a track's prediction and experiment differ most.

        Parameters
        ----------
        tracks, folds : sequences of str
            Only of these; empty for all.
        limit : int
            At most so many places.

        Returns
        -------
        Disagreements
            One a place and direction.
        """
        file = disagreements_file(self.catalogue.project)
        found = self.catalogue.read_again("disagreements", [file], lambda: read_disagreements(file))
        if found is None:
            return Disagreements((), note="there is no list yet: run 'sighthound disagreements'")
        table, manifest = found.table, self.catalogue.manifest()
        known = self.catalogue.tracks()
        chosen = table[table["track"].isin(list(tracks) or list(known))]
        if folds:
            chosen = chosen[chosen["fold"].isin(folds)]
        # Places of replicates overlap: more rows than places are looked through.
        rows = chosen.nsmallest(limit * _ROWS_A_PLACE, "overall").to_dict("records")
        note = None
        if found.model != (manifest.identity.model if manifest else None):
            note = "the list is of an earlier model: run 'sighthound disagreements' again"
        names = {track: one.name for track, one in known.items()}
        return Disagreements(
            tuple(_joined(rows, names, limit)),
            tuple(sorted(set(table["fold"][table["track"].isin(known)]))),
            note,
        )

    def contrasts(
        self, contrast: str | None, folds: Sequence[str] = (), limit: int = MOST
    ) -> ContrastPlaces:
        """Give the places where two tracks differ most.

        Parameters
        ----------
        contrast : str, optional
            "A/B"; by default the one whose list is the newest.

        Raises
        ------
        SighthoundError
            There is no list of this contrast.
        """
        known = self.catalogue.tracks()
        lists = {
            found.name: (file, found)
            for file in contrast_list_files(self.catalogue.project)
            if (found := self._contrast_list(file)).one in known and found.other in known
        }
        if contrast is not None and contrast not in lists:
            check_known("contrast", contrast, lists)
        if not lists:
            missing = "there is no list yet: run 'sighthound contrasts' with two tracks"
            return ContrastPlaces((), note=missing)
        newest = max(lists, key=lambda name: lists[name][0].stat().st_mtime)
        chosen = lists[contrast or newest][1]
        table = chosen.table[chosen.table["track"].isin(known) & chosen.table["other"].isin(known)]
        held = tuple(sorted(set(table["fold"])))
        if folds:
            table = table[table["fold"].isin(folds)]
        note: str | None = None
        if chosen.model != (self.catalogue.model_hash() or ""):
            note = "the list is of an earlier model: run 'sighthound contrasts' again"
        rows = table.head(limit).to_dict("records")
        places = tuple(_contrasted(row, rank) for rank, row in enumerate(rows, 1))
        return ContrastPlaces(places, chosen.name, tuple(sorted(lists)), chosen.places, held, note)

    def _contrast_list(self, file: Path) -> ContrastList:
        return self.catalogue.read_again(
            f"contrasts {file.name}", [file], lambda: read_contrast_list(file)
        )

    def top_variants(self, tracks: Sequence[str], limit: int = MOST) -> TopVariants:
        """Give the scored variants with the largest effects on some tracks.

        Effects are compared between tracks in units of their root mean square over the table.

        Parameters
        ----------
        tracks : sequence of str

        Returns
        -------
        TopVariants
            Each variant with the track where its effect is largest.
        """
        files = self._tables()
        if not files:
            note = "no scored variants: run 'sighthound variants' with -o in the project's folder"
            return TopVariants((), note=note)
        key = f"variants {','.join(tracks)} {limit}"
        places = self.catalogue.read_again(key, files, lambda: _top(files, tracks, limit))
        names = (str(file.relative_to(self.catalogue.project.root)) for file in files)
        return TopVariants(tuple(places), tuple(names))

    def _tables(self) -> list[Path]:
        folders = variant_table_folders(self.catalogue.project)
        files = [file for folder in folders if folder.is_dir() for file in data_files(folder)]
        return [file for file in files if file.suffix == ".parquet" and is_variant_table(file)]


OPERATIONS: Operations = {
    "/api/v1/disagreements": {
        "get": Operation(
            "Places where prediction and experiment differ most.",
            "tracks? folds? limit?",
            Disagreements,
        )
    },
    "/api/v1/contrasts": {
        "get": Operation(
            "Places where two tracks differ most, and the motif that explains each.",
            "contrast? folds? limit?",
            ContrastPlaces,
        )
    },
    "/api/v1/top-variants": {
        "get": Operation(
            "Scored variants with the largest effects on tracks.", "tracks limit?", TopVariants
        )
    },
}


def blueprint(catalogue: Catalogue) -> Blueprint:
    """Make the routes /api/v1/disagreements, contrasts and top-variants."""
    routes = Blueprint("places", __name__, url_prefix="/api/v1")
    places = Places(catalogue)

    @routes.get("/disagreements")
    def disagreements() -> Response:
        return respond_with(asked_places(places, "disagreement", _limit()))

    @routes.get("/contrasts")
    def contrasts() -> Response:
        return respond_with(asked_places(places, "contrast", _limit()))

    @routes.get("/top-variants")
    def top_variants() -> Response:
        return respond_with(asked_places(places, "variant", _limit()))

    return routes


def asked_places(
    places: Places, kind: str, limit: int = MOST
) -> Disagreements | ContrastPlaces | TopVariants:
    """Give the list of a kind, of the tracks or contrast and the folds that the request names."""
    folds = [fold for fold in request.args.get("folds", "").split(",") if fold]
    if kind == "contrast":
        return places.contrasts(request.args.get("contrast"), folds, limit)
    tracks = [track.id for track in asked_tracks(places.catalogue)]
    if kind == "disagreement":
        return places.disagreements(tracks, folds, limit)
    if not tracks:
        raise SighthoundError("no tracks; give those whose effects are ranked")
    return places.top_variants(tracks, limit)


def _limit() -> int:
    return integer("limit", 1, MOST) if "limit" in request.args else MOST


def _joined(
    rows: Iterable[dict[str, Any]], names: Mapping[str, str], limit: int
) -> list[Disagreement]:
    """Rows as places, what overlaps a stronger place of the same direction joined to it."""
    taken: dict[tuple[str, bool], list[int]] = {}
    places: list[Disagreement] = []
    also: list[list[str]] = []
    for row in rows:
        track, chrom, ratio = row["track"], row["chrom"], row["log2_ratio"]
        start, end = row["start"] - 1, row["end"]
        near = taken.setdefault((chrom, ratio > 0), [])
        there = next((n for n in near if start < places[n].end and places[n].start < end), None)
        if there is not None:
            if track not in (places[there].track, *also[there]):
                also[there].append(track)
            continue
        if len(places) == limit:
            continue
        near.append(len(places))
        also.append([])
        places.append(
            Disagreement(
                str(Interval(chrom, start, end)),
                f"prediction and experiment of {names.get(track, track)} differ",
                chrom,
                start,
                end,
                "disagreement",
                rank=len(places) + 1,
                track=track,
                fold=row["fold"],
                experiment=row["experiment"],
                prediction=row["prediction"],
                log2_ratio=ratio,
                deviation=row["deviation"],
            )
        )
    return [replace(place, also=tuple(ids)) for place, ids in zip(places, also, strict=True)]


def _contrasted(row: Mapping[str, Any], rank: int) -> ContrastPlace:
    more = "more" if row["measured"] > 0 else "less"
    is_named = bool(row["motif"])
    kept = (
        "track", "other", "fold", "experiment", "other_experiment", "prediction",
        "other_prediction", "measured", "predicted", "motif", "matrix", "by", "motif_end",
    )  # fmt: skip
    return ContrastPlace(
        row["place"],
        f"{more} {row['track']} than {row['other']}",
        row["chrom"],
        row["start"] - 1,
        row["end"],
        "contrast",
        rank=rank,
        **{name: row[name] for name in kept},
        motif_start=max(0, row["motif_start"] - 1),
        q_value=row["q_value"] if is_named else None,
        effect=row["effect"] if is_named else None,
    )


def _top(files: Sequence[Path], tracks: Sequence[str], limit: int) -> list[TopVariant]:
    """The variants of the largest effects, of all tables; read in one pass over each."""
    ranked: dict[str, TopVariant] = {}
    for file in files:
        for name, place in _top_of(file, tracks, limit):
            known = ranked.get(name)
            if known is None or abs(place.deviation) > abs(known.deviation):
                ranked[name] = place
    largest = sorted(ranked.values(), key=lambda place: -abs(place.deviation))[:limit]
    return [replace(place, rank=rank) for rank, place in enumerate(largest, start=1)]


def _top_of(file: Path, tracks: Sequence[str], limit: int) -> Iterator[tuple[str, TopVariant]]:
    """The variants of the largest effects on each track, by name, not ranked yet."""
    import pyarrow.parquet as pq

    with pq.ParquetFile(file) as table:
        names = table.schema_arrow.names
        here = [track for track in tracks if track in names]
        about = [c for c in ("variant", "id", "chrom", "position", "ref", "alt") if c in names]
        score = _ranking_score(table)
        squares, counted = np.zeros(len(here)), 0
        kept: list[Any] = [None] * len(here)
        columns = [*about, "score", "value", *here]
        for batch in table.iter_batches(_ROWS_AT_ONCE, columns=columns):
            rows = batch.to_pandas()
            rows = rows[(rows["score"] == score) & (rows["value"] == "score")]
            squares += np.square(rows[here].to_numpy(np.float64)).sum(axis=0)
            counted += len(rows)
            for number, track in enumerate(here):
                best = rows.loc[rows[track].abs().nlargest(limit).index, [*about, track]]
                both = best if kept[number] is None else _stacked(kept[number], best)
                kept[number] = both.loc[both[track].abs().nlargest(limit).index]
    spread = np.sqrt(squares / max(1, counted))
    chosen = {name for rows in kept if rows is not None for name in rows["variant"]}
    known = _known(file, score, chosen, here)
    for number, track in enumerate(here):
        if not spread[number] or kept[number] is None:
            continue
        for row in kept[number].to_dict("records"):
            name = (row.get("id") or "").strip(".")
            alleles = f"{shortened(row['ref'])}>{shortened(row['alt'])}"
            start = int(row["position"]) - 1
            yield (
                row["variant"],
                TopVariant(
                    name or alleles,
                    f"{row['chrom']}:{start + 1:,} {alleles}" if name else "variant",
                    row["chrom"],
                    start,
                    start + len(row["ref"]),
                    "variant",
                    row["variant"],
                    id=name,
                    track=track,
                    score=score,
                    value=row[track],
                    deviation=row[track] / spread[number],
                    known=known.get((row["variant"], track)),
                ),
            )


def _known(
    file: Path, score: str, variants: Collection[str], tracks: Sequence[str]
) -> dict[tuple[str, str], bool]:
    """Whether networks agree on a score, by variant and track; empty where none were asked."""
    import pyarrow.parquet as pq

    rows = pq.read_table(
        file,
        columns=["variant", *tracks],
        filters=[
            ("value", "==", "known"),
            ("score", "==", score),
            ("variant", "in", sorted(variants)),
        ],
    ).to_pylist()
    return {(row["variant"], track): row[track] == 1 for row in rows for track in tracks}


def _stacked(one: Any, other: Any) -> Any:
    import pandas as pd

    return pd.concat([one, other], ignore_index=True)


def _ranking_score(table: Any) -> str:
    group = table.read_row_group(0, columns=["score"]) if table.num_row_groups else None
    there = set(group["score"].to_pylist()) if group is not None else set()
    return next((score for score in SCORES if score in there), min(there, default=""))
