"""How right a model is on sequence that it never learned from, in tables."""
