"""Data sets: windows, folds and binned experiments that networks learn from."""
