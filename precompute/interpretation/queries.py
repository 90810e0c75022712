"""Questions to a project's model about a place on its genome: tracks, target bins, windows.

What the long jobs of mutagenesis ask is checked here, before anything is computed.
"""

from __future__ import annotations

import dataclasses
import json
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from sighthound.core import __version__
from sighthound.core.annotation.genes import Gene
from sighthound.core.errors import SighthoundError
from sighthound.core.genome.regions import read_region
from sighthound.core.genome.sequence import ALPHABET, Genome, Interval, parse_region
from sighthound.core.interpretation.agreement import (
    LEAST_MEMBERS,
    MEMBER_VALUES,
    RULE,
    agreement,
)
from sighthound.core.interpretation.variant_windows import reach as reach_of
from sighthound.core.interpretation.windows import locus_window
from sighthound.core.model.ensemble import Ensemble
from sighthound.core.model.model import Model, load_members_of, load_model
from sighthound.core.model.window import Window
from sighthound.core.project.settings import Project
from sighthound.core.tracks.contrasts import UNIT, is_contrast, tracks_of
from sighthound.core.variants.haplotype import AlteredGenome, haplotype
from sighthound.core.variants.variant import check_variants, parse_variant
from sighthound.precompute.genome_wide.run import check_model
from sighthound.precompute.interpretation.effect_tables import COORDINATES


@dataclass(frozen=True)
class Target:
    """Bins whose summed prediction is explained: numbers along the chromosome, and their name."""

    name: str
    chrom: str
    bins: tuple[int, ...]


def find_target(text: str, project: Project, bin_size: int) -> Target:
    """Read a target: a position, a region, or a gene (the bins of all its starts).

    What may be read as a position or a region is one, as in the page's box.

    Raises
    ------
    SighthoundError
        No gene goes by that name, or the region does not exist.
    """
    is_placed = any(typed.start is not None and typed.chrom for typed in read_region(text))
    if not is_placed or project.read_genes().are_meant_by(text):
        gene = _gene_called(text, project)
        bins = sorted({tss // bin_size for tss in gene.tss_positions})
        return Target(gene.name, gene.chrom, tuple(bins))
    region = parse_region(text, project.open_genome())
    bins = list(range(region.start // bin_size, -(-region.end // bin_size)))
    return Target(str(region), region.chrom, tuple(bins))


def _gene_called(name: str, project: Project) -> Gene:
    genes = [gene for gene in project.read_genes().called(name) if gene.tss_positions]
    if not genes:
        raise SighthoundError(f"{name} has no start of its own; give chromosome:position")
    if len(genes) > 1:
        places = ", ".join(str(Interval(g.chrom, g.start, g.end)) for g in genes[:4])
        raise SighthoundError(
            f"{name} is at {len(genes)} places: {places}; give one of them as a region"
        )
    return genes[0]


@dataclass(frozen=True)
class Question:
    """What is asked of a model, on the genome.

    Attributes
    ----------
    tracks : tuple of str
        Ids; "A/B" is the contrast of two.
    target : Target or None
        None: the sum over every bin that an alteration reaches. Not of a contrast, which is of the
        sums over some bins.
    alleles : str
        Variants that are written into `genome`; empty for the reference.
    members : tuple of Model
        Networks that taught the model, which are asked the same; none by default.
    """

    model: Model
    genome: Genome
    tracks: tuple[str, ...]
    target: Target | None
    ensemble: Ensemble
    dtype: str
    alleles: str = ""
    members: tuple[Model, ...] = ()

    @property
    def columns(self) -> tuple[str, ...]:
        """Names of an answer's last axis: tracks, and what the networks say of each."""
        values = MEMBER_VALUES if self.members else ()
        return (*self.tracks, *(f"{track}.{value}" for value in values for track in self.tracks))

    def answered(self, answer: Callable[[Question], np.ndarray]) -> np.ndarray:
        """Answer, and put what the networks say behind.

        Parameters
        ----------
        answer : callable
            Gives the answer to a question to one network, (..., tracks).

        Returns
        -------
        array, (..., columns)
            Mean and sample standard deviation of the networks, and 1 where the answer is known
            (`core.interpretation.agreement`), behind the answer itself.
        """
        own = answer(self)
        if not self.members:
            return own
        said = [answer(dataclasses.replace(self, model=m, members=())) for m in self.members]
        found = agreement(own, said)
        parts = (own, found.mean, found.deviation, found.is_known)
        return np.concatenate([np.asarray(part, own.dtype) for part in parts], axis=-1)

    def bins_in_reach(self, chrom: str, start: int, end: int) -> np.ndarray:
        """Wanted bins of the chromosome that bases from `start` to `end` can change."""
        size, reach = self.model.bin, reach_of(self.model, self.ensemble)
        low, high = start // size - reach, (end - 1) // size + reach + 1
        low, high = max(0, low), min(high, -(-self.genome.lengths[chrom] // size))
        if self.target is None:
            return np.arange(low, high)
        if self.target.chrom != chrom:
            return np.arange(0)
        bins = np.array(self.target.bins)
        return bins[(bins >= low) & (bins < high)]

    def window(self, chrom: str, start: int, end: int, bins: np.ndarray, margin: int = 0) -> Window:
        """Place the window that holds some bases, and some bins with their context.

        `margin` is bases of the genome that deletions draw into that context; shifts draw more.
        """
        size = self.model.bin
        margin += self.ensemble.furthest
        low, high = min(start, int(bins[0]) * size), max(end, (int(bins[-1]) + 1) * size)
        return locus_window(self.model, chrom, low - margin, high + margin)

    def about(self, tracks_table: dict[str, str]) -> dict[str, Any]:
        """Describe the question for people and programs that read a file later."""
        return {
            "model": self.model.hash,
            "genome": self.genome.fingerprint,
            "version": __version__,
            "coordinates": COORDINATES,
            "effect": "prediction of the altered sequence minus that of the reference",
            "target": self.target.name if self.target else "every bin that can change, summed",
            # A gene's starts are those of the annotation of that day.
            **({"target_bins": list(self.target.bins)} if self.target else {}),
            "bin": self.model.bin,
            "precision": self.dtype,
            "ensemble": json.loads(json.dumps(dataclasses.asdict(self.ensemble))),
            "units": {t: UNIT if is_contrast(t) else tracks_table[t] for t in self.tracks},
            **({"alleles": self.alleles} if self.alleles else {}),
            **({"members": [m.hash for m in self.members], "known": RULE} if self.members else {}),
        }


def ask(
    project: Project,
    tracks: Sequence[str] | None,
    target: str | None,
    ensemble: Ensemble | None,
    dtype: str,
    alleles: Sequence[str] = (),
    with_members: bool = False,
) -> Question:
    """Check what is asked of a project's model.

    `alleles` are variants on one sequence, as people write them, which is asked about in place of
    the reference. `with_members` asks the networks that taught the model, too.

    Raises
    ------
    SighthoundError
        No model, one that does not fit the project, an unknown track, gene or region, or variants
        that do not fit the genome, overlap, or insert or delete; no networks taught the model.
    """
    model = load_model(project.model.directory)
    genome = project.open_genome()
    check_model(model, project.read_tracks(), genome)
    for name in tracks or ():
        for track in tracks_of(name):
            model.track_index(track)
    found = None if target is None else find_target(target, project, model.bin)
    chosen = tuple(dict.fromkeys(tracks or model.tracks))
    said = ""
    if alleles:
        variants = [parse_variant(text, genome, genes=project.read_genes) for text in alleles]
        written = haplotype(variants)
        check_variants(written.variants, genome)
        genome, said = AlteredGenome(genome, written), str(written)
    members = load_members_of(model, project.model.directory) if with_members else []
    if with_members and len(members) < LEAST_MEMBERS:
        raise SighthoundError(
            f"no networks taught the model of {project.model.directory}; leave --members out, or "
            "train several: sighthound train PROJECT --seeds 3"
        )
    averaged = ensemble or Ensemble()
    return Question(model, genome, chosen, found, averaged, dtype, said, tuple(members))


def units(project: Project, model: Model) -> dict[str, str]:
    """Units of the tracks' predictions, by id."""
    return {t.id: f"{t.aggregation} per {model.bin} bp" for t in project.read_tracks()}


def check_sequence(sequence: str, what: str) -> str:
    """Give a typed sequence in upper case.

    Raises
    ------
    SighthoundError
        It is empty, or holds other letters than A C G T N.
    """
    typed = sequence.upper()
    if not typed or set(typed) - set(ALPHABET + "N"):
        raise SighthoundError(f"{what} is {sequence!r}; expected bases, of A C G T N")
    return typed


def check_summed(question: Question) -> None:
    """Check that a contrast has a target: the bins whose sums it is of.

    Raises
    ------
    SighthoundError
        It has none: which bins count would depend on where a base is.
    """
    contrast = next(filter(is_contrast, question.tracks), None)
    if contrast is not None and question.target is None:
        raise SighthoundError(
            f"{contrast} is a contrast of the sums over some bins; give a target: a gene, "
            "chrom:position or a region"
        )


def check_reach(question: Question, region: Interval) -> None:
    """Check that alterations of a region can change the target.

    Raises
    ------
    SighthoundError
        The target is on another chromosome or too far away: all effects would be zero.
    """
    target = question.target
    if target is not None and not len(
        question.bins_in_reach(region.chrom, region.start, region.end)
    ):
        bases = question.model.context
        raise SighthoundError(
            f"the target {target.name} on {target.chrom} is out of reach of {region}: the model "
            f"sees {bases:,} bases to either side, so that all effects would be zero"
        )
