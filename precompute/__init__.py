"""Everything that takes long and leaves files behind: coverage, data sets, training, predictions."""
