"""What the inference worker answers of nulls: how large changes of bases are among them.

Every substitution of a region is scored as a variant is, over all bins that it can change, and
ranked as one (`core.variants.nulls`): a mutagenesis shows one bin, of which nulls know nothing.
"""

from __future__ import annotations

import numpy as np

from sighthound import core
from sighthound.app.answers.nulls import NullsOnMutagenesis, NullsOnTrack
from sighthound.app.inference.worker import loaded_model, report, stop_if_cancelled
from sighthound.core.genome.sequence import ALPHABET, Interval
from sighthound.core.model.ensemble import Ensemble
from sighthound.core.project.nulls import read_nulls
from sighthound.core.project.settings import Project
from sighthound.core.variants.nulls import LOCAL, MATCHED_ON, surroundings
from sighthound.core.variants.variant import Variant

_AT_ONCE = 90  # substitutions between two looks at whether they are still wanted


def mutagenesis(
    project: Project,
    tracks: tuple[str, ...],
    chrom: str,
    start: int,
    end: int,
    ensemble: Ensemble,
    job: str,
) -> NullsOnMutagenesis:
    """Rank every substitution of a region among the nulls that match it.

    Parameters
    ----------
    project : Project
    tracks : tuple of str
        Track ids; contrasts have no nulls.
    chrom, start, end : str, int, int
        The bases to change.
    ensemble : Ensemble
        Strands and shifts that are averaged, as of the nulls.
    job : str
        Name under which progress is reported.

    Returns
    -------
    NullsOnMutagenesis
        Of no track where the project has no nulls of this model and ensemble.
    """
    model, genome = loaded_model(project), project.open_genome()
    nulls = read_nulls(project, ensemble, model.hash, genome.fingerprint)
    if nulls is None or not nulls.has("sad"):
        return NullsOnMutagenesis(start, 0, MATCHED_ON, ())
    sequence = genome.sequence(Interval(chrom, start, end))
    places = [
        (offset, base, Variant(chrom, start + offset, there, alt))
        for offset, there in enumerate(sequence)
        for base, alt in enumerate(ALPHABET)
        if there in ALPHABET and alt != there
    ]
    found = np.full((len(tracks), end - start, 4), np.nan, np.float32)
    ranking, genes = nulls.ranking("sad", tracks), project.read_genes()
    for at in range(0, len(places), _AT_ONCE):
        report(job, at, len(places), "ranking changes among nulls")
        stop_if_cancelled(job)
        offsets, bases, variants = zip(*places[at : at + _AT_ONCE], strict=True)
        table = core.score_variants(
            model, genome, variants, tracks=tracks, ensemble=ensemble, local=True
        )
        near, sad = (
            table[table["value"] == value][list(tracks)].to_numpy(np.float32)
            for value in (LOCAL, "score")
        )
        ranked = ranking.percentiles(surroundings(variants, genome, genes), near, sad)
        found[:, offsets, bases] = ranked.T
    report(job, len(places), len(places), "done")
    return NullsOnMutagenesis(
        start,
        len(nulls),
        MATCHED_ON,
        tuple(NullsOnTrack(track, values) for track, values in zip(tracks, found, strict=True)),
    )
