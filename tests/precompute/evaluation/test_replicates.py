import math

import numpy as np
import pytest

from sighthound.core.tracks.metrics import pearson, pearson_log1p
from sighthound.core.tracks.track import Track
from sighthound.precompute.evaluation.replicates import (
    Concordance,
    Family,
    families,
    spearman_brown,
)

RNG = np.random.default_rng(1)
TRUTH = RNG.gamma(1.0, 5.0, 20_000)
PARTS: dict[str, np.ndarray] = {f"part{i}": RNG.poisson(TRUTH).astype(np.float32) for i in range(3)}
SIGNALS: dict[str, np.ndarray] = {
    **PARTS,
    "sum": np.stack(list(PARTS.values())).sum(axis=0),
    "mean": np.stack(list(PARTS.values())).mean(axis=0),
    "alone": RNG.poisson(TRUTH).astype(np.float32),
    "silent": np.zeros(20_000, np.float32),
}


def tracks(**replicate_of: str) -> list[Track]:
    return [Track(id, id, replicate_of=other) for id, other in replicate_of.items()]


def found(table: list[Track]) -> list[Family]:
    return families(table, SIGNALS.__getitem__)


def test_tracks_that_name_one_another_are_a_family():
    assert found(tracks(part0="", part1="part0", part2="part1", alone="")) == [
        Family(("part0", "part1", "part2"))
    ]


@pytest.mark.parametrize("joint", ["sum", "mean"])
def test_the_sum_or_mean_of_the_others_is_no_replicate_of_its_parts(joint):
    table = tracks(**{joint: "", "part0": joint, "part1": joint, "part2": joint})
    assert found(table) == [Family(("part0", "part1", "part2"), joint)]


def test_a_sum_of_other_parts_is_a_replicate_like_any():
    table = tracks(sum="", part0="sum", alone="sum")
    assert found(table) == [Family(("sum", "part0", "alone"))]


def test_a_circle_of_names_ends():
    assert {m for f in found(tracks(part0="part1", part1="part0")) for m in f.members} <= {
        "part0",
        "part1",
    }


def test_the_ceiling_of_a_replicate_is_its_mean_r_with_the_others():
    family = Family(("part0", "part1", "part2"))
    ceiling = Concordance(SIGNALS.__getitem__, [family]).ceiling("part0")
    pairs = [(PARTS["part0"], PARTS[other]) for other in ("part1", "part2")]
    assert ceiling.pearson == pytest.approx(np.mean([pearson(*pair) for pair in pairs]))
    assert ceiling.pearson_log1p == pytest.approx(np.mean([pearson_log1p(*p) for p in pairs]))
    assert (ceiling.of, ceiling.replicates) == ("replicates", 3)


def test_the_ceiling_of_a_sum_is_what_another_such_sum_reaches():
    """Here another three replicates can be made, and their sum compared."""
    family = Family(tuple(PARTS), "sum")
    ceiling = Concordance(SIGNALS.__getitem__, [family]).ceiling("sum")
    again = sum(RNG.poisson(TRUTH) for _ in range(3))
    assert ceiling.pearson == pytest.approx(pearson(SIGNALS["sum"], again).item(), abs=0.005)
    assert (ceiling.of, ceiling.replicates) == ("sum of 3 replicates", 3)


def test_without_a_replicate_there_is_no_ceiling():
    nothing = Concordance(SIGNALS.__getitem__, []).ceiling("alone")
    assert math.isnan(nothing.pearson)
    assert (nothing.of, nothing.replicates) == ("no replicate", 0)


def test_a_silent_replicate_is_none():
    ceiling = Concordance(SIGNALS.__getitem__, [Family(("part0", "silent"))]).ceiling("part0")
    assert ceiling.of == "no replicate"


def test_parts_that_do_not_agree_gain_nothing_by_being_added():
    assert spearman_brown(-0.2, 3) == -0.2
    assert spearman_brown(1.0, 5) == 1.0
