"""BigWigs, written and read: exact, at the speed of numpy."""
