"""How much of a genome-wide prediction is the network's, with 10 tracks and with 1,000.

The demo's genome and network; heads of 10 and 1,000 outputs made of the trained one's.
"""

from __future__ import annotations

import os
import tempfile
import time
from pathlib import Path

from sighthound.core.model.model import load_model, save_model
from sighthound.core.model.runtime import import_tensorflow
from sighthound.core.project.settings import Project, load_project
from sighthound.core.tracks.track import Track, write_tracks
from sighthound.precompute.cluster.tasks import Workers
from sighthound.precompute.genome_wide.plan import with_outputs
from sighthound.precompute.genome_wide.run import PredictionSummary, predict_genome
from tests.benchmarks.measure import Outcome
from tests.paths import ROOT

GOAL = 0.85
TRACKS = (10, 1000)


def run() -> Outcome:
    """The ratio is the smaller share of wall time in the network, from first chunk to last file.

    TensorFlow is imported before: that takes some seconds, however large the genome is.
    """
    began = time.perf_counter()
    import_tensorflow()
    lines, shares = [f"import of TensorFlow, not counted: {time.perf_counter() - began:.1f} s"], []
    for tracks in TRACKS:
        with tempfile.TemporaryDirectory() as folder:
            project = demo_with_outputs(Path(folder), tracks)
            summary = predict_genome(project, workers=Workers(helpers=os.cpu_count() or 1))
        shares.append(summary.network / summary.seconds)
        lines.append(described(tracks, summary))
    return Outcome(min(shares), GOAL, tuple(lines))


def described(tracks: int, summary: PredictionSummary) -> str:
    """Tell a run in a line."""
    share = summary.network / summary.seconds
    return (
        f"{tracks:5,} tracks: {summary.seconds:6.1f} s, {share:.0%} in the network, "
        f"files after it {summary.after_network:.1f} s"
    )


def demo_with_outputs(folder: Path, tracks: int) -> Project:
    """A project of the demo's genome and network with so many outputs, and no experiments."""
    fasta = ROOT / "assets" / "genome" / "sacCer3.fa.gz"
    (folder / "sighthound.toml").write_text(
        f'[genome]\nfasta = "{fasta}"\n[tracks]\ntable = "tracks.tsv"\n'
    )
    model = with_outputs(load_model(ROOT / "assets" / "simulated" / "model"), tracks)
    save_model(folder / "model", model)
    write_tracks(folder / "tracks.tsv", [Track(name, name) for name in model.tracks])
    return load_project(folder)
