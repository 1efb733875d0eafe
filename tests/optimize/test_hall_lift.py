"""What the halls are expected to do for an account, against months at the halls."""

from __future__ import annotations

import numpy as np
import pytest

from optimize.decision import Decision
from optimize.hall_lift import expected_hall_lift, expected_room
from optimize.knowledge import account_knowledge
from optimize.type_draws import account_types
from sim import month
from sim.city import found
from sim.composing.compose import compose
from sim.market import Market
from sim.names import CHANNELS, OWN
from sim.programme import nothing
from sim.testing import tiny_tree

CUSTOMERS = 4000
SIZES = {"customers": CUSTOMERS, "per_centre": 1000.0, "channels": [0.3, 0.2, 0.3, 0.1, 0.1]}


def decision(**changes) -> Decision:
    return compose(Decision, tiny_tree(city=SIZES, burn_in=0, **changes)).settings


def lived(chosen, start, months=12):
    """Return the mean lift of each customer over months at the halls, all with a line of ours, shape (customers,)."""
    start.city.state.carrier[0] = OWN
    lifts = np.zeros(CUSTOMERS)
    for seed in range(months):
        market = Market(chosen, start.city, {0: nothing(CUSTOMERS)}, seed=seed, months=1)
        for phase in (*month.OPENING, month.halls_serve):
            phase(market)
        lifts += market.outreach.lift
    return lifts / months


@pytest.mark.parametrize(
    ("hall", "online"),
    [
        ({"capacity": 1.0}, {"capacity": 1.0}),
        ({"capacity": 0.01}, {"capacity": 0.03}),
        ({"capacity": 0.1, "reach": 0.2}, {"capacity": 0.05, "reach": 0.3}),
    ],
    ids=["room for all", "crowded", "others come too"],
)
def test_the_expected_lift_is_the_mean_of_months_at_the_halls(hall, online):
    chosen = decision(hall=hall, online=online)
    start = found(chosen)
    wanted, lifts = expected_hall_lift(chosen, start.book), lived(chosen, start)
    for channel in range(len(CHANNELS)):
        some = start.book.expected_channel == channel
        error = lifts[some].std() / np.sqrt(some.sum())
        # Numbers differ from their means by city and month, the more so the fewer come.
        assert abs(lifts[some].mean() - wanted[some].mean()) <= 4 * error + 0.1 * np.abs(wanted[some]).mean()


def test_who_is_turned_away_is_expected_to_mind():
    chosen = decision(hall={"capacity": 0.0}, online={"capacity": 0.0})
    start = found(chosen)
    lift = expected_hall_lift(chosen, start.book)
    comes = np.isin(start.book.expected_channel, [CHANNELS.index("hall"), CHANNELS.index("online")])
    np.testing.assert_allclose(lift, np.where(comes, -chosen.hall.need * chosen.hall.turned_away, 0.0))


def test_who_expects_the_hall_finds_room_before_those_sent_there():
    chosen = decision(hall={"need": 1.0, "capacity": 0.25}, online={"capacity": 0.1})
    room = expected_room(chosen)
    assert room.hall == 1
    assert room.online == pytest.approx(0.1 / 0.3)
    assert room.diverted == pytest.approx((0.25 - 0.1) / 0.2)


@pytest.mark.parametrize("changes", [{"mechanisms": {"halls": False}}, {"hall": {"need": 0.0}}], ids=["off", "no need"])
def test_without_halls_an_account_has_only_the_lift_of_its_tier(changes):
    chosen = decision(**changes)
    start = found(chosen)
    assert not expected_hall_lift(chosen, start.book).any()
    tiers_alone = chosen.model_copy(update={"mechanisms": chosen.mechanisms.model_copy(update={"tiers": False})})
    assert not account_knowledge(tiers_alone, start.book, account_types(tiers_alone, start.book)).lift.any()
