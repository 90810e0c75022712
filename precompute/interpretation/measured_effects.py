"""A project's tables of measured effects: read, predicted, and compared, as files of the project.

What was measured is written first, so that the page shows it before anything is predicted. The
alleles are then scored as the variants of a VCF are: in parts, distributed, resumed.
"""

from __future__ import annotations

import dataclasses
import itertools
import json
import shutil
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pyarrow.parquet as pq
from numpy.typing import NDArray

from sighthound.core.errors import SighthoundError
from sighthound.core.files import whole_file, write_text
from sighthound.core.interpretation.agreement import LEAST_MEMBERS
from sighthound.core.interpretation.promoter_effects import STRANDS
from sighthound.core.interpretation.scores import SCORES, scores_named
from sighthound.core.interpretation.variant_scores import PSEUDOCOUNT
from sighthound.core.model.ensemble import Ensemble
from sighthound.core.model.model import DESCRIPTION, member_folders
from sighthound.core.progress import Progress
from sighthound.core.project.layout import cache_folder
from sighthound.core.project.result_tables import read_about
from sighthound.core.project.settings import Project
from sighthound.core.project.signs import SignCalibration
from sighthound.core.project.truth import (
    CEILINGS,
    COMPARISON,
    PROMOTER,
    PROMOTER_KNOWN,
    SIGNS,
    Truth,
    beside,
    predicted_column,
    read_truth,
    truth_file,
    truth_name,
)
from sighthound.core.tracks.bootstrap import Estimate
from sighthound.core.truth.comparison import Ceiling, Comparison, ceilings, compare
from sighthound.core.truth.signs import measured_signs, sign_curves
from sighthound.core.truth.tables import project_table, read_measured
from sighthound.core.variants.variant import Variant
from sighthound.precompute.cluster.tasks import Workers
from sighthound.precompute.interpretation.variant_scores import score_vcf

SCORE = "sum_log2_ratio"
# Of the page's card, and by default of 'sighthound variants': how right its sign is, is told too.
SIGNED_TOO = "sad"


@dataclass(frozen=True)
class Compared:
    """A table of measured effects beside what the model predicts of them."""

    truth: Truth
    comparisons: Sequence[Comparison]
    ceilings: Sequence[Ceiling]
    signs: SignCalibration | None
    file: Path


@dataclass(frozen=True)
class _Predicted:
    """What is predicted of every measurement: by the model, and by the networks that taught it.

    `driven` is what reporters drive, (rows, 2) of both strands, and whether it is known; None where
    the networks learned no promoters.
    """

    model: str
    tracks: tuple[str, ...]
    members: int
    values: Mapping[tuple[str, str], NDArray[np.float32]]
    driven: tuple[NDArray[np.float32], NDArray[np.bool_]] | None


def add_truth(
    project: Project,
    table: Path,
    *,
    name: str | None = None,
    columns: Mapping[str, str] | None = None,
    score: str = SCORE,
    ensemble: Ensemble | None = None,
    with_members: bool = True,
    workers: Workers | None = None,
    progress: Progress | None = None,
) -> Compared:
    """Put a table of measured effects into a project, with what its model predicts.

    Parameters
    ----------
    table : path
        As `core.truth.tables.read_measured` takes it.
    name : str, optional
        By which it is listed; that of the file by default. One of that name is replaced.
    columns : mapping, optional
        What a column is -> its name in the table.
    score : str
        A score of `core.interpretation.scores` that has a sign and needs no gene.
    ensemble : Ensemble, optional
        Strands and shifts over which predictions are averaged.
    with_members : bool
        Ask the networks that taught the model too, of the alleles whose measured sign is known,
        where there are any: how right a sign is, is then told by their agreement as well as by the
        size of the prediction.

    Raises
    ------
    SighthoundError
        The table cannot be used, the score has no sign, or the model is not of this genome.
    """
    (asked,) = scores_named([score])
    if not asked.has_sign:
        signed = ", ".join(s.name for s in SCORES.values() if s.has_sign)
        raise SighthoundError(f"the score {score} has no sign to compare; choose one of {signed}")
    genome = project.open_genome()
    measured = read_measured(table, genome, columns)
    called = truth_name(name or table.name)
    file = truth_file(project, called)
    truth = project_table(measured, called, genome)
    if not _is_same(file, truth):
        truth.write(file)
    signs = None
    beside(file, SIGNS).unlink(missing_ok=True)
    if (project.model.directory / DESCRIPTION).is_file():
        ensemble = ensemble or Ensemble()
        scores = list(dict.fromkeys([asked.name, SIGNED_TOO]))
        how: dict[str, Any] = {"ensemble": ensemble, "workers": workers, "progress": progress}
        found = _predicted(project, called, measured.variants, scores, **how)
        predicted = {
            predicted_column(track): found.values[asked.name, "score"][:, number]
            for number, track in enumerate(found.tracks)
        }
        driven = _in_reporters(project, truth, found)
        predicted |= {predicted_column(name): values for name, values in driven.items()}
        truth = dataclasses.replace(
            truth,
            rows=pd.concat([truth.rows, pd.DataFrame(predicted)], axis=1),
            model=found.model,
            tracks=(*found.tracks, *driven),
            score=asked.name,
            ensemble=json.loads(json.dumps(dataclasses.asdict(ensemble))),
        )
        truth.write(file)
        said = None
        if with_members and len(member_folders(project.model.directory)) >= LEAST_MEMBERS:
            # The networks are asked of what a curve is learned from alone.
            own = [measured.variants[row] for row in measured_signs(truth.rows)["row"]]
            if own:
                said = _predicted(project, called, own, scores, with_members=True, **how)
        signs = _signs(truth, found, said, ensemble)
        if any(signs.curves.values()):
            signs.write(file)
    compared = Compared(
        truth, compare(truth.rows, truth.predicted, truth.tracks), ceilings(truth.rows), signs, file
    )
    write_text(beside(file, COMPARISON), _text(comparison_table(compared.comparisons)))
    write_text(beside(file, CEILINGS), _text(ceiling_table(compared.ceilings)))
    return compared


def comparison_table(comparisons: Sequence[Comparison]) -> pd.DataFrame:
    """Lay out comparisons as a table, a row a track."""
    return _table(Comparison, comparisons)


def ceiling_table(found: Sequence[Ceiling]) -> pd.DataFrame:
    """Lay out ceilings as a table, a row a pair of experiments."""
    return _table(Ceiling, found).assign(reachable=[one.reachable for one in found])


def _table(kind: type, values: Sequence[Any]) -> pd.DataFrame:
    """A column a field, and three an estimate."""
    columns: dict[str, list[Any]] = {}
    for field in dataclasses.fields(kind):
        own = [getattr(value, field.name) for value in values]
        columns[field.name] = [one.value if isinstance(one, Estimate) else one for one in own]
        if field.type == "Estimate":
            for end in ("low", "high"):
                columns[f"{field.name}_{end}"] = [getattr(one, end) for one in own]
    return pd.DataFrame(columns)


def _text(table: pd.DataFrame) -> str:
    return str(table.to_csv(sep="\t", index=False, float_format="%.6g", na_rep="nan"))


def _is_same(file: Path, truth: Truth) -> bool:
    """Whether a file holds these measurements already, and maybe predictions."""
    try:
        known = read_truth(file)
    except SighthoundError:
        return False
    return known.said == truth.said and known.rows[list(truth.rows)].equals(truth.rows)


def _signs(
    truth: Truth, found: _Predicted, said: _Predicted | None, ensemble: Ensemble
) -> SignCalibration:
    """Learn when a predicted sign is right, by every score; `said` is of `measured_signs`."""
    rows, members = measured_signs(truth.rows)["row"].to_numpy(int), said.members if said else 0
    curves = {}
    for (score, value), values in found.values.items():
        if value != "score":
            continue
        of_networks = []
        for one in ("members_mean", "members_sd"):
            if said is not None and members:
                block = np.full(values.shape, np.nan, np.float32)
                block[rows] = said.values[score, one]
                of_networks.append(block)
        curves[score] = sign_curves(truth.rows, found.tracks, values, *of_networks)
    if PROMOTER in truth.tracks:
        driven = truth.predicted[:, [truth.tracks.index(PROMOTER)]]
        curves[PROMOTER] = sign_curves(truth.rows, (PROMOTER,), driven)
    return SignCalibration(
        truth.name, truth.effect, found.model, members, ensemble, PSEUDOCOUNT, curves
    )


def _in_reporters(
    project: Project, truth: Truth, found: _Predicted
) -> dict[str, NDArray[np.float32]]:
    """What each measured allele does to a reporter of its gene: the mean of strands without one."""
    if found.driven is None:
        return {}
    values, known = found.driven
    genes = project.read_genes()
    names = [genes[name].strand if name and name in genes else "" for name in truth.rows["gene"]]
    drives = values.mean(axis=1)
    is_known: NDArray[np.bool_] = np.logical_and.reduce(known, axis=1)
    for number, strand in enumerate(STRANDS):
        own = np.array(names) == strand
        drives[own], is_known[own] = values[own, number], known[own, number]
    return {PROMOTER: drives, PROMOTER_KNOWN: np.where(is_known, drives, np.float32(np.nan))}


def _predicted(
    project: Project,
    name: str,
    variants: Sequence[Variant],
    scores: Sequence[str],
    *,
    ensemble: Ensemble,
    workers: Workers | None,
    progress: Progress | None,
    with_members: bool = False,
) -> _Predicted:
    """Score every allele once."""
    folder = cache_folder(project.root) / "truth" / name
    folder.mkdir(parents=True, exist_ok=True)
    alleles = list(dict.fromkeys(variants))
    file, output = folder / "alleles.vcf", folder / "scores.parquet"
    with whole_file(file) as part, part.open("w", encoding="utf-8") as out:
        out.write("##fileformat=VCFv4.2\n#CHROM\tPOS\tID\tREF\tALT\tQUAL\tFILTER\tINFO\n")
        for v in alleles:
            out.write(f"{v.chrom}\t{v.position + 1}\t.\t{v.ref}\t{v.alt}\t.\t.\t.\n")
    score_vcf(
        project, file, output, scores=scores, ensemble=ensemble, with_members=with_members,
        with_measured=False, workers=workers, progress=progress,
    )  # fmt: skip
    scored = pq.read_table(output).to_pandas()
    about = read_about(output)
    assert about is not None  # just written
    tracks = tuple(scored.columns[scored.columns.get_loc("value") + 1 :])
    places = {allele: number for number, allele in enumerate(alleles)}
    rows = [places[v] for v in variants]
    values = {}
    for score, value in itertools.product(scores, ("score", "members_mean", "members_sd")):
        own = scored[(scored["score"] == score) & (scored["value"] == value)]
        if len(own):
            found = np.full((len(alleles), len(tracks)), np.nan, np.float32)
            found[own["record"].to_numpy() - 1] = own[list(tracks)].to_numpy(np.float32)
            values[score, value] = found[rows]
    driven = None
    if f"{PROMOTER}.{STRANDS[0]}" in scored:
        own = scored.drop_duplicates("record").set_index("record").sort_index()
        by_strand = [
            own[[f"{name}.{strand}" for strand in STRANDS]].to_numpy()[rows]
            for name in (PROMOTER, PROMOTER_KNOWN)
        ]
        driven = by_strand[0].astype(np.float32), by_strand[1].astype(bool)
    shutil.rmtree(folder)
    return _Predicted(about["model"], tracks, len(about["members"]), values, driven)
