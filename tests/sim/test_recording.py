"""What is recorded by value class and segment, and posted to a ledger, against totals, accounts and plain numpy."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor

import numpy as np
import pytest

from sim.city import draw_city, found
from sim.conformance import every_lever
from sim.exchange import Alone
from sim.history import COSTS, COUNTS_BY_GROUP, MONEY_BY_GROUP, STANDINGS, History
from sim.kernels.behaviour import MONEY_UNIT
from sim.ledger import MONEY_COLUMNS, column_names
from sim.market import Market, posted_tariff, run_market, simulate
from sim.mechanism import Mechanisms
from sim.meeting import Meeting, Shared
from sim.names import CLASSES, OWN, PLANS
from sim.process import process_kinds
from sim.programme import nothing
from sim.quantities import Settings
from sim.record_groups import GROUPS, book_groups, city_groups
from sim.segment import value_class
from sim.shards import part_of, simulate_sharded
from sim.testing import offering, only, tiny_scenario, worked_example

MONTHS = 14


class Kept:
    """A ledger that keeps copies, in memory."""

    def __init__(self):
        self.months = []

    def post(self, month, columns):
        assert month == len(self.months)
        self.months.append({name: np.array(column, dtype=np.int64) for name, column in columns.items()})

    def column(self, name):
        """Return a column, shape (months, customers)."""
        return np.stack([month[name] for month in self.months])


@process_kinds.register("test_postage")
class Postage(Settings):
    """Charges everybody a yuan a month, as a lever of a user's own would."""

    def run(self, market, clock):
        """Charge every month."""
        while True:
            market.charge(np.ones(market.charged.size))
            yield clock.timeout(1)


@pytest.fixture(scope="module")
def lively():
    return tiny_scenario(
        city={"customers": 400},
        contract={"offer": 1.0, "installation": 1000.0},
        campaigns={"spring": {}},
        book={"settlement": {"bought": 0.2, "month": 1}},
        points={"least": 500.0},
        talk={"rate": 0.2},
        experience={"incidents": 0.3},
        processes={"postage": "test_postage"},
    )


@pytest.fixture(scope="module")
def start(lively):
    """Return a start with some plans that are far too large, some without any line of ours."""
    begun = found(lively)
    city = begun.city.copied()
    large = np.arange(city.customers.key.size) % 11 == 0
    city.state.plan[large] = PLANS.index("A")
    city.state.plan_x[large] = 2 * city.state.recent_usage[:, large].mean(axis=0) + 500
    return begun._replace(city=city)


@pytest.fixture(scope="module")
def schedule(start):
    turn = every_lever(start.city)
    return {0: turn, 9: turn._replace(visits=turn.visits * 2)}


@pytest.fixture(scope="module")
def ledger():
    return Kept()


@pytest.fixture(scope="module")
def run(lively, start, schedule, ledger):
    return run_market(lively, start.city, schedule, seed=3, months=MONTHS, ledger=ledger)


@pytest.fixture(scope="module")
def history(run):
    return run.record


def test_the_run_has_something_of_everything_to_record(history):
    money = dict(zip(MONEY_BY_GROUP, history.money_by_group.sum(axis=(0, 1)), strict=True))
    counts = dict(zip(COUNTS_BY_GROUP, history.counts_by_group.sum(axis=(0, 1)), strict=True))
    standing = dict(zip(STANDINGS, history.standing_by_group.sum(axis=(0, 1, 2)), strict=True))
    assert min(*money.values(), *counts.values(), *standing.values()) > 0
    assert (history.revenue_by_group.sum(axis=(0, 2, 3)) > 0).sum() > 10


# By group.


def test_revenue_and_flows_of_groups_add_up_to_those_of_the_city(history):
    np.testing.assert_array_equal(history.revenue_by_group.sum(axis=1), history.revenue)
    np.testing.assert_array_equal(history.flows_by_group.sum(axis=1), history.flows)


@pytest.mark.parametrize("name", MONEY_BY_GROUP)
def test_money_of_groups_adds_up_to_that_of_the_city(history, name):
    money = history.money_by_group[:, :, MONEY_BY_GROUP.index(name)]
    np.testing.assert_array_equal(money.sum(axis=1), getattr(history, name))


@pytest.mark.parametrize("name", COUNTS_BY_GROUP)
def test_counts_of_groups_add_up_to_those_of_the_city(history, name):
    counts = history.counts_by_group[:, :, COUNTS_BY_GROUP.index(name)]
    np.testing.assert_array_equal(counts.sum(axis=1), getattr(history, name))


def test_kept_lines_of_groups_add_up_to_those_of_the_city(history):
    np.testing.assert_array_equal(history.standing_by_group[..., 0].sum(axis=(1, 2)), history.kept)


def test_lines_stand_where_the_run_ends(run, history):
    group = run.recording.group
    state, ours = run.city.state, run.city.state.carrier == OWN
    standing = (state.kept == 1, (state.start == 1) & ~ours, ours & (state.kept == 0))
    for number, lines in enumerate(standing):
        for line, who in enumerate(lines):
            counted = np.bincount(group[who], minlength=len(GROUPS))
            np.testing.assert_array_equal(history.standing_by_group[-1, :, line, number], counted)


def test_customers_stand_at_their_stage_and_are_as_satisfied_as_the_run_ends(run, history):
    group, state = run.recording.group, run.city.state
    at_stage = np.stack([np.bincount(group[state.stage == k], minlength=len(GROUPS)) for k in range(5)], axis=1)
    np.testing.assert_array_equal(history.stages_by_group[-1], at_stage)
    for c, satisfaction in enumerate(state.satisfaction):
        served = (state.carrier == c).any(axis=0)
        felt = np.rint(satisfaction.astype(float) * MONEY_UNIT) * served
        np.testing.assert_array_equal(history.served_by_group[-1, :, c], np.bincount(group, served, len(GROUPS)))
        np.testing.assert_array_equal(history.satisfaction_by_group[-1, :, c], np.bincount(group, felt, len(GROUPS)))


def test_stages_are_counted_where_they_differ(lively, start):
    city = start.city.copied()
    city.state.stage[:] = np.arange(city.state.stage.size) % 5
    market = run_market(lively, city, nothing(city.state.stage.size), seed=3, months=1)
    counted = market.record.stages_by_group[0].sum(axis=0)
    np.testing.assert_array_equal(counted, np.bincount(market.city.state.stage, minlength=5))


@pytest.mark.parametrize(("threads", "block"), [(1, 7), (1, 4096), (3, 64)])
def test_any_block_size_and_number_of_threads_records_the_same(
    lively, start, schedule, history, ledger, threads, block
):
    again = Kept()
    market = run_market(lively, start.city, schedule, seed=3, months=MONTHS, threads=threads, block=block, ledger=again)
    for name in History._fields:
        if name.endswith("_by_group"):
            np.testing.assert_array_equal(getattr(market.record, name), getattr(history, name), err_msg=name)
    for name in ledger.months[0]:
        np.testing.assert_array_equal(again.column(name), ledger.column(name), err_msg=name)


def test_recording_nothing_by_group_leaves_all_else_as_it_is(lively, start, schedule, history):
    plain = lively.model_copy(update={"recording": {"groups": False}})
    quiet, listed = Kept(), simulate(plain, start.city, schedule, seed=3, months=MONTHS)
    with_ledger = simulate(plain, start.city, schedule, seed=3, months=MONTHS, ledger=quiet)
    for name in set(History._fields) - {"account"}:
        expected = getattr(history, name)[:, :0] if name.endswith("_by_group") else getattr(history, name)
        np.testing.assert_array_equal(getattr(listed, name), expected, err_msg=name)
        np.testing.assert_array_equal(getattr(with_ledger, name), expected, err_msg=name)
    for one, other, third in zip(listed.account, history.account, with_ledger.account, strict=True):
        np.testing.assert_array_equal(one, other)
        np.testing.assert_array_equal(third, other)


def test_visits_are_made_outstanding_or_dropped(history):
    before = np.concatenate([[0], history.backlog[:-1]])
    np.testing.assert_array_equal(
        before + history.visits_due, history.visits_made + history.backlog + history.visits_dropped
    )
    assert np.flatnonzero(history.visits_dropped).tolist() == [9]


# Groups.


def test_a_group_is_the_value_class_and_the_leaf_of_the_tree(lively, start):
    group = book_groups(start.book, lively.segment)
    named = np.array(GROUPS)[group]
    assert (named[:, 0] == np.array(CLASSES)[start.book.value_class]).all()
    assert ((named[:, 1] == "existing") == start.book.ours.any(axis=0)).all()


def test_the_market_finds_the_classes_of_the_book(lively, start):
    price = posted_tariff(lively).price[OWN]
    group = city_groups(start.city, price, lively.segment, Alone())
    assert (np.array(GROUPS)[group][:, 0] == np.array(CLASSES)[start.book.value_class]).all()


def test_groups_given_are_used(lively, start):
    given = book_groups(start.book, lively.segment)
    history = simulate(lively, start.city, nothing(given.size), seed=3, months=1, groups=given)
    customers = history.stages_by_group[0].sum(axis=1)
    np.testing.assert_array_equal(customers, np.bincount(given, minlength=len(GROUPS)))


def test_a_part_of_the_city_ranks_its_customers_among_all(lively, start):
    """Each half of the customers gets the classes that they have in the whole city."""
    price, meeting = posted_tariff(lively).price[OWN], Meeting(2)
    even = np.arange(start.city.customers.key.size) % 2 == 0
    halves = [np.flatnonzero(even), np.flatnonzero(~even)]

    def groups(half):
        return city_groups(part_of(start.city, halves[half]), price, lively.segment, Shared(meeting, half))

    with ThreadPoolExecutor(2) as pool:
        found = list(pool.map(groups, range(2)))
    whole = city_groups(start.city, price, lively.segment, Alone())
    for half, mine in zip(found, halves, strict=True):
        np.testing.assert_array_equal(half, whole[mine])
    part = part_of(start.city, halves[0])
    spend = np.where(part.state.carrier == OWN, part.state.demand * price[:, None], 0).sum(axis=0)
    alone = value_class(spend, lively.segment)
    assert (np.array(CLASSES)[alone] != np.array(GROUPS)[found[0]][:, 0]).any()


def test_groups_of_shards_add_up_to_those_of_the_whole(lively, start):
    plain = lively.model_copy(update={"processes": {}})
    turn = every_lever(start.city)
    whole = simulate(plain, start.city, turn, seed=3, months=6)
    shards = simulate_sharded(plain, start.city, turn, seed=3, months=6, shards=3)
    for name in History._fields:
        if name.endswith("_by_group"):
            np.testing.assert_array_equal(getattr(shards, name), getattr(whole, name), err_msg=name)


@pytest.mark.parametrize("changes", [{"rivals": {"unicom": None}}, {"rivals": {"third": {}}}])
def test_any_number_of_carriers_adds_up(changes):
    tree = tiny_scenario()
    if "third" in changes["rivals"]:
        netcom = tree.rivals["netcom"]
        changes = {"rivals": {"third": {"price": netcom.price, "quality": netcom.quality}}}
    scenario = tiny_scenario(**changes)
    city = found(scenario).city
    history = simulate(scenario, city, every_lever(city), seed=3, months=5)
    assert history.revenue.shape[1] == len(scenario.carriers)
    np.testing.assert_array_equal(history.revenue_by_group.sum(axis=1), history.revenue)
    np.testing.assert_array_equal(history.flows_by_group.sum(axis=1), history.flows)


# The ledger.


def test_a_ledger_has_the_columns_that_are_promised(lively, ledger):
    assert tuple(ledger.months[0]) == column_names(lively.carriers, lively.lines)


@pytest.mark.parametrize("name", MONEY_COLUMNS)
def test_every_total_is_the_sum_of_its_rows_by_month(history, ledger, name):
    np.testing.assert_array_equal(ledger.column(name).sum(axis=1), getattr(history, name))


def test_every_account_is_the_sum_of_its_rows_by_customer(history, ledger):
    for name, account in history.account._asdict().items():
        parts = COSTS if name == "programme_cost" else (name,)
        np.testing.assert_array_equal(sum(ledger.column(part).sum(axis=0) for part in parts), account, err_msg=name)


def test_revenue_of_every_carrier_and_line_is_the_sum_of_its_rows(history, ledger, lively):
    for c, carrier in enumerate(lively.carriers):
        for line, name in enumerate(lively.lines):
            rows = ledger.column(f"revenue.{carrier}.{name}")
            np.testing.assert_array_equal(rows.sum(axis=1), history.revenue[:, c, line])


def test_a_ledger_changes_nothing_of_the_run(lively, start, schedule, history):
    without = simulate(lively, start.city, schedule, seed=3, months=MONTHS)
    for name in set(History._fields) - {"account"}:
        np.testing.assert_array_equal(getattr(without, name), getattr(history, name), err_msg=name)


def test_without_a_ledger_no_month_is_kept_by_customer(lively, start):
    market = Market(lively, start.city, {0: nothing(400)}, 3, 1)
    market.run()
    assert (market.brought.paid.size, market.recording.levers) == (0, {})


def test_the_plan_ledger_of_worked_example_1_is_right_to_the_yuan():
    """D10: X = 8000 on plan A; it pays 8800, may use 12000 and uses 11000, so nothing is unused or over the cap."""
    plan = _plan_rows("A", 8000.0)
    assert (plan["x"], plan["paid"], plan["used"]) == (8000, 8800, 11000)
    assert (plan["over_the_cap"], plan["unused"]) == (0, 0)


def test_use_over_the_cap_is_paid_for_at_list_price():
    """Plan A with X = 6000: 6600 pays for 9000, and 2000 of the 11000 used are over it."""
    plan = _plan_rows("A", 6000.0)
    assert (plan["paid"], plan["used"], plan["over_the_cap"], plan["unused"]) == (8600, 11000, 2000, 0)


def test_what_is_paid_for_without_being_used_is_unused():
    """Plan A with X = 11000: 12100 is paid for 11000 used."""
    plan = _plan_rows("A", 11000.0)
    assert (plan["paid"], plan["used"], plan["over_the_cap"], plan["unused"]) == (12100, 11000, 0, 1100)


def _plan_rows(plan, x):
    """Return the plan columns of the month in which the customer of worked example 1 accepted, yuan."""
    world, kept = worked_example(), Kept()
    simulate(world.scenario, world.city, offering(world.city, plan, x), seed=1, months=3, ledger=kept)
    on = next(month for month in kept.months if month["plan"][0] > 0)
    return {name: on[name][0] / MONEY_UNIT for name in ("x", "paid", "used", "over_the_cap", "unused")}


def test_a_plan_without_usage_is_booked_once(lively):
    """A customer that pays for a plan and has no line with us is in the totals, its group's and its own rows."""
    city = draw_city(lively)
    city.state.carrier[:] = 1
    city.state.plan[:5], city.state.plan_x[:5] = PLANS.index("A"), 1000.0
    still = lively.model_copy(update={"mechanisms": Mechanisms(**only()), "processes": {}})
    kept = Kept()
    history = simulate(still, city, nothing(400), seed=3, months=2, ledger=kept)
    assert history.revenue[0, OWN].tolist() == [5 * 1100 * MONEY_UNIT, 0, 0, 0]
    np.testing.assert_array_equal(history.revenue_by_group.sum(axis=1), history.revenue)
    first = next(iter(lively.lines))
    np.testing.assert_array_equal(kept.column(f"revenue.own.{first}").sum(axis=1), history.revenue[:, OWN, 0])
