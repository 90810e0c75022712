"""The files through which `app` and `precompute` meet: settings, folds, held-out accuracy."""
