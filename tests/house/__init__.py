"""What holds for the house as a whole: its rooms, its docs, what is installed with it."""
