"""The reference problem of allocation: accounts of very different size, 24 treatments each, managers and three budgets.

An account n has spend s, Pareto distributed so that a fifth of the accounts hold about 80 % of it, and stays with the
odds exp(-logit), where for v visits, a discount d and channel c

    logit = a - b (1 - exp(-v / 2)) - e d / (1 + 5 d) - g[c].

Every lever has diminishing returns; a and the sensitivities b, e and g[c] are drawn for each account. Treatment 0 has
no visit, no discount and no contact at all, takes nothing and is doing nothing; all others use their channel. A
treatment's value is the spend of a year times the chance to stay; a discount costs its share of that from a common
budget, a contact its price from its channel's budget, and visits take hours of the account's own manager. Every limit
is a quarter of what would be used if each account simply got its best treatment.
"""

from __future__ import annotations

from itertools import product

import numpy as np
from numpy.typing import NDArray

from optimize.problem import Problem

Floats = NDArray[np.float64]
VISITS, DISCOUNTS, CHANNELS = (0, 1, 2, 4), (0.0, 0.05, 0.10), (0, 1)
TREATMENTS = tuple(product(VISITS, DISCOUNTS, CHANNELS))
"""Visits a year, discount as a share of the spend, channel."""
BUDGETS = ("discounts", "letters", "calls")
ACCOUNTS_PER_MANAGER = 150
PARETO = 1.16
"""Index of spend: a fifth of the accounts then hold 80 %."""
LEAST_SPEND = 300.0
"""Yuan a month."""
SCARCITY = 0.25
"""Limits as a share of what the best treatments without limits would use."""


def reference_problem(accounts: int, seed: int) -> Problem:
    """Return the reference problem of so many accounts, in the order of their managers."""
    draw = np.random.default_rng(seed)
    spend = 12 * LEAST_SPEND * (1 - draw.random(accounts)) ** (-1 / PARETO)
    logit = draw.normal(-0.8, 0.8, accounts)
    to_visits = 0.9 * draw.lognormal(0, 0.5, accounts)
    to_discounts = 9.0 * draw.lognormal(0, 0.5, accounts)
    to_channel = [draw.lognormal(-1.6, 0.6, accounts), draw.lognormal(-1.2, 0.6, accounts)]
    hours_of_visit = draw.uniform(1.5, 3.5, accounts)
    price = [draw.uniform(3, 6, accounts), draw.uniform(10, 25, accounts)]
    value, hours = np.empty((24, accounts)), np.empty((24, accounts))
    use = np.full((3, 24, accounts), 0.0)  # written, so that its memory is the problem's own when that is measured
    for b, (visits, discount, channel) in enumerate(TREATMENTS):
        pull = to_visits * (1 - np.exp(-visits / 2)) + to_discounts * discount / (1 + 5 * discount)
        if b > 0:
            pull += to_channel[channel]
            use[1 + channel, b] = price[channel]
        value[b] = spend / (1 + np.exp(logit - pull))
        use[0, b] = discount * value[b]
        hours[b] = visits * hours_of_visit
    return _limited(value, hours, use)


def _limited(value: Floats, hours: Floats, use: Floats) -> Problem:
    """Return the problem with every limit a share of what the best treatments without limits would use."""
    accounts = value.shape[1]
    managers = max(1, round(accounts / ACCOUNTS_PER_MANAGER))
    manager = np.repeat(np.arange(managers), np.diff(np.arange(managers + 1) * accounts // managers))
    best, account = value.argmax(axis=0), np.arange(accounts)
    return Problem(
        value=value,
        allowed=np.ones(value.shape, dtype=bool),
        hours=hours,
        manager=manager,
        available=SCARCITY * np.bincount(manager, weights=hours[best, account], minlength=managers),
        use=use,
        limit=SCARCITY * use[:, best, account].sum(axis=1),
        budgets=BUDGETS,
        nothing=float(value[0].sum()),
    )
