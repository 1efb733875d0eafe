"""The integer programme: the best allocation, never beyond a budget, with a bound that holds."""

from __future__ import annotations

from itertools import product
from typing import NamedTuple

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from optimize.allocation import allocate
from optimize.budget import Limits, RuleSettings
from optimize.decision import ObjectiveSettings
from optimize.limit import Limit
from optimize.objective import worth
from optimize.problem import problem
from optimize.program import formulate, undominated
from optimize.response import Response
from optimize.rules import check_least_visits, permitted, pose
from optimize.solver import SolverSettings, relax, solve
from optimize.treatment import NOTHING, Choices, Treatment
from sim.city import found
from sim.errors import InfeasibleError
from sim.testing import tiny_scenario

unhurried = settings(deadline=None, max_examples=30)
EXACT = SolverSettings(gap=0.0, nodes=100_000, method="integer_programme")
BUDGETS = ("discount", "channel", "seat_minutes", "total_cost")
MENU = (
    NOTHING,
    Treatment(1, "decider", 0, 0.0, 0, 0),
    Treatment(12, "decider", 0, 0.0, 0, 0),
    Treatment(0, "decider", 0, 0.0, 4, 0),
)
FOUR = found(tiny_scenario(city={"customers": 4}, burn_in=0)).book
BOOK = FOUR._replace(manager=np.array([0, 0, 1, 1]), manager_names=("M0", "M1"))
"""Four accounts, two managers."""


class Instance(NamedTuple):
    """A small allocation problem: what treatments bring and take, and what there is."""

    response: Response
    limits: Limits


def instance(gain, hours, spend, contribution, allowed, limits):
    """Return a problem of arrays with shape (treatments, customers); spend is discount, channel, minutes, cost."""
    nought = np.zeros_like(gain)
    response = Response(
        treatments=MENU,
        choices=Choices(allowed, np.zeros(gain.shape, dtype=np.int8), nought),
        tier=np.zeros(gain.shape[1], dtype=np.int8),
        retained=10_000 + gain,
        won_back=nought,
        shortfall=nought,
        breakage=nought,
        contribution=5000 + contribution,
        lines_lost=nought,
        hours=hours,
        discount=spend[0],
        channel=spend[1],
        seat_minutes=spend[2],
        cost=spend[3],
        satisfaction=nought,
        served=nought,
        group_cost=nought,
        effective_draws=np.ones(gain.shape[1]),
    )
    return Instance(response, limits)


@st.composite
def instances(draw, most_visits=0):
    """Draw a problem small enough to try every allocation; doing nothing takes nothing."""

    def table(low, high):
        rows = draw(st.lists(st.integers(low, high), min_size=16, max_size=16))
        values = np.array(rows, dtype=float).reshape(len(MENU), 4)
        values[0] = 0
        return values

    allowed = table(0, 3) > 0
    allowed[0] = True
    limits = Limits(
        hours=np.array([draw(st.integers(0, 25)) for _ in range(2)], dtype=float),
        discount=float(draw(st.integers(0, 30))),
        channel=float(draw(st.integers(0, 30))),
        seat_minutes=float(draw(st.integers(0, 30))),
        total_cost=float(draw(st.integers(0, 60))),
        least_visits=np.array([draw(st.integers(0, most_visits)) for _ in range(4)]),
    )
    spend = [table(0, 12) for _ in BUDGETS]
    return instance(1000 * table(-3, 15), table(0, 12), spend, 100 * table(-9, 9), allowed, limits)


def used(given, chosen):
    """Return what an allocation uses: hours by manager, then the other budgets."""
    r, account = given.response, np.arange(len(chosen))
    hours = np.bincount(BOOK.manager, weights=r.hours[chosen, account], minlength=given.limits.hours.size)
    return hours, [uses[chosen, account].sum() for uses in (r.discount, r.channel, r.seat_minutes, r.cost)]


def feasible(given, chosen, floor=None):
    r, limits, account = given.response, given.limits, np.arange(len(chosen))
    chosen = np.asarray(chosen)
    hours, spent = used(given, chosen)
    visits = np.array([t.visits for t in MENU])[chosen]
    return (
        r.choices.allowed[chosen, account].all()
        and (hours <= limits.hours + 1e-9).all()
        and all(use <= getattr(limits, name) + 1e-9 for use, name in zip(spent, BUDGETS, strict=True))
        and (visits >= limits.least_visits).all()
        and (floor is None or r.contribution[chosen, account].sum() >= floor - 1e-9)
    )


def best_by_trying(given, floor=None):
    """Return the largest objective of all feasible allocations, or None."""
    account = np.arange(4)
    tried = (chosen for chosen in product(range(len(MENU)), repeat=4) if feasible(given, chosen, floor))
    return max((given.response.retained[np.array(chosen), account].sum() for chosen in tried), default=None)


def allocated(given, floor=None, solver=EXACT):
    return allocate(posed(given, floor), solver)


def posed(given, floor=None):
    r, bounds = given.response, given.limits
    check_least_visits(r, BOOK, bounds)
    tables = {"discount": r.discount, "channel": r.channel, "seat_minutes": r.seat_minutes, "total_cost": r.cost}
    limits = [Limit(name, name, "", use, getattr(bounds, name)) for name, use in tables.items()]
    if floor is not None:
        limits.append(Limit("contribution floor", "rules.contribution_floor", "yuan", r.contribution, floor, True))
    return pose(r, BOOK, r.retained, bounds, limits, permitted(r, BOOK, bounds, RuleSettings()))


@unhurried
@given(instances())
def test_the_allocation_is_the_best_of_all(given):
    assert allocated(given).value == pytest.approx(best_by_trying(given))


@unhurried
@given(instances())
def test_an_allocation_never_exceeds_a_budget(given):
    assert feasible(given, allocated(given).treatment)


@unhurried
@given(instances(most_visits=1))
def test_least_visits_are_kept_or_the_plan_is_refused(given):
    best = best_by_trying(given)
    try:
        allocation = allocated(given)
    except InfeasibleError:
        assert best is None
        return
    assert feasible(given, allocation.treatment)
    assert allocation.value == pytest.approx(best)
    assert 0 <= allocation.gap <= 1e-6


def test_a_floor_that_cannot_be_reached_is_refused_where_nothing_can_be_done(tight):
    none = np.zeros_like(tight.response.choices.allowed)
    none[0] = True
    idle = tight.response._replace(choices=tight.response.choices._replace(allowed=none))
    given = tight._replace(response=idle, limits=tight.limits._replace(least_visits=np.zeros(4, dtype=int)))
    floor = float(idle.contribution[0].sum())
    assert (allocated(given, floor).treatment == 0).all()
    with pytest.raises(InfeasibleError, match="contribution floor"):
        allocated(given, floor + 1.0)


@unhurried
@given(instances(), st.integers(-5, 25))
def test_the_contribution_floor_is_kept_or_the_plan_is_refused(given, above):
    floor = given.response.contribution[0].sum() + 100.0 * above
    best = best_by_trying(given, floor)
    try:
        allocation = allocated(given, floor)
    except InfeasibleError:
        assert best is None
        return
    assert feasible(given, allocation.treatment, floor)
    assert allocation.value == pytest.approx(best)


@unhurried
@given(instances())
def test_the_bound_is_above_the_value_and_the_value_above_nothing(given):
    allocation = allocated(given)
    assert allocation.bound >= allocation.value >= allocation.nothing - 1e-6
    assert allocation.gap <= 1e-6


@unhurried
@given(instances())
def test_the_relaxation_is_never_below_the_best(given):
    programme = formulate(posed(given))
    if programme.variables:
        relaxed = relax(programme.problem, programme.variables, EXACT)
        assert programme.constant + programme.unit * relaxed.bound >= best_by_trying(given) - 1e-6


@unhurried
@given(instances(), st.sampled_from(("hours", *BUDGETS)), st.integers(1, 20))
def test_a_larger_budget_never_makes_the_best_worse(given, name, more):
    roomier = given.limits._replace(**{name: getattr(given.limits, name) + more})
    assert allocated(given._replace(limits=roomier)).value >= allocated(given).value - 1e-6


def without_limits(given):
    free = given.limits._replace(hours=np.full_like(given.limits.hours, 1e6), **dict.fromkeys(BUDGETS, 1e9))
    return given._replace(limits=free)


@unhurried
@given(instances())
def test_without_budgets_every_account_gets_what_is_best_for_it(given):
    allocation = allocated(without_limits(given))
    best = np.where(given.response.choices.allowed, given.response.retained, -np.inf).max(axis=0)
    np.testing.assert_allclose(given.response.retained[allocation.treatment, np.arange(4)], best)


@unhurried
@given(instances())
def test_leaving_out_what_is_dominated_never_leaves_out_the_best(given):
    keep = undominated(posed(given))
    choices = given.response.choices._replace(allowed=given.response.choices.allowed & keep)
    kept = given._replace(response=given.response._replace(choices=choices))
    assert best_by_trying(kept) == best_by_trying(given)
    assert keep[0].all()


def test_of_equal_treatments_one_is_kept():
    same, none = np.ones((4, 4)), np.zeros((4, 4))
    equal = instance(same, none, [none] * 4, none, np.ones((4, 4), dtype=bool), None)
    keep = undominated(problem(equal.response.retained, np.stack([none]), [1.0]))
    assert keep.sum(axis=0).tolist() == [1, 1, 1, 1]


def test_equal_accounts_share_what_there_is_as_far_as_it_goes():
    """Ten hours, two accounts a manager, visits of five hours: both get one rather than one of them two."""
    gain, hours = np.zeros((4, 4)), np.zeros((4, 4))
    gain[1], gain[2], hours[1], hours[2] = 1000, 1500, 5, 10
    free = Limits(np.full(2, 10.0), 9.0, 9.0, 9.0, 9.0, np.zeros(4, dtype=int))
    nought = np.zeros((4, 4))
    equal = instance(gain, hours, [nought] * 4, nought, np.ones((4, 4), dtype=bool), free)
    assert allocated(equal).treatment.tolist() == [1, 1, 1, 1]


@unhurried
@given(instances())
def test_cbc_and_highs_agree(given):
    cbc = allocated(given, solver=SolverSettings(name="cbc", gap=0.0, nodes=100_000))
    assert cbc.value == pytest.approx(allocated(given).value)
    assert feasible(given, cbc.treatment)


@unhurried
@given(instances())
def test_a_small_core_gives_up_value_but_not_the_bound(given):
    best = best_by_trying(given)
    allocation = allocated(given, solver=SolverSettings(gap=0.0, core=2, nodes=100_000))
    assert feasible(given, allocation.treatment)
    assert allocation.value <= best + 1e-6 <= allocation.bound + 2e-6


# What cannot be done is told.


@pytest.fixture(scope="module")
def tight():
    """A problem in which every account's visit takes ten hours, and managers have five."""
    gain, hours = np.zeros((4, 4)), np.zeros((4, 4))
    hours[1:3] = 10
    limits = Limits(np.full(2, 5.0), 9.0, 9.0, 9.0, 9.0, np.ones(4, dtype=int))
    return instance(gain, hours, [np.zeros((4, 4))] * 4, gain, np.ones((4, 4), dtype=bool), limits)


def test_too_many_least_visits_name_the_rule_the_manager_and_the_hours(tight):
    with pytest.raises(
        InfeasibleError, match=r"rules\.least_visits: .* take 20 hours of account manager M\d, who has 5"
    ):
        allocated(tight)


def test_the_remedy_is_how_many_more_hours_it_takes(tight):
    with pytest.raises(InfeasibleError, match=r"raise visit\.hours 4\.00 times"):
        allocated(tight)


def test_more_visits_than_the_menu_has_name_the_account(tight):
    eager = tight._replace(limits=tight.limits._replace(least_visits=np.array([0, 99, 0, 0])))
    with pytest.raises(InfeasibleError, match=f"account {BOOK.ids[1]} must get 99 visits a year.* goes to 12"):
        allocated(eager)


def test_a_floor_that_cannot_be_reached_names_the_rules_that_clash(tight):
    free = tight._replace(limits=tight.limits._replace(least_visits=np.zeros(4, dtype=int)))
    with pytest.raises(InfeasibleError, match="contribution_floor"):
        allocated(free, floor=1e9)


def test_a_book_for_which_nothing_is_worth_doing_gets_nothing(tight):
    idle = tight._replace(limits=tight.limits._replace(least_visits=np.zeros(4, dtype=int)))
    allocation = allocated(idle)
    assert (allocation.treatment.tolist(), allocation.gap) == ([0] * 4, 0.0)


# Solvers.


@pytest.mark.parametrize("name", ["highs", "cbc"])
def test_a_solver_says_when_nothing_is_feasible(tight, name):
    solver = SolverSettings(name=name)
    free = tight._replace(limits=tight.limits._replace(least_visits=np.zeros(4, dtype=int)))
    rising = free.response._replace(contribution=np.arange(16.0).reshape(4, 4))
    programme = formulate(posed(free._replace(response=rising), floor=1e9))
    assert not relax(programme.problem, programme.variables, solver).feasible
    assert solve(programme.problem, solver).status == "infeasible"


# Objectives.


@unhurried
@given(instances(), st.floats(0, 10))
def test_a_blend_is_contribution_and_weighted_retained_revenue(given, weight):
    r = given.response
    blend = worth(r, ObjectiveSettings(maximise="blend", retained_weight=weight))
    np.testing.assert_allclose(blend, r.contribution + weight * r.retained)


def test_every_objective_is_what_it_is_called(tight):
    shares = {"retained": 1.0, "won_back": 2.0, "shortfall": 4.0, "contribution": 8.0}
    r = tight.response._replace(**{name: np.full((4, 4), value) for name, value in shares.items()})
    worths = {
        kind: worth(r, ObjectiveSettings(maximise=kind))[0, 0] for kind in ("retained", "own_revenue", "contribution")
    }
    assert worths == {"retained": 1, "own_revenue": 7, "contribution": 8}


def test_a_target_return_takes_what_every_yuan_of_cost_has_to_bring_back(tight):
    r = tight.response._replace(contribution=np.full((4, 4), 8.0), cost=np.full((4, 4), 10.0))
    asked = ObjectiveSettings(maximise="target_return", required_return=0.3)
    assert (worth(r, asked) == 5.0).all()
