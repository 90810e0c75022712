"""Which devices share a training: all GPUs of this machine, or those of several machines.

A batch is divided evenly over the replicas; what they find is added up before an update, so that
the network is that of the whole batch, statistics of normalisation apart, which each takes of its
own part. Every machine prepares the same batches, from the same files, and takes its own part.
"""

from __future__ import annotations

import functools
import json
import os
from typing import Any

from sighthound.core.errors import SighthoundError
from sighthound.core.model.runtime import import_tensorflow
from sighthound.precompute.training.settings import TrainingSettings

_CLUSTER = "TF_CONFIG"
_EXAMPLE = '{"cluster": {"worker": ["host:port", ...]}, "task": {"type": "worker", "index": 0}}'


@functools.cache
def training_strategy() -> Any:
    """Give the strategy of this process; the first call must come before any other computation.

    Several machines where the variable TF_CONFIG names them, else all devices of this one.

    Raises
    ------
    SighthoundError
        TF_CONFIG is not what TensorFlow expects.
    """
    tf = import_tensorflow()
    if is_cluster():
        _task()
        return tf.distribute.MultiWorkerMirroredStrategy()
    devices = tf.config.list_logical_devices("GPU") or tf.config.list_logical_devices("CPU")
    if len(devices) > 1:
        return tf.distribute.MirroredStrategy([device.name for device in devices])
    return tf.distribute.get_strategy()


def is_cluster() -> bool:
    """Whether several processes share the training."""
    return bool(os.environ.get(_CLUSTER))


def is_chief() -> bool:
    """Whether this process writes the files: the only one, or the first of several."""
    if not is_cluster():
        return True
    cluster, kind, index = _task()
    return kind == "chief" or (kind == "worker" and index == 0 and "chief" not in cluster)


def check_division(settings: TrainingSettings, replicas: int) -> None:
    """Refuse what cannot be divided over replicas.

    Raises
    ------
    SighthoundError
        A batch that is no multiple of them; members in several processes.
    """
    if settings.batch_size % replicas:
        raise SighthoundError(
            f"[training] batch_size is {settings.batch_size}, which {replicas} devices cannot share"
            f" evenly; expected a multiple of {replicas}"
        )
    if is_cluster() and settings.members > 1:
        raise SighthoundError(
            f"[training] members is {settings.members}; several machines ({_CLUSTER}) train one "
            "network together: train members on one machine each, or leave it at 1"
        )


def _task() -> tuple[dict[str, Any], str, int]:
    """The cluster, and the kind and number of this process in it."""
    try:
        given = json.loads(os.environ[_CLUSTER])
        return given["cluster"], given["task"]["type"], int(given["task"]["index"])
    except (ValueError, KeyError, TypeError) as error:
        raise SighthoundError(
            f"{_CLUSTER} is not as TensorFlow expects it ({type(error).__name__}: {error}); "
            f"expected {_EXAMPLE}"
        ) from None
