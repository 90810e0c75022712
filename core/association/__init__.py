"""From variants to traits: LD, summary statistics, and what they say of scores."""
