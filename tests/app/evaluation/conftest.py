"""An evaluation of a made-up project: six tracks of two assays, a replicate, eighty genes."""

from dataclasses import replace
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from sighthound.app.evaluation.panels import Evaluation, open_evaluation
from sighthound.core.genome.sequence import Interval
from sighthound.core.project.evaluation import TABLES, About, write_evaluation
from sighthound.core.tracks.track import Track
from sighthound.precompute.evaluation import tables
from sighthound.precompute.evaluation.elements import element_tables
from tests.precompute.evaluation.signals_of import BIN, signals_of
from tests.precompute.evaluation.test_expression import gene


@pytest.fixture(scope="session")
def evaluation(tmp_path_factory: pytest.TempPathFactory) -> Evaluation:
    folder: Path = tmp_path_factory.mktemp("evaluation")
    rng = np.random.default_rng(5)
    base = rng.gamma(2, 10, 400)
    tracks, experiments, predictions = [], {}, {}
    for number in range(6):
        name = f"t{number}"
        level = base * np.where(np.arange(400) % 2 == number % 2, 6.0, 1.0)
        experiments[name] = rng.poisson(level)
        predictions[name] = level * rng.lognormal(0, 0.2, 400) * 0.9
        assay = "RNA <seq>" if number < 4 else "CAGE"
        sample, root = ("", "t4") if number == 5 else (name, "")
        track = Track(name, f"Track {number} & co", assay, sample, replicate_of=root)
        tracks.append(replace(track, aggregation="sum"))
    tracks.append(Track("none", "None", "CAGE", aggregation="sum"))
    experiments["none"] = np.full(400, np.nan)
    predictions["none"] = base
    # A replicate repeats the same biology.
    experiments["t5"] = rng.poisson(predictions["t4"])
    signals = signals_of(folder, tracks, experiments, predictions, [Interval("chrI", 0, 500)])
    bins = signals.held_out.bins()
    genes = [gene(f"g{i}", "+", 50 * i + 3) for i in range(80)]
    work = tables.Evaluation(signals, [bins], "test", genes)
    found = work.tables()
    scores = {"site": (rng.random((30, 1)) + 1, rng.random((30, 1)))}
    found |= element_tables(scores, ["t1"])
    found |= work.ablation(True)
    found["sites.tsv"] = pd.DataFrame(
        [
            ("Reb1", track, method, 40, 38, near, 0.2, 0.6, *named)
            for track, near in (("t1", 0.5), ("t4", 0.3))
            for method, named in (("mutagenesis", (0.4, 0.25)), ("gradient", (np.nan, np.nan)))
        ],
        columns=list(TABLES["sites.tsv"]),
    )
    found["effects.tsv"] = pd.DataFrame(
        [
            (track, 3, 96, r, r - 0.1, r + 0.1, 0.7, 0.5, 0.4, 0.6, "96 random substitutions")
            for track, r in (("t1", 0.5), ("t4", 0.3))
        ],
        columns=list(TABLES["effects.tsv"]),
    )
    about = About(
        "m0de1", "9en0me", "1", "test", BIN, (BIN,), 4_000, {}, {"4A": "not asked"} | work.missing
    )
    write_evaluation(folder / "out", about, found)
    opened = open_evaluation(folder / "out", tracks)
    assert opened is not None
    return opened
