"""Real yeast experiments as a project folder, from where their authors publish them.

Nothing measured is shipped: the files of `FILES`, which names sources and licences, are fetched by
`precompute.public_files`.
"""

from __future__ import annotations

import os
import warnings
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import numpy as np

from core.annotation import read_annotation
from core.bigwig import write_bigwig
from core.errors import SighthoundError
from core.files import write_json, write_text
from core.genome import Genome
from core.tracks import Track, write_tracks
from precompute import demo
from precompute.public_files import PublicFile, fetch
from precompute.repeats import repeated_intervals, write_bed
from precompute.shipped import ROMAN
from precompute.yeast_genes import gff3_lines, with_coding

ASSETS = Path(__file__).resolve().parents[1] / "assets" / "yeast"
STAMP = ".yeast.json"
TITLE = "S. cerevisiae: public experiments"
DEFAULT_LOCUS = "chrXVI:452,609-468,992"
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


def _tidy_coverage(name: str, sha256: str, size: int) -> PublicFile:
    return PublicFile(
        name,
        "experiments",
        "js2264/tidyCoverage",
        "a1b8d2dab126e74b66b0133f62c9674a48b5f17d",
        f"inst/extdata/{name}",
        sha256,
        size,
        "MIT",
        f"tracks/{name}",
    )


def _run_atac(name: str, sha256: str, size: int) -> PublicFile:
    return PublicFile(
        name,
        "experiments",
        "SamBuckberry/RunATAC",
        "c133bc6776bec8bc077d0aa5c0a87d86a552ba24",
        f"inst/extdata/{name}",
        sha256,
        size,
        "MIT",
        f"tracks/{name}",
    )


FILES = (
    _tidy_coverage(
        "MNase.bw", "94c85a4326ba7a66f6721884e7a4b9e05362b1b9b1b2263c03694001e73b5f6f", 392729
    ),
    _tidy_coverage(
        "PolII.bw", "82579868cea223e9cb0fdef289eff17f69877a91be359128f1d5ff2fd45c4819", 399150
    ),
    _tidy_coverage(
        "Scc1.bw", "8f1a58c46628295b84d0d3d0f018c8e8c58936ab247dc34539fc5470e70c014b", 399667
    ),
    _tidy_coverage(
        "RNA.fwd.bw", "20f7188bc499ef2221ccb4906099c43bd963715e32481af2f2af9f41d8e7d0b5", 326547
    ),
    _tidy_coverage(
        "RNA.rev.bw", "74b2455ae10d6315cd19de05b16809f76a5db6b6a364dd9360503c3cbb577ebc", 326779
    ),
    PublicFile(
        "S288C_TSSs.RDS",
        "downloads",
        "zentnerlab/TSRexploreR",
        "0b6cca0b42c2699619918ddd8480c9f5d53247e6",
        "inst/extdata/S288C_TSSs.RDS",
        "9dabaac0b6d18774357bf19913d90ea2617b116ffb1f69811e303cbecd8da0df",
        3278754,
        "MIT",
        "tracks/S288C_TSSs.RDS",
    ),
    _run_atac(
        "chrIV.ins.bigwig",
        "7b07ac9fd36665e8b4910b62a0c3c7d734a71cf59b5b998c85c00898e5d34566",
        1738916,
    ),
    _run_atac(
        "chrIV.nuc.bigwig",
        "6f2409c80943128236f7a384be45732e8ffb6cbe2f60e365f15bda149b80c102",
        420488,
    ),
    PublicFile(
        "genes.gff",
        "downloads",
        "nucleosome-dynamics/nucleosome_dynamics",
        "788e375732ed9c90571385823e5f28d7e02ab663",
        "test/data/refGenomes/R64-1-1/genes.gff",
        "6674ad9cffdf04d2b5f7da47f2bddc1691e9724d9f5db88112a74a31ab34c4f3",
        2251210,
        "Apache-2.0",
        "genes.gff",
    ),
)
MEASURED_GENES = "downloads/genes.gff"
SHIPPED_GENES = "genome/genes.gff3.gz"
GENES = "genome/measured_genes.gff3"
# STRIPE-seq samples of S288C_TSSs.RDS: the name here, and the prefix of its three replicates there.
STRIPE_SEQ = {"WT": "S288C_WT_", "diamide": "S288C_D_"}


def prepare_yeast(
    directory: Path,
    mirror: Path | None = None,
    progress: Callable[[int, int], None] | None = None,
) -> Path:
    """Make the yeast project folder, or bring it up to date.

    Parameters
    ----------
    directory : Path
        Missing, empty, or made by an earlier call. Files in it with the right hash are kept.
    mirror : Path, optional
        Folder to take the files from instead of their public addresses; without it the folder
        `yeast` under the environment variable SIGHTHOUND_DATA, where there is one.
    progress : callable, optional
        Called with (bytes fetched or converted, all bytes).

    Returns
    -------
    Path
        The folder, with sighthound.toml, tracks.tsv, genome/, experiments/ and, when one is
        shipped, model/.

    Raises
    ------
    SighthoundError
        A file can neither be fetched nor found, or is not the expected one; the folder holds
        another project or cannot be written.
    """
    directory = Path(directory)
    mirror = _mirror(mirror)
    try:
        demo.check_directory(directory, TITLE)
        for name in ("genome", "experiments", "downloads"):
            (directory / name).mkdir(parents=True, exist_ok=True)
        _fetch_all(directory, mirror, progress)
        demo.copy_genome(directory / "genome")
        stamp = demo.shipped_stamp(_settings(), ASSETS / "model", Path(__file__))
        if not demo.is_current(directory / STAMP, stamp, _made_files()):
            _write_project(directory)
            demo.copy_folder(ASSETS / "model", directory / "model")
            write_json(directory / STAMP, stamp)
    except OSError as error:
        raise SighthoundError(
            f"the yeast project cannot be written to {directory} "
            f"({error.strerror or error}); choose another folder"
        ) from error
    return directory


def stripe_seq_counts(path: Path) -> dict[str, dict[str, dict[str, tuple[np.ndarray, np.ndarray]]]]:
    """Read the transcription starts of an R list of GRanges (RDS) and sum replicates.

    Parameters
    ----------
    path : Path
        S288C_TSSs.RDS: one GRanges a replicate, positions of 1 base with a score.

    Returns
    -------
    dict
        sample -> strand ("+" or "-") -> chromosome ("chrIV") -> (0-based positions, int64
        ascending; read counts, float64), nuclear chromosomes only.
    """
    replicates = _read_rds(path)
    summed: dict[str, dict[str, dict[str, tuple[np.ndarray, np.ndarray]]]] = {}
    for sample, prefix in STRIPE_SEQ.items():
        found: dict[tuple[str, str], list[tuple[np.ndarray, np.ndarray]]] = {}
        for name, ranges in replicates.items():
            if name.startswith(prefix):
                for strand, chrom, positions, scores in _by_chromosome(ranges):
                    found.setdefault((strand, chrom), []).append((positions, scores))
        summed[sample] = {"+": {}, "-": {}}
        for (strand, chrom), parts in found.items():
            positions, inverse = np.unique(
                np.concatenate([p for p, _ in parts]), return_inverse=True
            )
            counts = np.bincount(inverse, weights=np.concatenate([s for _, s in parts]))
            summed[sample][strand][chrom] = (positions, counts)
    return summed


def yeast_tracks(experiments: Path) -> list[Track]:
    """List the project's tracks, experiments being BigWigs in a folder."""
    some = "chrII,chrIV,chrXVI"

    def covered(id: str, name: str, assay: str, file: str, description: str, **other: Any) -> Track:
        values = {"covered": some, "sample": "wild type", "group": assay, **other}
        return Track(
            id=id,
            name=name,
            assay=assay,
            experiment=experiments / file,
            description=description,
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
    for sample in STRIPE_SEQ:
        for strand, word, other in (("+", "plus", "minus"), ("-", "minus", "plus")):
            tracks.append(
                covered(
                    f"STRIPE_{sample}_{word}",
                    f"STRIPE-seq {sample} {strand}",
                    "STRIPE-seq",
                    _stripe_file(sample, word),
                    "transcription starts, sum of 3 replicates",
                    covered="",
                    sample="wild type" if sample == "WT" else sample,
                    aggregation="sum",
                    strand=strand,
                    strand_pair=f"STRIPE_{sample}_{other}",
                )
            )
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
    return tracks


def _write_project(directory: Path) -> None:
    genome = Genome(directory / "genome" / "sacCer3.fa.gz")
    counts = stripe_seq_counts(directory / "downloads" / "S288C_TSSs.RDS")
    for sample, strands in counts.items():
        for strand, word in (("+", "plus"), ("-", "minus")):
            path = directory / "experiments" / _stripe_file(sample, word)
            write_bigwig(
                path, genome.lengths, _dense(strands[strand], genome), 1, mantissa_bits=None
            )
    measured, shipped = (directory / name for name in (MEASURED_GENES, SHIPPED_GENES))
    genes = with_coding(read_annotation(measured).genes, read_annotation(shipped).genes)
    write_text(directory / GENES, "".join(gff3_lines(genes)))
    write_bed(directory / "genome" / "repeats.bed", repeated_intervals(genome))
    write_tracks(directory / "tracks.tsv", yeast_tracks(directory / "experiments"))
    write_text(directory / "sighthound.toml", _settings())
    write_text(directory / "SOURCES.md", _sources())


def _stripe_file(sample: str, strand: str) -> str:
    return f"STRIPEseq_S288C_{sample}_3reps_sum.{strand}.bw"


def _dense(
    positions_and_counts: dict[str, tuple[np.ndarray, np.ndarray]], genome: Genome
) -> Iterator[tuple[str, np.ndarray]]:
    for chrom, length in genome.lengths.items():
        values = np.full(length, np.nan, np.float32)
        if chrom in positions_and_counts:
            positions, counts = positions_and_counts[chrom]
            values[positions] = counts
        yield chrom, values


def _read_rds(path: Path) -> dict[str, Any]:
    import rdata

    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # R classes that rdata does not know stay plain namespaces
        converted = rdata.read_rds(path)
    return {str(name): ranges for name, ranges in converted.items()}


def _by_chromosome(ranges: Any) -> Iterator[tuple[str, str, np.ndarray, np.ndarray]]:
    """Split a GRanges into (strand, chromosome, 0-based positions, scores)."""
    chrom = np.repeat(np.asarray(ranges.seqnames.values, str), ranges.seqnames.lengths)
    strand = np.repeat(np.asarray(ranges.strand.values, str), ranges.strand.lengths)
    position = np.asarray(ranges.ranges.start, np.int64) - 1
    score = np.asarray(ranges.elementMetadata.listData["score"], float)
    for name in ROMAN:
        for sign in "+-":
            here = (chrom == name) & (strand == sign)
            yield sign, f"chr{name}", position[here], score[here]


def _fetch_all(
    directory: Path, mirror: Path | None, progress: Callable[[int, int], None] | None
) -> None:
    total = sum(file.size for file in FILES)
    before = 0
    for file in FILES:

        def report(done: int, before: int = before) -> None:
            if progress:
                progress(before + done, total)

        fetch(file, directory / file.folder / file.name, mirror, report)
        before += file.size
        report(0, before)


def _mirror(mirror: Path | None) -> Path | None:
    if mirror is None:
        data = os.environ.get("SIGHTHOUND_DATA", "")
        mirror = Path(data) / "yeast" if data and (Path(data) / "yeast").is_dir() else None
    elif not Path(mirror).is_dir():
        raise SighthoundError(f"--mirror {mirror} is no folder; expected one with tracks/MNase.bw")
    return None if mirror is None else Path(mirror)


def _made_files() -> list[str]:
    stripe = [_stripe_file(s, word) for s in STRIPE_SEQ for word in ("plus", "minus")]
    return [
        "sighthound.toml",
        "tracks.tsv",
        GENES,
        "genome/repeats.bed",
        *(f"experiments/{name}" for name in stripe),
    ]


def _settings() -> str:
    tracks = ", ".join(f'"{track}"' for track in DEFAULT_TRACKS)
    return f"""# Public yeast experiments; sources and licences in SOURCES.md.
# Made by `sighthound demo --dataset yeast`.

[genome]
name = "sacCer3"
fasta = "genome/sacCer3.fa.gz"
# Measured transcription starts and ends, and the coding sequences of SGD.
genes = "{GENES}"
# Reads cannot be placed in repeats; the published coverage is zero or half there: no measurement.
blacklist = "genome/repeats.bed"

[tracks]
table = "tracks.tsv"

[dataset]
sequence_length = 16384
bin = 64
crop = 32
phases = 4
valid = ["chrXV"]
test = ["chrXVI"]

[training]
architecture = "small"
batch_size = 4
epochs = 30
patience = 0  # chrXV has only some of the tracks: its loss must not choose the weights of all

[motifs]
tax_group = "fungi"

[server]
title = "{TITLE}"
default_locus = "{DEFAULT_LOCUS}"
default_tracks = [{tracks}]
"""


def _sources() -> str:
    rows = "\n".join(
        f"| {file.folder}/{file.name} | {file.address} | {file.licence} |" for file in FILES
    )
    return f"""# Sources

| file | address | licence of the repository |
|---|---|---|
{rows}

The STRIPE-seq BigWigs are sums of the three replicates in S288C_TSSs.RDS. The genome is shipped
with Sighthound: genome/PROVENANCE.md. {GENES} has the transcripts of
genes.gff, whose starts and ends were measured, with the introns and coding sequences of
genes.gff3.gz, which is shipped with the genome.
"""
