"""In silico mutagenesis of a region of any length, as files.

The region is cut into chunks, each asked in a window of the locus grid, so that neighbouring chunks
share a reference pass. A chunk's result is kept beside the output until the file is written:
interrupted at any point, the same command goes on and ends with the same bytes.
"""

from __future__ import annotations

import dataclasses
import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa

from sighthound.core.errors import SighthoundError
from sighthound.core.genome.sequence import Interval, parse_region
from sighthound.core.genome.shuffle import dinucleotide_shuffles
from sighthound.core.interpretation.mutagenesis import mutagenesis, mutagenesis_profiles
from sighthound.core.interpretation.scans import deletion_scan, insertion_scan, replacements
from sighthound.core.model.ensemble import Ensemble
from sighthound.core.progress import Progress
from sighthound.core.project.layout import files_of_tracks
from sighthound.core.project.settings import Project
from sighthound.precompute.cluster.checkpoints import Arrays, Pieces
from sighthound.precompute.interpretation import effect_tables
from sighthound.precompute.interpretation.effect_tables import (
    BIGWIG,
    HDF5,
    TABLES,
    Block,
    check_ending,
)
from sighthound.precompute.interpretation.queries import (
    Question,
    ask,
    check_reach,
    check_sequence,
    check_summed,
    units,
)

KINDS = ("substitutions", "profile", "deletions", "insertions", "knock_in")
LIMIT = 20_000
# Bases, or places, of a chunk; a scan takes a pass a place.
_CHUNK, _SCAN_CHUNK = 256, 32
# Effects that a chunk may hold.
_EFFECTS = 30_000_000


@dataclass(frozen=True)
class Scan:
    """One kind of alteration at every base of a region.

    `size` is that of deletions, `sequence` what is put in ("insertions") or written over the bases
    from each place on ("knock_in").
    """

    kind: str
    region: Interval
    size: int = 0
    sequence: str = ""

    def chunks(self, question: Question) -> list[Interval]:
        bases = _SCAN_CHUNK if self.kind in ("deletions", "insertions") else _CHUNK
        if self.kind == "profile":
            window = 4 * question.model.receptive_field_bins + question.model.bins
            bases = min(bases, max(1, _EFFECTS // (4 * window * len(question.columns))))
        else:
            bases = min(bases, max(1, _EFFECTS // (4 * len(question.columns))))
        chrom, end = self.region.chrom, self.region.end
        return [
            Interval(chrom, start, min(start + bases, end))
            for start in range(self.region.start, end, bases)
        ]

    @property
    def width(self) -> int:
        """Bases of the genome that an alteration at one place touches."""
        return max(1, self.size, len(self.sequence) if self.kind == "knock_in" else 1)

    def effects(self, question: Question, chunk: Interval) -> Arrays:
        """Compute a chunk: effects, (..., columns), and first_bin for profiles."""
        first_bins = []

        def answer(asked: Question) -> np.ndarray:
            found = self._of_one(asked, chunk)
            first_bins.append(found["first_bin"])
            return found["effects"]

        return {"effects": question.answered(answer), "first_bin": first_bins[0]}

    def _of_one(self, question: Question, chunk: Interval) -> Arrays:
        """The effects of a chunk, (..., tracks), by the question's model."""
        model, tracks = question.model, list(question.tracks)
        chrom, start, end = chunk.chrom, chunk.start, chunk.end
        touched = end + self.width - 1
        bins = question.bins_in_reach(chrom, start, touched)
        margin = 0
        if self.kind in ("deletions", "insertions"):
            # Bases move, so that all targets count, also those that only lie beyond others.
            assert question.target is not None
            every, at = np.array(question.target.bins), start // model.bin
            bins = every if len(bins) or every[0] < at < every[-1] else bins
            margin = self.size
        if not len(bins):
            axes = {"substitutions": (4,), "profile": (4, 0)}.get(self.kind, ())
            nothing = np.zeros((len(chunk), *axes, len(tracks)), question.dtype)
            return {"effects": nothing, "first_bin": np.array(0)}
        window = question.window(chrom, start, touched, bins, margin)
        x = window.one_hot(question.genome)
        at, to = start - window.interval.start, end - window.interval.start
        wanted = [window.predicted_index(int(b) * model.bin) for b in bins]
        options: dict[str, Any] = {
            "tracks": tracks, "ensemble": question.ensemble, "dtype": question.dtype,
        }  # fmt: skip
        if self.kind == "profile":
            whole = mutagenesis_profiles(model, x, at, to, **options)
            return {"effects": whole[:, :, wanted[0] : wanted[-1] + 1], "first_bin": bins[0]}
        options["bins"] = wanted
        match self.kind:
            case "substitutions":
                effects = mutagenesis(model, x, at, to, **options)
            case "deletions":
                effects = deletion_scan(model, x, at, to, self.size, **options)
            case "insertions":
                effects = insertion_scan(model, x, at, to, self.sequence, **options)
            case _:
                written = [self.sequence] * len(chunk)
                effects = replacements(model, x, range(at, to), written, **options)
        return {"effects": effects, "first_bin": np.array(0)}


def mutagenesis_file(
    project: Project,
    region: str,
    output: Path,
    *,
    tracks: Sequence[str] | None = None,
    target: str | None = None,
    kind: str = "substitutions",
    size: int = 0,
    sequence: str = "",
    alleles: Sequence[str] = (),
    ensemble: Ensemble | None = None,
    dtype: str = "float32",
    limit: int = LIMIT,
    with_members: bool = False,
    progress: Progress | None = None,
) -> list[Path]:
    """Write the effects of every alteration of one kind in a region.

    Parameters
    ----------
    region : str
        As people write it.
    output : path
        .parquet, .tsv or .h5; for substitutions also .bw (of several tracks: OUT.TRACK.bw).
    tracks : sequence of str, optional
        Ids, and contrasts "A/B" of two; all tracks by default.
    target : str, optional
        A gene, chrom:position, or a region whose predicted bins are summed; by default every bin
        that an alteration can change.
    kind : str
        One of `KINDS`; "profile" gives substitutions bin by bin.
    size, sequence : int, str
        Bases of a deletion; what is put in or written.
    alleles : sequence of str
        Variants on one sequence, as people write them: effects are of altering that sequence, not
        the reference. They have alleles of equal lengths.
    limit : int
        A longer region is refused, after its pace was measured.
    with_members : bool
        Ask the networks that taught the model, too: further columns say what they do, and whether
        an effect is known. Not for BigWigs.
    progress : callable, optional
        Called with bases done and in total; may raise to stop.

    Returns
    -------
    list of paths written

    Raises
    ------
    SighthoundError
        What is asked does not exist, cannot have an effect, or is longer than `limit`.
    """
    endings = {"substitutions": (*TABLES, *HDF5, *BIGWIG), "profile": (*TABLES, *HDF5)}
    ending = check_ending(output, *endings.get(kind, (*TABLES, *HDF5)))
    if with_members and ending in BIGWIG:
        raise SighthoundError(
            f"{output} cannot hold what networks say; with --members expected "
            f"{', '.join((*TABLES, *HDF5))}"
        )
    question = ask(project, tracks, target, ensemble, dtype, alleles, with_members)
    scan = _checked(Scan(kind, parse_region(region, question.genome), size, sequence), question)
    _check_length(scan, question, limit)
    identity = {
        **question.about(units(project, question.model)),
        "kind": kind,
        "region": str(scan.region),
        **({"deleted_bases": size} if kind == "deletions" else {}),
        **({"sequence": sequence} if sequence else {}),
    }
    pieces = Pieces(output.with_name(f".{output.name}.pieces"), identity)
    _compute(scan, question, pieces, progress)
    paths = _write(scan, question, pieces, output, ending, identity)
    pieces.discard()
    return paths


def _checked(scan: Scan, question: Question) -> Scan:
    if scan.kind not in KINDS:
        raise SighthoundError(f"kind is {scan.kind!r}; expected one of {', '.join(KINDS)}")
    if scan.kind in ("deletions", "insertions") and question.target is None:
        raise SighthoundError(
            f"{scan.kind} move bases against the bins, so that they need a target whose bins stay "
            "in place; give --target with a gene, chrom:position or a region"
        )
    if scan.kind != "profile":
        check_summed(question)
    if scan.kind in ("insertions", "knock_in"):
        scan = dataclasses.replace(scan, sequence=check_sequence(scan.sequence, "the sequence"))
    if scan.kind == "deletions" and scan.size < 1:
        raise SighthoundError(f"a deletion has {scan.size} bases; expected at least 1")
    region = scan.region
    last = question.genome.lengths[region.chrom] - scan.width + 1
    if last <= region.start:
        raise SighthoundError(
            f"no {scan.width} bases from {region.chrom}:{region.start + 1:,} on: the chromosome "
            f"has {question.genome.lengths[region.chrom]:,}; choose an earlier region"
        )
    region = Interval(region.chrom, region.start, min(region.end, last))
    check_reach(question, Interval(region.chrom, region.start, region.end + scan.width - 1))
    return dataclasses.replace(scan, region=region)


def _compute(scan: Scan, question: Question, pieces: Pieces, progress: Progress | None) -> None:
    for chunk in scan.chunks(question):
        pieces.get(_name(chunk), partial(scan.effects, question, chunk))
        if progress:
            progress(chunk.end - scan.region.start, len(scan.region))


def _check_length(scan: Scan, question: Question, limit: int) -> None:
    total = len(scan.region)
    if total <= limit:
        return
    # The first chunk also compiles the network; the second tells the pace.
    chunks = scan.chunks(question)[:2]
    for chunk in chunks:
        started = time.perf_counter()
        scan.effects(question, chunk)
    seconds = (time.perf_counter() - started) / len(chunk)
    raise SighthoundError(
        f"{scan.region} has {total:,} bases, more than the limit of {limit:,}; it would take "
        f"about {_duration(total * seconds)}; choose a shorter region, or give --limit {total}"
    )


def _duration(seconds: float) -> str:
    if seconds < 90:
        return f"{seconds:.0f} seconds"
    return f"{seconds / 60:.0f} minutes" if seconds < 5400 else f"{seconds / 3600:.1f} hours"


def _write(
    scan: Scan,
    question: Question,
    pieces: Pieces,
    output: Path,
    ending: str,
    about: dict[str, Any],
) -> list[Path]:
    tracks, columns, bin_size = question.tracks, question.columns, question.model.bin
    blocks = _blocks(scan, question, pieces)
    if ending in TABLES:
        effect_tables.write_tables(output, _tables(scan, question, blocks), about)
    elif ending in HDF5:
        bins = None
        if scan.kind == "profile":
            region = scan.region
            reached = question.bins_in_reach(region.chrom, region.start, region.end)
            bins = (int(reached[0]), int(reached[-1]) + 1, bin_size)
        effect_tables.write_hdf5(output, scan.region, blocks, columns, about, question.dtype, bins)
    else:
        paths = files_of_tracks(output, tracks)
        stretches = ((block.interval, effect_tables.contribution(block)) for block in blocks)
        effect_tables.write_dynseq(paths, question.genome.lengths, scan.region, stretches)
        return paths
    return [output]


def _blocks(scan: Scan, question: Question, pieces: Pieces) -> Iterator[Block]:
    for chunk in scan.chunks(question):
        piece = pieces.get(_name(chunk), partial(scan.effects, question, chunk))
        sequence = question.genome.sequence(chunk)
        yield Block(chunk, sequence, piece["effects"], int(piece["first_bin"]))


def _tables(scan: Scan, question: Question, blocks: Iterator[Block]) -> Iterator[pa.Table]:
    genome, chrom = question.genome, scan.region.chrom

    def alteration(place: int) -> tuple[str, str]:
        if scan.kind == "insertions":
            return "-", scan.sequence
        there = genome.sequence(Interval(chrom, place, place + scan.width))
        return there, scan.sequence or "-"

    for block in blocks:
        if scan.kind in ("substitutions", "profile"):
            yield effect_tables.substitution_table(block, question.columns, question.model.bin)
        else:
            yield effect_tables.place_table(block, question.columns, alteration)


def _name(chunk: Interval) -> str:
    return f"{chunk.start}-{chunk.end}"


def knock_out_file(
    project: Project,
    regions: Sequence[str],
    output: Path,
    *,
    tracks: Sequence[str] | None = None,
    target: str | None = None,
    shuffles: int = 20,
    seed: int = 0,
    alleles: Sequence[str] = (),
    ensemble: Ensemble | None = None,
    dtype: str = "float32",
    limit: int = LIMIT,
    progress: Progress | None = None,
) -> list[Path]:
    """Write the effects of knocking out stretches of sequence, such as motifs.

    Each region has three rows: N written over it, and mean and standard deviation over shuffles of
    its bases that keep its dinucleotides.

    Parameters
    ----------
    project, tracks, target, alleles, ensemble, dtype, progress
        As for `mutagenesis_file`.
    regions : sequence of str
        As people write them.
    output : path
        .parquet or .tsv.
    shuffles, seed : int
        How many, at least 2; equal seeds give equal shuffles.
    limit : int
        Longest region.
    """
    check_ending(output, *TABLES)
    question = ask(project, tracks, target, ensemble, dtype, alleles)
    check_summed(question)
    if shuffles < 2:
        raise SighthoundError(f"{shuffles} shuffles; expected at least 2")
    places = [parse_region(region, question.genome) for region in regions]
    for place in places:
        if len(place) > limit:
            raise SighthoundError(
                f"{place} has {len(place):,} bases; a knock-out has at most {limit:,} (--limit)"
            )
        check_reach(question, place)
    effects: list[np.ndarray] = []
    for done, place in enumerate(places):
        effects += _knocked_out(question, place, shuffles, seed)
        if progress:
            progress(done + 1, len(places))
    about = question.about(units(project, question.model))
    about |= {"kind": "knock_out", "shuffles": shuffles, "seed": seed}
    table = effect_tables.region_table(
        [place for place in places for _ in range(3)],
        ["N", "shuffles, mean", "shuffles, standard deviation"] * len(places),
        np.array(effects),
        question.tracks,
    )
    effect_tables.write_tables(output, [table], about)
    return [output]


def _knocked_out(question: Question, place: Interval, shuffles: int, seed: int) -> list[np.ndarray]:
    bins = question.bins_in_reach(place.chrom, place.start, place.end)
    window = question.window(place.chrom, place.start, place.end, bins)
    sequence = question.genome.sequence(place)
    written = ["N" * len(place), *dinucleotide_shuffles(sequence, shuffles, seed)]
    effects = replacements(
        question.model,
        window.one_hot(question.genome),
        [place.start - window.interval.start] * len(written),
        written,
        tracks=list(question.tracks),
        bins=[window.predicted_index(int(b) * question.model.bin) for b in bins],
        ensemble=question.ensemble,
        dtype=question.dtype,
    )
    return [effects[0], effects[1:].mean(axis=0), effects[1:].std(axis=0, ddof=1)]
