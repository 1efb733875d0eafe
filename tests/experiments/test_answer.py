"""The answer: what it says, and what it takes care not to claim."""

from __future__ import annotations

import pandas as pd

from experiments.answer import answer, expected, sentences
from experiments.experiment import load
from experiments.run import Result

ROWS = [
    ("nothing", "retained_revenue", 2.2e6, 2.0e6, 2.4e6, 0.06),
    ("biggest_spenders_first", "retained_revenue", 0.34e6, 0.25e6, 0.43e6, 0.1),
    ("todays_practice", "retained_revenue", 0.5e6, 0.4e6, 0.6e6, 0.1),
    ("nothing", "contribution", 3.0e6, 2.9e6, 3.1e6, None),
    ("biggest_spenders_first", "contribution", 0.1e6, -0.1e6, 0.3e6, None),
    ("todays_practice", "contribution", 0.9e6, 0.8e6, 1.0e6, None),
]


def comparison(**changes: tuple[float, float, float]) -> pd.DataFrame:
    """Return a comparison with the leads in retained revenue changed for the policies named."""
    rows = [
        (name, measure, *(changes.get(name, ends) if measure == "retained_revenue" else ends), 40, share)
        for name, measure, *ends, share in ROWS
    ]
    columns = ["against", "measure", "mean", "low", "high", "replications", "largest_account_share"]
    return pd.DataFrame(rows, columns=columns)


def test_the_headline_gives_the_lead_over_nothing_and_over_the_best_rule(answered: Result) -> None:
    first = sentences(load("shenzhen").settings, answered.plan, comparison(), answered.trials)[0]
    assert first.startswith(
        "Over 24 months the plan keeps 2.20 million yuan more retained revenue than doing nothing "
        "(95 % interval 2.00 to 2.40 million, 40 fresh futures), and 0.34 million more (0.25 to 0.43) than the best "
        "rule of thumb, biggest spenders first; expected by the optimiser: "
    )


def test_the_optimisers_own_figure_comes_last_in_the_headline(answered: Result) -> None:
    first = sentences(load("shenzhen").settings, answered.plan, comparison(), answered.trials)[0]
    *_, last = first.split("; ")
    assert last.startswith("expected by the optimiser: ")


def test_the_contribution_is_told_against_todays_practice(answered: Result) -> None:
    told = answer(load("shenzhen").settings, answered.plan, comparison(), answered.trials)
    assert "Its contribution is 0.90 million yuan (0.80 to 1.00) above today's practice" in told


def test_a_rule_that_is_not_beaten_is_named(answered: Result) -> None:
    told = answer(load("shenzhen").settings, answered.plan, comparison(), answered.trials)
    assert "On contribution it is not shown to beat biggest spenders first (0.10 million, -0.10 to 0.30)." in told


def test_a_rule_that_beats_the_plan_is_named(answered: Result) -> None:
    worse = comparison(todays_practice=(-0.3e6, -0.4e6, -0.2e6))
    told = answer(load("shenzhen").settings, answered.plan, worse, answered.trials)
    assert "0.30 million less (-0.40 to -0.20) than the best rule of thumb, today's practice" in told
    assert "On retained revenue the plan does worse than today's practice (-0.30 million, -0.40 to -0.20)." in told


def test_the_share_of_the_largest_account_is_told(answered: Result) -> None:
    told = answer(load("shenzhen").settings, answered.plan, comparison(), answered.trials)
    assert "The one account that differs most makes 6 % of its gain in retained revenue over doing nothing" in told


def test_more_discount_than_was_budgeted_is_told(answered: Result) -> None:
    settings, mean = load("shenzhen").settings, answered.trials.measures.index("discount_given")
    given = answered.trials.values.copy()
    given[:, answered.trials.policies.index("plan"), mean] = 2 * answered.plan.limits.discount + 1
    told = answer(settings, answered.plan, comparison(), answered.trials._replace(values=given))
    assert "in the simulation it gave" in told
    given[:, answered.trials.policies.index("plan"), mean] = 0.5 * answered.plan.limits.discount
    assert "in the simulation it gave" not in answer(
        settings, answered.plan, comparison(), answered.trials._replace(values=given)
    )


def test_notes_turn_the_figures_into_no_claim(answered: Result) -> None:
    settings = load("shenzhen", ["notes=The response is assumed."]).settings
    assert answer(settings, answered.plan, comparison(), answered.trials).endswith(
        "These are figures of a simulation, no claim about real customers. The response is assumed."
    )


def test_a_plan_for_contribution_is_judged_by_contribution(answered: Result) -> None:
    settings = load("shenzhen", ["objective.maximise=contribution"]).settings
    first = sentences(settings, answered.plan, comparison(), answered.trials)[0]
    assert "brings 3.00 million yuan more contribution than doing nothing" in first


def test_the_optimisers_figure_is_the_objective_that_it_maximised(answered: Result) -> None:
    assert abs(expected(answered.plan, "retained_revenue") - answered.plan.expected_uplift) < 1e-3


def test_the_answer_is_of_characters_that_every_console_has(answered: Result) -> None:
    assert answered.answer.isascii()
