"""Spans of months that customers live at one go: when there is one, and that it changes nothing but the speed."""

from __future__ import annotations

import numpy as np
import pytest
from pydantic import BaseModel
from simpy import Environment

from sim import month
from sim.city import draw_city
from sim.history import History
from sim.market import Market, run_market
from sim.planner import Planner, View
from sim.process import Steps
from sim.programme import Programme, nothing
from sim.quantities import Settings
from sim.rivals import Follow, PriceWar
from sim.scenario import Scenario
from sim.state import City
from sim.testing import only, tiny_scenario

SIZE, MONTHS = 300, 9
CALM = dict.fromkeys(("talk", "incidents", "managers", "halls"), False)
"""Switches of what has something to do in every month; desk, tiers and the loop's own mechanisms stay on."""


class Watcher(Settings):
    """A process that only looks on."""

    def run(self, market: Market, clock: Environment) -> Steps:
        while market.month < MONTHS:
            yield clock.timeout(1)


SUBSTITUTION = {
    "flows": {"mobile_for_fixed": {"origin": "local_voice", "destination": "mobile"}},
    "ip": {"line": "long_distance"},
}


def calm(**changes: object) -> Scenario:
    return tiny_scenario(
        **{  # type: ignore[arg-type]
            "city": {"customers": SIZE},
            "months": MONTHS,
            "burn_in": 0,
            "mechanisms": CALM,
            "recording": {"groups": False},
            **changes,
        }
    )


def spans_of(
    monkeypatch: pytest.MonkeyPatch,
    scenario: Scenario,
    schedule: dict[int, Programme],
    city: City | None = None,
    planner: Planner | None = None,
) -> list[int]:
    """Return the lengths of the spans of a run, months."""
    found: list[int] = []

    def noting(*arguments: object) -> int:
        found.append(decide(*arguments))  # type: ignore[arg-type]
        return found[-1]

    decide = month.months_at_once
    with monkeypatch.context() as patch:
        patch.setattr(month, "months_at_once", noting)
        run_market(scenario, city or draw_city(scenario), schedule, seed=5, planner=planner)
    return found


def busy(**levers: int) -> Programme:
    idle = nothing(SIZE)
    return idle._replace(**{name: np.full_like(getattr(idle, name), much) for name, much in levers.items()})


def rival(policy: object, **more: object) -> dict[str, object]:
    return {"rivals": {"unicom": {"policy": policy, **more}}}


def test_a_run_in_which_nothing_else_happens_is_one_span(monkeypatch: pytest.MonkeyPatch) -> None:
    assert spans_of(monkeypatch, calm(), {0: nothing(SIZE)}) == [MONTHS]


def test_a_span_ends_where_a_programme_begins(monkeypatch: pytest.MonkeyPatch) -> None:
    assert spans_of(monkeypatch, calm(), {0: nothing(SIZE), 2: nothing(SIZE), 6: nothing(SIZE)}) == [2, 4, 3]


def test_months_with_a_programme_that_asks_for_something_are_lived_one_by_one(monkeypatch: pytest.MonkeyPatch) -> None:
    for lever in ("visits", "offer", "discount", "mail", "calls", "tier"):
        assert spans_of(monkeypatch, calm(), {0: busy(**{lever: 1}), 7: nothing(SIZE)}) == [1] * 7 + [2]
    for lever in ("agents", "events"):  # whose wins and dates may outlast the programme
        assert spans_of(monkeypatch, calm(), {0: busy(**{lever: 1}), 7: nothing(SIZE)})[:7] == [1] * 7


def test_a_rival_that_does_not_react_leaves_the_span_whole(monkeypatch: pytest.MonkeyPatch) -> None:
    war = calm(**rival({"name": "price_war", "month": 3, "drop": 0.2}))
    assert spans_of(monkeypatch, war, {0: nothing(SIZE)}) == [MONTHS]


@pytest.mark.parametrize(
    "changes",
    [
        *({"mechanisms": {**CALM, name: True}} for name in CALM),
        rival({"name": "follow", "lag": 1}),
        rival({"name": "static"}, poach={"visits": 1}),
        {"campaigns": {"theirs": {"carrier": "netcom", "month": 6}}},
        {"service": {"cost": (5.0, 10.0, 40.0)}},
    ],
    ids=[*CALM, "a rival that reacts", "a rival that poaches", "a campaign", "a first tier that costs something"],
)
def test_whatever_looks_at_customers_between_months_has_them_lived_one_by_one(
    monkeypatch: pytest.MonkeyPatch, changes: dict[str, object]
) -> None:
    assert spans_of(monkeypatch, calm(**changes), {0: nothing(SIZE)}) == [1] * MONTHS


def test_settlement_records_are_bought_before_a_span_begins(monkeypatch: pytest.MonkeyPatch) -> None:
    bought = calm(book={"settlement": {"bought": 0.1, "month": 3}})
    assert spans_of(monkeypatch, bought, {0: nothing(SIZE)}) == [1, 1, 1, MONTHS - 3]


def test_discounts_that_were_asked_for_and_agents_wins_run_out_before_a_span_begins(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    for name, left in (("asked", 3), ("agent_window", 2)):
        scenario = calm(agent={"pay": "one_off"})
        city = draw_city(scenario)
        getattr(city.state, name)[::5] = left
        assert spans_of(monkeypatch, scenario, {0: nothing(SIZE)}, city) == [1] * left + [MONTHS - left]


def test_an_event_that_waits_for_presenters_keeps_months_apart(monkeypatch: pytest.MonkeyPatch) -> None:
    rare = calm(city={"customers": SIZE, "per_centre": 15.0}, event={"centres_per_team": 1000.0})
    city, invited = draw_city(rare), busy(events=12)
    spans = spans_of(monkeypatch, rare, {0: invited, 1: nothing(SIZE)}, city)
    held = {event.month for event in run_market(rare, city, {0: invited, 1: nothing(SIZE)}, seed=5).held}
    last = max(held)
    assert 1 < last < MONTHS - 2
    assert spans == [1] * (last + 1) + [MONTHS - last - 1]


def test_a_planner_has_months_lived_one_by_one(monkeypatch: pytest.MonkeyPatch) -> None:
    def goes_on(view: View, _: int) -> None:
        assert view.month < MONTHS

    lengths = spans_of(monkeypatch, calm(), {0: nothing(SIZE)}, planner=goes_on)
    assert lengths == [1] * MONTHS


def test_a_process_has_months_lived_one_by_one(monkeypatch: pytest.MonkeyPatch) -> None:
    watched = BaseModel.model_copy(calm(), update={"processes": {"watcher": Watcher()}})
    assert spans_of(monkeypatch, watched, {0: nothing(SIZE)}) == [1] * MONTHS


def test_a_phase_that_nothing_is_known_of_has_months_lived_one_by_one(monkeypatch: pytest.MonkeyPatch) -> None:
    def something_new(market: Market) -> None:
        assert market.month < MONTHS

    monkeypatch.setattr(month, "PHASES", (*month.PHASES, something_new))
    assert spans_of(monkeypatch, calm(), {0: nothing(SIZE)}) == [1] * MONTHS


def test_a_policy_is_taken_to_react_unless_it_says_otherwise() -> None:
    assert not PriceWar.reacts
    assert not hasattr(Follow, "reacts")


def same(one: History, other: History) -> bool:
    parts = zip(one._replace(account=()), other._replace(account=()), strict=True)  # type: ignore[arg-type]
    accounts = zip(one.account, other.account, strict=True)
    return all(np.array_equal(a, b) for a, b in [*parts, *accounts])


@pytest.mark.parametrize("threads", [1, 3])
@pytest.mark.parametrize(
    "changes",
    [
        {},
        {"mechanisms": only("attention", "luck")},
        {"substitution": SUBSTITUTION, "points": {"least": 500.0}},
        {"mechanisms": {**CALM, "freeze_stocks": True}},
        {"contract": {"term_months": 3, "offer": 5.0, "reset_months": 2}, "attention": {"base": 1.0}},
        rival({"name": "price_war", "month": 5, "drop": 0.3}),
    ],
    ids=["usual", "bare", "points and substitution", "frozen", "terms and plans", "price war"],
)
def test_months_inside_blocks_and_outside_give_the_same_history_bit_for_bit(
    monkeypatch: pytest.MonkeyPatch, changes: dict[str, object], threads: int
) -> None:
    scenario = calm(**changes)
    schedule = {0: busy(offer=1, visits=52, discount=0.1), 3: nothing(SIZE)}
    city = draw_city(scenario)
    inside = run_market(scenario, city, schedule, seed=4, threads=threads, block=64)
    monkeypatch.setattr(month, "months_at_once", lambda *_: 1)
    outside = run_market(scenario, city, schedule, seed=4, threads=threads, block=64)
    assert same(inside.record, outside.record)
    assert inside.record.flows[3:, :, 0, 1:].sum() > 0
    if scenario.mechanisms.visits:
        assert inside.record.on_plan[3:].sum() > 0
    states = zip(inside.city.state, outside.city.state, strict=True)
    assert all(np.array_equal(a, b) for a, b in states)


def test_a_month_s_money_by_customer_adds_up_to_the_history() -> None:
    scenario = calm()
    market = Market(scenario, draw_city(scenario), {0: nothing(SIZE)}, seed=4, months=2, by_customer=True)
    history = market.run()
    for name in ("retained", "won_back", "shortfall", "lost", "discount", "care", "breakage", "waived", "redeemed"):
        assert getattr(market.brought, name).sum() == getattr(history, name)[-1]
    assert market.brought.serve.sum() == history.cost_to_serve[-1]
    assert market.brought.retained.shape == (SIZE,)


def test_recording_by_group_asks_for_every_month(monkeypatch: pytest.MonkeyPatch) -> None:
    recorded = calm(recording={"groups": True})
    assert spans_of(monkeypatch, recorded, {0: nothing(SIZE)}) == [1] * MONTHS
