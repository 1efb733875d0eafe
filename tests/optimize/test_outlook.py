"""Outlooks: what of a scenario may differ, and what is told where something else would."""

from __future__ import annotations

import pytest
from pydantic import ValidationError

from optimize.decision import Decision
from optimize.outlook import BASE, Outlook, RiskSettings, left_out, under
from sim.composing.compose import compose, dump_yaml
from sim.errors import InputError
from sim.testing import tiny_tree

WAR = {"rivals": {"netcom": {"policy": {"name": "price_war", "drop": 0.3}}}}


def decided(**change):
    outlooks = {"dark": {"probability": 0.25, "change": change}}
    return compose(Decision, tiny_tree(risk={"outlooks": outlooks})).settings


def test_the_scenario_as_planned_has_the_probability_that_is_left():
    assert decided().risk.probabilities == {BASE: 0.75, "dark": 0.25}


def test_an_outlook_that_leaves_no_probability_leaves_out_things_as_planned():
    risk = RiskSettings(outlooks={"war": Outlook(probability=0.6), "peace": Outlook(probability=0.4)})
    assert list(risk.probabilities) == ["war", "peace"]


def test_probabilities_above_one_are_refused():
    with pytest.raises(ValidationError, match=r"add up to 1\.2"):
        RiskSettings(outlooks={"war": Outlook(probability=0.6), "peace": Outlook(probability=0.6)})


def test_things_as_planned_need_no_entry():
    with pytest.raises(ValidationError, match="choose another name"):
        RiskSettings(outlooks={BASE: Outlook(probability=0.1)})


def test_a_change_is_laid_over_the_scenario_and_leaves_the_rest():
    decision = decided(**WAR)
    changed = under(decision, decision.risk, "dark")
    assert changed.rivals["netcom"].policy.drop == 0.3
    assert changed.rivals["unicom"] == decision.rivals["unicom"]
    assert changed.city == decision.city
    assert under(decision, decision.risk, BASE) is decision


@pytest.mark.parametrize(
    ("change", "named"),
    [
        ({"city": {"customers": 9}}, "city.customers"),
        ({"budgets": {"discount": 0.5}}, "budgets.discount"),
        ({"rivals": {"netcom": {"price_index": 0.9}}}, "rivals.netcom.price_index"),
        ({"rivals": {"netcom": None}}, "rivals.netcom"),
    ],
)
def test_who_is_there_and_what_is_decided_is_the_same_in_all_outlooks(change, named):
    decision = decided(**change)
    with pytest.raises(InputError, match=f"'{named}' can't differ"):
        under(decision, decision.risk, "dark")


def test_a_wrong_key_in_a_change_is_told_with_its_place():
    decision = decided(rivals={"netcom": {"polcy": "static"}})
    places = {("rivals", "netcom", "polcy"): "risk.yaml:7"}
    with pytest.raises(InputError, match=r"risk\.yaml:7: rivals\.netcom\.polcy: unknown key; did you mean 'policy'"):
        under(decision, decision.risk, "dark", places)


def test_an_unknown_outlook_is_told_with_those_that_there_are():
    with pytest.raises(InputError, match="did you mean 'dark'"):
        under(decided(), decided().risk, "darc")


def test_what_no_plan_foresees_is_named():
    decision = decided(rivals={"unicom": {"poach": {"visits": 3.0}}}, city={"downturn": 0.1})
    changed = under(decision, decision.risk, "dark")
    assert left_out(decision, changed) == ["rivals.unicom.poach"]


def test_outlooks_are_written_and_read_back(tmp_path):
    decision = decided(**WAR)
    file = tmp_path / "written.yaml"
    file.write_text(dump_yaml(decision), encoding="utf-8")
    assert compose(Decision, file).settings == decision
