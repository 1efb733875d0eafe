"""Remedies: what a carrier does against each reason for leaving, and on each occasion; a scenario may say otherwise."""

from __future__ import annotations

from typing import Literal

from pydantic import Field

from sim.quantities import Settings, quantity

Kind = Literal["offer", "decider", "working", "timed", "letters", "calls", "none"]
"""Offer a plan; visit who decides, the working level, or who decides before a term ends; write; call."""
Reason = Literal["price", "quality", "service", "relation", "image", "convenience", "bundle", "other"]
Occasion = Literal["term_ended", "rival_called", "news", "dissatisfaction", "unprompted"]


class TargetedSettings(Settings):
    """The programme made from reasons for leaving (`keystay reasons`)."""

    reasons: dict[Reason, Kind] = Field(
        default={
            "price": "offer",
            "quality": "decider",
            "service": "working",
            "relation": "decider",
            "image": "letters",
            "convenience": "calls",
            "bundle": "offer",
            "other": "none",
        },
        description="remedy by the main reason",
    )
    occasions: dict[Occasion, Kind] = Field(
        default={
            "term_ended": "timed",
            "rival_called": "calls",
            "news": "offer",
            "dissatisfaction": "working",
            "unprompted": "letters",
        },
        description="remedy by what stands out in making an account look around, after that of its reason",
    )
    first: Literal["spend", "risk"] = Field(
        default="risk", description="who is served first: who spends most with us, or takes most away if it leaves"
    )
    visits: int = quantity(12, "visits/year", 1, 366, help="most of a remedy that is a visit")
    offer_visits: int = quantity(12, "visits/year", 1, 366, help="most with which a plan is offered")
    plans: tuple[Literal["B", "C"], ...] = ()
    """Plans to offer, in this order, where too little is known to be spent at rivals for plan A."""
    plan_a_from: float = quantity(
        0.2, "share of spend", 0, 1, help="known to be spent at rivals, from which A is offered"
    )
    least_share: float = quantity(0.1, "share of the risk", 0, 1, help="that an occasion needs to stand out")
    service: Literal["basic", "priority", "posted"] = "priority"
    """Service tier, at least, with visits to the working level."""
