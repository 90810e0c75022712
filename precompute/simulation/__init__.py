"""Simulated assays on a real genome, and what causes them."""
