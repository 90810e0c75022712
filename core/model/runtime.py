"""The one place where TensorFlow is imported and compiles: quiet, with pooled memory."""

from __future__ import annotations

import contextlib
import os
import sys
from collections.abc import Callable, Iterator, Sequence
from typing import Any


def import_tensorflow() -> Any:
    """Import TensorFlow with its start-up chatter silenced; oneDNN stays on.

    Its pooling allocator takes the place of malloc, which gives every large tensor fresh pages:
    touching them cost more than the arithmetic of activations (2 to 8 times slower here).
    """
    if "tensorflow" in sys.modules:
        return sys.modules["tensorflow"]
    os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")
    os.environ.setdefault("KERAS_BACKEND", "tensorflow")
    os.environ.setdefault("TF_CPU_ALLOCATOR_USE_BFC", "1")
    os.environ.setdefault("TF_FORCE_GPU_ALLOW_GROWTH", "true")
    with _without_native_stderr():
        import tensorflow as tf
    tf.get_logger().setLevel("ERROR")
    return tf


def compile_function(function: Callable[..., Any], signature: Sequence[Any]) -> Any:
    """Compile a function of tensors for inputs of these shapes (`tf.TensorSpec`).

    It is traced as it stands: what Python decides in it hangs on the network, never on a tensor.
    Rewriting it first, as AutoGraph does, is only time before the first answer.
    """
    tf = import_tensorflow()
    return tf.function(function, input_signature=signature, autograph=False)


@contextlib.contextmanager
def _without_native_stderr() -> Iterator[None]:
    """Silence what native libraries write to the file descriptor; Python's errors still show."""
    try:
        kept = os.dup(2)
    except OSError:  # no standard error at all, as under some service managers
        yield
        return
    try:
        with open(os.devnull, "wb") as nowhere:
            os.dup2(nowhere.fileno(), 2)
        yield
    finally:
        os.dup2(kept, 2)
        os.close(kept)
