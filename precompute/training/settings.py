"""How a network is trained, as data: the keys of [training], and the architecture they name."""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import Any

from sighthound.core.errors import SighthoundError
from sighthound.core.model.architecture import PRESETS, Architecture
from sighthound.core.project.sections import section_values
from sighthound.core.project.settings import Project
from sighthound.core.text import read_text

_SCHEDULES = ("cosine", "constant")
PRECISIONS = ("float32", "bfloat16")


@dataclass(frozen=True)
class TrainingSettings:
    """[training]: how a network is trained.

    Attributes
    ----------
    architecture : str
        Preset ("small", "paper", "basenji2") or the path of an architecture's JSON, relative to
        the project.
    filters : int
        Width of the preset "small".
    dropout : float
        Of its dilated layers.
    epochs : int
        Passes over the training windows; the schedule is laid out over all of them.
    batch_size : int
        Windows a step.
    accumulate : int
        Steps whose gradients are added up before one update of the weights: as a batch of so many
        times the windows, in the memory of one.
    learning_rate : float
        The highest; reached after `warmup_steps`, then decaying to 1 % along a cosine
        (schedule "cosine") or kept ("constant").
    weight_decay : float
        Of AdamW, on kernels; 0 is Adam.
    clip_norm : float
        Largest norm of all gradients together.
    patience : int
        Epochs without a better validation loss before training stops; the best weights are kept. 0
        never stops early and keeps the last, where the validation fold cannot judge all tracks.
    averaging : float
        Decay, a step, of a moving average of the weights that is validated and kept; 0 is off.
    shift : int
        Most bases that a training sequence is moved by.
    reverse_complement : bool
        Show half of the training windows from the other strand.
    ensemble : bool
        Average both strands when accuracy is measured on the held-out folds.
    seed : int
        Of weights, dropout, and the choice and order of windows.
    precision : {"float32", "bfloat16"}
        What the trunk is computed in while it learns; bfloat16 is up to twice as fast where the
        processor has it. The trained model is float32.
    members : int
        Networks of seeds `seed`, `seed` + 1, ...; of more than one, the mean is taught to one
        network, which becomes the model, and they are kept beside it.
    distillation_epochs : int
        Passes over the training windows in which that network learns from the members.
    mutations : float
        Largest share of a window's bases that is mutated meanwhile.
    reporters : str
        Table of measured promoters (columns sequence, expression), relative to the project, that
        a second head learns meanwhile; empty for none.
    reporter_weight : float
        Of its squared error, of values in standard deviations, in the loss.
    contrast_weight : float
        Of how tracks of one assay, target and strand share their sum between samples, in the loss,
        beyond what each track's own loss says of it; 0 adds nothing.
    also : tuple of str
        Other projects, by their folders relative to this one, that the same trunk learns
        meanwhile, each with a head of its own.
    """

    architecture: str = "small"
    filters: int = 96
    dropout: float = 0.1
    epochs: int = 30
    batch_size: int = 8
    accumulate: int = 1
    learning_rate: float = 2e-3
    schedule: str = "cosine"
    warmup_steps: int = 200
    weight_decay: float = 1e-4
    beta_1: float = 0.9
    beta_2: float = 0.999
    clip_norm: float = 1.0
    patience: int = 10
    averaging: float = 0.99
    shift: int = 3
    reverse_complement: bool = True
    ensemble: bool = True
    seed: int = 0
    precision: str = "float32"
    members: int = 1
    distillation_epochs: int = 10
    mutations: float = 0.1
    reporters: str = ""
    reporter_weight: float = 0.3
    contrast_weight: float = 0.0
    also: tuple[str, ...] = ()

    def __post_init__(self) -> None:
        positive = (
            "filters", "epochs", "batch_size", "accumulate", "learning_rate", "clip_norm",
            "members", "distillation_epochs",
        )  # fmt: skip
        for name in positive:
            if not getattr(self, name) > 0:
                raise SighthoundError(
                    f"[training] {name} is {getattr(self, name)}; expected a number above 0"
                )
        for name in (
            "warmup_steps", "weight_decay", "patience", "shift", "seed", "reporter_weight",
            "contrast_weight",
        ):  # fmt: skip
            if getattr(self, name) < 0:
                raise SighthoundError(
                    f"[training] {name} is {getattr(self, name)}; expected 0 or more"
                )
        for name in ("averaging", "beta_1", "beta_2", "dropout", "mutations"):
            if not 0 <= getattr(self, name) < 1:
                raise SighthoundError(
                    f"[training] {name} is {getattr(self, name)}; expected 0 or more, below 1"
                )
        for name, known in (("schedule", _SCHEDULES), ("precision", PRECISIONS)):
            if getattr(self, name) not in known:
                raise SighthoundError(
                    f"[training] {name} is {getattr(self, name)!r}; expected {' or '.join(known)}"
                )


def training_settings(given: dict[str, Any]) -> TrainingSettings:
    """Read the keys of [training].

    Raises
    ------
    SighthoundError
        An unknown key, or a value of the wrong kind or out of range.
    """
    return TrainingSettings(**section_values(TrainingSettings, given, "training"))


def training_architecture(
    project: Project, settings: TrainingSettings, tracks: int
) -> Architecture:
    """Make the architecture that the settings name, for the windows and bins of [dataset].

    Raises
    ------
    SighthoundError
        Neither a preset nor a readable JSON, or its bin or crop are not the dataset's.
    """
    data = project.dataset
    if settings.architecture in PRESETS:
        options: dict[str, Any] = {"sequence_length": data.sequence_length, "crop": data.crop}
        if settings.architecture == "small":
            options |= {"bin": data.bin, "filters": settings.filters, "dropout": settings.dropout}
        preset: Any = PRESETS[settings.architecture]
        architecture = preset(tracks, **options)
    else:
        file = project.root / settings.architecture
        try:
            given = json.loads(read_text(file))
        except (SighthoundError, ValueError) as error:
            raise SighthoundError(
                f"[training] architecture {settings.architecture!r} is neither a preset "
                f"({', '.join(PRESETS)}) nor a readable JSON file: {error}"
            ) from None
        given |= {"tracks": tracks, "sequence_length": data.sequence_length}
        architecture = Architecture.from_json(given)
    for name in ("bin", "crop"):
        if getattr(architecture, name) != getattr(data, name):
            raise SighthoundError(
                f"architecture {settings.architecture!r} has a {name} of "
                f"{getattr(architecture, name)}, [dataset] one of {getattr(data, name)}; "
                "make them equal"
            )
    return architecture
