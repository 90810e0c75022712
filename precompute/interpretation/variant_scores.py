"""Score the variants of a VCF file with a project's model, part by part.

The file is read twice: once to count and to set aside what cannot be scored, then in buffers that
are sorted, so that neighbours share reference passes, and cut into parts. Every part is a file,
renamed when complete: a run that is killed goes on from there and ends with the same bytes.
"""

from __future__ import annotations

import dataclasses
import json
import shutil
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from sighthound.core import __version__
from sighthound.core.errors import SighthoundError
from sighthound.core.files import check_output, file_sha256, publish, read_json, write_json
from sighthound.core.genome.sequence import Genome
from sighthound.core.interpretation.promoter_effects import promoter_effects, with_promoters
from sighthound.core.interpretation.scores import SCORES, Score, scores_named
from sighthound.core.interpretation.variant_scores import (
    PSEUDOCOUNT,
    score_variants,
    variant_profiles,
)
from sighthound.core.interpretation.variant_windows import reach
from sighthound.core.model.ensemble import Ensemble
from sighthound.core.model.model import Model, load_members_of, load_model
from sighthound.core.model.promoters import networks_hash, promoter_networks
from sighthound.core.progress import Progress, silent
from sighthound.core.project.nulls import nulls_for, with_percentiles
from sighthound.core.project.result_tables import read_about
from sighthound.core.project.settings import Project, load_project
from sighthound.core.project.signs import signs_for
from sighthound.core.project.truth import (
    SIGNS,
    beside,
    mean_effects,
    measured_column,
    read_truth,
    truth_file,
    truth_files,
)
from sighthound.core.project.variant_tables import numbered
from sighthound.core.truth.signs import with_sign_probabilities
from sighthound.core.variants.variant import Variant
from sighthound.core.variants.vcf import Allele, Tally, read_alleles
from sighthound.precompute.cluster.tasks import Workers, run_tasks
from sighthound.precompute.cluster.worker_model import (
    worker_members,
    worker_model,
    worker_promoters,
)
from sighthound.precompute.genome_wide.run import check_model
from sighthound.precompute.interpretation import variant_tables

BUFFER = 100_000  # alleles that are sorted together
PART = 500  # alleles a part


@dataclass(frozen=True)
class Summary:
    """What a run came to.

    Attributes
    ----------
    scored, flipped : int
        Alleles; those of which REF and ALT were exchanged are among the scored.
    skipped : int
    reasons : tuple of str
        One a kind of reason: how many, and the first.
    skipped_file : path or None
        Lists every skipped allele.
    nulls : path or None
        The nulls that scores are ranked among.
    signs : str or None
        The table of measured effects by which it is told how right signs are.
    """

    scored: int
    flipped: int
    skipped: int
    reasons: tuple[str, ...]
    skipped_file: Path | None
    nulls: Path | None = None
    signs: str | None = None


@dataclass(frozen=True)
class _Part:
    """What a worker needs to know to score some alleles."""

    project: Path
    model_hash: str
    settings: dict[str, Any]
    alleles: list[Allele]
    threads: int


def score_vcf(
    project: Project,
    variants: Path,
    output: Path,
    *,
    tracks: Sequence[str] | None = None,
    scores: Sequence[str] = ("sad",),
    ensemble: Ensemble | None = None,
    pseudocount: float = PSEUDOCOUNT,
    centered: bool = False,
    mismatch: str = "skip",
    with_members: bool = True,
    with_measured: bool = True,
    bins: Path | None = None,
    annotated: Path | None = None,
    workers: Workers | None = None,
    progress: Progress | None = None,
) -> Summary:
    """Score a VCF or BCF file into a Parquet table, or go on with an interrupted run.

    Parameters
    ----------
    output : path
        Parquet; beside it come `.skipped.tsv`, and `.parts` while the run is not complete.
    tracks, scores, ensemble, pseudocount
        As for `core.score_variants`; scores by gene use the project's genes.
    centered : bool
        Put every variant at the same place in its bin; none share windows then.
    mismatch : {"skip", "flip", "error"}
        What to do where REF is not the genome's.
    with_members : bool
        Ask the networks that taught the model, too, where there are any: rows of what they say,
        and whether a score is known, are added (`core.interpretation.agreement`).
        Where nulls were made (`sighthound nulls`) of this ensemble, rows of the value "percentile"
        say how each score ranks among those that match (`core.variants.nulls`).
    with_measured : bool
        Add a column `measured.NAME` a table of measured effects of the project: the mean effect of
        the allele, NaN where it was never measured; and where these tell how right the sign of a
        score is, rows of the value "sign_probability" (`core.project.signs`).
        Where the networks learned promoters, columns say what the allele does to a reporter
        (`core.interpretation.promoter_effects`).
    bins : path, optional
        HDF5 of reference and alternative predictions of every bin around each variant.
    annotated : path, optional
        The variants with their scores as INFO fields: .vcf, .vcf.gz or .bcf.
    workers : Workers, optional
        This process by default.
    progress : callable, optional
        Called with alleles done and in total.

    Raises
    ------
    SighthoundError
        No model, a model of another genome, an unknown track, a file of another assembly or
        without variants, or an unfinished run with other settings in the way.
    """
    model, genome = load_model(project.model.directory), project.open_genome()
    check_model(model, project.read_tracks(), genome)
    taught = load_members_of(model, project.model.directory)
    members = taught if with_members else []
    promoters = promoter_networks(model, taught)
    ensemble = ensemble or Ensemble()
    chosen = None if tracks is None else list(dict.fromkeys(tracks))
    asked = scores_named(scores)
    by_gene = [score.name for score in asked if score.by_gene]
    outputs = [file for file in (output, bins, annotated) if file is not None]
    _check(model, project, chosen, asked, pseudocount, annotated)
    _check_outputs(variants, outputs)
    nulls = None
    if not centered:  # which places bins otherwise than nulls were scored in
        nulls = nulls_for(project, model.hash, genome, ensemble, pseudocount)
        if nulls is not None and not any(nulls.has(score.name) for score in asked):
            nulls = None
    signs = None
    if with_measured and not centered:
        signs = signs_for(project, model.hash, ensemble, len(members), pseudocount)
        if signs is not None and not any(signs.curves.get(score.name) for score in asked):
            signs = None
    settings: dict[str, Any] = {
        "tracks": chosen,
        "scores": [score.name for score in asked],
        "ensemble": json.loads(json.dumps(dataclasses.asdict(ensemble))),
        "pseudocount": pseudocount,
        "centered": centered,
        "mismatch": mismatch,
        "bins": bins is not None,
        "members": [member.hash for member in members],
        "nulls": None if nulls is None else _digest(nulls.file),
        "signs": None if signs is None else _digest(beside(truth_file(project, signs.name), SIGNS)),
        "promoters": networks_hash(promoters) if promoters else None,
    }
    measured = truth_files(project) if with_measured else []
    if measured:
        settings["measured"] = {file.stem: _digest(file) for file in measured}
    effects = {file.stem: mean_effects(read_truth(file)) for file in measured}
    identity = {
        "model": model.hash,
        "genome": genome.fingerprint,
        "variants": _digest(variants),
        "genes": _digest(project.genome.genes) if by_gene else None,
        "version": __version__,
        **settings,
    }
    summary = dataclasses.replace(
        _set_aside(variants, genome, mismatch, model.sequence_length, output),
        nulls=None if nulls is None else nulls.file,
        signs=None if signs is None else signs.name,
    )
    if read_about(output) == identity and all(f.is_file() for f in outputs):
        _clear(output, identity)
        return summary
    parts = _begin(output, identity)
    workers = workers or Workers()

    def alleles() -> Iterator[list[Allele]]:
        return _buffers(variants, genome, mismatch, model.sequence_length)

    def tasks() -> Iterator[tuple[int, _Part]]:
        for number, part in _parts(alleles()):
            if not variant_tables.part_file(parts, number).is_file():
                yield number, _Part(project.root, model.hash, settings, part, workers.threads)

    done = sum(
        len(part)
        for number, part in _parts(alleles())
        if variant_tables.part_file(parts, number).is_file()
    )
    report = progress or silent
    report(done, summary.scored)
    for number, (table, profiles) in run_tasks(_score_part, tasks(), workers):
        _add_measured(table, effects)
        variant_tables.write_part(parts, number, table, profiles)
        done += table[["record", "allele"]].drop_duplicates().shape[0]
        report(done, summary.scored)
    count = sum(1 for _ in _parts(alleles()))
    # The table first: what another writer cannot do must not cost it.
    variant_tables.write_table(parts, count, output, identity)
    if bins is not None:
        variant_tables.write_bins(parts, count, bins, identity, model.bin)
    if annotated is not None:
        names = list(model.tracks) if chosen is None else chosen
        per_buffer = ([n for n, _ in group] for group in _numbered(alleles()))
        variant_tables.write_annotated(parts, per_buffer, variants, genome, annotated, names)
    _clear(output, identity)
    return summary


def _check(
    model: Model,
    project: Project,
    tracks: Sequence[str] | None,
    scores: Sequence[Score],
    pseudocount: float,
    annotated: Path | None,
) -> None:
    for track in tracks or ():
        model.track_index(track)
    # Refuses a wrong pseudocount and the like before anything is read.
    by_gene = [score.name for score in scores if score.by_gene]
    genes = project.read_genes() if by_gene else None
    if genes is not None and not len(genes):
        raise SighthoundError(
            f"the score {by_gene[0]} is by gene, and the project's settings name no genes"
        )
    names = [score.name for score in scores]
    score_variants(
        model, project.open_genome(), [], scores=names, genes=genes, pseudocount=pseudocount
    )
    if annotated is not None:
        variant_tables.check_annotation(annotated, len(tracks or model.tracks))


def _check_outputs(variants: Path, outputs: Sequence[Path]) -> None:
    """Refuse what could not be written in the end, before anything is scored."""
    if outputs[0].suffix != ".parquet":
        raise SighthoundError(f"{outputs[0]} ends otherwise than in .parquet; name it so")
    taken = {variants.resolve()}
    for file in outputs:
        check_output(file)
        if file.resolve() in taken:
            raise SighthoundError(f"{file} is named twice; give every file a name of its own")
        taken.add(file.resolve())


def _set_aside(
    variants: Path, genome: Genome, mismatch: str, longest: int, output: Path
) -> Summary:
    """Count all alleles, list what cannot be scored, and refuse another assembly's file."""
    tally = Tally()
    file = output.with_name(f"{output.name}.skipped.tsv")
    part = file.with_name(f"{file.name}.part")
    try:
        with part.open("w", encoding="utf-8") as out:
            out.write("record\tchrom\tposition\tid\tref\talt\treason\n")
            for allele in read_alleles(variants, genome, mismatch, longest):
                tally.add(allele)
                if allele.variant is None:
                    detail = f": {allele.detail}" if allele.detail else ""
                    out.write(f"{allele.record}\t{allele.text}\t{allele.reason}{detail}\n")
        tally.check_assembly(variants, genome)
        if tally.left_out:
            publish(part, file)
        else:
            file.unlink(missing_ok=True)
    finally:
        part.unlink(missing_ok=True)
    return Summary(
        tally.kept,
        tally.flipped,
        tally.left_out.total(),
        tuple(tally.lines()),
        file if tally.left_out else None,
    )


def _begin(output: Path, identity: dict[str, Any]) -> Path:
    """Go on with the parts of the same run; refuse those of another."""
    parts = output.with_name(f"{output.name}.parts")
    parts.mkdir(exist_ok=True)
    file = parts / "run.json"
    if file.is_file():
        before = read_json(file)
        other = [key for key in identity if before.get(key) != identity[key]]
        if other:
            raise SighthoundError(
                f"{parts} holds an unfinished run with other {', '.join(other)}; finish it with "
                "those, or remove that folder to begin anew"
            )
    else:
        write_json(file, identity)
    return parts


def _clear(output: Path, identity: dict[str, Any]) -> None:
    """Remove the parts of a run that is complete."""
    parts = output.with_name(f"{output.name}.parts")
    if read_json(parts / "run.json") == identity:
        shutil.rmtree(parts)


def _buffers(variants: Path, genome: Genome, mismatch: str, longest: int) -> Iterator[list[Allele]]:
    """Alleles to score, sorted within buffers that end with a record."""
    order = {chrom: rank for rank, chrom in enumerate(genome.lengths)}

    def place(allele: Allele) -> tuple[int, int, int, int]:
        assert allele.variant is not None
        chrom, position = allele.variant.chrom, allele.variant.position
        return order[chrom], position, allele.record, allele.number

    buffer: list[Allele] = []
    for allele in read_alleles(variants, genome, mismatch, longest):
        if allele.variant is None:
            continue
        if len(buffer) >= BUFFER and allele.record != buffer[-1].record:
            yield sorted(buffer, key=place)
            buffer = []
        buffer.append(allele)
    if buffer:
        yield sorted(buffer, key=place)


def _numbered(buffers: Iterator[list[Allele]]) -> Iterator[list[tuple[int, list[Allele]]]]:
    """Parts of each buffer, numbered throughout."""
    number = 0
    for buffer in buffers:
        pieces = [buffer[at : at + PART] for at in range(0, len(buffer), PART)]
        yield list(enumerate(pieces, number))
        number += len(pieces)


def _parts(buffers: Iterator[list[Allele]]) -> Iterator[tuple[int, list[Allele]]]:
    for group in _numbered(buffers):
        yield from group


def _score_part(part: _Part) -> tuple[pd.DataFrame, dict[str, np.ndarray] | None]:
    """Score some alleles; runs in a worker."""
    project = load_project(part.project)
    model, _ = worker_model(project.model.directory, part.model_hash, part.threads)
    members = worker_members(project.model.directory, model, part.settings["members"])
    genome, settings = project.open_genome(), part.settings
    variants = [allele.variant for allele in part.alleles if allele.variant is not None]
    given = settings["ensemble"]
    ensemble = Ensemble(given["reverse_complement"], tuple(given["shifts"]))
    common: dict[str, Any] = {
        "tracks": settings["tracks"],
        "ensemble": ensemble,
        "grid": None if settings["centered"] else 0,
    }
    is_by_gene = any(SCORES[score].by_gene for score in settings["scores"])
    table = score_variants(
        model, genome, variants, scores=settings["scores"], alleles=True,
        genes=project.read_genes() if is_by_gene else None,
        pseudocount=settings["pseudocount"], members=members,
        local=settings["nulls"] is not None, **common,
    )  # fmt: skip
    if settings["nulls"] is not None:
        nulls = nulls_for(project, model.hash, genome, ensemble, settings["pseudocount"])
        if nulls is None or _digest(nulls.file) != settings["nulls"]:
            raise SighthoundError("the nulls changed during the run; run the command again")
        tracks = settings["tracks"] or list(model.tracks)
        table = with_percentiles(table, variants, nulls, genome, project.read_genes(), tracks)
    if settings["promoters"] is not None:
        asked = worker_promoters(project.model.directory, settings["promoters"])
        with_promoters(table, promoter_effects(asked, genome, variants))
    if settings["signs"] is not None:
        signs = signs_for(project, model.hash, ensemble, len(members), settings["pseudocount"])
        if signs is None:
            raise SighthoundError("what is known of signs changed; run the command again")
        table = with_sign_probabilities(table, signs, settings["tracks"] or list(model.tracks))
    table = numbered(table, part.alleles)
    if not settings["bins"]:
        return table, None
    return table, _profiles(model, genome, part.alleles, common)


def _add_measured(
    table: pd.DataFrame, effects: Mapping[str, Mapping[tuple[str, int, str, str], float]]
) -> None:
    """Put what was measured of each allele before its scores."""
    if not effects:
        return
    columns = (table[name].tolist() for name in ("chrom", "position", "ref", "alt"))
    keys = [
        (chrom, *Variant(chrom, position - 1, ref, alt).trimmed())
        for chrom, position, ref, alt in zip(*columns, strict=True)
    ]
    for name, known in effects.items():
        values = np.array([known.get(key, np.nan) for key in keys], np.float32)
        table.insert(table.columns.get_loc("score"), measured_column(name), values)


def _profiles(
    model: Model, genome: Genome, alleles: Sequence[Allele], common: dict[str, Any]
) -> dict[str, np.ndarray]:
    """Reference and alternative of the bins around each variant's own, NaN beyond the ends."""
    variants = [allele.variant for allele in alleles if allele.variant is not None]
    around = reach(model, common["ensemble"])
    count = len(model.tracks) if common["tracks"] is None else len(common["tracks"])
    shape = (len(variants), 2 * around + 1, count)
    found = {name: np.full(shape, np.nan, np.float32) for name in ("reference", "alternative")}
    starts = np.zeros(len(variants), np.int64)
    profiles = variant_profiles(model, genome, variants, **common)
    for row, (variant, profile) in enumerate(zip(variants, profiles, strict=True)):
        own = (variant.position - profile.start) // model.bin
        starts[row] = profile.start + (own - around) * model.bin
        first = max(0, around - own)
        skipped = max(0, own - around)
        length = min(shape[1] - first, len(profile.reference) - skipped)
        for name, array in found.items():
            values = getattr(profile, name)[skipped : skipped + length]
            array[row, first : first + length] = values
    texts = np.array([str(v) for v in variants])
    return {"record": np.array([a.record for a in alleles]), "variant": texts, "start": starts} | {
        **found
    }


def _digest(path: Path | None) -> str | None:
    return file_sha256(path)[:16] if path is not None and path.is_file() else None
