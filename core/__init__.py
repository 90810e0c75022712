"""Sighthound's library: genomes, tracks, trained models, and what a model says about a sequence.

Importing it does not import TensorFlow; the functions that compute do so when first called.
"""

from core.architecture import Architecture
from core.contributions import contribution_matrix, contributions
from core.errors import SighthoundError
from core.genes import Gene, Genes, read_genes
from core.genome import Genome, Interval, one_hot, parse_region
from core.inference import Ensemble, Model, load_model
from core.locus import locus_window
from core.mutagenesis import mutagenesis, mutagenesis_profiles
from core.project import Project, load_project
from core.saliency import gradient_times_input, saliency, saliency_profiles
from core.scans import deletion_scan, insertion_scan, replacements
from core.shuffle import dinucleotide_shuffles
from core.tracks import Track, read_tracks
from core.variant_scores import score_variants, variant_profiles
from core.variants import Variant, parse_variant
from core.vcf import read_variants

__version__ = "0.1.0"

__all__ = [
    "Architecture",
    "Ensemble",
    "Gene",
    "Genes",
    "Genome",
    "Interval",
    "Model",
    "Project",
    "SighthoundError",
    "Track",
    "Variant",
    "contribution_matrix",
    "contributions",
    "deletion_scan",
    "dinucleotide_shuffles",
    "gradient_times_input",
    "insertion_scan",
    "load_model",
    "load_project",
    "locus_window",
    "mutagenesis",
    "mutagenesis_profiles",
    "one_hot",
    "parse_region",
    "parse_variant",
    "read_genes",
    "read_tracks",
    "read_variants",
    "replacements",
    "saliency",
    "saliency_profiles",
    "score_variants",
    "variant_profiles",
]
