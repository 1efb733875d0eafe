"""A trial's uplifts in place of the model's: for whom, for which treatments, and what becomes of the plan."""

from __future__ import annotations

import numpy as np
import pytest

from optimize.decision import Decision
from optimize.plan import make_plan
from optimize.response import Response, estimate
from optimize.trial import Learnt, learn
from optimize.trial_response import account_cells, taught
from optimize.trial_settings import TrialSettings
from optimize.trial_table import tabulate
from sim.book import Book
from sim.errors import InputError
from sim.founding import Start
from sim.names import CLASSES

MENU = {"call": {"calls": 4}, "letter": {"mail": 4}}


def asked(**changes: object) -> TrialSettings:
    usual = {"path": "t.csv", "treatment": "arm", "control": "no", "outcome": "y", "halvings": 0, "treatments": MENU}
    return TrialSettings.model_validate({**usual, "covariates": {"class": "class"}, **changes})


def tried(calls: dict[str, float], settings: TrialSettings, per_cell: int = 300) -> Learnt:
    """Return what a trial teaches in which calls bring so much by class, letters nothing, and luck little."""
    rng = np.random.default_rng(4)
    names = np.repeat(list(calls), 3 * per_cell)
    arm = np.tile(["no", "call", "letter"], len(calls) * per_cell)
    brought = np.where(arm == "call", np.array([calls[name] for name in names]), 0.0)
    return learn(tabulate(arm, brought + rng.normal(10, 1, arm.size), {"class": names}, "no"), settings)


@pytest.fixture(scope="module")
def book(tiny_start: Start) -> Book:
    return tiny_start.book


@pytest.fixture(scope="module")
def model(tiny_decision: Decision, book: Book) -> Response:
    return estimate(tiny_decision, book)


def row(response: Response, name: str) -> int:
    return next(b for b, treatment in enumerate(response.treatments) if treatment.name == name)


def test_a_tried_treatment_brings_what_the_trial_says_in_yuan(tiny_decision, book, model) -> None:
    settings = asked(worth=20.0)
    learnt = tried({"A": 50.0, "D": 200.0}, settings)
    done = taught(tiny_decision, book, model, learnt, settings)
    gain = done.response.retained[row(model, "4 calls")] - model.retained[0]
    for name, brings in (("A", 50.0), ("D", 200.0)):
        np.testing.assert_allclose(gain[book.value_class == CLASSES.index(name)], 20 * brings, rtol=0.05)


def test_accounts_unlike_the_trial_and_treatments_not_tried_keep_the_model(tiny_decision, book, model) -> None:
    settings = asked()
    done = taught(tiny_decision, book, model, tried({"A": 5.0, "D": 9.0}, settings), settings)
    strange = ~np.isin(book.value_class, [CLASSES.index("A"), CLASSES.index("D")])
    assert done.matched == (~strange).sum()
    visits = row(model, "12 visits to the decider")
    for name in ("retained", "won_back", "contribution"):
        before, after = getattr(model, name), getattr(done.response, name)
        np.testing.assert_array_equal(after[:, strange], before[:, strange])
        np.testing.assert_array_equal(after[visits], before[visits])


def test_what_a_tried_treatment_takes_stays_the_models(tiny_decision, book, model) -> None:
    settings = asked()
    done = taught(tiny_decision, book, model, tried({"A": 5.0, "D": 9.0}, settings), settings).response
    for name in ("hours", "cost", "channel", "seat_minutes", "discount"):
        np.testing.assert_array_equal(getattr(done, name), getattr(model, name))
    b, known = row(model, "4 calls"), book.value_class == 0
    gain = done.retained[b] - model.retained[0]
    margin = 1 - tiny_decision.money.cost_to_serve
    expected = model.contribution[0] + margin * gain - model.cost[b]
    np.testing.assert_allclose(done.contribution[b, known], expected[known])


def test_an_uplift_as_a_share_of_spend_is_more_where_more_is_spent(tiny_decision, book, model) -> None:
    settings = asked(per_spend=True, worth=12.0)
    done = taught(tiny_decision, book, model, tried(dict.fromkeys(CLASSES, 0.1), settings, 3000), settings)
    gain = done.response.retained[row(model, "4 calls")] - model.retained[0]
    np.testing.assert_allclose(gain, 12 * 0.1 * book.own_spend, rtol=0.5)
    assert np.corrcoef(gain, book.own_spend)[0, 1] > 0.95


@pytest.mark.parametrize("liked", ["4 calls", "4 letters"])
def test_the_plan_turns_to_what_the_trial_found_good(tiny_decision, book, model, liked: str) -> None:
    settings = asked(treatments={"call": MENU["call" if liked == "4 calls" else "letter"]})
    learnt = tried(dict.fromkeys(CLASSES, 90_000.0), settings)
    done = taught(tiny_decision, book, model, learnt, settings)
    before, after = make_plan(tiny_decision, book, model), make_plan(tiny_decision, book, done.response)
    b = row(model, liked)
    assert (after.allocation.treatment == b).sum() > (before.allocation.treatment == b).sum()


def test_what_a_trial_found_harmful_is_given_to_nobody(tiny_decision, book, model) -> None:
    settings = asked(treatments={"call": MENU["letter"]})
    done = taught(tiny_decision, book, model, tried(dict.fromkeys(CLASSES, -100.0), settings), settings)
    assert (make_plan(tiny_decision, book, model).allocation.treatment == row(model, "4 letters")).any()
    assert not (make_plan(tiny_decision, book, done.response).allocation.treatment == row(model, "4 letters")).any()


# Who is whom.


def test_an_account_of_the_trial_is_matched_by_its_id(book) -> None:
    settings = asked(covariates={"shoe size": "shoes"}, id="id")
    arm, size = np.tile(["no", "call"], 20), np.repeat(["41", "42"], 20)
    ids = np.array([*book.ids[:30], *(f"stranger {n}" for n in range(10))])
    learnt = learn(tabulate(arm, np.arange(40.0), {"shoe size": size}, "no", ids), asked(parts=2))
    cell = account_cells(book, learnt, settings)
    np.testing.assert_array_equal(cell[:20], 0)
    np.testing.assert_array_equal(cell[20:30], 1)
    assert (cell[30:] == -1).all()


def test_numbers_of_the_book_are_cut_as_the_trials_are(book) -> None:
    edges = [float(np.median(book.own_spend))]
    settings = asked(covariates={"spend": {"column": "spend", "edges": edges}})
    arm = np.tile(["no", "call"], 20)
    names = np.repeat([f"below {edges[0]:g}", f"from {edges[0]:g}"], 20)
    learnt = learn(tabulate(arm, np.arange(40.0), {"spend": names}, "no"), asked(parts=2))
    cell = account_cells(book, learnt, settings)
    np.testing.assert_array_equal(cell, (book.own_spend >= edges[0]).astype(int))


def test_a_trial_of_nobody_like_ours_is_refused(book) -> None:
    settings = asked(covariates={"shoe size": "shoes"})
    learnt = learn(tabulate(["no", "call"] * 5, np.arange(10.0), {"shoe size": ["41", "42"] * 5}, "no"), asked(parts=2))
    with pytest.raises(InputError, match="the book doesn't know shoe size, only class"):
        account_cells(book, learnt, settings)


@pytest.mark.parametrize(
    ("treatments", "told"),
    [
        ({}, "say what the trial's treatments are in the menu"),
        ({"call": {}}, r"trial\.treatments\.call: does nothing"),
        ({"call": {"calls": 7}}, r"trial\.treatments\.call: the menu has no '7 calls'"),
        ({"cell": {"calls": 4}}, r"trial\.treatments\.cell: the trial has no such treatment; did you mean 'call'"),
    ],
)
def test_a_treatment_that_cannot_be_had_is_refused(tiny_decision, book, model, treatments, told) -> None:
    settings = asked(treatments=treatments)
    with pytest.raises(InputError, match=told):
        taught(tiny_decision, book, model, tried({"A": 5.0}, asked()), settings)


def test_group_decisions_and_a_trial_are_not_both_believed(tiny_decision, book, model) -> None:
    asking = tiny_decision.model_copy(update={"decisions": {"events": [2]}})
    with pytest.raises(InputError, match="trial: can't be asked for together with decisions"):
        taught(asking, book, model, tried({"A": 5.0}, asked()), asked())
