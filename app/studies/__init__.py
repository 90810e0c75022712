"""Studies of variants and traits, as figures and as pages that stand alone."""
