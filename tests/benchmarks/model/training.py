"""Training on the real yeast data, from public files to the accuracy that the shipped model has.

Takes as long as the training; needs the public files (SIGHTHOUND_DATA or the network).
"""

from __future__ import annotations

import tempfile
import time
from pathlib import Path

import pandas as pd

from sighthound.core import load_project
from sighthound.precompute.datasets.dataset import make_dataset
from sighthound.precompute.recipes.yeast import prepare_yeast
from sighthound.precompute.training.train import train
from tests.benchmarks.measure import Outcome
from tests.paths import SHARED_DATA

GOAL_MINUTES = 25.0
GOAL_PEARSON = 0.74


def run() -> Outcome:
    """The ratio is 25 minutes over the minutes taken, and 0 when the accuracy is not reached."""
    with tempfile.TemporaryDirectory() as folder:
        directory = Path(folder) / "yeast"
        mirror = SHARED_DATA / "yeast"
        prepare_yeast(directory, mirror if mirror.is_dir() else None)
        project = load_project(directory)
        started = time.perf_counter()
        make_dataset(project)
        train(project, fresh=True)
        minutes = (time.perf_counter() - started) / 60
        table = pd.read_csv(project.model.directory / "held_out.tsv", sep="\t")
    chosen = table[(table.fold == "test") & (table.bin == 128)]
    mean = chosen.pearson_log1p.mean()
    lines = (
        f"dataset and training   {minutes:.1f} minutes",
        f"chrXVI, 128-bp bins    mean r(log1p) {mean:.3f} over {len(chosen)} tracks",
    )
    return Outcome(GOAL_MINUTES / minutes if mean >= GOAL_PEARSON else 0.0, 1.0, lines)
