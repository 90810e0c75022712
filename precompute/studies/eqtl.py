"""The study of eQTL as a whole: its samples, haplotypes and tables, in a folder of their own."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path

import pandas as pd

from sighthound.core import __version__
from sighthound.core.association.panel import Panel
from sighthound.core.errors import SighthoundError
from sighthound.core.expression.study import AboutStudy, write_study
from sighthound.core.progress import Progress, silent
from sighthound.core.project.settings import Project
from sighthound.precompute.studies.eqtl_inputs import (
    StudySettings,
    chromosomes_of,
    panel_ld,
    read_scored,
)
from sighthound.precompute.studies.eqtl_pass import study_sample
from sighthound.precompute.studies.eqtl_samples import Readout, read_samples_table


@dataclass(frozen=True)
class HaplotypeChoice:
    """Whose haplotypes, and which measured effects.

    Attributes
    ----------
    calls : path
        VCF or BCF.
    measured : path
        A table with a row a gene.
    sample : str, optional
        Of the calls.
    """

    calls: Path
    measured: Path
    sample: str | None = None


def make_study(
    project: Project,
    samples: Path,
    output: Path,
    *,
    panel: Panel | None = None,
    scores: Path | None = None,
    settings: StudySettings | None = None,
    haplotypes: HaplotypeChoice | None = None,
    columns: Mapping[str, str] | None = None,
    progress: Progress = silent,
) -> AboutStudy:
    """Make a study, and write its tables.

    Parameters
    ----------
    samples : path
        Which samples are held to which tracks.
    output : path
        Folder.
    panel, scores : optional
        Genotypes, and SED of their variants; needed where a sample has statistics or expression.
    haplotypes : HaplotypeChoice, optional
    columns : mapping, optional
        Role -> a column's name of the statistics.

    Returns
    -------
    AboutStudy

    Raises
    ------
    SighthoundError
        An input cannot be used; nothing is written then.
    """
    settings = settings or StudySettings()
    readouts = read_samples_table(samples, project.read_tracks())
    studied = [one for one in readouts if one.is_studied]
    if not studied and haplotypes is None:
        raise SighthoundError(
            f"{samples} gives no sample statistics or expression; expected some, or --haplotypes"
        )
    said: list[str] = []
    parts: dict[str, list[pd.DataFrame]] = {}
    spearman: dict[str, tuple[float, float, float]] = {}
    genome, genes = project.open_genome(), project.read_genes()
    if studied:
        if panel is None or scores is None:
            raise SighthoundError(
                f"sample {studied[0].sample} of {samples} has associations, for which genotypes "
                "(--panel) and SED of their variants (--scores) are needed"
            )
        placed = chromosomes_of(panel, genome)
        scored = read_scored(scores, panel, settings)
        said += scored.words
        ld = panel_ld(
            panel, settings, lambda done, total, _="", /: progress(done, total, "LD scores")
        )
        for one in studied:
            found = study_sample(
                one, panel, placed, genes, scored, ld, settings, said, columns=columns,
                progress=progress,
            )  # fmt: skip
            for name, table in found.tables.items():
                parts.setdefault(name, []).append(table)
            estimate = found.spearman
            spearman[one.sample] = (estimate.value, estimate.low, estimate.high)
    if haplotypes is not None:
        for name, table in _haplotypes(project, haplotypes, readouts, said, progress).items():
            parts[name] = [table]
    about = AboutStudy(
        __version__,
        {
            **asdict(settings), "samples": samples.name,
            "panel": None if panel is None else panel.source.name,
            "people": None if panel is None else len(panel.samples),
            "scores": None if scores is None else scores.name,
            "haplotypes": None if haplotypes is None else haplotypes.calls.name,
            "measured": None if haplotypes is None else haplotypes.measured.name,
        },
        {one.sample: _in_words(one) for one in readouts},
        tuple(said),
        spearman,
    )  # fmt: skip
    write_study(output, about, {name: pd.concat(own) for name, own in parts.items()})
    return about


def _haplotypes(
    project: Project,
    choice: HaplotypeChoice,
    readouts: Sequence[Readout],
    said: list[str],
    progress: Progress,
) -> dict[str, pd.DataFrame]:
    from sighthound.core.model.model import load_model
    from sighthound.core.variants.individual import read_individual
    from sighthound.precompute.studies.expression_haplotypes import (
        compare_haplotypes,
        distinct,
        haplotype_effects,
        read_measured_genes,
    )

    genome = project.open_genome()
    measured = read_measured_genes(choice.measured, project.read_genes())
    individual, lines = read_individual(choice.calls, genome, choice.sample)
    said += [f"{choice.calls.name}: {line}" for line in lines]
    said += measured.words
    predicted = haplotype_effects(
        load_model(project.model.directory), genome, individual, list(measured.genes.values()),
        distinct(readouts), progress=progress,
    )  # fmt: skip
    said.append(
        f"{choice.calls.name}: variants {len(individual):,}, genes with haplotypes "
        f"{len(measured.genes):,}"
    )
    return compare_haplotypes(measured, predicted)


def _in_words(one: Readout) -> dict[str, str]:
    data = one.statistics or one.expression
    made = "statistics" if one.statistics is not None else "expression"
    found = dict(one.tracks)
    return {**found, made: data.name} if data is not None else found
