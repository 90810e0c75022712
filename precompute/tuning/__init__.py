"""The search for a network and a way to train it: trials of a study, judged by validation."""
