"""Whether predictions tell variants of a genome-wide association study from matched others."""
