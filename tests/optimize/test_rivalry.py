"""Rivalry: games whose ends are known, and what any end must be."""

from __future__ import annotations

from functools import partial

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from optimize.rivalry import Chooser, Setter, path_table, play, replaced
from sim.errors import InputError


def table_game(*payoffs, least_gain=0.0):
    """Return choosers whose payoffs are tables indexed by everybody's entry."""

    def of(seat):
        table = np.asarray(payoffs[seat], dtype=float)
        return Chooser(
            f"player {seat}",
            tuple(range(table.shape[seat])),
            lambda tried: np.array([table[profile] for profile in tried]),
            least_gain,
        )

    return [of(seat) for seat in range(len(payoffs))]


def cournot(firms, market=12.0, cost=0.0):
    """Return firms that set quantities; the price is the market less all of them, and may be negative."""

    def profit(profile, seat):
        total = sum(quantity for (quantity,) in profile)
        return (market - total - cost) * profile[seat][0]

    return [Setter(str(seat), (0.0,), (market,), partial(profit, seat=seat)) for seat in range(firms)]


DILEMMA = [[3, 0], [5, 1]], [[3, 5], [0, 1]]
PENNIES = [[1, -1], [-1, 1]], [[-1, 1], [1, -1]]
STONE = np.array([[0, -1, 1], [1, 0, -1], [-1, 1, 0]])


@pytest.mark.parametrize("order", ["in_turn", "at_once"])
@pytest.mark.parametrize("start", [(0, 0), (0, 1), (1, 1)])
def test_prisoners_end_where_both_tell(start, order):
    path = play(table_game(*DILEMMA), start, order=order)
    assert (path.ending, path.last, path.length) == ("fixed point", (1, 1), 1)


@pytest.mark.parametrize(("order", "length"), [("in_turn", 2), ("at_once", 4)])
def test_matching_pennies_go_round_for_ever(order, length):
    path = play(table_game(*PENNIES), (0, 0), order=order)
    assert (path.ending, path.length) == ("cycle", length)
    assert len(set(path.recurring)) == length


def test_stone_paper_scissors_is_a_cycle_that_visits_all_three():
    path = play(table_game(STONE, STONE.T), (0, 0))
    assert path.ending == "cycle"
    assert {action for profile in path.recurring for action in profile} == {0, 1, 2}


def test_a_game_that_may_not_go_on_has_no_end():
    path = play(table_game(*PENNIES), (0, 0), rounds=1)
    assert (path.ending, path.length, path.recurring) == ("no end", 0, (path.last,))
    assert "no end" in path.told()


def test_who_gains_too_little_stays():
    slight = [[1.0, 1.0], [1.01, 1.01]], [[0.0, 0.0], [0.0, 0.0]]
    assert play(table_game(*slight), (0, 0)).last == (1, 0)
    assert play(table_game(*slight, least_gain=0.05), (0, 0)).last == (0, 0)


def test_what_cannot_be_afforded_is_never_done():
    dear = [[0.0], [-np.inf]], [[0.0], [0.0]]
    assert play(table_game(*dear), (0, 0)).last == (0, 0)


@given(st.integers(0, 10_000), st.integers(1, 4), st.integers(1, 4), st.sampled_from(["in_turn", "at_once"]))
def test_nobody_gains_by_leaving_a_fixed_point_and_every_other_game_of_menus_is_a_cycle(seed, rows, columns, order):
    payoffs = np.random.default_rng(seed).integers(0, 5, size=(2, rows, columns))
    players = table_game(*payoffs)
    path = play(players, (0, 0), order=order, rounds=40)
    assert path.ending in ("fixed point", "cycle")
    if path.ending == "fixed point":
        for seat, player in enumerate(players):
            tried = [replaced(path.last, seat, action) for action in player.menu]
            assert player.payoffs(tried).max() <= player.payoffs([path.last])[0]
    else:
        follows = play(players, path.last, order=order, rounds=40)
        assert follows.rounds[path.length - 1].profile == path.last


def test_two_sellers_of_one_good_end_at_a_third_of_the_market_each():
    path = play(cournot(2), ((0.0,), (12.0,)), tolerance=1e-4)
    assert path.ending == "fixed point"
    np.testing.assert_allclose(path.last, [[4.0], [4.0]], atol=1e-3)


def test_four_sellers_who_answer_at_once_never_settle_but_do_when_they_go_half_of_the_way():
    start = ((1.0,), (2.0,), (2.5,), (3.0,))  # Theocharis (1960): above three sellers the process is unstable
    wild = play(cournot(4), start, order="at_once", tolerance=1e-3)
    assert (wild.ending, wild.length) == ("cycle", 2)
    calm = play(cournot(4), start, order="at_once", damping=0.5, tolerance=1e-4)
    assert calm.ending == "fixed point"
    np.testing.assert_allclose(calm.last, np.full((4, 1), 12 / 5), atol=1e-3)


def test_the_best_numbers_are_found_beyond_a_hill_that_is_lower():
    def two_hills(profile):
        ((x, y),) = profile
        return np.exp(-50 * ((x - 0.2) ** 2 + (y - 0.2) ** 2)) + 2 * np.exp(-50 * ((x - 0.8) ** 2 + (y - 0.7) ** 2))

    found = Setter("climber", (0.0, 0.0), (1.0, 1.0), two_hills).answer(((0.2, 0.2),), 0)
    np.testing.assert_allclose(found.action, (0.8, 0.7), atol=1e-4)
    assert found.gain == pytest.approx(1.0, abs=1e-3)


def test_the_table_has_the_start_and_a_row_for_each_round_and_player():
    path = play(table_game(*DILEMMA), (0, 0))
    table = path_table(path, lambda action: "tells" if action else "is silent")
    assert len(table) == 2 * (1 + len(path.rounds))
    assert list(table["action"][:4]) == ["is silent", "is silent", "tells", "tells"]
    assert list(table["moved"]) == [False, False, True, True, False, False]
    assert table["gain"].tolist()[2:] == [2.0, 1.0, 0.0, 0.0]


@pytest.mark.parametrize(
    ("given", "told"),
    [
        ({"start": (0,)}, "1 actions for 2 players"),
        ({"rounds": 0}, "rounds: 0"),
        ({"damping": 1.0}, "damping: 1.0"),
        ({"damping": 0.5}, "can't be gone part of the way"),
    ],
)
def test_a_game_that_cannot_be_played_says_why(given, told):
    with pytest.raises(InputError, match=told):
        play(table_game(*DILEMMA), given.pop("start", (0, 0)), **given)
