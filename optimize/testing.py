"""Allocation problems with known properties, for tests of methods and of rules."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from optimize.problem import Problem, Ties, problem
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


def drawn_ties(given: Problem, seed: int, alternatives: int = 2, members: int = 4) -> Problem:
    """Return a problem whose accounts are in units of so many, each with a decision that lifts what options bring.

    Options are repeated for each alternative; alternative 0 costs and lifts nothing, the others use the first budget.
    """

    def uniform(purpose: str, *shape: int) -> Floats:
        key = draws.stream(seed, purpose)
        return np.asarray(draws.uniform(key, np.arange(int(np.prod(shape)), dtype=np.uint64)).reshape(shape))

    options, accounts = given.value.shape
    units = max(accounts // members, 1)
    unit = np.minimum(np.arange(accounts) // members, units - 1)
    unit = np.where(uniform("alone", accounts) < 0.2, -1, unit)
    lift = 1 + 0.5 * np.arange(alternatives)[:, None, None] * uniform("lift", alternatives, 1, accounts)
    lift = lift + 0.2 * np.arange(alternatives)[:, None, None]
    base = given.value + 0.1 * given.value.max(axis=0)
    use = np.zeros((given.limit.size, alternatives, units))
    if given.limit.size:
        use[0, 1:] = 0.3 * given.limit[0] * uniform("cost", alternatives - 1, units)
    return given._replace(
        value=(base * lift).reshape(alternatives * options, accounts),
        allowed=np.tile(given.allowed, (alternatives, 1)),
        hours=np.tile(given.hours, (alternatives, 1)),
        use=np.tile(given.use, (1, alternatives, 1)),
        nothing=float(base[0].sum()),
        ties=Ties(
            unit=unit,
            needs=np.repeat(np.arange(alternatives), options),
            value=np.zeros((alternatives, units)),
            use=use,
            names=tuple(f"unit {u + 1}" for u in range(units)),
        ),
    )


def drawn_moves(given: Problem, seed: int) -> Problem:
    """Return a problem whose accounts may be with any manager: options are repeated for each, hours differ a little."""
    options, accounts = given.value.shape
    managers = given.available.size
    key = draws.stream(seed, "journey")
    more = draws.uniform(key, np.arange(managers * accounts, dtype=np.uint64)).reshape(managers, 1, accounts)
    return given._replace(
        value=np.tile(given.value, (managers, 1)),
        allowed=np.tile(given.allowed, (managers, 1)),
        hours=(given.hours * (0.8 + 0.4 * more)).reshape(managers * options, accounts),
        use=np.tile(given.use, (1, managers, 1)),
        manager=np.repeat(np.arange(managers), options)[:, None] * np.ones(accounts, dtype=np.int64),
    )
