"""Teach one network what several say together, on sequences that no genome has.

Networks of different seeds agree on what they learned and differ in their noise: half of a
predicted effect of a variant is noise of the seed. Their mean is better than any; to be asked as
quickly as one, it is taught to one. The student sees windows of the training fold with bases
mutated at random and learns the mean of the teachers' outputs there, so that it learns their
effects of mutations, too (Zhou et al. 2024, "Uncertainty-aware genomic deep learning with
knowledge distillation").
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from sighthound.core.model.graph import Graph
from sighthound.core.model.model import Model
from sighthound.core.model.runtime import import_tensorflow


class Teachers:
    """The mean of several networks' outputs, as what a step learns.

    Parameters
    ----------
    models : sequence of Model
        Of the same data set.
    mutations : float
        Largest share of a window's bases that is replaced; each window's own is drawn evenly
        between 0 and this.
    seed : int
        Of the mutations.
    dtype : {"float32", "bfloat16"}
        What the teachers are computed in.
    """

    def __init__(
        self, models: Sequence[Model], mutations: float, seed: int, dtype: str = "float32"
    ) -> None:
        # Before output scale and transforms: as the targets are that a network learns.
        self._graphs = [Graph(m.architecture, m.weights, dtype) for m in models]
        self._mutations = mutations
        self._seed = seed

    def __call__(self, sequences: Any, targets: Any, mask: Any, step: Any) -> tuple[Any, Any, Any]:
        """Mutate sequences, (windows, length, 4), and give what the teachers predict of them."""
        tf = import_tensorflow()
        mutated = mutate(
            sequences, self._mutations, tf.stack([self._seed, tf.cast(step, tf.int32)])
        )
        outputs = tf.add_n([tf.cast(graph.forward(mutated), tf.float32) for graph in self._graphs])
        return mutated, outputs / len(self._graphs), tf.ones_like(mask)


def mutate(sequences: Any, most: float, seed: Any) -> Any:
    """Replace bases of one-hot sequences at random.

    Parameters
    ----------
    sequences : float32 tensor, (windows, length, 4)
        Unknown bases, all zeros, stay unknown.
    most : float
        A window's share of replaced bases is drawn evenly between 0 and this.
    seed : int tensor, (2,)
        The same seed, the same mutations.
    """
    tf = import_tensorflow()
    seed = tf.convert_to_tensor(seed)
    windows, length = tf.shape(sequences)[0], tf.shape(sequences)[1]
    shares = tf.random.stateless_uniform((windows, 1), seed=seed) * most
    is_replaced = tf.random.stateless_uniform((windows, length), seed=seed + 1) < shares
    turns = tf.random.stateless_uniform(
        (windows, length), seed=seed + 2, minval=1, maxval=4, dtype=tf.int32
    )
    turns = tf.where(is_replaced, turns, 0)
    # The base that lies `turns` further in the alphabet.
    turned = tf.stack([tf.roll(sequences, turn, axis=2) for turn in range(4)])
    chosen = tf.one_hot(turns, 4, axis=0)[..., None]
    return tf.reduce_sum(turned * chosen, axis=0)
