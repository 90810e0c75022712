"""Genes and transcripts out of GTF, GFF3 and BED."""
