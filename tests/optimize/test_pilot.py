"""Pilots: what a trial tells of an uplift, what it costs, and what that is worth to the plan."""

from __future__ import annotations

import numpy as np
import pytest
from scipy import stats

from optimize.allocation import allocate
from optimize.decision import Decision
from optimize.pilot import Trying, effects, pilots_of, plans_by_uplift, prepared
from optimize.pilot_arm import arm_of, during, luck, row_of, usual_row
from optimize.pilot_settings import FAMILIES
from optimize.plan import make_plan
from optimize.response import estimate
from optimize.worth import try_out
from sim.errors import InputError
from sim.founding import Start
from sim.programme import nothing

MONTHS = 3
FEW = {"plans": 5, "futures": 2}


@pytest.fixture(scope="module")
def trying(tiny_decision: Decision, tiny_start: Start) -> Trying:
    """Return what pilots of the tiny market need."""
    quick = {"solver": {"method": "decomposition", "gap": 0.02}, "pilot": FEW}
    decision = tiny_decision.model_copy(update=quick)
    plan = make_plan(decision, tiny_start.book)
    return prepared(decision, tiny_start.city, tiny_start.book, plan, MONTHS, seed=3)


def asking(trying: Trying, **pilot: object) -> Trying:
    changed = trying.decision.model_copy(update={"pilot": {**FEW, **pilot}})
    return trying._replace(decision=changed)


def letters(trying: Trying) -> int:
    return row_of(trying.tried, "4 letters")


def test_every_family_of_the_menu_has_a_treatment_to_try(trying: Trying) -> None:
    rows = {family: usual_row(trying.tried, trying.plan.allocation.treatment, family) for family in FAMILIES}
    assert all(row is not None for row in rows.values())
    chosen = np.bincount(trying.plan.allocation.treatment, minlength=len(trying.tried.treatments))
    assert chosen[rows["letters"]] == chosen[[letters(trying)]].max()


def test_a_larger_pilot_costs_more_and_is_worth_no_less_up_to_certainty(trying: Trying) -> None:
    table = pilots_of(trying, letters(trying), np.array([2, 5, 10, 20, 40]))
    assert (np.diff(table["cost"]) > 0).all()
    assert (np.diff(table["error"]) < 0).all()
    assert (np.diff(table["worth"]) >= 0).all()
    assert (table["worth"] <= table["perfect"]).all()


def test_who_doubts_nothing_learns_nothing(trying: Trying) -> None:
    table = pilots_of(asking(trying, doubt=0.0), letters(trying), np.array([20]))
    assert table[["worth", "perfect"]].to_numpy().tolist() == [[0.0, 0.0]]
    assert table["net"][0] == -table["cost"][0]


def test_more_doubt_makes_certainty_worth_more(trying: Trying) -> None:
    perfect = [pilots_of(asking(trying, doubt=doubt), letters(trying))["perfect"][0] for doubt in (0.2, 0.5, 1.0)]
    assert perfect == sorted(perfect)
    assert perfect[0] < perfect[-1]


def test_a_lesson_serves_the_months_that_are_left_and_later_plans(trying: Trying) -> None:
    """The tiny plan runs for 6 months, the trial for 3."""
    once, twice = (pilots_of(asking(trying, serves=serves), letters(trying))["worth"].iloc[-1] for serves in (1.0, 2.0))
    assert once > 0
    assert twice == pytest.approx(3 * once)


def test_a_pilots_cost_is_that_of_the_response_for_those_treated(trying: Trying) -> None:
    table = pilots_of(asking(trying, treated=0.25, fixed=1000.0), letters(trying), np.array([40]))
    spent = 0.25 * 40 * 4 * MONTHS / 12 * trying.decision.channel.mail_cost
    assert table["channel"][0] == pytest.approx(spent)
    assert table["cost"][0] == pytest.approx(1000 + spent)


def test_revenue_gained_is_counted_less_what_it_costs_to_serve(trying: Trying) -> None:
    row = pilots_of(trying, letters(trying)).iloc[-1]
    margin = 1 - trying.decision.money.cost_to_serve
    assert row["net"] == pytest.approx(margin * row["worth"] - row["cost"])


def test_certainty_is_worth_what_planning_for_each_uplift_gains(trying: Trying) -> None:
    """On 9 quantiles of the true uplift, planning anew for each: within the solver's gaps."""
    decision, plan = trying.decision, trying.plan
    plans = plans_by_uplift(plan, decision.model_copy(update={"pilot": {"plans": 25}}), "letters")
    x = 0.5 * stats.norm.ppf((np.arange(9) + 0.5) / 9)
    written = np.array([t.mail > 0 and not t.visits and not t.calls for t in trying.tried.treatments])
    doubted = effects(plan, decision) * written[:, None]
    given = plan.problem
    best = [allocate(given._replace(value=given.value + each * doubted), decision.solver).value for each in x]
    known = (plans.lines.at_mean[:, None] + np.outer(plans.lines.slope, x)).max(axis=0)
    assert known.mean() == pytest.approx(np.mean(best), abs=plans.missing + 1e-6)


def test_only_what_is_doubted_is_an_effect_and_cost_is_known(trying: Trying) -> None:
    for maximise in ("retained", "contribution"):
        decision = trying.decision.model_copy(update={"objective": {"maximise": maximise}})
        plan = make_plan(decision, trying.book)
        gross = getattr(plan.response, maximise) - getattr(plan.response, maximise)[0]
        more = plan.response.cost if maximise == "contribution" else 0.0
        np.testing.assert_allclose(effects(plan, decision), gross + more, atol=1e-6)


@pytest.mark.parametrize("months", [0, 7])
def test_a_trial_fits_into_the_plans_months(tiny_decision: Decision, months: int) -> None:
    with pytest.raises(InputError, match=f"a trial of {months} months; give 1 to 6"):
        during(tiny_decision, months)


def test_more_accounts_than_there_are_cannot_be_tried(trying: Trying) -> None:
    with pytest.raises(InputError, match=r"--accounts: 5,000 accounts; '4 letters' can be tried on \d+ of the book"):
        pilots_of(trying, letters(trying), np.array([5000]))


def test_a_pilot_takes_no_more_of_managers_hours_than_it_may(trying: Trying) -> None:
    visits = row_of(trying.tried, "12 visits to the decider")
    for most in (0.5, 0.9):
        table = pilots_of(asking(trying, most_hours=most), visits)
        assert (table["share_of_hours"] <= most).all()
        last = table.iloc[-1]
        assert last["share_of_hours"] * (1 + 1 / last["accounts"]) > most
    assert not len(pilots_of(asking(trying, most_hours=0.0), visits))


def test_an_unknown_treatment_is_told_with_one_like_it(trying: Trying) -> None:
    with pytest.raises(InputError, match="--treatment: the menu has no '4 leters'; did you mean '4 letters'"):
        row_of(trying.tried, "4 leters")


def test_the_error_of_a_trial_is_how_far_trials_of_nothing_scatter(tiny_decision: Decision) -> None:
    """400 accounts, half of them called treated by lot though nobody was, 4,000 lots on 8 other futures each.

    What such a trial says of the uplift scatters as the arm promises, within a quarter: luck has heavy tails.
    """
    from sim.city import found

    decision = during(tiny_decision.model_copy(update={"city": {"customers": 400}, "pilot": {"futures": 16}}), MONTHS)
    start = found(decision)
    response = estimate(decision, start.book)
    variance = luck(decision, start.city, start.book, response, seed=5)
    row = row_of(response, "12 visits to the decider")
    arm = arm_of(response, start.book, variance, row, 0.5)
    who = response.choices.allowed[row] & (response.retained[0] > 0)
    expected = response.retained[0, who]
    effect = (response.retained[row, who] - expected) / expected
    kind = start.book.value_class[who]
    usual = np.array([variance[who][kind == k].mean() if (kind == k).any() else 1.0 for k in range(5)])
    weight = effect / usual[kind]
    rng, found_x = np.random.default_rng(1), []
    for replication in range(8):
        lived = try_out(decision, start.city, {"nothing": nothing(400)}, 1, seed=100 + replication).by_account[0, who]
        share = lived / expected
        mean = np.array([share[kind == k].mean() if (kind == k).any() else 0.0 for k in range(5)])
        off = lived / expected - mean[kind]
        lot = rng.random((4000, who.sum())) < 0.5
        found_x.append(((lot - 0.5) * (weight * off)).sum(axis=1) / (0.25 * (weight * effect).sum()))
    scatter = float(np.sqrt((np.array(found_x) ** 2).mean()))
    assert 1 / np.sqrt(arm.information * who.sum()) == pytest.approx(scatter, rel=0.25)
