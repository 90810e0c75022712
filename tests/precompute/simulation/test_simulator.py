"""The simulator: sites where motifs are, effects where sites are, and a truth that says so."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from sighthound.core.annotation.genes import Genes, read_genes
from sighthound.core.errors import SighthoundError
from sighthound.core.genome.sequence import Genome, Interval
from sighthound.precompute.recipes.demo_folder import GENOME
from sighthound.precompute.simulation import simulator
from sighthound.precompute.simulation.binding_sites import (
    CONDITIONS,
    FACTOR_NAMES,
    FACTORS,
    find_sites,
    occupancy,
)
from sighthound.precompute.simulation.ground_truth import planted_effects, planted_mutation_effects
from sighthound.precompute.simulation.simulator import (
    DISTAL_REACH,
    STEP,
    TRACKS,
    Simulation,
    expected_counts,
)

GCN4 = "ATGACTCAT"
REB1 = "CGGGTAATA"
QUIET = "ACACTCTA"  # repeats of it hold no site


@pytest.fixture(scope="module")
def genome() -> Genome:
    return Genome(GENOME / "sacCer3.fa.gz")


@pytest.fixture(scope="module")
def genes(genome: Genome) -> Genes:
    return read_genes(GENOME / "genes.gff3.gz", genome)


@pytest.fixture(scope="module")
def chr_i(genome: Genome, genes: Genes) -> Simulation:
    return Simulation(genome, genes, ["chrI"])


def quiet(length: int, **motifs: int) -> str:
    """A sequence without sites, but for motifs placed at positions: GCN4=1000."""
    sequence = list((QUIET * (length // len(QUIET) + 1))[:length])
    for name, at in motifs.items():
        motif = {"GCN4": GCN4, "REB1": REB1}[name]
        sequence[at : at + len(motif)] = motif
    return "".join(sequence)


def small_world(tmp_path: Path, sequence: str, starts: dict[int, str]) -> Simulation:
    """A one-chromosome simulation with a gene of 600 bp at each start (0-based) and strand."""
    fasta = tmp_path / "small.fa"
    fasta.write_text(f">chrT\n{sequence}\n")
    rows = []
    for at, strand in starts.items():
        low, high = (at, at + 600) if strand == "+" else (at - 599, at + 1)
        rows.append(f"chrT\t{low}\t{high}\tG{at}\t0\t{strand}\n")
    (tmp_path / "small.bed").write_text("".join(rows))
    genome = Genome(fasta)
    return Simulation(genome, read_genes(tmp_path / "small.bed", genome))


def test_a_sequence_of_repeats_holds_no_site() -> None:
    assert len(find_sites(quiet(4000))) == 0


def test_a_planted_motif_is_found_at_its_place() -> None:
    sites = find_sites(quiet(2000, REB1=1000))
    assert [FACTOR_NAMES[factor] for factor in sites.factor] == ["REB1"]
    assert 1000 <= sites.centre[0] <= 1009
    assert sites.occupancy[0].min() > 0.6


def test_the_other_strand_holds_the_same_sites_mirrored(genome: Genome) -> None:
    sequence = genome.sequence(Interval("chrI", 20_000, 60_000))
    reverse = sequence[::-1].translate(str.maketrans("ACGT", "TGCA"))
    forward, mirrored = find_sites(sequence), find_sites(reverse)
    strong = forward.occupancy.max(axis=1) > 0.3
    there = set(zip(forward.start[strong], forward.factor[strong], strict=True))
    back = set(zip(len(sequence) - mirrored.end, mirrored.factor, strict=True))
    # Equal scores side by side (palindromes shifted by a base) may settle on the neighbour.
    assert len(there) > 30
    assert len(there - back) <= 2


def test_a_window_with_an_unknown_base_is_no_site() -> None:
    sequence = quiet(2000, REB1=1000)
    assert len(find_sites(sequence[:1004] + "N" + sequence[1005:])) == 0


def test_occupancy_rises_with_score_and_with_activity() -> None:
    gcn4 = next(factor for factor in FACTORS if factor.name == "GCN4")
    low, high = occupancy(gcn4, np.array([gcn4.midpoint, gcn4.midpoint + 1]))
    assert (high > low).all()
    rich, starved = CONDITIONS.index("rich"), CONDITIONS.index("starved")
    assert low[starved] > low[rich]
    busier = replace(gcn4, activity=(1.0, 1.0))
    assert occupancy(busier, np.array([gcn4.midpoint]))[0, rich] == pytest.approx(low[starved])


def test_only_messenger_rnas_have_starts(chr_i: Simulation, genes: Genes) -> None:
    named = set(chr_i.starts["chrI"].gene_id)
    assert "YAL038W" in named
    assert not any(gene_id.startswith("t") for gene_id in named)
    coding = [gene for gene in genes if gene.chrom == "chrI" and gene.id.startswith("YA")]
    assert len(named) == len(coding)


def test_the_same_track_is_drawn_the_same_and_replicates_differ(chr_i: Simulation) -> None:
    first = chr_i.counts("ATAC_rich_r1", "chrI")
    assert (first == chr_i.counts("ATAC_rich_r1", "chrI")).all()
    second = chr_i.counts("ATAC_rich_r2", "chrI")
    assert (first != second).any()
    expected = chr_i.expected("ATAC_rich_r1", "chrI")
    assert (expected == chr_i.expected("ATAC_rich_r2", "chrI")).all()
    assert first.sum() == pytest.approx(expected.sum(), rel=0.02)


@pytest.mark.parametrize("track", [track.id for track in TRACKS if track.replicate == 1])
def test_replicates_agree_as_far_as_reads_allow(chr_i: Simulation, track: str) -> None:
    def bins(reads: np.ndarray) -> np.ndarray:
        return np.log1p(reads[: len(reads) // 4 * 4].reshape(-1, 4).sum(axis=1))

    one, two = (bins(chr_i.counts(track[:-1] + replicate, "chrI")) for replicate in "12")
    assert 0.7 < np.corrcoef(one, two)[0, 1] < 0.98


def test_a_promoter_site_raises_initiation_on_its_gene_only(tmp_path: Path) -> None:
    starts = {20_000: "+", 20_400: "+"}
    empty = small_world(tmp_path, quiet(40_000), starts)
    with_site = small_world(tmp_path, quiet(40_000, REB1=19_850), starts)
    before = empty.expected("CAGE_rich_plus_r1", "chrT")
    after = with_site.expected("CAGE_rich_plus_r1", "chrT")
    changed = np.flatnonzero(np.abs(after - before) > 1e-9) * STEP
    assert changed.min() > 19_900
    assert changed.max() < 20_100
    assert after.sum() / before.sum() > 3


def test_a_distal_site_works_both_ways_and_fades_with_distance(tmp_path: Path) -> None:
    starts = {10_000: "+", 14_000: "+", 18_000: "+", 30_000: "+"}
    empty = small_world(tmp_path, quiet(40_000), starts)
    with_site = small_world(tmp_path, quiet(40_000, GCN4=12_500), starts)
    tracks = [w.expected("CAGE_starved_plus_r1", "chrT") for w in (empty, with_site)]
    before, after = (
        np.array([t[s // STEP - 3 : s // STEP + 4].sum() for s in starts]) for t in tracks
    )
    fold = after / before
    assert fold[0] > 2
    assert fold[1] > 2
    assert 1 < fold[2] < fold[0]
    assert fold[1] > fold[0]
    assert fold[3] == 1
    assert DISTAL_REACH < 30_000 - 12_500


def test_gcn4_binds_on_starvation_and_rap1_drives_growth() -> None:
    by_name = {factor.name: factor for factor in FACTORS}
    rich, starved = CONDITIONS.index("rich"), CONDITIONS.index("starved")
    assert by_name["GCN4"].activity[starved] > 3 * by_name["GCN4"].activity[rich]
    assert by_name["RAP1"].distal[rich] > by_name["RAP1"].distal[starved]
    assert by_name["UME6"].distal[rich] < 0


def test_removing_a_site_changes_initiation_by_what_the_truth_says(chr_i: Simulation) -> None:
    truth = planted_effects(chr_i)
    distal = truth[(truth.kind == "distal") & (truth.factor == "GCN4")]
    row = distal.loc[distal.expected_change.idxmax()]
    track = simulator.TRACKS_BY_ID[f"{row.track}_r1"]
    sites, starts = chr_i.sites["chrI"], chr_i.starts["chrI"]
    mine = starts.take(
        (starts.position == row.tss) & (starts.sign == (1 if track.strand == "+" else -1))
    )
    is_it = (sites.start == row.start) & (np.array(FACTOR_NAMES)[sites.factor] == row.factor)
    assert is_it.sum() == 1
    first = row.tss // STEP - 4
    with_site = expected_counts(track, sites, mine, first, 9).sum()
    without = expected_counts(track, sites.take(~is_it), mine, first, 9).sum()
    assert with_site - without == pytest.approx(row.expected_change, rel=1e-3)
    assert np.log(with_site / without) == pytest.approx(row.log_fold_change, abs=0.01)


def test_removing_a_site_changes_chromatin_by_what_the_truth_says(chr_i: Simulation) -> None:
    truth = planted_effects(chr_i)
    sites, starts = chr_i.sites["chrI"], chr_i.starts["chrI"]
    for kind in ("accessibility", "chip", "acetylation"):
        row = truth[truth.kind == kind].iloc[40]
        track = simulator.TRACKS_BY_ID[f"{row.track}_r1"]
        is_it = (sites.start == row.start) & (np.array(FACTOR_NAMES)[sites.factor] == row.factor)
        steps = -(-chr_i.genome.lengths["chrI"] // STEP)
        difference = expected_counts(track, sites, starts, 0, steps) - expected_counts(
            track, sites.take(~is_it), starts, 0, steps
        )
        assert difference.sum() == pytest.approx(row.expected_change, abs=1e-3)


@pytest.mark.parametrize("track", ["CAGE_starved_plus_r1", "ATAC_rich_r1", "H3K27ac_starved_r1"])
def test_planted_mutation_effects_are_those_of_simulating_anew(tmp_path: Path, track: str) -> None:
    sequence = quiet(14_000, GCN4=9_000, REB1=11_850)
    starts = {12_000: "+", 9_400: "+"}
    reference = small_world(tmp_path, sequence, starts)
    target = Interval("chrT", 8_960, 9_088)
    if track.startswith("CAGE"):
        target = Interval("chrT", 11_904, 12_032)
    interval = Interval("chrT", 8_990, 9_020)
    effects = planted_mutation_effects(reference, track, interval, target)
    assert effects.shape == (30, 4)
    assert np.abs(effects).max() > 0.5
    steps = slice(target.start // STEP, target.end // STEP)
    before = reference.expected(track, "chrT")[steps].sum()
    for offset in range(0, 30, 3):
        for code, base in enumerate("ACGT"):
            at = interval.start + offset
            mutated = sequence[:at] + base + sequence[at + 1 :]
            folder = tmp_path / f"{offset}{base}"
            folder.mkdir()
            after = small_world(folder, mutated, starts).expected(track, "chrT")[steps].sum()
            assert effects[offset, code] == pytest.approx(after - before, abs=1e-9)


def test_planted_mutation_effects_hold_on_real_sequence_up_to_the_chromosome_end(
    genome: Genome, chr_i: Simulation
) -> None:
    chrom_length = genome.lengths["chrI"]
    sequence = genome.sequence(Interval("chrI", 0, chrom_length))
    target = Interval("chrI", chrom_length // STEP * STEP - 256, chrom_length)
    interval = Interval("chrI", chrom_length - 120, chrom_length)
    effects = planted_mutation_effects(chr_i, "ATAC_rich_r1", interval, target)
    at, code = np.unravel_index(np.abs(effects).argmax(), effects.shape)
    position = interval.start + int(at)
    mutated = sequence[:position] + "ACGT"[code] + sequence[position + 1 :]
    tail = chrom_length - 20_000
    sites = find_sites(mutated[tail:])
    sites = replace(sites, start=sites.start + tail, end=sites.end + tail)
    first = target.start // STEP
    track = simulator.TRACKS_BY_ID["ATAC_rich_r1"]
    after = expected_counts(track, sites, chr_i.starts["chrI"], first, 9).sum()
    before = chr_i.expected("ATAC_rich_r1", "chrI")[first:].sum()
    assert effects[at, code] == pytest.approx(after - before, abs=1e-9)


def test_a_target_off_the_grid_or_an_unknown_track_is_refused(chr_i: Simulation) -> None:
    here = Interval("chrI", 1000, 1010)
    with pytest.raises(SighthoundError, match="multiple of 32"):
        planted_mutation_effects(chr_i, "ATAC_rich_r1", here, Interval("chrI", 10, 138))
    with pytest.raises(SighthoundError, match="no simulated track 'ATAC'"):
        chr_i.expected("ATAC", "chrI")
