"""Prices of shared budgets: the dual of an allocation, by a bundle method with a trust region.

At given prices each part of the book solves its own problem, and what it then uses says how its value changes with the
prices: a cut under the dual function. The next prices are where the cuts of all parts together are lowest, within a
region that grows while the cuts foretell well (Lemaréchal, Nemirovskii and Nesterov 1995; Hiriart-Urruty and Lemaréchal
1993, ch. XV). Any prices at all give a bound that holds.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray
from scipy import optimize, sparse

Floats = NDArray[np.float64]


class Cut(NamedTuple):
    """What parts are worth at some prices, and what they use then."""

    worth: Floats
    """Yuan, shape (parts,)."""
    used: Floats
    """Shape (parts, budgets)."""


class Dual(NamedTuple):
    """The best prices found."""

    price: Floats
    """Yuan for a unit of each budget, shape (budgets,)."""
    bound: float
    """No allocation is worth more, yuan."""
    passes: int
    """How often the book was gone through."""


class Region(NamedTuple):
    """Where prices are looked for next."""

    centre: Floats
    """In units of `scale`, as the radius."""
    radius: float
    scale: Floats
    """Yuan for a unit of each budget, shape (budgets,)."""


Priced = Callable[[Floats], Cut]
SHARE = 0.1
"""Of the fall foretold that must come true for prices to move."""
NARROWEST, WIDEST = 1e-12, 1e9
"""Radii between which the region stays."""


def bundle(priced: Priced, limit: Floats, region: Region, base: float, tolerance: float, most: int) -> Dual:
    """Return prices whose bound is within `tolerance` of the lowest, or the best after `most` passes.

    The tolerance is a share of the bound above `base`; `priced` returns a cut at prices, yuan a unit of each budget.
    """
    centre, radius, scale = region
    cuts = [(centre, priced(centre * scale))]
    bound = _bound(cuts[0], limit, scale)
    while len(cuts) < most:
        lowest, foretold = _lowest(cuts, limit, Region(centre, radius, scale))
        fall, reach = bound - foretold, np.abs(lowest - centre).max(initial=0.0)
        if fall <= tolerance * max(bound - base, 1e-12 * abs(bound)):
            if reach < radius * (1 - 1e-6) or not NARROWEST < radius < WIDEST:
                break
            radius *= 4
            continue
        cuts.append((lowest, priced(lowest * scale)))
        found = _bound(cuts[-1], limit, scale)
        if found < bound - SHARE * fall:
            centre, bound = lowest, found
            radius *= 2 if reach > radius * (1 - 1e-6) else 1
        else:
            radius = max(reach / 2, NARROWEST)
    return Dual(centre * scale, bound, len(cuts))


def _bound(cut: tuple[Floats, Cut], limit: Floats, scale: Floats) -> float:
    at, brought = cut
    return float(brought.worth.sum() + limit @ (at * scale))


def _lowest(cuts: list[tuple[Floats, Cut]], limit: Floats, region: Region) -> tuple[Floats, float]:
    """Return where the model made of the cuts is lowest within the region, and how low."""
    centre, radius, scale = region
    parts, budgets = cuts[0][1].used.shape
    unit = max(float(np.abs(cuts[0][1].worth).max()), 1.0)
    slopes = np.concatenate([-cut.used * scale for _, cut in cuts]) / unit
    level = np.concatenate([cut.worth + (cut.used * scale) @ at for at, cut in cuts]) / unit
    identity = sparse.vstack([-sparse.identity(parts, format="csr")] * len(cuts))
    found = optimize.linprog(
        np.concatenate([limit * scale / unit, np.ones(parts)]),
        A_ub=sparse.hstack([sparse.csr_matrix(slopes), identity], format="csr"),
        b_ub=-level,
        bounds=[(max(0.0, c - radius), c + radius) for c in centre] + [(None, None)] * parts,
        method="highs",
    )
    if found.x is None or found.fun is None:
        return centre, np.inf
    return np.asarray(found.x[:budgets]), float(found.fun) * unit
