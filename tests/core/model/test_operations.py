"""An operation is one entry: attention is added here as a contributor would add it."""

import dataclasses
from typing import ClassVar

import numpy as np
import pytest
import tensorflow as tf

from sighthound.core import SighthoundError
from sighthound.core.genome.sequence import one_hot
from sighthound.core.interpretation.mutagenesis import mutagenesis
from sighthound.core.interpretation.saliency import saliency_profiles
from sighthound.core.model.architecture import Architecture
from sighthound.core.model.blocks import BLOCKS, Block, Convolution, Dilated
from sighthound.core.model.cost import layer_rows
from sighthound.core.model.keras_network import build, get_weights, poisson_loss
from sighthound.core.model.model import Model, load_model, save_model
from sighthound.core.model.operations import OPERATIONS, Operation, Step
from tests.models import random_weights

BASES = one_hot("ACGTTGCATGCCATAG" * 4).astype(np.float32)


@dataclasses.dataclass(frozen=True)
class Attention(Block):
    """Every bin looks at every bin, through `filters` numbers of each."""

    kind: ClassVar[str] = "attention"
    is_stacked: ClassVar[bool] = True
    filters: int

    def lower(self, channels):
        return [Step("branch"), Step("attend", filters=self.filters), Step("add")]

    def problem(self, before):
        return None if self.filters > 0 else f"attention of {self.filters} filters"


def attend(x, query, key, value):
    scores = tf.matmul(x @ query, x @ key, transpose_b=True) / np.sqrt(query.shape[-1])
    return tf.matmul(tf.nn.softmax(scores), x @ value)


def train_attention(keras, architecture, step, name, x):
    class Attend(keras.layers.Layer):
        def build(self, shape):
            shapes = OPERATIONS["attend"].weights(step, shape[-1])
            self.parts = [
                self.add_weight(shape=shape, initializer="glorot_uniform", name=part)
                for part, shape in shapes.items()
            ]

        def call(self, x):
            return attend(x, *self.parts)

    return Attend(name=name)(x)


@pytest.fixture
def attention(monkeypatch):
    entry = Operation(
        lambda step: f"attend {step.filters}",
        reach=lambda step: None,
        weights=lambda step, channels: {
            "query": (channels, step.filters),
            "key": (channels, step.filters),
            "value": (channels, channels),
        },
        flops=lambda step, channels, positions: 4 * positions**2 * step.filters,
        layer="attention",
        train=train_attention,
        infer=lambda tf, folded, x: attend(x, *folded.others),
    )
    monkeypatch.setitem(OPERATIONS, "attend", entry)
    monkeypatch.setitem(BLOCKS, "attention", Attention)
    blocks = (Convolution(6, 5, 4), Attention(3), Dilated(4, (1,)))
    return Architecture(64, blocks, tracks=2)


def test_an_unknown_operation_is_refused_by_name():
    with pytest.raises(SighthoundError, match="unknown operation 'attend'; expected convolve"):
        Step("attend")


def test_a_new_operation_is_trained_and_predicts_the_same_from_its_folder(attention, tmp_path):
    network = build(attention)
    windows = np.stack([BASES, BASES[::-1]])
    network.compile("adam", poisson_loss)
    network.fit(windows, np.ones((2, 16, 2)), epochs=2, verbose=0)
    model = Model(attention, get_weights(network), ["a", "b"])
    assert [n for n in model.weights if "attention" in n] == [
        f"attention_00/{part}" for part in ("query", "key", "value")
    ]
    save_model(tmp_path / "model", model)
    loaded = load_model(tmp_path / "model")
    assert loaded.architecture == attention
    expected = network(windows, training=False).numpy()
    np.testing.assert_allclose(loaded.predict(windows), expected, rtol=1e-5)


def test_a_new_operation_is_counted_in_the_tables_of_layers(attention):
    (row,) = [row for row in layer_rows(attention) if row.name == "attention" and row.flops]
    assert (row.operation, row.parameters, row.flops) == ("attend 3", 2 * 6 * 3 + 36, 4 * 16**2 * 3)
    assert row.left >= 64, "a bin sees the whole window"
    assert attention.receptive_field_bins >= 16


def test_what_recomputes_parts_refuses_an_operation_that_sees_the_whole_window(attention):
    model = Model(attention, random_weights(attention), ["a", "b"])
    with pytest.raises(SighthoundError, match=r"not exact .* 'attend', of which every bin sees"):
        model.reference(BASES)


@pytest.fixture
def halving(monkeypatch):
    """A network with an operation that no interpreter knows, and that sees one bin only."""
    entry = Operation(lambda step: "halve", infer=lambda tf, folded, x: x / 2)
    monkeypatch.setitem(OPERATIONS, "halve", entry)

    class Halved(Architecture):
        def parts(self):
            tower, stack, head = super().parts()
            return tower, [*stack, Step("halve")], head

    network = Halved(64, (Convolution(6, 5, 4), Dilated(4, (1,))), tracks=2)
    return Model(network, random_weights(network), ["a", "b"])


def test_mutagenesis_and_saliency_profiles_refuse_an_operation_they_do_not_know(halving):
    with pytest.raises(SighthoundError, match=r"mutagenesis is not exact .* 'halve'; it is for"):
        mutagenesis(halving, BASES, 8, 16)
    with pytest.raises(SighthoundError, match=r"saliency is not exact .* 'halve'; it is for"):
        saliency_profiles(halving, BASES, "a", [1, 2])


def test_an_operation_that_only_folded_networks_know_cannot_be_trained(halving):
    with pytest.raises(SighthoundError, match="cannot be trained with 'halve'"):
        build(halving.architecture)
