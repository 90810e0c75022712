"""Genes and transcripts out of GTF, GFF3 and BED."""

from sighthound.core.annotation.genes import Gene, Genes, read_genes

__all__ = ["Gene", "Genes", "read_genes"]
