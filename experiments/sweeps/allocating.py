"""A fixed number of replications handed to the alternatives that are hard to tell from the best (OCBA).

It makes a right choice likelier than equal shares do, and promises no probability of one: means and variances are
estimates, and the rule is best only as the number of replications grows. Source: Chen, Lin, Yücesan & Chick (2000),
"Simulation budget allocation for further enhancing the efficiency of ordinal optimization", Discrete Event Dynamic
Systems 10, 251-270.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from experiments.sweeps.sampling import Floats, Sample, Selected, asked, check_alternatives
from sim.errors import InputError

Counts = NDArray[np.int64]
TINY = 1e-9
"""Of the largest share: what an alternative without any variance is given, so that shares always add up."""
NEAR = 1e-3
"""Of the gap of the worst: what is closer to the best counts as this close."""


def ocba(
    means: Floats, variances: Floats, budget: int, *, already: Counts | None = None, paired: bool = False
) -> Counts:
    """Return how many of `budget` further replications each alternative gets; the largest mean is the best.

    All arrays have shape (alternatives,). `paired` takes variances of differences to the best, whose own is ignored: on
    common random numbers the best is to live every replication that any other does, and the others' shares follow from
    the same reasoning. A replication that was lived already is not taken back.

    >>> ocba(np.array([3.0, 2.0, 0.0]), np.ones(3), 100)
    array([48, 47,  5])
    """
    lived = np.zeros(len(means), dtype=np.int64) if already is None else already
    weight = _paired_weights(means, variances) if paired else _weights(means, variances)
    weight = np.maximum(weight, TINY * weight.max()) if weight.any() else np.ones_like(weight)
    total, open_ = budget + int(lived.sum()), np.ones(len(means), dtype=np.bool_)
    while True:
        free = total - lived[~open_].sum()
        ideal = np.where(open_, weight / weight[open_].sum() * free, lived)
        full = open_ & (ideal < lived)
        if not full.any():
            return _whole(ideal - lived, budget)
        open_ &= ~full


def _weights(means: Floats, variances: Floats) -> Floats:
    """Return ideal shares of independent replications, not yet scaled."""
    best, spread = int(means.argmax()), np.sqrt(_scaled(variances))
    weight = (spread / _gaps(means)) ** 2
    ratio = np.divide(weight, spread, out=np.zeros_like(weight), where=spread > 0)
    ratio[best] = 0.0
    weight[best] = spread[best] * np.sqrt((ratio**2).sum())
    return weight


def _paired_weights(means: Floats, variances: Floats) -> Floats:
    """Return ideal shares where each is compared with the best on the replications of its own."""
    weight, others = _scaled(variances) / _gaps(means) ** 2, np.arange(len(means)) != means.argmax()
    weight[~others] = weight[others].max()
    return weight


def _scaled(variances: Floats) -> Floats:
    """Return variances in units of the largest, those that are next to nothing as nothing."""
    largest = variances.max()
    shares = variances / largest if largest > np.finfo(float).tiny / TINY else np.zeros_like(variances)
    return np.where(shares < TINY, 0.0, shares)


def _gaps(means: Floats) -> Floats:
    """Return how far each alternative is behind the best, in units of the worst's; a tie counts as a small gap."""
    gaps = means.max() - means
    furthest = gaps.max()
    return np.maximum(gaps / furthest, NEAR) if furthest > 0 else np.ones_like(gaps)


def _whole(shares: Floats, budget: int) -> Counts:
    """Return shares rounded so that they add up, the largest remainders upwards."""
    whole = np.floor(shares).astype(np.int64)
    order = np.argsort(-(shares - whole), kind="stable")
    whole[order[: budget - int(whole.sum())]] += 1
    return whole


def select_within(
    sample: Sample, alternatives: tuple[str, ...], *, budget: int, first: int = 10, at_once: int = 10
) -> Selected:
    """Return the best of some alternatives by `budget` replications in all, `at_once` handed out at a time by OCBA.

    Alternatives are compared in pairs on the replications that both have lived. Nothing is promised.
    """
    check_alternatives(alternatives, first, max(first, budget), at_once)
    if budget < first * len(alternatives):
        needed = f"the first replications alone take {len(alternatives)} x {first} = {first * len(alternatives)}"
        raise InputError(f"budget is {budget}: {needed}; give more, or a smaller first")
    values = list(asked(sample, alternatives, np.arange(first)))
    while (left := budget - sum(map(len, values))) > 0:
        lived = np.array([len(one) for one in values])
        given = ocba(*_behind(values), min(at_once, left), already=lived, paired=True)
        for place in np.flatnonzero(given):
            numbers = np.arange(lived[place], lived[place] + given[place])
            more = asked(sample, (alternatives[place],), numbers)[0]
            values[place] = np.concatenate([values[place], more])
    return _chosen(alternatives, values)


def _behind(values: list[Floats]) -> tuple[Floats, Floats]:
    """Return means relative to one alternative, and the variances of differences to the best; in pairs."""
    longest = max(values, key=len)
    means = np.array([(one - longest[: len(one)]).mean() for one in values])
    best = values[int(means.argmax())]
    pairs = [(one[: len(best)], best[: len(one)]) for one in values]
    return means, np.array([(one - other).var(ddof=1) for one, other in pairs])


def _chosen(alternatives: tuple[str, ...], values: list[Floats]) -> Selected:
    import pandas as pd

    means, _ = _behind(values)
    lived = [len(one) for one in values]
    table = pd.DataFrame({"alternative": alternatives, "replications": lived, "mean": [one.mean() for one in values]})
    table["eliminated"] = pd.array([pd.NA] * len(values), dtype="Int64")
    told = f"Nothing is promised: {sum(lived)} replications were handed out where they tell most (OCBA)."
    return Selected(alternatives[int(means.argmax())], False, table, told)
