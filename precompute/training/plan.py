"""What a training would take, by a measurement: some steps are made, and nothing is kept."""

from __future__ import annotations

import itertools
import resource
import sys
import time
from dataclasses import dataclass

import numpy as np

from sighthound.core.model.runtime import import_tensorflow
from sighthound.core.project.settings import Project
from sighthound.precompute.training.batches import Batches
from sighthound.precompute.training.contrasts import contrast_groups
from sighthound.precompute.training.joint import JointBatches, open_learned
from sighthound.precompute.training.replicas import check_division, training_strategy
from sighthound.precompute.training.reporters import project_reporters
from sighthound.precompute.training.settings import TrainingSettings, training_architecture
from sighthound.precompute.training.steps import Steps

_MEASURED = 5  # updates, after one that compiles
_JUDGED = 2  # batches of the validation fold, likewise


@dataclass(frozen=True)
class TrainingPlan:
    """What a training would take.

    Attributes
    ----------
    steps : int
        Of one network, over all epochs; early stopping may end before.
    distillation_steps : int
        Of the network that several teach; 0 where there is one.
    seconds_a_step : float
        Median, measured, of the steps between updates and of those with one as they follow.
    seconds : float
        Of all networks, validation after every epoch included. A step of distillation is taken for
        one and a third of each member besides, as a forward pass is about a third of a step.
    memory : int
        Bytes; the largest resident size while measured.
    device_memory : int
        Bytes; the most that one GPU held; 0 without one.
    devices : int
        That share every batch.
    parameters : int
    """

    networks: int
    steps: int
    distillation_steps: int
    seconds_a_step: float
    seconds: float
    memory: int
    device_memory: int
    devices: int
    parameters: int


def plan_training(
    project: Project, settings: TrainingSettings, fold: int | None = None
) -> TrainingPlan:
    """Measure some steps of a training and foretell the whole.

    Raises
    ------
    SighthoundError
        As `train`, of the data set and the settings.
    """
    strategy = training_strategy()
    check_division(settings, strategy.num_replicas_in_sync)
    material = open_learned(project, settings, fold)
    architecture = training_architecture(project, settings, len(material.tracks))
    batches = material.batches(settings)
    steps = Steps(
        architecture,
        settings,
        batches.steps_per_epoch,
        bins=material.target_bins,
        reporters=project_reporters(project, settings, architecture.bin),
        contrasts=contrast_groups(material.tracks) if settings.contrast_weight else None,
    )
    pace = _pace_of_steps(batches, steps, settings.accumulate)
    judging = _pace_of_predictions(batches, steps)
    members = settings.members
    each = settings.epochs * batches.steps_per_epoch
    taught = settings.distillation_epochs * batches.steps_per_epoch if members > 1 else 0
    judged = -(-material.windows["valid"] // settings.batch_size) * judging
    passes = members * settings.epochs + (settings.distillation_epochs if members > 1 else 0)
    unit = 1 if sys.platform == "darwin" else 1024
    return TrainingPlan(
        networks=members + (members > 1),
        steps=each,
        distillation_steps=taught,
        seconds_a_step=pace,
        seconds=pace * (members * each + taught * (1 + members / 3)) + judged * passes,
        memory=resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * unit,
        device_memory=_device_memory(),
        devices=int(strategy.num_replicas_in_sync),
        parameters=int(steps.network.count_params()),
    )


def _pace_of_steps(batches: Batches | JointBatches, steps: Steps, accumulate: int) -> float:
    """Seconds a step: as many updates as are measured, after one that compiles."""
    ends = [time.monotonic()]
    # Windows of several epochs, where one has too few; making a batch counts as it does later.
    drawn = itertools.chain.from_iterable(batches.epoch(number) for number in itertools.count())
    for number, batch in enumerate(itertools.islice(drawn, (_MEASURED + 1) * accumulate)):
        float(steps.step(batch.sequences, batch.targets, batch.mask, number)[0])
        ends.append(time.monotonic())
    updates = np.diff(ends[::accumulate])
    return float(np.median(updates[1:])) / accumulate


def _pace_of_predictions(batches: Batches | JointBatches, steps: Steps) -> float:
    """Seconds to judge a batch of the validation fold, after one that compiles."""
    took = []
    for batch in itertools.islice(itertools.cycle(batches.fold("valid")), _JUDGED + 1):
        started = time.monotonic()
        np.asarray(steps.predict(batch.sequences))
        took.append(time.monotonic() - started)
    return float(np.median(took[1:])) if took else 0.0


def _device_memory() -> int:
    """The most bytes that one GPU has held so far."""
    tf = import_tensorflow()
    names = [device.name for device in tf.config.list_logical_devices("GPU")]
    return max(
        (tf.config.experimental.get_memory_info(name.removeprefix("/device:"))["peak"]
         for name in names),
        default=0,
    )  # fmt: skip
