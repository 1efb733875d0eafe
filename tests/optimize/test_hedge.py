"""Hedging: choices that guard against outlooks, by weights and by one integer programme, and a bound that holds."""

from __future__ import annotations

import itertools

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from optimize.hedge import best_by_outlook, better_of, by_weights, hedge, mixture, polished
from optimize.hedge_program import solve_hedged
from optimize.hedged import Hedged, Uncertain, guarded_worth, worth_of
from optimize.outlook import RiskSettings
from optimize.problem import excess, problem
from optimize.risk import guarded
from optimize.robust_plan import taken_off
from optimize.solver import SolverSettings
from optimize.testing import drawn_problem
from sim import draws
from sim.errors import InfeasibleError

USUAL = RiskSettings()
EXACT = SolverSettings(gap=1e-7, nodes=100_000, method="integer_programme")
PRICED = SolverSettings(method="decomposition")
CAPS = {"mean": (0.5, 0.3, 0.2), "cvar": (1.0, 0.6, 0.4), "worst case": (1.0, 1.0, 1.0)}


def uncertain(given_problem, worth, cap):
    worth = np.asarray(worth, dtype=float)
    return Uncertain(given_problem, worth, np.zeros(len(worth)), np.asarray(cap, float), worth[:, 0].sum(axis=1))


def drawn(seed, cap=(1.0, 1.0, 1.0), spread=0.6, regret=False, **size):
    """Return a drawn problem whose options bring something else in each of three outlooks."""
    plain = drawn_problem(seed, **size)
    number = np.arange(plain.value.size, dtype=np.uint64)
    luck = [draws.normal(draws.stream(seed, "outlook", s), number).reshape(plain.value.shape) for s in range(len(cap))]
    given_problem = uncertain(plain, np.stack([plain.value * np.exp(spread * one) for one in luck]), cap)
    if regret:
        solver = EXACT if plain.manager.size < 50 else PRICED
        less = taken_off(given_problem, "max_regret", "total", best_by_outlook(given_problem, solver))
        given_problem = given_problem._replace(less=less, nothing=given_problem.nothing - less)
    return given_problem


def two_accounts(cap, limit=2.0):
    """Return two equal accounts and two outlooks: one option brings 4 in the first only, the other 4 in the second."""
    worth = np.array([[[0, 0], [4, 4], [0, 0]], [[0, 0], [0, 0], [4, 4]]])
    return uncertain(problem(worth[0], [[[0, 0], [1, 1], [1, 1]]], [limit]), worth, cap)


@pytest.mark.parametrize("solved", [solve_hedged, lambda given, how: by_weights(given, USUAL, how)])
def test_of_two_accounts_one_is_given_to_each_outlook(solved):
    found = solved(two_accounts([1.0, 1.0]), EXACT)
    assert sorted(found.option) == [1, 2]
    assert found.worth.tolist() == [4, 4]
    assert found.value == pytest.approx(4)
    assert found.bound == pytest.approx(4)


def test_whoever_looks_at_the_mean_alone_does_not_hedge():
    found = hedge(two_accounts([0.6, 0.4]), USUAL, EXACT)
    assert found.option.tolist() == [1, 1]
    assert found.value == pytest.approx(4.8)


def test_hedging_between_two_options_is_worth_their_mixture():
    found = mixture(np.array([[8.0, 0.0], [0.0, 8.0]]), np.ones(2))
    assert found.worth.tolist() == pytest.approx([4, 4])
    assert found.share.tolist() == pytest.approx([0.5, 0.5])
    assert found.value == pytest.approx(4)


def test_a_dear_option_that_is_good_in_all_outlooks_beats_two_cheap_ones():
    worth = np.array([[[0.0], [9.0], [0.0], [5.0]], [[0.0], [0.0], [9.0], [5.0]]])
    given_problem = uncertain(problem(worth[0], np.zeros((0, 4, 1)), []), worth, [1.0, 1.0])
    assert hedge(given_problem, USUAL, EXACT).option.tolist() == [3]


SMALL = {
    "seed": st.integers(0, 10**6),
    "name": st.sampled_from(sorted(CAPS)),
    "regret": st.booleans(),
}


@settings(max_examples=15, deadline=None)
@given(**SMALL)
def test_the_integer_programme_finds_the_best_of_all_choices(seed, name, regret):
    given_problem = drawn(seed, CAPS[name], regret=regret, accounts=5, options=3, managers=2)
    every = itertools.product(*(np.flatnonzero(allowed) for allowed in given_problem.problem.allowed.T))
    kept = [choice for choice in map(np.array, every) if not excess(given_problem.problem, choice)]
    best = max(guarded_worth(given_problem, choice) for choice in kept)
    found = solve_hedged(given_problem, EXACT)
    assert excess(given_problem.problem, found.option) == []
    assert found.value == pytest.approx(best, rel=1e-5, abs=1e-4)


@settings(max_examples=6, deadline=None)
@given(**SMALL)
def test_both_methods_agree_within_the_gap_that_weights_certify(seed, name, regret):
    given_problem = drawn(seed, CAPS[name], regret=regret, accounts=12, options=4, managers=2)
    exact, found = solve_hedged(given_problem, EXACT), by_weights(given_problem, USUAL, SolverSettings())
    slight = 1e-5 * max(abs(exact.value), 1.0)
    assert excess(given_problem.problem, found.option) == []
    assert found.value <= exact.value + slight
    assert found.bound >= exact.value - slight
    assert exact.value - found.value <= found.gap * (found.bound - found.nothing) + slight


@pytest.mark.parametrize("regret", [False, True])
@pytest.mark.parametrize("name", sorted(CAPS))
def test_in_a_larger_book_the_certified_gap_is_that_asked_for(name, regret):
    given_problem = drawn(6, CAPS[name], regret=regret, accounts=1200, options=7, managers=10, whole=False)
    found = hedge(given_problem, USUAL, SolverSettings())
    assert found.method == "weights on outlooks"
    assert found.status == "optimal"
    assert found.gap <= USUAL.gap
    assert excess(given_problem.problem, found.option) == []
    assert found.value == pytest.approx(guarded(found.worth - given_problem.less, given_problem.cap))


def test_with_one_outlook_there_is_no_regret():
    given_problem = drawn(3, (1.0,), regret=True, accounts=12, options=4, managers=2)
    for found in (solve_hedged(given_problem, EXACT), by_weights(given_problem, USUAL, SolverSettings())):
        assert found.value == pytest.approx(0, abs=1e-3)


def test_no_choice_met_on_the_way_is_better_than_the_answer():
    given_problem = drawn(8, regret=True, accounts=400, options=4, managers=4, whole=False)
    known = best_by_outlook(given_problem, PRICED)
    found = by_weights(given_problem, USUAL, PRICED, known)
    assert found.value >= max(guarded_worth(given_problem, choice) for choice in known)


def test_polish_never_makes_a_choice_worse_and_keeps_the_limits():
    given_problem = drawn(5, accounts=30, options=4, managers=2, whole=False)
    rough = best_by_outlook(given_problem, PRICED)[0]
    better = polished(given_problem, rough, np.full(3, 1 / 3), 30, SolverSettings())
    assert guarded_worth(given_problem, better) > guarded_worth(given_problem, rough)
    assert excess(given_problem.problem, better) == []


def test_the_search_ends_at_the_passes_asked_for_and_still_tells_a_bound():
    given_problem = drawn(8, regret=True, accounts=400, options=4, managers=4, whole=False)
    short = by_weights(given_problem, USUAL.model_copy(update={"passes": 1, "gap": 1.0}), PRICED)
    long = by_weights(given_problem, USUAL.model_copy(update={"gap": 0.02}), PRICED)
    assert short.passes == 1
    assert short.bound >= long.value


def test_limits_that_cannot_be_kept_are_refused():
    forced = two_accounts([1.0, 1.0], limit=-1.0)
    with pytest.raises(InfeasibleError, match="under all outlooks"):
        solve_hedged(forced, EXACT)


def test_of_two_answers_the_better_is_kept_with_the_lower_bound():
    option = np.zeros(1, dtype=int)
    one = Hedged(option, np.zeros(1), 90.0, 100.0, 0.0, np.ones(1), "node limit", "integer programme", 0)
    other = one._replace(value=95.0, bound=110.0, method="weights on outlooks")
    best = better_of(one, other, 0.06)
    assert (best.value, best.bound, best.status, best.method) == (95.0, 100.0, "optimal", "weights on outlooks")


def test_worth_is_counted_by_outlook():
    assert worth_of(two_accounts([1.0, 1.0]), np.array([1, 0])).tolist() == [4, 0]
