"""The compiled step of a training: losses, gradients, the optimiser, the moving average."""

from __future__ import annotations

import functools
from collections.abc import Callable
from typing import Any

import numpy as np

from sighthound.core.model.architecture import Architecture
from sighthound.core.model.keras_network import build, build_with_tower, poisson_loss
from sighthound.core.model.runtime import compile_function, import_tensorflow
from sighthound.precompute.training.contrasts import contrast_loss
from sighthound.precompute.training.replicas import check_division, training_strategy
from sighthound.precompute.training.reporters import Reporters, reporter_head
from sighthound.precompute.training.settings import TrainingSettings

# Given bases (float32), targets, mask and the number of the step, tensors all, gives what the step
# learns in their place.
Supervision = Callable[[Any, Any, Any, Any], tuple[Any, Any, Any]]


class Steps:
    """A network with its optimiser, as compiled functions.

    Attributes
    ----------
    network : keras.Model
    judged : keras.Model
        Whose predictions count: the moving average of the network's weights, or the network.
    optimiser : keras.optimizers.Optimizer
    """

    def __init__(
        self,
        architecture: Architecture,
        settings: TrainingSettings,
        steps_per_epoch: int,
        *,
        bins: int,
        supervision: Supervision | None = None,
        reporters: Reporters | None = None,
        contrasts: np.ndarray | None = None,
    ) -> None:
        self.settings = settings
        self._contrasts = contrasts
        self._strategy = training_strategy()
        self._replicas = int(self._strategy.num_replicas_in_sync)
        check_division(settings, self._replicas)
        with self._strategy.scope():
            self.network, tower = build_with_tower(architecture, settings.seed, settings.precision)
            self.judged = build(architecture, settings.seed) if settings.averaging else self.network
            self.optimiser = optimiser(settings, steps_per_epoch // settings.accumulate)
            self._reporters = reporters
            self._head = reporter_head(settings.seed) if reporters else None
            self._tower = tower
            self._supervision = supervision
            if self._head is not None:
                self._head.build((None, tower.output.shape[-1]))
            self._trained = [
                *self.network.trainable_variables,
                *(self._head.trainable_variables if self._head is not None else ()),
            ]
            self.optimiser.build(self._trained)
            self._gathered = self._gradients_to_be() if settings.accumulate > 1 else []
        self._step, self.predict = self._compile(architecture, bins)

    def variables(self) -> dict[str, Any]:
        """All that a step changes, by name."""
        groups = {"network": self.network.variables, "optimiser": self.optimiser.variables}
        if self.judged is not self.network:
            groups["average"] = self.judged.weights
        if self._head is not None:
            groups["reporters"] = self._head.variables
        if self._gathered:
            groups["gathered"] = self._gathered
        return {f"{name}/{i}": v for name, group in groups.items() for i, v in enumerate(group)}

    def step(self, sequences: Any, targets: Any, mask: Any, number: int = 0) -> tuple[Any, Any]:
        """Learn from a batch.

        Parameters
        ----------
        sequences, targets, mask : arrays
            As `Batch` has them.
        number : int
            Of the step in its epoch; the last of `accumulate` updates the weights.

        Returns
        -------
        loss : float32 scalar
        finite : bool tensor, (batch, tracks)
            Whether all predictions of a window are numbers.
        """
        place = number % self.settings.accumulate
        return self._step(place)(sequences, targets, mask)

    def _gradients_to_be(self) -> list[Any]:
        """Variables for the sum of gradients, and for the values with data that it is of."""
        tf = import_tensorflow()
        shapes = [variable.shape for variable in self._trained] + [()]
        return [tf.Variable(tf.zeros(shape), trainable=False) for shape in shapes]

    def _compile(
        self, architecture: Architecture, bins: int
    ) -> tuple[Callable[[int], Callable[..., Any]], Callable[..., Any]]:
        tf = import_tensorflow()
        bases = tf.TensorSpec((None, architecture.sequence_length, 4), tf.uint8)
        values = tf.TensorSpec((None, bins, architecture.tracks), tf.float32)

        @functools.cache
        def step_at(place: int) -> Any:
            learn = functools.partial(self._replica_step, tf, place)

            def step(sequences: Any, targets: Any, mask: Any) -> Any:
                results = self._strategy.run(learn, (sequences, targets, mask))
                return tuple(self._strategy.experimental_local_results(x)[0] for x in results)

            return compile_function(step, [bases, values, values])

        def predict(sequences: Any) -> Any:
            return self.judged(tf.cast(sequences, tf.float32), training=False)

        return step_at, compile_function(predict, [bases])

    def _replica_step(self, tf: Any, place: int, *batch: Any) -> tuple[Any, Any]:
        """What each replica does with its part of a batch, the only one with all of it."""
        replica = tf.distribute.get_replica_context()
        done = self.optimiser.iterations.value
        if self.settings.accumulate > 1:
            done = done * self.settings.accumulate + place
        drawn = done  # what is drawn at random is drawn anew for each part
        if self._replicas > 1:
            number = replica.replica_id_in_sync_group
            size = tf.shape(batch[0])[0] // self._replicas
            batch = tuple(part[number * size : (number + 1) * size] for part in batch)
            drawn = done * self._replicas + tf.cast(number, done.dtype)
        sequences, targets, mask = batch
        sequences = tf.cast(sequences, tf.float32)
        if self._supervision is not None:
            sequences, targets, mask = self._supervision(sequences, targets, mask, drawn)
        # Parts of a batch weigh as many values as they have, as they would in one mean over all.
        is_part = self._replicas > 1 or self.settings.accumulate > 1
        weight = tf.reduce_sum(mask) if is_part else 1.0
        with tf.GradientTape() as tape:
            prediction = self.network(sequences, training=True)
            loss = poisson_loss(targets, prediction, mask)
            whole = loss + self.reporter_loss(tf, done)
            if self._contrasts is not None:
                apart = contrast_loss(self._contrasts, targets, prediction, mask)
                whole += self.settings.contrast_weight * apart
            whole *= weight
        gradients = tape.gradient(whole, self._trained)
        finite = tf.reduce_all(tf.math.is_finite(prediction), axis=1)
        if self._replicas > 1:
            total = tf.distribute.ReduceOp.SUM
            finite = replica.all_gather(tf.cast(finite, tf.int32), axis=0) > 0
            *gradients, loss, weight = replica.all_reduce(
                total, [*gradients, loss * weight, weight]
            )
            loss = tf.math.divide_no_nan(loss, weight)
            self._share_statistics(tf, replica)
        if self._gathered:
            for gathered, found in zip(self._gathered, [*gradients, weight], strict=True):
                gathered.assign_add(found)
            if place < self.settings.accumulate - 1:
                return loss, finite
            *gradients, weight = [variable.read_value() for variable in self._gathered]
            for gathered in self._gathered:
                gathered.assign(tf.zeros_like(gathered))
        if is_part:
            gradients = [tf.math.divide_no_nan(gradient, weight) for gradient in gradients]
        self._update(tf, gradients)
        return loss, finite

    def _update(self, tf: Any, gradients: list[Any]) -> None:
        """Change the weights by the gradients of a whole batch, and their moving average."""
        gradients, _ = tf.clip_by_global_norm(gradients, self.settings.clip_norm)
        # The optimiser adds up what replicas give it; all have the same.
        if self._replicas > 1:
            gradients = [gradient / self._replicas for gradient in gradients]
        self.optimiser.apply(gradients, self._trained)
        if self.judged is self.network:
            return
        # A short memory at first, so that the random start is soon forgotten.
        count = tf.cast(self.optimiser.iterations.value, tf.float32)
        keep = tf.minimum(self.settings.averaging, (1 + count) / (10 + count))
        for smooth, weight in zip(self.judged.weights, self.network.weights, strict=True):
            smooth.assign(smooth * keep + weight * (1 - keep))

    def _share_statistics(self, tf: Any, replica: Any) -> None:
        """Let all replicas go on with the mean of the statistics that normalisation keeps."""
        kept = [v for v in self.network.non_trainable_variables if v.dtype == "float32"]
        if kept:
            means = replica.all_reduce(tf.distribute.ReduceOp.MEAN, [v.value for v in kept])
            for variable, mean in zip(kept, means, strict=True):
                variable.assign(mean)

    def reporter_loss(self, tf: Any, done: Any) -> Any:
        """Error of the second head on measured promoters; 0 without."""
        if self._reporters is None or self._head is None:
            return 0.0
        sequences, measured = self._reporters.batch(tf, done)
        # As in inference: promoters between zeros must not enter the statistics of the genome's.
        bins = tf.cast(self._tower(sequences, training=False), tf.float32)
        predicted = self._head(tf.reduce_mean(bins, axis=1), training=True)[:, 0]
        return self.settings.reporter_weight * tf.reduce_mean((predicted - measured) ** 2)


def optimiser(settings: TrainingSettings, updates_per_epoch: int) -> Any:
    """Make AdamW with the schedule of its rate."""
    import_tensorflow()
    import keras

    total = settings.epochs * updates_per_epoch
    warmup = min(settings.warmup_steps, total // 5)
    rate: Any = settings.learning_rate
    if settings.schedule == "cosine":
        rate = keras.optimizers.schedules.CosineDecay(
            settings.learning_rate / 100 if warmup else settings.learning_rate,
            max(1, total - warmup),
            alpha=0.01,
            warmup_target=settings.learning_rate if warmup else None,
            warmup_steps=warmup,
        )
    made = keras.optimizers.AdamW(
        rate,
        weight_decay=settings.weight_decay,
        beta_1=settings.beta_1,
        beta_2=settings.beta_2,
    )
    made.exclude_from_weight_decay(var_names=["gamma", "beta", "bias"])
    return made
