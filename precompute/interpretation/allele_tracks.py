"""Predictions of a haplotype as files: BigWig or BedGraph of both alleles and their difference."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from sighthound.core.browsers.tracks import ALLELES
from sighthound.core.errors import SighthoundError
from sighthound.core.files import check_output_folder, write_text
from sighthound.core.genome.sequence import Genome
from sighthound.core.interpretation.allele_tracks import AlleleBins, say_haplotype
from sighthound.core.interpretation.variant_scores import variant_profiles
from sighthound.core.model.ensemble import Ensemble
from sighthound.core.model.model import Model, load_model
from sighthound.core.progress import Progress
from sighthound.core.project.manifest import PredictionsManifest, read_predictions
from sighthound.core.project.settings import Project
from sighthound.core.variants.haplotype import Haplotype, haplotype
from sighthound.core.variants.variant import parse_variant

FORMS = ("bw", "bedgraph")


def write_alleles(
    project: Project,
    variants: Sequence[str],
    directory: Path,
    *,
    form: str = "bw",
    tracks: Sequence[str] | None = None,
    kinds: Sequence[str] = ALLELES,
    ensemble: Ensemble | None = None,
    progress: Progress | None = None,
) -> list[Path]:
    """Predict both alleles of variants on one sequence, and write them track by track.

    Parameters
    ----------
    variants : sequence of str
        As people write them: "chrIV:1,234 A>G".
    directory : path
        Gets ID.reference.bw, ID.alternative.bw and ID.difference.bw for every track.
    form : {"bw", "bedgraph"}
    tracks : sequence of str, optional
        Ids; all that the model predicts by default.
    kinds : sequence of str
        Of `ALLELES`.
    progress : callable, optional
        Called with tracks done and in total.

    Returns
    -------
    list of paths, those written

    Raises
    ------
    SighthoundError
        A variant does not fit the genome, two overlap, a track is unknown, or `directory` cannot be
        written.
    """
    if form not in FORMS:
        raise SighthoundError(f"the form is {form!r}; expected one of {', '.join(FORMS)}")
    check_output_folder(directory)
    genome = project.open_genome()
    asked = haplotype([parse_variant(text, genome, genes=project.read_genes) for text in variants])
    model = load_model(project.model.directory)
    chosen = list(dict.fromkeys(tracks or model.tracks))
    bins = predict_alleles(model, genome, asked, chosen, ensemble)
    directory.mkdir(parents=True, exist_ok=True)
    written = []
    for number, track in enumerate(chosen, 1):
        for kind in kinds:
            path = directory / f"{track}.{kind}.{form}"
            if form == "bw":
                bins[track].write_bigwig(path, kind, genome.lengths)
            else:
                name = f"{track} {kind}, {say_haplotype(asked)}"
                text = bins[track].bedgraph(kind, name, genome.lengths[asked.chrom])
                write_text(path, text)
            written.append(path)
        if progress is not None:
            progress(number, len(chosen))
    return written


def ensemble_of_predictions(project: Project) -> Ensemble:
    """What the predicted BigWigs average, so that alleles can be compared with them."""
    return (read_predictions(project.predictions.directory) or PredictionsManifest()).ensemble


def predict_alleles(
    model: Model,
    genome: Genome,
    asked: Haplotype,
    tracks: Sequence[str],
    ensemble: Ensemble | None = None,
) -> dict[str, AlleleBins]:
    """Predict both alleles of a haplotype, a track at a time; one pass serves all tracks."""
    (profile,) = variant_profiles(
        model, genome, [asked.variants], tracks=list(tracks), ensemble=ensemble
    )
    return {
        track: AlleleBins(
            asked.chrom, profile.start, model.bin, profile.reference[:, column],
            profile.alternative[:, column],
        )
        for column, track in enumerate(tracks)
    }  # fmt: skip
