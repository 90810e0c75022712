"""A whole project small enough for a test: two chromosomes, three tracks, a random model."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import numpy as np
import pysam

from sighthound.core.bigwig.files import write_bigwig
from sighthound.core.files import file_sha256
from sighthound.core.genome.sequence import Genome
from sighthound.core.model.model import (
    MEMBERS,
    Model,
    load_model,
    member_folders,
    save_model,
    write_description,
)
from sighthound.core.model.promoters import PromoterReadout, tower_means, with_readout
from sighthound.core.project.manifest import PredictedFile, PredictionIdentity, PredictionsManifest
from sighthound.core.project.settings import Project
from sighthound.core.tracks.track import Track, write_tracks
from tests.models import small_model

LENGTHS = {"chrI": 40_000, "chrII": 30_001}
BIN = 64
TRACKS = ("atac", "cage.plus", "cage.minus")

SETTINGS = """
[genome]
name = "tiny"
fasta = "genome.fa"
genes = "genes.gff3"

[tracks]
table = "tracks.tsv"

[dataset]
sequence_length = 4096
bin = 64
crop = 8
valid = 0.1
test = ["chrII"]

[server]
title = "A tiny project"
default_locus = "chrI:1,001-9,000"
default_tracks = ["atac", "cage.plus"]
"""

GENES = """##gff-version 3
chrI\ttest\tgene\t2001\t4000\t.\t+\t.\tID=T001;Name=ALPHA1;Note=the first gene
chrI\ttest\tgene\t5001\t8000\t.\t-\t.\tID=T002;Name=BETA1
chrII\ttest\tgene\t10001\t12000\t.\t+\t.\tID=T003;Name=ALPHA2
"""


def make_project(directory: Path, *, model: bool = True, predictions: bool = True) -> Path:
    """Write the project; predictions are invented numbers, not the model's.

    `atac` has data on chrI only; the two CAGE tracks are each other's strand pair.
    """
    directory.mkdir(parents=True, exist_ok=True)
    rng = np.random.default_rng(7)
    with (directory / "genome.fa").open("w") as file:
        for name, length in LENGTHS.items():
            bases = "".join("ACGT"[i] for i in rng.integers(0, 4, length))
            file.write(f">{name}\n{bases}\n")
    pysam.faidx(str(directory / "genome.fa"))
    (directory / "genes.gff3").write_text(GENES)
    (directory / "sighthound.toml").write_text(SETTINGS)
    (directory / "experiments").mkdir(exist_ok=True)
    for name in TRACKS:
        chroms = {"chrI": LENGTHS["chrI"]} if name == "atac" else LENGTHS
        values = [(c, rng.poisson(2.0, -(-n // 16)).astype(np.float32)) for c, n in chroms.items()]
        write_bigwig(directory / "experiments" / f"{name}.bw", chroms, values, 16)
    write_tracks(directory / "tracks.tsv", tracks(directory))
    if model:
        save_model(directory / "model", small_model(TRACKS))
    if predictions:
        write_predictions(directory)
    return directory


def tracks(directory: Path) -> list[Track]:
    """The three tracks of the tiny project."""
    experiments = directory / "experiments"
    plus = Track(
        "cage.plus", "CAGE plus", "CAGE", "cells", strand="+", strand_pair="cage.minus",
        experiment=experiments / "cage.plus.bw", aggregation="sum",
    )  # fmt: skip
    minus = Track(
        "cage.minus", "CAGE minus", "CAGE", "cells", strand="-", strand_pair="cage.plus",
        experiment=experiments / "cage.minus.bw", aggregation="sum",
    )  # fmt: skip
    return [Track("atac", "ATAC", "ATAC", "cells", experiment=experiments / "atac.bw"), plus, minus]


def write_bases(directory: Path, chrom: str, bases: dict[int, str]) -> None:
    """Write other bases into the genome, at 0-based positions; before it is first opened."""
    file = directory / "genome.fa"
    names, sequences = file.read_text().split()[::2], file.read_text().split()[1::2]
    with file.open("w") as out:
        for name, sequence in zip(names, sequences, strict=True):
            letters = list(sequence)
            for at, text in bases.items() if name == f">{chrom}" else ():
                letters[at : at + len(text)] = text
            out.write(f"{name}\n{''.join(letters)}\n")
    pysam.faidx(str(file))


def write_vcf(directory: Path, *lines: str) -> Path:
    """Write variants.vcf.gz and its index; lines are CHROM, POS, ID, REF, ALT between blanks."""
    file = directory / "variants.vcf"
    header = "".join(f"##contig=<ID={name},length={length}>\n" for name, length in LENGTHS.items())
    rows = "".join("\t".join([*line.split(), ".", ".", "."]) + "\n" for line in lines)
    columns = "#CHROM\tPOS\tID\tREF\tALT\tQUAL\tFILTER\tINFO\n"
    file.write_text(f"##fileformat=VCFv4.2\n{header}{columns}{rows}")
    return Path(pysam.tabix_index(str(file), preset="vcf", force=True))


def write_predictions(directory: Path) -> None:
    """Write invented predicted BigWigs and their manifest."""
    folder = directory / "predictions"
    folder.mkdir(exist_ok=True)
    rng = np.random.default_rng(8)
    for name in TRACKS:
        values = [
            (c, rng.gamma(2.0, 1.0, -(-n // BIN)).astype(np.float32)) for c, n in LENGTHS.items()
        ]
        write_bigwig(folder / f"{name}.bw", LENGTHS, values, BIN)
    identity = PredictionIdentity(
        small_model(TRACKS).hash, Genome(directory / "genome.fa").fingerprint, None, "test", BIN
    )
    files = {
        name: PredictedFile(file_sha256(file), file.stat().st_size)
        for name in TRACKS
        for file in [folder / f"{name}.bw"]
    }
    PredictionsManifest(identity, files).write(folder)


def add_members(project: Project, make: Callable[..., Model] = small_model) -> list[Model]:
    """Put two networks of other seeds into the model's folder, as if they had taught it."""
    made = [make(TRACKS, seed) for seed in (1, 2)]
    for number, member in enumerate(made):
        save_model(project.model.directory / MEMBERS / str(number), member)
    return made


def add_readouts(project: Project) -> None:
    """Let the model, and the networks that taught it, read promoters of 110 bases."""
    folder = project.model.directory
    for seed, one in enumerate([folder, *member_folders(folder)]):
        model = load_model(one)
        channels = tower_means(model, np.zeros((1, 128, 4), np.uint8)).shape[1]
        drawn = np.random.default_rng(seed).normal(1, 0.5, (channels,))
        weights = tuple(float(weight) for weight in drawn)
        readout = PromoterReadout(110, 128, weights, 0.0, 100, 0.5)
        write_description(one, with_readout(model, readout))
