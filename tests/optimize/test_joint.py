"""The joint law of a customer's lines where stocks are frozen, against simulated lives and a plain twin."""

from __future__ import annotations

import math
from itertools import product
from typing import Any, NamedTuple

import numpy as np
import pytest
from scipy import stats

from optimize import joint
from optimize.decision import Decision
from optimize.joint import held_by_frozen_stocks, lines_followed_jointly, ways_of_spreading
from optimize.recursion import inputs_of
from optimize.treatment import NOTHING, Choices
from sim.choice import attention_probability, choice_probabilities
from sim.city import found
from sim.composing.compose import compose
from sim.founding import stand
from sim.history import yuan
from sim.kernels import expect as kernel
from sim.kernels.joint import expect_jointly
from sim.loyalty import intention, loyal_behaviour
from sim.market import run_market
from sim.observing import observe
from sim.oracle import true_book
from sim.programme import nothing
from sim.rates import posted_tariff
from sim.testing import cloned, only, tiny_tree
from sim.value import delivered_value

SEVERAL = 8
COPIES = 30_000
MONTHS = 12
BASE = ("attention", "freeze_stocks")
MONEY = (
    ("retained", kernel.RETAINED),
    ("won_back", kernel.WON_BACK),
    ("shortfall", kernel.SHORTFALL),
    ("care", kernel.CARE),
    ("discount", kernel.DISCOUNT),
    ("cost_to_serve", kernel.SERVE),
    ("breakage", kernel.BREAKAGE),
    ("waived", kernel.WAIVED),
)


class Case(NamedTuple):
    """A market with frozen stocks, and what is done to its customers."""

    switches: tuple[str, ...] = ("bundle",)
    levers: dict[str, Any] = {}
    changes: dict[str, Any] = {}
    carriers: int = 3
    lines: int = 4
    months: int = MONTHS
    terms: bool = False
    plan: int = 0
    """The plan that all customers are on at the start."""


WAR = {"netcom": {"policy": {"name": "price_war", "month": 4, "drop": 0.2, "contact": 0.4}}}
CASES = {
    "nothing but attention": Case(()),
    "growth": Case(("growth",), changes={"city": {"growth": 0.2, "growth_spread": 0.1}}),
    "bundle": Case(),
    "bundle and discount": Case(levers={"discount": 0.1}),
    "bundle and calls": Case(levers={"calls": 6}),
    "bundle and visits": Case(("bundle", "visits"), {"visits": 12}),
    "loyalty": Case(("loyalty",), changes={"loyalty": {"shield": 0.5}}),
    "bundle, loyalty and discount": Case(("bundle", "loyalty"), {"discount": 0.05}),
    "bundle, loyalty and bonds": Case(("bundle", "loyalty", "bonds"), changes={"bond": {"social": 0.4, "line": 0.3}}),
    "two carriers": Case(carriers=2),
    "two carriers, two lines, discount and calls": Case(levers={"discount": 0.1, "calls": 12}, carriers=2, lines=2),
    "one line": Case(lines=1),
    "two lines and visits": Case(("bundle", "visits"), {"visits": 4}, lines=2),
    "three lines, loyalty and calls": Case(("bundle", "loyalty"), {"calls": 2}, lines=3),
    "price war to come": Case(changes={"rivals": WAR}),
    "price war, growth and discount": Case(("bundle", "growth"), {"discount": 0.1}, {"rivals": WAR}),
    "contracts": Case(("contracts",), terms=True),
    "contracts, fees, discount and calls": Case(
        ("contracts", "early_leaving"), {"discount": 0.1, "calls": 12}, terms=True
    ),
    "offer of plan B up to its reset": Case(
        ("bundle", "visits", "waived_fees"), {"visits": 12, "offer": 2}, {"contract": {"offer": 0.0}}, months=6
    ),
    "offer of plan A, growth and loyalty": Case(
        ("bundle", "visits", "growth", "loyalty"), {"visits": 12, "offer": 1}, {"contract": {"offer": 0.5}}, months=6
    ),
    "plan C left early": Case(
        ("bundle", "early_leaving", "waived_fees"), changes={"contract": {"early": -1.0}}, months=5, plan=3
    ),
    "everything that is followed exactly": Case(
        ("bundle", "growth", "loyalty", "bonds", "visits"),
        {"visits": 6, "calls": 2, "discount": 0.05},
        {"rivals": WAR, "bond": {"social": 0.4, "bundle": 0.5}},
    ),
}
FEW = ("bundle and calls", "contracts", "offer of plan B up to its reset", "two carriers")
PHASED = ("visits", "calls")
X = 9000.0


def settings(case: Case) -> Decision:
    """Return the settings of a case, with an oracle's book."""
    tree = tiny_tree(
        burn_in=0,
        months=case.months,
        city={"customers": SEVERAL},
        attention={"base": -2.0, "rival_contact": 1.5, "own_contact": 1.0},
        value={"price_sensitivity": 4.0},
        visit={"hours": 5000.0, "accounts_per_manager": SEVERAL},
        channel={"seat_minutes": 1000.0},
        book={"information": "oracle"},
        mechanisms=only(*BASE, *case.switches),
        period=case.months,
    )
    for part, changes in case.changes.items():
        for name, value in changes.items():
            old = tree.setdefault(part, {}).get(name)
            tree[part][name] = {**old, **value} if isinstance(old, dict) else value
    kept = list(tree["lines"])[: case.lines]
    for market in (tree, tree["own"], *tree["rivals"].values()):
        for part in ("lines", "price", "quality"):
            if part in market:
                market[part] = {line: market[part][line] for line in kept}
    tree["rivals"] = dict(list(tree["rivals"].items())[: case.carriers - 1])
    return compose(Decision, tree).settings


def world(case: Case):
    """Return settings, a city of several customers of like size in all kinds of situations, and its book."""
    chosen = settings(case)
    city = found(chosen).city
    who, state = city.customers, city.state
    state.carrier[:] = (np.arange(SEVERAL) + 3 * np.arange(case.lines)[:, None] ** 2) // 3 % 4 % case.carriers
    state.carrier[:, :2] = 0
    state.demand[:] = 700 + 40 * np.arange(case.lines)[:, None] + 25 * np.arange(SEVERAL)
    state.satisfaction[:] = np.linspace(0.5, 0.95, SEVERAL)
    state.goodwill[0] = np.linspace(0, 6, SEVERAL)
    state.tenure[:] = np.arange(SEVERAL) * 6
    state.months_left[:] = np.arange(SEVERAL) * 2 % 13 if case.terms else 0
    price = posted_tariff(chosen).price
    if case.plan:
        state.carrier[:] = 0
        state.plan[:], state.plan_x[:] = case.plan, np.linspace(0.8, 2.2, SEVERAL) * state.demand.sum(axis=0)
        state.months_left[:] = chosen.contract.reset_months
    state.recent_usage[:] = (np.where(state.carrier == 0, state.demand, 0) * price[0][:, None]).sum(axis=0)
    stand(chosen, state)
    state.discount[:] = 0
    book = observe(city, chosen.seed, price, chosen.book, chosen.segment)
    return chosen, city, true_book(book, city, chosen), who


def expected(case: Case, how: str = "jointly"):
    """Return what is expected of a case, shape (customers, outcomes)."""
    chosen, _, book, _ = world(case)
    treatment = NOTHING._replace(**case.levers)
    shape = (1, SEVERAL)
    offered = Choices(np.ones(shape, dtype=bool), np.zeros(shape, dtype=np.int8), np.full(shape, X))
    inputs = inputs_of(chosen, book, (treatment,), offered)
    brought = np.zeros((SEVERAL, 1, kernel.OUTCOMES))
    starts = [np.arange(0.5, 12 / max(case.levers.get(lever, 0), 1) if lever in case.levers else 1) for lever in PHASED]
    for visit, call in product(*starts):
        # Copies of a customer have phases of their own, of which as many patterns follow, all alike often.
        phase = inputs.known.phase.copy()
        phase[0], phase[2] = visit, call
        at = inputs._replace(known=inputs.known._replace(phase=phase))
        if how == "jointly":
            expect_jointly(0, SEVERAL, *at, held_by_frozen_stocks(chosen, book), brought)
        else:
            kernel.expect(0, SEVERAL, *at, brought)
    return brought[:, 0] / np.prod([start.size for start in starts])


def lived(case: Case, copies: int = COPIES, seed: int = 11):
    """Return what copies of each customer brought, shape (outcomes, copies, customers), lines lost last."""
    chosen, city, _, _ = world(case)
    many, programme = cloned(city, copies), nothing(SEVERAL * copies)
    for lever, size in case.levers.items():
        getattr(programme, lever)[:] = size
    programme.offer_x[:] = X * (programme.offer > 0)
    market = run_market(chosen, many, programme, seed=seed, months=case.months)
    account = market.record.account
    rows = [yuan(getattr(account, name)) for name, _ in MONEY]
    lost = (many.state.carrier == 0).sum(axis=0) - market.city.state.kept.sum(axis=0)
    return np.stack([*rows, lost.astype(float)]).reshape(len(MONEY) + 1, copies, SEVERAL)


def deviations(brought, lives):
    """Return how many standard errors lives are from what is expected: of each customer, and of all together."""
    wanted = brought[:, [*(row for _, row in MONEY), kernel.LEFT]].T
    wanted = np.concatenate([wanted, wanted.sum(axis=1, keepdims=True)], axis=1)
    lives = np.concatenate([lives, lives.sum(axis=2, keepdims=True)], axis=2)
    error = lives.std(axis=1, ddof=1) / np.sqrt(lives.shape[1])
    return (lives.mean(axis=1) - wanted) / np.maximum(error, 2e-3 + 3e-6 * np.abs(wanted)), error, wanted


def bound(cases: int) -> float:
    """Return the largest deviation that chance explains, in one of a thousand sets of cases."""
    return float(stats.norm.isf(1e-3 / 2 / (cases * (len(MONEY) + 1) * (SEVERAL + 1))))


def check(names):
    """Check cases together: none deviates, and half a per cent of what all customers are retained for would show."""
    worst = {}
    for name in names:
        brought = expected(CASES[name])
        lives = [lived(CASES[name], seed=seed) for seed in range(11, 11 + math.ceil(4 / CASES[name].lines))]
        lives = np.concatenate(lives, axis=1)
        z, error, wanted = deviations(brought, lives)
        worst[name] = float(np.abs(z).max())
        assert 0.005 * wanted[0, -1] > bound(len(names)) * error[0, -1], name
    assert max(worst.values()) < bound(len(names)), worst


def test_a_few_cases_are_the_mean_of_simulated_lives():
    check(FEW)


@pytest.mark.slow
def test_every_case_with_frozen_stocks_is_the_mean_of_simulated_lives():
    check(CASES)


def test_lines_followed_one_by_one_would_be_found_out():
    """The same comparison isn't passed by the recursion that follows each line's law alone."""
    case = CASES["bundle, loyalty and discount"]
    z, _, _ = deviations(expected(case, "one by one"), lived(case, 5000))
    assert np.abs(z).max() > 2 * bound(len(CASES))


def twin(case: Case, n: int):
    """Return retained and won-back revenue, cost to serve and lines lost of one customer: all ways, one by one."""
    chosen, city, _, who = world(case)
    state, posted, a, loyalty = city.state, posted_tariff(chosen), chosen.attention, chosen.loyalty
    carriers, lines = posted.price.shape
    off = 1 - case.levers.get("discount", 0.0)
    flat = delivered_value(who, state, posted, chosen.value.model_copy(update={"bundle": 0.0}))[:, :, n]
    flat[0] -= float(who.price_sensitivity[n]) * np.log(off)
    bundle = chosen.value.bundle / max(lines - 1, 1)
    meant = intention(state.satisfaction[0, n : n + 1].astype(float), loyalty)
    loyal = loyal_behaviour(state.stage[n : n + 1], meant, loyalty)[0] if chosen.mechanisms.loyalty else 0.0
    calm = a.base + a.dissatisfaction * np.maximum(0, a.threshold - state.satisfaction[:, n].astype(float))
    contact = 1 - np.prod(1 - posted.contact)
    ours = state.carrier[:, n] == 0
    law = np.zeros(np.where(ours, carriers + 1, carriers))
    law[tuple(np.where(ours, carriers, state.carrier[:, n]))] = 1
    worth, total = state.demand[:, n].astype(float) * posted.price[0], np.zeros(4)
    for _ in range(case.months):
        after = np.zeros_like(law)
        for ways in np.argwhere(law > 0):
            now = ways % carriers
            for rung, chance in enumerate((1 - contact, contact)):
                spread = np.array(chance * law[tuple(ways)])
                for line, here in enumerate(now):
                    served = np.bincount(np.delete(now, line), minlength=carriers)
                    cost = np.array([float(who.switching_cost[n])])
                    value = flat[:, line, None] + bundle * served[:, None]
                    chosen_then = choice_probabilities(value, np.array([here]), cost)[:, 0]
                    logit = calm[here] + a.rival_contact * rung * (1 - loyalty.shield * loyal * (here == 0))
                    logit += a.own_contact * (here > 0) * (
                        case.levers.get("calls") == 12
                    ) - loyalty.attention * loyal * (here == 0)
                    goes = np.zeros(law.shape[line])
                    goes[:carriers] = attention_probability(logit) * chosen_then
                    goes[ways[line]] += 1 - goes.sum() + (goes[here] if ways[line] == carriers else 0)
                    if ways[line] == carriers:
                        goes[here] = 0
                    spread = np.multiply.outer(spread, goes)
                after += spread
        law = after
        own = [law.take(0, line).sum() for line in range(lines)]
        kept = [law.take(carriers, line).sum() if ours[line] else 0.0 for line in range(lines)]
        money = np.array(
            [worth @ kept * off, worth @ own * off, chosen.money.cost_to_serve * worth @ np.add(own, kept)]
        )
        total[:3] += money
    total[3] = ours.sum() - sum(kept)
    return total


@pytest.mark.parametrize("name", ["two carriers, two lines, discount and calls", "bundle, loyalty and discount"])
def test_the_recursion_is_what_its_plain_twin_says(name):
    brought = expected(CASES[name])
    rows = [kernel.RETAINED, kernel.WON_BACK, kernel.SERVE, kernel.LEFT]
    for n in (0, 3) if CASES[name].lines == 4 else range(SEVERAL):
        np.testing.assert_allclose(brought[n, rows], twin(CASES[name], n), rtol=1e-5, atol=1e-4)


def test_more_ways_than_can_be_followed_are_followed_line_by_line(monkeypatch):
    usual = settings(Case())
    assert ways_of_spreading(usual) == 4**4
    assert lines_followed_jointly(usual)
    monkeypatch.setattr(joint, "MOST_STATES", 4**4 - 1)
    assert not lines_followed_jointly(usual)
    monkeypatch.undo()
    moving = usual.mechanisms.model_copy(update={"freeze_stocks": False})
    assert not lines_followed_jointly(usual.model_copy(update={"mechanisms": moving}))
