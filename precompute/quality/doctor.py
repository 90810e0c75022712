"""What is suspicious of experiments, each with its evidence.

Tracks are held against tracks of the same assay and strand, and against genes. What has neither
cannot be judged, and is said not to have been.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator

import numpy as np
from scipy import fft

from sighthound.precompute.quality.evidence import (
    LIKE,
    Evidence,
    Suspicion,
    in_bins,
    logs,
    replicate_sets,
)
from sighthound.precompute.quality.samples import Sample
from sighthound.precompute.quality.shifts import shifted

# Coarse bins put together, since few reads tell little of one, and how many of those a copy-number
# step has at least.
_STEP_BINS = ((1, 40), (1, 80), (5, 8), (5, 16))
_LEAST_STEP = 0.35  # in log2
_CLEAR_STEP = 3.5 * 1.25  # standard deviations; a median strays 1.25 times as far as a mean
_ALIKE = 100  # bins of about the same signal that noise is taken from, at least
_ROUNDED = 1e-3  # that counts stray from whole numbers
_SMALL_COUNT = 20  # reads at a base, up to which the largest may be met often
_MISSING = 12  # bases with one read more, of which none is there: e^-12 by chance
_DRIFT_BIN, _DRIFT = 64, 8_192  # bases


def swapped_strands(evidence: Evidence) -> Iterator[Suspicion]:
    """Pairs whose signal lies on the other strand than genes do, or than in tracks of the assay."""
    sample, tracks = evidence.sample, evidence.tracks
    ids = {track.id: index for index, track in enumerate(tracks)}
    flat = sample.bases.reshape(len(tracks), -1)
    for index, track in enumerate(tracks):
        other = ids.get(track.strand_pair)
        if track.strand != "+" or other is None or tracks[other].strand != "-":
            continue
        agreed = judged = 0
        for gene in sample.genes:
            plus, minus = (float(np.nansum(flat[i, gene.start : gene.end])) for i in (index, other))
            if plus == minus:
                continue
            judged += 1
            agreed += (plus > minus) == (gene.strand == "+")
        if judged >= 20 and agreed < 0.4 * judged:
            yield Suspicion(
                "swapped strands",
                (track.id, track.strand_pair),
                f"of {judged:,} genes only {agreed / judged:.0%} have more signal on their own "
                "strand",
                "exchange the two files, or their strands",
            )
        elif judged < 20:
            yield from _swapped_against_others(evidence, index, other)


def _swapped_against_others(evidence: Evidence, plus: int, minus: int) -> Iterator[Suspicion]:
    r, tracks = evidence.correlations, evidence.tracks
    ids = {track.id: index for index, track in enumerate(tracks)}
    crossed = []
    for other in evidence.peers(plus):
        partner = ids.get(tracks[other].strand_pair)
        if partner is not None:
            straight = r[plus, other] + r[minus, partner]
            crossed.append(r[plus, partner] + r[minus, other] - straight)
    if len(crossed) > 1 and np.median(crossed) > 0.1:
        yield Suspicion(
            "swapped strands",
            (tracks[plus].id, tracks[minus].id),
            f"each correlates better with the other strand of {len(crossed)} other pairs of its "
            f"assay, r higher by {np.median(crossed) / 2:.2f}",
            "exchange the two files, or their strands",
        )


def swapped_samples(evidence: Evidence) -> Iterator[Suspicion]:
    """Tracks that correlate better with the replicates of another sample than with their own."""
    names = replicate_sets(evidence.tracks)
    for index, track in enumerate(evidence.tracks):
        peers = evidence.peers(index)
        if len(peers) < 3:
            continue
        members = [index, *peers]
        left = dict(zip(members, evidence.differences(members)[0], strict=True))
        own = [left[i] for i in peers if names[i] == names[index]]
        for name in sorted({names[i] for i in peers} - {names[index]}):
            others = [left[i] for i in peers if names[i] == name]
            if not own or len(others) < 2:
                continue
            best, there = np.nanmax(own), np.nanmedian(others)
            if there > best + 0.1:
                yield Suspicion(
                    "swapped samples",
                    (track.id,),
                    f"what tells it from others of its assay agrees with {name} and its replicates "
                    f"(r {there:.2f}) rather than with its own (at best {best:.2f})",
                    "look at the sample sheet",
                )
                break


def other_genome(evidence: Evidence) -> Iterator[Suspicion]:
    """Signal where the genome has N, or that lies elsewhere than that of tracks like it."""
    sample = evidence.sample
    advice = "made on another assembly or strain; count its reads on this genome"
    for share, track in zip(sample.gap_signal, evidence.tracks, strict=True):
        if share > 0.01:
            words = f"{share:.1%} of its signal lies where the genome has N"
            yield Suspicion("another genome", (track.id,), words, advice)
    binned = in_bins(sample.bases, _DRIFT_BIN)
    binned = logs(binned.reshape(len(evidence.tracks), -1)).reshape(binned.shape)
    has_data = np.isfinite(binned)
    means = np.where(has_data, binned, 0).sum(axis=2) / np.maximum(has_data.sum(axis=2), 1)
    binned = np.where(has_data, binned - means[..., None], 0)
    spread = np.sqrt((binned**2).sum(axis=2))
    size = binned.shape[2]
    reach = min(_DRIFT // _DRIFT_BIN, size // 4)
    lags = np.arange(-reach, reach + 1)
    spectra = fft.rfft(binned, 2 * size, axis=2)
    for index in range(len(evidence.tracks)):
        witnesses = evidence.witnesses(index)
        named = evidence.named(index, witnesses)
        if not witnesses or named is None:
            continue
        shares = []
        for other in witnesses:
            profile = fft.irfft(spectra[index] * spectra[other].conj(), axis=1)[:, lags]
            with np.errstate(invalid="ignore", divide="ignore"):
                r = profile / (spread[index] * spread[other])[:, None]
            known = np.isfinite(r).all(axis=1)
            near, best = r[:, reach - 2 : reach + 3].max(axis=1), r.max(axis=1)
            far = (best > near + 0.15) & (best > LIKE) & known
            shares.append(far.sum() / max(int(known.sum()), 1))
        if np.median(shares) > 0.2:
            words = (
                f"in {np.median(shares):.0%} of the stretches it agrees better with tracks of its "
                "assay when moved by more than 128 bases, each by another number"
            )
            yield Suspicion("another genome", named, words, advice)


def copy_number(evidence: Evidence) -> Iterator[Suspicion]:
    """Long segments where a track is some 1.5-fold of what tracks like it are."""
    sample, tracks = evidence.sample, evidence.tracks
    found: list[tuple[int, str, int, int, float]] = []
    for together, window in _STEP_BINS:
        for step in _steps_of_all(evidence, together, window):
            index, chrom, first, last, _ = step
            if not any(s[:2] == (index, chrom) and s[2] < last and first < s[3] for s in found):
                found.append(step)
    for index, chrom, first, last, height in found:
        # What is held against the one with the step seems to step the other way, by less.
        if any(
            other in evidence.peers(index)
            and (there, height * h < 0, abs(h) > abs(height)) == (chrom, True, True)
            and (a < last and first < b)
            for other, there, a, b, h in found
        ):
            continue
        yield Suspicion(
            "copy number",
            (tracks[index].id,),
            f"{2**height:.2f}-fold of what is expected over {chrom}:"
            f"{first * sample.bin + 1:,}-{last * sample.bin:,}",
            "a duplication or deletion in the cells, which the network would take for sequence",
        )


def _steps_of_all(
    evidence: Evidence, together: int, window: int
) -> Iterator[tuple[int, str, int, int, float]]:
    """Steps of every track: its index, chromosome, first coarse bin and end, and height in log2."""
    coarse = evidence.sample.coarse
    edges = np.cumsum([0, *(values.shape[1] // together for values in coarse.values())])
    for index, residual, noise in _residuals(evidence, together):
        for chrom, start, end in zip(coarse, edges, edges[1:], strict=False):
            for first, last, height in _steps(residual[start:end], noise[start:end], window):
                yield index, chrom, together * first, together * last, height


def _residuals(evidence: Evidence, together: int) -> Iterator[tuple[int, np.ndarray, np.ndarray]]:
    """How far tracks, by index, lie from what is expected in log2, and its noise, (bins,)."""
    coarse = [in_bins(values, together) for values in evidence.sample.coarse.values()]
    values = np.concatenate(coarse, axis=1)
    with np.errstate(invalid="ignore", divide="ignore"):
        logs = np.log2(values)
    logs[~np.isfinite(logs)] = np.nan
    for index in range(len(evidence.tracks)):
        expected = _expected(evidence, logs, np.isfinite(values), index)
        if expected is not None and np.isfinite(logs[index] - expected).any():
            residual = logs[index] - expected
            residual -= np.nanmedian(residual)
            yield index, residual, _noise(residual, expected)


def _expected(
    evidence: Evidence, logs: np.ndarray, has_data: np.ndarray, index: int
) -> np.ndarray | None:
    """What tracks like this one say of each coarse bin, in log2: replicates, if there are two.

    Of a bin where only one of them has data (others may cover one chromosome) they say nothing:
    of two it is open which is off, and two fractions of the same reads differ by themselves.
    """
    names, peers = replicate_sets(evidence.tracks), evidence.peers(index)
    replicates = [i for i in peers if names[i] == names[index]]
    others = replicates if len(replicates) > 1 else peers
    others = [i for i in others if np.isfinite(logs[i]).any()]
    if len(others) < 2:
        return None
    centred = logs[others] - np.nanmedian(logs[others], axis=1, keepdims=True)
    known = np.isfinite(centred).any(axis=0) & (has_data[others].sum(axis=0) > 1)  # 0 is data
    expected = np.full(logs.shape[1], np.nan)
    expected[known] = np.nanmedian(centred[:, known], axis=0)
    return expected


def _noise(residual: np.ndarray, expected: np.ndarray) -> np.ndarray:
    """Standard deviation of the residual of bins of about the same signal: of few reads it is more.

    From the median deviation, which a step here and there does not change; (bins,).
    """
    noise = np.full(len(residual), np.nan)
    known = np.flatnonzero(np.isfinite(residual))
    by_signal = known[np.argsort(expected[known], kind="stable")]
    for alike in np.array_split(by_signal, max(1, min(len(known) // _ALIKE, 8))):
        middle = np.median(residual[alike])
        noise[alike] = 1.4826 * np.median(np.abs(residual[alike] - middle))
    return noise


def _steps(
    residual: np.ndarray, noise: np.ndarray, window: int
) -> Iterator[tuple[int, int, float]]:
    """Segments of at least `window` bins whose median is off by more than a quarter of a doubling.

    Yields
    ------
    int, int, float
        First bin, end, and how far its median lies from 0.
    """
    known = np.flatnonzero(np.isfinite(residual))
    values = residual[known]
    if len(values) < 2 * window:
        return
    each = values / np.maximum(noise[known], 1e-9)
    height, deviations = (
        np.abs(np.median(np.lib.stride_tricks.sliding_window_view(of, window), axis=1))
        for of in (values, each)
    )
    high = (height > _LEAST_STEP) & (deviations > _CLEAR_STEP / np.sqrt(window))
    edges = np.flatnonzero(np.diff(high, prepend=False, append=False)).reshape(-1, 2)
    for first, last in edges:
        part = slice(first, last + window - 1)
        middle = float(np.median(values[part]))
        if last - first >= window // 2 and abs(middle) > _LEAST_STEP:
            yield int(known[first]), int(known[part.stop - 1]) + 1, middle


def saturated(evidence: Evidence) -> Iterator[Suspicion]:
    """Tracks of which many bases have the same, largest value."""
    for index, track in enumerate(evidence.tracks):
        values = np.abs(evidence.sample.bases[index])
        values = values[np.isfinite(values) & (values > 0)]
        if not len(values):
            continue
        top = values.max()
        unit = values.min()
        at_top = int((values >= top * (1 - 1e-6)).sum())
        # Small counts have ties by themselves; of others the largest is met once or twice.
        floor, most = (0.9, 0.2) if top > 20 * unit else (0.5, 2.0)
        below = int((values >= top * floor).sum()) - at_top
        runs = _stretches_at(evidence.sample.bases[index], top)
        if runs >= 10 and (at_top > most * below or _lacks_more(values, top, unit)):
            yield Suspicion(
                "saturated",
                (track.id,),
                f"{at_top:,} bases at {runs:,} places have the largest value, {top:g}; "
                f"{below:,} come near it",
                "it was cut off; take the file from before, and give a clip in the tracks table",
            )


def _lacks_more(values: np.ndarray, top: float, unit: float) -> bool:
    """Whether counts lack larger ones than their largest, which those that are there ask for.

    Of reads that come by themselves, at whatever rates, (k + 1) n(k + 1) / n(k) does not fall as k
    grows, where n(k) bases have k reads (mixed Poisson distributions): it is the mean rate where
    there are k. So that many bases with one read more are expected at least.
    """
    largest = round(float(top / unit))
    if not 2 <= largest <= _SMALL_COUNT or not _are_counts(values):
        return False
    counts = np.rint(values / unit).astype(int)
    less, most = np.bincount(counts, minlength=largest + 1)[-2:].astype(float)
    return bool(less and largest * most / less * most / (largest + 1) > _MISSING)


def _stretches_at(bases: np.ndarray, top: float) -> int:
    """Count runs of bases at a value."""
    is_top = np.abs(bases.ravel()) >= top * (1 - 1e-6)
    return int(is_top[0]) + int((is_top[1:] & ~is_top[:-1]).sum())


CHECKS: dict[str, Callable[[Evidence], Iterator[Suspicion]]] = {
    "swapped strands": swapped_strands,
    "swapped samples": swapped_samples,
    "shifted": shifted,
    "another genome": other_genome,
    "copy number": copy_number,
    "saturated": saturated,
}

# Of another sample a track differs from its declared replicates along the genome, too, and on the
# other strand its signal lies elsewhere.
_EXPLAINED_BY = {"copy number": "swapped samples", "another genome": "swapped strands"}


def examine(sample: Sample) -> list[Suspicion]:
    """Run every check; what a heavier suspicion of the same track explains is left out."""
    evidence = Evidence(sample)
    found = [one for check in CHECKS.values() for one in check(evidence)]
    named = {(one.kind, track) for one in found for track in one.tracks}
    return [
        one
        for one in found
        if not any((_EXPLAINED_BY.get(one.kind), track) in named for track in one.tracks)
    ]


def unjudged(sample: Sample) -> list[str]:
    """Tracks without two others of their assay and strand, or a replicate, beside them, by id."""
    evidence = Evidence(sample)
    return [t.id for i, t in enumerate(sample.tracks) if not evidence.witnesses(i)]


def shallow(sample: Sample) -> dict[str, float]:
    """Tracks of counts that are too few for a 1.5-fold segment of 80 coarse bins to show.

    Returns
    -------
    dict of str to float
        By id how many times as many reads would show it, if nothing but chance varies.
    """
    together, window = _STEP_BINS[-1]
    bases = together * window * sample.bin
    # Half of the noise of n reads comes on top from two replicates: ln 1.5 is to be a clear step.
    needed = 1.5 * (_CLEAR_STEP / np.log(1.5)) ** 2
    evidence = Evidence(sample)
    found: dict[str, float] = {}
    coarse = np.concatenate([in_bins(v, together) for v in sample.coarse.values()], axis=1)
    for index, track in enumerate(sample.tracks):
        values = sample.bases[index]
        values = values[np.isfinite(values) & (values > 0)]
        expected = _expected(evidence, coarse, np.isfinite(coarse), index)
        if expected is None or not _are_counts(values):
            continue
        reads = float(np.nanmedian(coarse[index])) * bases / float(values.min())
        if reads < needed:
            found[track.id] = needed / max(reads, 1)
    return found


def _are_counts(values: np.ndarray) -> bool:
    """Whether values, all above 0, are multiples of the smallest."""
    if not len(values):
        return False
    counts = values / values.min()
    return bool(np.abs(counts - np.rint(counts)).max() < _ROUNDED)


def shallow_words(sample: Sample) -> str:
    """Say which tracks have too few reads for copy-number steps; "" where none has."""
    found = [f"{id} ({times:.1f} times as many would)" for id, times in shallow(sample).items()]
    if not found:
        return ""
    size = _STEP_BINS[-1][0] * _STEP_BINS[-1][1] * sample.bin
    return f"too few reads to show a 1.5-fold segment of {size:,} bases: {', '.join(found)}"
