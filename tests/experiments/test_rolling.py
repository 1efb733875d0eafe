"""Planning again beside the one plan: the steps add up, the answer is what was found, files are written once."""

from __future__ import annotations

import json

import numpy as np
import pytest

from experiments.experiment import load
from experiments.money import money_for
from experiments.rolling import roll, write_rolled
from experiments.shown import rolled_tables
from optimize.replan import REASONS
from sim.errors import InputError

SMALL = ("city.customers=60", "burn_in=3", "months=9", "period=6", "response.draws=2", "comparison.replications=2")


@pytest.fixture(scope="module")
def done():
    return roll(load("shenzhen", SMALL))


def test_the_steps_add_up_to_the_whole(done):
    means = done.sources.pivot(index="measure", columns="source", values="mean")
    parts = means["hours and budgets used anew"] + means["what was learnt of customers"]
    np.testing.assert_allclose(parts, means["planning again, all told"], rtol=1e-9, atol=1e-6)
    against = done.comparison[done.comparison["against"] == "plan"].set_index("measure")["mean"]
    np.testing.assert_allclose(means["planning again, all told"], against[means.index])


def test_the_answer_tells_the_difference_with_its_interval(done):
    row = done.comparison[
        (done.comparison["against"] == "plan") & (done.comparison["measure"] == "retained_revenue")
    ].iloc[0]
    money = money_for(row["mean"], row["low"], row["high"])
    assert money.full(abs(row["mean"])) in done.answer
    assert "95 % interval" in done.answer
    assert "2 fresh futures" in done.answer


def test_every_date_within_the_period_has_a_row(done):
    assert done.dates["month"].tolist() == [3]
    counts = done.dates[list(REASONS)].sum(axis=1)
    np.testing.assert_allclose(counts, done.dates["changed"])
    assert len(list(rolled_tables(done))) == 2


def test_an_oracle_learns_nothing_new_of_rivals():
    """It knew all; so there is no step for what was learnt."""
    seen = roll(load("shenzhen", [*SMALL, "book.information=oracle"]))
    assert set(seen.sources["source"]) == {"planning again, all told"}
    assert "saw the truth" in seen.answer


def test_a_date_beyond_the_period_is_refused():
    with pytest.raises(InputError, match=r"rolling\.every: 6 months are not within"):
        roll(load("shenzhen", [*SMALL, "rolling.every=6"]))


def test_files_are_written_once(done, tmp_path):
    write_rolled(done, tmp_path / "new")
    names = {"rolling.csv", "sources.csv", "dates.csv", "futures.csv", "answer.txt"}
    assert {file.name for file in (tmp_path / "new").iterdir()} == names
    with pytest.raises(InputError, match="--out"):
        write_rolled(done, tmp_path / "new")


def test_the_command_writes_one_document(keystay):
    settings = [word for setting in SMALL for word in ("-s", setting)]
    told = keystay("rolling", "shenzhen", *settings, "-w", "1", "--json")
    assert told.exit_code == 0, told.stderr
    document = json.loads(told.stdout)
    assert set(document) == {"answer", "comparison", "sources", "dates", "notes", "folder"}
