"""Hedging as one integer programme in PuLP: variables for the guarded worth beside those of the allocation.

With caps c on the weights of outlooks, the guarded worth of w is the largest of eta - sum c (eta - w)+ over eta
(Rockafellar and Uryasev 2002): linear in a free variable eta and one shortfall an outlook.
"""

from __future__ import annotations

import numpy as np
import pulp
from numpy.typing import NDArray

from optimize.hedged import Hedged, Uncertain, guarded_worth, worth_of
from optimize.program import Programme, formulate, undominated
from optimize.risk import guarded
from optimize.solver import SolverSettings, solve
from sim.errors import InfeasibleError

Floats = NDArray[np.float64]
Whole = NDArray[np.int64]


def solve_hedged(given: Uncertain, settings: SolverSettings) -> Hedged:
    """Return the best choice of the whole programme; raises InfeasibleError where no choice keeps the limits."""
    mean = np.tensordot(given.cap / given.cap.sum(), given.worth, axes=1)
    problem = given.problem._replace(value=mean, nothing=None)
    programme = formulate(problem._replace(allowed=worth_a_variable(given, problem.use)))
    if programme.impossible:
        raise InfeasibleError("no plan keeps every limit under all outlooks; raise budgets or hours, or lower targets")
    start = worth_of(given, programme.usual) - given.less
    origin = guarded(start, given.cap)
    _guard(programme, given, start - origin)
    found = solve(programme.problem, settings)
    if found.status == "infeasible":
        raise InfeasibleError(
            "no plan was found that keeps every limit under all outlooks; raise budgets or hours, or solver.nodes"
        )
    option, _ = programme.chosen()
    value = guarded_worth(given, option)
    return Hedged(
        option=option,
        worth=worth_of(given, option),
        value=value,
        bound=max(origin + programme.unit * found.bound, value),
        nothing=guarded(given.nothing, given.cap),
        weight=np.full(given.cap.size, np.nan),
        status=found.status,
        method="integer programme",
        passes=0,
    )


def worth_a_variable(given: Uncertain, use: Floats) -> NDArray[np.bool_]:
    """Return the options that no other matches in every outlook for no more of anything, shape (options, accounts)."""
    rows = np.concatenate([use, -given.worth])
    limit = np.append(given.problem.limit, np.zeros(len(given.worth)))
    return undominated(given.problem._replace(value=given.worth[0], use=rows, limit=limit))


def _guard(programme: Programme, given: Uncertain, start: Floats) -> None:
    """Replace the objective by the guarded worth above that of the usual options, in the programme's unit."""
    usual = programme.usual[programme.accounts]
    problem, unit = programme.problem, programme.unit
    gain = (given.worth[:, programme.options, programme.accounts] - given.worth[:, usual, programme.accounts]) / unit
    eta = problem.add_variable("eta")
    shortfalls = [problem.add_variable(f"shortfall_{s}", 0) for s in range(given.cap.size)]
    terms = [(eta, 1.0), *((u, -float(c)) for u, c in zip(shortfalls, given.cap, strict=True))]
    problem.setObjective(pulp.LpAffineExpression(terms))
    for s, shortfall in enumerate(shortfalls):
        row = [(x, float(g)) for x, g in zip(programme.variables, gain[s], strict=True) if g != 0.0]
        short = pulp.LpAffineExpression([(eta, 1.0), (shortfall, -1.0), *((x, -g) for x, g in row)])
        problem.addConstraint(short <= float(start[s] / unit), f"outlook_{s}")
