"""What is suspicious of experiments, each with its evidence.

Tracks are held against tracks of the same assay and strand, and against genes. What has neither
cannot be judged, and is said not to have been.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import cached_property

import numpy as np
from scipy import fft

from sighthound.core.tracks.track import Track
from sighthound.precompute.quality.samples import Sample

_FINE = 32  # bases a bin of correlations
_COARSER = 512  # and of what tells samples apart: about a promoter
_LAGS = 50  # bases that a shift may have
_DRIFT_BIN, _DRIFT = 16, 8_192  # bases
_LIKE = 0.3  # correlation from which tracks are held against each other


@dataclass(frozen=True)
class Suspicion:
    """One thing that is suspicious.

    Attributes
    ----------
    kind : str
        One of `KINDS`.
    tracks : tuple of str
        Ids of the tracks that it is of.
    words : str
        What is seen, with its numbers.
    advice : str
        What it mostly means, and what to look at.
    """

    kind: str
    tracks: tuple[str, ...]
    words: str
    advice: str

    def __str__(self) -> str:
        return f"{self.kind}: {', '.join(self.tracks)}: {self.words}; {self.advice}"


class Evidence:
    """A sample, and what several checks need of it."""

    def __init__(self, sample: Sample) -> None:
        self.sample = sample
        self.tracks = sample.tracks

    @cached_property
    def correlations(self) -> np.ndarray:
        """Pearson r of log(1 + value / mean) in bins of 32 bases, (tracks, tracks)."""
        return correlation(self._logs)

    @cached_property
    def _logs(self) -> np.ndarray:
        return _logs(_in_bins(self.sample.bases, _FINE).reshape(len(self.tracks), -1))

    def differences(self, members: list[int]) -> np.ndarray:
        """Pearson r of what is left of tracks without what they have in common.

        Depth makes tracks correlate more or less with all others; this is free of it. Square roots
        have the same noise at every height, and only the bins with most signal are taken.
        """
        values = _in_bins(self.sample.bases[members], _COARSER).reshape(len(members), -1)
        values = values[:, np.isfinite(values).all(axis=0)].astype(float)
        values = np.sqrt(np.maximum(values, 0) / np.maximum(values.mean(axis=1), 1e-30)[:, None])
        height = values.mean(axis=0)
        values = values[:, height > np.quantile(height, 0.8)]
        return correlation(values - values.mean(axis=0))

    def sets(self, by_strand: bool = True) -> list[list[int]]:
        """Tracks of one assay, group and strand."""
        found: dict[tuple[str, ...], list[int]] = {}
        for index, t in enumerate(self.tracks):
            key = (t.assay, t.group, t.strand if by_strand else "", t.aggregation)
            found.setdefault(key, []).append(index)
        return list(found.values())

    def peers(self, index: int) -> list[int]:
        """Tracks of the same assay, group and strand."""
        own = next(members for members in self.sets() if index in members)
        return [other for other in own if other != index]

    def witnesses(self, index: int) -> list[int]:
        """Peers that place a track's signal: two or more, or one declared to be its replicate.

        One peer alone may be of another protein, or another fraction of the same reads.
        """
        peers = self.peers(index)
        names = replicate_sets(self.tracks)
        return peers if len(peers) > 1 else [i for i in peers if names[i] == names[index]]

    def named(self, index: int, witnesses: list[int]) -> tuple[str, ...] | None:
        """Ids of what is suspicious: the track, or of a pair, where it may be either, both once."""
        pair = [index] if len(witnesses) > 1 else sorted([index, *witnesses])
        return None if index != pair[0] else tuple(self.tracks[i].id for i in pair)


def correlation(values: np.ndarray) -> np.ndarray:
    """Pearson r of rows over the columns where both have data, (rows, rows)."""
    has_data = np.isfinite(values)
    weights = has_data.astype(float)
    filled = np.where(has_data, values, 0).astype(float)
    n = weights @ weights.T
    with np.errstate(invalid="ignore", divide="ignore"):
        sums, squares = filled @ weights.T, filled**2 @ weights.T
        spread = squares - sums**2 / n
        together = filled @ filled.T - sums * sums.T / n
        return np.asarray(together / np.sqrt(spread * spread.T))


def replicate_sets(tracks: tuple[Track, ...]) -> list[str]:
    """Name for every track the one whose replicate it is declared to be, by `replicate_of`.

    Equal assay and sample are not enough: two fractions of the same reads have them too.
    """
    by_id = {track.id: track for track in tracks}
    names = []
    for track in tracks:
        seen = {track.id}
        while track.replicate_of in by_id and track.replicate_of not in seen:
            track = by_id[track.replicate_of]
            seen.add(track.id)
        names.append(track.id)
    return names


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


def shifted(evidence: Evidence) -> Iterator[Suspicion]:
    """Tracks that agree best with their assay's others when moved by some bases."""
    values = np.sqrt(np.maximum(np.nan_to_num(evidence.sample.bases), 0))
    values -= values.mean(axis=2, keepdims=True)
    lags = np.arange(-_LAGS, _LAGS + 1)
    spectra = fft.rfft(values, axis=2)
    for index in range(len(evidence.tracks)):
        witnesses = [
            i for i in evidence.witnesses(index) if evidence.correlations[index, i] > _LIKE
        ]
        named = evidence.named(index, witnesses)
        if not witnesses or named is None:
            continue
        found = []
        for other in witnesses:
            product = (spectra[index] * spectra[other].conj()).sum(axis=0)
            profile = fft.irfft(product, values.shape[2])[lags]
            peak = int(np.argmax(profile))
            # A broad signal has no sharp peak, and says nothing of single bases.
            inside = 0 < peak < len(lags) - 1
            sharp = inside and profile[peak] > 1.02 * profile[_LAGS]
            found.append(int(lags[peak]) if sharp else 0)
        lag = int(np.median(found))
        agreeing = sum(value == lag for value in found)
        if lag and agreeing * 2 > len(found):
            yield Suspicion(
                "shifted",
                named,
                f"agrees best with {agreeing} of {len(found)} tracks of its assay and strand when "
                f"moved by {-lag:+d} bases",
                "give all the same --shift in 'sighthound coverage'",
            )


def other_genome(evidence: Evidence) -> Iterator[Suspicion]:
    """Signal where the genome has N, or that lies elsewhere than that of tracks like it."""
    sample = evidence.sample
    advice = "made on another assembly or strain; count its reads on this genome"
    for share, track in zip(sample.gap_signal, evidence.tracks, strict=True):
        if share > 0.01:
            words = f"{share:.1%} of its signal lies where the genome has N"
            yield Suspicion("another genome", (track.id,), words, advice)
    binned = _in_bins(sample.bases, _DRIFT_BIN)
    binned = _logs(binned.reshape(len(evidence.tracks), -1)).reshape(binned.shape)
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
            far = (best > near + 0.15) & (best > _LIKE) & known
            shares.append(far.sum() / max(int(known.sum()), 1))
        if np.median(shares) > 0.2:
            words = (
                f"in {np.median(shares):.0%} of the stretches it agrees better with tracks of its "
                "assay when moved by more than 32 bases, each by another number"
            )
            yield Suspicion("another genome", named, words, advice)


def copy_number(evidence: Evidence) -> Iterator[Suspicion]:
    """Long segments where a track is some 1.5-fold of what tracks like it are."""
    sample, tracks = evidence.sample, evidence.tracks
    chroms = list(sample.coarse)
    logs = np.concatenate([sample.coarse[c] for c in chroms], axis=1)
    with np.errstate(invalid="ignore", divide="ignore"):
        logs = np.log2(logs)
    logs[~np.isfinite(logs)] = np.nan
    bins = [sample.coarse[c].shape[1] for c in chroms]
    edges = np.concatenate([[0], np.cumsum(bins)])
    found: list[tuple[int, str, int, int, float]] = []
    for index in range(len(tracks)):
        expected = _expected(evidence, logs, index)
        if expected is None:
            continue
        residual = logs[index] - expected
        residual -= np.nanmedian(residual)
        for chrom, start, end in zip(chroms, edges, edges[1:], strict=False):
            found += [(index, chrom, *step) for step in _steps(residual[start:end])]
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


def _expected(evidence: Evidence, logs: np.ndarray, index: int) -> np.ndarray | None:
    """What tracks like this one say of each coarse bin, in log2: replicates, if there are two."""
    names, peers = replicate_sets(evidence.tracks), evidence.peers(index)
    replicates = [i for i in peers if names[i] == names[index]]
    others = replicates if len(replicates) > 1 else peers
    if len(others) < 2:
        return None
    centred = logs[others] - np.nanmedian(logs[others], axis=1, keepdims=True)
    known = np.isfinite(centred).any(axis=0)
    expected = np.full(logs.shape[1], np.nan)
    expected[known] = np.nanmedian(centred[:, known], axis=0)
    return expected


def _steps(residual: np.ndarray) -> Iterator[tuple[int, int, float]]:
    """Segments of at least 40 bins whose median is off by a quarter of a doubling, by binary cuts.

    Yields
    ------
    int, int, float
        First bin, end, and how far its median lies from 0.
    """
    window = 40
    known = np.flatnonzero(np.isfinite(residual))
    if len(known) < 2 * window:
        return
    values = residual[known]
    windows = np.lib.stride_tricks.sliding_window_view(values, window)
    smooth = np.median(windows, axis=1)
    noise = 1.4826 * np.median(np.abs(values - np.median(values))) * 1.25 / np.sqrt(window)
    high = np.abs(smooth) > max(0.35, 3.5 * noise)
    edges = np.flatnonzero(np.diff(high, prepend=False, append=False)).reshape(-1, 2)
    for first, last in edges:
        if last - first >= window // 2:
            part = values[first : last + window - 1]
            yield int(known[first]), int(known[last + window - 2]) + 1, float(np.median(part))


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
        if runs >= 10 and at_top > most * below:
            yield Suspicion(
                "saturated",
                (track.id,),
                f"{at_top:,} bases at {runs:,} places have the largest value, {top:g}; "
                f"{below:,} come near it",
                "it was cut off; take the file from before, and give a clip in the tracks table",
            )


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


def examine(sample: Sample) -> list[Suspicion]:
    """Run every check."""
    evidence = Evidence(sample)
    return [found for check in CHECKS.values() for found in check(evidence)]


def unjudged(sample: Sample) -> list[str]:
    """Tracks without two others of their assay and strand, or a replicate, beside them, by id."""
    evidence = Evidence(sample)
    return [t.id for i, t in enumerate(sample.tracks) if not evidence.witnesses(i)]


def _in_bins(bases: np.ndarray, size: int) -> np.ndarray:
    whole = bases.shape[-1] // size * size
    means: np.ndarray = bases[..., :whole].reshape(*bases.shape[:-1], -1, size).mean(axis=-1)
    return means


def _logs(values: np.ndarray) -> np.ndarray:
    """log(1 + value / mean), rows by themselves."""
    size = np.abs(values)
    mean = np.nanmean(np.where(np.isfinite(size), size, np.nan), axis=1, keepdims=True)
    return np.asarray(np.log1p(size / np.maximum(mean, 1e-30)))
