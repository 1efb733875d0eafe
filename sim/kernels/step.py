"""How the steps of the monthly loop are compiled."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, TypeVar

from numba import njit

Step = TypeVar("Step", bound=Callable[..., Any])
_NO_COUNT_NO_C_ENTRY: Any = {"_nrt": False, "no_cfunc_wrapper": True}


def step(function: Step) -> Step:
    """Compile a step: it may make no array, so that numba needn't count who holds the arrays that it is handed.

    Steps take records of a hundred arrays, dozens of times for each block: counting them, and copying the records
    from call to call, took half of the loop's time. Nor is there an entry for callers in C, which takes time to build.
    """
    compiled: Step = njit(cache=True, nogil=True, error_model="numpy", forceinline=True, **_NO_COUNT_NO_C_ENTRY)(
        function
    )
    return compiled


def apart(function: Step) -> Step:
    """Compile what few customers go through: made like a step, but called, not copied into its callers."""
    compiled: Step = njit(cache=True, nogil=True, error_model="numpy", **_NO_COUNT_NO_C_ENTRY)(function)
    return compiled
