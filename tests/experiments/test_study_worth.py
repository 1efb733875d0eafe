"""The study of worth: claims judged as they are, failures told, and the page, table, picture and command."""

from __future__ import annotations

import json

import numpy as np
import pandas as pd
import pytest

from experiments import study_worth as study
from experiments.experiment import load
from experiments.study_tables import (
    JUDGED,
    Lived,
    beside_table,
    best_rule,
    claims_table,
    greedy_table,
    leads_table,
    verdicts_table,
)
from experiments.study_weight import USUAL, WEIGHTS, choose_weight, weighed
from experiments.study_worth import ScenarioWorth, Sizes, WorthStudy, scenario_worth
from experiments.study_worth_page import all_leads, page, write_worth
from experiments.study_worth_shown import worth_json, worth_tables
from experiments.study_worth_words import failures, headline, tally
from optimize.contenders import BLEND, CONTRIBUTION, GREEDY, GREEDY_CONTRIBUTION, PARTS, PLAN, Contender, Contenders
from optimize.decision import FROM_TRUTH
from sim.errors import KeystayError
from sim.programme import nothing

RULES = ["nothing", "biggest_spenders_first", "todays_practice"]
LEADS = {"biggest_spenders_first": 0.5e6, "todays_practice": 0.2e6, GREEDY: 1e6, GREEDY_CONTRIBUTION: 1e6}
TINY = ("city.customers=40", "burn_in=3", "months=6", "period=6")


def lived_with(leads, futures=12, base=50e6):
    """Return futures in which each policy is ahead of doing nothing by so many yuan in every measure, and some luck."""
    rng = np.random.default_rng(1)
    luck = rng.standard_normal((futures, 1)) * 1e6
    own = {name: base + luck + lead + rng.standard_normal((futures, len(JUDGED))) * 2e4 for name, lead in leads.items()}
    return Lived({"nothing": base + luck + np.zeros((futures, len(JUDGED))), **own})


def made_of(seen, left_out=None):
    """Return contenders by the names that were lived, with a prediction of a million yuan where one is made."""

    def kind(name):
        if name in RULES:
            return "rule"
        return "greedy" if "greedy" in name else "part" if name in PARTS else "plan"

    told = dict.fromkeys(JUDGED, 1e6)
    return Contenders({name: Contender(nothing(3), kind(name), told) for name in seen.values}, left_out or {})


def part_of(lead=1e6, claimed=True, left_out=None, **more):
    """Return a scenario in which plans are ahead of doing nothing by so much, and their parts by a third of it."""
    plans = dict.fromkeys((PLAN, CONTRIBUTION, BLEND, FROM_TRUTH), lead)
    seen = lived_with({**LEADS, **plans, **dict.fromkeys(PARTS, lead / 3), **more})
    made, claims = made_of(seen, left_out), claims_table(seen, RULES)
    return ScenarioWorth(
        name="made_up",
        title="Made up",
        customers=3,
        months=24,
        seed=1,
        claimed=claimed,
        caveats=() if claimed else ("All assumed.",),
        rules=tuple(RULES),
        leads=leads_table(seen, made),
        claims=claims,
        verdicts=verdicts_table(claims),
        greedy=greedy_table(seen),
        beside=beside_table(seen, ((FROM_TRUTH, PLAN),)),
        left_out=made.left_out,
        revenue=50e6,
    )


def study_of(*parts, **more):
    """Return a study of scenarios, in which all weights did alike."""
    weight = weighed(np.ones((9, len(WEIGHTS), 2)), ("somewhere, seed 7",), 9)
    return WorthStudy(parts, weight, more.get("skipped", {}), more.get("overrides", ()), Sizes())


@pytest.fixture(scope="module")
def done():
    return study_of(part_of())


def test_the_best_rule_is_that_with_the_largest_mean():
    assert best_rule(lived_with(LEADS), RULES, "contribution") == "biggest_spenders_first"


def test_every_plan_is_compared_with_every_rule_in_what_it_is_claimed_for(done):
    claims = done.scenarios[0].claims
    assert len(claims) == (1 + 1 + 2) * len(RULES)
    assert set(claims.loc[claims["policy"] == CONTRIBUTION, "measure"]) == {"contribution"}
    assert (claims[claims["best"]]["against"] == "biggest_spenders_first").all()


def test_simultaneous_intervals_are_wider_than_single_ones(done):
    part = done.scenarios[0]
    both = part.claims.merge(part.leads, on=["policy", "measure", "against"], suffixes=("", "_single"))
    assert len(both)
    assert (both["high"] - both["low"] > both["high_single"] - both["low_single"]).all()


def test_a_clear_lead_over_every_rule_holds(done):
    part = done.scenarios[0]
    assert part.verdicts["holds"].all()
    assert (part.verdicts["against"] == "biggest_spenders_first").all()
    assert part.verdicts["mean"].to_numpy() == pytest.approx(0.5e6, abs=3e4)


def test_one_rule_that_is_not_beaten_is_enough_for_a_claim_to_fail():
    part = part_of(lead=0.5e6)
    assert not part.verdicts["holds"].all()
    told = failures(study_of(part))
    assert any("is not shown to lead biggest spenders first" in sentence for sentence in told)
    assert "**does not hold**" in page(study_of(part))


def test_a_plan_that_is_worse_says_so_in_the_first_sentence():
    told = headline(study_of(part_of(lead=-1e6)))
    assert "yuan less than the best rule of thumb, biggest spenders first" in told


def test_a_lead_that_may_be_none_is_told_to_show_nothing():
    assert "which shows neither to be better" in headline(study_of(part_of(lead=0.5e6)))


def test_a_plan_far_below_greedy_fails_and_one_beside_it_does_not():
    near, far = part_of(lead=1e6), part_of(lead=0.8e6)
    assert near.greedy["holds"].all()
    assert not far.greedy["holds"].any()
    assert any("no worse than incremental greedy" in sentence for sentence in failures(study_of(far)))


def test_claims_that_hold_are_counted_with_those_that_do_not():
    assert tally(study_of(part_of())) == "Of 6 claims 6 hold."
    assert tally(study_of(part_of(), part_of(lead=0.0))) == "Of 12 claims 6 hold."


def test_a_scenario_without_claims_is_shown_and_not_judged():
    part = part_of(lead=-1e6, claimed=False)
    told = page(study_of(part_of(), part))
    assert tally(study_of(part_of(), part)) == "Of 6 claims 6 hold."
    assert "None of the claims is held against it." in told
    assert headline(study_of(part)) == "No scenario of this study is held against the claims."


def test_what_could_not_be_made_or_studied_is_told():
    told = page(study_of(part_of(left_out={"robust_plan": "it has no outlooks"}), skipped={"real": "no data"}))
    assert "robust plan is left out: it has no outlooks" in told
    assert "## real\n\nSkipped: no data" in told


def test_policies_are_compared_on_the_futures_that_both_lived_through():
    seen = lived_with({PLAN: 1e6})
    fewer = Lived({**seen.values, "planned_again": seen.values[PLAN][:4] + 5.0})
    table = beside_table(fewer, (("planned_again", PLAN), ("robust_plan", PLAN)))
    assert set(table["futures"]) == {4}
    assert table["mean"].to_numpy() == pytest.approx(5.0, abs=1e-6)


def test_the_page_holds_every_policy_and_names_the_best_rule(done):
    told = page(done)
    for name in ("plan for both", "plan from the truth", "visits only", "incremental greedy", "doing nothing"):
        assert f"| {name} |" in told
    assert "best rule of thumb, biggest spenders first" in told.split("\n\n")[2]


def test_parts_are_told_as_shares_of_the_plans_gain(done):
    assert "| visits only | 0.33 (" in page(done)
    assert "added up, the parts come to 10" in page(done)


def test_the_page_tells_settings_that_differ():
    told = page(study_of(part_of(), overrides=("visit.hours=400",)))
    assert "differ from the shipped scenarios: `visit.hours=400`" in told


def test_the_table_has_single_and_simultaneous_intervals(done):
    table = all_leads(done)
    assert set(table["interval"]) == {"single", "simultaneous"}
    assert not table.duplicated(["scenario", "policy", "measure", "against", "interval"]).any()


def test_page_table_and_picture_replace_older_ones(done, tmp_path):
    for _ in range(2):
        written = write_worth(done, tmp_path)
    assert [place.relative_to(tmp_path).as_posix() for place in written] == [
        "worth.md",
        "worth.csv",
        "images/worth.png",
    ]
    assert all(place.stat().st_size > 500 for place in written)
    assert len(list(tmp_path.rglob("*"))) == 4  # with the folder of images


def test_a_folder_that_cannot_be_written_is_told_in_one_line(done, tmp_path):
    (tmp_path / "taken").write_text("mine", encoding="utf-8")
    with pytest.raises(KeystayError, match="name another folder with --out"):
        write_worth(done, tmp_path / "taken")


def test_the_usual_weight_stays_unless_another_is_clearly_better():
    leads = np.ones((30, len(WEIGHTS), 2)) * 1e6 + np.random.default_rng(2).standard_normal((30, 1, 2)) * 1e5
    assert weighed(leads).chosen == USUAL
    leads[:, WEIGHTS.index(2.0)] += 1e5
    assert weighed(leads).chosen == 2.0


def test_a_weight_is_judged_by_the_smaller_of_both_leads():
    leads = np.ones((30, len(WEIGHTS), 2)) * 1e6
    leads[:, WEIGHTS.index(0.5)] += [5e6, -1e5]
    assert weighed(leads).chosen == USUAL


def test_the_weight_is_chosen_in_cities_of_other_seeds():
    found = choose_weight(("shenzhen",), (101,), 3, TINY)
    assert found.cities == ("shenzhen, seed 101",)
    assert found.chosen in WEIGHTS
    assert load("shenzhen").settings.seed not in Sizes().weight_cities


@pytest.mark.parametrize("arguments", [(), ("--json",), ("--out", "pages")])
def test_the_command_answers(keystay, tmp_path, monkeypatch, arguments):
    failed = study_of(part_of(), part_of(lead=0.0))
    monkeypatch.setattr(study, "worth_of", lambda *_, **__: failed)
    asked = keystay("study", "worth", "--quick", *arguments)
    assert asked.exit_code == 0, asked.stderr
    if "--json" in arguments:
        told = json.loads(asked.stdout)
        assert len(told["claims"]) == 12
        assert len(told["failures"]) == 6
    else:
        assert "Of 12 claims 6 hold." in asked.stdout.replace("\n", " ")
        assert "is not shown to lead" in asked.stdout.replace("\n", " ")
    assert (tmp_path / "pages" / "worth.md").is_file() == ("--out" in arguments)
    assert not (tmp_path / "docs").exists()


def test_json_holds_every_lead(done):
    assert len(worth_json(done)["leads"]) == len(all_leads(done))


def test_the_screen_shows_claims_and_one_table_a_scenario(done):
    assert len(list(worth_tables(done))) == 2


@pytest.mark.slow
def test_a_tiny_city_is_studied_whole():
    sizes = Sizes(futures=4, slow_futures=2)
    part = scenario_worth(load("price_war", TINY), 1.5, sizes, TINY)
    assert part.left_out == {}
    assert part.claimed
    futures = part.leads.groupby("policy")["futures"].first()
    assert futures["month_by_month"] == futures["planned_again"] == 2
    assert futures["robust_plan"] == 4
    assert np.isfinite(part.leads[["mean", "low", "high"]].to_numpy()).all()
    assert isinstance(part.claims, pd.DataFrame)
    assert "Price war" in page(study_of(part))
