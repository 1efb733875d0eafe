"""Accounts tied by a decision for all of them: what each unit would decide at given prices of everything scarce."""

from __future__ import annotations

from typing import Any, NamedTuple

import numpy as np
from numba import njit
from numpy.typing import NDArray

Floats = NDArray[np.float64]
Whole = NDArray[np.int64]
ANY = -1
"""What an option needs that goes with every alternative."""


class Tied(NamedTuple):
    """Accounts in the order of their units; unit u has those from `starts[u]` up to `starts[u + 1]`."""

    value: NDArray[np.floating[Any]]
    """Shape (options, accounts), as the next three."""
    allowed: NDArray[np.bool_]
    hours: NDArray[np.floating[Any]]
    manager: Whole
    """Whose hours an option takes."""
    use: NDArray[np.floating[Any]]
    """Shape (budgets, options, accounts)."""
    needs: Whole
    """Alternative of its unit that an option needs, shape (options,)."""
    starts: Whole
    """Shape (units + 1,)."""
    unit_value: Floats
    """Of a unit's alternative by itself, shape (alternatives, units); -inf where it isn't allowed."""
    unit_use: Floats
    """Shape (budgets, alternatives, units)."""


@njit(cache=True, error_model="numpy", nogil=True)
def best_by_alternative(n: int, tied: Tied, price: Floats, hour_price: Floats, best: Floats, option: Whole) -> None:
    """Write an account's best net worth under each alternative and the option that brings it."""
    best[:] = -np.inf
    for b in range(tied.value.shape[0]):
        if not tied.allowed[b, n]:
            continue
        worth = tied.value[b, n] - hour_price[tied.manager[b, n]] * tied.hours[b, n]
        for k in range(price.size):
            worth -= price[k] * tied.use[k, b, n]
        for a in range(best.size):
            if (tied.needs[b] == ANY or tied.needs[b] == a) and worth > best[a]:
                best[a], option[a] = worth, b


@njit(cache=True, error_model="numpy", nogil=True)
def price_units(
    tied: Tied,
    first: int,
    last: int,
    price: Floats,
    hour_price: Floats,
    used: Floats,
    hours: Floats,
    alternative: Whole,
    margin: Floats,
    chosen: Whole,
) -> float:
    """Return what units are worth at prices, each with its best alternative and every account its best option then.

    What they use is added to `used`, shape (budgets,), and `hours`, shape (managers,). `alternative` and `margin`, how
    much better it is than the unit's second best, have shape (units,); `chosen`, the options, has shape (accounts,).
    """
    alternatives = tied.unit_value.shape[0]
    most = 0
    for u in range(first, last):
        most = max(most, int(tied.starts[u + 1] - tied.starts[u]))
    best, option = np.empty(alternatives), np.zeros(alternatives, np.int64)
    worth, options = np.empty(alternatives), np.empty((most, alternatives), np.int64)
    total = 0.0
    for u in range(first, last):
        lo, size = int(tied.starts[u]), int(tied.starts[u + 1] - tied.starts[u])
        for a in range(alternatives):
            worth[a] = tied.unit_value[a, u]
            for k in range(price.size):
                worth[a] -= price[k] * tied.unit_use[k, a, u]
        for i in range(size):
            best_by_alternative(lo + i, tied, price, hour_price, best, option)
            for a in range(alternatives):
                worth[a] += best[a]
                options[i, a] = option[a]
        at, second = 0, -np.inf
        for a in range(1, alternatives):
            if worth[a] > worth[at]:
                at, second = a, worth[at]
            elif worth[a] > second:
                second = worth[a]
        alternative[u], margin[u] = at, worth[at] - second
        total += worth[at]
        for k in range(price.size):
            used[k] += tied.unit_use[k, at, u]
        for i in range(size):
            b = options[i, at]
            chosen[lo + i] = b
            hours[tied.manager[b, lo + i]] += tied.hours[b, lo + i]
            for k in range(price.size):
                used[k] += tied.use[k, b, lo + i]
    return total
