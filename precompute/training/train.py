"""Train a project's model: one network, or several of other seeds that teach one.

An interrupted training goes on from its checkpoint and ends with the same weights.
"""

from __future__ import annotations

import dataclasses
import json
import shutil
from collections.abc import Callable
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from sighthound.core import __version__
from sighthound.core.genome.sequence import Interval
from sighthound.core.model.ensemble import Ensemble
from sighthound.core.model.keras_network import Weights
from sighthound.core.model.model import (
    MEMBERS,
    Model,
    load_members,
    member_folders,
    read_description,
    save_model,
)
from sighthound.core.model.promoters import with_readout
from sighthound.core.project.held_out import HELD_OUT_FILE, held_out_tsv
from sighthound.core.project.model_card import CARD_FILE, ModelCard, card_text
from sighthound.core.project.settings import Project
from sighthound.precompute.datasets.card import FOLDS, data_lines, fold_lines, model_lines
from sighthound.precompute.training.accuracy import held_out_accuracy
from sighthound.precompute.training.checkpoints import other_training
from sighthound.precompute.training.distillation import Teachers
from sighthound.precompute.training.fit import LOG, Fit
from sighthound.precompute.training.joint import head_weights, open_learned
from sighthound.precompute.training.levels import level_factors
from sighthound.precompute.training.material import Material
from sighthound.precompute.training.replicas import check_division, is_chief, training_strategy
from sighthound.precompute.training.reporters import project_reporters, promoter_readout
from sighthound.precompute.training.settings import (
    TrainingSettings,
    training_architecture,
    training_settings,
)
from sighthound.precompute.training.start import started_from


@dataclass(frozen=True)
class TrainingResult:
    """What a training came to; losses of the epoch whose weights were kept.

    `also` are the models of the other projects that were learned, too.
    """

    model: Path
    best_epoch: int
    epochs: int
    valid_loss: float
    seconds: float
    also: tuple[Path, ...] = ()


def train(
    project: Project,
    settings: TrainingSettings | None = None,
    progress: Callable[[dict[str, Any]], None] | None = None,
    *,
    fold: int | None = None,
    start: Path | None = None,
    fresh: bool = False,
    curves: Path | None = None,
) -> TrainingResult:
    """Train a network and save it as the project's model, or as that of a cross-validation fold.

    Parameters
    ----------
    settings : TrainingSettings, optional
        The keys of [training] by default.
    progress : callable, optional
        Called with one dict an event; "event" is "network" (number, of, role: "member" or
        "student"), "start" (epochs, steps_per_epoch, windows, parameters, first_epoch), "step"
        (epoch, step, loss, seconds_left in this network), "epoch" (a line of the log, and best:
        bool), "levels" or "accuracy" (done, total) or "end" (model, best_epoch).
    fold : int, optional
        Of the data set's cross-validation folds, which to leave out; the model goes into
        `fold_directory`.
    start : Path, optional
        Folder of a trained model to begin from: its trunk, and its outputs for tracks that it has.
    fresh : bool
        Discard an unfinished training instead of going on with it.
    curves : Path, optional
        Folder of curves for TensorBoard, a run a network.

    Raises
    ------
    SighthoundError
        No dataset, or a stale one, or no such fold; an unfinished training with other settings; a
        loss that is not finite (names track and window; the last checkpoint stays).
    KeyboardInterrupt
        Interrupted; the same call goes on from there.
    """
    settings = settings or training_settings(project.training)
    return _Training(project, settings, progress or _ignore, fold, start, curves).run(fresh)


def fold_directory(project: Project, fold: int) -> Path:
    """Folder of the model that never saw a cross-validation fold."""
    directory = project.model.directory
    return directory.with_name(f"{directory.name}.folds") / str(fold)


class _Training:
    """The networks of a training, one after the other, and the folder that they leave."""

    def __init__(
        self,
        project: Project,
        settings: TrainingSettings,
        progress: Callable[[dict[str, Any]], None],
        fold: int | None,
        start: Path | None,
        curves: Path | None,
    ) -> None:
        # Several machines must find each other before anything else is computed.
        check_division(settings, training_strategy().num_replicas_in_sync)
        self.project, self.settings, self.progress = project, settings, progress
        self.material = open_learned(project, settings, fold)
        self.architecture = training_architecture(project, settings, len(self.material.tracks))
        self.directory = project.model.directory if fold is None else fold_directory(project, fold)
        self.folder = self.directory.with_name(self.directory.name + ".training")
        self.curves = curves and curves / self.directory.relative_to(project.model.directory.parent)
        self.start = start
        self.seconds = 0.0

    def run(self, fresh: bool) -> TrainingResult:
        if fresh:
            shutil.rmtree(self.folder, ignore_errors=True)
        members = self._members() if self.settings.members > 1 else []
        fit = self._student(members) if members else self._fit(self.settings, self.folder)
        weights = fit.run()
        self.seconds += fit.at.seconds
        if is_chief():
            self._save(weights, fit, members)
        self.progress({"event": "end", "model": str(self.directory),
                       "best_epoch": fit.at.best_epoch})  # fmt: skip
        also = tuple(folder for *_, folder in self._heads()[1:])
        return TrainingResult(
            self.directory, fit.at.best_epoch, fit.at.epoch, fit.at.best_loss, self.seconds, also
        )

    def _heads(self) -> list[tuple[Material, slice, Path]]:
        """Each project that is learned, its outputs, and the folder of its model."""
        if isinstance(self.material, Material):
            return [(self.material, slice(None), self.directory)]
        also = self.directory.with_name(f"{self.directory.name}.also")
        parts = self.material.parts
        folders = [self.directory, *(also / part.project.root.name for part in parts[1:])]
        return list(zip(parts, self.material.columns, folders, strict=True))

    def _save(self, weights: Weights, fit: Fit, members: list[Model]) -> None:
        """Level the outputs, measure the model on what is held out, and write its folder."""
        ensemble = Ensemble(reverse_complement=self.settings.ensemble)
        for part, columns, directory in self._heads():
            own = head_weights(weights, columns)
            model = self._model(own, fit, part, "model", 1 / part.scale)
            batches = part.batches(self.settings)
            factors = level_factors(model, part, batches, self._tell("levels"))
            model = self._reading(self._model(own, fit, part, "model", factors / part.scale))
            rows = held_out_accuracy(
                part.project, part.dataset, model, ensemble, self._tell("accuracy")
            )
            files = {HELD_OUT_FILE: held_out_tsv(rows), LOG: fit.log_lines}
            files[CARD_FILE] = card_text(self._card(part, model, len(members)))
            save_model(directory, model, files, members)
        shutil.rmtree(self.folder)

    def _members(self) -> list[Model]:
        """Train the networks of all seeds; those that are done are taken as they are."""
        count, material = self.settings.members, self.material
        assert isinstance(material, Material)
        done = len(member_folders(self.folder))
        for number in range(count):
            own = replace(self.settings, seed=self.settings.seed + number, members=1)
            self.progress({"event": "network", "number": number + 1, "of": count + 1,
                           "role": "member"})  # fmt: skip
            folder = self.folder / MEMBERS / str(number)
            if number < done:
                self._check_done(folder, own)
                continue
            fit = self._fit(own, folder.with_name(f"{number}.training"), f"member{number}")
            weights = fit.run()
            model = self._reading(self._model(weights, fit, material, "member", 1 / material.scale))
            save_model(folder, model, {LOG: fit.log_lines})
            shutil.rmtree(fit.folder)
        self.progress({"event": "network", "number": count + 1, "of": count + 1,
                       "role": "student"})  # fmt: skip
        members = load_members(self.folder)
        self.seconds = sum(model.info["training"]["seconds"] for model in members)
        return members

    def _check_done(self, folder: Path, settings: TrainingSettings) -> None:
        """Refuse a member that an unfinished training with other settings or data left."""
        info = read_description(folder)["info"]
        assert isinstance(self.material, Material)
        statistics = self.material.dataset.statistics
        start = read_description(self.start)["hash"] if self.start is not None else None
        given = (
            _as_json(dataclasses.asdict(settings)), statistics["genome"],
            statistics["tracks_table"], start,
        )  # fmt: skip
        found = (
            info["training"]["settings"], info["genome"], info["tracks_table"],
            info.get("started_from"),
        )  # fmt: skip
        if found != given:
            raise other_training(self.folder)

    def _fit(self, settings: TrainingSettings, folder: Path, part: str = "") -> Fit:
        weights, hash = None, ""
        if self.start is not None:
            weights, hash = started_from(
                self.start, self.architecture, tuple(t.id for t in self.material.tracks),
                settings.seed,
            )  # fmt: skip
        return Fit(
            self.material, settings, self.architecture, folder, self.progress,
            start=weights, taught_by=hash, curves=self.curves and self.curves / part,
        )  # fmt: skip

    def _student(self, members: list[Model]) -> Fit:
        """Teach one network what the members say together; it starts as the first of them."""
        own = replace(
            self.settings, epochs=self.settings.distillation_epochs, patience=0, reporters=""
        )
        return Fit(
            self.material,
            own,
            self.architecture,
            self.folder,
            self.progress,
            start=members[0].weights,
            supervision=Teachers(members, own.mutations, own.seed, own.precision),
            taught_by=" ".join(model.hash for model in members),
            curves=self.curves and self.curves / "student",
        )

    def _model(
        self, weights: Weights, fit: Fit, part: Material, role: str, output_scale: Any
    ) -> Model:
        statistics = part.dataset.statistics
        ensemble = Ensemble(reverse_complement=self.settings.ensemble)
        info = {
            "version": __version__,
            "genome": statistics["genome"],
            "tracks_table": statistics["tracks_table"],
            "training": {
                "settings": dataclasses.asdict(fit.settings if role == "member" else self.settings),
                "best_epoch": fit.at.best_epoch,
                "epochs": fit.at.epoch,
                "seconds": round(fit.at.seconds if role == "member" else self.seconds),
            },
            "held_out_ensemble": dataclasses.asdict(ensemble),
        }
        if self.start is not None:
            info["started_from"] = read_description(self.start)["hash"]
        return Model(
            replace(self.architecture, tracks=len(part.tracks)),
            weights,
            part.dataset.tracks,
            strand_pairs=part.pairs.tolist(),
            output_scale=output_scale.tolist(),
            transforms=part.transforms,
            info=_as_json(info),
        )

    def _reading(self, model: Model) -> Model:
        """Let a network read promoters, where some were learned."""
        reporters = project_reporters(self.project, self.settings, model.bin)
        if reporters is not None:
            with_readout(model, promoter_readout(model, reporters))
        return model

    def _card(self, part: Material, model: Model, members: int) -> ModelCard:
        """What is known of a model before it is evaluated."""
        project, dataset, genome = part.project, part.dataset, part.genome
        places = {
            fold: [Interval(w.chrom, w.start, w.end) for w in dataset.fold(fold)] for fold in FOLDS
        }
        lines = (
            *model_lines(model, members),
            *data_lines(project, part.tracks, genome),
            *fold_lines(places, model.sequence_length, genome),
        )
        doubt = "Nothing is known of its accuracy yet: 'sighthound evaluate' measures it."
        return ModelCard(model.hash, genome.fingerprint, __version__, False, lines, (doubt,))

    def _tell(self, event: str) -> Callable[..., None]:
        def told(done: int, total: int, _: str = "", /) -> None:
            self.progress({"event": event, "done": done, "total": total})

        return told


def _as_json(data: dict[str, Any]) -> dict[str, Any]:
    """Plain data as it will be read back from a file."""
    return json.loads(json.dumps(data))


def _ignore(event: dict[str, Any]) -> None:
    pass
