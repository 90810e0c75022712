"""Files of visitors: told apart, checked in a process of their own, and kept."""
