"""Tracks: experiments and the outputs that predict them, and how well these agree."""

from sighthound.core.tracks.track import Track, read_tracks

__all__ = ["Track", "read_tracks"]
