"""The inference worker: the process that owns the model, its client, its answers, their cache."""
