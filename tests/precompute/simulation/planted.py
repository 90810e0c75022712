"""A tiny project whose signal is known: every planted motif makes a peak at its bin."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np

from sighthound.core.bigwig.files import write_bigwig
from sighthound.core.model.architecture import Architecture
from sighthound.core.model.blocks import Activation, Convolution, Crop, Dilated
from sighthound.core.project.settings import Project, load_project
from sighthound.core.tracks.track import Track, write_tracks

MOTIF = "TGACTCATTC"
BIN, SEQUENCE_LENGTH, CROP = 16, 512, 2
LENGTHS = {"chr1": 24_010, "chr2": 6_005, "chr3": 6_000}
SETTINGS = """
[genome]
fasta = "genome.fa"
[tracks]
table = "tracks.tsv"
[dataset]
sequence_length = 512
bin = 16
crop = 2
valid = ["chr2"]
test = ["chr3"]
[training]
architecture = "tiny.json"
"""


def tiny_architecture(tracks: int) -> Architecture:
    """Bins of 16 bases; a receptive field of a few bins."""
    return Architecture(
        SEQUENCE_LENGTH,
        (
            Convolution(12, 11, 4),
            Convolution(12, 3, 4),
            Dilated(8, (1, 2)),
            Activation(),
            Crop(CROP),
            Convolution(12, 1),
        ),
        tracks,
    )


def genome_with_motifs(lengths: dict[str, int] = LENGTHS) -> dict[str, tuple[str, list[int]]]:
    """Random bases with the motif every 100 to 300 bases: sequence and motif starts."""
    random = np.random.default_rng(1)
    genome = {}
    for chrom, length in lengths.items():
        bases = random.choice(list("ACGT"), length)
        places = np.cumsum(random.integers(100, 300, length // 200))
        starts = [int(place) for place in places if place < length - 50]
        for start in starts:
            bases[start : start + len(MOTIF)] = list(MOTIF)
        genome[chrom] = ("".join(bases), starts)
    return genome


def planted_project(root: Path, settings: str = SETTINGS) -> Project:
    """Two tracks: peaks at motifs, everywhere; the same, on chr1 only and with noise elsewhere."""
    genome = genome_with_motifs()
    root.mkdir(parents=True, exist_ok=True)
    (root / "genome.fa").write_text("".join(f">{c}\n{s}\n" for c, (s, _) in genome.items()))
    signal = {}
    for chrom, (_, starts) in genome.items():
        values = np.ones(-(-LENGTHS[chrom] // BIN), np.float32)
        values[np.array(starts) // BIN] += 9
        signal[chrom] = values
    write_signal(root / "factor.bw", signal)
    elsewhere = {**signal, "chr2": signal["chr2"] * 0 + 500, "chr3": signal["chr3"] * 0 + 500}
    write_signal(root / "local.bw", elsewhere)
    write_tracks(
        root / "tracks.tsv",
        [
            Track("factor", "factor", experiment=root / "factor.bw"),
            Track("local", "local", experiment=root / "local.bw", covered="chr1"),
        ],
    )
    (root / "tiny.json").write_text(json.dumps(tiny_architecture(2).to_json()))
    (root / "sighthound.toml").write_text(settings)
    return load_project(root)


def write_signal(path: Path, signal: dict[str, np.ndarray]) -> None:
    """Write one value a bin of 16 bases."""
    write_bigwig(path, LENGTHS, signal.items(), BIN, mantissa_bits=None)
