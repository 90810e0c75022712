"""A study of variants that GWAS found: matched negatives, effects of both, and how well they tell.

Negatives come from the panel: alike in frequency, distance to start sites and LD score, in no LD
with any positive. The same panel, list and seed give the same variants, so that they may be written
first, scored elsewhere, and come back as a table.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from sighthound.core.annotation.genes import Genes
from sighthound.core.association.annotations import rows_of_score
from sighthound.core.association.columns import number_columns
from sighthound.core.association.ld import correlations
from sighthound.core.association.ld_scores import ld_scores
from sighthound.core.association.panel import Panel
from sighthound.core.association.variant_table import as_numbers, read_variant_table
from sighthound.core.association.windows import window_ends
from sighthound.core.errors import SighthoundError
from sighthound.core.files import whole_file
from sighthound.core.finemapping.names import find, named
from sighthound.core.genome.chromosomes import Chromosomes, own_names
from sighthound.core.genome.sequence import Genome
from sighthound.core.gwas.classifier import (
    COMPONENTS,
    Classified,
    check_enough,
    classify,
    gain,
    neighbourhoods,
)
from sighthound.core.gwas.matching import (
    balance,
    distance_property,
    frequency_property,
    ld_property,
    matched_negatives,
)
from sighthound.core.progress import Progress, silent
from sighthound.core.tracks.bootstrap import Estimate
from sighthound.core.truth.comparison import area_with_interval
from sighthound.core.variants.variant import of_genome
from sighthound.precompute.studies.ld_tables import write_frame

NEGATIVES = 5  # a positive
LEAST_R2 = 0.2  # with a positive, of what is no negative
WINDOW = 1_000_000  # bases, of LD and of neighbourhoods


@dataclass(frozen=True, eq=False)
class StudyVariants:
    """Positives and their matched negatives.

    Attributes
    ----------
    table : DataFrame
        As `Sites.table`, and `label` (1 for positives), `positive` (the id that a row is or was
        drawn for), `minor_frequency`, `tss_distance`, `ld_score`.
    balance : DataFrame
        How alike they are: as `core.gwas.matching.balance`, of all variants and of those drawn.
    said : tuple of str
    """

    table: pd.DataFrame
    balance: pd.DataFrame
    said: tuple[str, ...]


@dataclass(frozen=True, eq=False)
class GwasFit:
    """How well effects tell positives from negatives.

    Attributes
    ----------
    table : DataFrame
        Of the variants with scores, as of `StudyVariants`, with `probability`, and where there is
        another predictor `other`, `other_probability` and `joint_probability`.
    areas : mapping
        What -> AUROC.
    gains : mapping
        What is beside what -> how much larger the AUROC is.
    tracks : DataFrame
        `track` and the AUROC of its effect alone, the largest first.
    components : int
    said : tuple of str
    """

    table: pd.DataFrame
    areas: Mapping[str, Estimate]
    gains: Mapping[str, Estimate]
    tracks: pd.DataFrame
    components: int
    said: tuple[str, ...]


def choose_variants(
    panel: Panel,
    loci: Path,
    genes: Genes | None,
    *,
    columns: Mapping[str, str] | None = None,
    negatives: int = NEGATIVES,
    seed: int = 0,
    progress: Progress = silent,
) -> StudyVariants:
    """Find a list's variants in a panel, and draw negatives for each.

    Parameters
    ----------
    loci : path
        A table with a row a variant, by id or place, as the GWAS Catalog's.
    genes : Genes, optional
        Without, negatives are not matched by distance to start sites.

    Raises
    ------
    SighthoundError
        The list cannot be read, none of it is in the panel, or no negative is like any.
    """
    read = read_variant_table(loci, columns)
    names = named(read.chrom, read.position, read.id, read.effect, read.other)
    sites = panel.sites
    known = named(sites.chrom, sites.position, sites.id, sites.counted, sites.other)
    # Those with an rsID are found by it: their places may be of another assembly.
    names.loc[names["id"].str.fullmatch(r"rs\d+"), "position"] = -1
    at = find(names, known)
    given = len(names.drop_duplicates())
    listed = np.array(list(dict.fromkeys(at[at >= 0].tolist())), np.int64)
    if not len(listed):
        raise SighthoundError(
            f"none of the {given:,} variants of {loci} is in {panel.source}; give genotypes with "
            "the same ids, or positions of the same assembly"
        )
    kept, linked = _unlinked(panel, listed)
    said = [
        f"{loci.name}: {len(listed):,} of {given:,} variants are in {panel.source.name}; "
        f"{len(kept):,} are left of which no two have r2 above {LEAST_R2:g}"
    ]
    scores = ld_scores(panel, window_ends(sites, bases=WINDOW), progress=progress)[:, 0]
    properties = [frequency_property(panel.minor_frequency), ld_property(scores)]
    distance = np.full(len(panel), np.nan)
    allowed = ~linked
    if genes is not None:
        distance = _tss_distance(panel, genes)
        placed = np.isfinite(distance)
        properties.append(distance_property(np.where(placed, distance, 1e12)))
    else:
        said.append("no genes are given: negatives are not matched by distance to start sites")
    drawn = matched_negatives(properties, kept, allowed, negatives, seed)
    alone = (drawn < 0).all(axis=1)
    said.append(
        f"{int((drawn >= 0).sum()):,} negatives; {int(alone.sum()):,} positives without any are "
        f"left out, {int((drawn < 0).any(axis=1).sum() - alone.sum()):,} have fewer than "
        f"{negatives:,}"
    )
    kept, drawn = kept[~alone], drawn[~alone]
    if not len(kept):
        raise SighthoundError(
            f"no variant of {panel.source} is like a positive in frequency, LD and distance, and "
            "in LD with none; give genotypes of more variants"
        )
    place, column = np.nonzero(drawn >= 0)
    rows = np.r_[kept, drawn[place, column]]
    table = sites.table().iloc[rows].reset_index(drop=True)
    table["label"] = np.r_[np.ones(len(kept), int), np.zeros(len(place), int)]
    table["positive"] = np.r_[sites.id[kept], sites.id[kept][place]].astype(str)
    table["minor_frequency"] = panel.minor_frequency[rows]
    table["tss_distance"] = distance[rows]
    table["ld_score"] = scores[rows]
    compared = balance(
        properties, kept, {"all_others": np.flatnonzero(allowed), "drawn": drawn[place, column]}
    )
    return StudyVariants(table, compared, tuple(said))


def _unlinked(panel: Panel, listed: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Those of a list that are in LD with none before, and who is in LD with any of the list."""
    linked = np.zeros(len(panel), bool)
    kept: list[int] = []
    places, parts = panel.sites.position, panel.sites.chromosomes()
    for row in listed:
        is_new = not linked[row]
        part = parts[str(panel.sites.chrom[row])]
        near = np.searchsorted(places[part], [places[row] - WINDOW, places[row] + WINDOW + 1])
        start, stop = (int(part.start + step) for step in near)
        r, _ = correlations(panel.standardised(start, stop), panel.standardised(row, row + 1))
        linked[start:stop] |= r[:, 0] ** 2 > LEAST_R2
        linked[row] = True
        if is_new:
            kept.append(int(row))
    return np.array(kept, np.int64), linked


def _tss_distance(panel: Panel, genes: Genes) -> np.ndarray:
    """Bases to the nearest start site; NaN on chromosomes without one."""
    sites: dict[str, list[int]] = {}
    for gene in genes:
        sites.setdefault(gene.chrom, []).extend(gene.tss_positions)
    found = np.full(len(panel), np.nan)
    parts = panel.sites.chromosomes()
    names = own_names(parts, Chromosomes(dict.fromkeys(sites, 0), "the genes"))
    for chrom, part in parts.items():
        own = np.array(sorted(sites.get(names.get(chrom, ""), [])))
        if len(own):
            places = panel.sites.position[part]
            after = np.searchsorted(own, places).clip(0, len(own) - 1)
            before = (after - 1).clip(0)
            found[part] = np.minimum(np.abs(own[after] - places), np.abs(own[before] - places))
    if not np.isfinite(found).any():
        raise SighthoundError(
            f"no gene is on {', '.join(panel.sites.chromosomes())}, the chromosomes of "
            f"{panel.source}; give the annotation of the same genome"
        )
    return found


def write_vcf(file: Path, chosen: StudyVariants, genome: Genome | None) -> tuple[str, ...]:
    """Write the variants to be scored, in order; without a genome, the counted allele is ALT.

    Returns
    -------
    tuple of str, what was left out
    """
    rows, lost = [], 0
    chroms = {} if genome is None else own_names(pd.unique(chosen.table["chrom"]), genome)
    for row in chosen.table.itertuples():
        if genome is None:
            rows.append((row.chrom, row.position, row.id, row.other, row.counted))
            continue
        variant = (
            of_genome(genome, chroms[row.chrom], row.position - 1, row.other, row.counted)
            if row.chrom in chroms
            else None
        )
        if variant is None:
            lost += 1
            continue
        rows.append((variant.chrom, row.position, row.id, variant.ref, variant.alt))
    if not rows:
        raise SighthoundError(
            f"no variant has an allele that is {genome.path.name}'s; give genotypes of its assembly"
            if genome is not None
            else f"{file} would have no variants"
        )
    with whole_file(file) as part, part.open("w", encoding="utf-8") as out:
        out.write("##fileformat=VCFv4.2\n#CHROM\tPOS\tID\tREF\tALT\tQUAL\tFILTER\tINFO\n")
        for chrom, position, id, ref, alt in sorted(rows, key=lambda r: (str(r[0]), r[1])):
            out.write(f"{chrom}\t{position}\t{id}\t{ref}\t{alt}\t.\t.\t.\n")
    return (
        (f"{lost:,} variants have no chromosome or allele of the genome, and are left out",)
        if lost
        else ()
    )


def check_study(chosen: StudyVariants, other: Path | None, other_column: str | None) -> None:
    """Refuse what `fit_study` would, as far as is known before the variants are scored.

    Parameters
    ----------
    other, other_column
        As of `fit_study`.

    Raises
    ------
    SighthoundError
        There are too few variants; or the other table cannot be read, or has none of them.
    """
    check_enough(chosen.table["label"].to_numpy(bool), chosen.table["chrom"].to_numpy(object))
    if other is not None:
        _other(other, other_column, _names(chosen.table))


def _names(table: pd.DataFrame) -> pd.DataFrame:
    return named(table["chrom"], table["position"] - 1, table["id"], table["counted"],
                 table["other"])  # fmt: skip


def fit_study(
    chosen: StudyVariants,
    scores: Path,
    *,
    score: str | None = None,
    other: Path | None = None,
    other_column: str | None = None,
    components: int = COMPONENTS,
) -> GwasFit:
    """Ask how well scores of tracks tell positives from negatives.

    Parameters
    ----------
    scores : path
        A column a track, as `sighthound variants --score max_log2` writes it; sizes are taken.
    other, other_column : optional
        A table of another predictor, and its column.

    Raises
    ------
    SighthoundError
        A table cannot be read, has none of the variants, or too few are left.
    """
    table = chosen.table
    names = _names(table)
    read = rows_of_score(read_variant_table(scores), score)
    tracks = number_columns([str(name) for name in read.frame.columns], read.columns)
    tracks = [t for t in tracks if pd.api.types.is_numeric_dtype(read.frame[t])
              and t not in ("record", "position")]  # fmt: skip
    at = find(names, named(read.chrom, read.position, read.id, read.effect, read.other))
    if (at < 0).all() or not tracks:
        raise SighthoundError(
            f"{scores} has scores of none of the {len(table):,} variants; score the variants.vcf "
            "that this command writes"
        )
    values = np.abs(np.stack([as_numbers(read.frame[t], scores) for t in tracks], axis=1))
    known = (at >= 0) & np.isfinite(values[at]).all(axis=1)
    if not known.any():
        missing = (~np.isfinite(values[at[at >= 0]])).sum(axis=0)
        raise SighthoundError(
            f"{scores} has no variant with a number in each of its {len(tracks):,} columns of "
            f"scores; {tracks[int(missing.argmax())]} has none for {int(missing.max()):,}: leave "
            "such columns out"
        )
    said = [
        f"{scores.name}: {int(known.sum()):,} of {len(table):,} variants, {len(tracks):,} tracks"
    ]
    kept = table[known].reset_index(drop=True)
    features, labels = values[at[known]], kept["label"].to_numpy(bool)
    chroms = kept["chrom"].to_numpy(object)
    blocks = neighbourhoods(chroms, kept["position"].to_numpy(), WINDOW)
    own = classify(features, labels, chroms, blocks, components=components)
    kept["probability"] = own.probability
    areas = {"predictions": own.auroc}
    gains: dict[str, Estimate] = {}
    if other is not None:
        beside, words = _other(other, other_column, names[known].reset_index(drop=True))
        said.append(words)
        none = np.zeros((len(kept), 0))
        alone = classify(none, labels, chroms, blocks, other=beside)
        joint = classify(features, labels, chroms, blocks, components=components, other=beside)
        kept["other"] = beside
        kept["other_probability"], kept["joint_probability"] = alone.probability, joint.probability
        areas |= {"other predictor": alone.auroc, "both": joint.auroc}
        gains = {
            "both over predictions": _gain(joint, own, labels, blocks),
            "both over the other": _gain(joint, alone, labels, blocks),
        }
    single = [area_with_interval(features[:, n], labels, blocks) for n in range(len(tracks))]
    by_track = pd.DataFrame(
        {"track": tracks, "auroc": [e.value for e in single], "low": [e.low for e in single],
         "high": [e.high for e in single]}
    ).sort_values("auroc", ascending=False, kind="stable", ignore_index=True)  # fmt: skip
    return GwasFit(kept, areas, gains, by_track, own.components, tuple(said))


def _gain(one: Classified, other: Classified, labels: np.ndarray, blocks: np.ndarray) -> Estimate:
    return gain(one.probability, other.probability, labels, blocks)


def _other(path: Path, column: str | None, names: pd.DataFrame) -> tuple[np.ndarray, str]:
    read = read_variant_table(path)
    if column is None or column not in read.frame.columns:
        have = ", ".join(map(str, read.frame.columns[:30]))
        raise SighthoundError(
            f"{path} has no column {column!r} of another predictor's score; it has {have}"
        )
    at = find(names, named(read.chrom, read.position, read.id, read.effect, read.other))
    values = np.r_[as_numbers(read.frame[column], path), np.nan][at]
    count = int(np.isfinite(values).sum())
    if not count:
        raise SighthoundError(f"{path} has {column} of none of the {len(names):,} variants")
    return values, (
        f"{path.name}: {column} of {count:,} of {len(names):,} variants; the mean for the others"
    )


def write_study(
    folder: Path, chosen: StudyVariants, fit: GwasFit | None, about: Mapping[str, Any]
) -> None:
    """Write the study's tables as Parquet and TSV."""
    tables = {"variants": chosen.table if fit is None else fit.table, "balance": chosen.balance}
    if fit is not None:
        rows = [
            (what, e.value, e.low, e.high) for what, e in (*fit.areas.items(), *fit.gains.items())
        ]
        tables |= {
            "auroc": pd.DataFrame(rows, columns=["what", "value", "low", "high"]),
            "tracks": fit.tracks,
        }
    for name, table in tables.items():
        for ending in ("parquet", "tsv"):
            write_frame(folder / f"{name}.{ending}", table, about)
