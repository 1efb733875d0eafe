"""Deviations: one account's treatment at a time, as the response expects it and as the market has it.

What an account does differs from future to future far more than treatments move it, so that few futures tell nothing
of a single account. Each of the accounts looked at therefore stands in a city of copies: equal to it in everything but
the key that its luck and the weeks of its contacts go by. Nobody talks, and managers' and seats' time is ample, so that
no copy's treatment moves another's outcome.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from concurrent.futures import Executor
from functools import partial
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from optimize.decision import Decision
from optimize.family import family_of
from optimize.plan import Plan
from optimize.policy import live_under
from optimize.response import estimate
from optimize.worth import replication_seed
from sim import draws
from sim.book import Book, observe
from sim.founding import todays_practice
from sim.history import account_retained
from sim.names import CLASSES, OWN
from sim.oracle import true_book
from sim.programme import Programme, nothing
from sim.rates import posted_tariff
from sim.state import City, Customers, State

Floats = NDArray[np.float64]
Whole = NDArray[np.int64]
AMPLE_HOURS = 5000.0
"""Of a manager a year, who has one copy only: never bind."""
AMPLE_SEATS = 1000.0
"""Minutes a month and customer: never bind."""
HAIR = 1e-9
"""Share of accounts by which edges of value classes are moved, so that rounding leaves no rank on the wrong side."""


class Deviations(NamedTuple):
    """Accounts, and the treatment that each is given while everybody else is left alone."""

    account: Whole
    """Index in the city, shape (accounts,)."""
    treatment: Whole
    """Index in the plan's menu, never that of nothing."""
    planned: NDArray[np.bool_]
    """Whether the plan chose it; else it was drawn from what the menu allows the account."""


class Copies(NamedTuple):
    """A city of copies: all accounts behind each other, then all of them again."""

    decision: Decision
    city: City
    book: Book
    programme: Programme
    tier: NDArray[np.int8]
    accounts: int
    copies: int


class Realised(NamedTuple):
    """What deviations brought over doing nothing in retained revenue, yuan, shape (accounts,)."""

    mean: Floats
    error: Floats
    replications: int


def choose(plan: Plan, book: Book, accounts: int, seed: int) -> Deviations:
    """Return accounts, as many of each value class as there are, and a treatment for each.

    Every other one gets what the plan gives it, if that is anything; the others get one drawn from what the menu allows
    them, each kind of treatment alike, so that all kinds occur.
    """
    spenders = np.flatnonzero(book.own_spend > 0)
    classes = book.value_class[spenders]
    turn = np.argsort(draws.uniform(draws.stream(seed, "deviating accounts"), book.key[spenders]))
    place = np.empty(spenders.size, dtype=np.int64)
    for one in range(len(CLASSES)):
        mine = turn[classes[turn] == one]
        place[mine] = np.arange(mine.size)
    chosen = spenders[np.sort(np.lexsort((classes, place))[:accounts])]
    luck = draws.uniform(draws.stream(seed, "deviating treatments"), book.key[chosen])
    allowed = plan.response.choices.allowed[:, chosen] & (np.arange(len(plan.response.treatments)) > 0)[:, None]
    kinds = np.array([family_of(t) for t in plan.response.treatments])
    drawn = np.array([_drawn(allowed[:, i], kinds, u) for i, u in enumerate(luck)], dtype=np.int64)
    own = plan.allocation.treatment[chosen]
    planned = (np.arange(chosen.size) % 2 == 0) & (own > 0)
    return Deviations(chosen, np.where(planned, own, drawn), planned)


def _drawn(allowed: NDArray[np.bool_], kinds: Whole, luck: float) -> int:
    """Return an allowed treatment: first the kind is drawn, then one of the kind."""
    there = np.unique(kinds[allowed])
    at = luck * there.size
    some = np.flatnonzero(allowed & (kinds == there[int(at)]))
    return int(some[int((at - int(at)) * some.size)])


def copied(decision: Decision, city: City, plan: Plan, book: Book, chosen: Deviations, copies: int) -> Copies:
    """Return the city in which each account deviates in as many copies, and its book, which holds the truth."""
    account, size = chosen.account, chosen.account.size * copies

    def repeat(array: NDArray[Any]) -> NDArray[Any]:
        return np.ascontiguousarray(np.tile(array, copies))

    def copies_of(array: NDArray[Any]) -> NDArray[Any]:
        return repeat(array[..., account])

    alone = undisturbed(decision, book.value_class[account])
    key = np.arange(size, dtype=np.uint64)
    who = Customers(**{name: copies_of(array) for name, array in city.customers._asdict().items()})
    who = who._replace(key=key, building=np.full_like(who.building, -1), manager=key.astype(np.int32))
    state = State(**{name: copies_of(array) for name, array in city.state._asdict().items()})
    place = city._replace(customers=who, state=state, ids=copies_of(city.ids), buildings=0, managers=size)
    seen = observe(place, decision.seed, posted_tariff(alone).price, alone.book, alone.segment)
    return Copies(
        decision=alone,
        city=place,
        book=true_book(seen, place, alone),
        programme=Programme(**{name: repeat(column) for name, column in _as_treated(plan, chosen).items()}),
        tier=copies_of(plan.response.tier),
        accounts=account.size,
        copies=copies,
    )


def undisturbed(decision: Decision, classes: NDArray[np.int8]) -> Decision:
    """Return the market in which nobody disturbs another, and accounts of these classes keep them.

    Value classes go by rank, which among accounts drawn evenly from all classes would be other ones than in the city.
    """
    members = np.bincount(classes, minlength=len(CLASSES))[: len(CLASSES) - 2] / max(classes.size, 1)
    members[0] = max(members[0] - HAIR, 0.0)
    quiet = {
        "mechanisms": decision.mechanisms.model_copy(update={"talk": False, "industry_talk": False}),
        "visit": decision.visit.model_copy(update={"hours": AMPLE_HOURS}),
        "channel": decision.channel.model_copy(update={"seat_minutes": AMPLE_SEATS}),
        "segment": decision.segment.model_copy(update={"class_shares": tuple(members.tolist())}),
        "recording": {"groups": False},
    }
    return decision.model_copy(update=quiet)


def _as_treated(plan: Plan, chosen: Deviations) -> dict[str, NDArray[Any]]:
    """Return the columns of a programme that gives each chosen account its deviation and nothing else."""
    picked = [plan.response.treatments[b] for b in chosen.treatment]
    at, none = (chosen.treatment, chosen.account), np.zeros(chosen.account.size, dtype=np.int16)
    return {
        "visits": np.array([t.visits for t in picked], dtype=np.int16),
        "level": plan.response.choices.level[at],
        "offer": np.array([t.offer for t in picked], dtype=np.int8),
        "offer_x": plan.response.choices.offer_x[at].astype(np.float32),
        "discount": np.array([t.discount for t in picked], dtype=np.float32),
        "mail": np.array([t.mail for t in picked], dtype=np.int16),
        "calls": np.array([t.calls for t in picked], dtype=np.int16),
        "agents": none,
        "events": none.astype(np.int8),
        "tier": plan.response.tier[chosen.account],
    }


def predicted(chosen: Deviations, city: Copies) -> Floats:
    """Return what deviations are expected to bring in retained revenue, yuan, mean over copies, shape (accounts,)."""
    response = estimate(city.decision, city.book)
    everyone = np.arange(city.accounts * city.copies)
    gained = response.retained[np.tile(chosen.treatment, city.copies), everyone] - response.retained[0]
    return np.asarray(gained.reshape(city.copies, city.accounts).mean(axis=0))


def live_deviations(city: Copies, after: Programme, seed: int, number: int) -> tuple[Floats, Floats]:
    """Return sum and sum of squares over copies of what deviations brought in one future, yuan, shape (accounts,)."""
    future = replication_seed(seed, number)
    idle = nothing(city.tier.size)._replace(tier=city.tier)
    without, with_it = (
        account_retained(live_under(one, after, city.decision, city.city, city.decision.period, future).history)
        for one in (idle, city.programme)
    )
    gained = (with_it - without).reshape(city.copies, city.accounts)
    return gained.sum(axis=0), (gained**2).sum(axis=0)


def realise(
    city: Copies,
    futures: int,
    seed: int,
    executor: Executor | None = None,
    progress: Callable[[int], None] | None = None,
) -> Realised:
    """Live the copies with and without their deviations through fresh futures; each copy in each is a replication."""
    own = np.where(city.city.state.carrier == OWN, city.city.state.demand, 0).sum(axis=0)
    after = todays_practice(city.decision, own, city.city.customers.decision)
    task = partial(live_deviations, city, after, seed)
    total, squares = np.zeros(city.accounts), np.zeros(city.accounts)
    mapped: Iterable[tuple[Floats, Floats]] = (executor.map if executor else map)(task, range(futures))
    for one, square in mapped:
        total, squares = total + one, squares + square
        if progress:
            progress(1)
    count = futures * city.copies
    mean = total / count
    spread = np.maximum(squares / count - mean**2, 0) * count / (count - 1)
    return Realised(mean, np.sqrt(spread / count), count)
