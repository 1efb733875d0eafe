"""A response corrected by a trial: a factor for each family, drawn towards what the model says."""

from __future__ import annotations

import numpy as np
import pytest

from optimize.decision import Decision
from optimize.response import Response, estimate
from optimize.trial import learn
from optimize.trial_factor import Factor, corrected, expected_by_cell, factors
from optimize.trial_response import taught
from optimize.trial_settings import TrialSettings
from optimize.trial_table import tabulate
from optimize.trial_uplift import Measured
from sim.book import Book
from sim.founding import Start


@pytest.fixture(scope="module")
def book(tiny_start: Start) -> Book:
    return tiny_start.book


@pytest.fixture(scope="module")
def model(tiny_decision: Decision, book: Book) -> Response:
    return estimate(tiny_decision, book)


def row(response: Response, name: str) -> int:
    return next(b for b, treatment in enumerate(response.treatments) if treatment.name == name)


@pytest.fixture
def rows(model: Response) -> dict[int, int]:
    """Return rows of the menu for a trial's two treatments, of two families."""
    return {0: row(model, "4 letters"), 1: row(model, "12 visits to the decider")}


@pytest.fixture
def expected(model: Response, book: Book, rows: dict[int, int]) -> np.ndarray:
    """Return what the model expects of them in two cells, large accounts and small ones."""
    cell = (book.own_spend > np.median(book.own_spend)).astype(int)
    return expected_by_cell(model, list(rows.values()), cell, 2, np.ones(cell.size))


def test_what_is_expected_of_a_cell_is_the_mean_of_its_accounts(model, book, rows, expected) -> None:
    large = book.own_spend > np.median(book.own_spend)
    gain = model.retained[rows[0]] - model.retained[0]
    assert expected[1, 0] == pytest.approx(gain[large].mean())
    assert expected[0, 0] == pytest.approx(gain[~large].mean())


@pytest.mark.parametrize("noise", [1e-9, 1e9])
def test_a_sure_trial_is_believed_and_a_noisy_one_is_not(tiny_decision, model, rows, expected, noise: float) -> None:
    true = np.array([0.4, 1.6])
    found = Measured(true * expected, np.tile(noise * (np.eye(2) + 1), (2, 1, 1)))
    told = factors(tiny_decision, model, found, rows, expected)
    assert [factor.family for factor in told] == ["letters", "visits"]
    np.testing.assert_allclose([factor.measured for factor in told], true)
    wanted = true if noise < 1 else [1.0, 1.0]
    np.testing.assert_allclose([factor.believed for factor in told], wanted, atol=0.01)


def test_what_is_believed_weighs_doubt_against_error(tiny_decision, model, rows, expected) -> None:
    """With an error as large as the doubt, half way."""
    alone = {0: rows[0]}
    scale = 0.25 * float((expected[:, 0] ** 2).sum())
    found = Measured(np.zeros((2, 1)), np.full((2, 1, 1), scale))
    (told,) = factors(tiny_decision, model, found, alone, expected[:, :1])
    assert told.error == pytest.approx(tiny_decision.pilot.doubt)
    assert told.believed == pytest.approx(0.5)


def test_a_cell_without_accounts_in_the_book_says_nothing(tiny_decision, model, rows, expected) -> None:
    more = np.vstack([expected, np.full(2, np.nan)])
    found = Measured(np.vstack([0.4 * expected, [[1e9, 1e9]]]), np.tile(1e-9 * np.eye(2), (3, 1, 1)))
    assert [round(one.measured, 6) for one in factors(tiny_decision, model, found, rows, more)] == [0.4, 0.4]


def test_correction_multiplies_a_familys_uplift_and_leaves_what_it_takes(model) -> None:
    half = corrected(model, [Factor("visits", 0.5, 0.1, 0.5)])
    visits, written = row(model, "12 visits to the decider"), row(model, "4 letters")
    gain = model.retained[visits] - model.retained[0]
    np.testing.assert_allclose(half.retained[visits] - half.retained[0], gain / 2, atol=1e-6)
    for name in ("hours", "cost", "discount", "channel"):
        np.testing.assert_array_equal(getattr(half, name), getattr(model, name))
    gross = model.contribution[visits] + model.cost[visits] - model.contribution[0]
    np.testing.assert_allclose(half.contribution[visits], model.contribution[0] + gross / 2 - model.cost[visits])
    np.testing.assert_array_equal(half.retained[written], model.retained[written])


def test_a_factor_of_one_changes_nothing(model) -> None:
    same = corrected(model, [Factor("visits", 1.0, 0.1, 1.0)])
    np.testing.assert_allclose(same.retained, model.retained)
    np.testing.assert_allclose(same.contribution, model.contribution)


def test_a_trial_that_is_to_correct_tells_its_factor(tiny_decision, book, model) -> None:
    """Calls bring nothing in a large trial without luck: at every account the plan reckons with next to nothing."""
    arm = np.tile(["no", "call"], 500)
    settings = TrialSettings.model_validate(
        {
            "path": "t.csv",
            "treatment": "arm",
            "control": "no",
            "outcome": "y",
            "halvings": 0,
            "covariates": {"class": "class"},
            "treatments": {"call": {"calls": 4}},
            "use": "to_correct",
        }
    )
    outcome = np.random.default_rng(1).normal(0, 1e-3, arm.size)
    learnt = learn(tabulate(arm, outcome, {"class": np.repeat(list("ABCDX"), 200)}, "no"), settings)
    done = taught(tiny_decision, book, model, learnt, settings)
    assert done.notes[0].startswith("the trial says that calls bring")
    called = row(model, "4 calls")
    before = model.retained[called] - model.retained[0]
    np.testing.assert_allclose(done.response.retained[called] - model.retained[0], 0, atol=1e-3 * before.max())
