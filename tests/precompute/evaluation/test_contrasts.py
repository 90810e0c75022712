import numpy as np
import pytest

from sighthound.core.tracks.bootstrap import Bootstrap, correlation
from sighthound.core.tracks.contrasts import log_ratio
from sighthound.core.tracks.metrics import pearson
from sighthound.core.tracks.track import Track
from sighthound.precompute.evaluation.contrasts import contrasts_table
from sighthound.precompute.evaluation.replicates import families, spearman_brown
from tests.precompute.evaluation.signals_of import signals_of

RNG = np.random.default_rng(3)
BASE = RNG.gamma(1.0, 20.0, 4_000)
CHANGE = np.exp(RNG.normal(0, 0.8, 4_000))


def track(id, sample, replicate_of="", strand="."):
    return Track(id, id, assay="CAGE", sample=sample, replicate_of=replicate_of, strand=strand)


def noisy(values):
    return RNG.poisson(values).astype(np.float32)


def table_of(folder, tracks, experiments, predictions):
    signals = signals_of(folder, tracks, experiments, predictions)
    found = families(tracks, lambda id: np.asarray(experiments[id], np.float32))
    return contrasts_table(signals, signals.held_out.bins(1), found)


def test_a_model_of_both_samples_that_knows_no_difference_has_no_contrast(tmp_path):
    tracks = [track("rich", "rich"), track("starved", "starved")]
    experiments = {"rich": noisy(BASE), "starved": noisy(BASE * CHANGE)}
    alike = {"rich": BASE, "starved": BASE * np.exp(RNG.normal(0, 0.1, 4_000))}
    knowing = {"rich": BASE, "starved": BASE * CHANGE}
    (none,), (known,) = (
        table_of(tmp_path, tracks, experiments, predictions).to_dict("records")
        for predictions in (alike, knowing)
    )
    assert abs(none["pearson"]) < 0.1
    assert known["pearson"] > 0.7
    assert known["pearson_low"] < known["pearson"] < known["pearson_high"]
    expected = pearson(
        np.log2((experiments["rich"] + 1) / (experiments["starved"] + 1)),
        np.log2((BASE.astype(np.float32) + 1) / ((BASE * CHANGE).astype(np.float32) + 1)),
    )
    assert known["pearson"] == pytest.approx(float(expected), abs=1e-4)
    assert (known["n_bins"], known["ceiling_of"]) == (4_000, "no replicate")


def test_the_ceiling_is_the_r_of_the_contrast_between_replicates(tmp_path):
    tracks, experiments = [], {}
    for sample, truth in (("rich", BASE), ("starved", BASE * CHANGE)):
        parts = {f"{sample}{n}": noisy(truth) for n in range(2)}
        experiments |= {sample: np.sum(list(parts.values()), axis=0), **parts}
        tracks += [track(sample, sample), *(track(part, sample, sample) for part in parts)]
    predictions = dict.fromkeys(experiments, BASE)
    rows = table_of(tmp_path, tracks, experiments, predictions).to_dict("records")
    assert [(row["track"], row["other"]) for row in rows] == [("rich", "starved")]
    first, second = (
        log_ratio(experiments[f"rich{n}"], experiments[f"starved{n}"]) for n in range(2)
    )
    assert rows[0]["ceiling"] == pytest.approx(
        spearman_brown(float(pearson(first, second)), 2), abs=1e-4
    )
    assert rows[0]["ceiling_of"] == "sum of 2 replicates"


def test_other_strands_assays_and_replicates_are_no_contrasts(tmp_path):
    tracks = [
        track("a", "rich", strand="+"),
        track("b", "rich", strand="-"),
        track("c", "rich", "a", strand="+"),
        Track("d", "d", assay="ATAC-seq", sample="starved", strand="+"),
    ]
    signals = {t.id: noisy(BASE) for t in tracks}
    assert table_of(tmp_path, tracks, signals, signals).empty


def test_bins_that_are_all_alike_have_no_r():
    ones = np.ones(400)
    n, found = correlation(ones, ones, Bootstrap(np.arange(400) // 10))
    assert n == 400
    assert np.isnan(found.value)
    n, found = correlation(ones[:10], ones[:10], Bootstrap(np.zeros(10, int)))
    assert (n, np.isnan(found.value)) == (10, True)
