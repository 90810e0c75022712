"""Measured effects of variants for the page: of a window, and how right predictions of them are."""
