"""What statisticians ask: tables of LD, and scores of variants beside summary statistics."""
