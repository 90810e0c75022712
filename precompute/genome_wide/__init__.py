"""Predictions of whole genomes, as BigWigs."""
