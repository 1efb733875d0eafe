"""What loyalty, bonds, reasons for leaving and the complaint desk show under today's practice.

Each measure is one number a city; the interval is over cities.
"""

from __future__ import annotations

from math import factorial
from typing import Any

import numpy as np
from numpy.typing import NDArray

from experiments.validation_market import YEAR, Place, place
from sim.history import History, yearly_loss
from sim.names import OWN, REASONS, STAGES, TIERS, TRIGGERS
from sim.programme import nothing
from sim.scenario import Scenario
from sim.visit import WEEKS

Floats = NDArray[np.float64]
FAULTS = 0.4
"""Faults a month per unit of missing quality where the desk is held against Erlang C: many, so that waits are."""
DESK_YEARS = 3
BUSY = 0.65
"""Share of their time for which servers are then busy, about."""


def service_measures(scenario: Scenario, seed: int, customers: int, futures: int) -> dict[str, float]:
    """Return one city's figures by the name of the measure."""
    where = place(scenario, seed, customers, futures)
    today = where.lived(where.today)
    loss = mean_loss(today)
    return {
        "share_drift": share_drift(today),
        "loyalty_keeps": mean_loss(where.lived(where.today, mechanisms=without(where, "loyalty"))) - loss,
        "bonds_keep": mean_loss(where.lived(where.today, mechanisms=without(where, "bonds"))) - loss,
        **stage_shares(today),
        **leaving_shares(today),
        **waits(today),
        "erlang": against_erlang(where),
    }


def without(where: Place, *switches: str) -> Any:
    """Return the mechanisms with some switched off."""
    return where.scenario.mechanisms.model_copy(update=dict.fromkeys(switches, False))


def mean_loss(runs: list[History]) -> float:
    """Return the yearly loss of our lines, mean over futures."""
    return float(np.mean([yearly_loss(run) for run in runs]))


def share_drift(runs: list[History]) -> float:
    """Return by how much our share of all lines changes over a run."""
    flows = np.sum([run.flows.sum(axis=1) for run in runs], axis=0)
    return float((flows[-1, :, OWN].sum() - flows[0, OWN].sum()) / flows[0].sum())


def stage_shares(runs: list[History]) -> dict[str, float]:
    """Return the shares of our customers at the stages of loyalty, at the end of a run."""
    count = np.sum([run.stages[-1] for run in runs], axis=0)
    ours = count[STAGES.index("first_purchase") :].sum()
    return {f"stage.{name}": float(count[STAGES.index(name)] / ours) for name in ("repeat_purchase", "advocacy")}


def leaving_shares(runs: list[History]) -> dict[str, float]:
    """Return the shares of the lines lost by reason, and by what made the customer look around."""
    reasons = np.sum([run.reasons.sum(axis=(0, 1)) for run in runs], axis=0)
    triggers = np.sum([run.triggers.sum(axis=0) for run in runs], axis=0)
    lost = max(int(reasons.sum()), 1)
    return {
        "reason.price": float(reasons[REASONS.index("price")] / lost),
        **{f"trigger.{name}": float(triggers[TRIGGERS.index(name)] / lost) for name in ("rival_called", "term_ended")},
    }


def waits(runs: list[History]) -> dict[str, float]:
    """Return the mean wait at the desk in the basic tier, minutes, and how much less it is in the better ones."""
    cases = np.sum([run.resolved.sum(axis=0) for run in runs], axis=0)
    ticks = np.sum([run.waiting.sum(axis=0) for run in runs], axis=0)
    minutes = np.where(cases > 0, ticks / np.maximum(cases, 1) / 1000, np.nan)
    by_tier = dict(zip(TIERS, minutes, strict=True))
    return {
        "wait.basic": float(by_tier["basic"]),
        "wait.priority": float(by_tier["basic"] - by_tier["priority"]),
        "wait.posted": float(by_tier["basic"] - by_tier["posted"]),
    }


def against_erlang(where: Place) -> float:
    """Return the mean wait of a busy desk without tiers as a ratio to that of Erlang C; no line moves meanwhile.

    Arrivals and repairs are those that the desk had.
    """
    scenario, idle = where.scenario, nothing(where.city.customers.key.size)
    experience = scenario.experience.model_copy(update={"incidents": FAULTS})
    changed = {"experience": experience, "mechanisms": without(where, "tiers", "attention")}
    opened = scenario.desk.hours * 60 * WEEKS
    first = np.mean([run.complaints.sum() for run in where.lived(idle, 1, **changed)])
    servers = max(1, round(first * scenario.desk.minutes / opened / BUSY))
    desk = scenario.desk.model_copy(update={"servers": (servers - 0.5) * 1000 / idle.visits.size})
    runs = where.lived(idle, DESK_YEARS * YEAR, desk=desk, **changed)
    arrivals = np.mean([run.complaints.mean() for run in runs]) / opened
    cases, waited, taken = (
        sum(int(getattr(run, name).sum()) for run in runs) for name in ("resolved", "waiting", "resolving")
    )
    repair = (taken - waited) / cases / 1000
    return float(waited / cases / 1000 / (repair * erlang_wait(servers, arrivals * repair)))


def erlang_wait(servers: int, offered: float) -> float:
    """Return the mean wait in an M/M/c queue as a multiple of the mean service; `offered` is the load in servers.

    >>> round(erlang_wait(1, 0.5), 6), round(erlang_wait(2, 1.0), 6)
    (1.0, 0.333333)
    """
    waiting = offered**servers / factorial(servers) * servers / (servers - offered)
    free = sum(offered**k / factorial(k) for k in range(servers))
    return float(waiting / (free + waiting) / (servers - offered))
