"""The complaint desk: who waits how long, what it costs, and what is felt of it."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from sim import draws, month
from sim.city import draw_city, found
from sim.desk import MINUTE, Cases, Desk, DeskSettings, expected_lateness, lateness, week_ticks
from sim.exchange import Alone
from sim.history import COSTS, MEASURES, mean_resolution, mean_wait, service_cost, yuan
from sim.market import Market, run_market, simulate
from sim.names import OWN, TIERS
from sim.programme import nothing
from sim.scenario import Scenario
from sim.testing import tiny_scenario

FAULTY = {"incidents": 3.0}
"""Enough faults for queues in a tiny city."""


def busy_desk(**changes) -> Scenario:
    return tiny_scenario(burn_in=0, city={"customers": 300}, experience=FAULTY, **changes)


def tiered(customers: int):
    turn = nothing(customers)
    turn.tier[:] = np.arange(customers) % 3
    return turn


@pytest.fixture(scope="module")
def run() -> Market:
    scenario = busy_desk(desk={"servers": 4.0})
    return run_market(scenario, draw_city(scenario), tiered(300), seed=4, months=24)


def switched(scenario: Scenario, **switches: bool) -> Scenario:
    return scenario.model_copy(update={"mechanisms": scenario.mechanisms.model_copy(update=switches)})


def same(one, other, but=()) -> bool:
    names = [name for name in one._fields if name not in ("account", *but)]
    parts = [(getattr(one, name), getattr(other, name)) for name in names]
    return all(np.array_equal(a, b) for a, b in parts)


# Counts and waits.


def test_every_complaint_is_resolved_or_in_hand(run):
    record = run.record
    taken = np.cumsum(record.complaints - record.resolved.sum(axis=1))
    np.testing.assert_array_equal(taken, record.desk_backlog)
    assert record.desk_backlog.max() > 0


def test_a_case_takes_its_wait_and_then_its_repair(run):
    hours = mean_resolution(run.record) - mean_wait(run.record)
    cases = run.record.resolved.sum(axis=0)
    error = run.scenario.desk.minutes / 60 / np.sqrt(cases)
    assert (np.abs(hours - run.scenario.desk.minutes / 60) < 4 * error).all()


def test_better_tiers_wait_less(run):
    waits = mean_wait(run.record)
    assert waits[2] < waits[1] < waits[0]


def test_better_tiers_have_fewer_faults(run):
    """Customers of a tier with no factor of its own have the same faults as without tiers."""
    off = run_market(switched(run.scenario, tiers=False), draw_city(run.scenario), tiered(300), seed=4, months=24)
    with_tiers, without = (market.city.state.complaints for market in (run, off))
    by_tier = [(with_tiers[tier::3].sum(), without[tier::3].sum()) for tier in range(len(TIERS))]
    assert by_tier[0][0] == pytest.approx(by_tier[0][1], rel=0.02)
    assert by_tier[1][0] < by_tier[1][1]
    assert by_tier[2][0] / by_tier[2][1] == pytest.approx(0.8, abs=0.08)


def test_who_has_a_vip_card_never_waits_while_others_are_taken_up():
    scenario = switched(busy_desk(desk={"servers": 3.0}), tiers=False)
    city = draw_city(scenario)
    city.state.carrier[:] = OWN
    carded = np.arange(300) % 5 == 0
    city.state.plan[carded] = 1
    market = Market(scenario, city, {0: nothing(300)}, seed=4, months=1)
    for phase in (*month.OPENING, *(month.WEEKLY * 4)):
        phase(market)
    cases = market.desk.cases
    vip, begun = carded[cases.customer], cases.begun >= 0
    assert (vip & begun).sum() > 10
    assert (~vip & ~begun).sum() > 10
    for taken in cases.begun[~vip & begun]:
        passed_over = vip & (cases.arrived <= taken) & (~begun | (cases.begun > taken))
        assert not passed_over.any()


def test_more_servers_mean_shorter_waits():
    waits = []
    for servers in (2.0, 3.5, 20.0):
        scenario = busy_desk(desk={"servers": servers})
        history = simulate(scenario, draw_city(scenario), nothing(300), seed=4, months=12)
        waits.append(mean_wait(history)[0])
    assert waits[0] > 1.5 * waits[1] > 15 * waits[2]


def test_servers_are_rounded_up_for_the_whole_city():
    class Ten:
        def total(self, counted):
            return 10 * counted

        gather = Alone.gather

    assert Desk(DeskSettings(servers=0.3)).staff(60, Alone()).size == 1
    assert Desk(DeskSettings(servers=0.3)).staff(334, Ten()).size == 2


# What is felt.


@settings(deadline=None)
@given(st.integers(0, 99), st.integers(0, 200), st.integers(0, 300), st.integers(1, 500))
def test_months_of_a_case_add_up_to_its_resolution_over_patience(arrived, wait, work, patience):
    case = Cases(*(np.array([number]) for number in (arrived, 0, work, arrived + wait, 0)))
    months = [float(lateness(case, 100 * m, 100 * (m + 1), patience)[0]) for m in range(7)]
    assert sum(months) == pytest.approx(min(1.0, (wait + work) / patience))
    assert min(months) >= 0


def test_a_case_that_waits_uses_up_patience_until_the_month_ends():
    case = Cases(*(np.array([number]) for number in (20, 0, 5, -1, 0)))
    assert lateness(case, 0, 100, 200.0)[0] == pytest.approx(0.4)


def test_the_expected_lateness_without_a_queue_is_the_mean_over_repair_times():
    rules = DeskSettings(minutes=600.0, patience=24.0)
    work = -10.0 * np.log(draws.uniform(draws.stream(1, "repair"), np.arange(200_000, dtype=np.uint64)))
    used = np.minimum(1, work / 24)
    assert abs(used.mean() - expected_lateness(rules)) < 4 * used.std() / np.sqrt(used.size)


def test_one_slow_complaint_costs_what_the_formula_says():
    """One customer with a fault, one server, and a repair that outlasts its patience by far."""
    scenario = switched(
        tiny_scenario(
            burn_in=0,
            city={"customers": 1},
            experience={"incidents": 10.0, "noise": 0.0},
            desk={"minutes": 10_000.0, "patience": 0.1, "slowness": 0.6},
        ),
        tiers=False,
        attention=False,
    )
    city = draw_city(scenario)
    city.state.carrier[:] = OWN
    slow = run_market(scenario, city, nothing(1), seed=2, months=1)
    quick = run_market(switched(scenario, desk=False), city, nothing(1), seed=2, months=1)
    assert slow.record.complaints[0] == quick.record.complaints[0] == 1
    rules = scenario.experience
    weight = (1 - rules.memory) * (1 + rules.expectation_weight + rules.desire_weight)
    lost = quick.city.state.satisfaction[OWN, 0] - slow.city.state.satisfaction[OWN, 0]
    assert lost == pytest.approx(weight * 0.6 * rules.incident_shock, rel=1e-4)


def test_a_desk_whose_slowness_is_nought_is_felt_by_nobody():
    scenario = busy_desk(desk={"slowness": 0.0, "server_cost": 0.0, "case_cost": 0.0})
    city = draw_city(scenario)
    on, off = (simulate(s, city, tiered(300), seed=4) for s in (scenario, switched(scenario, desk=False)))
    assert same(on, off, but=("resolved", "waiting", "resolving", "desk_backlog"))
    assert on.waiting.sum() > 0 == off.waiting.sum()


def test_a_slow_desk_dissatisfies():
    scenario = busy_desk(desk={"servers": 1.0, "slowness": 3.0})
    city = draw_city(scenario)
    on, off = (simulate(s, city, nothing(300), seed=4) for s in (scenario, switched(scenario, desk=False)))
    np.testing.assert_array_equal(on.complaints[0], off.complaints[0])
    assert on.satisfaction[-1, OWN] < off.satisfaction[-1, OWN]


# Switches and costs.


def test_tiers_that_are_alike_are_no_tiers():
    alike = {"faults": (1.0,) * 3, "rank": (2,) * 3, "lift": (0.0,) * 3, "call_out": (0.0,) * 3, "cost": (0.0,) * 3}
    scenario = busy_desk(service=alike)
    city = draw_city(scenario)
    one, other = (simulate(s, city, tiered(300), seed=4) for s in (scenario, switched(scenario, tiers=False)))
    assert same(one, other, but=("resolved", "waiting", "resolving"))
    np.testing.assert_array_equal(one.waiting.sum(axis=1), other.waiting.sum(axis=1))


def test_desk_tiers_and_call_outs_are_charged_to_the_accounts(run):
    record = run.record
    spent = sum(getattr(record, name) for name in COSTS).sum()
    assert record.account.programme_cost.sum() == spent
    assert (record.desk_cost > 0).all()
    served = (record.desk_cost + record.tier_cost + record.call_out_cost).sum()
    assert MEASURES["service_cost"](record) == service_cost(record) == pytest.approx(float(yuan(served)))


def test_the_desk_costs_its_servers_and_its_cases(run):
    rules = run.scenario.desk
    servers = run.desk.free.size
    assert servers == 2
    wanted = servers * rules.server_cost * 24 + rules.case_cost * run.record.complaints.sum()
    assert float(yuan(run.record.desk_cost.sum())) == pytest.approx(wanted, rel=1e-6)


def test_a_tier_costs_who_has_a_line_of_ours_by_the_month():
    scenario = switched(tiny_scenario(burn_in=0), desk=False, incidents=False, attention=False)
    city = draw_city(scenario)
    city.state.carrier[:] = 1
    city.state.carrier[0, :6] = OWN
    history = simulate(scenario, city, tiered(60), seed=1, months=2)
    assert yuan(history.tier_cost).tolist() == [2 * (10.0 + 40.0)] * 2


# Pre-emption.


def test_posted_customers_complaints_take_their_managers_hours_before_visits():
    """With no hours but for one visit, the week's complaint leaves none for it."""
    scenario = tiny_scenario(
        burn_in=0,
        city={"customers": 1},
        experience={"incidents": 10.0},
        visit={"hours": 48 * 4.0, "banked": 0.25, "in_building": 3.0, "outside": 3.0, "level_effort": (1.0, 1.0, 1.0)},
        mechanisms={"attention": False, "managers": False},
        service={"faults": (1.0, 1.0, 1.0), "call_out": (0.0, 0.0, 16.0)},
    )
    city = draw_city(scenario)
    city.state.carrier[:] = OWN
    turn = nothing(1)
    turn.visits[:] = 48
    turn.tier[:] = TIERS.index("posted")
    called, usual = (
        simulate(s, city, turn, seed=2, months=3) for s in (scenario, switched(scenario, preemption=False))
    )
    assert usual.visits_made.tolist() == [4, 4, 4]
    assert usual.call_outs.sum() == 0 == usual.call_out_cost.sum()
    np.testing.assert_array_equal(called.call_outs, called.complaints)
    assert called.call_outs.sum() > 0
    assert called.visits_made.sum() < usual.visits_made.sum()
    assert called.backlog[-1] == 12 - called.visits_made.sum()
    wanted = 16.0 * scenario.visit.hour_cost * called.call_outs
    np.testing.assert_allclose(yuan(called.call_out_cost), wanted)


def test_customers_of_other_tiers_call_nobody_out():
    scenario = busy_desk()
    turn = nothing(300)
    turn.tier[:] = TIERS.index("priority")
    assert simulate(scenario, draw_city(scenario), turn, seed=3).call_outs.sum() == 0


# Luck and parts of a city.


def test_faults_are_as_rare_as_quality_and_rate_say():
    scenario = switched(
        tiny_scenario(burn_in=0, city={"customers": 20_000}, experience={"incidents": 0.5}), tiers=False
    )
    city = draw_city(scenario)
    history = simulate(scenario, city, nothing(20_000), seed=6, months=1)
    ours = city.state.carrier == OWN
    quality = (ours * np.array([0.9, 0.9, 0.9, 0.75])[:, None]).sum(axis=0) / np.maximum(ours.sum(axis=0), 1)
    chance = np.where(ours.any(axis=0), 0.5 * (1 - quality), 0)
    assert abs(history.complaints[0] - chance.sum()) < 4 * np.sqrt((chance * (1 - chance)).sum())


def test_the_default_desk_hardly_keeps_anybody_waiting():
    scenario = tiny_scenario(city={"customers": 2000})
    history = simulate(scenario, found(scenario).city, nothing(2000), seed=6)
    hours = history.waiting.sum() / history.resolved.sum() / (60 * MINUTE)
    assert 0 < hours < scenario.desk.minutes / 60


class Beside:
    """The exchange of a part whose other part gives these rows, one batch a call."""

    def __init__(self, others):
        self.others = iter(others)

    def total(self, counted):
        return 2 * counted

    def gather(self, rows):
        gathered = Alone().gather(np.concatenate([rows, next(self.others)]))
        return gathered._replace(mine=gathered.mine[: len(rows)])


def test_a_part_of_the_city_sees_the_queue_of_the_whole():
    rules = DeskSettings(servers=10.0)
    week, size = week_ticks(rules), 120
    who = np.arange(size, dtype=np.uint64)
    arrived = (draws.uniform(draws.stream(1, "a"), who) * 2 * week).astype(np.int64)
    work = (draws.uniform(draws.stream(1, "w"), who) * week / 20).astype(np.int64)
    rows = np.stack([arrived, np.arange(size) % 3, work, np.arange(size)], axis=1)

    def lived(mine, exchange):
        desk = Desk(rules)
        free = desk.staff(60, exchange)
        for turn in range(2):
            now = mine & (arrived // week == turn)
            columns = (arrived[now], rows[now, 1], work[now], np.flatnonzero(now), rows[now, 3])
            desk.take(*columns, exchange)
            desk.work((turn + 1) * week, free)
        begun = dict(zip(desk.cases.customer.tolist(), desk.cases.begun.tolist(), strict=True))
        return [begun[n] for n in np.flatnonzero(mine)], free.tolist()

    first = np.arange(size) % 2 == 0
    batches = [rows[~first & (arrived // week == turn)] for turn in range(2)]
    part, staffed = lived(first, Beside(batches))
    whole, alone = lived(np.ones(size, dtype=bool), Beside([rows[:0], rows[:0]]))
    assert part == [begun for begun, mine in zip(whole, first, strict=True) if mine]
    assert staffed == alone
    assert max(part) > 0 > min(part)
