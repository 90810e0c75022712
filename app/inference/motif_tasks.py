"""Names for what a mutagenesis finds: motifs on bases that matter, and what changes make or break.

Runs in the inference worker's process but beside its queue: no model is needed, and the first
comparison on a machine takes most of a minute. Positions are 0-based, on the chromosome.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from sighthound.app.inference.worker import leave_the_queue, report
from sighthound.core.genome.sequence import Interval
from sighthound.core.motifs.jaspar import Motif, background_of, read_motifs
from sighthound.core.project.settings import Project
from sighthound.core.variants.haplotype import haplotype
from sighthound.core.variants.variant import Variant

if TYPE_CHECKING:
    # Brings numba, which the web process does without: it only names the function below.
    from sighthound.core.motifs.scan import MotifChange, MotifScanner

NAMING = "naming motifs; the first time on a machine takes a minute"
# Sequence on either side: motifs may reach over the window's edges, and its composition is the
# background.
_FLANK = 500
# A hit by sequence alone is named when so much of the window's importance lies on it.
_LEAST_SHARE = 0.1
_CHANGES_NAMED = 2  # of one substitution


@dataclass(frozen=True)
class NamedMotif:
    """A motif in its place; `by` says whether the effects look like it or the sequence matches."""

    start: int
    end: int
    strand: str
    name: str
    motif: str
    url: str
    q_value: float
    by: str


def motifs(
    project: Project, chrom: str, start: int, end: int, effects: list[list[float]], job: str
) -> dict[str, Any]:
    """Name the motifs of a mutagenesis window.

    Parameters
    ----------
    project : Project
        Its [motifs] say which matrices are compared.
    chrom, start, end : str, int, int
        The bases that were mutated.
    effects : list of lists, (end - start, 4)
        What was found, columns A C G T.
    job : str
        Name under which progress is reported.

    Returns
    -------
    dict
        The answer of /api/v1/motifs.
    """
    leave_the_queue()
    report(job, 0, 1, NAMING)
    around = Interval(chrom, start - _FLANK, end + _FLANK)
    sequence = project.open_genome().one_hot(around).astype(np.float32)
    known, scanner = _scanner(project, sequence)
    values = np.asarray(effects, np.float32)
    named = _placed(known, scanner, sequence, values, around.start)
    changes = scanner.changes(sequence, _FLANK, _FLANK + len(values))
    report(job, 1, 1, "done")
    return {
        "motifs": [vars(one) for one in named],
        "changes": [_described(change, around.start) for change in _foremost(changes)],
    }


def variant_motifs(project: Project, variants: tuple[Variant, ...], job: str) -> dict[str, Any]:
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
    dict
        The answer of /api/v1/variant/motifs: `changes`, the most surprising first.
    """
    from sighthound.core.motifs.variant_sites import haplotype_changes

    leave_the_queue()
    report(job, 0, 1, NAMING)
    both = haplotype(variants)
    around = Interval(both.chrom, both.start - _FLANK, both.end + _FLANK)
    bases = project.open_genome().one_hot(around)
    known, scanner = _scanner(project, bases)
    urls = {motif.id: motif.url for motif in known}
    changes = haplotype_changes(scanner, both, bases, around.start)
    report(job, 1, 1, "done")
    return {
        "changes": [
            {
                **vars(change),
                "url": urls[change.motif],
                "p_reference": _short(change.p_reference),
                "p_alternative": _short(change.p_alternative),
            }
            for change in changes
        ]
    }


def _scanner(project: Project, bases: np.ndarray) -> tuple[tuple[Motif, ...], MotifScanner]:
    """The project's motifs, and their scanner against the composition of some bases."""
    from sighthound.core.motifs.scan import motif_scanner

    settings = project.motifs
    known = read_motifs(settings.release, settings.collection, settings.tax_group)
    # Rounded, so that neighbouring windows share a scanner.
    strong = round(float(background_of(bases.astype(np.float32))[1]), 2)
    return known, motif_scanner(known, (0.5 - strong, strong, strong, 0.5 - strong))


def _placed(
    known: Sequence[Motif],
    scanner: MotifScanner,
    sequence: np.ndarray,
    effects: np.ndarray,
    first: int,
) -> list[NamedMotif]:
    """Motifs that do not overlap: what the effects look like before what the sequence matches."""
    from sighthound.core.motifs.match import hits_on_important_bases, match_effects

    addresses = {motif.id: (motif.url, len(motif)) for motif in known}
    found = []
    for match in match_effects(sequence[_FLANK : _FLANK + len(effects)], effects, known, most=1):
        url, width = addresses[match.motif]
        start = first + _FLANK + match.start + match.offset
        found.append(
            NamedMotif(
                start, start + width, match.strand, match.name, match.motif, url,
                _short(match.q_value), "effects",
            )
        )  # fmt: skip
    for row in hits_on_important_bases(scanner, sequence, effects, _FLANK):
        if row.share < _LEAST_SHARE:
            break
        hit = row.hit
        found.append(
            NamedMotif(
                first + hit.start, first + hit.end, hit.strand, hit.name, hit.motif,
                addresses[hit.motif][0], _short(hit.q_value), "sequence",
            )
        )  # fmt: skip
    placed: list[NamedMotif] = []
    for one in found:
        if all(one.end <= other.start or one.start >= other.end for other in placed):
            placed.append(one)
    return sorted(placed, key=lambda one: one.start)


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


def _described(change: MotifChange, first: int) -> dict[str, Any]:
    return {
        "position": first + change.position,
        "alternative": change.alternative,
        "kind": change.kind,
        "name": change.name,
        "motif": change.motif,
        "strand": change.strand,
        "p_value": _short(min(change.p_reference, change.p_alternative)),
    }


def _short(value: float) -> float:
    return float(f"{value:.3g}")
