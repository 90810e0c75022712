"""The simulated reads that coverage is measured on are what they are said to be."""

from __future__ import annotations

from collections import Counter
from pathlib import Path

import numpy as np
import pysam

from tests.benchmarks.reads.dense import shares
from tests.benchmarks.reads.simulated_reads import made_genome, placed_reads, write_bam

LENGTH = 30


def test_a_read_has_the_same_bases_at_all_of_its_places_and_no_other(tmp_path: Path) -> None:
    random = np.random.default_rng(0)
    genome = made_genome(random, 40_000, 2, chromosomes=2, copies=(2, 3), length=(500, 600))
    counts = random.poisson(0.05, (2, len(genome.bases)))
    placed = placed_reads(genome, counts, LENGTH)
    text = genome.bases.tobytes()
    everywhere = Counter(text[i : i + LENGTH] for i in range(len(text) - LENGTH + 1))
    places = np.bincount(placed.read)
    for read, start in zip(placed.read.tolist(), placed.start.tolist(), strict=True):
        assert everywhere[text[start : start + LENGTH]] == places[read]
    assert placed.shared_reads > 20
    write_bam(random, genome, placed, tmp_path / "reads.bam")
    with pysam.AlignmentFile(str(tmp_path / "reads.bam")) as file:
        primary = Counter(read.query_name for read in file if not read.is_secondary)
    assert len(primary) == placed.reads
    assert set(primary.values()) == {1}


def test_the_obvious_form_gives_a_read_to_the_place_where_others_are() -> None:
    unique = np.zeros(2_000)
    unique[480:520] = 1
    weight, rounds = shares({"chr1": 2_000}, unique, np.zeros(2, int), np.array([100, 500]), 9, 0.0)
    assert rounds == 9
    assert weight[1] > 0.95
