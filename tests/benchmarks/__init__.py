"""Measurements, each a ratio inside one run; `python -m tests.benchmarks` lists them."""
