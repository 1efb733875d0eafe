"""Mechanisms: what happens in this market at all, each with a switch, what it moves itself, and its strength nought."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, NamedTuple

from pydantic import Field

from sim.quantities import Settings
from sim.service import ALIKE

ECHOED = ("points", "ip_share", "agent_stay", "satisfaction", "news", "image_news", "asked", "discount")
"""What other mechanisms make of a choice and of bills in the same month."""
CHOSEN = ("carrier", "tenure", "months_left", "kept", "recent_usage", "left_for", *ECHOED)
"""What moves when another carrier is chosen."""
FELT = ("satisfaction", "expectation", "stage", "image_news")
"""What moves with a month's experience."""
PROMPTS = ("dissatisfaction", "contract_ended", "rival_contact", "news", "own_contact", "on_plan")
"""Settings of attention beside its base."""
PLANNED = ("plan", "plan_x", "plan_age", "discount")
"""What moves when a plan is begun or left."""

VISITED = ("goodwill", "visit_record", "revealed", "revealed_ago", "step", *FELT, *PLANNED, *CHOSEN)
"""What moves when other visits are made."""


class Mechanism(NamedTuple):
    """What is declared of a mechanism."""

    moves: tuple[str, ...]
    """Arrays of the state that may differ in the first month in which it is active, and no others."""
    nil: Mapping[str, Mapping[str, Any]]
    """Settings, by group, at which it has strength nought: as good as switched off."""
    record: tuple[str, ...]
    """Arrays that it alone writes and that say nothing at strength nought, so that off and nought may differ there."""


def switch(
    description: str,
    *,
    moves: tuple[str, ...],
    nil: Mapping[str, Mapping[str, Any]],
    record: tuple[str, ...] = (),
    default: bool = True,
) -> Any:
    """Return the field of a switch with what its mechanism declares (`Mechanism`)."""
    declared = Mechanism(moves, nil, record)._asdict()
    return Field(default=default, description=description, json_schema_extra={"mechanism": declared})


class Mechanisms(Settings):
    """Switches: a mechanism that is off has strength zero."""

    attention: bool = switch(
        "customers reconsider lines",
        moves=CHOSEN,
        nil={"attention": {"base": -20.0, **dict.fromkeys(PROMPTS, 0.0)}},
    )
    bundle: bool = switch(
        "lines with one carrier are worth more together", moves=CHOSEN, nil={"value": {"bundle": 0.0}}
    )
    loyalty: bool = switch(
        "satisfied customers become loyal and shut rivals out",
        moves=("stage", "image_news", *CHOSEN),
        nil={"loyalty": {"attention": 0.0, "shield": 0.0}, "bond": {"social": 0.0}, "talk": {"advocacy": 0.0}},
        record=("stage",),
    )
    bonds: bool = switch(
        "social and structural bonds hold customers beside price",
        moves=("step", *CHOSEN),
        nil={"bond": dict.fromkeys(("social", "line", "bundle", "solution", "integration"), 0.0)},
        record=("step",),
    )
    information: bool = switch(
        "how truthful our contacts are counts in satisfaction",
        moves=("satisfaction", "stage", "image_news", *CHOSEN),
        nil={"experience": {"information_weight": 0.0}},
    )
    contracts: bool = switch(
        "contract terms and breakage",
        moves=CHOSEN,
        nil={
            "contract": {"signing": 0.0, "resigning": 0.0},
            "choice": {"breakage": 0.0},
            "city": {"under_contract": 0.0},
        },
    )
    early_leaving: bool = switch(
        "plans and terms left early, and the fees for it",
        moves=(*PLANNED, *CHOSEN),
        nil={"contract": {"early_below": 0.0, "line_fee": 0.0}},
    )
    waived_fees: bool = switch(
        "no installation fees while on a plan", moves=(*PLANNED, *CHOSEN), nil={"contract": {"installation": 0.0}}
    )
    points: bool = switch(
        "points earned, redeemed and forfeited",
        moves=("satisfaction", *CHOSEN),
        nil={"points": {"per_yuan": 0.0}},
    )
    substitution: bool = switch(
        "usage moves between lines, and to our own IP calls",
        moves=("demand", *PLANNED, *CHOSEN),
        nil={"substitution": {"flows": {}, "ip": None}},
    )
    incidents: bool = switch(
        "faults and complaints",
        moves=("complaints", "complained_in", *VISITED),
        nil={"experience": {"incidents": 0.0}},
    )
    luck: bool = switch(
        "month-to-month noise in experience", moves=(*FELT, *CHOSEN), nil={"experience": {"noise": 0.0}}
    )
    talk: bool = switch(
        "news, advocates and complainers",
        moves=("news", "image_news", "discount", "asked"),
        nil={
            "talk": dict.fromkeys(("rate", "plan_leak", "industry_rate", "advocacy", "complaint"), 0.0),
            "attention": {"news": 0.0},
            "experience": {"resentment": 0.0},
        },
    )
    industry_talk: bool = switch(
        "talk also inside the industries of a service centre",
        moves=("news", "image_news", "discount", "asked"),
        nil={"talk": {"industry_rate": 0.0, "industry_image": 0.0}},
    )
    revealing: bool = switch(
        "settlement records, calls and visits reveal rival spend",
        moves=VISITED,
        nil={"book": {"settlement": {"bought": 0.0}, "call_reveals": 0.0, "visit_reveals": 0.0}},
    )
    visits: bool = switch(
        "account managers' visits",
        moves=VISITED,
        nil={"visit": {"hours": 0.0}, "service": {"call_out": (0.0, 0.0, 0.0)}},
    )
    desk: bool = switch(
        "complaints wait at a desk, and waiting is felt",
        moves=(*FELT, *CHOSEN),
        nil={"desk": {"slowness": 0.0, "server_cost": 0.0, "case_cost": 0.0}},
    )
    tiers: bool = switch(
        "service tiers: fewer faults and a better place at the desk",
        moves=("complaints", "complained_in", *VISITED),
        nil={"service": ALIKE.model_dump()},
    )
    preemption: bool = switch(
        "complaints of posted customers come before planned visits",
        moves=VISITED,
        nil={"service": {"call_out": (0.0, 0.0, 0.0)}},
    )
    managers: bool = switch(
        "managers differ in skill, are trained and paid by results",
        moves=VISITED,
        nil={"manager": dict.fromkeys(("skill_spread", "training", "bonus_share"), 0.0)},
    )
    journeys: bool = switch(
        "a further visit in a building saves the journey", moves=VISITED, nil={"visit": {"journey": 0.0}}
    )
    halls: bool = switch(
        "customers go to business halls and the online hall",
        moves=(*FELT, *CHOSEN),
        nil={"hall": {"need": 0.0, "fixed": 0.0}, "online": {"fixed": 0.0}},
    )
    agents: bool = switch(
        "agents sell to whom the programme gives them",
        moves=("agent_window", "adstock", *FELT, *CHOSEN),
        nil={"agent": {"capacity": 0.0, "fixed": 0.0}},
    )
    events: bool = switch(
        "promotion events in service centres",
        moves=("adstock", "goodwill", *FELT, *CHOSEN),
        nil={"event": {"attendance": 0.0, "fixed": 0.0}},
    )
    campaigns: bool = switch(
        "carriers' campaigns are heard", moves=("adstock", "expectation", *FELT, *CHOSEN), nil={"campaigns": {}}
    )
    growth: bool = switch(
        "customers' demand grows or shrinks",
        moves=("demand", *PLANNED, *CHOSEN),
        nil={"city": {"growth": 0.0, "growth_spread": 0.0, "downturn": 0.0}},
    )
    reasons: bool = Field(default=True, description="why lines of ours were lost is recorded: a record, no mechanism")
    freeze_stocks: bool = Field(
        default=False, description="satisfaction, goodwill and awareness stay as they are: a test bench, no mechanism"
    )


def mechanisms() -> dict[str, Mechanism]:
    """Return what each mechanism declares, by the name of its switch.

    >>> mechanisms()["luck"].nil
    {'experience': {'noise': 0.0}}
    """
    extras = {name: info.json_schema_extra for name, info in Mechanisms.model_fields.items()}
    return {name: Mechanism(**extra["mechanism"]) for name, extra in extras.items() if isinstance(extra, dict)}  # type: ignore[arg-type]
