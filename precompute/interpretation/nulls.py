"""Score random substitutions of a lab's genome, which its variants are then ranked among."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from sighthound.core.annotation.genes import Genes
from sighthound.core.errors import SighthoundError
from sighthound.core.files import file_sha256
from sighthound.core.genome.sequence import Genome
from sighthound.core.interpretation.scores import scores_named
from sighthound.core.interpretation.variant_scores import PSEUDOCOUNT, score_variants
from sighthound.core.model.ensemble import Ensemble, claiming
from sighthound.core.model.model import load_model
from sighthound.core.progress import Progress
from sighthound.core.project.nulls import NullSettings, nulls_file, write_nulls
from sighthound.core.project.result_tables import read_about
from sighthound.core.project.settings import Project
from sighthound.core.variants.nulls import CLASSES, LOCAL, random_substitutions, surroundings
from sighthound.core.variants.variant import Variant
from sighthound.precompute.cluster.checkpoints import Pieces
from sighthound.precompute.genome_wide.run import check_model

NUMBER = 10_000
_PART = 1_000  # nulls of a piece, after which an interrupted run goes on


def make_nulls(
    project: Project,
    *,
    number: int = NUMBER,
    scores: Sequence[str] = ("sad",),
    ensemble: Ensemble | None = None,
    seed: int = 0,
    progress: Progress | None = None,
) -> Path:
    """Score random substitutions of the genome, or go on with an interrupted run.

    Parameters
    ----------
    number : int
        Nulls.
    scores : sequence of str
        Names; none by gene.
    ensemble : Ensemble, optional
        Strands and shifts that are averaged; those of claims by default (`claiming`).
    progress : callable, optional
        Called with nulls done and in total; may raise to stop.

    Returns
    -------
    path of the table (`core.project.nulls`)

    Raises
    ------
    SighthoundError
        No model, or one that does not fit; a score by gene; a genome of too few bases.
    """
    model, genome = load_model(project.model.directory), project.open_genome()
    check_model(model, project.read_tracks(), genome)
    asked = scores_named(scores)
    by_gene = [score.name for score in asked if score.by_gene]
    if by_gene:
        raise SighthoundError(f"the score {by_gene[0]} is by gene; nulls have none: leave it out")
    ensemble = ensemble or claiming(model.bin)
    annotation = project.genome.genes
    settings = NullSettings(
        model.hash,
        genome.fingerprint,
        ensemble,
        tuple(score.name for score in asked),
        PSEUDOCOUNT,
        number,
        seed,
        file_sha256(annotation)[:16] if annotation is not None else "",
    )
    file = nulls_file(project, ensemble)
    if file.is_file() and read_about(file) == settings.to_json():
        return file
    nulls = random_substitutions(genome, number, seed)
    if len(nulls) < number / 2:
        raise SighthoundError(f"the genome has too few bases for {number:,} nulls; ask for fewer")
    file.parent.mkdir(parents=True, exist_ok=True)
    pieces = Pieces(file.with_name(f".{file.name}.pieces"), settings.to_json())
    blocks = []
    for at in range(0, len(nulls), _PART):
        part = nulls[at : at + _PART]

        def compute(part: list[Variant] = part) -> dict[str, np.ndarray]:
            table = score_variants(
                model, genome, part, scores=settings.scores, ensemble=ensemble, local=True
            )
            return {"values": table[list(model.tracks)].to_numpy(np.float32)}

        if progress:
            progress(at, len(nulls))
        blocks.append(pieces.get(str(at), compute)["values"])
    if progress:
        progress(len(nulls), len(nulls))
    table = _described(nulls, genome, project.read_genes(), settings.scores)
    values = pd.DataFrame(np.concatenate(blocks), columns=list(model.tracks))
    write_nulls(file, pd.concat([table, values], axis=1), settings)
    pieces.discard()
    return file


def _described(
    nulls: Sequence[Variant], genome: Genome, genes: Genes, scores: Sequence[str]
) -> pd.DataFrame:
    """Columns beside the tracks', in the order of the rows of `score_variants`."""
    around = surroundings(nulls, genome, genes)
    values = ("score", LOCAL)
    rows = len(scores) * len(values)
    columns: dict[str, Any] = {
        "chrom": [v.chrom for v in nulls],
        "position": [v.position + 1 for v in nulls],
        "ref": [v.ref for v in nulls],
        "alt": [v.alt for v in nulls],
        "class": [CLASSES[kind] for kind in around.kind],
        "distance": around.distance,
        "gc": around.gc,
    }
    table = pd.DataFrame({name: np.repeat(column, rows) for name, column in columns.items()})
    table["score"] = np.tile(np.repeat(list(scores), len(values)), len(nulls))
    table["value"] = np.tile(values, len(nulls) * len(scores))
    return table
