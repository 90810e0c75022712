"""How a search is made, as data: the keys of [tune]."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from sighthound.core.errors import SighthoundError
from sighthound.core.project.sections import section_values

Counts = tuple[int, int]
Range = tuple[float, float]

# What may be searched: whether it counts something, the lowest value, and the one it stays below.
RANGES: dict[str, tuple[bool, float, float]] = {
    "filters": (True, 1, float("inf")),
    "widths": (True, 1, float("inf")),
    "dilated_filters": (True, 1, float("inf")),
    "dilated_layers": (True, 1, float("inf")),
    "units": (True, 1, float("inf")),
    "dropout": (False, 0, 1),
    "learning_rate": (False, 1e-12, float("inf")),
    "beta_1": (False, 0, 1),
    "beta_2": (False, 0, 1),
}
MOST_DILATED = 24  # layers, each of twice the dilation of the one before


@dataclass(frozen=True)
class TuneSettings:
    """[tune]: how networks are searched for.

    Attributes
    ----------
    directory : str
        Where the study lies, relative to the project.
    trials : int
        In all; the first is the network that the project has.
    epochs : int
        Of a trial; 0 for those of [training].
    startup : int
        Trials that are drawn at random before the search begins, and before one is pruned.
    unpruned_epochs : int
        Of every trial.
    seed : int
        Of the search.
    search : tuple of str
        Which of what follows is searched, all by default; the rest stays as the project has it.
    filters : (int, int), optional
        Range of the filters of each convolution before the dilated layers; half to twice its own
        by default, as with `dilated_filters` and `units`.
    widths : (int, int), optional
        Of each of these that is wider than 1; half to twice its own.
    dilated_filters : (int, int), optional
    dilated_layers : (int, int), optional
        Three fewer than there are to one more.
    units : (int, int), optional
        Of the pointwise layer before the tracks.
    dropout : (float, float), optional
        Of the dilated layers; 0 to 0.5.
    learning_rate : (float, float), optional
        A fifth to five times that of [training].
    beta_1, beta_2 : (float, float), optional
        Of Adam; 0.8 to 0.99, and 0.9 to 0.9999.
    """

    directory: str = "tuning"
    trials: int = 50
    epochs: int = 0
    startup: int = 10
    unpruned_epochs: int = 3
    seed: int = 0
    search: tuple[str, ...] = ()
    filters: Counts | None = None
    widths: Counts | None = None
    dilated_filters: Counts | None = None
    dilated_layers: Counts | None = None
    units: Counts | None = None
    dropout: Range | None = None
    learning_rate: Range | None = None
    beta_1: Range | None = None
    beta_2: Range | None = None

    def __post_init__(self) -> None:
        if self.trials < 1:
            raise SighthoundError(f"[tune] trials is {self.trials}; expected a number above 0")
        for name in ("epochs", "startup", "unpruned_epochs", "seed"):
            if getattr(self, name) < 0:
                raise SighthoundError(f"[tune] {name} is {getattr(self, name)}; expected 0 or more")
        if not self.directory:
            raise SighthoundError("[tune] directory is empty; expected the name of a folder")
        for name in self.search:
            if name not in RANGES:
                raise SighthoundError(
                    f"[tune] search names {name!r}; expected some of {', '.join(RANGES)}"
                )
        for name in RANGES:
            if getattr(self, name) is not None:
                self._check_range(name, getattr(self, name))

    def _check_range(self, name: str, given: Range) -> None:
        low, high = given
        _, least, below = RANGES[name]
        if name == "dilated_layers" and high > MOST_DILATED:
            raise SighthoundError(
                f"[tune] {name} goes up to {high:g}; expected at most {MOST_DILATED}"
            )
        if not (least <= low <= high < below):
            end = f", below {below:g}" if below < float("inf") else ""
            start = "above 0" if name == "learning_rate" else f"{least:g} or more{end}"
            raise SighthoundError(
                f"[tune] {name} is [{low:g}, {high:g}]; expected the lowest and the highest value, "
                f"{start}"
            )


def tune_settings(given: dict[str, Any]) -> TuneSettings:
    """Read the keys of [tune].

    Raises
    ------
    SighthoundError
        An unknown key, or a value of the wrong kind or out of range.
    """
    return TuneSettings(**section_values(TuneSettings, given, "tune"))
