"""What an eQTL study is made from: SED of variants on genes, and associations of both.

Associations are summary statistics with a row a variant and gene, or made here of genotypes and
expression. Genes are the annotation's, variants the panel's, and what is left out is said.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np
import pandas as pd

from sighthound.core.annotation.genes import Gene, Genes
from sighthound.core.association.alleles import align
from sighthound.core.association.annotations import gene_scores, rows_of_score
from sighthound.core.association.ld_scores import ld_scores
from sighthound.core.association.panel import Panel
from sighthound.core.association.statistics import read_statistics
from sighthound.core.association.variant_table import VariantTable, read_variant_table
from sighthound.core.association.windows import window_ends
from sighthound.core.errors import SighthoundError
from sighthound.core.expression.association import associate
from sighthound.core.expression.tables import read_people_table
from sighthound.core.genome.chromosomes import own_names
from sighthound.core.genome.sequence import Genome
from sighthound.core.progress import Progress, silent
from sighthound.precompute.studies.eqtl_samples import Readout

PSEUDOCOUNT = 1.0  # in the track's unit, of relative SED
Parts = Mapping[str, slice]  # variants of the panel, by the genome's names of chromosomes


@dataclass(frozen=True)
class StudySettings:
    """How a study is made.

    Attributes
    ----------
    cis : int
        Bases from a gene's nearest start, within which its variants lie.
    window : int
        Bases, within which variants are in LD.
    prune_r2 : float
    shuffles : int
        Of either kind.
    is_relative : bool
        SED is a log2 ratio of the predictions for both alleles, not their difference.
    use_ambiguous : bool
        Take alleles A/T and C/G as they are written.
    seed : int
    """

    cis: int = 100_000
    window: int = 1_000_000
    prune_r2: float = 0.2
    shuffles: int = 200
    is_relative: bool = False
    use_ambiguous: bool = False
    seed: int = 0


@dataclass(frozen=True, eq=False)
class Scored:
    """SED of a panel's variants on genes.

    Attributes
    ----------
    tracks : tuple of str
    by_gene : mapping
        Gene -> its variants, rising, and their scores, (variants, tracks).
    words : tuple of str
    """

    tracks: tuple[str, ...]
    by_gene: Mapping[str, tuple[np.ndarray, np.ndarray]]
    words: tuple[str, ...]


@dataclass(frozen=True, eq=False)
class Ld:
    """LD of a panel's variants.

    Attributes
    ----------
    ends : int64 array, (variants,)
        The window, as `core.association.windows` gives it.
    scores : float64 array, (variants,)
        LD scores.
    """

    ends: np.ndarray
    scores: np.ndarray


def panel_ld(panel: Panel, settings: StudySettings, progress: Progress = silent) -> Ld:
    """Measure a panel's LD once, for all samples."""
    ends = window_ends(panel.sites, bases=settings.window)
    return Ld(ends, ld_scores(panel, ends, progress=progress)[:, 0])


@dataclass(frozen=True, eq=False)
class OfGene:
    """Associations of a gene: variants of the panel, rising, z of the counted allele, -log10 P."""

    gene: Gene
    variants: np.ndarray
    z: np.ndarray
    log10_p: np.ndarray


def read_scored(path: Path, panel: Panel, settings: StudySettings) -> Scored:
    """Read SED as `sighthound variants --genes --score sed` writes it.

    Raises
    ------
    SighthoundError
        The table has no genes, no SED, or none of the panel's variants.
    """
    table = read_variant_table(path)
    if not table.has_genes:
        raise SighthoundError(
            f"{path} has no scores of genes; make it by 'sighthound variants PROJECT VCF -o TABLE "
            "--score sed --genes'"
        )
    of_sed = rows_of_score(table, "sed") if "score" in table.frame else table
    if settings.is_relative:
        of_sed = _relative(table, of_sed)
    found = gene_scores(of_sed, panel.sites, use_ambiguous=settings.use_ambiguous)
    by_gene = {gene: (variants, values) for gene, variants, values in found.by_gene()}
    words = tuple(f"{path.name}: {line}" for line in found.words)
    return Scored(found.names, by_gene, words)


def _relative(table: VariantTable, scores: VariantTable) -> VariantTable:
    frame = table.frame
    if "value" not in frame:
        raise SighthoundError(f"{table.path} has no predictions of both alleles (--relative)")
    values, names = [], list(frame.columns)[list(frame.columns).index("value") + 1 :]
    for value in ("reference", "alternative"):
        rows = frame[(frame["score"] == "sed") & (frame["value"] == value)]
        if len(rows) != len(scores):
            raise SighthoundError(
                f"{table.path} has {len(rows):,} predictions of the {value} allele for "
                f"{len(scores):,} SED; --relative needs one each"
            )
        values.append(np.log2(np.maximum(rows[names].to_numpy(np.float64), 0) + PSEUDOCOUNT))
    changed = scores.frame.copy()
    changed[names] = values[1] - values[0]
    return replace(scores, frame=changed)


def starts_distance(gene: Gene, position: np.ndarray) -> np.ndarray:
    """Say how many bases places lie from the nearest start of a gene: int64, (places,)."""
    starts = np.array(sorted(gene.tss_positions))
    return np.abs(position[:, None] - starts).min(axis=1)


def chromosomes_of(panel: Panel, genome: Genome) -> dict[str, slice]:
    """Give the variants of each chromosome by the genome's name of it.

    Raises
    ------
    SighthoundError
        None of the panel's chromosomes is in the genome.
    """
    given = panel.sites.chromosomes()
    found = {own: given[name] for name, own in own_names(given, genome).items()}
    if not found:
        raise SighthoundError(
            f"no chromosome of {panel.source} ({', '.join(list(given)[:5])}) is in "
            f"{genome.path.name}; give genotypes of the project's genome"
        )
    return found


def variants_around(panel: Panel, parts: Parts, gene: Gene, reach: int) -> slice:
    """The variants of a panel within so many bases of a gene's starts."""
    part = parts.get(gene.chrom)
    if part is None:
        return slice(0, 0)
    places = panel.sites.position[part]
    starts = sorted(gene.tss_positions)
    first = np.searchsorted(places, starts[0] - reach, side="left")
    last = np.searchsorted(places, starts[-1] + reach, side="right")
    return slice(part.start + int(first), part.start + int(last))


def associations(
    readout: Readout,
    panel: Panel,
    parts: Parts,
    genes: Genes,
    settings: StudySettings,
    columns: Mapping[str, str],
    said: list[str],
) -> list[OfGene]:
    """Read, or make, a sample's associations: of each gene that has any, in the genome's order.

    Parameters
    ----------
    columns : mapping
        Role -> a column's name of the statistics, where it is to be another than the usual.
    said : list of str
        Takes what was found of the inputs.

    Raises
    ------
    SighthoundError
        The sample's files cannot be used.
    """
    source = (
        _of_statistics(readout, panel, parts, genes, settings, columns, said)
        if readout.statistics is not None
        else _of_expression(readout, panel, parts, genes, settings, said)
    )
    return sorted(
        (one for one in source if np.isfinite(one.z).any()),
        key=lambda one: (
            parts[one.gene.chrom].start, min(one.gene.tss_positions), one.gene.id
        ),
    )  # fmt: skip


def _of_statistics(
    readout: Readout,
    panel: Panel,
    parts: Parts,
    genes: Genes,
    settings: StudySettings,
    columns: Mapping[str, str],
    said: list[str],
) -> Iterator[OfGene]:
    assert readout.statistics is not None
    statistics = read_statistics(readout.statistics, columns)
    table, name = statistics.table, readout.statistics.name
    if not table.has_genes:
        raise SighthoundError(
            f"{readout.statistics} has no column of genes; expected gene_id, molecular_trait_id or "
            "phenotype_id, or say which (--column gene NAME)"
        )
    alignment = align(
        table, panel.sites, use_ambiguous=settings.use_ambiguous, statistic=statistics.z
    )
    found = (*statistics.words, *alignment.words(table.effect_name, "the panel"))
    said += [f"{name}: {line}" for line in found]
    rows = np.flatnonzero(alignment.is_used)
    if not len(rows):
        raise SighthoundError(f"no row of {readout.statistics} can be used: {'; '.join(said[-2:])}")
    numbers, names = pd.factorize(table.frame[table.columns["gene"]].astype(str).to_numpy())
    by_gene = _annotated(names, genes, name, said)
    order = np.lexsort((alignment.variant[rows], numbers[rows]))
    rows = rows[order]
    ends = np.cumsum(np.bincount(numbers[rows], minlength=len(names)))
    far = 0
    for number, own in enumerate(np.split(rows, ends[:-1])):
        gene = by_gene.get(number)
        if gene is None or not len(own):
            continue
        variants = alignment.variant[own]
        part = parts.get(gene.chrom, slice(0, 0))
        near = starts_distance(gene, panel.sites.position[variants]) <= settings.cis
        near &= (variants >= part.start) & (variants < part.stop)
        far += int((~near).sum())
        own, variants = own[near], variants[near]
        if len(own):
            yield OfGene(
                gene, variants, statistics.z[own] * alignment.sign[own], statistics.log10_p[own]
            )
    if far:
        said.append(f"{name}: {far:,} rows lie more than {settings.cis:,} bases from their gene")


def _of_expression(
    readout: Readout,
    panel: Panel,
    parts: Parts,
    genes: Genes,
    settings: StudySettings,
    said: list[str],
) -> Iterator[OfGene]:
    assert readout.expression is not None
    table = read_people_table(readout.expression)
    people = table.shared_with(panel.samples, panel.source)
    name = readout.expression.name
    said.append(
        f"{name}: {len(table.rows):,} genes in {len(table.people):,} people, of whom "
        f"{len(people):,} have genotypes"
    )
    expression = table.of_people(people)
    empty = int((~np.isfinite(expression)).all(axis=1).sum())
    if empty:
        said.append(f"{name}: {empty:,} genes have no value of these people, and are left out")
    covariates = None
    if readout.covariates is not None:
        read = read_people_table(readout.covariates)
        covariates = read.of_people(people)
        if not np.isfinite(covariates).all():
            raise SighthoundError(f"{readout.covariates} has gaps; expected a number a person")
    chosen = panel.of_samples(people)
    for row, gene in _annotated(table.rows, genes, name, said).items():
        around = variants_around(panel, parts, gene, settings.cis)
        variants = np.arange(around.start, around.stop)
        if not len(variants):
            continue
        variants = variants[starts_distance(gene, panel.sites.position[variants]) <= settings.cis]
        if len(variants):
            dosages = chosen.take(variants).dosages(0, len(variants))
            yield OfGene(gene, variants, *associate(dosages, expression[row], covariates))


def _annotated(names: Sequence[str], genes: Genes, source: str, said: list[str]) -> dict[int, Gene]:
    """The gene of the annotation that each name means; two names of one gene are an error."""
    found: dict[int, Gene] = {}
    taken: dict[str, str] = {}
    absent = []
    for number, name in enumerate(names):
        if name not in genes:
            absent.append(str(name))
            continue
        gene = genes[name]
        if gene.id in taken:
            raise SighthoundError(
                f"{source}: {taken[gene.id]} and {name} are one gene, {gene.id}; give it once"
            )
        if not gene.tss_positions:
            absent.append(str(name))
            continue
        taken[gene.id] = str(name)
        found[number] = gene
    if not found:
        raise SighthoundError(
            f"none of the {len(names):,} genes of {source} ({', '.join(map(str, names[:3]))}, ...) "
            "is in the project's annotation; give ids or names that it has"
        )
    if absent:
        said.append(
            f"{source}: {len(absent):,} of {len(names):,} genes are not in the annotation, or have "
            f"no start in it, and are left out: {', '.join(absent[:3])}"
            f"{', ...' if len(absent) > 3 else ''}"
        )
    return found
