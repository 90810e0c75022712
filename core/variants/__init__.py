"""Variants and haplotypes: what they are, how people and VCF files write them."""

from sighthound.core.variants.variant import Variant, parse_variant
from sighthound.core.variants.vcf import read_variants

__all__ = ["Variant", "parse_variant", "read_variants"]
