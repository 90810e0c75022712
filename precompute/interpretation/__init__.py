"""Saliency, mutagenesis, alleles and scores of variants, as files."""
