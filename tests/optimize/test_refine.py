"""The closed loop: imagined cities keep what the book knows, rounds are reported, and the best plan is kept."""

from __future__ import annotations

import numpy as np
import pytest

from optimize.family import CORRECTED, FAMILIES, corrected, families_of, learnt_factors
from optimize.field import timetable
from optimize.imagined import Imagination
from optimize.lateness import lateness, months_waited
from optimize.plan import make_plan
from optimize.refine import expected_around, refine, rounds_table
from optimize.response import estimate
from optimize.trial_settings import TrialSettings
from sim.city import found
from sim.errors import InputError
from sim.names import OWN


def with_rounds(decision, rounds, cities=6):
    return decision.model_copy(
        update={"refine": decision.refine.model_copy(update={"rounds": rounds, "replications": cities})}
    )


@pytest.fixture(scope="module")
def start(tiny_decision):
    return found(tiny_decision)


@pytest.fixture(scope="module")
def refined(tiny_decision, start):
    return refine(with_rounds(tiny_decision, 3), start.book, start.city, seed=5)


def test_an_imagined_city_has_what_the_book_knows_and_another_truth_for_each_number(tiny_decision, start):
    imagination = Imagination(tiny_decision, start.book, start.city)
    one, other, again = (imagination.city(number) for number in (0, 1, 0))
    np.testing.assert_array_equal(one.state.carrier == OWN, start.book.ours)
    known = start.book.rival > OWN
    np.testing.assert_array_equal(one.state.carrier[known], start.book.rival[known])
    np.testing.assert_allclose(one.state.goodwill[OWN], start.book.goodwill)
    assert (one.customers.price_sensitivity != other.customers.price_sensitivity).any()
    for mine, yours in zip(one.state, again.state, strict=True):
        np.testing.assert_array_equal(mine, yours)


def test_an_imagined_city_does_not_depend_on_the_truth(tiny_decision, start):
    hidden = start.city.customers._replace(price_sensitivity=start.city.customers.price_sensitivity * 2)
    elsewhere = start.city._replace(customers=hidden)
    here, there = (Imagination(tiny_decision, start.book, city).city(3) for city in (start.city, elsewhere))
    np.testing.assert_array_equal(here.customers.price_sensitivity, there.customers.price_sensitivity)


def test_the_plan_kept_is_the_best_of_all_rounds_in_the_imagined_cities(refined):
    lived = [one.lived.mean for one in refined.rounds]
    assert lived[refined.best] == max(lived[: refined.best + 1])
    assert refined.plan is refined.rounds[refined.best].plan
    table = rounds_table(refined)
    assert table["best"].sum() == 1
    assert table["accounts_moved"].iloc[0] == 0


def test_the_loop_ends_where_a_round_gains_no_more_than_its_interval(refined):
    for one in refined.rounds[1:-1]:
        assert one.gain.mean > one.gain.high - one.gain.mean
    assert len(refined.rounds) <= 3


def test_one_round_is_one_plan_from_one_estimate(tiny_decision, start):
    (only,) = refine(with_rounds(tiny_decision, 1), start.book, start.city, seed=5).rounds
    plain = make_plan(tiny_decision, start.book)
    np.testing.assert_array_equal(only.plan.allocation.treatment, plain.allocation.treatment)
    assert set(only.factors.values()) == {1.0}


def test_factors_of_one_leave_a_response_as_it_is_and_others_scale_effects_over_nothing(tiny_decision, start):
    response = estimate(tiny_decision, start.book)
    same = corrected(response, dict.fromkeys(FAMILIES, 1.0))
    np.testing.assert_allclose(same.retained, response.retained)
    half = corrected(response, {**dict.fromkeys(FAMILIES, 1.0), "visit": 0.5})
    rows = [b for b, t in enumerate(response.treatments) if t.visits and not t.offer and not t.discount]
    for b in rows:
        allowed = response.choices.allowed[b]
        effect, was = half.retained[b] - half.retained[0], response.retained[b] - response.retained[0]
        np.testing.assert_allclose(effect[allowed], was[allowed] / 2, atol=1e-6)


def test_a_family_that_brings_what_was_expected_keeps_a_factor_of_one_and_noise_teaches_little(tiny_decision, start):
    plan = make_plan(tiny_decision, start.book)
    account = np.arange(start.book.key.size)
    gained = sum(
        getattr(plan.response, name)[plan.allocation.treatment, account] - getattr(plan.response, name)[0]
        for name in CORRECTED
    )
    expected = np.bincount(families_of(plan), gained, len(FAMILIES) + 1)[:-1]
    as_expected = learnt_factors(plan, plan.response, np.tile(expected, (4, 1)))
    assert all(value == pytest.approx(1.0) for value in as_expected.values())
    sure = learnt_factors(plan, plan.response, np.tile(expected / 2, (4, 1)))
    noisy = np.tile(expected / 2, (4, 1)) + np.array([-20, -5, 5, 20])[:, None] * np.abs(expected)
    vague = learnt_factors(plan, plan.response, noisy)
    for name, value in sure.items():
        if value != 1.0:
            assert value == pytest.approx(0.5)
            assert 0.95 < vague[name] < 1.0


def test_nobody_waits_where_hours_are_ample_and_the_last_wait_longest_where_they_are_short(tiny_decision, start):
    def planned(hours):
        return tiny_decision.model_copy(update={"visit": tiny_decision.visit.model_copy(update={"hours": hours})})

    ample = planned(5000.0)
    plan = make_plan(ample, start.book)
    assert not lateness(ample, start.book, plan.programme, timetable(ample, start.book, plan)).any()
    short = planned(60.0)
    table = timetable(short, start.book, plan)
    late = lateness(short, start.book, plan.programme, table._replace(weekly=np.full(table.weekly.size, 60 / 48)))
    assert months_waited(short, start.book, plan.programme, table).sum() >= 0
    assert late.max() <= 12


def test_what_is_expected_around_a_plan_counts_the_waits_that_it_makes_itself(tiny_decision, start):
    scarce = tiny_decision.model_copy(update={"visit": tiny_decision.visit.model_copy(update={"hours": 120.0})})
    plan = make_plan(scarce, start.book)
    around = expected_around(start.book, plan)
    account = np.arange(start.book.key.size)
    alone = plan.response.retained[plan.allocation.treatment, account] - plan.response.retained[0]
    together = around.retained[plan.allocation.treatment, account] - around.retained[0]
    assert together.sum() <= alone.sum() + 1e-6


def test_several_rounds_beside_a_trial_are_refused(tiny_decision, start):
    trial = TrialSettings(path="t.csv", treatment="got", control="nothing", outcome="paid")
    asked = with_rounds(tiny_decision, 2).model_copy(update={"trial": trial})
    with pytest.raises(InputError, match=r"refine\.rounds"):
        refine(asked, start.book, start.city, seed=5)
