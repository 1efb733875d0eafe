"""Allocation problems with known properties, for tests of methods and of rules."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from optimize.problem import Problem, problem
from sim import draws

Floats = NDArray[np.float64]


def drawn_problem(
    seed: int,
    accounts: int = 12,
    options: int = 5,
    managers: int = 3,
    budgets: int = 2,
    tightness: float = 0.4,
    whole: bool = True,
) -> Problem:
    """Return a random problem in which doing nothing, option 0, is possible, takes nothing and brings nothing.

    Every limit is `tightness` times what the best options without limits take. Accounts differ in size as spend does;
    with `whole`, hours are whole numbers, so that many choices take the same.
    """

    def uniform(purpose: str, *shape: int) -> Floats:
        key = draws.stream(seed, purpose)
        return np.asarray(draws.uniform(key, np.arange(int(np.prod(shape)), dtype=np.uint64)).reshape(shape))

    size = np.exp(2 + draws.normal(draws.stream(seed, "size"), np.arange(accounts, dtype=np.uint64)))
    value = size * np.sort(uniform("value", options, accounts), axis=0)
    hours = 9 * uniform("hours", options, accounts)
    hours = np.floor(hours) if whole else hours
    use = size * uniform("use", budgets, options, accounts)
    value[0], hours[0], use[:, 0] = 0, 0, 0
    allowed = uniform("allowed", options, accounts) < 0.9
    allowed[0] = True
    manager = np.arange(accounts) * managers // accounts
    best = np.where(allowed, value, -1).argmax(axis=0)
    account = np.arange(accounts)
    return problem(
        value,
        use,
        [tightness * row[best, account].sum() for row in use],
        allowed=allowed,
        hours=hours,
        manager=manager,
        available=tightness * np.bincount(manager, weights=hours[best, account], minlength=managers),
        nothing=0.0,
    )
