"""The figures of an evaluation, drawn from its tables for page and report alike."""
