"""A readout of a network's tower tells what a promoter drives in a reporter."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from sighthound.core import Model, SighthoundError
from sighthound.core.model.model import load_model, save_model
from sighthound.core.model.promoters import (
    PromoterReadout,
    networks_hash,
    promoter_networks,
    readout_of,
    tower_means,
    with_readout,
)
from tests.models import shallow_model

CHANNELS = 8  # of the shallow model's tower


def reading(seed: int, insert: int = 60) -> Model:
    """A network with a readout."""
    weights = tuple(np.random.default_rng(seed).normal(size=CHANNELS).tolist())
    return with_readout(
        shallow_model(("a",), seed), PromoterReadout(insert, 128, weights, 0.25, 10, 0.5)
    )


def promoters(count: int, insert: int = 60) -> np.ndarray:
    codes = np.random.default_rng(3).integers(0, 4, (count, insert))
    return np.eye(4, dtype=np.uint8)[codes]


def test_expression_is_a_weighted_sum_of_the_towers_mean_over_the_promoter_between_zeros() -> None:
    model = reading(0)
    readout = readout_of(model)
    assert readout is not None
    (bases,) = promoters(1)
    whole = np.zeros((1, 128, 4), np.uint8)
    whole[0, 34:94] = bases
    expected = model.graph().represent(whole.astype(np.float32)).numpy()[0].mean(axis=0)
    found = readout.expression(model, bases[None])
    assert found == pytest.approx([expected @ np.array(readout.weights) + 0.25], rel=1e-5)


def test_many_promoters_are_read_as_each_by_itself() -> None:
    model, many = reading(1), promoters(300, 128)
    alone = np.concatenate([tower_means(model, one[None]) for one in many[250:]])
    np.testing.assert_allclose(tower_means(model, many)[250:], alone, rtol=1e-5, atol=1e-7)


def test_a_readout_is_saved_with_its_network(tmp_path: Path) -> None:
    model = reading(0)
    save_model(tmp_path / "model", model)
    loaded = load_model(tmp_path / "model")
    assert readout_of(loaded) == readout_of(model)
    assert loaded.hash == shallow_model(("a",)).hash  # predictions of tracks are the same


def test_the_networks_that_taught_a_model_are_asked_where_each_has_a_readout() -> None:
    model, one, other = reading(0), reading(1), reading(2)
    assert [n.model for n in promoter_networks(model)] == [model]
    assert [n.model for n in promoter_networks(model, [one, other])] == [one, other]
    assert promoter_networks(model, [one, shallow_model(("a",), 2)]) == ()
    assert promoter_networks(shallow_model(("a",))) == ()


def test_another_readout_has_another_hash() -> None:
    (network,) = promoter_networks(reading(0))
    other = replace(network, readout=replace(network.readout, constant=0.5))
    assert networks_hash([network]) == networks_hash(promoter_networks(reading(0)))
    assert networks_hash([network]) != networks_hash([other])
    assert networks_hash([network]) != networks_hash([network, network])


@pytest.mark.parametrize("said", [{}, {"insert": 3}, {"weights": ["x"]}, 7])
def test_a_damaged_readout_is_named(said: object) -> None:
    model = shallow_model(("a",))
    model.info["promoters"] = json.loads(json.dumps(said))
    with pytest.raises(SighthoundError, match="readout of promoters is damaged; train the model"):
        readout_of(model)
