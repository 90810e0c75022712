"""Loops that numpy cannot say, compiled once a machine and kept: compiling takes seconds a run."""

from __future__ import annotations

from collections.abc import Callable
from typing import NoReturn, TypeVar, cast

import numba
import numba.np.linalg

Function = TypeVar("Function", bound=Callable[..., object])


def _no_matrices() -> NoReturn:
    raise ImportError("no loop here multiplies matrices")


# At its first loop numba imports scipy to see whether it could multiply matrices: half of its time.
_ensured, numba.np.linalg.ensure_blas = numba.np.linalg.ensure_blas, _no_matrices
import numba.np.arraymath  # noqa: E402

numba.np.linalg.ensure_blas = _ensured


def compiled(function: Function) -> Function:
    """Compile a function of numbers and arrays, to run beside others; kept where there is a place.

    What is kept lies beside the module or in the user's cache (NUMBA_CACHE_DIR names another), and
    is made anew when the module changes. Where nothing can be written, every run compiles.
    """
    try:
        return cast(Function, numba.njit(nogil=True, cache=True)(function))
    except RuntimeError:  # no place to keep it
        return cast(Function, numba.njit(nogil=True)(function))
