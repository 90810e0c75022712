"""Where things are on a genome, which bases are there, and how people write places."""

from sighthound.core.genome.sequence import Genome, Interval, one_hot, parse_region

__all__ = ["Genome", "Interval", "one_hot", "parse_region"]
