"""The search finds optima of known functions, and reports what unseen futures say."""

from __future__ import annotations

import json
import logging

import numpy as np
import pandas as pd
import pytest

from experiments.sweeps.search import search
from experiments.sweeps.understanding_shown import search_json, search_tables
from sim.errors import InfeasibleError, InputError


def noisy_hill(values: dict, futures: range) -> np.ndarray:
    """Return differences whose mean is highest, 4, at share 0.7 and hours 30; luck depends on values and future."""
    mean = 4 - 40 * (values["share"] - 0.7) ** 2 - 0.01 * (values["hours"] - 30) ** 2
    luck = [
        np.random.default_rng([int(1e6 * values["share"]), int(1e3 * values["hours"]), at]).normal() for at in futures
    ]
    return mean + np.array(luck)


@pytest.fixture(scope="module")
def space(between):
    return {"share": between(0, 1), "hours": between(0, 60)}


@pytest.fixture(scope="module")
def found(space):
    return search(noisy_hill, space, trials=60, seed=1, replications=20, measure="gain")


def test_the_optimum_of_a_noisy_quadratic_is_found(found):
    assert found.best["share"] == pytest.approx(0.7, abs=0.1)
    assert found.best["hours"] == pytest.approx(30, abs=7)
    assert found.worth.mean > 3.2


def test_the_worth_is_that_of_futures_that_nothing_has_seen(found):
    unseen = noisy_hill(found.best, range(40, 60))
    assert found.worth.mean == pytest.approx(unseen.mean())
    assert found.worth.low < 4 < found.worth.high + 1


def test_the_search_flatters_its_winner_where_nothing_can_be_gained(space):
    asked = []

    def luck_alone(values, futures):
        asked.append(futures)
        return np.array([np.random.default_rng([int(1e9 * values["share"]), at]).normal() for at in futures])

    found = search(luck_alone, space, trials=40, seed=1, replications=5, fresh=50)
    assert found.finalists["in_search"].mean() - found.finalists["mean"].mean() > 0.4  # one standard error of a trial
    assert found.worth.low < 0 < found.worth.high
    assert any("is not shown" in sentence for sentence in found.words)
    assert set(asked) == {range(5), range(5, 55), range(55, 105)}


def test_equal_searches_give_equal_trials(found, space):
    again = search(noisy_hill, space, trials=60, seed=1, replications=20, measure="gain")
    pd.testing.assert_frame_equal(again.trials, found.trials)
    assert again.words == found.words


def test_a_longer_search_begins_with_the_shorter_one(found, space):
    short = search(noisy_hill, space, trials=15, seed=1, replications=20, measure="gain")
    pd.testing.assert_frame_equal(short.trials, found.trials.head(15))


def test_another_seed_searches_elsewhere(found, space):
    other = search(noisy_hill, space, trials=5, seed=2, replications=20, measure="gain")
    assert (other.trials["share"] != found.trials["share"].head(5)).any()


def whole(path: str, value: float) -> int:
    assert path == "hours"
    return round(value)


def test_equal_values_are_lived_once(between):
    lived = []

    def count(values, futures):
        lived.append((values["hours"], futures))
        return np.full(len(futures), -abs(values["hours"] - 2.0)) + np.arange(len(futures)) * 1e-3

    found = search(count, {"hours": between(0, 3)}, 30, 1, 4, fit=whole)
    assert len(lived) == len(set(lived))
    assert (found.trials["same_as"] >= 0).sum() == 30 - found.trials["hours"].nunique()
    assert found.best == {"hours": 2}
    assert json.dumps(search_json(found), allow_nan=False)


def test_a_candidate_that_cannot_be_is_passed_over_and_named(space):
    def half(values, futures):
        if values["share"] < 0.5:
            raise InfeasibleError("no plan keeps every limit")
        return noisy_hill(values, futures)

    found = search(half, space, trials=20, seed=1, replications=5)
    assert set(found.trials["problem"]) == {"", "no plan keeps every limit"}
    assert found.best["share"] >= 0.5
    assert any("could not be tried" in sentence for sentence in found.words)


def test_a_search_in_which_nothing_can_be_tried_says_why(space):
    def never(*_):
        raise InfeasibleError("no plan keeps every limit")

    with pytest.raises(InputError, match="none of the 3 candidates could be tried: no plan keeps every limit"):
        search(never, space, trials=3, seed=1, replications=5)


def test_a_best_at_the_edge_is_told(between):
    found = search(lambda v, f: v["x"] + np.arange(len(f)), {"x": between(0, 1)}, 30, 1, 3)
    assert found.at_edge == ("x",)
    assert "beyond it there may be better" in found.words[-1]


@pytest.mark.parametrize(
    ("change", "told"),
    [({"space": {}}, "no parameter"), ({"trials": 0}, "trials: 0"), ({"replications": 1}, "no interval")],
)
def test_what_cannot_be_searched_is_told(space, change, told):
    asked = {"space": space, "trials": 5, "replications": 5, **change}
    with pytest.raises(InputError, match=told):
        search(noisy_hill, asked["space"], asked["trials"], 1, asked["replications"])


@pytest.mark.parametrize("wrong", [lambda *_: [1.0], lambda _, futures: [float("nan")] * len(futures)])
def test_an_evaluation_that_returns_no_numbers_is_named(space, wrong):
    with pytest.raises(InputError, match="evaluate returned"):
        search(wrong, space, trials=2, seed=1, replications=5)


def test_optuna_says_nothing_and_its_logging_is_left_as_it_was(space, capfd):
    import optuna

    before = optuna.logging.get_verbosity()
    search(noisy_hill, space, trials=2, seed=1, replications=2)
    assert capfd.readouterr() == ("", "")
    assert optuna.logging.get_verbosity() == before == logging.INFO


def test_progress_counts_trials(space):
    told = []
    search(noisy_hill, space, trials=3, seed=1, replications=2, progress=lambda done, total: told.append((done, total)))
    assert told == [(1, 3), (2, 3), (3, 3)]


def test_the_screen_and_json_have_the_leading_candidates(found):
    assert [len(table.rows) for table in search_tables(found)] == [len(found.words), len(found.finalists)]
    assert search_json(found)["best"] == found.best
    assert json.dumps(search_json(found), allow_nan=False)
