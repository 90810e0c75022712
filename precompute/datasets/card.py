"""What a model's card says of its data: tracks, genome, folds, and what the folds share."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence

import numpy as np

from sighthound.core.genome.sequence import Genome, Interval
from sighthound.core.model.model import Model
from sighthound.core.project.model_card import CardLine
from sighthound.core.project.settings import Project
from sighthound.core.tracks.track import Track
from sighthound.precompute.datasets.homology import K, shared_with

FOLDS = ("train", "valid", "test")
KIN = 0.05  # share of a window's k-mers in training from which it counts as kin


def model_lines(model: Model, members: int) -> Iterator[CardLine]:
    """Say what the network is."""
    training = model.info.get("training", {})
    yield CardLine("model", "hash", model.hash)
    yield CardLine(
        "model", "reads", model.sequence_length, "bases at once", f"in bins of {model.bin} bases"
    )
    yield CardLine("model", "sees", model.context, "bases on either side of a bin")
    yield CardLine("model", "weights", sum(int(w.size) for w in model.weights.values()), "numbers")
    yield CardLine("model", "networks that taught it", members)
    if training:
        each = training.get("settings", {}).get("epochs")
        taught = f"taught by {members} networks of at most {each} epochs each" if members else ""
        yield CardLine("model", "trained for", int(training["epochs"]), "epochs", taught)
        minutes = round(training["seconds"] / 60)
        yield CardLine("model", "training took", minutes, "minutes", "all networks together")


def data_lines(project: Project, tracks: Sequence[Track], genome: Genome) -> Iterator[CardLine]:
    """Say what was learned: the genome, and tracks by assay."""
    bases = sum(genome.lengths.values())
    over = f"{len(genome.lengths):,} sequences, {bases:,} bases, fingerprint {genome.fingerprint}"
    yield CardLine("data", "genome", project.genome.name, "", over)
    counts = Counter(track.assay or "no assay given" for track in tracks)
    for assay, count in counts.items():
        yield CardLine("data", f"tracks of {assay}", count)


def fold_lines(
    places: Mapping[str, Sequence[Interval]], length: int, genome: Genome
) -> Iterator[CardLine]:
    """Say how many bases and windows each fold has, and on which chromosomes.

    Parameters
    ----------
    places : mapping
        Of every fold.
    length : int
        Bases of a window.
    """
    total = sum(genome.lengths.values())
    for fold in FOLDS:
        own = places.get(fold, ())
        if not own:
            continue
        bases = sum(map(len, own))
        chroms = list(dict.fromkeys(place.chrom for place in own))
        some = ", ".join(chroms[:4]) + (f" and {len(chroms) - 4:,} more" * (len(chroms) > 4))
        # A training window has fewer targets than it reads; a stretch is cut into whole windows.
        windows = sum(max(1, len(place) // length) for place in own)
        over = f"{bases / total:.1%} of the genome: {some}; {windows:,} windows of {length:,} bases"
        yield CardLine("folds", fold, bases, "bases", over)


def leakage_lines(
    places: Mapping[str, Sequence[Interval]], fold: str, length: int, genome: Genome
) -> Iterator[CardLine]:
    """Say how many held-out windows share k-mers with training."""
    windows = [
        Interval(place.chrom, start, min(start + length, place.end))
        for place in places.get(fold, ())
        for start in range(place.start, place.end, length)
    ]
    training = places.get("train", ())
    if not windows or not training:
        return
    shares = shared_with(genome, windows, training)
    shares = shares[np.isfinite(shares)]
    if not len(shares):
        return
    over = f"{len(shares):,} windows of up to {length:,} bases of the {fold} fold"
    kin = int((shares >= KIN).sum())
    yield CardLine(
        "leakage", f"windows with {KIN:.0%} or more of their {K}-mers in training",
        kin / len(shares), "share", f"{kin:,} of {over}",
    )  # fmt: skip
    yield CardLine(
        "leakage", f"{K}-mers that training has too", float(np.median(shares)), "share",
        f"median of {over}; a {K}-mer in 16 is looked at, on both strands",
    )  # fmt: skip
