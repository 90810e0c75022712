"""What is measured of LD and of scores beside summary statistics, on real genotypes."""
