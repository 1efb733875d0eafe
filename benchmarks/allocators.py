"""Solvers of the reference problem that others wrote: integer programmes through PuLP, relaxations without it.

Each runs on one core, at most `LIMIT` seconds. What it says of the whole value is said of the uplift over doing nothing
too, since programmes count from treatment 0.
"""

from __future__ import annotations

import os
import resource
import subprocess
import sys
import time
from collections.abc import Callable
from functools import partial
from importlib.util import find_spec
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any, Literal, NamedTuple

import highspy
import numpy as np
import pulp
from numpy.typing import NDArray
from relaxation import relaxation

from optimize.problem import Problem
from optimize.program import formulate

QUICK = os.environ.get("KEYSTAY_BENCH") == "quick"
LIMIT = 10.0 if QUICK else 120.0
"""Seconds that a solver may take."""
PDLP_TOLERANCE = 1e-6
"""Of primal and dual residuals and of the gap, relative, at which PDLP may stop."""


class Answer(NamedTuple):
    """What a solver found; NaN where it found none."""

    value: float
    """Of its allocation, yuan."""
    bound: float
    """No allocation is worth more, yuan."""
    option: NDArray[np.int64] | None
    """Of each account, shape (accounts,); None for a relaxation and where no allocation was found."""
    building: float
    """CPU time that making the model took, seconds."""
    seconds: float
    """CPU time in all, seconds; the limit where that ran out."""


class Peer(NamedTuple):
    """A solver, and how many times faster ours is to be."""

    name: str
    run: Callable[[Problem, float], Answer]
    """Takes the problem and the gap on the uplift at which it may stop."""
    target: float
    whole: bool
    """Whether it returns an allocation, not a bound alone."""


def peers() -> tuple[list[Peer], list[str]]:
    """Return the solvers that are installed, and what is missing here."""
    found = [
        Peer("PuLP and HiGHS, integers", partial(through_pulp, name="highs"), 100.0, True),
        Peer("PuLP and CBC, integers", partial(through_pulp, name="cbc"), 100.0, True),
        Peer("HiGHS, relaxation, simplex", partial(relaxed_by_highs, method="simplex"), 40.0, False),
        Peer("HiGHS, relaxation, interior point", partial(relaxed_by_highs, method="ipm"), 40.0, False),
    ]
    if find_spec("ortools") is None:
        return found, ["OR-Tools PDLP skipped: it isn't installed here; install keystay[bench]"]
    return [*found, Peer("OR-Tools PDLP, relaxation", relaxed_by_pdlp, 40.0, False)], []


def _cpu() -> float:
    """Return the CPU time of this process and of those it has waited for, seconds."""
    child = resource.getrusage(resource.RUSAGE_CHILDREN)
    return time.process_time() + child.ru_utime + child.ru_stime


# ---------------------------------------------------------------------------------------------------------- integers


def through_pulp(given: Problem, gap: float, name: Literal["highs", "cbc"]) -> Answer:
    """Return what a solver of integer programmes finds through PuLP."""
    began = _cpu()
    programme = formulate(given)
    building = _cpu() - began
    settings: dict[str, Any] = {"msg": False, "timeLimit": LIMIT, "gapRel": gap, "threads": 1}
    solver = pulp.HiGHS(**settings) if name == "highs" else pulp.PULP_CBC_CMD(**settings)
    programme.problem.solve(solver)
    option, _ = programme.chosen()
    found = programme.problem.sol_status in (pulp.LpSolutionOptimal, pulp.LpSolutionIntegerFeasible)
    if not found or any(variable.varValue is None for variable in programme.variables):
        return Answer(np.nan, np.nan, None, building, LIMIT)
    value = float(given.value[option, np.arange(option.size)].sum())
    bound = np.nan  # PuLP doesn't hand over CBC's
    if name == "highs":
        info = programme.problem.solverModel.getInfo()
        bound = programme.constant - programme.unit * float(info.mip_dual_bound)
    ended = programme.problem.sol_status == pulp.LpSolutionOptimal
    return Answer(value, bound, option, building, min(_cpu() - began, LIMIT) if ended else LIMIT)


# ------------------------------------------------------------------------------------------------------- relaxations


def relaxed_by_highs(given: Problem, _gap: float, method: Literal["simplex", "ipm"]) -> Answer:
    """Return the relaxation's value by HiGHS, given whole columns at once."""
    began = _cpu()
    lp = relaxation(given)
    columns = lp.gain.size
    model = highspy.HighsLp()
    model.num_col_, model.num_row_ = columns, lp.most.size
    model.col_cost_ = -lp.gain
    model.col_lower_, model.col_upper_ = np.zeros(columns), np.full(columns, highspy.kHighsInf)
    model.row_lower_, model.row_upper_ = np.full(lp.most.size, -highspy.kHighsInf), lp.most
    model.a_matrix_.format_ = highspy.MatrixFormat.kColwise
    model.a_matrix_.start_, model.a_matrix_.index_ = lp.rows.indptr, lp.rows.indices
    model.a_matrix_.value_ = lp.rows.data
    solver = highspy.Highs()
    options = {"output_flag": False, "threads": 1, "solver": method, "run_crossover": "off", "time_limit": LIMIT}
    for name, value in options.items():
        solver.setOptionValue(name, value)
    solver.passModel(model)
    building = _cpu() - began
    solver.run()
    solved = solver.getModelStatus() == highspy.HighsModelStatus.kOptimal
    bound = lp.base - lp.unit * solver.getObjectiveValue() if solved else np.nan
    return Answer(np.nan, float(bound), None, building, min(_cpu() - began, LIMIT) if solved else LIMIT)


def relaxed_by_pdlp(given: Problem, _gap: float) -> Answer:
    """Return the relaxation's value by OR-Tools' first-order method; its bound holds up to its tolerance.

    It works in a process of its own: both it and highspy bring HiGHS along, and one process can't hold the two.
    """
    began = _cpu()
    lp = relaxation(given)
    building = _cpu() - began
    with TemporaryDirectory() as folder:
        place = Path(folder) / "relaxation.npz"
        np.savez(place, gain=lp.gain, most=lp.most, data=lp.rows.data, indices=lp.rows.indices, indptr=lp.rows.indptr)
        script = Path(__file__).with_name("peers") / "pdlp_relaxation.py"
        asked = [sys.executable, str(script), str(place), str(LIMIT), str(PDLP_TOLERANCE)]
        done = subprocess.run(asked, stdout=subprocess.PIPE, text=True, check=True)
    objective, seconds = map(float, done.stdout.split())
    return Answer(np.nan, lp.base + lp.unit * objective, None, building, building + seconds)
