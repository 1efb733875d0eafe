"""Re-planning dates: when the planner is asked, what it is told, and what its programme does."""

from __future__ import annotations

import numpy as np
import pytest

from sim.book import observe
from sim.errors import InputError
from sim.market import run_market, simulate
from sim.names import OWN
from sim.observing import observe_market
from sim.planner import View
from sim.programme import nothing
from sim.rates import posted_tariff
from sim.testing import tiny_scenario


@pytest.fixture(scope="module")
def world(tiny_start):
    return tiny_scenario(), tiny_start.city


def first_book(scenario, city):
    return observe(city, scenario.seed, posted_tariff(scenario).price, scenario.book, scenario.segment)


def letters(customers, a_year):
    turn = nothing(customers)
    turn.mail[:] = a_year
    return turn


def test_the_planner_is_asked_every_few_months_where_nothing_was_given(world):
    scenario, city = world
    asked = []
    simulate(scenario, city, {0: nothing(60), 6: nothing(60)}, seed=1, planner=lambda _view, month: asked.append(month))
    assert asked == [3, 9]
    asked.clear()
    simulate(scenario, city, {}, seed=1, planner=lambda _view, month: asked.append(month), every=5)
    assert asked == [0, 5, 10]


def test_a_planner_that_repeats_a_schedule_gives_its_history(world):
    scenario, city = world
    schedule = {0: letters(60, 12), 4: letters(60, 0), 8: letters(60, 24)}
    scheduled = simulate(scenario, city, schedule, seed=1)
    planned = simulate(scenario, city, {}, seed=1, planner=lambda _view, month: schedule[month], every=4)
    assert planned.letters.tolist() == scheduled.letters.tolist() == [60] * 4 + [0] * 4 + [120] * 4
    np.testing.assert_array_equal(planned.revenue, scheduled.revenue)


def test_a_planner_that_says_nothing_changes_nothing(world):
    scenario, city = world
    left = simulate(scenario, city, letters(60, 6), seed=1)
    asked = simulate(scenario, city, letters(60, 6), seed=1, planner=lambda _view, _month: None)
    np.testing.assert_array_equal(asked.revenue, left.revenue)
    assert asked.letters.tolist() == left.letters.tolist()


def visits_and_a_letter():
    turn = letters(60, 1)
    turn.visits[:], turn.calls[:] = 9, 2
    return turn


def test_a_planner_that_asks_for_the_same_again_changes_nothing(world):
    """Contacts keep their places in the year."""
    _, city = world
    scenario = tiny_scenario(visit={"accounts_per_manager": 20, "hours": 2000.0})
    once = simulate(scenario, city, visits_and_a_letter(), seed=1)
    again = simulate(scenario, city, {}, seed=1, planner=lambda _view, _month: visits_and_a_letter(), every=3)
    for name in ("letters", "calls", "visits_made", "revenue", "retained"):
        np.testing.assert_array_equal(getattr(again, name), getattr(once, name), err_msg=name)


def test_visits_that_did_not_fit_stay_due_where_they_are_still_wanted(world):
    _, city = world
    scenario = tiny_scenario(visit={"accounts_per_manager": 20, "hours": 120.0})
    once = simulate(scenario, city, visits_and_a_letter(), seed=1)
    again = simulate(scenario, city, {}, seed=1, planner=lambda _view, _month: visits_and_a_letter(), every=3)
    assert once.backlog[2] > 0
    assert again.visits_dropped.sum() == 0
    assert (again.visits_made + again.backlog).sum() == pytest.approx((once.visits_made + once.backlog).sum(), rel=0.01)


def test_visits_outstanding_are_given_up_where_none_are_wanted_any_more(world):
    _, city = world
    scenario = tiny_scenario(visit={"accounts_per_manager": 20, "hours": 120.0})

    def half(_view, month):
        turn = visits_and_a_letter()
        turn.visits[: 30 if month else 0] = 0
        return turn

    history = simulate(scenario, city, {}, seed=1, planner=half, every=6)
    assert 0 < history.visits_dropped[6] < history.backlog[5]


def test_the_view_shows_the_book_as_it_is_when_the_month_opens(world):
    scenario, city = world
    books, seen = {}, {}

    def look(view, month):
        books[month], seen[month] = view.book(first_book(scenario, city)), view.seen

    simulate(scenario, city, nothing(60), seed=1, planner=look)
    for month, book in books.items():
        lived = run_market(scenario, city, nothing(60), seed=1, months=month)
        state = lived.city.state
        np.testing.assert_array_equal(book.ours, state.carrier == OWN)
        wanted = observe_market(lived, first_book(scenario, city))
        np.testing.assert_array_equal(book.spend, wanted.spend)
        np.testing.assert_array_equal(book.rival_spend, wanted.rival_spend)
        assert len(seen[month].lines) == month


def test_the_book_counts_the_complaints_of_the_last_twelve_months(world):
    scenario, city = world
    counted = {}

    def look(view, month):
        counted[month] = view.book(first_book(scenario, city)).complaints.sum()

    faults = simulate(scenario, city, nothing(60), seed=1, months=24, planner=look).complaints
    assert counted[12] == faults[:12].sum()
    assert counted[21] == faults[9:21].sum()


def test_the_view_shows_no_truth():
    assert {name for name in dir(View) if not name.startswith("_")} == {"month", "programme", "seen", "spent", "book"}


def test_a_planner_may_react_to_what_it_sees(world):
    """Write to everybody as soon as fewer lines are ours than at the start."""
    _, city = world
    scenario = tiny_scenario(attention={"base": -2.0})
    first = int((city.state.carrier == OWN).sum())

    def react(view, _month):
        return letters(60, 12) if view.book(first_book(scenario, city)).ours.sum() < first else None

    history = simulate(scenario, city, nothing(60), seed=1, planner=react, every=1)
    ours = history.flows[:, :, :, OWN].sum(axis=(1, 2))
    falls = int(np.argmax(ours < first))
    assert ours[falls] < first
    assert (history.letters > 0).tolist() == [month > falls for month in range(12)]


def test_re_planning_every_no_months_is_refused(world):
    scenario, city = world
    with pytest.raises(InputError, match="1 or more"):
        simulate(scenario, city, nothing(60), seed=1, planner=lambda _view, _month: None, every=0)


def test_a_programme_for_another_city_is_refused(world):
    scenario, city = world
    with pytest.raises(InputError, match="59 customers, not 60"):
        simulate(scenario, city, {}, seed=1, planner=lambda _view, _month: nothing(59))


def test_terms_that_run_out_are_counted(world):
    scenario, city = world
    city = city.copied()
    city.state.carrier[:] = OWN
    city.state.months_left[:] = 0
    city.state.months_left[0, :7], city.state.months_left[1, :4] = 1, 3
    ended = simulate(scenario, city, nothing(60), seed=1, months=3).terms_ended
    assert ended[0] == 7
    assert ended[2] <= 4
    idle = tiny_scenario(mechanisms={"attention": False})
    assert simulate(idle, city, nothing(60), seed=1, months=3).terms_ended.tolist() == [7, 0, 4]
