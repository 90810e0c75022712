"""From sequencing reads to coverage."""
