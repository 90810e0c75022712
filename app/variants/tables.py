"""What is asked of tables of scored variants: which rows, in which order, beside which genes.

A table is read by one score and one track, or by the track of each allele's largest effect, and
kept so while it is looked at. Alleles of one site, of which one is what was asked for, stay
together.
"""

from __future__ import annotations

import hashlib
import threading
from collections import OrderedDict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from sighthound.app.answers.scored import (
    DescribedTable,
    Measurement,
    ProjectTable,
    ScoredAllele,
    ScoredRows,
)
from sighthound.app.project_state import Catalogue
from sighthound.app.variants.runs import Runs
from sighthound.core.annotation.genes import Genes
from sighthound.core.errors import SighthoundError
from sighthound.core.files import data_files, stamps
from sighthound.core.interpretation.scores import SCORES, VariantScore
from sighthound.core.model.ensemble import Ensemble, in_words
from sighthound.core.project.layout import studies_folder, variant_table_folders
from sighthound.core.project.result_tables import is_variant_table
from sighthound.core.project.truth import mean_effects, read_truth, truth_files
from sighthound.core.project.variant_tables import VariantTable, open_variant_table
from sighthound.core.variants.variant import Variant

if TYPE_CHECKING:
    import pandas as pd

PREFIX = "table-"
ANY = ""  # track: of each allele that on which its effect is largest
_KEPT = 4  # readings
# Cells of a table that are read at once, for the track of the largest effect.
_MOST_CELLS = 60_000_000
DIRECTIONS = ("both", "raises", "lowers")
ORDERS = ("effect", "place", "percentile", "gene")


@dataclass(frozen=True)
class AskedRows:
    """Which rows of a table are asked for, and in which order.

    Attributes
    ----------
    score, track : str
        `ANY` track is that of each allele's largest effect.
    gene : str
        Name or id; its start is the nearest, or its value is that of a score by gene.
    words : str
        Place, id or alleles that a row holds.
    least : float
        Of the effect's size.
    percentile : float
        Least, among nulls; 0: also those without.
    is_known : bool
        Only what networks agree on.
    direction : {"both", "raises", "lowers"}
    order : {"effect", "place", "percentile", "gene"}
    """

    score: str
    track: str = ANY
    gene: str = ""
    words: str = ""
    least: float = 0.0
    percentile: float = 0.0
    is_known: bool = False
    direction: str = "both"
    order: str = "effect"


@dataclass(frozen=True, eq=False)
class Reading:
    """A table by one score and track: a row an allele (and gene), by place.

    Attributes
    ----------
    rows : DataFrame
        As of `VariantTable.read`, and besides "near", "near_name" and "distance", of the gene with
        the nearest start, and "site", the number of the site.
    """

    table: VariantTable
    rows: pd.DataFrame


class ScoredTables:
    """The tables that can be looked at.

    Parameters
    ----------
    catalogue : Catalogue
    runs : Runs
        Whose tables they are beside the project's.
    """

    def __init__(self, catalogue: Catalogue, runs: Runs) -> None:
        self.catalogue, self.runs = catalogue, runs
        self._kept: OrderedDict[tuple[Any, ...], Reading] = OrderedDict()
        self._lock = threading.Lock()

    def of_project(self) -> list[ProjectTable]:
        """Give the tables in the project's folder, by name."""
        return [
            ProjectTable(_id_of(name), name, file.stat().st_size)
            for name, file in sorted(self._files().items())
        ]

    def studies(self) -> list[str]:
        """Give the reports of studies in the project's folder, as paths below `studies`.

        They name what tracks they please, so there are none for who may not see all.
        """
        if self.catalogue.hidden():
            return []
        folder = studies_folder(self.catalogue.project)
        found = [file for deep in ("*.html", "*/*.html") for file in folder.glob(deep)]
        return sorted(file.relative_to(folder).as_posix() for file in found if file.is_file())

    def file(self, identifier: str) -> tuple[str, Path] | None:
        """Give the name and file of a table; None where there is none of this id."""
        run = self.runs.find(identifier)
        if run is not None:
            found = self.runs.table(identifier)
            return None if found is None else (run.name, found)
        return next(
            ((name, file) for name, file in self._files().items() if _id_of(name) == identifier),
            None,
        )

    def described(self, identifier: str) -> DescribedTable | None:
        """Say what a table is of; None where there is none of this id."""
        named = self.file(identifier)
        if named is None:
            return None
        table = self._opened(named[1])
        given = table.about.get("ensemble") or {}
        ensemble = Ensemble(
            bool(given.get("reverse_complement")), tuple(given.get("shifts") or (0,))
        )
        return DescribedTable(
            identifier,
            named[0],
            table.alleles,
            tuple(SCORES[score].in_words for score in self._known(table)),
            table.tracks,
            table.members,
            table.ranked,
            table.about.get("model") == self.catalogue.model_hash(),
            in_words(ensemble),
        )

    def select(self, identifier: str, asked: AskedRows) -> Selection | None:
        """Find what is asked for of a table; None where there is none of this id."""
        named = self.file(identifier)
        if named is None:
            return None
        reading = self._reading(named[1], asked.score, asked.track)
        return Selection(reading, asked, self.catalogue.genes())

    def given(self, selection: Selection, first: int, limit: int) -> ScoredRows:
        """Lay out some sites of what was found."""
        sites = selection.sites
        chosen = [
            tuple(self._allele(selection, row) for row in selection.of_site(site))
            for site in sites[first : first + limit]
        ]
        return ScoredRows(
            len(selection.rows), int(selection.passes.sum()), len(sites), first, tuple(chosen)
        )

    def _allele(self, selection: Selection, row: int) -> ScoredAllele:
        one = selection.rows.iloc[row]
        is_of_gene = "gene" in selection.rows
        gene, name = (
            (one["gene"], one["gene_name"]) if is_of_gene else (one["near"], one["near_name"])
        )
        known = _number(one["known"])
        position = int(one["position"]) - 1
        return ScoredAllele(
            str(one["variant"]), str(one["chrom"]), position, str(one["ref"]), str(one["alt"]),
            str(one["id"] or "").strip("."), str(one["track"]), _number(one["score"]),
            _number(one["reference"]), _number(one["alternative"]), _number(one["members_mean"]),
            _number(one["members_sd"]), None if known is None else known == 1,
            _number(one["percentile"]), _number(one["sign_probability"]), str(gene or ""),
            str(name or ""),
            int(one["distance"]) if not is_of_gene and one["near"] else None,
            bool(selection.passes[row]),
            self._measured(Variant(str(one["chrom"]), position, str(one["ref"]), str(one["alt"]))),
        )  # fmt: skip

    def _measured(self, variant: Variant) -> tuple[Measurement, ...]:
        """What was measured of an allele, in the project's tables."""
        files = truth_files(self.catalogue.project)
        key = (variant.chrom, *variant.trimmed())

        def read() -> Mapping[str, Mapping[tuple[str, int, str, str], float]]:
            return {file.stem: mean_effects(read_truth(file)) for file in files}

        known = self.catalogue.read_again("measured alleles", files, read) if files else {}
        return tuple(
            Measurement(name, effects[key]) for name, effects in known.items() if key in effects
        )

    def _files(self) -> dict[str, Path]:
        root = self.catalogue.project.root
        folders = variant_table_folders(self.catalogue.project)
        files = [file for folder in folders if folder.is_dir() for file in data_files(folder)]
        is_partial = bool(self.catalogue.hidden())
        return {
            str(file.relative_to(root)): file
            for file in files
            if file.suffix == ".parquet"
            and is_variant_table(file)
            # A table of hidden tracks alone is not there.
            and not (is_partial and not self._opened(file).tracks)
        }

    def _known(self, table: VariantTable) -> tuple[str, ...]:
        return tuple(score for score in SCORES if score in table.scores)

    def _opened(self, file: Path) -> VariantTable:
        table: VariantTable = self.catalogue.read_again(
            f"scored {file}", [file], lambda: open_variant_table(file)
        )
        return replace(table, tracks=self.catalogue.seen(table.tracks))

    def _reading(self, file: Path, score: str, track: str) -> Reading:
        table = self._opened(file)
        if track == ANY and len(table.tracks) > 1:
            _check_any(table, score)
        genes = self.catalogue.project.genome.genes
        files = [file, *([] if genes is None else [genes])]
        key = (file, stamps(files), score, track, table.tracks)
        with self._lock:
            if key in self._kept:
                self._kept.move_to_end(key)
                return self._kept[key]
        read = table.read(score, track or None)
        found = Reading(table, _with_places(read, self.catalogue.genes()))
        with self._lock:
            self._kept[key] = found
            while len(self._kept) > _KEPT:
                self._kept.popitem(last=False)
        return found


class Selection:
    """What of a reading is asked for.

    Attributes
    ----------
    rows : DataFrame
        Those of the reading.
    passes : bool array, (rows,)
    sites : int array
        Numbers of the sites with a row that passes, in order.
    """

    def __init__(self, reading: Reading, asked: AskedRows, genes: Genes) -> None:
        self.rows, self.asked, self.table = reading.rows, asked, reading.table
        self.passes = _passing(self.rows, asked, genes)
        self.sites = _ordered(self.rows, self.passes, asked.order)
        self._order = np.argsort(self.rows["site"].to_numpy(), kind="stable")
        self._sorted = self.rows["site"].to_numpy()[self._order]

    @property
    def score(self) -> VariantScore:
        """What is asked for, in words."""
        return SCORES[self.asked.score].in_words

    def of_site(self, site: int) -> list[int]:
        """Numbers of the rows of a site, what passes first, then by size."""
        low, high = np.searchsorted(self._sorted, [site, site + 1])
        own = self._order[low:high]
        size = np.nan_to_num(np.abs(self.rows["score"].to_numpy()[own]))
        by_gene = "gene" in self.rows
        if by_gene and not self.passes[own].all():
            own, size = own[self.passes[own]], size[self.passes[own]]  # other genes are no alleles
        found: list[int] = own[np.lexsort((-size, ~self.passes[own]))].tolist()
        return found


def _check_any(table: VariantTable, score: str) -> None:
    """Refuse to compare effects over tracks whose units differ, or that are too many."""
    if SCORES[score].unit == "track":
        raise SighthoundError(
            f"{SCORES[score].label} has each track's own unit, so that tracks cannot be compared "
            "by it; choose a track, or a score in log2"
        )
    if table.alleles * len(table.tracks) * max(1, len(table.values)) > _MOST_CELLS:
        raise SighthoundError(
            f"{table.file.name} is too large to look for the largest effect over "
            f"{len(table.tracks):,} tracks; choose a track"
        )


def _with_places(rows: pd.DataFrame, genes: Genes) -> pd.DataFrame:
    """Add the gene of the nearest start, and the number of the site."""
    near = np.full(len(rows), "", object)
    names, distances = near.copy(), np.zeros(len(rows), np.int64)
    chroms, positions = rows["chrom"].to_numpy(), rows["position"].to_numpy(np.int64) - 1
    by_chrom: dict[str, list[tuple[int, str, str, str]]] = {}
    for gene in genes:
        own = by_chrom.setdefault(gene.chrom, [])
        own += [(site, gene.id, gene.name, gene.strand) for site in gene.tss_positions]
    for chrom, sites in by_chrom.items():
        here = np.flatnonzero(chroms == chrom)
        if not len(here) or not sites:
            continue
        sites.sort()
        starts = np.array([site[0] for site in sites], np.int64)
        after = np.clip(np.searchsorted(starts, positions[here]), 1, len(starts) - 1 or 1)
        after = np.minimum(after, len(starts) - 1)
        before = np.maximum(after - 1, 0)
        is_before = abs(positions[here] - starts[before]) <= abs(positions[here] - starts[after])
        nearest = np.where(is_before, before, after)
        along = np.array([-1 if site[3] == "-" else 1 for site in sites])
        distances[here] = (positions[here] - starts[nearest]) * along[nearest]
        near[here] = np.array([site[1] for site in sites], object)[nearest]
        names[here] = np.array([site[2] for site in sites], object)[nearest]
    import pandas as pd

    known = pd.DataFrame({"chrom": chroms, "position": positions})
    site = known.groupby(["chrom", "position"], sort=False).ngroup().to_numpy()
    return rows.assign(near=near, near_name=names, distance=distances, site=site)


def _passing(rows: pd.DataFrame, asked: AskedRows, genes: Genes) -> NDArray[np.bool_]:
    score = rows["score"].to_numpy()
    passes: NDArray[np.bool_] = np.ones(len(rows), bool)
    if asked.least > 0:
        passes &= np.nan_to_num(np.abs(score)) >= asked.least
    if asked.direction != "both":
        passes &= score > 0 if asked.direction == "raises" else score < 0
    if asked.percentile > 0:
        passes &= np.nan_to_num(rows["percentile"].to_numpy()) >= asked.percentile
    if asked.is_known:
        passes &= rows["known"].to_numpy() == 1
    if asked.gene:
        called = {gene.id for gene in genes.called(asked.gene)} if asked.gene in genes else set()
        if not called:
            raise SighthoundError(f"no gene is called {asked.gene[:60]!r} here")
        passes &= rows["gene" if "gene" in rows else "near"].isin(called).to_numpy()
    for word in asked.words.lower().replace(",", "").split():
        names = ["variant", "id", *(["near_name"] if "gene" not in rows else ["gene_name"])]
        found = np.zeros(len(rows), bool)
        for name in names:
            text = rows[name].fillna("").astype(str).str.lower()
            found |= text.str.contains(word, regex=False).to_numpy()
        passes &= found
    return passes


def _ordered(rows: pd.DataFrame, passes: NDArray[np.bool_], order: str) -> NDArray[np.int64]:
    """Numbers of the sites with what passes: by their largest effect, or otherwise."""
    own = np.flatnonzero(passes)
    site = rows["site"].to_numpy()[own]
    size = np.nan_to_num(np.abs(rows["score"].to_numpy()[own]))
    keys: Sequence[Any]
    if order == "place":
        keys = (site,)
    elif order == "percentile":
        keys = (-size, -np.nan_to_num(rows["percentile"].to_numpy()[own], nan=-1.0))
    elif order == "gene":
        names = rows["gene_name" if "gene" in rows else "near_name"].to_numpy()[own]
        keys = (-size, np.array([str(name or "\uffff") for name in names]))
    else:
        keys = (-size,)
    ordered = site[np.lexsort(keys)]
    _, first = np.unique(ordered, return_index=True)
    return np.asarray(ordered[np.sort(first)], np.int64)


def _id_of(name: str) -> str:
    return PREFIX + hashlib.sha256(name.encode()).hexdigest()[:16]


def _number(value: float) -> float | None:
    return None if value is None or not np.isfinite(value) else float(value)
