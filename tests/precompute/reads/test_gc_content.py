"""GC content around bases, held against the sums that define it."""

from pathlib import Path

import numpy as np

from sighthound.core.genome.sequence import Genome
from sighthound.precompute.reads import gc_content
from sighthound.precompute.reads.multireads import gaussian_kernel, kernel_radius

KERNEL = gaussian_kernel(gc_content.GC_SD)
RADIUS = kernel_radius(gc_content.GC_SD)


def made(tmp_path: Path, unknown: slice) -> tuple[Genome, np.ndarray, np.ndarray]:
    letters = np.random.default_rng(5).choice(list("ACGTacgt"), 9_000)
    letters[unknown] = "N"
    (tmp_path / "genome.fa").write_text(">chr1\n" + "".join(letters) + "\n")
    return Genome(tmp_path / "genome.fa"), np.isin(letters, list("CGcg")), letters != "N"


def test_gc_around_a_base_is_that_of_the_known_bases_weighed_by_a_gaussian(tmp_path, monkeypatch):
    monkeypatch.setattr(gc_content, "_BLOCK", 2_500)
    genome, is_gc, known = made(tmp_path, slice(4_000, 5_200))
    found = np.concatenate([gc for _, gc in gc_content._smoothed_gc(genome, "chr1")])
    share, weight = (np.convolve(values, KERNEL, "same") for values in (is_gc, known))
    told = weight > 0.011
    np.testing.assert_allclose(found[told], (share / np.maximum(weight, 1e-9))[told], atol=1e-4)
    assert np.isnan(found[4_000 + RADIUS : 5_200 - RADIUS]).all()


def test_windows_of_the_fit_lie_side_by_side_and_have_no_unknown_base(tmp_path, monkeypatch):
    monkeypatch.setattr(gc_content, "_BLOCK", 2_500)
    genome, is_gc, known = made(tmp_path, slice(4_000, 4_001))
    centers, gc = map(np.concatenate, zip(*gc_content._gc_of_windows(genome, "chr1"), strict=True))
    every = np.arange(RADIUS, 9_000 - RADIUS, 2 * RADIUS)
    assert centers.tolist() == [c for c in every if known[c - RADIUS : c + RADIUS + 1].all()]
    assert len(centers) == len(every) - 1
    np.testing.assert_allclose(gc, np.convolve(is_gc, KERNEL, "same")[centers], atol=1e-5)
