"""What the simulation planted: which bases cause which track, with sign and size.

The truth that saliency and mutagenesis of a trained network are scored against.
"""

from __future__ import annotations

import numpy as np
import pandas as pd

from sighthound.core.errors import SighthoundError
from sighthound.core.genome.sequence import ALPHABET, Interval
from sighthound.precompute.simulation.binding_sites import (
    CONDITIONS,
    FACTOR_NAMES,
    FACTORS,
    WIDEST_MOTIF,
    Sites,
    sites_after_substitution,
    substitutions_that_matter,
)
from sighthound.precompute.simulation.simulator import (
    ACETYLATION_REACH,
    DISTAL_REACH,
    STEP,
    TRACKS,
    SimulatedTrack,
    Simulation,
    Starts,
    deposit,
    expected_counts,
    find_track,
    initiation_rate,
    log_initiation_rates,
    pair_effects,
    response,
    site_start_pairs,
    source_weights,
    sources,
)

TRUTH_MIN_LOG_FOLD = 0.05  # smaller effects on initiation are left out of the truth table,
TRUTH_MIN_READS = 0.5  # and smaller effects on chromatin


def planted_effects(simulation: Simulation) -> pd.DataFrame:
    """Tabulate what causes what: one row a site and target.

    Returns
    -------
    DataFrame
        chrom, start, end, strand, factor, matrix, score, kind (proximal, distal,
        accessibility, chip, acetylation), condition, track (id without the replicate),
        occupancy, gene, gene_name, tss (0-based; -1 when the target is not a start), distance
        (bp from the start to the site's centre along transcription: upstream is negative),
        sign, log_fold_change and expected_change (reads) that the site causes: value with it
        against value without it. For other kinds than proximal and distal the change is
        summed over the surroundings, and log_fold_change is at the site's centre.
    """
    return pd.concat(
        [_initiation_effects(simulation, chrom) for chrom in simulation.chromosomes]
        + [_chromatin_effects(simulation, chrom) for chrom in simulation.chromosomes],
        ignore_index=True,
    )


def _initiation_effects(simulation: Simulation, chrom: str) -> pd.DataFrame:
    sites, starts = simulation.sites[chrom], simulation.starts[chrom]
    pairs = site_start_pairs(sites, starts)
    tables = []
    for c, condition in enumerate(CONDITIONS):
        proximal, distal = pair_effects(sites, starts, pairs, c)
        log_rate = log_initiation_rates(sites, starts, c)[pairs.start]
        effect = proximal + distal
        rate, rate_without = initiation_rate(log_rate), initiation_rate(log_rate - effect)
        log_fold = np.log(rate / rate_without)
        kept = np.abs(log_fold) >= TRUTH_MIN_LOG_FOLD
        site, start = pairs.site[kept], pairs.start[kept]
        table = _site_columns(chrom, sites.take(site), c)
        table["kind"] = np.where(np.abs(proximal) >= np.abs(distal), "proximal", "distal")[kept]
        strand = np.where(starts.sign[start] > 0, "plus", "minus")
        table["track"] = [f"CAGE_{condition}_{name}" for name in strand]
        table["gene"], table["gene_name"] = starts.gene_id[start], starts.gene_name[start]
        table["tss"] = starts.position[start]
        table["distance"] = pairs.downstream[kept]
        table["log_fold_change"] = log_fold[kept]
        table["expected_change"] = (rate - rate_without)[kept]
        tables.append(table)
    return _truth_table(tables)


def _chromatin_effects(simulation: Simulation, chrom: str) -> pd.DataFrame:
    sites, starts = simulation.sites[chrom], simulation.starts[chrom]
    tables = []
    for track in TRACKS:
        if track.assay == "CAGE" or track.replicate != 1:
            continue
        kind = {"ATAC": "accessibility", "ChIP": "chip", "H3K27ac": "acetylation"}[track.assay]
        c = CONDITIONS.index(track.condition)
        weight = source_weights(track)[:, sites.factor].max(axis=0) * sites.occupancy[:, c]
        chosen = np.flatnonzero(weight > 0)
        change, log_fold = _removal_effects(track, sites, starts, chosen)
        kept = np.abs(change) >= TRUTH_MIN_READS
        chosen, change, log_fold = chosen[kept], change[kept], log_fold[kept]
        table = _site_columns(chrom, sites.take(chosen), c)
        table["kind"], table["track"] = kind, track.id.rsplit("_", 1)[0]
        table["gene"] = table["gene_name"] = ""
        table["tss"], table["distance"] = -1, 0.0
        table["log_fold_change"], table["expected_change"] = log_fold, change
        tables.append(table)
    return _truth_table(tables)


def planted_mutation_effects(
    simulation: Simulation, track_id: str, interval: Interval, target: Interval
) -> np.ndarray:
    """Compute how every single-base substitution changes the expectation in a target bin.

    The motif sites around each substituted base are searched anew.

    Parameters
    ----------
    interval : Interval
        Bases to substitute.
    target : Interval
        On the same chromosome; its ends are multiples of `STEP` (an end may be cut by the
        chromosome's).

    Returns
    -------
    float64 array, (length, 4), A C G T
        Reads in the target with the substitution minus without; 0 at the reference base.
    """
    if target.chrom != interval.chrom or target.start % STEP:
        raise SighthoundError(
            f"target {target} must lie on {interval.chrom} and start at a multiple of {STEP} bp"
        )
    track = find_track(track_id)
    chrom = interval.chrom
    first, steps = target.start // STEP, -(-len(target) // STEP)
    sites, starts = _within_reach(simulation.sites[chrom], simulation.starts[chrom], target)
    before = expected_counts(track, sites, starts, first, steps).sum()
    margin = 3 * WIDEST_MOTIF
    sequence = simulation.genome.sequence(
        Interval(chrom, interval.start - margin, interval.end + margin)
    )
    effects = np.zeros((len(interval), 4))
    for offset, code in substitutions_that_matter(sequence, margin, len(interval)):
        at = margin + offset
        mutated = sequence[:at] + ALPHABET[code] + sequence[at + 1 :]
        altered = sites_after_substitution(sites, mutated, at, interval.start - margin)
        after = expected_counts(track, altered, starts, first, steps).sum()
        effects[offset, code] = after - before
    return effects


def _removal_effects(
    track: SimulatedTrack, sites: Sites, starts: Starts, chosen: np.ndarray
) -> tuple[np.ndarray, np.ndarray]:
    """Change of the summed signal, and log fold change at the site, that each site causes."""
    c = CONDITIONS.index(track.condition)
    centre = sites.centre[chosen]
    nearest = np.floor(centre / STEP).astype(np.int64)
    half = ACETYLATION_REACH // STEP + 1
    last = int(nearest.max(initial=0)) + half
    around = nearest[:, None] + np.arange(-half, half + 1)
    distance = (around + 0.5) * STEP - centre[:, None]
    with_site, without = [], []
    weights = source_weights(track)[:, sites.factor[chosen]] * sites.occupancy[chosen, c]
    for (at, weight, kernel, reach), mine in zip(
        sources(track, sites, starts), weights, strict=True
    ):
        field = deposit(at, weight, -half, last + half + 1, kernel, reach)[around + half]
        own = np.where(np.abs(distance) <= reach, kernel(distance), 0.0) * mine[:, None]
        with_site.append(field)
        without.append(field - own)
    present = response(track, np.stack(with_site))
    absent = response(track, np.stack(without))
    return (present - absent).sum(axis=1), np.log(present / absent)[:, half]


def _site_columns(chrom: str, sites: Sites, condition: int) -> pd.DataFrame:
    return pd.DataFrame(
        {
            "chrom": chrom,
            "start": sites.start,
            "end": sites.end,
            "strand": np.where(sites.strand > 0, "+", "-"),
            "factor": np.array(FACTOR_NAMES, object)[sites.factor],
            "matrix": np.array([factor.matrix for factor in FACTORS], object)[sites.factor],
            "score": sites.score,
            "condition": CONDITIONS[condition],
            "occupancy": sites.occupancy[:, condition],
        }
    )


_TRUTH_COLUMNS = [
    "chrom",
    "start",
    "end",
    "strand",
    "factor",
    "matrix",
    "score",
    "kind",
    "condition",
    "track",
    "occupancy",
    "gene",
    "gene_name",
    "tss",
    "distance",
    "sign",
    "log_fold_change",
    "expected_change",
]


def _truth_table(tables: list[pd.DataFrame]) -> pd.DataFrame:
    table = pd.concat(tables, ignore_index=True)
    table["sign"] = np.sign(table["expected_change"]).astype(int)
    for column in ("score", "occupancy", "log_fold_change", "expected_change"):
        table[column] = table[column].astype(float).round(4)
    return table[_TRUTH_COLUMNS]


def _within_reach(sites: Sites, starts: Starts, target: Interval) -> tuple[Sites, Starts]:
    reach = DISTAL_REACH + 2 * ACETYLATION_REACH
    near_sites = (sites.centre > target.start - reach) & (sites.centre < target.end + reach)
    near_starts = (starts.position > target.start - 1_000) & (starts.position < target.end + 1_000)
    return sites.take(near_sites), starts.take(near_starts)
