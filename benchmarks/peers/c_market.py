"""The minimal market as a C kernel, compiled when it is first asked for by the system's compiler."""

from __future__ import annotations

import ctypes
import shutil
import subprocess
import tempfile
from functools import cache
from pathlib import Path
from typing import Any

import numpy as np
from minimal import MONTHS, Outcome, World

FLAGS = ("-O3", "-march=native", "-fopenmp-simd", "-fno-math-errno", "-fno-trapping-math", "-shared", "-fPIC")
CARRIERS, LINES, LEVELS = 3, 4, 3
STATE = ("carrier", "demand", "satisfaction", "expectation", "goodwill")
TASTES = ("price_sensitivity", "rapport_weight", "hassle_weight", "switching_cost", "level_weight")


def compiler() -> str | None:
    """Return the system's C compiler, if it has one."""
    return shutil.which("cc") or shutil.which("gcc") or shutil.which("clang")


@cache
def library() -> ctypes.CDLL:
    """Return the kernel, compiled into a temporary folder that is gone once it is loaded."""
    source = Path(__file__).with_suffix(".c")
    command = compiler()
    if command is None:
        raise RuntimeError("no C compiler found: install cc, gcc or clang")
    with tempfile.TemporaryDirectory(ignore_cleanup_errors=True) as folder:
        built = Path(folder) / "c_market.so"
        done = subprocess.run(
            [command, *FLAGS, "-o", str(built), str(source), "-lm"], capture_output=True, text=True, check=False
        )
        if done.returncode != 0:
            raise RuntimeError(f"{command} refuses it: {done.stderr.strip() or 'without a reason'}")
        return ctypes.CDLL(str(built))


def terms(world: World) -> np.ndarray[Any, np.dtype[np.float32]]:
    """Return what all customers share, in the order of the kernel's record."""
    posted, r = world.posted, world.rates
    usual = np.full(CARRIERS, r.rival_goodwill)
    usual[0] = 0.0
    weights = (r.quality, r.satisfaction, r.image, r.saturation, r.service_share, r.noise, r.memory)
    paces = (r.expectation_weight, r.desire_weight, r.desire, r.expectation_speed, r.goodwill_kept)
    shared = (posted.price, posted.quality, posted.service, posted.image, posted.hassle, usual, weights, paces)
    return np.concatenate([np.ravel(part) for part in shared]).astype(np.float32)


def run(world: World, seed: int) -> Outcome:
    """Run the minimal market in the kernel."""
    who, state = world.city.customers, world.city.state
    arrays = [np.ascontiguousarray(getattr(state, name)) for name in STATE]
    arrays += [np.ascontiguousarray(getattr(who, name)) for name in TASTES]
    lines, customers = state.carrier.shape
    if (len(world.posted.price), lines, len(who.level_weight)) != (CARRIERS, LINES, LEVELS):
        raise ValueError(f"the kernel is made for {CARRIERS} carriers, {LINES} lines and {LEVELS} levels")
    pointers = (ctypes.c_void_p * len(arrays))(*(array.ctypes.data for array in arrays))
    revenue = np.zeros((MONTHS, CARRIERS))
    own, switched = np.zeros(MONTHS, dtype=np.int64), np.zeros(MONTHS, dtype=np.int64)
    shared = terms(world)
    library().live(
        ctypes.c_void_p(shared.ctypes.data),
        pointers,
        ctypes.c_int64(customers),
        ctypes.c_int(MONTHS),
        ctypes.c_uint64(seed),
        *(ctypes.c_void_p(total.ctypes.data) for total in (revenue, own, switched)),
    )
    return Outcome(revenue, own / (customers * lines), switched / (customers * lines))
