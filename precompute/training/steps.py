"""The compiled step of a training: losses, gradients, the optimiser, the moving average."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np

from sighthound.core.model.architecture import Architecture
from sighthound.core.model.keras_network import build, build_with_tower, poisson_loss
from sighthound.core.model.runtime import compile_function, import_tensorflow
from sighthound.precompute.training.contrasts import contrast_loss
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
        self.network, tower = build_with_tower(architecture, settings.seed, settings.precision)
        self.judged = build(architecture, settings.seed) if settings.averaging else self.network
        self.optimiser = optimiser(settings, steps_per_epoch)
        self._reporters = reporters
        self._contrasts = contrasts
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
        self.step, self.predict = self._compile(architecture, bins)

    def variables(self) -> dict[str, Any]:
        """All that a step changes, by name."""
        groups = {"network": self.network.variables, "optimiser": self.optimiser.variables}
        if self.judged is not self.network:
            groups["average"] = self.judged.weights
        if self._head is not None:
            groups["reporters"] = self._head.variables
        return {f"{name}/{i}": v for name, group in groups.items() for i, v in enumerate(group)}

    def _compile(
        self, architecture: Architecture, bins: int
    ) -> tuple[Callable[..., Any], Callable[..., Any]]:
        tf = import_tensorflow()
        network, optimiser, judged = self.network, self.optimiser, self.judged
        decay = self.settings.averaging
        bases = tf.TensorSpec((None, architecture.sequence_length, 4), tf.uint8)
        values = tf.TensorSpec((None, bins, architecture.tracks), tf.float32)

        def step(sequences: Any, targets: Any, mask: Any) -> Any:
            done = optimiser.iterations.value
            sequences = tf.cast(sequences, tf.float32)
            if self._supervision is not None:
                sequences, targets, mask = self._supervision(sequences, targets, mask, done)
            with tf.GradientTape() as tape:
                prediction = network(sequences, training=True)
                loss = poisson_loss(targets, prediction, mask)
                whole = loss + self.reporter_loss(tf, done)
                if self._contrasts is not None:
                    apart = contrast_loss(self._contrasts, targets, prediction, mask)
                    whole += self.settings.contrast_weight * apart
            gradients = tape.gradient(whole, self._trained)
            optimiser.apply(gradients, self._trained)
            if judged is not network:
                # A short memory at first, so that the random start is soon forgotten.
                count = tf.cast(optimiser.iterations.value, tf.float32)
                keep = tf.minimum(decay, (1 + count) / (10 + count))
                for smooth, weight in zip(judged.weights, network.weights, strict=True):
                    smooth.assign(smooth * keep + weight * (1 - keep))
            return loss, tf.reduce_all(tf.math.is_finite(prediction), axis=1)

        def predict(sequences: Any) -> Any:
            return judged(tf.cast(sequences, tf.float32), training=False)

        return (
            compile_function(step, [bases, values, values]),
            compile_function(predict, [bases]),
        )

    def reporter_loss(self, tf: Any, done: Any) -> Any:
        """Error of the second head on measured promoters; 0 without."""
        if self._reporters is None or self._head is None:
            return 0.0
        sequences, measured = self._reporters.batch(tf, done)
        # As in inference: promoters between zeros must not enter the statistics of the genome's.
        bins = tf.cast(self._tower(sequences, training=False), tf.float32)
        predicted = self._head(tf.reduce_mean(bins, axis=1), training=True)[:, 0]
        return self.settings.reporter_weight * tf.reduce_mean((predicted - measured) ** 2)


def optimiser(settings: TrainingSettings, steps_per_epoch: int) -> Any:
    """Make AdamW with the schedule of its rate."""
    import_tensorflow()
    import keras

    total = settings.epochs * steps_per_epoch
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
        global_clipnorm=settings.clip_norm,
    )
    made.exclude_from_weight_decay(var_names=["gamma", "beta", "bias"])
    return made
