"""A trial lived in the market: dealt by lot, repeatable, and telling what the response expects."""

from __future__ import annotations

import numpy as np
import pytest

from optimize.decision import Decision
from optimize.pilot_arm import during
from optimize.response import Response, estimate
from optimize.simulated_trial import settings_of, simulated_trial
from optimize.trial import learn
from optimize.trial_response import taught
from optimize.trial_table import sums_of
from optimize.trial_uplift import overall
from sim.city import found
from sim.errors import InputError
from sim.founding import Start

OFTEN = "12 visits to the decider"
MONTHS = 6


@pytest.fixture(scope="module")
def decision(tiny_decision: Decision) -> Decision:
    return tiny_decision.model_copy(update={"city": {"customers": 1000}, "visit": {"hours": 2000.0}})


@pytest.fixture(scope="module")
def start(decision: Decision) -> Start:
    return found(decision)


@pytest.fixture(scope="module")
def response(decision: Decision, start: Start) -> Response:
    return estimate(decision, start.book)


def test_arms_are_dealt_evenly_by_lot_and_come_again_with_their_seed(decision, start, response) -> None:
    first, again, other = (
        simulated_trial(decision, start, response, (OFTEN, "4 letters"), MONTHS, 300, seed) for seed in (1, 1, 2)
    )
    assert np.bincount(first.arm).tolist() == [100, 100, 100]
    np.testing.assert_array_equal(first.outcome, again.outcome)
    assert set(first.ids) != set(other.ids)
    assert len(set(first.ids)) == 300


def test_visits_bring_in_the_market_what_the_response_expects(decision, start, response) -> None:
    """12 trials of 600 accounts: the mean uplift within three standard errors of what is expected, above nothing."""
    short = estimate(during(decision, MONTHS), start.book)
    row = next(b for b, treatment in enumerate(short.treatments) if treatment.name == OFTEN)
    measured, expected = [], []
    for seed in range(12):
        trial = simulated_trial(decision, start, response, (OFTEN,), MONTHS, 600, seed)
        measured.append(float(overall(sums_of(trial)).uplift[0, 0]))
        there = np.isin(start.book.ids, trial.ids)
        gain = (short.retained[row] - short.retained[0])[there] / start.book.own_spend[there]
        expected.append(float(gain.mean()))
    off = np.array(measured) - np.array(expected)
    error = off.std(ddof=1) / np.sqrt(12)
    assert abs(off.mean()) < 3 * error
    assert np.mean(measured) > 2 * error


def test_a_simulated_trial_speaks_to_the_plan(decision, start, response) -> None:
    trial = simulated_trial(decision, start, response, (OFTEN,), MONTHS, 600, 3)
    settings = settings_of(decision, start.book, response, (OFTEN,), MONTHS)
    done = taught(decision, start.book, response, learn(trial, settings), settings)
    row = next(b for b, treatment in enumerate(response.treatments) if treatment.name == OFTEN)
    assert done.matched > 600
    assert (done.response.retained[row] != response.retained[row]).sum() > 600


@pytest.mark.parametrize(
    ("asked", "told"),
    [
        ({"accounts": 3}, "accounts: 3 in a trial of 1 treatments and nothing; give 4 to"),
        ({"accounts": 10_000}, "accounts: 10,000 in a trial"),
        ({"months": 7}, "a trial of 7 months; give 1 to 6"),
        ({"treatments": ("12 visit",)}, "the menu has no '12 visit'"),
    ],
)
def test_a_trial_that_cannot_be_had_is_refused(decision, start, response, asked, told) -> None:
    with pytest.raises(InputError, match=told):
        simulated_trial(
            decision, start, response, **{"treatments": (OFTEN,), "months": 6, "accounts": 50, "seed": 1, **asked}
        )
