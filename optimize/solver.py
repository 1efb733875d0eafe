"""The only knowledge of solvers: how one is called, and what its answer means. It stops on a gap or a count."""

from __future__ import annotations

from typing import Any, NamedTuple

import highspy
import pulp

from optimize.decision import SolverSettings


class Outcome(NamedTuple):
    """How a solve ended."""

    status: str
    """'optimal' (within the gap asked for), 'node limit' or 'infeasible'."""
    value: float
    """Objective of the solution found."""
    bound: float
    """Proven upper bound on the objective (maximisation)."""


class CountedHiGHS(pulp.HiGHS):
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


def solve(problem: pulp.LpProblem, settings: SolverSettings) -> Outcome:
    """Solve a maximisation in integers and return how it ended; values are left on the problem's variables."""
    if settings.name == "highs":
        return _solve_highs(problem, settings)
    return _solve_cbc(problem, settings)


def _solve_highs(problem: pulp.LpProblem, settings: SolverSettings) -> Outcome:
    problem.solve(CountedHiGHS(msg=False, threads=1, gapRel=settings.gap, mip_max_nodes=settings.nodes, random_seed=1))
    info = problem.solverModel.getInfo()
    if info.primal_solution_status != 2:
        return Outcome("infeasible", float("nan"), float("nan"))
    value = float(pulp.value(problem.objective) or 0.0)
    constant = float(problem.objective.constant)
    bound = constant - float(info.mip_dual_bound)  # PuLP hands HiGHS the negated objective
    status = "optimal" if problem.status == pulp.LpStatusOptimal else "node limit"
    return Outcome(status, value, max(bound, value))


def _solve_cbc(problem: pulp.LpProblem, settings: SolverSettings) -> Outcome:
    """Solve by CBC; PuLP doesn't hand over CBC's bound, so the bound is that of the relaxation."""
    relaxed = pulp.PULP_CBC_CMD(msg=False, threads=1, mip=False)
    problem.solve(relaxed)
    if problem.status != pulp.LpStatusOptimal:
        return Outcome("infeasible", float("nan"), float("nan"))
    bound = float(pulp.value(problem.objective) or 0.0)
    counted = [f"maxNodes {settings.nodes}", "randomCbcSeed 1"]
    problem.solve(pulp.PULP_CBC_CMD(msg=False, threads=1, gapRel=settings.gap, options=counted))
    if problem.sol_status not in (pulp.LpSolutionOptimal, pulp.LpSolutionIntegerFeasible):
        return Outcome("infeasible", float("nan"), float("nan"))
    value = float(pulp.value(problem.objective) or 0.0)
    status = "optimal" if bound - value <= settings.gap * max(abs(value), 1e-9) else "node limit"
    return Outcome(status, value, max(bound, value))
