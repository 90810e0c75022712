"""Names for what a mutagenesis finds: motifs on bases that matter, and what changes make or break.

Runs in the inference worker's process but beside its queue: no model is needed, and the first
comparison on a machine takes most of a minute. Positions are 0-based, on the chromosome.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

import numpy as np

from sighthound.app.answers.effects import MotifOfVariants, VariantMotifs
from sighthound.app.answers.explanations import MotifOfChange, Motifs, NamedMotif
from sighthound.app.inference.worker import leave_the_queue, report
from sighthound.core.genome.sequence import Interval
from sighthound.core.motifs.jaspar import Motif, read_motifs
from sighthound.core.project.settings import Project
from sighthound.core.variants.haplotype import haplotype
from sighthound.core.variants.variant import Variant

if TYPE_CHECKING:
    # Brings numba, which the web process does without: it only names the functions below.
    from sighthound.core.motifs.scan import MotifChange

NAMING = "naming motifs; the first time on a machine takes a minute"
_CHANGES_NAMED = 2  # of one substitution


def motifs(
    project: Project, chrom: str, start: int, end: int, effects: np.ndarray, job: str
) -> Motifs:
    """Name the motifs of a mutagenesis window.

    Parameters
    ----------
    project : Project
        Its [motifs] say which matrices are compared.
    chrom, start, end : str, int, int
        The bases that were mutated.
    effects : array, (end - start, 4)
        What was found, columns A C G T.
    job : str
        Name under which progress is reported.

    Returns
    -------
    Motifs
        Those in place, and those that substitutions make or break.
    """
    from sighthound.core.motifs.naming import FLANK, name_motifs, scanner_of

    leave_the_queue()
    report(job, 0, 1, NAMING)
    genome, known = project.open_genome(), _known(project)
    values, region = np.asarray(effects, np.float32), Interval(chrom, start, end)
    named = name_motifs(genome, region, values, known)
    sequence = genome.one_hot(Interval(chrom, start - FLANK, end + FLANK))
    changes = scanner_of(known, sequence).changes(sequence, FLANK, FLANK + len(values))
    report(job, 1, 1, "done")
    return Motifs(
        tuple(NamedMotif(**vars(motif)) for motif in named),
        tuple(_described(change, start - FLANK) for change in _foremost(changes)),
    )


def variant_motifs(project: Project, variants: tuple[Variant, ...], job: str) -> VariantMotifs:
    """Name the motifs that a haplotype makes and breaks.

    Parameters
    ----------
    project : Project
        Its [motifs] say which matrices are compared.
    variants : tuple of Variant
        Those of one sequence.
    job : str
        Name under which progress is reported.

    Returns
    -------
    VariantMotifs
        The most surprising first.
    """
    from sighthound.core.motifs.naming import FLANK, scanner_of
    from sighthound.core.motifs.variant_sites import haplotype_changes

    leave_the_queue()
    report(job, 0, 1, NAMING)
    both = haplotype(variants)
    around = Interval(both.chrom, both.start - FLANK, both.end + FLANK)
    bases, known = project.open_genome().one_hot(around), _known(project)
    urls = {motif.id: motif.url for motif in known}
    changes = haplotype_changes(scanner_of(known, bases), both, bases, around.start)
    report(job, 1, 1, "done")
    return VariantMotifs(
        tuple(MotifOfVariants(**vars(change), url=urls[change.motif]) for change in changes)
    )


def _known(project: Project) -> tuple[Motif, ...]:
    settings = project.motifs
    return read_motifs(settings.release, settings.collection, settings.tax_group)


def _foremost(changes: Sequence[MotifChange]) -> list[MotifChange]:
    """The motifs of each substitution that change most."""
    of: dict[tuple[int, str], list[MotifChange]] = {}
    for change in changes:
        of.setdefault((change.position, change.alternative), []).append(change)
    return [
        change
        for several in of.values()
        for change in sorted(several, key=lambda c: min(c.p_reference, c.p_alternative))[
            :_CHANGES_NAMED
        ]
    ]


def _described(change: MotifChange, first: int) -> MotifOfChange:
    return MotifOfChange(
        first + change.position,
        change.alternative,
        change.kind,
        change.name,
        change.motif,
        change.strand,
        min(change.p_reference, change.p_alternative),
    )
