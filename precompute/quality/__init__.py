"""Whether experiments are what their table says: checks with evidence, and a report."""
