"""Month by month: every account as a decision process of its own, derived from the expected-value recursion.

An account's state is which of its lines of ours have never left, its stocks of goodwill and awareness, and whether it
is on an Evergreen plan; terms and tariffs go by the calendar. What is counted is retained revenue. After the period
today's practice goes on, and its expected worth is what the states left behind are worth.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from optimize.decision import Decision
from optimize.monthly_settings import MonthlySettings
from optimize.recursion import in_blocks, inputs_of
from optimize.response import expected_visit_hours
from optimize.staff_time import expected_hours
from optimize.treatment import Choices, Treatment, choices, level_weight
from sim.book import Book, rows_of_book
from sim.channel import call_gain
from sim.errors import InputError
from sim.kernels import monthly as kernel
from sim.kernels.monthly_fill import fill_process
from sim.kernels.monthly_records import ACTIONS, CUT, MONEY_OFF, OFFER, SHARED, Costs, Grid, Prices, Process
from sim.names import LEVELS, PLANS
from sim.visit import deciding_level

Floats = NDArray[np.float64]
Whole = NDArray[np.int64]


NOT_KEPT: dict[str, tuple[str, ...]] = {
    "budgets": ("mail", "calls", "total_cost", "total", "shares"),
    "rules": ("least_visits", "most_visits", "amounts", "accounts", "building_fairness", "move_accounts"),
    "targets": (),
    "decisions": (),
}
"""Keys by section, all of them where none is named."""


class Monthly(NamedTuple):
    """A decision month by month: accounts' processes, and what there is of what their actions use.

    Accounts are in the order of their managers: `order` says which customer of the book each is.
    """

    process: Process
    costs: Costs
    grid: Grid
    order: Whole
    """Customers of the book in the order of their managers, shape (customers,)."""
    manager: Whole
    """Of each account, shape (customers,), as the next ones in that order."""
    key: NDArray[np.uint64]
    hours: Floats
    """Of each manager, shape (managers, months)."""
    shared: Floats
    """Discount yuan, channel yuan and seat minutes, shape (3, months)."""
    level: NDArray[np.int8]
    """Level that decides, shape (customers,)."""
    offer_x: Floats
    """X to propose, yuan/month, shape (customers,)."""
    offer: int
    """Plan that is offered."""

    @property
    def months(self) -> int:
        """Return the months of the planning period."""
        return int(self.hours.shape[1])


def monthly_process(decision: Decision, book: Book) -> Monthly:
    """Return every account's decision process and what there is of hours and budgets in each month.

    Raises InputError where something else than retained revenue is to be maximised, or a rule is asked for that isn't
    kept month by month: hours, the discount and channel budgets and seat minutes are.
    """
    refuse_what_is_not_kept(decision)
    settings, months = decision.monthly, min(decision.period, decision.months)
    order = np.argsort(book.manager, kind="stable")
    book = rows_of_book(book, order)
    offer = 0 if settings.offer == "none" else PLANS.index(settings.offer)
    offered = offers_of(decision, book, offer)
    allowed = offered.allowed[1] if offer else np.zeros(book.key.size, dtype=bool)
    level = deciding_level(level_weight(decision.city, book))
    paths = tuple(Treatment(visits, "decider", offer, 0.0, mail, 0) for visits, mail in ((0, 0), (12, 0), (0, 12)))
    options = Choices(np.ones((3, book.key.size), dtype=bool), np.repeat(level[None], 3, axis=0), offered.offer_x)
    inputs = inputs_of(decision, book, paths, options)
    grid = _grid(decision, book, level, float(inputs.rates.skill))
    process = _empty(decision, book, grid, months, allowed)
    discount = settings.discount
    fill = (*inputs, grid, decision.visit.offer_every, discount, process)
    in_blocks(lambda first, last: fill_process(first, last, *fill), book.key.size)
    return Monthly(
        process=process,
        costs=_costs(decision, offer),
        grid=grid,
        order=order.astype(np.int64),
        manager=book.manager.astype(np.int64),
        key=book.key,
        hours=_hours(decision, book, months),
        shared=_shared(decision, book, process),
        level=level,
        offer_x=options.offer_x[0],
        offer=offer,
    )


def refuse_what_is_not_kept(decision: Decision) -> None:
    """Raise InputError where a decision asks for what a policy month by month doesn't keep; its floor is let pass."""
    maximised = decision.objective.maximise
    if maximised != "retained":
        raise InputError(f"objective.maximise: {maximised} can't be planned month by month; use retained")
    usual = type(decision).model_fields
    for section, keys in NOT_KEPT.items():
        settings = getattr(decision, section)
        plain = usual[section].default
        for key in keys or type(settings).model_fields:
            if getattr(settings, key) != getattr(plain, key):
                raise InputError(f"{section}.{key}: isn't kept month by month; leave it out")
    if decision.trial is not None:
        raise InputError("trial: what a trial has shown can't be planned month by month; leave it out")


def offers_of(decision: Decision, book: Book, offer: int) -> Choices:
    """Return who can be offered the plan, and at what X; its three rows are alike but the first allows everybody."""
    menu = tuple(Treatment(12, "decider", of, 0.0, 0, 0) for of in (0, offer))
    found = choices(book, menu, decision.treatments, decision.city, decision.contract.rival_share)
    return found._replace(offer_x=np.repeat(found.offer_x[1:], 3, axis=0))


def _grid(decision: Decision, book: Book, level: NDArray[np.int8], skill: float) -> Grid:
    """Return nodes that lie evenly in 1 - exp(-rate x stock), up to the most that monthly contacts can build up."""
    channel, visit, settings = decision.channel, decision.visit, decision.monthly
    met = book.goodwill[level, np.arange(level.size)].astype(float)
    most = max(skill / max(1 - visit.goodwill_kept, 1e-3), float(met.max(initial=0.0)))
    call = float(call_gain(book.expected_channel, channel).max(initial=0.0))
    heard = max(
        (channel.mail_gain + call) / max(1 - channel.adstock_kept, 1e-3), float(book.adstock.max(initial=0.0)), 0.1
    )
    saturation = decision.value.goodwill_saturation
    return Grid(
        goodwill=_nodes(most, saturation, settings.goodwills),
        awareness=_nodes(heard, 1.0, settings.awarenesses),
        kept=visit.goodwill_kept,
        heard=channel.adstock_kept,
        skill=skill,
        saturation=saturation,
        mail=channel.mail_gain,
    )


def _nodes(most: float, rate: float, count: int) -> Floats:
    even = np.linspace(0, -np.expm1(-rate * most), count)
    return np.asarray(-np.log1p(-even) / rate)


def _empty(decision: Decision, book: Book, grid: Grid, months: int, offered: NDArray[np.bool_]) -> Process:
    """Return a process with room for what the kernel fills in."""
    customers, settings = book.key.size, decision.monthly
    lines = book.ours.sum(axis=0).astype(np.int64)
    branches = np.where(offered | (book.plan > 0), 2, 1).astype(np.int64)
    nodes = branches * grid.goodwill.size * grid.awareness.size
    at = np.concatenate([[0], np.cumsum(months * nodes * lines**2)])
    ends = np.concatenate([[0], np.cumsum(nodes << lines)])
    every, most = decision.visit.offer_every, len(book.ours)
    rounds = -(-months // every)
    level = deciding_level(level_weight(decision.city, book))
    levels = np.stack([level, np.full(customers, LEVELS.index("working"), dtype=np.int8)])
    discounted = (settings.discount > 0) & (book.own_spend > 0)
    if not decision.treatments.discounts_in_buildings:
        discounted = discounted & (book.building < 0)
    small = np.float32
    return Process(
        lines=lines,
        line=np.zeros((customers, most), dtype=np.int8),
        branches=branches,
        branch=(book.plan > 0).astype(np.int64),
        goodwill=book.goodwill[level, np.arange(customers)].astype(float),
        awareness=book.adstock.astype(float),
        at=at.astype(np.int64),
        leave=np.zeros(at[-1], dtype=small),
        ends=ends.astype(np.int64),
        after=np.zeros(ends[-1]),
        revenue=np.zeros((customers, months, most), dtype=small),
        bill=np.zeros((customers, months), dtype=small),
        over=np.zeros((customers, months), dtype=small),
        quit=np.zeros((customers, months), dtype=small),
        burst=np.ones(customers, dtype=small),
        join=np.zeros((customers, rounds, grid.goodwill.size, most + 1), dtype=small),
        working=np.zeros(customers, dtype=small),
        cut=np.ones(customers, dtype=small),
        call=np.asarray(call_gain(book.expected_channel, decision.channel), dtype=float),
        hours=np.ascontiguousarray(expected_visit_hours(decision, book, levels).T),
        offered=offered,
        discounted=np.asarray(discounted),
    )


def _costs(decision: Decision, offer: int) -> Costs:
    channel, settings = decision.channel, decision.monthly
    actions = np.ones(ACTIONS, dtype=bool)
    visits = decision.mechanisms.visits
    for action in range(OFFER):
        visit, contact = divmod(action, 4)
        actions[action] = (visit == 0 or visits) and (visit < 2 or settings.working) and _has(contact, settings)
        if visit and contact >= 2:
            actions[action] = False  # a call is for who isn't visited, as in the yearly menu
    actions[OFFER:CUT] = bool(offer) and visits
    actions[OFFER + 1] &= settings.letters
    actions[CUT] = settings.discount > 0
    return Costs(
        offer=decision.visit.offer,
        letter=channel.mail_cost,
        call=channel.call_minutes * channel.call_cost,
        minutes=channel.call_minutes,
        discount=settings.discount,
        every=decision.visit.offer_every,
        actions=actions,
    )


def _has(contact: int, settings: MonthlySettings) -> bool:
    return (contact not in (1, 3) or settings.letters) and (contact not in (2, 3) or settings.calls)


def _hours(decision: Decision, book: Book, months: int) -> Floats:
    """Return each manager's hours for visits by month, training and call-outs taken off, shape (managers, months)."""
    managers = int(book.manager.max(initial=0)) + 1
    year = np.full(managers, decision.visit.hours * months / 12)
    return np.repeat(expected_hours(decision, book, year, months)[:, None] / months, months, axis=1)


def _shared(decision: Decision, book: Book, process: Process) -> Floats:
    """Return what there is each month of discount yuan, channel yuan and seat minutes, shape (3, months).

    Of discounts it is never less than what plans draw that run at the start, as they can't be ended.
    """
    spend, channel = float(book.own_spend.sum()), decision.channel
    each = (decision.budgets.discount * spend, decision.budgets.channel * spend, channel.seat_minutes * book.key.size)
    shared = np.repeat(np.array(each)[:, None], process.over.shape[1], axis=1)
    running = process.over[(process.branch == 1) & (process.lines > 0)].sum(axis=0, dtype=float)
    shared[MONEY_OFF - 1] = np.maximum(shared[MONEY_OFF - 1], running)
    return shared


class Worth(NamedTuple):
    """Accounts at given prices."""

    worth: Floats
    """Most that each can be worth, net of what it uses at the prices, yuan, shape (customers,)."""
    used: Floats
    """What it then is expected to use of hours, discount yuan, channel yuan, seat minutes: (customers, 4, months)."""


def priced(model: Monthly, prices: Prices) -> Worth:
    """Return every account's exact dynamic programme at the prices, accounts in the order of the process."""
    found = Worth(np.zeros(model.manager.size), np.zeros((model.manager.size, 4, model.months)))
    given = (model.manager, model.process, model.costs, model.grid, prices, *found)
    in_blocks(lambda first, last: kernel.price_accounts(first, last, *given), model.manager.size)
    return found


def free(model: Monthly) -> Prices:
    """Return prices of nought."""
    return Prices(np.zeros_like(model.hours), np.zeros((SHARED, model.months)))


def nothing_but(model: Monthly) -> Monthly:
    """Return the decision in which nothing can be done."""
    return model._replace(costs=model.costs._replace(actions=np.zeros(ACTIONS, dtype=bool)))
