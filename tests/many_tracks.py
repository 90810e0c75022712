"""A project with as many tracks as the paper's model, over a genome and BigWigs of test size.

Assays, samples and groups are spread as in the paper's ENCODE, Roadmap and FANTOM5 experiments;
names and accuracies are invented, by the rule written here, and files are shared between tracks.
"""

from __future__ import annotations

import itertools
from collections.abc import Iterator
from pathlib import Path

import numpy as np

from sighthound.core.tracks.track import Track, write_tracks
from tests import tiny

# Kelley et al. 2018: 949 DNase-seq, 2,307 histone ChIP-seq and 973 CAGE experiments.
ASSAYS = {"DNASE": 949, "ChIP": 2_307, "CAGE": 973}
TRACKS = sum(ASSAYS.values())
MARKS = (
    *("H3K4me1", "H3K4me2", "H3K4me3", "H3K9ac", "H3K9me3", "H3K27ac", "H3K27me3"),
    *("H3K36me3", "H3K79me2", "H2A.Z", "H4K20me1"),
)
TISSUES = (
    *("liver", "kidney", "heart left ventricle", "spleen", "thymus", "lung", "stomach"),
    *("pancreas", "cerebellum", "frontal cortex", "adrenal gland", "skeletal muscle", "placenta"),
    *("small intestine", "sigmoid colon", "retina", "CD14+ monocyte", "CD4+ T cell"),
    *("CD8+ T cell", "B cell", "natural killer cell", "neutrophil", "K562", "GM12878", "HepG2"),
    *("MCF-7", "A549", "HeLa-S3", "IMR-90", "H1 embryonic stem cell", "keratinocyte"),
    "fibroblast of skin",
)
STAGES = ("embryo", "fetal", "child", "adult", "adult donor 2", "adult donor 3", "aged")
MOST_ACCURATE = {"DNASE": 0.85, "ChIP": 0.75, "CAGE": 0.9}
SETTINGS = """
[server]
title = "Many tracks"
default_locus = "chrI:1,001-9,000"
"""


def make_many_tracks(directory: Path, number: int = TRACKS) -> Path:
    """Write the project: tests.tiny's without its model, and `number` tracks.

    Every tenth track is predicted only; every 97th has no prediction and no held-out accuracy.
    """
    tiny.make_project(directory, model=False)
    settings = (directory / "sighthound.toml").read_text().split("[server]")[0]
    (directory / "sighthound.toml").write_text(settings + SETTINGS)
    experiments = sorted((directory / "experiments").glob("*.bw"))
    predictions = sorted((directory / "predictions").glob("*.bw"))
    tracks = []
    held_out = ["track\tfold\tbin\tn_bins\tpearson\tpearson_log1p\tr2"]
    rng = np.random.default_rng(3)
    for index, (assay, sample, group) in enumerate(itertools.islice(_described(), number)):
        track = Track(
            id=f"{'FTM' if group == 'FANTOM5' else 'ENC'}{index:05d}",
            name=f"{assay}:{sample}",
            assay=assay,
            sample=sample,
            group=group,
            strand="+-"[index % 2] if assay == "CAGE" else ".",
            experiment=None if index % 10 == 9 else experiments[index % len(experiments)],
            aggregation="sum" if assay == "CAGE" else "mean",
            description=f"{assay.replace(':', ' of ')} in {sample}, {group}",
        )
        tracks.append(track)
        if index % 97 == 96:
            continue
        link = directory / "predictions" / f"{track.id}.bw"
        link.symlink_to(predictions[index % len(predictions)].name)
        r = float(MOST_ACCURATE[assay.split(":")[0]] * rng.beta(8, 2))
        held_out.append(f"{track.id}\ttest\t64\t400\t{r * 0.95:.4f}\t{r:.4f}\t{r * r * 0.9:.4f}")
    write_tracks(directory / "tracks.tsv", tracks)
    (directory / "model").mkdir(exist_ok=True)
    (directory / "model" / "held_out.tsv").write_text("\n".join(held_out) + "\n")
    return directory


def _described() -> Iterator[tuple[str, str, str]]:
    """Assay, sample and group of one track after another."""
    samples = [f"{tissue}, {stage}" for stage in STAGES for tissue in TISSUES]
    for assay, number in ASSAYS.items():
        for index in range(number):
            name = f"ChIP:{MARKS[index % len(MARKS)]}" if assay == "ChIP" else assay
            replicate = index // (len(samples) * (len(MARKS) if assay == "ChIP" else 1))
            sample = samples[(index // len(MARKS) if assay == "ChIP" else index) % len(samples)]
            group = "FANTOM5" if assay == "CAGE" else ("ENCODE", "Roadmap")[index % 3 == 2]
            yield name, sample + (f", replicate {replicate + 1}" if replicate else ""), group
