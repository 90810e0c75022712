"""One network's way through its epochs: steps, validation, checkpoints, the best weights.

Training follows Kelley et al. 2018 (both strands, sequences shifted by a few bases, the weights of
the best validation epoch kept), with a learning rate that warms up and decays along a cosine.
"""

from __future__ import annotations

import dataclasses
import json
import math
import time
from collections import deque
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np

from sighthound.core.errors import SighthoundError
from sighthound.core.files import write_text
from sighthound.core.model.architecture import Architecture
from sighthound.core.model.keras_network import Weights, get_weights, poisson_loss, set_weights
from sighthound.core.tracks.metrics import Moments
from sighthound.precompute.training.batches import Batch
from sighthound.precompute.training.checkpoints import read_checkpoint, save_checkpoint
from sighthound.precompute.training.contrasts import contrast_groups
from sighthound.precompute.training.curves import Curves
from sighthound.precompute.training.interruption import Interruption
from sighthound.precompute.training.joint import JointMaterial
from sighthound.precompute.training.material import Material
from sighthound.precompute.training.replicas import is_chief
from sighthound.precompute.training.reporters import project_reporters
from sighthound.precompute.training.settings import TrainingSettings
from sighthound.precompute.training.steps import Steps, Supervision

LOG = "training.jsonl"
_CHECKPOINT_SECONDS = 300.0  # between checkpoints inside a long epoch
_PACE_STEPS = 50  # whose median foretells the time left


@dataclass
class _Standing:
    """Where a fit stands; what a checkpoint holds beside the arrays."""

    epoch: int = 0
    step_in_epoch: int = 0
    losses: float = 0.0
    best_epoch: int = 0
    best_loss: float = math.inf
    seconds: float = 0.0
    log: list[dict[str, Any]] = field(default_factory=list)


class DivergedError(SighthoundError):
    """The loss of a training is no number."""


class Fit:
    """One network's training.

    Parameters
    ----------
    material : Material or JointMaterial
    settings : TrainingSettings
        Of this network: its seed, its epochs.
    architecture : Architecture
    folder : Path
        For checkpoints; the caller's to remove.
    progress : callable
        Called with one dict an event: "start", "step", "epoch", as `train` says.
    start : Weights, optional
        Weights to begin with.
    supervision : callable, optional
        What a step learns in place of the targets.
    taught_by : str
        What tells this supervision and start from others, for checkpoints.
    curves : Path, optional
        Folder of this network's curves for TensorBoard.
    """

    def __init__(
        self,
        material: Material | JointMaterial,
        settings: TrainingSettings,
        architecture: Architecture,
        folder: Path,
        progress: Callable[[dict[str, Any]], None],
        *,
        start: Weights | None = None,
        supervision: Supervision | None = None,
        taught_by: str = "",
        curves: Path | None = None,
    ) -> None:
        self.material, self.settings, self.folder = material, settings, folder
        self.progress = progress
        self._curves_folder = curves
        self.batches = material.batches(settings)
        contrasts = contrast_groups(material.tracks) if settings.contrast_weight else None
        self.steps = Steps(
            architecture,
            settings,
            self.batches.steps_per_epoch,
            bins=material.target_bins,
            supervision=supervision,
            reporters=project_reporters(material.project, settings, architecture.bin),
            contrasts=contrasts,
        )
        if start is not None:
            set_weights(self.steps.network, start)
            if self.steps.judged is not self.steps.network:
                set_weights(self.steps.judged, start)
        self._identity = json.dumps(
            {
                "settings": dataclasses.asdict(settings),
                "architecture": architecture.to_json(),
                "material": material.identity,
                "taught_by": taught_by,
            },
            sort_keys=True,
        )
        self.at = _Standing()
        self.best_weights: Weights = {}
        self._pace: deque[float] = deque(maxlen=_PACE_STEPS)

    @property
    def log_lines(self) -> str:
        """A line of JSON an epoch."""
        return "".join(json.dumps(line) + "\n" for line in self.at.log)

    def run(self) -> Weights:
        """Train to the end, from the last checkpoint on, and give the best weights.

        Raises
        ------
        SighthoundError
            A checkpoint of other settings.
        DivergedError
            A loss that is not finite (names track and window; the last checkpoint stays).
        KeyboardInterrupt
            Interrupted; the checkpoint is written.
        """
        self._resume()
        self.folder.mkdir(parents=True, exist_ok=True)
        self.progress(
            {
                "event": "start",
                "epochs": self.settings.epochs,
                "steps_per_epoch": self.batches.steps_per_epoch,
                "windows": self.material.windows,
                "parameters": int(self.steps.network.count_params()),
                "first_epoch": self.at.epoch + 1,
            }
        )
        with Interruption() as interruption, self._curves() as curves:
            while self.at.epoch < self.settings.epochs and not self._has_stopped_improving():
                self._train_epoch(interruption)
                self._finish_epoch()
                self._save_checkpoint()
                if curves:
                    curves.add(self.at.log[-1])
        return self.best_weights

    @contextmanager
    def _curves(self) -> Iterator[Curves | None]:
        """Open the curves of this network, where they are asked for."""
        if self._curves_folder is None or not is_chief():
            yield None
            return
        curves = Curves(self._curves_folder, self.at.log)
        try:
            yield curves
        finally:
            curves.close()

    def _train_epoch(self, interruption: Interruption) -> None:
        at, steps = self.at, self.batches.steps_per_epoch
        saved = started = last = time.monotonic()
        before = at.seconds
        for batch in self.batches.epoch(at.epoch, at.step_in_epoch):
            loss, finite = self.steps.step(
                batch.sequences, batch.targets, batch.mask, at.step_in_epoch
            )
            value = float(loss)
            if not math.isfinite(value):
                self._explain(batch, np.asarray(finite))
            at.losses += value
            at.step_in_epoch += 1
            now = time.monotonic()
            at.seconds = before + now - started
            self._pace.append(now - last)
            last = now
            left = (self.settings.epochs - at.epoch) * steps - at.step_in_epoch
            self.progress(
                {
                    "event": "step",
                    "epoch": at.epoch + 1,
                    "step": at.step_in_epoch,
                    "loss": at.losses / at.step_in_epoch,
                    "seconds_left": float(np.median(self._pace)) * left,
                }
            )
            if interruption.is_asked:
                self._save_checkpoint()
                raise KeyboardInterrupt
            if now - saved > _CHECKPOINT_SECONDS:
                self._save_checkpoint()
                saved = time.monotonic()

    def _finish_epoch(self) -> None:
        """Validate, keep the best weights, write the log's line."""
        at, started = self.at, time.monotonic()
        valid_loss, correlation = self._validate()
        is_best = valid_loss < at.best_loss or not self.settings.patience
        at.epoch += 1
        if is_best:
            at.best_loss, at.best_epoch = valid_loss, at.epoch
            self.best_weights = get_weights(self.steps.judged)
        at.seconds += time.monotonic() - started
        line = {
            "epoch": at.epoch,
            "loss": round(at.losses / at.step_in_epoch, 6),
            "valid_loss": round(valid_loss, 6),
            "valid_pearson_log1p": round(correlation, 4),
            "learning_rate": float(f"{float(self.steps.optimiser.learning_rate):.4g}"),
            "seconds": round(at.seconds, 1),
        }
        at.log.append(line)
        at.losses, at.step_in_epoch = 0.0, 0
        self.progress({"event": "epoch", "best": is_best, **line})

    def _validate(self) -> tuple[float, float]:
        """Give the loss and the mean over tracks of the log1p Pearson r on the validation fold."""
        moments = Moments()
        losses = entries = 0.0
        for batch in self.batches.fold("valid"):
            prediction = np.asarray(self.steps.predict(batch.sequences))
            count = float(batch.mask.sum())
            loss = float(poisson_loss(batch.targets, prediction, batch.mask))
            if not math.isfinite(loss):
                self._explain(batch, np.isfinite(prediction).all(axis=1))
            losses, entries = losses + loss * count, entries + count
            x, y = (np.log1p(self.material.undone(v)) for v in (prediction, batch.targets))
            shape = (-1, prediction.shape[-1])
            moments.add(x.reshape(shape), y.reshape(shape), batch.mask.reshape(shape))
        r = moments.pearson()
        r = r[np.isfinite(r)]
        return losses / max(entries, 1), float(r.mean()) if len(r) else 0.0

    def _explain(self, batch: Batch, finite: np.ndarray) -> None:
        """Say which track and window made the loss NaN or infinite."""
        row, track = np.argwhere(~finite)[0] if not finite.all() else (0, 0)
        row = min(int(row), len(batch.placements) - 1)
        place = batch.placements[row]
        end = place.start + self.material.target_bins * self.material.bin
        name = self.material.tracks[track].id
        raise DivergedError(
            f"training diverged in epoch {self.at.epoch + 1}: the loss is no number, first in "
            f"track {name!r} at {place.chrom}:{place.start + 1:,}-{end:,}; "
            f"lower learning_rate (now {self.settings.learning_rate:g}) or check the track's scale"
        )

    def _has_stopped_improving(self) -> bool:
        patience = self.settings.patience
        return bool(patience) and self.at.epoch - self.at.best_epoch >= patience

    def _save_checkpoint(self) -> None:
        if not is_chief():
            return
        arrays = {name: np.asarray(value) for name, value in self.steps.variables().items()}
        arrays |= {f"best/{name}": array for name, array in self.best_weights.items()}
        save_checkpoint(self.folder, self._identity, arrays, dataclasses.asdict(self.at))
        write_text(self.folder / LOG, self.log_lines)

    def _resume(self) -> None:
        found = read_checkpoint(self.folder, self._identity)
        if found is None:
            return
        arrays, state = found
        for name, variable in self.steps.variables().items():
            variable.assign(arrays[name])
        self.best_weights = {
            name.removeprefix("best/"): array
            for name, array in arrays.items()
            if name.startswith("best/")
        }
        self.at = _Standing(**state)
