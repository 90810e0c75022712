"""Published models at full size: written as published, imported, and run at 131,072 bp.

Basenji2 with 5,313 tracks as Keras-2 HDF5, and the paper's network with 4,229 as a TensorFlow-1
checkpoint, both with random weights. Every step is a process of its own, as peak memory is that of
a process.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
import tempfile
import time
from pathlib import Path

from tests.benchmarks.measure import Outcome
from tests.paths import ROOT, SHARED_DATA

GOAL_GIB = 2.0  # of a prediction
_PARAMS = SHARED_DATA / "calico_params"
_NETWORKS = {
    "basenji2": (
        "model_human.h5",
        _PARAMS / "cross2020__params_human.json",
        ("--targets", str(_PARAMS / "cross2020__targets_human.txt")),
    ),
    "paper": ("model_best.tf", _PARAMS / "genome_research2018__params.txt", ()),
}
_PREDICTIONS = 3


def run() -> Outcome:
    """The ratio is 2 GiB over the peak memory of the larger prediction."""
    lines, peaks = [], []
    for name, (file, params, targets) in _NETWORKS.items():
        with tempfile.TemporaryDirectory() as folder:
            weights, out = Path(folder) / file, Path(folder) / "model"
            steps = {
                "write": _python(f"write({name!r}, {str(weights)!r})"),
                "import": [
                    sys.executable, "-m", "sighthound", "model", "import", str(weights),
                    "--params", str(params), *targets, "--out", str(out),
                ],
                "predict": _python(f"predict({str(out)!r})"),
            }  # fmt: skip
            for step, command in steps.items():
                seconds, gib, said = _measure(command)
                lines.append(f"{name:9s} {step:8s} {seconds:6.1f} s  peak {gib:.2f} GiB")
            peaks.append(gib)
            times = json.loads(said.splitlines()[-1])
            lines.append(
                f"{name:9s} of which  load {times['load']:.1f} s, first prediction "
                f"{times['predictions'][0]:.1f} s, then {min(times['predictions'][1:]):.1f} s"
            )
    return Outcome(GOAL_GIB / max(peaks), 1.0, tuple(lines))


def write(name: str, path: str) -> None:
    """Write a network with random weights as the published code would."""
    from sighthound.core.model.architecture import PRESETS
    from tests.models import random_weights
    from tests.published import paper_variables, write_checkpoint, write_keras

    tracks = {"basenji2": 5313, "paper": 4229}[name]
    preset: object = PRESETS[name]
    assert callable(preset)
    architecture = preset(tracks)
    weights = random_weights(architecture, spread=0.02)
    if name == "paper":
        write_checkpoint(Path(path), paper_variables(architecture, weights))
    else:
        write_keras(Path(path), architecture, weights)


def predict(folder: str) -> None:
    """Load a model, predict one window of its length a few times, and print the seconds."""
    from sighthound.core import load_model
    from tests.models import random_one_hot

    started = time.perf_counter()
    model = load_model(folder)
    seconds = {"load": time.perf_counter() - started}
    sequence = random_one_hot(model.sequence_length)[None]
    predictions = []
    for _ in range(_PREDICTIONS):
        started = time.perf_counter()
        model.predict(sequence)
        predictions.append(time.perf_counter() - started)
    print(json.dumps(seconds | {"predictions": predictions}))


def _python(call: str) -> list[str]:
    return [sys.executable, "-c", f"from tests.benchmarks.model.published import *; {call}"]


def _measure(command: list[str]) -> tuple[float, float, str]:
    """Run a command; seconds, peak memory in GiB, and what it printed."""
    started = time.perf_counter()
    with tempfile.TemporaryFile("w+") as output:
        process = subprocess.Popen(command, cwd=ROOT, stdout=output)
        _, status, usage = os.wait4(process.pid, 0)
        process.returncode = os.waitstatus_to_exitcode(status)
        output.seek(0)
        said = output.read()
    if process.returncode:
        raise RuntimeError(f"{' '.join(command)} ended with code {process.returncode}")
    return time.perf_counter() - started, usage.ru_maxrss / 2**20, said
