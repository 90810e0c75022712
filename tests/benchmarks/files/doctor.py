"""What `sighthound check-tracks` finds of faults that are planted, and how often it is wrong.

Yeast experiments (replicates where SIGHTHOUND_DATA has them) and simulated counts; faults are put
into what was read, one experiment at a time. A false alarm is a suspicion of another kind, or of a
track that nothing was done to; its share is of tracks x checks.
"""

from __future__ import annotations

import dataclasses
import os
import tempfile
from collections import Counter
from collections.abc import Iterator
from pathlib import Path

import numpy as np

from sighthound.core.annotation.genes import Genes, read_genes
from sighthound.core.genome.sequence import Genome, Interval
from sighthound.core.tracks.track import Track
from sighthound.precompute.quality.doctor import CHECKS, Suspicion, examine
from sighthound.precompute.quality.samples import Sample, SampledGene, read_sample
from sighthound.precompute.recipes.shipped_genome import make_shipped_genome
from sighthound.precompute.recipes.yeast_project import SHIPPED, yeast_tracks
from tests.benchmarks.measure import Outcome

LEAST_FOUND, MOST_FALSE = 0.95, 0.02

Planted = tuple[str, set[str], Sample]


def run() -> Outcome:
    """Plant every fault in every place; the ratio is the share found, or 0 with false alarms."""
    lines, shares, alarms = [], [], []
    for name, sample in (("yeast", yeast_sample()), ("simulated", simulated_sample())):
        found: Counter[str] = Counter()
        planted: Counter[str] = Counter()
        clean = examine(sample)
        wrong, judged = len(clean), len(sample.tracks) * len(CHECKS)
        lines += [f"{name}, nothing planted: {one}" for one in clean]
        for kind, touched, altered in faults(sample):
            suspicions = examine(altered)
            planted[kind] += 1
            found[kind] += is_found(kind, touched, suspicions)
            false = [s for s in suspicions if s.kind != kind or not touched & set(s.tracks)]
            wrong += len(false)
            judged += len(sample.tracks) * len(CHECKS)
        for kind, count in planted.items():
            lines.append(f"{name}: {kind}: {found[kind]} of {count} found")
        shares.append(found.total() / planted.total())
        alarms.append(wrong / judged)
        lines.append(f"{name}: {shares[-1]:.1%} found, {alarms[-1]:.2%} false alarms ({wrong})")
    return Outcome(min(shares) if max(alarms) <= MOST_FALSE else 0.0, LEAST_FOUND, tuple(lines))


def is_found(kind: str, touched: set[str], suspicions: list[Suspicion]) -> bool:
    """Whether every planted track is named, of a pair one."""
    named = {track for s in suspicions if s.kind == kind for track in s.tracks}
    return touched <= named


def faults(sample: Sample) -> Iterator[Planted]:
    """Every fault in every place where it can be."""
    ids = [track.id for track in sample.tracks]
    random = np.random.default_rng(14)
    for track in sample.tracks:
        if track.strand == "+":
            pair = [ids.index(track.id), ids.index(track.strand_pair)]
            yield "swapped strands", {ids[i] for i in pair}, exchanged(sample, [pair])
    by_strand: dict[str, list[list[int]]] = {}
    for track in sample.tracks:
        if track.replicate_of:
            of = [i for i, t in enumerate(sample.tracks) if t.replicate_of == track.replicate_of]
            by_strand.setdefault(track.strand, [])
            if of not in by_strand[track.strand]:
                by_strand[track.strand].append(of)
    for one in range(3):
        for other in range(3):
            swap = [[sets[0][one], sets[1][other]] for sets in by_strand.values()]
            touched = {ids[i] for pair in swap for i in pair}
            yield "swapped samples", touched, exchanged(sample, swap)
    for index, track in enumerate(sample.tracks):
        if track.replicate_of:
            for bases in (-4, 4):
                yield (
                    "shifted",
                    {track.id},
                    with_bases(sample, index, np.roll(sample.bases[index], bases, axis=1)),
                )
            yield "another genome", {track.id}, drifted(sample, index, random)
            yield "copy number", {track.id}, amplified(sample, index, random)
        yield "saturated", {track.id}, cut_off(sample, index)


def with_bases(sample: Sample, index: int, bases: np.ndarray) -> Sample:
    every = sample.bases.copy()
    every[index] = bases
    return dataclasses.replace(sample, bases=every)


def exchanged(sample: Sample, pairs: list[list[int]]) -> Sample:
    """Give each of two tracks the other's values."""
    order = np.arange(len(sample.tracks))
    for one, other in pairs:
        order[[one, other]] = other, one
    coarse = {chrom: values[order] for chrom, values in sample.coarse.items()}
    return dataclasses.replace(sample, bases=sample.bases[order], coarse=coarse)


def drifted(sample: Sample, index: int, random: np.random.Generator) -> Sample:
    """Move every stretch as the insertions and deletions before it would."""
    moves = random.integers(40, 4_000, len(sample.stretches)) * random.choice(
        [-1, 1], len(sample.stretches)
    )
    moved = [np.roll(row, int(n)) for row, n in zip(sample.bases[index], moves, strict=True)]
    return with_bases(sample, index, np.array(moved))


def amplified(sample: Sample, index: int, random: np.random.Generator) -> Sample:
    """Raise a segment of 60 to 200 kb 1.5-fold."""
    chroms = [c for c, v in sample.coarse.items() if np.isfinite(v[index]).sum() > 250]
    chrom = chroms[random.integers(len(chroms))]
    coarse = {c: values.copy() for c, values in sample.coarse.items()}
    size = int(random.integers(60_000, 200_000)) // sample.bin
    start = int(random.integers(0, coarse[chrom].shape[1] - size))
    coarse[chrom][index, start : start + size] *= 1.5
    return dataclasses.replace(sample, coarse=coarse)


def cut_off(sample: Sample, index: int) -> Sample:
    """Cut a track off where a thousandth of its signal's bases lies beyond."""
    values = sample.bases[index]
    seen = values[np.isfinite(values) & (values > 0)]
    limit = np.partition(seen, -max(len(seen) // 200, 50))[-max(len(seen) // 200, 50)]
    return with_bases(sample, index, np.minimum(values, limit))


def yeast_sample() -> Sample:
    """The yeast's experiments; STRIPE-seq by replicates where these are."""
    data = Path(os.environ.get("SIGHTHOUND_DATA", "")) / "yeast"
    tracks = yeast_tracks(SHIPPED / "experiments")
    if (data / "tracks" / "replicates").is_dir():
        tracks = [t for t in tracks if not t.id.startswith("STRIPE")]
        for sample in ("WT", "diamide"):
            for strand, word, other in (("+", "plus", "minus"), ("-", "minus", "plus")):
                for number in (1, 2, 3):
                    name = f"STRIPEseq_{sample}_rep{number}"
                    tracks.append(
                        Track(
                            f"{name}.{word}",
                            name,
                            "STRIPE-seq",
                            sample,
                            strand=strand,
                            strand_pair=f"{name}.{other}",
                            experiment=data / "tracks" / "replicates" / f"{name}.{word}.bw",
                            aggregation="sum",
                            replicate_of=f"STRIPEseq_{sample}_rep1.{word}",
                        )
                    )
    with tempfile.TemporaryDirectory() as folder:
        make_shipped_genome(Path(folder))
        genome = Genome(next(Path(folder).rglob("*.fa*")))
        genes = next(iter(Path(folder).rglob("*.gff3*")), None)
        return read_sample(genome, tracks, read_genes(genes, genome) if genes else Genes([]))


def simulated_sample(seed: int = 3) -> Sample:
    """Counts of two conditions by three replicates and two strands, at promoters of genes."""
    random = np.random.default_rng(seed)
    stretches, length, bins = 40, 1 << 16, 4_000
    genes, rates = [], {}
    for strand in "+-":
        rates[strand] = np.full((2, stretches, length), 2e-3)
    for at in range(500, stretches * length - 3_000, 2_500):
        strand = "+-"[int(random.integers(2))]
        if at // length != (at + 2_000) // length:
            continue
        genes.append(SampledGene(at, at + 2_000, strand))
        start = at if strand == "+" else at + 1_999
        heights = random.gamma(0.7, 8, 2) * random.choice([0.3, 1, 1, 1, 3], 2)
        heights = heights[0] * np.array([1, 2.0 ** random.normal(0, 1)])
        peaks = random.integers(-40, 41, 12)
        for peak in peaks:
            place = start + int(peak)
            rates[strand][:, place // length, place % length] += heights / 3
    level = 2.0 ** random.normal(0, 0.5, (2, bins))
    tracks, bases, coarse = [], [], []
    for strand, word, other in (("+", "plus", "minus"), ("-", "minus", "plus")):
        for sample in (0, 1):
            for number in (1, 2, 3):
                name = f"s{sample}r{number}"
                tracks.append(
                    Track(
                        f"{name}.{word}",
                        name,
                        "CAGE",
                        f"s{sample}",
                        strand=strand,
                        strand_pair=f"{name}.{other}",
                        replicate_of=f"s{sample}r1.{word}",
                    )
                )
                depth = random.uniform(0.5, 2)
                bases.append(random.poisson(rates[strand][sample] * depth).astype(np.float32))
                mean = level["+-".index(strand)] * 20 * depth
                coarse.append(random.poisson(mean).astype(np.float32) / 20)
    return Sample(
        tuple(tracks),
        tuple(Interval("chr1", i * length, (i + 1) * length) for i in range(stretches)),
        np.array(bases),
        1_000,
        {"chr1": np.array(coarse)},
        tuple(genes),
        np.zeros(len(tracks)),
    )
