"""Train a network on a project's dataset: Adam, masked Poisson loss, early stopping, checkpoints.

Training follows Kelley et al. 2018 (both strands, sequences shifted by a few bases, the weights of
the best validation epoch kept), with a learning rate that warms up and decays along a cosine.
An interrupted training goes on from its checkpoint and ends with the same weights.
"""

from __future__ import annotations

import dataclasses
import json
import math
import shutil
import signal
import threading
import time
from collections import deque
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from sighthound.core import __version__
from sighthound.core.errors import SighthoundError
from sighthound.core.files import whole_file, write_text
from sighthound.core.model.ensemble import Ensemble
from sighthound.core.model.keras_network import build, get_weights, poisson_loss
from sighthound.core.model.model import Model, save_model
from sighthound.core.model.runtime import import_tensorflow
from sighthound.core.project.held_out import HELD_OUT_FILE, held_out_tsv
from sighthound.core.project.settings import Project
from sighthound.core.tracks.metrics import Moments
from sighthound.core.tracks.track import Track, strand_pairs
from sighthound.precompute.training.accuracy import held_out_accuracy
from sighthound.precompute.training.batches import Batch, Batches
from sighthound.precompute.training.dataset import Dataset, open_dataset
from sighthound.precompute.training.settings import (
    TrainingSettings,
    training_architecture,
    training_settings,
)
from sighthound.precompute.training.target_scales import target_scale

LOG = "training.jsonl"
_CHECKPOINT = "checkpoint.npz"
_CHECKPOINT_SECONDS = 300.0  # between checkpoints inside a long epoch
_PACE_STEPS = 50  # whose median foretells the time left


@dataclass(frozen=True)
class TrainingResult:
    """What a training came to; losses of the epoch whose weights were kept."""

    model: Path
    best_epoch: int
    epochs: int
    valid_loss: float
    seconds: float


def train(
    project: Project,
    settings: TrainingSettings | None = None,
    progress: Callable[[dict[str, Any]], None] | None = None,
    *,
    fresh: bool = False,
) -> TrainingResult:
    """Train a network and save it as the project's model.

    Parameters
    ----------
    settings : TrainingSettings, optional
        The keys of [training] by default.
    progress : callable, optional
        Called with one dict an event; "event" is "start" (epochs, steps_per_epoch, windows,
        parameters, first_epoch), "step" (epoch, step, loss, seconds_left), "epoch" (a line of the
        log, and best: bool), "accuracy" (done, total) or "end" (model, best_epoch).
    fresh : bool
        Discard an unfinished training instead of going on with it.

    Raises
    ------
    SighthoundError
        No dataset, or a stale one; an unfinished training with other settings; a loss that is not
        finite (names track and window; the last checkpoint stays).
    KeyboardInterrupt
        Interrupted; the same call goes on from there.
    """
    settings = settings or training_settings(project.training)
    dataset = open_dataset(project)
    tracks = {track.id: track for track in project.read_tracks()}
    return _Training(
        project, settings, dataset, [tracks[i] for i in dataset.tracks], progress or _ignore
    ).run(fresh)


class _Training:
    """One training: the network, its optimiser, and where it stands."""

    def __init__(
        self,
        project: Project,
        settings: TrainingSettings,
        dataset: Dataset,
        tracks: list[Track],
        progress: Callable[[dict[str, Any]], None],
    ) -> None:
        self.project, self.settings, self.dataset = project, settings, dataset
        self.progress = progress
        self.architecture = training_architecture(project, settings, len(tracks))
        self.pairs = strand_pairs(tracks)
        self.transforms = [track.target_transform for track in tracks]
        self.scale, self.clip = target_scale(dataset, tracks)
        self.batches = Batches(
            dataset,
            project.open_genome(),
            batch_size=settings.batch_size,
            scale=self.scale,
            clip=self.clip,
            strand_pairs=self.pairs,
            transforms=self.transforms,
            shift=settings.shift,
            reverse_complement=settings.reverse_complement,
            seed=settings.seed,
        )
        model_folder = project.model.directory
        self.folder = model_folder.with_name(model_folder.name + ".training")
        self.network = build(self.architecture, settings.seed)
        self.average = build(self.architecture, settings.seed) if settings.averaging else None
        self.optimiser = _optimiser(settings, self.batches.steps_per_epoch)
        self.optimiser.build(self.network.trainable_variables)
        self.step, self.predict = self._compile()
        self.epoch = self.step_in_epoch = self.best_epoch = 0
        self.best_loss = math.inf
        self.best_weights: dict[str, np.ndarray] = {}
        self.losses = 0.0
        self.seconds = 0.0
        self.pace: deque[float] = deque(maxlen=_PACE_STEPS)
        self.log: list[dict[str, Any]] = []
        self.interrupted = False

    def run(self, fresh: bool) -> TrainingResult:
        self._resume(fresh)
        self.folder.mkdir(parents=True, exist_ok=True)
        self.progress(
            {
                "event": "start",
                "epochs": self.settings.epochs,
                "steps_per_epoch": self.batches.steps_per_epoch,
                "windows": dict(self.dataset.statistics["windows"]),
                "parameters": int(self.network.count_params()),
                "first_epoch": self.epoch + 1,
            }
        )
        with _interruptible(self):
            while self.epoch < self.settings.epochs and not self._has_stopped_improving():
                self._train_epoch()
                self._finish_epoch()
                self._save_checkpoint()
        self._save_model()
        shutil.rmtree(self.folder)
        self.progress(
            {
                "event": "end",
                "model": str(self.project.model.directory),
                "best_epoch": self.best_epoch,
            }
        )
        return TrainingResult(
            self.project.model.directory, self.best_epoch, self.epoch, self.best_loss, self.seconds
        )

    def _train_epoch(self) -> None:
        steps = self.batches.steps_per_epoch
        saved = started = last = time.monotonic()
        first = self.step_in_epoch
        before = self.seconds
        for batch in self.batches.epoch(self.epoch, first):
            loss, finite = self.step(batch.sequences, batch.targets, batch.mask)
            value = float(loss)
            if not math.isfinite(value):
                self._explain(batch, np.asarray(finite))
            self.losses += value
            self.step_in_epoch += 1
            now = time.monotonic()
            self.seconds = before + now - started
            self.pace.append(now - last)
            last = now
            left = (self.settings.epochs - self.epoch) * steps - self.step_in_epoch
            self.progress(
                {
                    "event": "step",
                    "epoch": self.epoch + 1,
                    "step": self.step_in_epoch,
                    "loss": self.losses / self.step_in_epoch,
                    "seconds_left": float(np.median(self.pace)) * left,
                }
            )
            if self.interrupted:
                self._save_checkpoint()
                raise KeyboardInterrupt
            if now - saved > _CHECKPOINT_SECONDS:
                self._save_checkpoint()
                saved = time.monotonic()

    def _finish_epoch(self) -> None:
        """Validate, keep the best weights, write the log's line."""
        started = time.monotonic()
        valid_loss, correlation = self._validate()
        is_best = valid_loss < self.best_loss or not self.settings.patience
        self.epoch += 1
        if is_best:
            self.best_loss, self.best_epoch = valid_loss, self.epoch
            self.best_weights = get_weights(self.average or self.network)
        self.seconds += time.monotonic() - started
        line = {
            "epoch": self.epoch,
            "loss": round(self.losses / self.step_in_epoch, 6),
            "valid_loss": round(valid_loss, 6),
            "valid_pearson_log1p": round(correlation, 4),
            "learning_rate": float(f"{float(self.optimiser.learning_rate):.4g}"),
            "seconds": round(self.seconds, 1),
        }
        self.log.append(line)
        self.losses, self.step_in_epoch = 0.0, 0
        self.progress({"event": "epoch", "best": is_best, **line})

    def _validate(self) -> tuple[float, float]:
        """Give the loss and the mean over tracks of the log1p Pearson r on the validation fold."""
        moments = Moments()
        losses = entries = 0.0
        for batch in self.batches.fold("valid"):
            prediction = np.asarray(self.predict(batch.sequences))
            count = float(batch.mask.sum())
            loss = float(poisson_loss(batch.targets, prediction, batch.mask))
            if not math.isfinite(loss):
                self._explain(batch, np.isfinite(prediction).all(axis=1))
            losses, entries = losses + loss * count, entries + count
            x, y = (np.log1p(self._undone(v)) for v in (prediction, batch.targets))
            shape = (-1, len(self.dataset.tracks))
            moments.add(x.reshape(shape), y.reshape(shape), batch.mask.reshape(shape))
        r = moments.pearson()
        r = r[np.isfinite(r)]
        return losses / max(entries, 1), float(r.mean()) if len(r) else 0.0

    def _undone(self, scaled: np.ndarray) -> np.ndarray:
        """Targets or outputs in the experiments' units; bins x tracks at the end."""
        values = scaled / self.scale
        for track, transform in enumerate(self.transforms):
            if not transform.is_identity:
                values[..., track] = transform.inverse(values[..., track])
        return values

    def _explain(self, batch: Batch, finite: np.ndarray) -> None:
        """Say which track and window made the loss NaN or infinite."""
        row, track = np.argwhere(~finite)[0] if not finite.all() else (0, 0)
        row = min(int(row), len(batch.placements) - 1)
        place = batch.placements[row]
        end = place.start + self.dataset.target_bins * self.dataset.bin
        raise SighthoundError(
            f"training diverged in epoch {self.epoch + 1}: the loss is no number, first in track "
            f"{self.dataset.tracks[track]!r} at {place.chrom}:{place.start + 1:,}-{end:,}; "
            f"lower learning_rate (now {self.settings.learning_rate:g}) or check the track's scale"
        )

    def _has_stopped_improving(self) -> bool:
        patience = self.settings.patience
        return bool(patience) and self.epoch - self.best_epoch >= patience

    def _save_model(self) -> None:
        """Measure the best weights on the held-out folds and put the model in place."""
        trained = {
            "settings": dataclasses.asdict(self.settings),
            "best_epoch": self.best_epoch,
            "epochs": self.epoch,
            "seconds": round(self.seconds),
        }
        ensemble = Ensemble(reverse_complement=self.settings.ensemble)
        info = {
            "version": __version__,
            "genome": self.dataset.statistics["genome"],
            "tracks_table": self.dataset.statistics["tracks_table"],
            "training": trained,
            "held_out_ensemble": dataclasses.asdict(ensemble),
        }
        model = Model(
            self.architecture,
            self.best_weights,
            self.dataset.tracks,
            strand_pairs=self.pairs.tolist(),
            output_scale=(1 / self.scale).tolist(),
            transforms=self.transforms,
            info=json.loads(json.dumps(info)),
        )
        rows = held_out_accuracy(self.project, self.dataset, model, ensemble, self._tell_accuracy)
        log = "".join(json.dumps(line) + "\n" for line in self.log)
        save_model(
            self.project.model.directory, model, {HELD_OUT_FILE: held_out_tsv(rows), LOG: log}
        )

    def _tell_accuracy(self, done: int, total: int, _: str = "", /) -> None:
        self.progress({"event": "accuracy", "done": done, "total": total})

    def _compile(self) -> tuple[Callable[..., Any], Callable[..., Any]]:
        tf = import_tensorflow()
        network, optimiser, average = self.network, self.optimiser, self.average
        decay = self.settings.averaging
        data = self.dataset
        bases = tf.TensorSpec((None, data.sequence_length, 4), tf.uint8)
        values = tf.TensorSpec((None, data.target_bins, len(data.tracks)), tf.float32)

        @tf.function(input_signature=[bases, values, values])  # type: ignore[untyped-decorator]
        def step(sequences: Any, targets: Any, mask: Any) -> Any:
            with tf.GradientTape() as tape:
                prediction = network(tf.cast(sequences, tf.float32), training=True)
                loss = poisson_loss(targets, prediction, mask)
            gradients = tape.gradient(loss, network.trainable_variables)
            optimiser.apply(gradients, network.trainable_variables)
            if average is not None:
                # A short memory at first, so that the random start is soon forgotten.
                done = tf.cast(optimiser.iterations.value, tf.float32)
                keep = tf.minimum(decay, (1 + done) / (10 + done))
                for smooth, weight in zip(average.weights, network.weights, strict=True):
                    smooth.assign(smooth * keep + weight * (1 - keep))
            return loss, tf.reduce_all(tf.math.is_finite(prediction), axis=1)

        judged = average or network

        @tf.function(input_signature=[bases])  # type: ignore[untyped-decorator]
        def predict(sequences: Any) -> Any:
            return judged(tf.cast(sequences, tf.float32), training=False)

        return step, predict

    def _identity(self) -> str:
        """What a checkpoint must have been made with to be gone on with."""
        statistics = self.dataset.statistics
        return json.dumps(
            {
                "settings": dataclasses.asdict(self.settings),
                "architecture": self.architecture.to_json(),
                "dataset": [statistics[k] for k in ("genome", "tracks_table", "settings")],
                "scale": [self.scale.tolist(), self.clip.tolist()],
                "transforms": [transform.to_json() for transform in self.transforms],
            },
            sort_keys=True,
        )

    def _variables(self) -> dict[str, Any]:
        groups = {"network": self.network.variables, "optimiser": self.optimiser.variables}
        if self.average is not None:
            groups["average"] = self.average.weights
        return {f"{name}/{i}": v for name, group in groups.items() for i, v in enumerate(group)}

    def _save_checkpoint(self) -> None:
        arrays = {name: np.asarray(variable) for name, variable in self._variables().items()}
        arrays |= {f"best/{name}": array for name, array in self.best_weights.items()}
        state = {
            "identity": self._identity(),
            "epoch": self.epoch,
            "step_in_epoch": self.step_in_epoch,
            "losses": self.losses,
            "best_epoch": self.best_epoch,
            "best_loss": self.best_loss,
            "seconds": self.seconds,
            "log": self.log,
        }
        arrays["state"] = np.array(json.dumps(state))
        with whole_file(self.folder / _CHECKPOINT) as part, part.open("wb") as out:
            np.savez(out, **arrays)  # type: ignore[arg-type]
        write_text(self.folder / LOG, "".join(json.dumps(line) + "\n" for line in self.log))

    def _resume(self, fresh: bool) -> None:
        file = self.folder / _CHECKPOINT
        if fresh:
            shutil.rmtree(self.folder, ignore_errors=True)
        if not file.is_file():
            return
        with np.load(file) as arrays:
            state = json.loads(str(arrays["state"]))
            if state.pop("identity") != self._identity():
                raise SighthoundError(
                    f"{self.folder} holds an unfinished training with other settings or data; "
                    "restore them to go on with it, or start afresh to discard it"
                )
            for name, variable in self._variables().items():
                variable.assign(arrays[name])
            self.best_weights = {
                name.removeprefix("best/"): arrays[name]
                for name in arrays.files
                if name.startswith("best/")
            }
        for name, value in state.items():
            setattr(self, name, value)


def _optimiser(settings: TrainingSettings, steps_per_epoch: int) -> Any:
    import_tensorflow()
    import keras

    total = settings.epochs * steps_per_epoch
    warmup = min(settings.warmup_steps, total // 5)
    rate: Any = settings.learning_rate
    if settings.schedule == "cosine":
        rate = keras.optimizers.schedules.CosineDecay(
            settings.learning_rate / 100 if warmup else settings.learning_rate,
            max(1, total - warmup),
            alpha=0.01,
            warmup_target=settings.learning_rate if warmup else None,
            warmup_steps=warmup,
        )
    optimiser = keras.optimizers.AdamW(
        rate,
        weight_decay=settings.weight_decay,
        beta_1=settings.beta_1,
        beta_2=settings.beta_2,
        global_clipnorm=settings.clip_norm,
    )
    optimiser.exclude_from_weight_decay(var_names=["gamma", "beta", "bias"])
    return optimiser


@contextmanager
def _interruptible(training: _Training) -> Iterator[None]:
    """Turn the first Ctrl-C into a request to stop after the step; the second stops at once."""
    if threading.current_thread() is not threading.main_thread():
        yield
        return

    def ask(number: int, frame: Any) -> None:
        if training.interrupted:
            raise KeyboardInterrupt
        training.interrupted = True

    previous = signal.signal(signal.SIGINT, ask)
    try:
        yield
    finally:
        signal.signal(signal.SIGINT, previous)


def _ignore(event: dict[str, Any]) -> None:
    pass
