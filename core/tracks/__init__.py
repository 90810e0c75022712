"""Tracks: experiments and the outputs that predict them, and how well these agree."""
