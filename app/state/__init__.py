"""What a server keeps that cannot be computed again: a database by address, in numbered steps."""
