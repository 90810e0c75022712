"""What the inference worker answers of its doubt: the networks that taught the model, asked alike.

They are asked after the model has answered, one after another, and a question that nobody wants any
more ends between two of them. Positions are 0-based.
"""

from __future__ import annotations

import functools
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, TypeVar

import numpy as np
from numpy.typing import NDArray

from sighthound import core
from sighthound.app.answers.doubt import (
    MembersOnMutagenesis,
    MembersOnSaliency,
    MembersOnTrack,
)
from sighthound.app.answers.explanations import Mutagenesis, Saliency
from sighthound.app.inference.tasks import mutagenesis_of, saliency_of
from sighthound.app.inference.variant_measures import Effects, GeneSums, Stretches
from sighthound.app.inference.variant_tasks import effects_of
from sighthound.app.inference.worker import (
    loaded_members,
    loaded_model,
    report,
    stop_if_cancelled,
)
from sighthound.core.genome.sequence import one_hot
from sighthound.core.interpretation.agreement import Agreement, agreement
from sighthound.core.interpretation.attributions import contributions
from sighthound.core.interpretation.promoter_effects import PromoterEffects, promoter_effects
from sighthound.core.interpretation.windows import predict_stretch
from sighthound.core.model.ensemble import Ensemble
from sighthound.core.model.promoters import promoter_networks
from sighthound.core.project.settings import Project
from sighthound.core.variants.variant import Variant

_Answer = TypeVar("_Answer")


@dataclass(frozen=True)
class EffectsAgreement:
    """How far the networks agree on the effects of a haplotype.

    Attributes
    ----------
    members : int
        How many networks.
    local, context : Agreement
        Of the SAD of every track, over the bins that the model says change most, and over all.
    genes : tuple of Agreement
        Of the SED of every track, for the genes of the effects.
    promoters : PromoterEffects or None
        Of the haplotype alone; None where the networks learned no promoters.
    """

    members: int
    local: Agreement
    context: Agreement
    genes: tuple[Agreement, ...]
    promoters: PromoterEffects | None


def saliency(project: Project, found: Saliency, position: int, job: str) -> MembersOnSaliency:
    """Ask the networks for a saliency.

    Parameters
    ----------
    found : Saliency
        What the model answered.
    position : int
        The base that was asked about.
    job : str
        Name under which progress is reported.
    """
    said = _asked(
        project, job, lambda m: saliency_of(m, project, found.track, found.chrom, position).values
    )
    agreed = agreement(found.values, said)
    return MembersOnSaliency(
        agreed.members, found.start, agreed.mean, agreed.deviation, tuple(agreed.is_known.tolist())
    )


def mutagenesis(
    project: Project, found: Mutagenesis, target: int, job: str
) -> MembersOnMutagenesis:
    """Ask the networks for a mutagenesis.

    Parameters
    ----------
    found : Mutagenesis
        What the model answered.
    target : int
        A base in the target bin.
    job : str
        Name under which progress is reported.
    """
    tracks = tuple(one.track for one in found.tracks)
    region = (found.chrom, found.start, found.end, target)

    def ask(member: core.Model) -> NDArray[Any]:
        answer = mutagenesis_of(member, project, tracks, *region, lambda *_: stop_if_cancelled(job))
        return np.stack([one.effects for one in answer.tracks])

    said = _asked(project, job, ask)
    shown = np.stack([one.effects for one in found.tracks])
    effects, bases = agreement(shown, said), one_hot(found.sequence)

    def worth(values: NDArray[Any]) -> NDArray[np.float32]:
        return contributions(bases, np.moveaxis(values, 0, -1))

    worths = agreement(worth(shown), [worth(one) for one in said])
    return MembersOnMutagenesis(
        effects.members,
        found.start,
        tuple(
            MembersOnTrack(
                track,
                effects.mean[n],
                effects.deviation[n],
                tuple(map(tuple, effects.is_known[n].tolist())),
                tuple(worths.is_known[:, n].tolist()),
            )
            for n, track in enumerate(tracks)
        ),
    )


def effects(
    project: Project, found: Effects, variants: tuple[Variant, ...], ensemble: Ensemble, job: str
) -> EffectsAgreement:
    """Ask the networks for the effects of a haplotype.

    Parameters
    ----------
    found : Effects
        What the model answered; the networks are asked of the bins that it says change most.
    variants, ensemble
        As it was asked.
    job : str
        Name under which progress is reported.
    """
    said = _asked(
        project, job, lambda m: effects_of(m, project, variants, ensemble, found.local.first)
    )

    def agreed(part: Callable[[Effects], Any]) -> Agreement:
        def change(one: Effects) -> NDArray[Any]:
            of: Effects | Stretches = part(one)
            return of.alternative - of.reference

        return agreement(change(found), [change(one) for one in said])

    return EffectsAgreement(
        len(said),
        agreed(lambda one: one.local),
        agreed(lambda one: one),
        tuple(agreed(functools.partial(_gene, n)) for n in range(len(found.genes))),
        _promoters(project, variants),
    )


def _promoters(project: Project, variants: tuple[Variant, ...]) -> PromoterEffects | None:
    """What the haplotype does to a reporter, where the networks learned promoters."""
    networks = promoter_networks(loaded_model(project), loaded_members(project))
    return promoter_effects(networks, project.open_genome(), [variants]) if networks else None


def _gene(number: int, one: Effects) -> GeneSums:
    return one.genes[number]


def spread(
    project: Project,
    tracks: tuple[str, ...],
    chrom: str,
    stretch: int,
    ensemble: Ensemble,
    job: str,
) -> NDArray[np.float32]:
    """Predict one stretch of the grid by every network, and give their standard deviation.

    Parameters
    ----------
    tracks, chrom, stretch, ensemble, job
        As of `app.inference.tasks.prediction`.

    Returns
    -------
    float32 array, (bins, tracks)
        Sample standard deviation about the networks' mean, in the tracks' units.
    """
    genome = project.open_genome()

    def stop(*_: object) -> None:
        stop_if_cancelled(job)

    said = _asked(
        project, job, lambda m: predict_stretch(m, genome, chrom, stretch, tracks, ensemble, stop)
    )
    return np.std(np.stack(said), axis=0, ddof=1, dtype=float).astype(np.float32)


def _asked(project: Project, job: str, ask: Callable[[core.Model], _Answer]) -> list[_Answer]:
    """Put a question to every network, one after another."""
    members, said = loaded_members(project), []
    for number, member in enumerate(members):
        report(job, number, len(members), f"asking {len(members)} networks")
        stop_if_cancelled(job)
        said.append(ask(member))
    report(job, len(members), len(members), "done")
    return said
