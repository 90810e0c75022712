"""The log of a training as curves that TensorBoard shows.

They are written anew from the log whenever a training begins or goes on, so that an epoch that was
lost with a killed run, or trained twice, has one point.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

from sighthound.core.model.runtime import import_tensorflow

_NAMES = ("loss", "valid_loss", "valid_pearson_log1p", "learning_rate", "seconds")


class Curves:
    """One network's curves: a point an epoch.

    Parameters
    ----------
    folder : path
        Of this network alone; curves that are in it are replaced.
    log : iterable of dict
        Lines of the epochs that are done.
    """

    def __init__(self, folder: Path, log: Iterable[Mapping[str, Any]] = ()) -> None:
        self._tf = import_tensorflow()
        for file in folder.glob("events.out.tfevents.*"):
            file.unlink()
        self._writer = self._tf.summary.create_file_writer(str(folder))
        for line in log:
            self.add(line)

    def add(self, line: Mapping[str, Any]) -> None:
        """Add the points of an epoch."""
        # As tf.summary.scalar does, which needs TensorBoard itself to be installed here.
        kind = self._tf.compat.v1.SummaryMetadata()
        kind.plugin_data.plugin_name = "scalars"
        kind.data_class = 1  # scalar
        with self._writer.as_default():
            for name in _NAMES:
                value = self._tf.constant(line[name], self._tf.float32)
                self._tf.summary.write(name, value, step=line["epoch"], metadata=kind)
        self._writer.flush()

    def close(self) -> None:
        self._writer.close()
