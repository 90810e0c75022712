"""Which variant of a locus is causal: posteriors, credible sets, and what predictions add."""
