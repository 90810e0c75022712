"""A project's tables of measured effects: read, predicted, and compared, as files of the project.

What was measured is written first, so that the page shows it before anything is predicted. The
alleles are then scored as the variants of a VCF are: in parts, distributed, resumed.
"""

from __future__ import annotations

import dataclasses
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
from sighthound.core.interpretation.scores import SCORES, scores_named
from sighthound.core.model.ensemble import Ensemble
from sighthound.core.model.model import DESCRIPTION
from sighthound.core.progress import Progress
from sighthound.core.project.layout import cache_folder
from sighthound.core.project.result_tables import read_about
from sighthound.core.project.settings import Project
from sighthound.core.project.truth import (
    CEILINGS,
    COMPARISON,
    Truth,
    beside,
    predicted_column,
    read_truth,
    truth_file,
    truth_name,
)
from sighthound.core.tracks.bootstrap import Estimate
from sighthound.core.truth.comparison import Ceiling, Comparison, ceilings, compare
from sighthound.core.truth.tables import project_table, read_measured
from sighthound.core.variants.variant import Variant
from sighthound.precompute.cluster.tasks import Workers
from sighthound.precompute.interpretation.variant_scores import score_vcf

SCORE = "sum_log2_ratio"


@dataclass(frozen=True)
class Compared:
    """A table of measured effects beside what the model predicts of them."""

    truth: Truth
    comparisons: Sequence[Comparison]
    ceilings: Sequence[Ceiling]
    file: Path


def add_truth(
    project: Project,
    table: Path,
    *,
    name: str | None = None,
    columns: Mapping[str, str] | None = None,
    score: str = SCORE,
    ensemble: Ensemble | None = None,
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
    if (project.model.directory / DESCRIPTION).is_file():
        ensemble = ensemble or Ensemble()
        found, model, tracks = _predicted(
            project, called, measured.variants, asked.name, ensemble, workers, progress
        )
        predicted = {
            predicted_column(track): found[:, number] for number, track in enumerate(tracks)
        }
        truth = dataclasses.replace(
            truth,
            rows=pd.concat([truth.rows, pd.DataFrame(predicted)], axis=1),
            model=model,
            tracks=tuple(tracks),
            score=asked.name,
            ensemble=json.loads(json.dumps(dataclasses.asdict(ensemble))),
        )
        truth.write(file)
    compared = Compared(
        truth, compare(truth.rows, truth.predicted, truth.tracks), ceilings(truth.rows), file
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


def _predicted(
    project: Project,
    name: str,
    variants: Sequence[Variant],
    score: str,
    ensemble: Ensemble,
    workers: Workers | None,
    progress: Progress | None,
) -> tuple[NDArray[np.float32], str, list[str]]:
    """Score every allele once: (rows, tracks), the model's hash, and the tracks."""
    folder = cache_folder(project.root) / "truth" / name
    folder.mkdir(parents=True, exist_ok=True)
    alleles = list(dict.fromkeys(variants))
    file, output = folder / "alleles.vcf", folder / "scores.parquet"
    with whole_file(file) as part, part.open("w", encoding="utf-8") as out:
        out.write("##fileformat=VCFv4.2\n#CHROM\tPOS\tID\tREF\tALT\tQUAL\tFILTER\tINFO\n")
        for v in alleles:
            out.write(f"{v.chrom}\t{v.position + 1}\t.\t{v.ref}\t{v.alt}\t.\t.\t.\n")
    score_vcf(
        project, file, output, scores=[score], ensemble=ensemble, with_members=False,
        with_measured=False,
        workers=workers, progress=progress,
    )  # fmt: skip
    scored = pq.read_table(output).to_pandas()
    about = read_about(output)
    assert about is not None  # just written
    scored = scored[scored["value"] == "score"]
    tracks = list(scored.columns[scored.columns.get_loc("value") + 1 :])
    found = np.full((len(alleles), len(tracks)), np.nan, np.float32)
    found[scored["record"].to_numpy() - 1] = scored[tracks].to_numpy(np.float32)
    places = {allele: number for number, allele in enumerate(alleles)}
    shutil.rmtree(folder)
    return found[[places[v] for v in variants]], about["model"], tracks
