"""The simulated demo as a project folder: real genome, simulated assays, their truth, a model.

Everything but the model is made from the shipped genome by `precompute.simulation.simulator`; the
same version always writes the same bytes, and a second call only checks that all is there. The
model, which is shipped, has a stamp of its own: a newer one is copied without simulating anew.
"""

from __future__ import annotations

import importlib.metadata
from pathlib import Path

import numpy as np

from sighthound.core.annotation.genes import read_genes
from sighthound.core.bigwig.files import write_bigwig
from sighthound.core.files import whole_file, write_text
from sighthound.core.genome.sequence import Genome
from sighthound.core.motifs import jaspar, scan
from sighthound.core.progress import Progress
from sighthound.core.project.settings import SETTINGS_FILE
from sighthound.core.tracks.track import Track, write_tracks
from sighthound.precompute.recipes.demo_folder import (
    ASSETS,
    copy_folder,
    copy_genome,
    demo_folder,
    files_below,
    hash_of,
    make_once,
    shipped_genome,
)
from sighthound.precompute.simulation import binding_sites, ground_truth, simulator
from sighthound.precompute.simulation.simulator import (
    CONDITION_NAMES,
    STEP,
    SimulatedTrack,
    Simulation,
)

MODEL = ASSETS / "simulated" / "model"
STAMP, MODEL_STAMP = ".simulated.json", ".simulated-model.json"
TITLE = "Demo: simulated assays on the S. cerevisiae genome"
# ASN1, which Gcn4 switches on from its promoter; the same site is a distal element of NOC4.
DEFAULT_LOCUS = "chrXVI:814,001-830,384"
DEFAULT_TRACKS = (
    "ATAC_rich_r1",
    "ATAC_starved_r1",
    "GCN4_rich_r1",
    "GCN4_starved_r1",
    "H3K27ac_starved_r1",
    "CAGE_rich_plus_r1",
    "CAGE_rich_minus_r1",
    "CAGE_starved_plus_r1",
    "CAGE_starved_minus_r1",
)
TRUTH = "truth/planted_effects.parquet"
_ASSAYS = {
    "ATAC": "ATAC-seq (simulated)",
    "ChIP": "TF ChIP-seq (simulated)",
    "H3K27ac": "H3K27ac ChIP-seq (simulated)",
    "CAGE": "CAGE (simulated)",
}


def prepare_simulated(directory: Path, progress: Progress | None = None) -> Path:
    """Make the simulated demo's project folder, or bring it up to date.

    Parameters
    ----------
    directory : Path
        Missing, empty, or made earlier.
    progress : callable, optional
        Called with (steps done, all steps).

    Returns
    -------
    Path
        The folder, with sighthound.toml, tracks.tsv, genome/, experiments/, truth/ and, when one
        is shipped, model/.

    Raises
    ------
    SighthoundError
        The folder holds something else, cannot be written, or the shipped genome is missing.
    """
    directory = Path(directory)
    with demo_folder(directory, TITLE):
        make_once(directory, STAMP, _made_from(), lambda: _write_demo(directory, progress))
        shipped = hash_of("", files_below(MODEL))
        make_once(directory, MODEL_STAMP, shipped, lambda: copy_folder(MODEL, directory / "model"))
    return directory


def demo_tracks(experiments: Path) -> list[Track]:
    """List the demo's tracks, experiments being BigWigs in a folder."""
    return [_track(track, experiments) for track in simulator.TRACKS]


def write_experiment(
    path: Path, track_id: str, simulated: Simulation, lengths: dict[str, int]
) -> None:
    """Write a simulated experiment as a BigWig of reads per base, constant within a step.

    Summing the bases of a bin therefore gives its reads.
    """
    bases = _bases_per_step(simulated, lengths)
    write_bigwig(
        path,
        lengths,
        (
            (chrom, simulated.counts(track_id, chrom).astype(np.float32) / bases[chrom])
            for chrom in simulated.chromosomes
        ),
        STEP,
        mantissa_bits=None,
    )


def _bases_per_step(simulated: Simulation, lengths: dict[str, int]) -> dict[str, np.ndarray]:
    bases = {}
    for chrom in simulated.chromosomes:
        steps = -(-lengths[chrom] // STEP)
        bases[chrom] = np.full(steps, STEP, np.float32)
        bases[chrom][-1] = lengths[chrom] - (steps - 1) * STEP
    return bases


def _write_demo(directory: Path, progress: Progress | None) -> list[Path]:
    for name in ("genome", "experiments", "truth"):
        (directory / name).mkdir(exist_ok=True)
    files = copy_genome(directory / "genome")
    genome = Genome(directory / "genome" / "sacCer3.fa.gz")
    genes = read_genes(directory / "genome" / "genes.gff3.gz", genome)
    chromosomes = len(genome.lengths)
    total = chromosomes + len(simulator.TRACKS) + 4

    def report(done: int, _total: int = 0, _phase: str = "", /) -> None:
        if progress:
            progress(done, total)

    simulated = Simulation(genome, genes, progress=report)
    for number, track in enumerate(simulator.TRACKS, start=1):
        path = directory / "experiments" / f"{track.id}.bw"
        write_experiment(path, track.id, simulated, genome.lengths)
        files.append(path)
        report(chromosomes + number)
    with whole_file(directory / TRUTH) as part:
        ground_truth.planted_effects(simulated).to_parquet(part, index=False)
    tracks, settings, readme = (
        directory / name for name in ("tracks.tsv", SETTINGS_FILE, "README.md")
    )
    write_tracks(tracks, demo_tracks(directory / "experiments"))
    write_text(settings, _settings())
    write_text(readme, _README)
    report(total)
    return [*files, directory / TRUTH, tracks, settings, readme]


def _track(track: SimulatedTrack, experiments: Path) -> Track:
    condition = CONDITION_NAMES[track.condition]
    what = {
        "ATAC": "accessibility",
        "ChIP": f"{track.factor} binding",
        "H3K27ac": "acetylation around activator sites",
        "CAGE": f"transcription initiation, {track.strand} strand",
    }[track.assay]
    label = track.factor or track.assay
    stem = track.id.rsplit("_", 1)[0]
    other = {"+": "_minus_", "-": "_plus_"}.get(track.strand, "")
    mine = {"+": "_plus_", "-": "_minus_"}.get(track.strand, "")
    strand = f" {track.strand}" if track.strand != "." else ""
    return Track(
        id=track.id,
        name=f"{label} {track.condition}{strand} rep {track.replicate}",
        assay=_ASSAYS[track.assay],
        sample=condition,
        group=label,
        strand=track.strand,
        experiment=experiments / f"{track.id}.bw",
        aggregation="sum",
        replicate_of="" if track.replicate == 1 else f"{stem}_r1",
        strand_pair=track.id.replace(mine, other) if mine else "",
        description=f"Simulated {what} in {condition}, replicate {track.replicate}; reads per bin",
    )


def _settings() -> str:
    tracks = ", ".join(f'"{track}"' for track in DEFAULT_TRACKS)
    return f"""# A real genome, SIMULATED assays. Made by `sighthound demo --dataset simulated`.

[genome]
name = "sacCer3"
fasta = "genome/sacCer3.fa.gz"
genes = "genome/genes.gff3.gz"

[tracks]
table = "tracks.tsv"

[dataset]
sequence_length = 32768
bin = 128
crop = 32
phases = 4
valid = ["chrXV"]
test = ["chrXVI"]

[training]
architecture = "small"
batch_size = 2
epochs = 36
dropout = 0.2

[motifs]
tax_group = "fungi"

[server]
title = "{TITLE}"
simulated = true
default_locus = "{DEFAULT_LOCUS}"
default_tracks = [{tracks}]
"""


_README = f"""# {TITLE}

The genome and its genes are real (genome/PROVENANCE.md). Every experiment here is SIMULATED from
the sequence by Sighthound's precompute/simulation/simulator.py, with JASPAR matrices (CC BY 4.0,
https://jaspar.elixir.no); nothing was measured. docs/simulation.md has the formulas.
{TRUTH} says which motif site causes which signal, with sign and size.
The folder is made anew when Sighthound's version of the demo changes.
"""


def _made_from() -> str:
    """Hash of all that decides the bytes of everything but the model."""
    modules = (scan, jaspar, binding_sites, ground_truth, simulator)
    sources = [Path(str(module.__file__)) for module in modules]
    return hash_of(
        _settings() + importlib.metadata.version("pyjaspar"),
        [Path(__file__), *sources, *shipped_genome()],
    )
