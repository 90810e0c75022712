"""Where things are on a genome, which bases are there, and how people write places."""
