"""Accuracy against the number of dilated layers, as in the paper: how much far sequence is worth.

`python -m sighthound.precompute.recipes.depth PROJECT OUTPUT [EPOCHS [FILTERS]]` trains a project's
network with its first dilated layer alone, with two of them, and so on to all, one after the other
into the folder OUTPUT, and prints a table. A network that is there is not trained again; one of
other settings is refused.
"""

from __future__ import annotations

import json
import sys
from collections.abc import Callable
from dataclasses import asdict, dataclass, replace
from pathlib import Path

import pandas as pd

from sighthound.core.errors import SighthoundError
from sighthound.core.files import write_text
from sighthound.core.model.blocks import Dilated
from sighthound.core.model.model import load_model, read_description
from sighthound.core.project.held_out import HELD_OUT_FILE
from sighthound.core.project.settings import ModelSettings, Project, load_project
from sighthound.precompute.training.settings import (
    TrainingSettings,
    training_architecture,
    training_settings,
)
from sighthound.precompute.training.train import train


@dataclass(frozen=True)
class Depth:
    """What a network of so many dilated layers came to.

    Attributes
    ----------
    layers : int
    context : int
        Bases on either side of a bin that it sees.
    parameters : int
    valid, test : float
        Mean over tracks of Pearson's r of log(1 + value) in the widest bins measured; NaN where a
        fold has no data.
    """

    layers: int
    context: int
    parameters: int
    valid: float
    test: float


def measure_depths(
    project: Project,
    settings: TrainingSettings,
    output: Path,
    tell: Callable[[Depth], None] = lambda depth: None,
) -> list[Depth]:
    """Train a network of each depth and measure it on the held-out folds.

    Parameters
    ----------
    settings : TrainingSettings
        Of each; one network, whatever `members` is.
    output : Path
        Folder for architectures and models, 1, 2, ...
    tell : callable, optional
        Told each as it is done.

    Raises
    ------
    SighthoundError
        The network has not one block of dilated layers; a network that is there is of other
        settings; or as `train`.
    """
    architecture = training_architecture(project, settings, len(project.read_tracks()))
    dilated = [block for block in architecture.blocks if isinstance(block, Dilated)]
    if len(dilated) != 1:
        raise SighthoundError(
            f"the network has {len(dilated)} blocks of dilated layers; expected one to shorten"
        )
    found = []
    for layers in range(1, len(dilated[0].dilations) + 1):
        shorter = replace(dilated[0], dilations=dilated[0].dilations[:layers])
        blocks = tuple(shorter if b is dilated[0] else b for b in architecture.blocks)
        file, folder = output / f"{layers}.json", output / str(layers)
        own = replace(settings, architecture=str(file.resolve()), members=1)
        if folder.is_dir():
            _check_alike(folder, own)
        else:
            output.mkdir(parents=True, exist_ok=True)
            made = json.dumps(replace(architecture, blocks=blocks).to_json())
            write_text(file, made + "\n")
            train(replace(project, model=ModelSettings(folder)), own)
        found.append(_measured(folder, layers))
        tell(found[-1])
    return found


def _check_alike(folder: Path, settings: TrainingSettings) -> None:
    """Networks of one table must have learned alike, but for their depth."""
    known = read_description(folder)["info"]["training"]["settings"]
    own = json.loads(json.dumps(asdict(settings)))
    other = [name for name in own if name != "architecture" and known.get(name) != own[name]]
    if other:
        raise SighthoundError(
            f"{folder} was trained with another {', another '.join(other)}; give another OUTPUT"
        )


def _measured(folder: Path, layers: int) -> Depth:
    model = load_model(folder)
    table = pd.read_csv(folder / HELD_OUT_FILE, sep="\t")
    table = table[table["bin"] == table["bin"].max()]
    means = table.groupby("fold")["pearson_log1p"].mean()
    valid, test = (float(means.get(fold, float("nan"))) for fold in ("valid", "test"))
    size = sum(int(weights.size) for weights in model.weights.values())
    return Depth(layers, model.context, size, valid, test)


def _main(words: list[str]) -> None:
    if not 2 <= len(words) <= 4 or not all(word.isdigit() for word in words[2:]):
        raise SystemExit(
            "usage: python -m sighthound.precompute.recipes.depth PROJECT OUTPUT [EPOCHS [FILTERS]]"
        )
    project = load_project(Path(words[0]))
    chosen = dict(zip(("epochs", "filters"), map(int, words[2:]), strict=False))
    settings = replace(training_settings(project.training), **chosen)  # type: ignore[arg-type]
    print("layers  bases a side  parameters  r valid  r test", flush=True)

    def tell(depth: Depth) -> None:
        print(
            f"{depth.layers:6}  {depth.context:12,}  {depth.parameters:10,}  {depth.valid:7.3f}"
            f"  {depth.test:6.3f}",
            flush=True,
        )

    measure_depths(project, settings, Path(words[1]), tell)


if __name__ == "__main__":
    try:
        _main(sys.argv[1:])
    except (SighthoundError, OSError) as error:
        sys.exit(f"sighthound: {error}")
