"""Measured promoters as a second task: a head on the tower learns what a reporter expressed.

A network that has seen only one genome cannot tell which bases of a promoter act from those that
stand beside them. Reporters of random, mutated and native promoters can (de Boer et al. 2020;
Rafi et al. 2024). The head goes when the training ends, and what it taught the tower stays: a
readout is then fitted to the tower as it was kept (`core.model.promoters`), by a ridge regression.

`python -m sighthound.precompute.training.reporters PROJECT` fits the readouts of a model that is
there again, from the promoters that the project's settings name.
"""

from __future__ import annotations

import sys
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from sighthound.core.errors import SighthoundError
from sighthound.core.genome.sequence import one_hot
from sighthound.core.model.model import Model, load_model, member_folders, write_description
from sighthound.core.model.promoters import PromoterReadout, tower_means, with_readout
from sighthound.core.model.runtime import import_tensorflow
from sighthound.core.project.settings import Project, load_project
from sighthound.core.text import table_rows
from sighthound.precompute.training.settings import TrainingSettings, training_settings

BATCH = 64  # promoters a step
_UNITS = 64
_RIDGE = 1e-3  # of the promoters' number, on channels in their standard deviations


@dataclass(frozen=True)
class Reporters:
    """Measured promoters.

    Attributes
    ----------
    sequences : uint8 array, (promoters, length, 4)
        Centred between zeros; the length is a multiple of the bin.
    insert : int
        Bases of a usual one: the median of their lengths.
    measured : float32 array, (promoters,)
        Expression, less its mean, over its standard deviation.
    seed : int
        Of the order in which steps see them.
    """

    sequences: np.ndarray
    measured: np.ndarray
    insert: int
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
    lengths = [len(sequence) for sequence in sequences]
    encoded = np.zeros((len(sequences), -(-max(lengths) // bin) * bin, 4), np.uint8)
    for row, sequence in zip(encoded, sequences, strict=True):
        start = (len(row) - len(sequence)) // 2
        row[start : start + len(sequence)] = one_hot(sequence)
    measured = np.array(values)
    measured = (measured - measured.mean()) / measured.std()
    usual = int(np.median(lengths))
    return Reporters(encoded, measured.astype(np.float32), usual, seed)


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


def promoter_readout(model: Model, reporters: Reporters) -> PromoterReadout:
    """Fit a readout to a trained network's tower, by a ridge regression on its channels.

    Parameters
    ----------
    model : Model
    reporters : Reporters
        In bins of the model's.
    """
    measured = reporters.measured.astype(np.float64)
    means = tower_means(model, reporters.sequences)
    centre, spread = means.mean(axis=0), means.std(axis=0)
    spread[spread == 0] = 1  # a channel that is silent
    scaled = (means - centre) / spread
    penalty = _RIDGE * len(measured) * np.eye(scaled.shape[1])
    fitted = np.linalg.solve(scaled.T @ scaled + penalty, scaled.T @ (measured - measured.mean()))
    weights = np.array([float(f"{weight:.6g}") for weight in fitted / spread])
    constant = float(f"{measured.mean() - centre @ weights:.6g}")
    r = float(np.corrcoef(means @ weights, measured)[0, 1])
    return PromoterReadout(
        reporters.insert,
        reporters.sequences.shape[1],
        tuple(weights.tolist()),
        constant,
        len(measured),
        round(r, 4),
    )


def fit_readouts(project: Project) -> int:
    """Fit the readouts of a project's model and of the networks that taught it, and save them.

    Returns
    -------
    int
        How many networks have one now.

    Raises
    ------
    SighthoundError
        [training] names no promoters, or they cannot be read; no model.
    """
    settings = training_settings(project.training)
    folders = [project.model.directory, *member_folders(project.model.directory)]
    for folder in folders:
        model = load_model(folder)
        reporters = project_reporters(project, settings, model.bin)
        if reporters is None:
            raise SighthoundError(
                f"[training] of {project.root} names no reporters; name a table of measured "
                "promoters there"
            )
        write_description(folder, with_readout(model, promoter_readout(model, reporters)))
    return len(folders)


if __name__ == "__main__":
    if len(sys.argv) != 2:
        sys.exit("usage: python -m sighthound.precompute.training.reporters PROJECT")
    try:
        print(f"{fit_readouts(load_project(Path(sys.argv[1])))} networks read promoters")
    except SighthoundError as error:
        sys.exit(str(error))
