"""Families of treatments by their strongest lever, and by what each family's expected effect is corrected.

What a family brought where it was lived, against what was expected of it there, multiplies what is expected of it next.
"""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from optimize.plan import Plan
from optimize.response import Response
from optimize.treatment import Treatment

Floats = NDArray[np.float64]
Whole = NDArray[np.int64]
FAMILIES = ("discount", "offer", "visit", "letter or call")
CORRECTED = ("retained", "won_back", "shortfall")
"""Outcomes that are corrected by what was lived; contribution follows them."""
DOUBT = 0.1
"""Standard deviation of a family's factor before anything was lived, assumed."""


def family_of(treatment: Treatment) -> int:
    """Return the family of a treatment by its strongest lever, as an index into `FAMILIES`; past them for nothing."""
    if treatment.discount:
        return 0
    if treatment.offer:
        return 1
    if treatment.visits:
        return 2
    return 3 if treatment.mail or treatment.calls else len(FAMILIES)


def families_of(plan: Plan) -> Whole:
    """Return the family of each account's treatment, shape (customers,)."""
    by_treatment = np.array([family_of(t) for t in plan.response.treatments])
    return np.asarray(by_treatment[plan.allocation.treatment])


def learnt_factors(plan: Plan, around: Response, by_city: Floats) -> dict[str, float]:
    """Return by what each family's expected effect on own revenue is to be multiplied, as lived in imagined cities.

    `by_city` is what each family's accounts brought over doing nothing, yuan, shape (cities, families). Factors are
    drawn towards 1 as far as that varies from city to city: normal means with a prior.
    """
    family, account = families_of(plan), np.arange(plan.allocation.treatment.size)
    gained = sum(
        getattr(around, name)[plan.allocation.treatment, account] - getattr(around, name)[0] for name in CORRECTED
    )
    expected = np.bincount(family, gained, len(FAMILIES) + 1)[:-1]
    found = {}
    for number, name in enumerate(FAMILIES):
        if expected[number] <= 0 or len(by_city) < 2:
            found[name] = 1.0
            continue
        ratio = by_city[:, number] / expected[number]
        noise = ratio.var(ddof=1) / ratio.size
        found[name] = float(1 + (ratio.mean() - 1) * DOUBT**2 / (DOUBT**2 + noise))
    return found


def corrected(response: Response, factors: dict[str, float]) -> Response:
    """Return the response in which each family's effect over nothing is multiplied by its factor."""
    names = [*FAMILIES, "nothing"]
    factor = np.array([factors.get(names[family_of(t)], 1.0) for t in response.treatments])[:, None]
    changed: dict[str, Any] = {}
    for name in CORRECTED:
        given = getattr(response, name)
        changed[name] = np.where(response.choices.allowed, given[0] + factor * (given - given[0]), given)
    gained = sum(changed[name] - getattr(response, name) for name in CORRECTED)
    return response._replace(**changed, contribution=response.contribution + gained)
