"""What a plan says a prediction takes, against what it took: 1 and 2 workers; 1, 10, 100 tracks.

The demo's genome and network, with heads of so many outputs.
"""

from __future__ import annotations

import subprocess
import sys
import tempfile
from pathlib import Path

from tests.benchmarks.files.predict_overlap import demo_with_outputs
from tests.benchmarks.measure import Outcome
from tests.paths import ROOT

GOAL = 0.7
WORKERS, TRACKS = (1, 2), (1, 10, 100)


def run() -> Outcome:
    """The ratio is the smaller of plan and run over the larger, where they differ most."""
    lines = ["workers  tracks   planned       ran"]
    ratios = []
    for workers in WORKERS:
        for tracks in TRACKS:
            with tempfile.TemporaryDirectory() as folder:
                demo_with_outputs(Path(folder), tracks)
                planned, ran = (float(_seconds(what, folder, workers)) for what in ("plan", "run"))
            ratios.append(min(planned, ran) / max(planned, ran))
            lines.append(f"{workers:7d}  {tracks:6d}  {planned:6.1f} s  {ran:6.1f} s")
    return Outcome(min(ratios), GOAL, tuple(lines))


def _seconds(what: str, folder: str, workers: int) -> str:
    """Plan or run in a process of its own, as a command does."""
    return subprocess.run(
        [sys.executable, "-m", "tests.benchmarks.files.predict_plan", what, folder, str(workers)],
        cwd=ROOT, check=True, stdout=subprocess.PIPE, text=True,
    ).stdout  # fmt: skip


def _main(what: str, folder: str, count: int) -> None:
    from sighthound.core.model.ensemble import Ensemble
    from sighthound.core.model.model import load_model
    from sighthound.core.project.settings import load_project
    from sighthound.precompute.cluster.tasks import Workers
    from sighthound.precompute.genome_wide.plan import calibrate, count_windows, make_plan
    from sighthound.precompute.genome_wide.run import predict_genome

    project, workers, ensemble = load_project(Path(folder)), Workers(count), Ensemble()
    if what == "run":
        print(predict_genome(project, workers=workers).seconds)
        return
    model, genome = load_model(project.model.directory), project.open_genome()
    measured = calibrate(model, genome, Path(folder), ensemble=ensemble, workers=workers)
    plan = make_plan(
        measured,
        bins=sum(-(-length // model.bin) for length in genome.lengths.values()),
        bin=model.bin,
        tracks=len(model.tracks),
        windows=count_windows(model, genome, ensemble, measured),
        workers=count,
    )
    print(plan.seconds)


if __name__ == "__main__":
    _main(sys.argv[1], sys.argv[2], int(sys.argv[3]))
