"""A lab's project in Python: ask about a place, get values that know where they are.

What the page and the commands answer, these answer alike. TensorFlow is imported when the model is
first used.
"""

from __future__ import annotations

import functools
from collections.abc import Callable, Sequence
from os import PathLike
from typing import TYPE_CHECKING

import numpy as np

from sighthound.core.annotation.genes import Gene, Genes
from sighthound.core.errors import SighthoundError
from sighthound.core.genome.sequence import Genome, Interval, parse_region
from sighthound.core.interpretation.agreement import LEAST_MEMBERS, Agreement, agreement
from sighthound.core.interpretation.contrasted import Columns
from sighthound.core.interpretation.saliency import saliency
from sighthound.core.interpretation.variant_scores import score_variants, variant_profiles
from sighthound.core.interpretation.windows import locus_grid, predict_locus, predict_stretch
from sighthound.core.model.ensemble import Ensemble, claiming
from sighthound.core.model.model import DESCRIPTION, Model, load_members_of, load_model
from sighthound.core.progress import Progress
from sighthound.core.project.held_out import read_held_out
from sighthound.core.project.settings import Project, load_project
from sighthound.core.tracks.contrasts import UNIT, is_contrast, tracks_of
from sighthound.core.tracks.experiments import experiment_bins
from sighthound.core.tracks.track import Track
from sighthound.core.variants.haplotype import Haplotype, haplotype, parse_haplotype
from sighthound.core.variants.variant import Variant, parse_variant
from sighthound.core.variants.vcf import read_variants
from sighthound.results import Alleles, Effects, TrackData

if TYPE_CHECKING:
    import pandas as pd

    from sighthound.precompute.interpretation.queries import Question

# What people call a place: a region or a gene's name as in the page's box, or what was answered.
Place = Interval | Gene | str


def open_lab(path: str | PathLike[str]) -> Lab:
    """Open a project: its folder, or its sighthound.toml.

    Raises
    ------
    SighthoundError
        There is none, or its settings are not right.
    """
    return Lab(load_project(path))


class Lab:
    """A project's genome, genes, tracks and model, and the questions that they answer.

    A place is an `Interval`, a `Gene`, or a text: a gene's name, "chrIV:1,000-2,000",
    "chrIV:1,234". Without `tracks` a question is of every track; without `ensemble` predictions
    average what the project's predicted BigWigs do, effects of variants both strands and shifts of
    a third of a bin, as on the page, and saliency and mutagenesis ask the sequence as it is.

    Attributes
    ----------
    project : Project
    """

    def __init__(self, project: Project) -> None:
        self.project = project

    def __repr__(self) -> str:
        return f"Lab({str(self.project.root)!r})"

    @property
    def genome(self) -> Genome:
        """Its sequence."""
        return self.project.open_genome()

    @property
    def genes(self) -> Genes:
        """Its genes, by name or place: `lab.genes["HIS4"].tss`."""
        return self.project.read_genes()

    @functools.cached_property
    def model(self) -> Model:
        """Its trained model.

        Raises
        ------
        SighthoundError
            There is none, or it fits neither the tracks nor the genome.
        """
        from sighthound.precompute.genome_wide.run import check_model

        model = load_model(self.project.model.directory)
        check_model(model, self._table, self.genome)
        return model

    @functools.cached_property
    def members(self) -> list[Model]:
        """The networks that taught its model; how far they agree is how far to trust an answer.

        None where the model was taught by experiments alone, or by one network.
        """
        found = load_members_of(self.model, self.project.model.directory)
        return found if len(found) >= LEAST_MEMBERS else []

    @property
    def tracks(self) -> pd.DataFrame:
        """A row a track: id, name, assay, sample, strand, unit, whether it was measured, held_out.

        `held_out` is Pearson r on sequence that the model never saw, NaN where it is not known.
        """
        import pandas as pd

        scores = {id: row.scores["pearson"] for id, row in read_held_out(self.project).items()}
        rows = [
            (
                t.id, t.name, t.assay, t.sample, t.strand, self._unit(t),
                t.experiment is not None, scores.get(t.id),
            )
            for t in self._table
        ]  # fmt: skip
        names = ["id", "name", "assay", "sample", "strand", "unit", "measured", "held_out"]
        return pd.DataFrame(rows, columns=names).astype({"held_out": float})

    def agreement(self, ask: Callable[[Lab], TrackData | Effects]) -> Agreement:
        """Ask the model and the networks that taught it one question, and say how far they agree.

        Parameters
        ----------
        ask : callable
            Asks a lab, as in `lab.agreement(lambda one: one.saliency("HIS4", track="cage"))`.

        Returns
        -------
        Agreement
            `mean`, `deviation` and `is_known`, of the shape of the answer's values.

        Raises
        ------
        SighthoundError
            No networks taught the model.
        """
        if not self.members:
            raise SighthoundError(
                f"no networks taught the model of {self.project.model.directory}; train several: "
                "sighthound train PROJECT --seeds 3"
            )
        return agreement(ask(self).values, [ask(self._asking(m)).values for m in self.members])

    def predict(
        self,
        region: Place,
        *,
        tracks: str | Sequence[str] | None = None,
        ensemble: Ensemble | None = None,
    ) -> TrackData:
        """Predict the bins that a region touches, each from its full context."""
        model, ids = self.model, self._ids(tracks)
        chrom, first, last = self._bins(region, model.bin)
        averaged = ensemble or self._ensemble()
        grid = locus_grid(model)
        stretches = range(first // grid, (last - 1) // grid + 1)
        values = np.concatenate(
            [predict_stretch(model, self.genome, chrom, n, ids, averaged) for n in stretches]
        )
        offset = first - stretches[0] * grid
        return self._data(values[offset : offset + last - first], chrom, first, ids, "prediction")

    def experiment(self, region: Place, *, tracks: str | Sequence[str] | None = None) -> TrackData:
        """Read what was measured in the bins that a region touches; by default of all that was.

        Raises
        ------
        SighthoundError
            A track was not measured, or is not in the table.
        """
        measured = {t.id: t for t in self._table if t.experiment is not None}
        ids = tuple(measured) if tracks is None else _listed(tracks)
        for track in ids:
            if track not in measured:
                raise SighthoundError(
                    f"no experiment of track {track!r}; measured are {', '.join(measured)}"
                )
        size = self._bin
        chrom, first, last = self._bins(region, size)
        place = Interval(chrom, first * size, last * size)
        columns = [experiment_bins(measured[id], self.genome, place, size) for id in ids]
        return self._data(np.stack(columns, axis=1), chrom, first, ids, "experiment")

    def saliency(
        self, at: Place, *, track: str | Sequence[str], ensemble: Ensemble | None = None
    ) -> TrackData:
        """Score every bin in the context of a place for its influence on what is predicted there.

        Parameters
        ----------
        at : place
            The bins whose predictions are explained; of a gene or its name, those of all its
            starts.
        track : str or sequence of str
            Id of the track, or of several; "A/B" is the contrast of two, log2((A + 1) / (B + 1)).

        Returns
        -------
        TrackData
            Signed: positive where the sequence raises the prediction, or the contrast.
        """
        question = self._question(at, track, ensemble)
        model, target = self.model, question.target
        assert target is not None
        bins, chrom = np.array(target.bins), target.chrom
        start = int(bins[0]) * model.bin
        window = question.window(chrom, start, start + 1, bins)
        wanted = [window.predicted_index(int(b) * model.bin) for b in bins]
        scores = saliency(
            model, window.one_hot(self.genome), list(question.tracks), wanted, ensemble=ensemble
        )
        reach, count = model.receptive_field_bins, -(-self.genome.lengths[chrom] // model.bin)
        first, last = max(0, int(bins[0]) - reach), min(count, int(bins[-1]) + reach + 1)
        at_first = window.index(first * model.bin)
        values = scores[at_first : at_first + last - first]
        return self._data(values, chrom, first, question.tracks, f"saliency of {target.name}")

    def mutagenesis(
        self,
        region: Place,
        *,
        target: Place | None = None,
        tracks: str | Sequence[str] | None = None,
        ensemble: Ensemble | None = None,
        progress: Progress | None = None,
    ) -> Effects:
        """Predict what every substitution of a region does.

        Parameters
        ----------
        target : place, optional
            The bins whose summed prediction is asked for; of a gene or its name, those of all its
            starts. By default every bin that a substitution can change.
        tracks : str or sequence of str, optional
            Ids; "A/B" is the contrast of two, log2((A + 1) / (B + 1)), which needs a target.
        progress : callable, optional
            Called with bases done and in total; may raise to stop.

        Raises
        ------
        SighthoundError
            Nothing of the region can change the target.
        """
        from sighthound.precompute.interpretation.mutagenesis import Scan
        from sighthound.precompute.interpretation.queries import check_reach, check_summed

        question, place = self._question(target, tracks, ensemble), self._interval(region)
        check_summed(question)
        check_reach(question, place)
        scan, done = Scan("substitutions", place), []
        for chunk in scan.chunks(question):
            done.append(scan.effects(question, chunk)["effects"])
            if progress is not None:
                progress(chunk.end - place.start, len(place))
        bins = question.bins_in_reach(place.chrom, place.start, place.end)
        if question.target is not None:
            bins = np.array(question.target.bins)
        start = int(bins[0]) * self.model.bin
        window = question.window(place.chrom, start, start + 1, bins)
        at = bins - window.interval.start // self.model.bin
        ids = question.tracks
        asked = Columns.of(ids)
        one_hot = window.one_hot(self.genome)
        predicted = predict_locus(self.model, one_hot, at, asked.tracks, ensemble).sum(axis=0)
        name = question.target.name if question.target else "every bin that can change"
        return Effects(
            np.concatenate(done), place, self.genome.sequence(place), ids, self._units(ids),
            asked.values(predicted), name, self.project,
        )  # fmt: skip

    def score_variants(
        self,
        variants: str | PathLike[str] | Sequence[str | Variant],
        *,
        scores: Sequence[str] = ("sad",),
        tracks: str | Sequence[str] | None = None,
        ensemble: Ensemble | None = None,
        progress: Progress | None = None,
    ) -> pd.DataFrame:
        """Score variants on every track: a row a variant and score (and gene), a column a track.

        Parameters
        ----------
        variants : path, or sequence of str or Variant
            A VCF or BCF, whose alleles that are not the genome's are left out; or variants as
            people write them.
        scores : sequence of str
            As of `sighthound variants --score`.

        Returns
        -------
        DataFrame
            Of the values "score" and, where networks taught the model, "members_mean",
            "members_sd" and "known", as of `core.score_variants`.
        """
        if isinstance(variants, str | PathLike):
            read: list[Variant] = read_variants(variants, self.genome)
        else:
            read = [self._variant(v) if isinstance(v, str) else v for v in variants]
        return score_variants(
            self.model, self.genome, read,
            scores=_listed(scores), tracks=list(self._ids(tracks)), genes=self.genes,
            ensemble=ensemble or claiming(self.model.bin), members=self.members,
            progress=progress,
        )  # fmt: skip

    def alleles(
        self,
        variants: str | Variant | Sequence[Variant],
        *,
        tracks: str | Sequence[str] | None = None,
        ensemble: Ensemble | None = None,
    ) -> Alleles:
        """Predict both alleles of variants on one sequence, in the bins that they can change.

        Parameters
        ----------
        variants : str, Variant or sequence of Variant
            "chrIII:68,401 A>G"; several are joined by "+".
        """
        ids = self._ids(tracks)
        if isinstance(variants, str):
            asked: Haplotype = parse_haplotype(variants, self.genome, genes=self.project.read_genes)
        else:
            asked = haplotype(variants)
        (profile,) = variant_profiles(
            self.model, self.genome, [asked.variants],
            tracks=list(ids), ensemble=ensemble or claiming(self.model.bin),
        )  # fmt: skip
        first = profile.start // self.model.bin
        return Alleles(
            self._data(profile.reference, asked.chrom, first, ids, "reference"),
            self._data(profile.alternative, asked.chrom, first, ids, str(asked)),
        )

    @property
    def _table(self) -> list[Track]:
        return self.project.read_tracks()

    @property
    def _bin(self) -> int:
        """Bases a bin: the model's, or where there is none those that it is to have."""
        has_model = (self.project.model.directory / DESCRIPTION).is_file()
        return self.model.bin if has_model else self.project.dataset.bin

    def _unit(self, track: Track) -> str:
        return f"{track.aggregation} per {self._bin} bp"

    def _units(self, ids: Sequence[str]) -> tuple[str, ...]:
        units = {track.id: self._unit(track) for track in self._table}
        return tuple(UNIT if is_contrast(id) else units[id] for id in ids)

    def _ids(
        self, tracks: str | Sequence[str] | None, *, contrasts: bool = False
    ) -> tuple[str, ...]:
        ids = self.model.tracks if tracks is None else _listed(tracks)
        for name in ids:
            for track in tracks_of(name) if contrasts else (name,):
                self.model.track_index(track)
        return tuple(dict.fromkeys(ids))

    def _asking(self, model: Model) -> Lab:
        """The same lab with another model."""
        other = Lab(self.project)
        other.model = model
        return other

    def _ensemble(self) -> Ensemble:
        """What the predicted BigWigs average, where there are any."""
        from sighthound.precompute.interpretation.allele_tracks import ensemble_of_predictions

        return ensemble_of_predictions(self.project)

    def _variant(self, text: str) -> Variant:
        return parse_variant(text, self.genome, genes=self.project.read_genes)

    def _interval(self, place: Place) -> Interval:
        """A place's bases that are on its chromosome."""
        if isinstance(place, str):
            if not self.genes.are_meant_by(place):
                return parse_region(place, self.genome)
            place = self.genes[place]
        chrom = self.genome.resolve(place.chrom)
        start, end = max(0, place.start), min(place.end, self.genome.lengths[chrom])
        if end <= start:
            raise SighthoundError(
                f"{chrom}:{place.start + 1:,}-{place.end:,} has no base of {chrom}, which has "
                f"{self.genome.lengths[chrom]:,}"
            )
        return Interval(chrom, start, end)

    def _bins(self, place: Place, size: int) -> tuple[str, int, int]:
        region = self._interval(place)
        return region.chrom, region.start // size, -(-region.end // size)

    def _question(
        self,
        target: Place | None,
        tracks: str | Sequence[str] | None,
        ensemble: Ensemble | None,
    ) -> Question:
        from sighthound.precompute.interpretation.queries import Question, Target, find_target

        found = None
        if isinstance(target, Interval):
            chrom, first, last = self._bins(target, self.model.bin)
            found = Target(str(target), chrom, tuple(range(first, last)))
        elif isinstance(target, Gene):
            starts = target.tss_positions or (target.tss.start,)  # says that there is none
            bins = sorted({start // self.model.bin for start in starts})
            found = Target(target.name, target.chrom, tuple(bins))
        elif target is not None:
            found = find_target(target, self.project, self.model.bin)
        ids = self._ids(tracks, contrasts=True)
        return Question(self.model, self.genome, ids, found, ensemble or Ensemble(), "float32")

    def _data(
        self, values: np.ndarray, chrom: str, first: int, ids: Sequence[str], title: str
    ) -> TrackData:
        size = self._bin
        end = min((first + len(values)) * size, self.genome.lengths[chrom])
        place = Interval(chrom, first * size, end)
        return TrackData(
            np.asarray(values, np.float32), place, size, tuple(ids), self._units(ids), title,
            self.project,
        )  # fmt: skip


def _listed(names: str | Sequence[str]) -> tuple[str, ...]:
    return (names,) if isinstance(names, str) else tuple(names)
