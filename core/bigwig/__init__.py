"""BigWigs, written and read: exact, at the speed of numpy."""

from sighthound.core.bigwig.files import read_bins, write_bigwig

__all__ = ["read_bins", "write_bigwig"]
