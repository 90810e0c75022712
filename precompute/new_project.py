"""Begin a lab's project: settings and a tracks table, filled as far as file names tell."""

from __future__ import annotations

import os
import re
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

from sighthound.core.annotation.genes import read_genes
from sighthound.core.errors import SighthoundError
from sighthound.core.files import data_files, write_text
from sighthound.core.genome.sequence import Genome
from sighthound.core.model.architecture import Architecture
from sighthound.core.model.model import read_description
from sighthound.core.project.settings import SETTINGS_FILE, toml_text
from sighthound.core.text import plain_line
from sighthound.core.tracks.assays import assay_of_file
from sighthound.core.tracks.experiments import check_experiments
from sighthound.core.tracks.track import Track, file_id, read_tracks, tracks_table
from sighthound.precompute.datasets.dataset_files import FOLDS
from sighthound.precompute.datasets.records import RecordFolder, open_records

TRACKS_FILE = "tracks.tsv"
# Genomes below this many bases get shorter windows and the small network by default.
_SMALL_GENOME = 200_000_000
_BIGWIG_SUFFIXES = (".bw", ".bigwig")
_STRAND_WORDS = {
    "+": ("plus", "fwd", "forward", "pos", "positive"),
    "-": ("minus", "rev", "reverse", "neg", "negative"),
}

_SETTINGS = """# Sighthound project. Paths are relative to this file; docs/project.md has all keys.

[genome]
name = {name}
fasta = {fasta}
{genes}# gaps = "gaps.bed"            # assembly gaps; runs of N are found without it
# blacklist = "blacklist.bed"  # regions whose signal is an artefact
# unmappable = "unmappable.bed"

[tracks]
table = "{tracks}"  # please look through it: assay, sample, aggregation, strand_pair

[dataset]
sequence_length = {sequence_length}
bin = {bin}
crop = {crop}                     # bins a side that are seen but not scored
{records}{folds}
{model}

[server]
title = {name}
"""
_TRAINING = '[training]\narchitecture = "{architecture}"'
_MODEL = "[model]\ndirectory = {directory}"


def init_project(
    directory: Path,
    fasta: Path,
    genes: Path | None,
    bigwigs: Path | None,
    name: str = "",
    model: Path | None = None,
    records: Path | None = None,
) -> list[Track]:
    """Write sighthound.toml and tracks.tsv into a new folder.

    Parameters
    ----------
    directory : path
        The project; made if missing.
    fasta : path
        Genome, plain or bgzip.
    genes : path, optional
        GTF, GFF3 or BED.
    bigwigs : path, optional
        Folder of experiments; every BigWig in it becomes a track.
    name : str
        Of the assembly; the FASTA's name by default.
    model : path, optional
        A model folder that the project uses where it lies; its tracks are predictions, and take
        the experiments that are named like them.
    records : path, optional
        A folder of TFRecords of Basenji or Borzoi, which says windows, bins, folds and tracks.

    Returns
    -------
    list of Track

    Raises
    ------
    SighthoundError
        The folder is a project already, a file is missing or of another kind, the folder of
        BigWigs holds none, a BigWig is of another assembly, or named like no track of the model.
    """
    settings = directory / SETTINGS_FILE
    if settings.exists():
        raise SighthoundError(f"{directory} is a project already; edit {settings} instead")
    genome = Genome(fasta)
    if genes is not None:
        read_genes(genes, genome)  # refuses what is none, and says what it passes over
    tracks = guess_tracks(_find_bigwigs(bigwigs)) if bigwigs is not None else []
    architecture = None
    if model is not None:
        architecture = Architecture.from_json(read_description(model)["architecture"])
        tracks = _with_experiments(_model_tracks(model), tracks)
    folder = None
    if records is not None:
        if tracks:
            raise SighthoundError("records have tracks of their own; leave out --bigwigs, --model")
        folder = open_records(records)
        tracks = list(folder.tracks)
    check_experiments(tracks, genome)
    if not tracks:
        raise SighthoundError(
            "a project needs experiments, a model or records; give a folder of BigWigs, --bigwigs "
            "DIR, a model folder, --model DIR, or a folder of TFRecords, --records DIR"
        )
    geometry = folder or architecture
    is_small = sum(genome.lengths.values()) < _SMALL_GENOME
    length = 32_768 if is_small else 131_072
    text = _SETTINGS.format(
        name=toml_text(plain_line(name or re.sub(r"\.(fa|fasta|fna)(\.gz)?$", "", fasta.name))),
        fasta=_relative(fasta, directory),
        genes=f"genes = {_relative(genes, directory)}\n" if genes else '# genes = "genes.gtf"\n',
        tracks=TRACKS_FILE,
        sequence_length=geometry.sequence_length if geometry else length,
        bin=geometry.bin if geometry else 128,
        crop=geometry.crop if geometry else 32,
        records=f"records = {_relative(records, directory)}\n" if records else "",
        folds="" if model else "valid = {}\ntest = {}\n".format(*_folds(genome, folder)),
        model=_MODEL.format(directory=_relative(model, directory))
        if model
        else _TRAINING.format(architecture="small" if is_small else "paper"),
    )
    table = tracks_table(tracks, directory)
    directory.mkdir(parents=True, exist_ok=True)
    write_text(directory / TRACKS_FILE, table)
    write_text(settings, text)
    return tracks


def guess_tracks(files: Sequence[Path]) -> list[Track]:
    """Describe experiments by what their file names say.

    Examples
    --------
    >>> plus, minus = guess_tracks([Path("WT_CAGE.plus.bw"), Path("WT_CAGE.minus.bw")])
    >>> plus.id, plus.assay, plus.strand, plus.strand_pair, plus.aggregation
    ('WT_CAGE.plus', 'CAGE', '+', 'WT_CAGE.minus', 'sum')
    """
    tracks: dict[str, Track] = {}
    by_id: dict[str, Path] = {}
    stems: dict[str, dict[str, str]] = {}
    for file in files:
        stem = re.sub(r"\.(bw|bigwig)$", "", file.name, flags=re.IGNORECASE)
        identifier = file_id(stem)
        taken = by_id.setdefault(identifier.casefold(), file)
        if taken is not file:
            raise SighthoundError(
                f"{taken} and {file} would both be the track {identifier}; names must differ in "
                "more than capitals, endings and signs"
            )
        strand, unstranded = _strand(identifier)
        assay = assay_of_file(stem)
        tracks[identifier] = Track(
            id=identifier,
            name=plain_line(stem.replace("_", " ")),
            assay=assay.name if assay else "",
            strand=strand,
            experiment=file,
            aggregation=assay.aggregation if assay else "mean",
        )
        if strand != ".":
            stems.setdefault(unstranded, {})[strand] = identifier
    for pair in stems.values():
        if len(pair) == 2:
            for one, other in ((pair["+"], pair["-"]), (pair["-"], pair["+"])):
                tracks[one] = replace(tracks[one], strand_pair=other)
    return list(tracks.values())


def _model_tracks(model: Path) -> list[Track]:
    """Read the tracks that came with a model; only their ids where no table did."""
    ids = read_description(model)["tracks"]
    table = model / TRACKS_FILE
    if not table.is_file():
        return [Track(id, id) for id in ids]
    known = {track.id: track for track in read_tracks(table)}
    if sorted(known) != sorted(ids):
        raise SighthoundError(
            f"{table} does not list the model's tracks; remove it to use their ids"
        )
    return [known[id] for id in ids]


def _with_experiments(predicted: list[Track], experiments: list[Track]) -> list[Track]:
    """Give experiments to the tracks of a model that have their names."""
    files = {track.id: track.experiment for track in experiments}
    unknown = sorted(set(files) - {track.id for track in predicted})
    if unknown:
        raise SighthoundError(
            f"the model has no track {unknown[0]!r}; with --model, name BigWigs like its tracks"
        )
    return [replace(track, experiment=files.get(track.id)) for track in predicted]


def _strand(identifier: str) -> tuple[str, str]:
    """The strand that a name ends in, and the name without it."""
    for strand, words in _STRAND_WORDS.items():
        match = re.search(rf"[_.-]({'|'.join(words)})$", identifier, re.IGNORECASE)
        if match:
            return strand, identifier[: match.start()]
    return ".", identifier


def _find_bigwigs(folder: Path) -> list[Path]:
    if not folder.is_dir():
        raise SighthoundError(f"{folder} is no folder; expected a folder of BigWigs")
    files = [f for f in data_files(folder) if f.suffix.lower() in _BIGWIG_SUFFIXES]
    if not files:
        raise SighthoundError(f"{folder} holds no BigWig; expected files ending in .bw or .bigWig")
    return files


def _folds(genome: Genome, folder: RecordFolder | None) -> tuple[str, str]:
    """Say what is held out; of records with numbered folds the last two."""
    if folder is None:
        return _held_out(genome)
    names = sorted(folder.files)
    if set(FOLDS) <= set(names) or len(names) < len(FOLDS):
        return '["valid"]', '["test"]'
    return f"[{toml_text(names[-2])}]", f"[{toml_text(names[-1])}]"


def _held_out(genome: Genome) -> tuple[str, str]:
    """Hold out whole chromosomes where none is large, fractions of the windows elsewhere."""
    whole = sum(genome.lengths.values())
    fitting = sorted(
        (name for name, n in genome.lengths.items() if 0.03 * whole <= n <= 0.12 * whole),
        key=lambda name: -genome.lengths[name],
    )
    if len(genome.lengths) >= 6 and len(fitting) >= 2:
        return f"[{toml_text(fitting[1])}]", f"[{toml_text(fitting[0])}]"
    return "0.1", "0.1"


def _relative(path: Path, directory: Path) -> str:
    return toml_text(Path(os.path.relpath(path.resolve(), directory.resolve())).as_posix())
