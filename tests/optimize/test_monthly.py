"""The monthly process: the kernel against a plain twin, the bound against exact joint optima, and policies below it."""

from __future__ import annotations

from itertools import product

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from optimize.decision import Decision
from optimize.monthly import Monthly, free, monthly_process, nothing_but, priced, rows_of_book
from optimize.monthly_check import agreement
from optimize.monthly_policy import Lived, live_policy, myopic, parts_of
from optimize.monthly_prices import Bound, best_prices, by_manager
from optimize.monthly_settings import MonthlySettings
from sim.city import found
from sim.composing.compose import compose
from sim.errors import InputError
from sim.kernels.monthly_records import ACTIONS, CUT, DECIDER, OFFER, Costs, Grid, Prices, Process
from sim.market import run_market
from sim.observing import observe_market
from sim.programme import nothing
from sim.testing import tiny_tree

MONTHS, EVERY = 4, 2
GOODWILLS, AWARENESSES = np.array([0.0, 1.0, 2.5]), np.array([0.0, 0.6])
SEARCH = MonthlySettings(groups=2, passes=40, rounds=3, gap=1e-5)


def random_model(seed, accounts=2, lines=2, branches=2, managers=1, hours=3.0, share=0.6):
    """Return a hand-made decision with random chances, in which all that accounts may do is possible."""
    rng = np.random.default_rng(seed)
    nodes = GOODWILLS.size * AWARENESSES.size
    shape = (accounts, MONTHS, branches, GOODWILLS.size, AWARENESSES.size, lines, lines)
    # contacts only ever help: chances fall along both stocks
    level = rng.uniform(0.05, 0.3, (accounts, MONTHS, branches, 1, 1, lines, lines))
    fall = (1 - 0.3 * np.arange(GOODWILLS.size))[:, None, None, None] * (1 - 0.4 * np.arange(AWARENESSES.size))[
        :, None, None
    ]
    leave = np.broadcast_to(level * fall, shape)
    behind = rng.uniform(0, 50, (accounts, branches, GOODWILLS.size, AWARENESSES.size, 2**lines)).cumsum(axis=-1)
    behind[..., 0] = 0.0  # without lines of ours nothing is left behind
    process = Process(
        lines=np.full(accounts, lines),
        line=np.tile(np.arange(lines, dtype=np.int8), (accounts, 1)),
        branches=np.full(accounts, branches),
        branch=np.zeros(accounts, dtype=np.int64),
        goodwill=rng.uniform(0, 2, accounts),
        awareness=rng.uniform(0, 0.5, accounts),
        at=np.arange(accounts + 1) * leave[0].size,
        leave=leave.astype(np.float32).ravel(),
        ends=np.arange(accounts + 1) * branches * nodes * 2**lines,
        after=behind.ravel(),
        revenue=rng.uniform(10, 40, (accounts, MONTHS, lines)).astype(np.float32),
        bill=rng.uniform(20, 60, (accounts, MONTHS)).astype(np.float32),
        over=rng.uniform(1, 4, (accounts, MONTHS)).astype(np.float32),
        quit=rng.uniform(0, 0.3, (accounts, MONTHS)).astype(np.float32),
        burst=rng.uniform(1, 1.4, accounts).astype(np.float32),
        join=rng.uniform(0, 0.8, (accounts, MONTHS // EVERY, GOODWILLS.size, lines + 1)).astype(np.float32),
        working=rng.uniform(0.3, 0.9, accounts).astype(np.float32),
        cut=rng.uniform(0.5, 1.1, accounts).astype(np.float32),
        call=rng.uniform(0.1, 0.4, accounts),
        hours=rng.uniform(1, 3, (accounts, 2)),
        offered=np.full(accounts, branches == 2),
        discounted=np.ones(accounts, dtype=bool),
    )
    return Monthly(
        process=process,
        costs=Costs(2.0, 1.0, 2.0, 5.0, 0.1, EVERY, np.ones(ACTIONS, dtype=bool)),
        grid=Grid(GOODWILLS, AWARENESSES, 0.8, 0.6, 1.0, 0.3, 0.5),
        order=np.arange(accounts),
        manager=np.sort(np.arange(accounts) % managers),
        key=np.arange(accounts, dtype=np.uint64) + np.uint64(11),
        hours=np.full((managers, MONTHS), hours),
        shared=np.repeat(np.array([4.0, 2.0, 6.0])[:, None] * accounts * share, MONTHS, axis=1),
        level=np.zeros(accounts, dtype=np.int8),
        offer_x=np.zeros(accounts),
        offer=2,
    )


# ------------------------------------------------------------------------------------------------------- the twin


class Twin:
    """One account of a model in plain Python: what an action uses, brings and leads to."""

    def __init__(self, model, n):
        process, self.model, self.n = model.process, model, n
        self.m, self.branches = int(process.lines[n]), int(process.branches[n])
        shape = (MONTHS, self.branches, GOODWILLS.size, AWARENESSES.size, self.m, self.m)
        self.leave = process.leave[process.at[n] : process.at[n + 1]].reshape(shape).astype(float)
        self.after = process.after[process.ends[n] : process.ends[n + 1]].reshape((*shape[1:4], 2**self.m))
        self.states = list(
            product(range(self.branches), range(GOODWILLS.size), range(AWARENESSES.size), range(2**self.m))
        )

    def of(self, name):
        return getattr(self.model.process, name)[self.n]

    def start(self):
        grid = self.model.grid
        spread = product(
            around(self.of("goodwill"), grid.saturation, grid.goodwill), around(self.of("awareness"), 1, grid.awareness)
        )
        return {(0, i, a, 2**self.m - 1): p * q for (i, p), (a, q) in spread}

    def paid(self, t, s):
        return float(sum(float(self.of("revenue")[t, j]) for j in range(self.m) if s >> j & 1))

    def lose(self, rates, times, s):
        """Return the lines left and their chances."""
        k, found = s.bit_count(), {}
        for j in range(self.m):
            if s >> j & 1:
                found[s ^ (1 << j)] = rates[k - 1, j] * times
        return {**found, s: 1 - sum(found.values())}

    def opened(self, t, state):
        """Return where a state is once who comes off its plan has."""
        g, i, a, s = state
        if g == 0 or s == 0:
            return {state: 1.0}
        gone = float(self.of("quit")[t])
        found = {state: 1 - gone}
        for left, chance in self.lose(self.leave[t, 0, i, a], float(self.of("burst")) - 1, s).items():
            found[0, i, a, left] = gone * chance
        return found

    def allowed(self, t, g):
        actions = range(OFFER) if g else [*range(OFFER), CUT]
        return [*actions, OFFER, OFFER + 1] if g == 0 and self.of("offered") and t % EVERY == 0 else list(actions)

    def use(self, t, action, s):
        costs, found = self.model.costs, np.zeros(4)
        if action == CUT:
            found[1] = costs.discount * self.paid(t, s)
            return found
        visit, contact = (DECIDER, action - OFFER) if action >= OFFER else divmod(action, 4)
        if visit:
            found[0] = self.of("hours")[visit - 1] + (costs.offer if action >= OFFER else 0)
        found[2] = costs.letter * (contact in (1, 3)) + costs.call * (contact in (2, 3))
        found[3] = costs.minutes * (contact in (2, 3))
        return found

    def lived(self, t, state, action):
        """Return (chance, next state, yuan, discount yuan of the plan) of each outcome."""
        grid, (g, i, a, s) = self.model.grid, state
        visit, contact, times, off = 0, 0, 1.0, 0.0
        if action == CUT:
            times, off = float(self.of("cut")), self.model.costs.discount * self.paid(t, s)
        else:
            visit, contact = (DECIDER, action - OFFER) if action >= OFFER else divmod(action, 4)
        added = (0.0, grid.skill, grid.skill * float(self.of("working")))[visit]
        heard = grid.mail * (contact in (1, 3)) + self.of("call") * (contact in (2, 3))
        found = []
        for i2, p in around(GOODWILLS[i] * grid.kept + added, grid.saturation, GOODWILLS):
            for a2, q in around(AWARENESSES[a] * grid.heard + heard, 1, AWARENESSES):
                joins = 0.0
                if OFFER <= action < CUT:
                    joins = float(self.of("join")[t // EVERY, i2, s.bit_count()])
                for g2, r in ((1, joins), (0, 1 - joins)) if g == 0 else ((1, 1.0),):
                    for left, chance in self.lose(self.leave[t, g2, i2, a2], times, s).items() if r else ():
                        money = self.paid(t, left)
                        money = min(money, float(self.of("bill")[t])) if g2 else money
                        drawn = float(self.of("over")[t]) if g2 and left else 0.0
                        found.append((p * q * r * chance, (g2, i2, a2, left), money - off, drawn))
        return found


def around(level, rate, nodes):
    """Return the nodes around a stock with their weights."""
    low = max(i for i in range(len(nodes) - 1) if i == 0 or nodes[i] <= level)
    bottom, top = np.exp(-rate * nodes[low]), np.exp(-rate * nodes[low + 1])
    share = float(np.clip((bottom - np.exp(-rate * level)) / (bottom - top), 0, 1))
    return [(low, 1 - share), (low + 1, share)]


def twin_worth(twin, hours, shared):
    """Return the account's optimal worth at prices by plain backward induction, and what the best actions use."""
    worth = {state: float(twin.after[state]) if state[3] else 0.0 for state in twin.states}
    price = np.concatenate([hours[None], shared])
    chosen = []
    for t in range(MONTHS - 1, -1, -1):
        now, best = {}, {}
        for state in twin.states:
            options = []
            for action in twin.allowed(t, state[0]) if state[3] else [0]:
                value = -float(price[:, t] @ twin.use(t, action, state[3]))
                for chance, then, money, drawn in twin.lived(t, state, action):
                    value += chance * (money - price[1, t] * drawn + worth[then]) if then[3] else chance * money
                options.append((value, -action))
            now[state], best[state] = max(options) if state[3] else (0.0, 0)
        chosen.insert(0, best)
        worth = {s: sum(p * now[u] for u, p in twin.opened(t, s).items() if u[3]) for s in twin.states}
    return sum(p * worth[s] for s, p in twin.start().items()), twin_use(twin, chosen)


def twin_use(twin, chosen):
    """Return what the chosen actions are expected to use, shape (4, months)."""
    used, mass = np.zeros((4, MONTHS)), twin.start()
    for t in range(MONTHS):
        opened, then = {}, {}
        for state, p in mass.items():
            for other, q in twin.opened(t, state).items():
                opened[other] = opened.get(other, 0) + p * q
        for state, p in opened.items():
            if state[3]:
                used[:, t] += p * twin.use(t, -chosen[t][state], state[3])
                for q, other, _, drawn in twin.lived(t, state, -chosen[t][state]):
                    then[other] = then.get(other, 0) + p * q
                    used[1, t] += p * q * drawn
        mass = then
    return used


@pytest.mark.parametrize(("seed", "lines", "branches"), [(1, 1, 1), (2, 2, 2), (3, 2, 2)])
def test_the_programme_at_prices_and_its_use_are_those_of_a_plain_twin(seed, lines, branches):
    model = random_model(seed, lines=lines, branches=branches)
    rng = np.random.default_rng(seed)
    prices = Prices(rng.uniform(0, 2, (1, MONTHS)), rng.uniform(0, 1, (3, MONTHS)))
    found = priced(model, prices)
    for n in range(2):
        value, used = twin_worth(Twin(model, n), prices.hours[0], prices.shared)
        assert found.worth[n] == pytest.approx(value, rel=1e-6)
        np.testing.assert_allclose(found.used[n], used, rtol=1e-5, atol=1e-6)


# ------------------------------------------------------------------------------------------------------- the bound


def joint_optimum(model):
    """Return the exact best of two accounts without plans under hard hours and budgets, by brute force."""
    twins = [Twin(model, n) for n in range(2)]
    worth = {
        (x, y): sum(float(t.after[s]) for t, s in zip(twins, (x, y), strict=True) if s[3])
        for x in twins[0].states
        for y in twins[1].states
    }
    for t in range(MONTHS - 1, -1, -1):
        limit = np.concatenate([model.hours[:, t], model.shared[:, t]])
        options = [
            {
                s: [(twin.use(t, a, s[3]), twin.lived(t, s, a)) for a in (twin.allowed(t, 0) if s[3] else [0])]
                for s in twin.states
            }
            for twin in twins
        ]
        now = {}
        for x, y in worth:
            best = -np.inf
            for (use, first), (other, second) in product(options[0][x], options[1][y]):
                if (use + other <= limit + 1e-9).all():
                    value = sum(
                        p * q * (money + more + worth[u, v]) for p, u, money, _ in first for q, v, more, _ in second
                    )
                    best = max(best, value)
            now[x, y] = best
        worth = now
    starts = product(twins[0].start().items(), twins[1].start().items())
    return sum(p * q * worth[x, y] for (x, p), (y, q) in starts)


def small_joint(seed):
    """Return two accounts with a line each and few actions, so that brute force is quick."""
    model = random_model(seed, lines=1, branches=1, hours=2.5, share=0.3)
    actions = np.zeros(ACTIONS, dtype=bool)
    actions[[1, 4, 5, 8, CUT]] = True
    return model._replace(costs=model.costs._replace(actions=actions))


def restricted(monkeypatch, model):
    allowed = [a for a in range(ACTIONS) if model.costs.actions[a] or a == 0]
    monkeypatch.setattr(Twin, "allowed", lambda *_: allowed)


@pytest.mark.parametrize("seed", [5, 6])
def test_bound_exact_optimum_and_policy_are_in_order(monkeypatch, seed):
    model = small_joint(seed)
    restricted(monkeypatch, model)
    exact = joint_optimum(model)
    bound = best_prices(model, SEARCH)
    lived = live_policy(model, bound, 400, seed)
    mean = bound.bound - lived.below.mean()
    assert bound.bound >= exact - 1e-6
    assert mean <= exact + 3 * lived.error
    assert mean >= exact - 0.2 * (exact - bound.nothing)


@settings(max_examples=15)
@given(st.lists(st.floats(0, 30), min_size=4 * MONTHS, max_size=4 * MONTHS))
def test_any_prices_give_a_bound(price):
    model = small_joint(5)
    prices = np.array(price).reshape(4, MONTHS)
    found = priced(model, Prices(prices[:1].copy(), prices[1:].copy())).worth.sum()
    bound = found + (prices[:1] * model.hours).sum() + (prices[1:] * model.shared).sum()
    assert bound >= EXACT_OF_SEED_5 - 1e-6


def test_the_exact_optimum_that_prices_are_held_against_is_still_that(monkeypatch):
    model = small_joint(5)
    restricted(monkeypatch, model)
    assert joint_optimum(model) == pytest.approx(EXACT_OF_SEED_5, rel=1e-9)


EXACT_OF_SEED_5 = 254.00876271208318


# ------------------------------------------------------------------------------------------------------- policies


@pytest.fixture(scope="module")
def crowd():
    model = random_model(8, accounts=24, managers=3, hours=8.0)
    return model, best_prices(model, SEARCH)


def at_random(seed):
    def ranked(manager, _, gains):
        drawn = np.random.default_rng([seed, manager]).uniform(0, 1, gains.size).astype(np.float32)
        return np.where(gains > -1e29, drawn, gains).astype(np.float32)

    return ranked


def spread_plan(model):
    """Rank a visit to each account in a month of its own, whatever has happened: a plan spread over the period."""
    sizes = np.diff(model.process.ends)
    starts = np.searchsorted(model.manager, np.arange(len(model.hours) + 1))

    def ranked(manager, at, gains):
        wanted = np.full(gains.size, -1e30, dtype=np.float32)
        for i, n in enumerate(range(starts[manager], starts[manager + 1])):
            table = wanted[at[i] : at[i + 1]].reshape(MONTHS, ACTIONS, sizes[n])
            table[:, 0] = 0
            table[n % MONTHS, 4 * DECIDER] = 1
        return wanted

    return ranked


def test_no_policy_is_above_the_bound_and_the_one_that_follows_prices_is_best(crowd):
    model, bound = crowd
    rankings = {"prices": None, "myopic": myopic(model), "random": at_random(1), "spread": spread_plan(model)}
    lived = {name: live_policy(model, bound, 200, 3, ranking) for name, ranking in rankings.items()}
    for lives in lived.values():
        assert bound.bound >= bound.bound - lives.below.mean() - 3 * lives.error
        assert bound.bound >= lives.paid.mean() - 3 * lives.paid.std() / np.sqrt(200)
    best = min(lived, key=lambda name: lived[name].below.mean())
    assert best == "prices"
    assert lived["random"].below.mean() > 3 * lived["prices"].below.mean()


def test_both_measures_of_a_policy_agree_and_the_shortfall_is_the_sharper(crowd):
    model, bound = crowd
    for ranking in (None, at_random(2), spread_plan(model)):
        lives = live_policy(model, bound, 400, 4, ranking)
        plain = lives.paid.std(ddof=1) / np.sqrt(400)
        assert abs(bound.bound - lives.below.mean() - lives.paid.mean()) < 3.5 * np.hypot(plain, lives.error)
        assert lives.error < plain


def test_no_life_exceeds_a_months_hours_or_budgets(crowd):
    model, bound = crowd
    for ranking in (None, at_random(5)):
        used = live_policy(model, bound, 50, 6, ranking).used
        assert (used[:, 0] <= model.hours.sum(axis=0) + 1e-6).all()
        assert (used[:, 1:] <= model.shared + 1e-6).all()
    assert used[:, 0].max() > 0.5 * model.hours.sum(axis=0).max()


def test_parts_of_managers_are_all_that_there_is(crowd):
    model, bound = crowd
    parts = parts_of(model, bound)
    np.testing.assert_allclose(parts[:, 0], model.hours)
    np.testing.assert_allclose(parts[:, 1:].sum(axis=0), model.shared)


def test_lives_are_keyed_by_seed_and_account(crowd):
    model, bound = crowd
    one, again, other = (live_policy(model, bound, 5, seed) for seed in (1, 1, 2))
    np.testing.assert_array_equal(one.paid, again.paid)
    assert (one.paid != other.paid).all()


def test_more_of_everything_never_lowers_the_bound_and_nothing_is_the_least(crowd):
    model, bound = crowd
    richer = best_prices(model._replace(hours=2 * model.hours, shared=2 * model.shared), SEARCH)
    assert richer.bound >= bound.bound - 1e-3 * (bound.bound - bound.nothing)
    assert bound.bound > bound.nothing
    assert priced(nothing_but(model), free(model)).worth.sum() == pytest.approx(bound.nothing)


def test_without_hours_the_bound_is_that_without_visits():
    model = random_model(9, accounts=6, hours=0.0)
    bound = best_prices(model, SEARCH)
    actions = model.costs.actions.copy()
    actions[4:CUT] = False
    without = best_prices(model._replace(costs=model.costs._replace(actions=actions)), SEARCH)
    assert bound.bound == pytest.approx(without.bound, abs=0.02 * (without.bound - without.nothing))


def test_prices_come_near_to_the_use_of_what_is_scarce(crowd):
    model, bound = crowd
    used = by_manager(model, bound.found.used[:, 0])
    slack = (bound.prices.hours * (model.hours - used)).sum()
    assert abs(slack) < 0.25 * (bound.bound - bound.nothing)


# ---------------------------------------------------------------------------------------------- from a book


@pytest.fixture(scope="module")
def city(tiny_decision, tiny_start):
    return tiny_decision, tiny_start.book, monthly_process(tiny_decision, tiny_start.book)


def test_chances_of_leaving_are_chances_and_fall_with_goodwill_and_awareness(city):
    _, _, model = city
    process = model.process
    for n in np.flatnonzero(process.lines):
        m, nodes = process.lines[n], (model.grid.goodwill.size, model.grid.awareness.size)
        leave = process.leave[process.at[n] : process.at[n + 1]].reshape(
            model.months, process.branches[n], *nodes, m, m
        )
        assert (leave >= 0).all()
        assert (leave.sum(axis=-1) <= 1 + 1e-6).all()
        assert (np.diff(leave, axis=2) <= 1e-6).all()
        assert (np.diff(leave, axis=3) <= 1e-6).all()


def test_the_process_agrees_with_the_response_it_is_derived_from(city):
    decision, book, model = city
    table = agreement(decision, book, model).set_index("schedule")
    assert table.loc["nothing", "ratio"] == pytest.approx(1, abs=0.005)
    assert table.loc["12 visits to the decider", "ratio"] == pytest.approx(1, abs=0.1)
    assert table.loc["12 letters", "ratio"] == pytest.approx(1, abs=0.1)
    assert (table["correlation"].dropna() > 0.9).all()


@pytest.fixture(scope="module")
def on_plans():
    """Return a book half a year after everybody was offered a plan, and its process."""
    tree = tiny_tree(months=12, period=6, city={"customers": 120}, response={"draws": 2}, contract={"offer": 1.0})
    decision = compose(Decision, tree | {"visit": {"hours": 2000.0, "accounts_per_manager": 20}}).settings
    start = found(decision)
    offers = nothing(120)._replace(visits=np.full(120, 12, np.int16), offer=np.full(120, 2, np.int8))
    book = observe_market(run_market(decision, start.city, offers, seed=2, months=6), start.book)
    book = book._replace(month=start.book.month, kept=start.book.kept)  # a year begins anew, with the lines held now
    return decision, book, monthly_process(decision, book)


def test_accounts_that_are_on_a_plan_already_agree_too(on_plans):
    decision, book, model = on_plans
    assert (book.plan > 0).mean() > 0.5
    table = agreement(decision, book, model).set_index("schedule")
    assert table.loc["nothing", "ratio"] == pytest.approx(1, abs=0.01)
    assert table.loc["12 visits to the decider", "ratio"] == pytest.approx(1, abs=0.1)


def test_plans_that_run_are_paid_for_however_small_the_budget(on_plans):
    decision, _, model = on_plans
    bound = best_prices(model, decision.monthly)
    lives = live_policy(model, bound, 20, 3)
    assert (lives.used[:, 1:] <= model.shared + 1e-4).all()
    assert lives.used[:, 1].max() > 0
    assert 0 < lives.gap(bound)[0] < 0.2


def test_in_a_city_too_no_policy_is_above_the_bound(city):
    decision, _, model = city
    bound = best_prices(model, decision.monthly)
    for ranking in (None, myopic(model), at_random(7)):
        paid = live_policy(model, bound, 60, 8, ranking).paid
        assert bound.bound >= paid.mean() - 3 * paid.std(ddof=1) / np.sqrt(60)
        assert paid.mean() >= bound.nothing - 3 * paid.std(ddof=1) / np.sqrt(60)


def test_accounts_are_alike_whatever_their_order_in_the_book(city):
    decision, book, model = city
    turned = monthly_process(decision, rows_of_book(book, np.arange(book.key.size)[::-1]))
    here, there = (priced(m, free(m)).worth[np.argsort(m.key)] for m in (model, turned))
    np.testing.assert_allclose(here, there, rtol=1e-9)


@pytest.mark.parametrize(
    ("changes", "told"),
    [
        ({"objective": {"maximise": "contribution"}}, r"objective\.maximise: contribution .*use retained"),
        ({"rules": {"least_visits": {"A": 2}}}, r"rules\.least_visits: isn't kept"),
        ({"budgets": {"total": 1000.0}}, r"budgets\.total: isn't kept"),
        ({"targets": {"churn": 0.1}}, r"targets\.churn: isn't kept"),
    ],
)
def test_what_is_not_kept_month_by_month_is_refused_with_its_key(tiny_start, changes, told):
    with pytest.raises(InputError, match=told):
        monthly_process(compose(Decision, tiny_tree(**changes)).settings, tiny_start.book)


def test_a_gap_is_told_with_its_interval():
    bound = Bound(Prices(np.zeros((1, 1)), np.zeros((3, 1))), 300.0, 100.0, priced(*no_accounts()), 1.0)
    gap, low, high = Lived(np.array([10.0, 12.0]), np.zeros(2), np.zeros((2, 4, 1))).gap(bound)
    assert gap == pytest.approx(0.055)
    assert low < gap < high


def no_accounts():
    model = random_model(1)
    return model, free(model)
