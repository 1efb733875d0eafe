"""How the steps of the compiled loops are compiled."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, TypeVar

from numba import njit
from numba.extending import register_jitable

Step = TypeVar("Step", bound=Callable[..., Any])
_COMMON: Any = {"nogil": True, "error_model": "numpy", "_nrt": False, "no_cfunc_wrapper": True}


def step(function: Step) -> Step:
    """Compile a step into whoever calls it; it may make no array, so that numba needn't count who holds arrays.

    Steps take records of a hundred arrays, dozens of times for each block: counting them, and copying the records
    from call to call, took half of the loop's time. A step has no entry of its own for callers in C or Python, which
    would take longer to build than the step: called from Python, it runs as plain Python.
    """
    made: Step = register_jitable(forceinline=True, no_cpython_wrapper=True, **_COMMON)(function)
    return made


def apart(function: Step) -> Step:
    """Compile what few customers go through: made like a step, but called, not copied into its callers."""
    made: Step = register_jitable(no_cpython_wrapper=True, **_COMMON)(function)
    return made


def entry(function: Step) -> Step:
    """Compile a loop of steps that Python calls, and keep it for the next process."""
    made: Step = njit(cache=True, **_COMMON)(function)
    return made
