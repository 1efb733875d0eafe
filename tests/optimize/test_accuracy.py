"""Accuracy of plans: sums by part add up, chance is told from error, and a wrong prediction is found out."""

from __future__ import annotations

import numpy as np
import pytest

from optimize.accuracy import (
    ERRORS,
    MEASURES,
    QUANTITIES,
    accuracy_table,
    bar_of,
    idle_programme,
    judged,
    live_through,
    sums,
    verdict,
)
from optimize.calibration import RANK_BAR, deviations_table, ranks_table
from optimize.decision import Decision
from optimize.deviation import choose, copied, predicted, realise
from optimize.plan import make_plan
from optimize.refine import expected_uplift
from optimize.worth import try_out
from sim.city import found
from sim.composing.compose import compose
from sim.oracle import true_book
from sim.testing import tiny_tree

FUTURES = 3


@pytest.fixture(scope="module")
def world():
    settings = compose(Decision, tiny_tree()).settings
    start = found(settings)
    books = {"oracle": true_book(start.book, start.city, settings), "crm": start.book}
    plans = {name: (make_plan(settings, book), book) for name, book in books.items()}
    return settings, start, plans


@pytest.fixture(scope="module")
def lived(world):
    settings, start, plans = world
    return live_through(settings, start.city, judged(plans), FUTURES, 5)


@pytest.mark.parametrize("way", ["family", "class"])
def test_the_parts_of_each_grouping_add_up_to_the_whole(lived, way):
    rows = accuracy_table(lived)
    keys = ["book", "measure", "quantity"]
    whole = rows[rows["by"] == "all"].set_index(keys)[["accounts", "predicted", "realised"]]
    parts = rows[rows["by"] == way].groupby(keys)[["accounts", "predicted", "realised"]].sum()
    np.testing.assert_allclose(parts.loc[whole.index].to_numpy(dtype=float), whole.to_numpy(dtype=float), rtol=1e-9)


def test_what_is_realised_is_what_trials_of_worth_find_on_the_same_futures(world, lived):
    settings, start, plans = world
    policies = {"nothing": idle_programme(plans["crm"][0].response), "plan": plans["crm"][0].programme}
    trials = try_out(settings, start.city, policies, FUTURES, 5)
    for at, measure in [(0, "retained_revenue"), (2, "own_revenue"), (3, "contribution")]:
        tried = trials.values[:, :, trials.measures.index(measure)]
        np.testing.assert_allclose(lived.sums["crm"][:, :, at, 0], tried, rtol=1e-3)


def test_what_was_planned_is_the_plan_s_own_figure(world, lived):
    rows = accuracy_table(lived)
    row = rows[(rows["book"] == "oracle") & (rows["by"] == "all") & (rows["measure"] == "retained")]
    assert row.set_index("quantity")["planned"]["uplift"] == pytest.approx(world[2]["oracle"][0].expected_uplift)


def test_what_is_predicted_counts_waits_and_news(world, lived):
    settings, _, plans = world
    rows = accuracy_table(lived)
    row = rows[(rows["book"] == "crm") & (rows["by"] == "all") & (rows["measure"] == "retained")]
    plan, book = plans["crm"]
    assert row.set_index("quantity")["predicted"]["uplift"] == pytest.approx(expected_uplift(settings, book, plan))


def test_each_plan_measure_quantity_and_group_has_its_row(lived):
    assert len(accuracy_table(lived)) == 2 * len(lived.judged.groups) * len(MEASURES) * len(QUANTITIES)


def test_a_prediction_twice_as_large_is_not_met(lived):
    around = {name: r._replace(retained=r.retained * 2) for name, r in lived.judged.around.items()}
    wrong = lived._replace(judged=lived.judged._replace(around=around))
    rows = accuracy_table(wrong)
    judged_rows = rows[rows["bar"].notna() & (rows["quantity"] == "uplift")]
    assert set(judged_rows["verdict"]) == {"not met"}


def test_only_retained_revenue_of_the_whole_city_is_judged_and_the_book_sets_the_bar():
    assert bar_of("oracle", "all", "retained", "plan") == 0.005
    assert bar_of("oracle", "all", "retained", "uplift") == 0.05
    assert bar_of("crm", "all", "retained", "uplift") == 0.1
    assert np.isnan([bar_of("crm", "all", "retained", "plan"), bar_of("oracle", "class", "retained", "plan")]).all()


@pytest.mark.parametrize(
    ("error", "said"), [(0.0, "not met"), (2.9, "not met"), (3.1, "within noise")], ids=["none", "little", "much"]
)
def test_an_error_beyond_the_bar_is_met_only_within_two_standard_errors(error, said):
    assert verdict(106.0, 100.0, error, 0.05)[3] == said


def test_nothing_realised_where_something_was_promised_is_not_met():
    assert verdict(1.0, 0.0, 0.0, 0.05)[3] == "not met"
    assert verdict(0.0, 0.0, 0.0, 0.05)[3] == "met"


def test_sums_count_an_account_once_in_each_way_of_grouping():
    labels = np.array([[0, 0, 0], [1, 2, 1]])
    assert sums(np.array([[1.0, 2.0, 4.0]]), labels, 3).tolist() == [[7.0, 5.0, 2.0]]


@pytest.mark.slow
def test_no_prediction_misses_its_bar_beyond_two_standard_errors_in_a_city_of_two_thousand():
    settings = compose(Decision, tiny_tree(months=24, burn_in=12, city={"customers": 2000, "tenants": 20.0})).settings
    start = found(settings)
    books = {"oracle": true_book(start.book, start.city, settings), "crm": start.book}
    plans = {name: (make_plan(settings, book), book) for name, book in books.items()}
    rows = accuracy_table(live_through(settings, start.city, judged(plans), 40, 31))
    told = rows[rows["bar"].notna()]
    # The uplift from the book is off by 9.9 % with a standard error of 1.4 % over 160 futures, at its bar of 10 %: over
    # fewer futures luck decides on which side of it. What fails here is an error that is above its bar beyond luck.
    assert (told["off"].abs() <= told["bar"] + ERRORS * told["noise"]).all(), told
    plan, book = plans["oracle"]
    chosen = choose(plan, book, 120, 31)
    copies = copied(settings, start.city, plan, book, chosen, 10)
    alone = deviations_table(plan, book, chosen, predicted(chosen, copies), realise(copies, 60, 31))
    ranks = ranks_table(alone, 31).iloc[0]
    assert min(ranks["yuan"], ranks["per_spend"]) >= RANK_BAR
