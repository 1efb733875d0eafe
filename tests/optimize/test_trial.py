"""Trials: what was measured, what is believed of it, whom to treat, and what that is worth without the luck in it."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from optimize.allocation import allocate
from optimize.problem import problem
from optimize.solver import SolverSettings
from optimize.trial import in_words, learn, policy_table, uplift_table, values_table
from optimize.trial_check import dealt, halved
from optimize.trial_policy import believed_value, choose, cross_fitted, total
from optimize.trial_settings import TrialSettings
from optimize.trial_shrink import shrunk
from optimize.trial_table import Sums, TrialTable, cell_of, sums_of, tabulate
from optimize.trial_uplift import Measured, measured, overall
from sim.errors import InputError

FREE = np.zeros(2)
SIZES = np.array([900.0, 700.0, 800.0, 600.0, 150.0, 250.0])
"""People of each cell and arm of the worlds below."""


def asked(**changes: object) -> TrialSettings:
    return TrialSettings.model_validate(
        {"path": "t.csv", "treatment": "arm", "control": "no", "outcome": "y", **changes}
    )


@pytest.fixture(scope="module")
def trial() -> TrialTable:
    """Return 1,200 people in two cells; mail brings 3 to the new and nothing to the old, a call brings 1 to all."""
    rng = np.random.default_rng(3)
    arm = rng.choice(["no", "call", "mail"], 1200)
    new = rng.choice(["yes", "no"], 1200)
    outcome = rng.normal(5, 2, 1200) + (arm == "call") + 3 * ((arm == "mail") & (new == "yes"))
    return tabulate(arm, outcome, {"new": new}, "no", ids=[f"C{n}" for n in range(1200)])


def lottery(true: np.ndarray, trials: int, seed: int, parts: int = 1) -> Sums:
    """Return sums of trials in which few buy, and what they spend has a heavy tail; `true` is the mean by cell and arm.

    Shape (parts, trials, cells, arms). Whoever is more likely to buy spends no more then.
    """
    rng = np.random.default_rng(seed)
    people = np.broadcast_to((SIZES / parts)[:, None], (parts, trials, *true.shape)).round()
    buyers = rng.binomial(people.astype(int), true / np.exp(4.5 + 0.5))
    spent = np.exp(4.5 + rng.normal(size=int(buyers.sum())))
    owner = np.repeat(np.arange(buyers.size), buyers.ravel())
    sums = [np.bincount(owner, spent**power, buyers.size).reshape(buyers.shape) for power in (1, 2)]
    return Sums(people, *sums)


# The table.


def test_the_control_comes_first_whatever_its_name() -> None:
    assert tabulate(["z", "a"] * 2, [0, 0, 0, 0], {}, "z").arms == ("z", "a")


def test_a_trial_without_covariates_has_one_cell() -> None:
    assert tabulate(["no", "a"] * 2, [0, 1, 0, 1], {}, "no").cell_names == ("everybody",)


def test_others_are_put_into_the_cells_of_their_like_and_strangers_into_none(trial: TrialTable) -> None:
    cells = cell_of(trial, {"new": np.array(["yes", "no", "perhaps"])}, 3)
    assert [trial.cell_names[cell] for cell in cells[:2]] == ["new yes", "new no"]
    assert cells[2] == -1


def test_a_combination_that_nobody_had_is_no_cell() -> None:
    made = tabulate(["no", "a"] * 2, [0, 1, 0, 1], {"x": ["p", "p", "q", "q"], "y": ["p", "p", "q", "q"]}, "no")
    assert cell_of(made, {"x": np.array(["p", "q"]), "y": np.array(["q", "q"])}, 2).tolist() == [-1, 1]


@pytest.mark.parametrize(
    ("arm", "told"),
    [
        (["a", "b"], "nobody had the treatment 'no'"),
        (["no", "no"], "everybody had 'no'"),
        (["no", "no", "a"], "'a' has fewer than 2 people"),
    ],
)
def test_a_trial_that_compares_nothing_is_refused(arm: list[str], told: str) -> None:
    with pytest.raises(InputError, match=told):
        tabulate(arm, np.zeros(len(arm)), {}, "no")


# What was measured.


def test_an_uplift_is_a_difference_of_means_with_the_textbook_error(trial: TrialTable) -> None:
    found = measured(sums_of(trial), own_variance=1.0)
    for cell in range(2):
        there = trial.outcome[trial.cell == cell]
        arm = trial.arm[trial.cell == cell]
        for treatment in (1, 2):
            ours, control = there[arm == treatment], there[arm == 0]
            assert found.uplift[cell, treatment - 1] == pytest.approx(ours.mean() - control.mean())
            error = np.sqrt(ours.var(ddof=1) / ours.size + control.var(ddof=1) / control.size)
            assert found.error[cell, treatment - 1] == pytest.approx(error)


def test_treatments_of_a_cell_share_the_luck_of_its_control(trial: TrialTable) -> None:
    found = measured(sums_of(trial), own_variance=1.0)
    control = trial.outcome[(trial.cell == 0) & (trial.arm == 0)]
    assert found.noise[0, 0, 1] == pytest.approx(control.var(ddof=1) / control.size)


def test_a_cell_in_which_nobody_bought_is_not_taken_for_certain() -> None:
    sums = Sums(np.full((2, 2), 50.0), np.array([[0.0, 0.0], [90.0, 200.0]]), np.array([[0.0, 0.0], [900.0, 4000.0]]))
    assert measured(sums, own_variance=1.0).error[0, 0] == 0
    assert measured(sums).error[0, 0] > 0.2


def test_a_cell_without_control_says_next_to_nothing() -> None:
    sums = Sums(np.array([[0.0, 50.0], [50.0, 50.0]]), np.array([[0.0, 500.0], [50.0, 60.0]]), np.full((2, 2), 9000.0))
    found = measured(sums)
    assert found.error[0, 0] > 100 * found.error[1, 0]
    assert shrunk(found).uplift[0, 0] == pytest.approx(found.uplift[1, 0], abs=found.error[1, 0])


def test_everybody_is_compared_within_cells() -> None:
    """Mail went mostly to the cell that buys anyway; within cells it brings nothing."""
    sums = Sums(
        np.array([[90.0, 10.0], [10.0, 90.0]]), np.array([[90.0, 10.0], [50.0, 450.0]]), np.full((2, 2), 3000.0)
    )
    assert overall(sums).uplift[0, 0] == pytest.approx(0)


# What is believed.


def dense(found: Measured, tau: float) -> tuple[np.ndarray, np.ndarray]:
    """Return mean and covariance of all cells' uplifts under one tau, by one large regression."""
    cells, treatments = found.uplift.shape
    size = cells * treatments
    noise = np.zeros((size, size))
    for cell in range(cells):
        there = slice(cell * treatments, (cell + 1) * treatments)
        noise[there, there] = found.noise[cell]
    eye, ones = np.eye, np.ones
    prior = tau**2 * (
        np.kron(ones((cells, cells)), eye(treatments)) + np.kron(eye(cells), ones((treatments, treatments))) + eye(size)
    )
    prior += 1e5 * ones((size, size))
    gain = prior @ np.linalg.inv(prior + noise)
    return (gain @ found.uplift.ravel()).reshape(cells, treatments), prior - gain @ prior


def test_shrinkage_is_that_of_one_large_regression() -> None:
    rng = np.random.default_rng(5)
    root = rng.normal(size=(4, 3, 3))
    found = Measured(rng.normal(1, 2, (4, 3)), root @ root.transpose(0, 2, 1) + 0.5 * np.eye(3))
    believed = shrunk(found, at=np.array([0.7]))
    mean, covariance = dense(found, float(believed.spread[0]))
    np.testing.assert_allclose(believed.uplift, mean, atol=1e-3)
    np.testing.assert_allclose(believed.error.ravel(), np.sqrt(np.diag(covariance)), rtol=1e-3)
    people = rng.uniform(0, 10, (4, 3))
    expected, doubt = believed.total(people)
    assert expected == pytest.approx((people * mean).sum(), abs=1e-3)
    assert doubt == pytest.approx(np.sqrt(people.ravel() @ covariance @ people.ravel()), rel=1e-3)


def test_noisy_cells_are_drawn_further_to_the_others_than_sure_ones() -> None:
    noise = np.array([0.01, 0.01, 0.01, 4.0])[:, None, None]
    found = Measured(np.array([[1.0], [1.5], [2.0], [9.0]]), noise)
    moved = np.abs(shrunk(found).uplift - found.uplift).ravel()
    assert moved[3] > 4
    assert (moved[:3] < 0.1).all()


def test_a_large_trial_is_taken_at_its_word() -> None:
    uplift = np.array([[1.0, -2.0], [0.5, 3.0], [4.0, 0.0]])
    found = Measured(uplift, np.tile(1e-8 * np.eye(2), (3, 1, 1)))
    np.testing.assert_allclose(shrunk(found).uplift, uplift, atol=1e-3)


def test_many_trials_at_once_are_shrunk_as_each_alone() -> None:
    rng = np.random.default_rng(7)
    uplift = rng.normal(size=(5, 3, 2))
    noise = np.broadcast_to(0.3 * (np.eye(2) + 1), (5, 3, 2, 2))
    together = shrunk(Measured(uplift, noise))
    for number in range(5):
        alone = shrunk(Measured(uplift[number], noise[number]))
        np.testing.assert_allclose(together.uplift[number], alone.uplift, atol=1e-10)
        np.testing.assert_allclose(together.error[number], alone.error, atol=1e-10)


def test_intervals_hold_the_truth_as_often_as_they_say() -> None:
    """Where uplifts are drawn as believed, tau from its prior: 2,000 trials of 6 cells and 2 treatments, 95 %."""
    rng = np.random.default_rng(11)
    trials = 2000
    tau = np.abs(rng.standard_cauchy(size=(trials, 1, 1)))
    differ = sum(rng.normal(size=(trials, *shape)) for shape in ((1, 2), (6, 1), (6, 2)))
    true = 1.0 + tau * differ
    control, treated = rng.normal(size=(trials, 6, 1)), rng.normal(size=(trials, 6, 2))
    noise = np.broadcast_to(0.5 * (np.eye(2) + 1), (trials, 6, 2, 2))
    believed = shrunk(Measured(true + np.sqrt(0.5) * (control + treated), noise))
    held = np.abs(believed.uplift - true) <= 1.96 * believed.error
    assert held.mean() == pytest.approx(0.95, abs=0.012)
    assert np.mean((believed.uplift - true) ** 2) < np.mean(0.5 * (control + treated) ** 2)


# Whom to treat.


@settings(max_examples=30)
@given(st.integers(0, 10**6), st.integers(1, 30))
def test_within_a_limit_on_people_the_choice_is_that_of_the_integer_programme(seed: int, most: int) -> None:
    rng = np.random.default_rng(seed)
    uplift, size = rng.normal(size=(3, 2)), rng.integers(1, 9, 3)
    chosen = choose(uplift, size.astype(float), most)
    people = np.repeat(np.arange(3), size)
    value = np.vstack([np.zeros(people.size), uplift[people].T])
    use = (np.arange(3) > 0).astype(float)[None, :, None] * np.ones((1, 3, people.size))
    best = allocate(problem(value, use, [float(most)]), SolverSettings(gap=0.0, method="integer_programme"))
    assert total(chosen, uplift) == pytest.approx(best.value, abs=1e-7)
    assert chosen.people.sum() <= most


def test_nobody_is_treated_where_it_harms_and_nobody_twice() -> None:
    uplift = np.array([[-1.0, -2.0], [3.0, 2.0]])
    chosen = choose(uplift, np.array([10.0, 20.0]))
    assert chosen.arm.tolist() == [0, 1]
    assert chosen.people.tolist() == [0.0, 20.0]


def test_a_treatment_that_costs_more_than_it_brings_is_not_given(trial: TrialTable) -> None:
    free, dear = learn(trial, asked(halvings=0)), learn(trial, asked(halvings=0, cost={"call": 2.0, "mail": 0.6}))
    assert set(policy_table(free)["treatment"]) == {"mail", "call"}
    assert set(policy_table(dear)["treatment"]) == {"mail", "no"}


def test_a_cost_of_an_unknown_treatment_is_refused(trial: TrialTable) -> None:
    with pytest.raises(InputError, match=r"trial.cost.mial: the trial has no such treatment; did you mean 'mail'"):
        learn(trial, asked(cost={"mial": 1.0}))


# What that is worth.

WORLDS = {
    "nothing": np.full((6, 3), 0.6),
    "alike": np.full((6, 3), 0.6) + np.array([0, 0.45, 0.55]),
    "unlike": 0.6 + np.array([[0, 0.2, 0.6], [0, 0.3, 0.9], [0, 0.4, 0.3], [0, 0.9, 0.7], [0, 1.3, 0], [0, 0, 0.2]]),
}


@pytest.mark.parametrize(("world", "most"), [("nothing", 0.4), ("alike", 0.4), ("unlike", 0.6)])
def test_correction_takes_most_of_the_winners_curse_away_where_tails_are_heavy(world: str, most: float) -> None:
    """Over 400 trials: of what the naive value overstates the corrected one is off by at most `most`, up or down."""
    true = WORLDS[world]
    uplift = np.broadcast_to(true[:, 1:] - true[:, :1], (400, 6, 2))
    sums = Sums(*(part[0] for part in lottery(true, 400, seed=1)))
    found = measured(sums)
    naive, believed = choose(found.uplift, sums.size), shrunk(found)
    corrected = choose(believed.uplift, sums.size)
    overstated = float((total(naive, found.uplift) - total(naive, uplift)).mean())
    left = float((believed_value(corrected, believed, FREE).mean - total(corrected, uplift)).mean())
    assert overstated > 3 * float((total(naive, found.uplift) - total(naive, uplift)).std()) / 20
    assert abs(left) < most * overstated


@pytest.mark.parametrize("world", list(WORLDS))
def test_the_cross_fitted_value_is_right_in_the_mean_whatever_the_truth(world: str) -> None:
    """Over 300 trials, for what a policy that learns from nine tenths brings: within three standard errors."""
    true, parts = WORLDS[world], 10
    sums = lottery(true, 300, seed=2, parts=parts)
    value = cross_fitted(sums, 0.5, FREE)
    everybody = Sums(*(part.sum(axis=0, keepdims=True) for part in sums))
    chosen = choose(shrunk(measured(everybody.less(sums))).uplift, sums.size)
    brings = total(chosen, np.broadcast_to(true[:, 1:] - true[:, :1], (parts, 300, 6, 2))).sum(axis=0)
    off = value.mean - brings
    assert abs(off.mean()) < 3 * off.std() / np.sqrt(300)
    assert value.error.mean() == pytest.approx(off.std(), rel=0.25)


def test_parts_deal_every_cell_and_arm_out_evenly(trial: TrialTable) -> None:
    part = dealt(trial, 10, seed=1)
    place = trial.cell * 3 + trial.arm
    table = np.bincount(part * 6 + place, minlength=60).reshape(10, 6)
    assert (table.max(axis=0) - table.min(axis=0) <= 1).all()
    assert (dealt(trial, 10, seed=2) != part).any()


def test_halves_are_halves_and_come_again_with_their_seed(trial: TrialTable) -> None:
    first, again = (halved(trial, 20, 1, 0.5, FREE) for _ in range(2))
    np.testing.assert_array_equal(first.naive, again.naive)
    assert (halved(trial, 20, 2, 0.5, FREE).naive != first.naive).any()
    assert first.naive.mean() == pytest.approx(learn(trial, asked(halvings=0)).naive / 2, rel=0.05)


# Told.


def test_tables_tell_everybody_and_every_cell(trial: TrialTable) -> None:
    learnt = learn(trial, asked(halvings=5))
    table = uplift_table(learnt)
    assert list(table["cell"].unique()) == ["everybody", "new no", "new yes"]
    mail = table[(table["cell"] == "new yes") & (table["treatment"] == "mail")].iloc[0]
    assert mail["low"] < 3 < mail["high"]
    assert mail["shrunk_low"] < 3 < mail["shrunk_high"]
    assert list(values_table(learnt)["estimate"]) == ["naive", "corrected", "cross_fitted"]
    assert policy_table(learnt).iloc[0][["cell", "treatment"]].tolist() == ["new yes", "mail"]
    assert [sentence.split()[0] for sentence in in_words(learnt)] == ["Of", "By", "Over"]


def test_a_limit_on_people_is_kept(trial: TrialTable) -> None:
    treated = policy_table(learn(trial, asked(halvings=0, most=0.25)))["treated"]
    assert treated.sum() == 300
