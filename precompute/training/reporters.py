"""Measured promoters as a second task: a head on the tower learns what a reporter expressed.

A network that has seen only one genome cannot tell which bases of a promoter act from those that
stand beside them. Reporters of random, mutated and native promoters can (de Boer et al. 2020;
Rafi et al. 2024). The head and the task go when the training ends; what they taught the tower
stays.
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from sighthound.core.errors import SighthoundError
from sighthound.core.genome.sequence import one_hot
from sighthound.core.model.runtime import import_tensorflow
from sighthound.core.project.settings import Project
from sighthound.core.text import table_rows
from sighthound.precompute.training.settings import TrainingSettings

BATCH = 64  # promoters a step
_UNITS = 64


@dataclass(frozen=True)
class Reporters:
    """Measured promoters.

    Attributes
    ----------
    sequences : uint8 array, (promoters, length, 4)
        Centred between zeros; the length is a multiple of the bin.
    measured : float32 array, (promoters,)
        Expression, less its mean, over its standard deviation.
    seed : int
        Of the order in which steps see them.
    """

    sequences: np.ndarray
    measured: np.ndarray
    seed: int = 0

    def batch(self, tf: Any, step: Any) -> tuple[Any, Any]:
        """Draw the promoters of a step, an int tensor: float32 bases and values."""
        drawn = tf.random.stateless_uniform(
            (BATCH,),
            seed=tf.stack([self.seed, tf.cast(step, tf.int32)]),
            maxval=len(self.measured),
            dtype=tf.int32,
        )
        sequences = tf.gather(tf.constant(self.sequences), drawn)
        return tf.cast(sequences, tf.float32), tf.gather(tf.constant(self.measured), drawn)


def read_reporters(path: Path, bin: int, seed: int = 0) -> Reporters:
    """Read a table of promoters: columns sequence (bases) and expression (a number), others free.

    Parameters
    ----------
    bin : int
        Bases a bin of the network.

    Raises
    ------
    SighthoundError
        Columns are missing, no row, bases that are none, a value that is no number, or all the
        same.
    """
    rows = table_rows(path)
    _, header = next(rows, (0, []))
    for name in ("sequence", "expression"):
        if name not in header:
            raise SighthoundError(
                f"{path}: no column {name!r}; expected a table with sequence and expression"
            )
    columns = header.index("sequence"), header.index("expression")
    sequences, values = [], []
    for number, cells in rows:
        if len(cells) <= max(columns):
            raise SighthoundError(f"{path}:{number}: {len(cells)} columns of {len(header)}")
        sequence, given = cells[columns[0]].upper(), cells[columns[1]]
        if not sequence or set(sequence) - set("ACGTN"):
            raise SighthoundError(f"{path}:{number}: {sequence[:20]!r} is no sequence of A C G T N")
        try:
            value = float(given)
        except ValueError:
            value = np.nan
        if not np.isfinite(value):
            raise SighthoundError(f"{path}:{number}: expression is {given!r}; expected a number")
        sequences.append(sequence)
        values.append(value)
    if len(set(values)) < 2:
        raise SighthoundError(f"{path} has no two promoters of different expression")
    length = -(-max(map(len, sequences)) // bin) * bin
    encoded = np.zeros((len(sequences), length, 4), np.uint8)
    for row, sequence in zip(encoded, sequences, strict=True):
        start = (length - len(sequence)) // 2
        row[start : start + len(sequence)] = one_hot(sequence)
    measured = np.array(values)
    measured = (measured - measured.mean()) / measured.std()
    return Reporters(encoded, measured.astype(np.float32), seed)


def project_reporters(project: Project, settings: TrainingSettings, bin: int) -> Reporters | None:
    """Read the promoters that [training] names; None where it names none."""
    if not settings.reporters:
        return None
    return read_reporters(project.root / settings.reporters, bin, settings.seed)


def reporter_head(seed: int) -> Any:
    """Make the head: the tower's bins averaged, one hidden layer, one value."""
    import_tensorflow()
    import keras

    keras.utils.set_random_seed(seed)
    return keras.Sequential(
        [
            keras.layers.Dense(_UNITS, activation="relu", dtype="float32"),
            keras.layers.Dense(1, dtype="float32"),
        ]
    )
