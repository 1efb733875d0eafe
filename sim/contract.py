"""Contracts: Evergreen plans A, B and C, unit discounts, contract terms, and how a bill is split (D9 to D12)."""

from __future__ import annotations

from typing import Literal, NamedTuple

import numpy as np
from numpy.typing import NDArray

from sim.names import OWN
from sim.quantities import Settings, quantity
from sim.state import State

Floats = NDArray[np.float64]
DOMAIN = "D9, D12 (docs/model.md)"


class PlanTerms(Settings):
    """One Evergreen plan: the customer pays `pay` times X a month and may use `cap` times X."""

    pay: float = quantity(..., "multiple of X", 0, 10, source="D9: 1.1 for A; for B and C inferred")
    cap: float = quantity(..., "multiple of X", 0, 10, source="D9: 1.5 for A; for B and C assumed")


class ContractSettings(Settings):
    """Evergreen plans and ordinary contract terms."""

    plans: dict[str, PlanTerms] = {
        "A": PlanTerms(pay=1.1, cap=1.5),
        "B": PlanTerms(pay=1.0, cap=1.25),
        "C": PlanTerms(pay=0.9, cap=1.0),
    }
    reset_months: int = quantity(6, "months", 1, 60, source=DOMAIN, help="X is set anew after this time")
    x_basis: Literal["usage", "bill"] = "usage"
    """What of the last three months X is set from."""
    early_below: float = quantity(0.8, "share of the commitment", 0, 1, help="used by who may leave a plan early")
    early: float = quantity(-3.0, "logit a month", -20, 20, help="of leaving early where that costs the same")
    early_fee: float = quantity(0.5, "share of the commitment left", 0, 1, help="paid for leaving a plan early")
    line_fee: float = quantity(0.3, "share of the term's bills left", 0, 1, help="paid for leaving a term early")
    installation: float = quantity(200.0, "yuan a line", 0, 1e6, help="what connecting costs; free while on a plan")
    care_share: float = quantity(0.5, "share of the shortfall", 0, 1, source=DOMAIN)
    care_floor: float = quantity(100.0, "yuan/month", 0, 1e6, source=DOMAIN)
    rival_share: float = quantity(0.6, "share", 0, 1, help="of the rival spend we know of that enters X")
    offer: float = quantity(-1.5, "logit", -20, 20, help="of accepting an offer of a plan that changes nothing")
    renewal: float = quantity(1.0, "logit", -20, 20, help="of renewing a plan whose bill equals that without it")
    moving: float = quantity(1.0, "logit", 0, 20, help="cost of moving all lines, by the share that moves")
    renegotiation: float = quantity(1.0, "logit", 0, 20, help="effort of asking for a lower X")
    concession: float = quantity(0.1, "share of X", 0, 1, help="taken off X for who renegotiates")
    term_months: int = quantity(12, "months", 1, 60, help="term of an ordinary contract on a line")
    signing: float = quantity(0.3, "probability", 0, 1, help="that a line that switches signs a term")
    resigning: float = quantity(0.5, "probability", 0, 1, help="that a line that stays at its term's end signs anew")

    usual_switching: float = quantity(
        0.015, "probability a month", 0, 1, help="that a line changes hands; says how many are under a term unseen"
    )


class BillParts(NamedTuple):
    """A month's bill by what it pays for, yuan/month."""

    retained: Floats
    """For lines that were ours at the start and stayed."""
    won_back: Floats
    """For lines that were a rival's at the start, or left and came back."""
    shortfall: Floats
    """The rest of a plan's bill: commitment not used."""


class PlanMonth(NamedTuple):
    """What customers on a plan paid for and used in a month, yuan/month, each of shape (customers,); 0 off a plan."""

    x: Floats
    commitment: Floats
    used: Floats
    """At the prices that we charge."""
    paid: Floats
    over_cap: Floats
    """Used beyond what the plan allows, and paid for at those prices."""
    unused: Floats
    """Paid for and not used."""


def plan_month(state: State, charged: Floats, terms: Floats) -> PlanMonth:
    """Return what plan customers paid for and used in the month that left this state.

    `charged` is what we ask for a yuan of usage at reference prices, shape (lines, customers)
    (`sim.substitution.charged_price`); `terms` is the `plan_table`.
    """
    on_plan = state.plan > 0
    pay, cap = terms[state.plan].T
    x = np.where(on_plan, state.plan_x.astype(float), 0.0)
    used = np.where(on_plan, (state.demand * charged * (state.carrier == OWN)).sum(axis=0), 0.0)
    paid = plan_bill(used, pay * x, cap * x)
    over_cap, unused = np.maximum(0.0, used - cap * x), np.maximum(0.0, pay * x - used)
    return PlanMonth(x, pay * x, used, paid, over_cap, unused)


def usual_share_under_contract(settings: ContractSettings) -> float:
    """Return the share of lines under a contract term when signing, resigning and switching have balanced."""
    terms_signed = settings.signing * settings.usual_switching / max(1 - settings.resigning, 1e-6)
    return min(0.95, terms_signed * settings.term_months)


def plan_bill(usage: Floats, commitment: Floats, allowance: Floats) -> Floats:
    """Return the bill on a plan, yuan/month: the commitment, plus usage over the allowance at list price.

    >>> float(plan_bill(np.array(11000.0), np.array(8800.0), np.array(12000.0)))  # D10
    8800.0
    """
    return np.asarray(commitment + np.maximum(0.0, usage - allowance))


def care_money(usage: Floats, commitment: Floats, settings: ContractSettings) -> Floats:
    """Return what is spent a month on caring for a plan customer that uses less than it pays for (D12).

    >>> float(care_money(np.array(1200.0), np.array(2200.0), ContractSettings()))
    500.0
    """
    gap = commitment - usage
    return np.asarray(np.where(gap > 0, np.maximum(settings.care_floor, settings.care_share * gap), 0.0))


def split_bill(bill: Floats, kept: Floats, returned: Floats) -> BillParts:
    """Split a plan's bill over the list value of usage on kept and on won-back lines, yuan/month (D10)."""
    retained = np.minimum(bill, kept)
    won_back = np.minimum(bill - retained, returned)
    return BillParts(retained, won_back, bill - retained - won_back)


def plan_table(settings: ContractSettings) -> Floats:
    """Return (pay, cap) by plan index, shape (plans + 1, 2); row 0 is no plan."""
    return np.array([(0.0, 0.0)] + [(terms.pay, terms.cap) for terms in settings.plans.values()])
