"""From tracks to data sets, and from these to a trained network."""
