"""Sighthound's library: genomes, tracks, trained models, and what a model says about a sequence.

Importing it does not import TensorFlow; the functions that compute do so when first called.
"""

from sighthound.core.annotation import Gene, Genes, read_genes
from sighthound.core.errors import SighthoundError
from sighthound.core.genome import Genome, Interval, one_hot, parse_region
from sighthound.core.genome.shuffle import dinucleotide_shuffles
from sighthound.core.interpretation.agreement import Agreement, agreement
from sighthound.core.interpretation.attributions import contribution_matrix, contributions
from sighthound.core.interpretation.mutagenesis import mutagenesis, mutagenesis_profiles
from sighthound.core.interpretation.saliency import (
    gradient_times_input,
    saliency,
    saliency_profiles,
)
from sighthound.core.interpretation.scans import deletion_scan, insertion_scan, replacements
from sighthound.core.interpretation.variant_scores import score_variants, variant_profiles
from sighthound.core.interpretation.windows import locus_window
from sighthound.core.model.architecture import Architecture
from sighthound.core.model.ensemble import Ensemble
from sighthound.core.model.model import Model, load_members_of, load_model
from sighthound.core.project import Project, load_project
from sighthound.core.tracks import Track, read_tracks
from sighthound.core.variants import Variant, parse_variant, read_variants

__version__ = "0.2.0"

__all__ = [
    "Agreement",
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
    "agreement",
    "contribution_matrix",
    "contributions",
    "deletion_scan",
    "dinucleotide_shuffles",
    "gradient_times_input",
    "insertion_scan",
    "load_members_of",
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
