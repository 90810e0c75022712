"""Peak memory of the inference worker with the paper's network: 4,229 tracks, random weights.

One process answers what the page asks of the worker: live prediction, saliency and mutagenesis at
several places, and a variant.
"""

from __future__ import annotations

import json
import resource
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

from tests.benchmarks.measure import Outcome
from tests.paths import ROOT

GOAL_GB = 2.0
GENOME = ROOT / "assets" / "genome"
SETTINGS = """
[genome]
name = "sacCer3"
fasta = "genome/sacCer3.fa.gz"
[tracks]
table = "tracks.tsv"
[server]
title = "The paper's network"
"""
PLACES = (200_000, 203_000, 400_000, 700_000)  # on chrIV


def run() -> Outcome:
    """The ratio is 2 GB over the peak; the goal is 1."""
    with tempfile.TemporaryDirectory() as folder:
        for step in ("prepare", "ask"):
            code = f"from tests.benchmarks.model.worker_memory import *; {step}({folder!r})"
            done = subprocess.run(
                [sys.executable, "-c", code], cwd=ROOT, check=True, capture_output=True, text=True
            )
    peaks = json.loads(done.stdout.splitlines()[-1])
    lines = tuple(f"after {name:24s} {gigabytes:5.2f} GB" for name, gigabytes in peaks.items())
    return Outcome(GOAL_GB / max(peaks.values()), 1.0, lines)


def prepare(folder: str) -> None:
    """Write a project with the network and no experiments."""
    from sighthound.core.model.model import save_model
    from sighthound.core.tracks.track import Track, write_tracks
    from tests.benchmarks.model.networks import paper_model

    root, model = Path(folder), paper_model()
    shutil.copytree(GENOME, root / "genome")
    (root / "sighthound.toml").write_text(SETTINGS)
    write_tracks(root / "tracks.tsv", [Track(id=track, name=track) for track in model.tracks])
    save_model(root / "model", model)


def ask(folder: str) -> None:
    """Answer questions as the worker does, and print the peak after each kind."""
    from sighthound.app.inference import tasks, variant_tasks
    from sighthound.app.inference.worker import loaded_model
    from sighthound.core import Interval, Variant, load_project
    from sighthound.core.interpretation.windows import locus_grid
    from sighthound.core.model.ensemble import Ensemble

    project = load_project(folder)
    model = loaded_model(project)
    some, grid = model.tracks[:10], locus_grid(model) * model.bin
    peaks = {}

    def note(name: str) -> None:
        peaks[name] = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * 1024 / 1e9

    for place in PLACES:
        tasks.prediction(project, some, "chrIV", place // grid, Ensemble(), "job")
    note("live prediction")
    for place in PLACES:
        tasks.saliency(project, some[0], "chrIV", place, "job")
    note("saliency")
    for place in PLACES:
        tasks.mutagenesis(project, some[:1], "chrIV", place - 100, place + 100, place, "job")
    note("mutagenesis")
    base = Interval("chrIV", PLACES[0], PLACES[0] + 1)
    ref = project.open_genome().sequence(base)
    alt = "A" if ref != "A" else "C"
    asked = (Variant("chrIV", PLACES[0], ref, alt),)
    variant_tasks.effects(project, asked, Ensemble(), "job")
    variant_tasks.alternative(project, asked, some, Ensemble(), "job")
    note("variant, all tracks")
    print(json.dumps(peaks))
