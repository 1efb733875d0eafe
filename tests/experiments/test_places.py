"""What can't be done is told with the places of the settings that forbid it."""

from __future__ import annotations

import pytest

from experiments.experiment import load
from experiments.places import told_with_places, with_places
from experiments.run import optimise
from sim.errors import InfeasibleError, InputError

KNOWN = frozenset({"rules", "visit", "targets"})


def test_a_setting_is_told_with_its_file_and_line():
    told = with_places("rules.least_visits: too many", {"rules.least_visits": "mine.yaml:4"}, KNOWN)
    assert told == "rules.least_visits (mine.yaml:4): too many"


def test_what_a_setting_is_part_of_has_a_place_too():
    origin = {"rules.amounts.cap": "mine.yaml:7"}
    assert "(mine.yaml:7)" in with_places("rules.amounts.cap.most: raise it", origin, KNOWN)


def test_what_is_inside_a_setting_has_a_place_too():
    assert "(mine.yaml:5)" in with_places("rules.least_visits", {"rules.least_visits.A": "mine.yaml:5"}, KNOWN)


def test_a_place_is_told_once_and_defaults_have_none():
    told = with_places("visit.hours, again visit.hours, targets.churn", {"visit.hours": "a.yaml:1"}, KNOWN)
    assert told == "visit.hours (a.yaml:1), again visit.hours, targets.churn"


def test_words_with_dots_that_are_no_settings_stay_as_they_are():
    assert with_places("customers.csv has 1.5", {"customers": "a.yaml:1"}, KNOWN) == "customers.csv has 1.5"


@pytest.fixture
def scenario(tmp_path):
    def written(text):
        place = tmp_path / "mine.yaml"
        place.write_text(f"extends: shenzhen\ncity: {{customers: 60}}\nburn_in: 3\nmonths: 6\nperiod: 6\n{text}")
        return load(str(place), [])

    return written


def test_an_impossible_must_visit_rule_is_answered_with_the_rule_its_place_and_the_missing_hours(scenario):
    asked = scenario("rules:\n  least_visits: {A: 24, B: 24, C: 24, D: 24}\n")
    with pytest.raises(
        InfeasibleError, match=r"rules\.least_visits \(.*mine\.yaml:7\): .* hours .* are missing"
    ) as raised:
        optimise(asked)
    assert raised.value.exit_code == 3


def test_a_target_out_of_reach_is_answered_with_its_place(scenario):
    asked = scenario("targets:\n  retained: 1.0e+12\n")
    with pytest.raises(InfeasibleError, match=r"targets\.retained \(.*mine\.yaml:7\): lower retained from"):
        optimise(asked)


def test_a_name_that_the_book_does_not_have_is_told_with_its_place(scenario):
    asked = scenario("rules:\n  accounts:\n    nobody: {visits: 1}\n")
    with pytest.raises(InputError, match=r"rules\.accounts\.nobody\.ids \(.*mine\.yaml:8\): the book has no account"):
        optimise(asked)


def test_other_errors_pass_as_they_are(scenario):
    with pytest.raises(InputError, match="somewhere else"), told_with_places(scenario("")):
        raise InputError("somewhere else")
