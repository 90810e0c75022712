"""Variants and haplotypes: what they are, how people and VCF files write them."""
