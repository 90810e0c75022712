"""Whether signal lies some bases beside its place: against other tracks, and the other strand."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
from scipy import fft

from sighthound.precompute.quality.evidence import LIKE, Evidence, Suspicion

_LAGS = 50  # bases that a shift may have
_STRANDS_LIKE = 0.1  # correlation of strands, base by base, from which they have cuts in common
_STANDS_OUT = 8.0  # standard deviations of the other lags
_CONVENTION = 1  # base by which strands lie apart by who counts an end


def shifted(evidence: Evidence) -> Iterator[Suspicion]:
    """Tracks that agree best with their assay's others when moved by some bases."""
    profiles = _Profiles(evidence.sample.bases)
    yield from _strands_apart(evidence, profiles)
    for index in range(len(evidence.tracks)):
        witnesses = [i for i in evidence.witnesses(index) if evidence.correlations[index, i] > LIKE]
        named = evidence.named(index, witnesses)
        if not witnesses or named is None:
            continue
        found = []
        for other in witnesses:
            profile = profiles.between(index, other)
            peak = int(np.argmax(profile))
            # A broad signal has no sharp peak, and says nothing of single bases.
            inside = 0 < peak < len(profile) - 1
            sharp = inside and profile[peak] > 1.02 * profile[_LAGS]
            found.append(peak - _LAGS if sharp else 0)
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


def _strands_apart(evidence: Evidence, profiles: _Profiles) -> Iterator[Suspicion]:
    """Pairs of strands that meet when moved: of a transposase's cuts, each is seen from both.

    Starts of transcription do not show on the other strand, and such pairs are passed over.
    """
    ids = {track.id: index for index, track in enumerate(evidence.tracks)}
    for index, track in enumerate(evidence.tracks):
        other = ids.get(track.strand_pair)
        if track.strand != "+" or other is None:
            continue
        profile = profiles.between(other, index)
        peak = int(np.argmax(profile))
        others = np.delete(profile, peak)
        middle = float(np.median(others))
        spread = 1.4826 * float(np.median(abs(others - middle)))
        lag = peak - _LAGS
        if (
            profile[peak] > _STRANDS_LIKE
            and profile[peak] > middle + _STANDS_OUT * spread
            and 0 < peak < len(profile) - 1
            and abs(lag) > _CONVENTION
        ):
            yield Suspicion(
                "shifted",
                (track.id, track.strand_pair),
                f"its strands agree best (r {profile[peak]:.2f}, else {middle:.2f}) when the other "
                f"is moved by {-lag:+d} bases",
                "cuts of Tn5 lie 8 apart before they are shifted: give --shift +4/-4 in "
                "'sighthound coverage', or --assay atac; or only one strand was shifted",
            )


class _Profiles:
    """Cross-correlations of square roots, base by base; `bases` as in `Sample`."""

    def __init__(self, bases: np.ndarray) -> None:
        values = np.sqrt(np.maximum(np.nan_to_num(bases), 0))
        values -= values.mean(axis=2, keepdims=True)
        self._length = values.shape[2]
        self._spectra = fft.rfft(values, axis=2)
        self._norms = np.sqrt((values**2).sum(axis=(1, 2), dtype=float))

    def between(self, one: int, other: int) -> np.ndarray:
        """Pearson r at lags -50 to 50: positive where `one` lies to the right of `other`."""
        product = (self._spectra[one] * self._spectra[other].conj()).sum(axis=0)
        profile = fft.irfft(product, self._length)[np.arange(-_LAGS, _LAGS + 1)]
        return np.asarray(profile / max(float(self._norms[one] * self._norms[other]), 1e-30))
