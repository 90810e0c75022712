"""The yeast project's tracks, settings and files: what the demo and the recipe have in common."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from sighthound.core.tracks.track import Track
from sighthound.precompute.recipes.demo_folder import ASSETS

SHIPPED = ASSETS / "yeast"
MODEL = SHIPPED / "model"
GENES = "genome/measured_genes.gff3.gz"
REPEATS = "genome/repeats.bed"
SOURCES = "SOURCES.md"
REPORTERS = "reporters.tsv.gz"
# Measured effects of single variants of promoters.
REPORTER_VARIANTS = "reporter_variants.tsv.gz"
# Not learned from: for validation, and for the test.
HELD_OUT = ("chrXV", "chrXVI")
REPLICATES = (1, 2, 3)
# Counts and RNA, whose few highest bins would be all that a loss sees.
SQUASHED = ("RNA-seq", "STRIPE-seq", "ATAC-seq")
DEFAULT_LOCUS = "chrXVI:573,101-589,484"
DEFAULT_TRACKS = (
    "MNase",
    "PolII",
    "Scc1",
    "RNA_fwd",
    "RNA_rev",
    "STRIPE_WT_plus",
    "STRIPE_WT_minus",
    "STRIPE_diamide_plus",
    "STRIPE_diamide_minus",
)


def yeast_tracks(experiments: Path) -> list[Track]:
    """List the project's tracks, experiments being BigWigs in a folder."""
    some = "chrII,chrIV,chrXVI"

    def covered(id: str, name: str, assay: str, file: str, description: str, **other: Any) -> Track:
        transform = "sqrt" if assay in SQUASHED else ""
        values = {"covered": some, "sample": "wild type", "group": assay, **other}
        return Track(
            id=id,
            name=name,
            assay=assay,
            experiment=experiments / file,
            description=description,
            transform=transform,
            **values,
        )

    tracks = [
        covered("MNase", "MNase", "MNase-seq", "MNase.bw", "nucleosome occupancy"),
        covered("PolII", "Pol II", "ChIP-seq", "PolII.bw", "RNA polymerase II"),
        covered("Scc1", "Scc1", "ChIP-seq", "Scc1.bw", "cohesin"),
        covered(
            "RNA_fwd",
            "RNA +",
            "RNA-seq",
            "RNA.fwd.bw",
            "RNA, forward strand",
            strand="+",
            strand_pair="RNA_rev",
        ),
        covered(
            "RNA_rev",
            "RNA -",
            "RNA-seq",
            "RNA.rev.bw",
            "RNA, reverse strand",
            strand="-",
            strand_pair="RNA_fwd",
        ),
    ]
    replicates = []
    for sample in ("WT", "diamide"):
        for strand, word, other in (("+", "plus", "minus"), ("-", "minus", "plus")):
            tracks.append(
                covered(
                    f"STRIPE_{sample}_{word}",
                    f"STRIPE-seq {sample} {strand}",
                    "STRIPE-seq",
                    stripe_file(sample, word),
                    "transcription starts, sum of 3 replicates",
                    covered="",
                    sample="wild type" if sample == "WT" else sample,
                    aggregation="sum",
                    strand=strand,
                    strand_pair=f"STRIPE_{sample}_{other}",
                )
            )
            replicates += [
                covered(
                    f"STRIPE_{sample}_{word}_r{number}",
                    f"STRIPE-seq {sample} {strand} rep {number}",
                    "STRIPE-seq",
                    stripe_file(sample, word, number),
                    f"transcription starts, replicate {number} on chromosomes not learned from",
                    covered=",".join(HELD_OUT),
                    sample="wild type" if sample == "WT" else sample,
                    aggregation="sum",
                    strand=strand,
                    strand_pair=f"STRIPE_{sample}_{other}_r{number}",
                    replicate_of=f"STRIPE_{sample}_{word}",
                )
                for number in REPLICATES
            ]
    for id, name, file, description in (
        ("ATAC_insertions", "ATAC insertions", "chrIV.ins.bigwig", "Tn5 insertions"),
        ("ATAC_nucleosomes", "ATAC nucleosomes", "chrIV.nuc.bigwig", "nucleosome centres"),
    ):
        tracks.append(
            covered(
                id,
                name,
                "ATAC-seq",
                file,
                f"{description}, chromosome IV only",
                covered="chrIV",
                aggregation="sum",
            )
        )
    for id, name, file, description in (
        ("ATAC_open", "ATAC nucleosome-free", "atac_nfr.bw", "cuts of fragments up to 120 bp"),
        ("ATAC_mono", "ATAC mononucleosome", "atac_mono.bw", "centres of fragments of 140-220 bp"),
    ):
        tracks.append(
            covered(id, name, "ATAC-seq", file, description, covered="", aggregation="sum")
        )
    return [*tracks, *replicates]


def stripe_file(sample: str, strand: str, replicate: int = 0) -> str:
    """Name the BigWig of a STRIPE-seq sample ("WT", "diamide") and strand ("plus", "minus").

    Of all replicates together, or of one.
    """
    of = f"rep{replicate}" if replicate else "3reps_sum"
    return f"STRIPEseq_S288C_{sample}_{of}.{strand}.bw"


def yeast_settings(title: str, command: str) -> str:
    """Give the text of sighthound.toml: as the shipped model was trained."""
    tracks = ", ".join(f'"{track}"' for track in DEFAULT_TRACKS)
    return f"""# Public yeast experiments; sources and licences in {SOURCES}.
# Made by `{command}`.

[genome]
name = "sacCer3"
fasta = "genome/sacCer3.fa.gz"
# Measured transcription starts and ends, and the coding sequences of SGD.
genes = "{GENES}"
# Reads cannot be placed in repeats; the published coverage is zero or half there: no measurement.
blacklist = "{REPEATS}"

[tracks]
table = "tracks.tsv"

[dataset]
sequence_length = 16384
bin = 64
crop = 32
phases = 4
valid = ["{HELD_OUT[0]}"]
test = ["{HELD_OUT[1]}"]

[training]
architecture = "small"
batch_size = 4
epochs = 14
patience = 0  # chrXV has only some of the tracks: its loss must not choose the weights of all
averaging = 0.997
members = 3
distillation_epochs = 6
# Measured promoters, random and native, the latter not of chrXV and chrXVI.
reporters = "{REPORTERS}"

[motifs]
tax_group = "fungi"

[server]
title = "{title}"
default_locus = "{DEFAULT_LOCUS}"
default_tracks = [{tracks}]
"""
