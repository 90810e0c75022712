"""What a training would take, by a measurement: some steps are made, and nothing is kept."""

from __future__ import annotations

import itertools
import resource
import sys
import time
from dataclasses import dataclass

import numpy as np

from sighthound.core.project.settings import Project
from sighthound.precompute.training.material import open_material
from sighthound.precompute.training.settings import TrainingSettings, training_architecture
from sighthound.precompute.training.steps import Steps

_MEASURED = 5  # steps, after one that compiles


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
        Median, measured.
    seconds : float
        Of all networks. A step of distillation is taken for one and a third of each member besides,
        as a forward pass is about a third of a step.
    memory : int
        Bytes; the largest resident size while measured.
    parameters : int
    """

    networks: int
    steps: int
    distillation_steps: int
    seconds_a_step: float
    seconds: float
    memory: int
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
    material = open_material(project, fold)
    architecture = training_architecture(project, settings, len(material.tracks))
    batches = material.batches(settings)
    steps = Steps(
        architecture, settings, batches.steps_per_epoch, bins=material.dataset.target_bins
    )
    ends = [time.monotonic()]
    # Windows of several epochs, where one has too few; making a batch counts as it does later.
    drawn = itertools.chain.from_iterable(batches.epoch(number) for number in itertools.count())
    for batch in itertools.islice(drawn, _MEASURED + 1):
        float(steps.step(batch.sequences, batch.targets, batch.mask)[0])
        ends.append(time.monotonic())
    pace = float(np.median(np.diff(ends[1:])))
    members = settings.members
    each = settings.epochs * batches.steps_per_epoch
    taught = settings.distillation_epochs * batches.steps_per_epoch if members > 1 else 0
    unit = 1 if sys.platform == "darwin" else 1024
    return TrainingPlan(
        networks=members + (members > 1),
        steps=each,
        distillation_steps=taught,
        seconds_a_step=pace,
        seconds=pace * (members * each + taught * (1 + members / 3)),
        memory=resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * unit,
        parameters=int(steps.network.count_params()),
    )
