"""Binding motifs: JASPAR's, those a model reads, and those a variant makes or breaks."""
