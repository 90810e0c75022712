"""Sharing multi-mapping reads among their places by the smoothed coverage there.

Expectation-maximisation (Kelley et al. 2018, Methods, "Data processing"): smooth the coverage,
share each read in proportion to it, and again. Only the smoothed values AT places of multi-mapping
reads are needed, so sorted positions and one pass with two pointers replace filtering the genome.
"""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

from sighthound.core.compiled import compiled
from sighthound.precompute.reads.clipping import allowed, thresholds
from sighthound.precompute.reads.places import PSEUDOCOUNT, Alignments, GenomeLine

KERNEL_SDS = 3  # the Gaussian is cut at this many standard deviations


def share_reads(
    alignments: Alignments,
    line: GenomeLine,
    multi: str,
    sd: float,
    iterations: int,
    tolerance: float,
    *,
    clip: int | None = None,
    clip_multi: float | None = None,
) -> tuple[np.ndarray, int, float]:
    """Share multi-mapping reads among their places, by coverage that `coverage` would cut so.

    Returns
    -------
    float64 array, (shared places,), rounds done, and the change in the last round
    """
    shared, first, sizes = alignments.shared, alignments.first, alignments.sizes
    if multi == "unique" or not len(shared):
        return np.zeros(len(shared)), 0, 0.0
    weights = np.repeat(1 / alignments.known, sizes)
    if multi == "fraction":
        return weights, 0, 0.0

    # Places the file does not show keep their part of the read.
    mass = np.repeat(sizes / alignments.known, sizes)
    anchors = shared.anchor
    query, place = np.unique(anchors, return_inverse=True)
    repeats = _repeats(place, np.repeat(np.arange(len(first)), sizes))
    unique = alignments.unique.anchor
    if clip is None and clip_multi is None:
        smoothed = _all_coverage(line, unique, query, sd)
    else:
        smoothed = _cut_coverage(line, unique, query, sd, clip=clip, clip_multi=clip_multi)
    rounds, change = 0, 0.0
    for rounds in range(1, iterations + 1):  # noqa: B007
        expected = smoothed(np.bincount(place, weights, len(query)))[place] + PSEUDOCOUNT
        if repeats is not None:
            expected /= repeats
        updated = mass * expected / np.repeat(np.add.reduceat(expected, first), sizes)
        change = float(np.abs(updated - weights).sum() / len(first))
        weights = updated
        if change < tolerance:
            break
    return weights, rounds, change


Smoothed = Callable[[np.ndarray], np.ndarray]  # from shares at the queries to coverage there


def _all_coverage(line: GenomeLine, unique: np.ndarray, query: np.ndarray, sd: float) -> Smoothed:
    """Smooth all reads; those with one place only once."""
    background = smoothed_counts(line, unique, query, sd)
    images, source = _mirrored(line, query, kernel_radius(sd))
    kernel = gaussian_kernel(sd)
    return lambda shares: background + _smoothed_at(query, images, shares[source], kernel)


def _cut_coverage(
    line: GenomeLine,
    unique: np.ndarray,
    query: np.ndarray,
    sd: float,
    *,
    clip: int | None,
    clip_multi: float | None,
) -> Smoothed:
    """Smooth reads that are cut to what the coverage of the round before allows."""
    at, count = np.unique(np.concatenate([unique, query]), return_counts=True)
    ours = np.searchsorted(at, query)
    count[ours] -= 1
    images, source = _mirrored(line, at, kernel_radius(sd))
    kernel = gaussian_kernel(sd)
    enough = None if clip is None else thresholds(clip)
    most = np.full(len(at), np.inf)

    def smoothed(shares: np.ndarray) -> np.ndarray:
        reads = count.astype(np.float64)
        reads[ours] += shares if clip_multi is None else np.minimum(shares, clip_multi)
        reads = np.minimum(reads, most - PSEUDOCOUNT)  # what will be added counts, as published
        coverage = _smoothed_at(at, images, reads[source], kernel)
        if enough is not None:
            most[:] = allowed(coverage, enough)
        return coverage[ours]

    return smoothed


def _repeats(place: np.ndarray, read: np.ndarray) -> np.ndarray | None:
    """Count how often the same read lists the same place: pairs differ in the other mate only.

    Returns
    -------
    int64 array, (places,); None where no read does
    """
    pair = read * (int(place.max()) + 1) + place
    in_order = np.sort(pair)
    if (in_order[1:] != in_order[:-1]).all():
        return None
    _, which, count = np.unique(pair, return_inverse=True, return_counts=True)
    return count[which]


def kernel_radius(sd: float) -> int:
    """Give the positions on each side beyond which the kernel is cut off."""
    return int(KERNEL_SDS * sd + 0.5)


def gaussian_kernel(sd: float) -> np.ndarray:
    """Give the normalised kernel, float64, (2 radius + 1,)."""
    offsets = np.arange(-kernel_radius(sd), kernel_radius(sd) + 1)
    kernel = np.exp(-0.5 * (offsets / sd) ** 2)
    return kernel / kernel.sum()


def _mirrored(line: GenomeLine, position: np.ndarray, radius: int) -> tuple[np.ndarray, np.ndarray]:
    """Add the mirror images of positions near chromosome ends, so that smoothing loses no reads.

    Parameters
    ----------
    position : int64 array, (n,), sorted
    radius : int
        Images up to so many bases beyond an end are made.

    Returns
    -------
    int64 array, (m,), sorted; and the int64 array, (m,), of indexes into `position`
    """
    images, sources = [], []
    for offset, length in line.segments():
        low, high = np.searchsorted(position, (offset, offset + length))
        inside = position[low:high] - offset
        at_ends = np.flatnonzero((inside < radius) | (inside >= length - radius))
        inside, low = inside[at_ends], low + at_ends
        turns = radius // (2 * length) + 1
        for turn in range(-turns, turns + 1):
            for image in (2 * turn * length + inside, 2 * turn * length - 1 - inside):
                near = np.flatnonzero(
                    (image >= -radius)
                    & (image < length + radius)
                    & ((image < 0) | (image >= length))
                )
                images.append(image[near] + offset)
                sources.append(low[near])
    beyond = np.concatenate(images)
    order = np.argsort(beyond, kind="stable")
    beyond, source = beyond[order], np.concatenate(sources)[order]
    at = np.searchsorted(position, beyond)
    return np.insert(position, at, beyond), np.insert(np.arange(len(position)), at, source)


@compiled
def _smoothed_at(
    query: np.ndarray, position: np.ndarray, weight: np.ndarray, kernel: np.ndarray
) -> np.ndarray:
    """Sum kernel x weight over the positions around each query; both sorted, two pointers.

    Indexes are unsigned, which spares a look at whether each counts from the end: half of the time.
    """
    radius = len(kernel) // 2
    smoothed = np.zeros(len(query))
    one, count = np.uint64(1), np.uint64(len(position))
    first = behind = np.uint64(0)
    for i in range(len(query)):
        low, high = query[i] - radius, query[i] + radius
        while first < count and position[first] < low:
            first += one
        while behind < count and position[behind] <= high:
            behind += one
        total = 0.0
        for j in range(first, behind):
            total += weight[j] * kernel[np.uint64(position[j] - low)]
        smoothed[i] = total
    return smoothed


def smoothed_counts(
    line: GenomeLine, anchors: np.ndarray, query: np.ndarray, sd: float
) -> np.ndarray:
    """Smooth one count per anchor and give the values at the sorted queries, float64."""
    position, count = np.unique(anchors, return_counts=True)
    images, source = _mirrored(line, position, kernel_radius(sd))
    return _smoothed_at(query, images, count[source].astype(np.float64), gaussian_kernel(sd))
