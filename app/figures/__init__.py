"""Plotly figures: pure functions from arrays to a figure."""
