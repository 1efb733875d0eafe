"""Scalar pieces of behaviour shared by the monthly loop and the expected-value recursion.

They keep the precision of what they are given: single in the loop, double in the recursion.
"""

from __future__ import annotations

import math
from typing import Any

import numpy as np
from numba import njit
from numpy.typing import NDArray

from sim.kernels.lanes import ONE, ZERO
from sim.kernels.records import Rates

_NO_FRACTION = 1.5 * 2.0**52
_NO_FRACTION_BITS = np.float64(_NO_FRACTION).view(np.int64)
MONEY_UNIT = 10_000
"""Money is summed in whole ten-thousandths of a yuan, so that sums don't depend on their order."""


@njit(cache=True)
def fixed(yuan: Any) -> Any:
    """Return yuan, below 2e11, as the nearest whole number of money units.

    The sum has no room left for a fraction, so that its last bits are the whole number; this becomes vectors where a
    conversion doesn't.
    """
    return np.int64(np.float64(yuan * MONEY_UNIT + _NO_FRACTION).view(np.int64) - _NO_FRACTION_BITS)


@njit(cache=True)
def sigmoid(logit: float) -> float:
    """Return the logistic function without overflow."""
    if logit >= 0:
        return 1.0 / (1.0 + math.exp(-logit))
    odds = math.exp(logit)
    return odds / (1.0 + odds)


@njit(cache=True)
def perceived(quality: Any, service: Any, r: Rates) -> Any:
    """Return performance without luck (`sim.experience.performance`)."""
    return quality + r.service_share * (service - quality)


@njit(cache=True)
def satisfied(satisfaction: Any, expectation: Any, seen: Any, desire: Any, told: Any, r: Rates) -> Any:
    """Return next month's satisfaction (`sim.experience.next_satisfaction`); `told` is the weight of information."""
    target = seen + r.expectation_weight * (seen - expectation) + r.desire_weight * (seen - desire)
    target += told * (r.candour - target)
    return min(ONE, max(ZERO, target + r.memory * (satisfaction - target)))


@njit(cache=True)
def attention_logit(satisfaction: Any, r: Rates) -> Any:
    """Return the logit of looking around for a line whose carrier gives this satisfaction, without events."""
    return r.attention_base + r.dissatisfaction * max(ZERO, r.threshold - satisfaction)


@njit(cache=True)
def bill_on_plan(usage: float, x: float, pay: float, cap: float) -> float:
    """Return the bill on a plan (`sim.contract.plan_bill`)."""
    return pay * x + max(0.0, usage - cap * x)


@njit(cache=True)
def care(usage: float, commitment: float, r: Rates) -> float:
    """Return care money (`sim.contract.care_money`)."""
    gap = commitment - usage
    if gap <= 0.0:
        return 0.0
    return max(r.care_floor, r.care_share * gap)


@njit(cache=True)
def early_fee(x: float, pay: float, months: float, r: Rates) -> float:
    """Return what leaving a plan costs with this many months of commitment left, yuan."""
    return r.early_fee * pay * x * months


@njit(cache=True)
def early_leaving(usage: float, x: float, terms: NDArray[Any], months: float, sensitivity: float, r: Rates) -> float:
    """Return the probability a month of leaving a plan before its reset, `months` of bills before it."""
    pay, cap = terms[0], terms[1]
    if usage >= r.early_below * pay * x:
        return 0.0
    stay = months * bill_on_plan(usage, x, pay, cap)
    return sigmoid(r.early + sensitivity * log_ratio(stay, months * usage + early_fee(x, pay, months, r)))


@njit(cache=True)
def free_installation(lines: float, bill: float, sensitivity: float, r: Rates) -> float:
    """Return what free installation of these lines is worth in an offer, logit: the fee as part of a year's bills."""
    return sensitivity * math.log(1.0 + r.installation * lines / max(12.0 * bill, 1e-6))


@njit(cache=True)
def log_ratio(now: float, then: float) -> float:
    """Return log(now / then), bounded where a bill is nil."""
    return math.log(max(now, 1e-6) / max(then, 1e-6))


@njit(cache=True)
def renewal_odds(usage: float, x: float, terms: NDArray[Any], sensitivity: float, r: Rates) -> tuple[float, float]:
    """Return the odds, against leaving the plan, of accepting the new X and of renegotiating it."""
    pay, cap = terms[0], terms[1]
    accept = r.renewal + sensitivity * log_ratio(usage, bill_on_plan(usage, x, pay, cap))
    lower = x * (1.0 - r.concession)
    haggle = r.renewal - r.renegotiation + sensitivity * log_ratio(usage, bill_on_plan(usage, lower, pay, cap))
    return math.exp(min(accept, 50.0)), math.exp(min(haggle, 50.0))
