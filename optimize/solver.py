"""The only knowledge of solvers: how one is called, and what its answer means. It stops on a gap or a count."""

from __future__ import annotations

from typing import Any, Literal, NamedTuple

import highspy
import numpy as np
import pulp
from numpy.typing import NDArray

from sim.quantities import Settings, quantity

Floats = NDArray[np.float64]


class SolverSettings(Settings):
    """When the solver stops: on a gap or a count, never on a clock."""

    name: Literal["highs", "cbc"] = "highs"
    method: Literal["auto", "integer_programme", "decomposition"] = "auto"
    whole_below: int = quantity(
        5000, "choices", 0, 10**9, help="problems with no more are solved whole where the method is auto"
    )
    gap: float = quantity(2e-3, "share of the uplift", 0, 1)
    core: float = quantity(
        2.0, "variables/account", 0.01, 1e6, help="left open at first; the relaxation decides the others"
    )
    nodes: int = quantity(200, "branch-and-bound nodes", 0, 10**9)


class Outcome(NamedTuple):
    """How a solve ended."""

    status: str
    """'optimal' (within the gap asked for), 'node limit' or 'infeasible'."""
    value: float
    """Objective of the solution found."""
    bound: float
    """Proven upper bound on the objective (maximisation)."""


INFEASIBLE = Outcome("infeasible", float("nan"), float("nan"))


class CountedHiGHS(pulp.HiGHS):  # type: ignore[misc]  # PuLP has no types for it
    """HiGHS through PuLP, which also knows the status of a search that ended at its node limit."""

    def findSolutionValues(self, lp: Any) -> Any:  # noqa: N802 - PuLP's name
        """Return PuLP's status pair and leave the values on the variables."""
        limits = (highspy.HighsModelStatus.kSolutionLimit, highspy.HighsModelStatus.kIterationLimit)
        if lp.solverModel.getModelStatus() not in limits:
            return super().findSolutionValues(lp)
        values = lp.solverModel.getSolution().col_value
        found = lp.solverModel.getInfo().primal_solution_status == 2
        for variable in lp.variables():
            variable.varValue = values[variable.index] if found else None
        solution = pulp.LpSolutionIntegerFeasible if found else pulp.LpSolutionNoSolutionFound
        return pulp.LpStatusNotSolved, solution


class Relaxed(NamedTuple):
    """The relaxation in which accounts may be split between treatments."""

    feasible: bool
    bound: float
    """No solution in integers has a larger objective."""
    values: Floats
    """Of each variable in the relaxation."""
    reduced_costs: Floats
    """What each variable out of the solution would cost to bring in, at least 0."""


def relax(problem: pulp.LpProblem, variables: list[pulp.LpVariable], settings: SolverSettings) -> Relaxed:
    """Solve a maximisation with whole variables relaxed."""
    if settings.name == "highs":
        problem.solve(CountedHiGHS(mip=False, msg=False, threads=1, random_seed=1))
    else:
        problem.solve(pulp.PULP_CBC_CMD(mip=False, msg=False, threads=1))
    if problem.status != pulp.LpStatusOptimal:
        return Relaxed(False, float("nan"), np.empty(0), np.empty(0))
    values = np.array([variable.varValue or 0.0 for variable in variables])
    costs = np.abs([variable.dj or 0.0 for variable in variables])
    return Relaxed(True, float(pulp.value(problem.objective) or 0.0), values, costs)


def solve(problem: pulp.LpProblem, settings: SolverSettings, target: float | None = None) -> Outcome:
    """Solve a maximisation in integers and return how it ended; values are left on the problem's variables.

    The search ends at the gap, at the node limit, or as soon as a solution reaches `target`. The bound is the solver's
    own where it tells it (HiGHS), else infinite (PuLP doesn't hand over CBC's).
    """
    if settings.name == "highs":
        return _solve_highs(problem, settings, target)
    return _solve_cbc(problem, settings)


def solve_strictly(problem: pulp.LpProblem) -> float | None:
    """Solve a maximisation to optimality, whole variables very nearly whole; return its value if it has one."""
    problem.solve(CountedHiGHS(msg=False, threads=1, random_seed=1, mip_feasibility_tolerance=1e-9))
    return float(pulp.value(problem.objective) or 0.0) if problem.status == pulp.LpStatusOptimal else None


def _solve_highs(problem: pulp.LpProblem, settings: SolverSettings, target: float | None) -> Outcome:
    options: dict[str, float] = {"mip_max_nodes": settings.nodes, "random_seed": 1}
    if target is not None:
        options["objective_target"] = (
            float(problem.objective.constant) - target
        )  # PuLP hands over the negated objective
    gap = settings.gap if target is None else settings.gap / 4
    problem.solve(CountedHiGHS(msg=False, threads=1, gapRel=gap, **options))
    info = problem.solverModel.getInfo()
    if info.primal_solution_status != 2:
        return INFEASIBLE
    value = float(pulp.value(problem.objective) or 0.0)
    bound = float(problem.objective.constant) - float(info.mip_dual_bound)
    status = "optimal" if problem.status == pulp.LpStatusOptimal else "node limit"
    return Outcome(status, value, max(bound, value))


def _solve_cbc(problem: pulp.LpProblem, settings: SolverSettings) -> Outcome:
    counted = [f"maxNodes {settings.nodes}", "randomCbcSeed 1"]
    problem.solve(pulp.PULP_CBC_CMD(msg=False, threads=1, gapRel=settings.gap / 4, options=counted))
    if problem.sol_status not in (pulp.LpSolutionOptimal, pulp.LpSolutionIntegerFeasible):
        return INFEASIBLE
    status = "optimal" if problem.sol_status == pulp.LpSolutionOptimal else "node limit"
    return Outcome(status, float(pulp.value(problem.objective) or 0.0), float("inf"))
