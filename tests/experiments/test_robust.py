"""The command robust: plans for outlooks, tried out under each, as tables, files and one JSON document."""

from __future__ import annotations

import json

import numpy as np
import pandas as pd
import pytest

from experiments.experiment import load
from experiments.robust import places_of, robust_of, sentences, write_robust
from experiments.robust_shown import robust_tables
from optimize.robust_plan import NOMINAL, ROBUST
from sim.city import found
from sim.errors import InputError

TINY = ("city.customers=24", "burn_in=3", "months=6", "period=6", "comparison.replications=3")
PLANS = ["nothing", "nominal", "robust"]


@pytest.fixture(scope="module")
def done():
    return robust_of(load("risk", TINY))


def test_every_outlook_is_simulated_with_every_plan(done):
    assert list(done.probabilities) == ["as_planned", "price_war", "entry", "recession"]
    assert len(done.simulated) == 4 * 4
    assert set(done.simulated["plan"]) == {*PLANS, *(f"best_for_{outlook}" for outlook in done.probabilities)}
    assert len(done.regret) == (3 + 4) * 4


def test_the_answer_leads_with_the_simulated_lead_and_its_interval(done):
    assert "in largest regret" in done.words[0]
    assert "3 fresh futures under each of 4 outlooks" in done.words[0] or "is the nominal one" in done.words[0]
    assert any("no plan within the limits" in sentence for sentence in done.words)


def test_equal_plans_are_called_equal(done):
    same = done.made._replace(choices={**done.made.choices, ROBUST: done.made.choices[NOMINAL]})
    told = sentences(load("risk", TINY).settings, same, done.tried, done.lead)
    assert "is the nominal one" in told[0]


def test_what_the_nominal_plan_would_exceed_is_told(done):
    over = done.made._replace(exceeded=("discount, entry: 12 of 10",))
    told = sentences(load("risk", TINY).settings, over, done.tried, done.lead)
    assert "The nominal plan would exceed discount, entry: 12 of 10." in told


def test_a_newcomer_serves_nobody_before_it_enters():
    settings = load("risk", ["city.customers=2000", "burn_in=12"]).settings
    newcomer = list(settings.carriers).index("newcomer")
    assert np.count_nonzero(found(settings).city.state.carrier == newcomer) <= 4  # of 8000 lines


def test_tables_have_a_row_for_each_outlook(done):
    gains, regrets, found_how = robust_tables(done)
    assert gains.row_count == regrets.row_count == 4
    assert found_how.row_count > 3


def test_files_are_written_once_and_read_back(done, tmp_path):
    write_robust(done, tmp_path / "new")
    names = {file.name for file in (tmp_path / "new").iterdir()}
    assert names == {"expected.csv", "simulated.csv", "regret.csv", "answer.txt", "plan.csv", "plan.xlsx"}
    pd.testing.assert_frame_equal(pd.read_csv(tmp_path / "new" / "simulated.csv"), done.simulated)
    with pytest.raises(InputError, match="--out"):
        write_robust(done, tmp_path / "new")


def test_the_command_writes_one_document(keystay):
    options = [word for setting in TINY for word in ("-s", setting)]
    answer = keystay("robust", "risk", "-w", "1", "--json", *options)
    assert answer.exit_code == 0
    document = json.loads(answer.stdout)
    assert len(document["plan"]) == 24
    assert document["probabilities"]["price_war"] == 0.2
    assert document["folder"] is None


@pytest.mark.parametrize(
    ("arguments", "told"),
    [
        (("shenzhen",), "risk.outlooks: none given"),
        (("risk", "-s", "rules.move_accounts=true"), "rules.move_accounts: can't be asked for in a robust plan"),
        (("risk", "-s", "risk.outlooks.entry.change={city: {customers: 3}}"), "'city.customers' can't differ"),
    ],
)
def test_what_cannot_be_asked_is_told_at_once(keystay, arguments, told):
    answer = keystay("robust", *arguments)
    assert answer.exit_code == 2
    assert told in answer.stderr


def test_a_wrong_setting_in_an_outlook_is_told_with_its_line(tmp_path):
    file = tmp_path / "mine.yaml"
    file.write_text(
        "extends: shenzhen\nrisk:\n  outlooks:\n    war:\n      probability: 0.5\n      change:\n"
        "        rivals: {netcom: {policy: {name: price_war, drop: 2}}}\n",
        encoding="utf-8",
    )
    with pytest.raises(InputError, match=r"mine\.yaml:7: rivals\.netcom\.policy\.drop: 2 is above the most allowed"):
        robust_of(load(str(file)))


def test_the_outlook_as_planned_has_no_places():
    assert places_of(load("risk"), "as_planned") == {}
