"""Worth: policies simulated on the same fresh futures, and compared in pairs."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays
from loky import ProcessPoolExecutor
from scipy import stats

from optimize.policy import Replanning, live_under
from optimize.worth import comparison_table, paired_difference, replication_seed, trials_table, try_out
from sim.city import found
from sim.errors import InputError
from sim.history import yuan
from sim.programme import nothing

unhurried = settings(deadline=None)


@pytest.fixture(scope="module")
def city(tiny_decision):
    return found(tiny_decision).city


@pytest.fixture(scope="module")
def policies():
    letters = nothing(60)
    letters.mail[:] = 12
    return {"plan": letters, "nothing": nothing(60), "same": letters}


@pytest.fixture(scope="module")
def trials(tiny_decision, city, policies):
    return try_out(tiny_decision, city, policies, 5, seed=9)


def same(a, b):
    return a.seeds == b.seeds and np.array_equal(a.values, b.values) and np.array_equal(a.by_account, b.by_account)


@pytest.mark.parametrize("workers", [1, 2])
def test_threads_change_no_figure(tiny_decision, city, policies, trials, workers):
    with ThreadPoolExecutor(workers) as executor:
        assert same(try_out(tiny_decision, city, policies, 5, seed=9, executor=executor), trials)


@pytest.mark.slow
def test_processes_change_no_figure(tiny_decision, city, policies, trials):
    with ProcessPoolExecutor(2) as executor:
        assert same(try_out(tiny_decision, city, policies, 5, seed=9, executor=executor), trials)


def test_fewer_replications_are_the_first_of_more(tiny_decision, city, policies, trials):
    three = try_out(tiny_decision, city, policies, 3, seed=9)
    np.testing.assert_array_equal(three.values, trials.values[:3])


def test_equal_policies_meet_the_same_luck(trials):
    np.testing.assert_array_equal(trials.values[:, 0], trials.values[:, 2])


def test_every_replication_has_a_future_of_its_own(trials):
    assert len(set(trials.seeds)) == 5
    assert trials.seeds == tuple(replication_seed(9, r) for r in range(5))
    assert not set(trials.seeds) & {replication_seed(10, r) for r in range(5)}


def test_progress_is_told_once_a_replication(tiny_decision, city, policies):
    told = []
    try_out(tiny_decision, city, policies, 3, seed=9, progress=told.append)
    assert told == [1, 1, 1]


numbers = arrays(float, 6, elements=st.floats(-1e6, 1e6, width=32))


@unhurried
@given(numbers, numbers)
def test_a_paired_difference_has_the_interval_of_the_paired_t_test(better, other):
    found = paired_difference(better, other)
    assert found.mean == pytest.approx((better - other).mean())
    if (better - other).std() > 1e-3 * (1 + np.abs(better - other).max()):
        wanted = stats.ttest_rel(better, other).confidence_interval(0.95)
        np.testing.assert_allclose([found.low, found.high], [wanted.low, wanted.high], rtol=1e-6, atol=1e-6)


def test_a_paired_difference_has_the_interval_at_the_level_asked_for():
    better, other = np.array([3.0, 1.0, 4.0, 1.0, 5.0]), np.array([2.0, 1.0, 3.0, 3.0, 1.0])
    found, wanted = paired_difference(better, other, 0.8), stats.ttest_rel(better, other).confidence_interval(0.8)
    np.testing.assert_allclose([found.low, found.high], [wanted.low, wanted.high])


def test_one_future_says_nothing_of_the_error():
    found = paired_difference(np.array([2.0]), np.array([1.0]))
    assert (found.mean, found.low, found.high) == (1.0, -np.inf, np.inf)


def test_the_table_of_trials_has_a_row_a_policy_and_replication(trials):
    table = trials_table(trials)
    assert len(table) == 15
    one = table[(table["replication"] == 3) & (table["policy"] == "nothing")].iloc[0]
    assert one["seed"] == trials.seeds[3]
    assert one["contribution"] == trials.values[3, 1, trials.measures.index("contribution")]


def test_the_comparison_is_paired_against_every_other_policy(trials):
    table = comparison_table(trials).set_index(["against", "measure"])
    measure = trials.measures.index("retained_revenue")
    gained = trials.values[:, 0, measure] - trials.values[:, 1, measure]
    assert table.loc[("nothing", "retained_revenue"), "mean"] == pytest.approx(gained.mean())
    assert set(table.index.get_level_values(0)) == {"nothing", "same"}
    assert (table.loc["same", "mean"] == 0).all()


def test_the_comparison_says_how_much_the_largest_account_makes(trials):
    gained = trials.by_account[0] - trials.by_account[1]
    table = comparison_table(trials).set_index(["against", "measure"])
    share = table.loc[("nothing", "retained_revenue"), "largest_account_share"]
    assert share == pytest.approx(gained[np.abs(gained).argmax()] / gained.sum())
    assert np.isnan(table.loc[("nothing", "contribution"), "largest_account_share"])


def test_retained_revenue_by_account_adds_up(trials):
    measure = trials.measures.index("retained_revenue")
    np.testing.assert_allclose(trials.by_account.sum(axis=1), trials.values[:, :, measure].mean(axis=0))


def test_after_the_period_todays_practice_takes_over(tiny_decision, city, policies):
    """With a period of the whole horizon the policy goes on; with half of it, letters cost half."""
    without = tiny_decision.mechanisms.model_copy(update={"halls": False, "points": False})
    tiny_decision = tiny_decision.model_copy(update={"mechanisms": without})
    whole = try_out(tiny_decision.model_copy(update={"period": 12}), city, policies, 1, seed=9)
    half = try_out(tiny_decision, city, policies, 1, seed=9)
    measure = whole.measures.index("programme_cost")
    idle = try_out(tiny_decision.model_copy(update={"period": 12}), city, {"nothing": nothing(60)}, 1, seed=9)
    service = whole.measures.index("service_cost")
    assert idle.values[0, 0, measure] == idle.values[0, 0, service]
    assert half.values[0, 1, measure] > half.values[0, 1, service]
    contacts = whole.values[0, 0, measure] - whole.values[0, 0, service]
    assert contacts == pytest.approx(60 * 12 * tiny_decision.channel.mail_cost)


class LettersLater:
    """A planner that writes to everybody from its second date on, and tells when it was asked."""

    def __init__(self):
        self.told = []

    def __call__(self, view, month):
        self.told.append(month)
        return letters(12 if month >= 3 else 0)


def letters(a_year):
    programme = nothing(60)
    programme.mail[:] = a_year
    return programme


@pytest.fixture(scope="module")
def replanning(tiny_decision, city):
    policies = {"later": Replanning(LettersLater), "first": Replanning(LettersLater, first=letters(12)), **fixed()}
    return try_out(tiny_decision, city, policies, 3, seed=9)


def fixed():
    return {"letters": letters(12), "nothing": nothing(60)}


def test_a_planner_is_asked_at_its_dates_within_the_period_only(replanning):
    assert [trial[:2] for trial in replanning.told] == [([0, 3], [3])] * 3


def test_a_programme_tells_nothing(replanning):
    assert replanning.told[0][2:] == (None, None)


def test_a_planner_that_decides_what_was_decided_lives_through_the_same_futures(replanning):
    np.testing.assert_array_equal(replanning.values[:, 1], replanning.values[:, 2])
    np.testing.assert_array_equal(replanning.by_account[1], replanning.by_account[2])


def test_what_a_planner_asks_for_is_paid_for(tiny_decision, city):
    history, _ = live_under(Replanning(LettersLater), nothing(60), tiny_decision, city, period=6, seed=9)
    assert history.letters.tolist() == [0] * 3 + [60] * 3 + [0] * 6
    paid = yuan(history.mail_cost)
    np.testing.assert_allclose(paid, history.letters * tiny_decision.channel.mail_cost)


@pytest.mark.slow
def test_planners_decide_the_same_in_processes(tiny_decision, city, replanning):
    policies = {"later": Replanning(LettersLater), "first": Replanning(LettersLater, first=letters(12)), **fixed()}
    with ProcessPoolExecutor(2) as executor:
        again = try_out(tiny_decision, city, policies, 3, seed=9, executor=executor)
    assert same(again, replanning)
    assert again.told == replanning.told


def test_a_planner_handed_over_ready_made_is_refused(tiny_decision, city):
    with pytest.raises(InputError, match="policy late: LettersLater is neither"):
        try_out(tiny_decision, city, {"late": LettersLater()}, 1, seed=9)


def test_a_policy_for_another_city_is_refused(tiny_decision, city):
    with pytest.raises(InputError, match="policy short: its programme is for 59 customers, not 60"):
        try_out(tiny_decision, city, {"short": nothing(59)}, 1, seed=9)
