"""Real yeast experiments as a project folder, from where their authors publish them.

The files of `FILES`, which names sources and licences, are fetched by
`precompute.recipes.downloads`. The demo shows the same experiments from compact files that are
shipped (`precompute.recipes.demo`).
"""

from __future__ import annotations

import gzip
import os
from pathlib import Path

from sighthound.core.annotation.read import read_annotation
from sighthound.core.errors import SighthoundError
from sighthound.core.files import whole_file, write_text
from sighthound.core.genome.sequence import Genome
from sighthound.core.progress import Progress
from sighthound.core.project.settings import SETTINGS_FILE
from sighthound.core.tracks.card import card_file
from sighthound.core.tracks.track import write_tracks
from sighthound.precompute.datasets import repeats
from sighthound.precompute.datasets.repeats import repeated_intervals, write_bed
from sighthound.precompute.reads.coverage import coverage
from sighthound.precompute.recipes import yeast_genes, yeast_starts
from sighthound.precompute.recipes.demo_folder import (
    GENOME,
    copy_file,
    copy_folder,
    copy_genome,
    demo_folder,
    files_below,
    hash_of,
    make_once,
    shipped_genome,
)
from sighthound.precompute.recipes.downloads import PublicFile, fetch
from sighthound.precompute.recipes.yeast_genes import gff3_lines, with_coding
from sighthound.precompute.recipes.yeast_project import (
    GENES,
    MODEL,
    REPEATS,
    REPORTERS,
    SHIPPED,
    SOURCES,
    yeast_settings,
    yeast_tracks,
)
from sighthound.precompute.recipes.yeast_starts import write_stripe_seq

STAMP = ".yeast.json"
TITLE = "S. cerevisiae: public experiments"


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
    PublicFile(
        "SRR1822137.bedpe.gz",
        "downloads",
        "macs3-project/MACS",
        "a341a2f",
        "test/yeast_500k_SRR1822137.bedpe.gz",
        "e501d404c31da397affc92427be25d6a2b29d0d993fc4e7b61f8976c9bfe6eb9",
        1829813,
        "BSD-3-Clause",
        "atac/SRR1822137_500k.bedpe.gz",
    ),
)
MEASURED_GENES = "downloads/genes.gff"
# Fragments of ATAC-seq, and the tracks that `coverage` makes of them.
ATAC_FRAGMENTS = "downloads/SRR1822137.bedpe.gz"
ATAC_SEQ = {"atac_nfr.bw": ("atac", (0, 120)), "atac_mono.bw": ("mnase", (140, 220))}


def prepare_yeast(
    directory: Path,
    mirror: Path | None = None,
    progress: Progress | None = None,
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
    with demo_folder(directory, TITLE):
        for name in ("genome", "experiments", "downloads"):
            (directory / name).mkdir(exist_ok=True)
        _fetch_all(directory, mirror, progress)
        modules = (yeast_genes, yeast_starts, repeats)
        sources = (Path(__file__), *(Path(str(module.__file__)) for module in modules))
        made_from = hash_of(_settings(), [*sources, *shipped_genome(), *files_below(MODEL)])
        make_once(directory, STAMP, made_from, lambda: _write_project(directory))
    return directory


def _write_project(directory: Path) -> list[Path]:
    files = copy_genome(directory / "genome")
    fasta = directory / "genome" / "sacCer3.fa.gz"
    genome = Genome(fasta)
    experiments = directory / "experiments"
    files += write_stripe_seq(directory / "downloads" / "S288C_TSSs.RDS", experiments, genome)
    fragments = directory / ATAC_FRAGMENTS
    for name, (assay, sizes) in ATAC_SEQ.items():
        path = experiments / name
        command = (
            f"sighthound coverage {fragments.name} {name} --genome {fasta.name} --assay {assay} "
            f"--fragment-sizes {sizes[0]}-{sizes[1]}"
        )
        coverage(fragments, path, assay=assay, genome=fasta, fragment_sizes=sizes, command=command)
        files += [path, card_file(path)]
    measured, shipped = directory / MEASURED_GENES, GENOME / "genes.gff3.gz"
    # The shipped genome is the nuclear one: genes of mitochondria have no place there.
    nuclear = [gene for gene in read_annotation(measured).genes if gene.chrom in genome.lengths]
    genes = with_coding(nuclear, read_annotation(shipped).genes)
    lines = "".join(gff3_lines(genes)).encode()
    with whole_file(directory / GENES) as part:
        part.write_bytes(gzip.compress(lines, mtime=0))
    write_bed(directory / REPEATS, repeated_intervals(genome))
    write_tracks(directory / "tracks.tsv", yeast_tracks(experiments))
    write_text(directory / SETTINGS_FILE, _settings())
    write_text(directory / SOURCES, _sources())
    copy_folder(MODEL, directory / "model")
    copy_file(SHIPPED / REPORTERS, directory / REPORTERS)
    made = (GENES, REPEATS, REPORTERS, "tracks.tsv", SETTINGS_FILE, SOURCES)
    return [*files, *(directory / name for name in made)]


def _fetch_all(directory: Path, mirror: Path | None, progress: Progress | None) -> None:
    total = sum(file.size for file in FILES)
    before = 0
    for file in FILES:

        def report(done: int, _total: int, _phase: str = "", /, before: int = before) -> None:
            if progress:
                progress(before + done, total)

        fetch(file, directory / file.folder / file.name, mirror, report)
        before += file.size
        if progress:
            progress(before, total)


def _mirror(mirror: Path | None) -> Path | None:
    if mirror is None:
        data = os.environ.get("SIGHTHOUND_DATA", "")
        mirror = Path(data) / "yeast" if data and (Path(data) / "yeast").is_dir() else None
    elif not Path(mirror).is_dir():
        raise SighthoundError(f"--mirror {mirror} is no folder; expected one with tracks/MNase.bw")
    return None if mirror is None else Path(mirror)


def _settings() -> str:
    return yeast_settings(TITLE, "sighthound demo --dataset yeast")


def _sources() -> str:
    rows = "\n".join(
        f"| {file.folder}/{file.name} | {file.address} | {file.licence} |" for file in FILES
    )
    return f"""# Sources

| file | address | licence of the repository |
|---|---|---|
{rows}

The STRIPE-seq BigWigs are sums of the three replicates in S288C_TSSs.RDS, and each on the
chromosomes that are held out, where it says how well experiments agree; atac_nfr.bw and
atac_mono.bw are `sighthound coverage` of SRR1822137.bedpe.gz (the cards beside them say how).
{REPORTERS} is shipped with Sighthound: SOURCES.md there names its origin. The genome is shipped
with Sighthound: genome/PROVENANCE.md. {GENES} has the transcripts of
genes.gff, whose starts and ends were measured, with the introns and coding sequences of
genes.gff3.gz, which is shipped with the genome.
"""
