"""The network: its architecture as data, its layers, its folder, and what it predicts."""
