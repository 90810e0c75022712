"""Everything that takes long and leaves files: coverage, data sets, training, predictions."""
