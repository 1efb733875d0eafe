"""Records before anything has happened: what the loop fills in a month, and the history of a run."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from sim.history import COUNTS_BY_GROUP, MONEY_BY_GROUP, STANDINGS, Account, History
from sim.kernels.records import Month
from sim.names import REASONS, STAGES, STEPS, TIERS, TRIGGERS

MONEY = Account._fields[:-1]
STOCK = ("kept", "on_plan", "discounted")
COUNTS = ("plans_accepted", "plans_renewed", "plans_renegotiated", "plans_left", "complaints", "terms_ended")
"""Fields of a history that the loop's totals go to, in the order of `Month.money`, `Month.stock`, `Month.counts`."""
SHAPED = ("revenue", "flows", "looked", "reasons", "triggers", "satisfaction", "stages", "steps")
"""Fields of a history that are called as the loop's totals are."""


def zeros(*shape: int) -> NDArray[np.int64]:
    """Return whole numbers of a shape, all nil."""
    return np.zeros(shape, dtype=np.int64)


def ranges(customers: int, threads: int, block: int) -> list[int]:
    """Return the edges of as many ranges of customers as there are threads, each but the last of whole blocks."""
    blocks = -(-customers // block)
    share = -(-blocks // max(threads, 1)) * block
    return [*range(0, customers, share), customers] if customers else [0, 0]


def empty_parts(
    customers: int, months: int, shape: tuple[int, int], edges: list[int], by_customer: bool
) -> list[Month]:
    """Return, for each range of customers, records that share what is by customer and have totals of their own.

    `shape` is (carriers, lines).
    """
    carriers, lines = shape
    rows, complained = zeros(len(MONEY), customers if by_customer else 0), np.zeros(customers, dtype=np.int8)
    return [
        Month(
            rows=rows,
            complained=complained,
            group=np.zeros(0, dtype=np.int16),
            paid=zeros(lines + 1, 0),
            revenue=zeros(months, carriers, lines),
            flows=zeros(months, lines, carriers, carriers),
            looked=zeros(months, carriers),
            counts=zeros(months, len(COUNTS)),
            reasons=zeros(months, lines, len(REASONS)),
            triggers=zeros(months, len(TRIGGERS)),
            money=zeros(months, len(MONEY)),
            stock=zeros(months, len(STOCK)),
            satisfaction=zeros(months, carriers),
            stages=zeros(months, len(STAGES)),
            steps=zeros(months, len(STEPS)),
            held=zeros(months, 0, 2),
            moved=zeros(months, 0, lines, carriers, carriers),
        )
        for _ in edges[1:]
    ]


def empty_history(
    seed: int, months: int, accounts: NDArray[np.int64], carriers: int, lines: int, groups: int
) -> History:
    """Return a history in which nothing has happened; `accounts` are written by the loop, shape (11, customers)."""
    shapes: dict[str, tuple[int, ...]] = {
        "revenue": (carriers, lines),
        "flows": (lines, carriers, carriers),
        "looked": (carriers,),
        "satisfaction": (carriers,),
        "stages": (len(STAGES),),
        "steps": (len(STEPS),),
        "reasons": (lines, len(REASONS)),
        "triggers": (len(TRIGGERS),),
        **dict.fromkeys(("resolved", "waiting", "resolving"), (len(TIERS),)),
        "revenue_by_group": (groups, carriers, lines),
        "flows_by_group": (groups, lines, carriers, carriers),
        "standing_by_group": (groups, lines, len(STANDINGS)),
        "money_by_group": (groups, len(MONEY_BY_GROUP)),
        "counts_by_group": (groups, len(COUNTS_BY_GROUP)),
        "stages_by_group": (groups, len(STAGES)),
        "served_by_group": (groups, carriers),
        "satisfaction_by_group": (groups, carriers),
    }
    whole = {
        name: zeros(months, *shapes.get(name, ()))
        for name in History._fields
        if name not in ("seed", "customers", "account")
    }
    return History(seed=seed, customers=accounts.shape[1], account=Account(*accounts), **whole)
