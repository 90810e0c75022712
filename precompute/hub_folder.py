"""A track hub as a folder, to be copied to a web server that UCSC can reach."""

from __future__ import annotations

import dataclasses
import os
import shutil
from collections.abc import Mapping, Sequence
from pathlib import Path

from sighthound.core.browsers.igv import igv_locus
from sighthound.core.browsers.tracks import ALLELES, KINDS, SharedTrack, shared_tracks, track_file
from sighthound.core.browsers.twobit import write_twobit
from sighthound.core.browsers.ucsc_hub import (
    METADATA_FILE,
    Assembly,
    Hub,
    default_shown,
    written_files,
)
from sighthound.core.browsers.ucsc_text import unique_words
from sighthound.core.errors import SighthoundError
from sighthound.core.files import check_output_folder, own_items, whole_file, write_text
from sighthound.core.genome.sequence import Interval, parse_region
from sighthound.core.interpretation.allele_tracks import AlleleBins, say_haplotype
from sighthound.core.model.model import load_model
from sighthound.core.progress import Progress
from sighthound.core.project.held_out import stated_pearson
from sighthound.core.project.settings import Project, VariantsSettings
from sighthound.core.tracks.track import Track
from sighthound.core.variants.haplotype import Haplotype, haplotype
from sighthound.core.variants.variant import parse_variant
from sighthound.precompute.interpretation.allele_tracks import (
    ensemble_of_predictions,
    predict_alleles,
)

BIGWIGS = "bigwigs"
VARIANTS = "variants.vcf.gz"
TWO_BIT, SIZES = "genome.2bit", "chrom.sizes"


def write_hub(
    project: Project,
    directory: Path,
    *,
    tracks: Sequence[str] | None = None,
    kinds: Sequence[str] = tuple(KINDS),
    variants: Sequence[str] = (),
    vcf: bool = False,
    assembly: bool = False,
    genome: str = "",
    email: str = "hub@localhost",
    url: str = "",
    three_files: bool = False,
    faceted: bool = False,
    overlays: bool = True,
    link: bool = False,
    progress: Progress | None = None,
) -> list[SharedTrack]:
    """Write hub.txt and the BigWigs it names.

    A BigWig that is there with the size and time of its original is kept; so an interrupted copy
    goes on with the same call.

    Parameters
    ----------
    directory : path
        New, empty, or a hub of before, whose files are replaced.
    tracks : sequence of str, optional
        Ids; all by default.
    kinds : sequence of str
        Which BigWigs of a track.
    variants : sequence of str
        Variants on one sequence, as people write them; the hub then also holds the predictions of
        both alleles and their difference.
    vcf : bool
        Also the project's VCF of known variants.
    assembly : bool
        Also the genome, for browsers that do not know it: an assembly hub.
    genome : str
        UCSC's name of the assembly; that of the project by default.
    url : str
        Where the folder will be; addresses in the hub are relative without it.
    three_files, faceted, overlays : bool
        See `core.browsers.ucsc_hub`.
    link : bool
        Hard links instead of copies: no space, on the same disk only.
    progress : callable, optional
        Called with BigWigs done and in total.

    Returns
    -------
    list of SharedTrack, what the hub holds

    Raises
    ------
    SighthoundError
        An unknown track, nothing to share, a genome without a name, a directory with other files
        in it, a variant that does not fit the genome, or no VCF.
    """
    every = project.read_tracks()
    by_id = {track.id: track for track in every}
    unknown = [track for track in tracks or () if track not in by_id]
    if unknown:
        raise SighthoundError(f"unknown track {unknown[0]!r}; there are {', '.join(by_id)}")
    chosen = every if not tracks else [by_id[track] for track in dict.fromkeys(tracks)]
    base = f"{url.rstrip('/')}/" if url else ""
    # Of all tracks, so that a file keeps its name whatever is chosen.
    names = unique_words(by_id, "t")

    def place(track: Track, kind: str) -> str:
        return f"{BIGWIGS}/{names[track.id]}.{kind}.bw"

    def address(track: Track, kind: str) -> str:
        return f"{base}{place(track, kind)}"

    asked = None
    if variants:
        bases, genes = project.open_genome(), project.read_genes
        asked = haplotype([parse_variant(text, bases, genes=genes) for text in variants])
        kinds = (*kinds, *ALLELES)
    known = project.variants if vcf else VariantsSettings()
    if vcf and known.vcf is None:
        raise SighthoundError(
            "there is no VCF to share; name one in sighthound.toml: [variants] vcf"
        )
    index = known.index
    _check_directory(directory)
    said = "" if asked is None else say_haplotype(asked)
    shared = shared_tracks(project, chosen, every, address, kinds, said)
    alleles = {} if asked is None else _alleles(project, asked, [track.id for track in chosen])
    shared = [
        _measured(item, alleles)
        for item in shared
        if item.kind not in ALLELES or item.track.id in alleles
    ]
    ids = [track.id for track in chosen]
    hub = Hub(
        title=project.title,
        genome=genome or project.genome.name,
        tracks=tuple(shared),
        shown=default_shown(ids, ids if tracks else project.server.default_tracks),
        email=email,
        faceted=faceted,
        overlays=overlays,
        metadata_url=f"{base}{METADATA_FILE}",
        held_out=stated_pearson(project),
        assembly=_assembly(project, base) if assembly else None,
        variants_url=f"{base}{VARIANTS}" if index else "",
        variants_index_url=f"{base}{VARIANTS}{index.suffix}" if index else "",
    )
    texts = written_files(hub, three_files)
    check_output_folder(directory)
    (directory / BIGWIGS).mkdir(parents=True, exist_ok=True)
    if known.vcf is not None and index is not None:
        _put(known.vcf, directory / VARIANTS, link)
        _put(index, directory / f"{VARIANTS}{index.suffix}", link)
    if assembly:
        genome_file = project.open_genome()
        write_twobit(genome_file, directory / TWO_BIT)
        sizes = [f"{name}\t{length}\n" for name, length in genome_file.lengths.items()]
        (directory / SIZES).write_text("".join(sizes), encoding="utf-8")
    for number, item in enumerate(shared, 1):
        target = directory / place(item.track, item.kind)
        if item.kind in ALLELES:
            bins = alleles[item.track.id]
            bins.write_bigwig(target, item.kind, project.open_genome().lengths)
        else:
            source = track_file(project, item.track, item.kind)
            assert source is not None
            _put(source, target, link)
        if progress is not None:
            progress(number, len(shared))
    # Last: a hub that is there has all its files.
    for name, text in texts.items():
        write_text(directory / name, text)
    return shared


def _assembly(project: Project, base: str) -> Assembly:
    genome = project.open_genome()
    chrom, length = next(iter(genome.lengths.items()))
    locus = Interval(chrom, 0, min(length, 50_000))
    if project.server.default_locus:
        locus = parse_region(project.server.default_locus, genome)
    return Assembly(f"{base}{TWO_BIT}", f"{base}{SIZES}", igv_locus(locus))


def _alleles(project: Project, asked: Haplotype, tracks: Sequence[str]) -> dict[str, AlleleBins]:
    """Predict both alleles for those of the tracks that the model knows."""
    model = load_model(project.model.directory)
    modelled = [track for track in tracks if track in model.tracks]
    ensemble = ensemble_of_predictions(project)
    return predict_alleles(model, project.open_genome(), asked, modelled, ensemble)


def _measured(item: SharedTrack, alleles: Mapping[str, AlleleBins]) -> SharedTrack:
    """Give alleles the range of their values."""
    if item.kind not in ALLELES:
        return item
    values = alleles[item.track.id].values(item.kind)
    low, high = min(0.0, float(values.min())), max(0.0, float(values.max()))
    limits = (low, high if high > low else low + 1.0)
    return dataclasses.replace(item, extent=limits, limits=limits)


def _check_directory(directory: Path) -> None:
    if directory.exists() and not directory.is_dir():
        raise SighthoundError(f"{directory} is a file; name a folder for the hub")
    if directory.is_dir():
        there = {path.name for path in own_items(directory)}
        if there and not there & {"hub.txt", BIGWIGS}:
            raise SighthoundError(
                f"{directory} has other files in it ({sorted(there)[0]}); name a new or empty "
                "folder, or the folder of a hub"
            )


def _put(source: Path, target: Path, link: bool) -> None:
    now, there = source.stat(), target.stat() if target.is_file() else None
    if there is not None:
        same = (there.st_size, there.st_mtime_ns) == (now.st_size, now.st_mtime_ns)
        is_link = there.st_ino == now.st_ino and there.st_dev == now.st_dev
        if same and is_link == link:
            return
    with whole_file(target, unique=True) as part:
        if not link:
            shutil.copy2(source, part)
            return
        try:
            os.link(source, part)
        except OSError as error:
            raise SighthoundError(
                f"{source} cannot be linked into {target.parent} ({error.strerror}); leave out "
                "--link to copy"
            ) from None
