"""From data sets to a trained network."""
