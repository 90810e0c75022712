"""What is taken out of an atlas: where one base matters most, and BigWigs with a hub of them."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
from scipy.ndimage import maximum_filter1d

from sighthound.core.bigwig.chunks import EncodedStretch, chromosome_ids, encode_stretch
from sighthound.core.bigwig.encoding import TILE_BINS, round_mantissa
from sighthound.core.bigwig.files import new_bigwig
from sighthound.core.bigwig.zooms import zoom_levels
from sighthound.core.browsers.ucsc_check import check_hub
from sighthound.core.browsers.ucsc_letters import LETTERS, Letters, letters_hub
from sighthound.core.browsers.ucsc_text import unique_words
from sighthound.core.errors import SighthoundError
from sighthound.core.files import check_output_folder, own_items, whole_file, write_text
from sighthound.core.genome.sequence import ALPHABET, Genome, Interval
from sighthound.core.progress import Progress, silent
from sighthound.core.project.atlas import STRETCH, Atlas
from sighthound.core.project.settings import Project

if TYPE_CHECKING:
    import pandas as pd

TOP = 1000  # places a track in the ranked list, by default
APART = 32  # bases within which only the place of the largest effect is listed
_MANTISSA_BITS = 10
_VALUES = 8_000_000  # effects that are read at a time, about 100 MB with what is made of them


def rank_places(
    project: Project, atlas: Atlas, top: int = TOP, progress: Progress | None = None
) -> pd.DataFrame:
    """List where one base matters most: for each track, the largest effects of a substitution.

    Of places within `APART` bases of one another only the largest is listed.

    Returns
    -------
    DataFrame
        track, rank, chrom, position (from 1), ref, alt, effect, gene and distance: the gene whose
        start is nearest, and the bases from it to the place, downstream positive; empty without
        genes.
    """
    import pandas as pd

    genome, tell = project.open_genome(), progress or silent
    found: list[list[tuple[float, int, int, int, int, float]]] = [[] for _ in atlas.tracks]
    chroms = list(genome.lengths)
    for place, done in _places(genome, atlas, APART):
        inner = slice(APART if place.start else 0, len(place) - (place.end < done[1]) * APART)
        tell(done[0] + place.end, sum(genome.lengths.values()))
        if not atlas.has(place):
            continue
        bases, effects = atlas.read(place)
        sizes = np.abs(np.nan_to_num(effects))
        alts = sizes.argmax(axis=1)
        size = np.take_along_axis(sizes, alts[:, None], 1)[:, 0]
        is_peak = (size > 0) & (size == maximum_filter1d(size, 2 * APART + 1, axis=0))
        for number, listed in enumerate(found):
            at = np.flatnonzero(is_peak[inner, number]) + inner.start
            # Of equals next to each other the first.
            at = at[np.diff(at, prepend=-2 * APART) > APART]
            at = at[np.argsort(-size[at, number], kind="stable")[:top]]
            for i in at.tolist():
                alt = int(alts[i, number])
                listed.append((
                    -float(size[i, number]), chroms.index(place.chrom), place.start + i,
                    int(bases[i]), alt, float(effects[i, alt, number]),
                ))  # fmt: skip
            listed.sort()
            del listed[top:]
    nearest = _Starts(project)
    rows = []
    for track, listed in zip(atlas.tracks, found, strict=True):
        for rank, (_, chrom, position, ref, alt, effect) in enumerate(listed, 1):
            gene, distance = nearest.of(chroms[chrom], position)
            rows.append((
                track, rank, chroms[chrom], position + 1, ALPHABET[ref], ALPHABET[alt],
                float(f"{effect:.4g}"), gene, distance,
            ))  # fmt: skip
    columns = ("track", "rank", "chrom", "position", "ref", "alt", "effect", "gene", "distance")
    return pd.DataFrame(rows, columns=list(columns))


def write_ranked(table: pd.DataFrame, file: Path) -> None:
    """Write the list as TSV."""
    with whole_file(file) as part:
        table.to_csv(part, sep="\t", index=False)


def write_letters(
    project: Project,
    atlas: Atlas,
    directory: Path,
    tracks: Sequence[str] | None = None,
    progress: Progress | None = None,
) -> list[Path]:
    """Write BigWigs of an atlas and the hub that names them, a folder to copy to a web server.

    A track has five: TRACK.largest.bw, the effect of the substitution that does most at each base,
    and TRACK.A.bw to TRACK.T.bw, what it does to put that letter there, 0 at the reference base.

    Parameters
    ----------
    directory : path
        New or empty, or one of before, whose files are replaced.
    tracks : sequence of str, optional
        Ids; all of the atlas by default.

    Raises
    ------
    SighthoundError
        The directory holds other files or cannot be written, a track is unknown, or the genome has
        no name.
    """
    genome, tell = project.open_genome(), progress or silent
    chosen = [atlas.tracks[column] for column in atlas.columns(tracks)]
    words = unique_words(atlas.tracks, "t")
    kinds = ("largest", *LETTERS)
    files = {f"{words[track]}.{kind}.bw" for track in chosen for kind in kinds}
    check_output_folder(directory)
    if directory.is_dir():
        other = {file.name for file in own_items(directory)} - files - {"hub.txt"}
        if other:
            raise SighthoundError(
                f"{directory} holds other files ({min(other)}); give a new or an empty folder"
            )
    named = {track.id: track.name for track in project.read_tracks()}
    hub = letters_hub(
        project.server.title or "Sighthound",
        project.genome.name,
        [Letters(named.get(track, track), words[track]) for track in chosen],
    )
    if problems := check_hub(hub):
        raise SighthoundError(f"the hub would not be one: {problems[0]}")
    directory.mkdir(parents=True, exist_ok=True)
    lengths, ids = genome.lengths, chromosome_ids(genome.lengths)
    zoom_bins = zoom_levels(max(lengths.values()), 1)
    paths = []
    for done, track in enumerate(chosen):
        stretches: dict[tuple[str, str], list[EncodedStretch]] = {}
        for chrom, length in lengths.items():
            for first in range(0, length, TILE_BINS):
                place = Interval(chrom, first, min(first + TILE_BINS, length))
                effects = atlas.effects(place, [track])[:, :, 0]
                for kind, values in zip(kinds, (_largest(effects), *effects.T), strict=True):
                    rounded = round_mantissa(np.ascontiguousarray(values), _MANTISSA_BITS)
                    piece = encode_stretch(rounded, first, ids[chrom], length, 1, zoom_bins)
                    stretches.setdefault((kind, chrom), []).append(piece)
        for kind in kinds:
            path = directory / f"{words[track]}.{kind}.bw"
            with new_bigwig(path, lengths, 1) as writer:
                for chrom in lengths:
                    writer.add_chromosome(chrom, stretches[kind, chrom])
            paths.append(path)
        tell(done + 1, len(chosen))
    write_text(directory / "hub.txt", hub)
    return [*paths, directory / "hub.txt"]


def _largest(effects: np.ndarray) -> np.ndarray:
    """Of the four letters of each base, (bases, 4), the effect of the one that does most."""
    at = np.abs(np.nan_to_num(effects)).argmax(axis=1)
    found = np.take_along_axis(effects, at[:, None], 1)[:, 0]
    return np.where(np.isnan(effects).all(axis=1), np.nan, found)


def _places(
    genome: Genome, atlas: Atlas, margin: int
) -> Iterator[tuple[Interval, tuple[int, int]]]:
    """Pieces of the genome, with a margin; bases of chromosomes before, and of its own."""
    before = 0
    size = max(16 * margin, min(STRETCH, _VALUES // (4 * len(atlas.tracks))))
    for chrom, length in genome.lengths.items():
        for start in range(0, length, size):
            low, high = max(0, start - margin), min(start + size + margin, length)
            yield Interval(chrom, low, high), (before, length)
        before += length


class _Starts:
    """Starts of a project's genes, the nearest to a place."""

    def __init__(self, project: Project) -> None:
        genes = project.read_genes() if project.genome.genes is not None else ()
        found: dict[str, list[tuple[int, str, int]]] = {}
        for gene in genes:
            for start in gene.tss_positions:
                sign = -1 if gene.strand == "-" else 1
                found.setdefault(gene.chrom, []).append((start, gene.name or gene.id, sign))
        self._starts = {chrom: sorted(starts) for chrom, starts in found.items()}

    def of(self, chrom: str, position: int) -> tuple[str, int | str]:
        """Name of the gene, and bases downstream of its start; empty where there is none."""
        starts = self._starts.get(chrom)
        if not starts:
            return "", ""
        at = int(np.searchsorted([start for start, _, _ in starts], position))
        near = starts[max(0, at - 1) : at + 1]
        start, name, sign = min(near, key=lambda entry: abs(entry[0] - position))
        return name, sign * (position - start)
