"""Measured effects of variants, beside what a model predicts of them."""
