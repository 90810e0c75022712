"""Loops that numpy cannot say, compiled once a machine and kept: compiling takes seconds a run."""

from __future__ import annotations

from collections.abc import Callable
from typing import TypeVar, cast

import numba

Function = TypeVar("Function", bound=Callable[..., object])


def compiled(function: Function) -> Function:
    """Compile a function of numbers and arrays, to run beside others; kept where there is a place.

    What is kept lies beside the module or in the user's cache (NUMBA_CACHE_DIR names another), and
    is made anew when the module changes. Where nothing can be written, every run compiles.
    """
    try:
        return cast(Function, numba.njit(nogil=True, cache=True)(function))
    except RuntimeError:  # no place to keep it
        return cast(Function, numba.njit(nogil=True)(function))
