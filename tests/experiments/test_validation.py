"""The validation: verdicts, the page, and the regularities that hold whatever is assumed."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest
from typer.testing import Result

from experiments import validation, validation_page
from experiments.experiment import load
from experiments.validation import (
    Estimate,
    Sizes,
    Validation,
    estimate,
    rows,
    validate_model,
    validation_table,
    verdict,
)
from experiments.validation_allocation import OPEN, SOLVED, best_known, certified, published_measures, published_rows
from experiments.validation_building import RATES, building_measures, turning_rate
from experiments.validation_exact import closed_forms, worked_examples
from experiments.validation_expected import CHANCE, Expected
from experiments.validation_market import chosen, elasticity, looked, market_measures, place, top_fifth
from experiments.validation_page import page, replace_file, write_validation
from experiments.validation_service import against_erlang, erlang_wait, leaving_shares, mean_loss, share_drift, without
from sim.errors import KeystayError
from sim.programme import nothing

Ask = Callable[..., Result]
TINY = Sizes(2, 120, 1, 2, 60, 1, 2, 2, 40)
NAN = float("nan")


def row(low: float | None, high: float | None, source: str = "somebody") -> Expected:
    """Return a row with this range."""
    return Expected("key", "a regularity", "share", low, high, source, "Measured somehow.")


@pytest.fixture(scope="module")
def done() -> Validation:
    """Return a validation on next to nothing."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(validation, "QUICK", TINY)
        patch.delenv("KEYSTAY_DATA", raising=False)
        return validate_model(quick=True)


@pytest.mark.parametrize(
    ("found", "expected", "judged"),
    [
        (Estimate(0.80, 0.78, 0.82), row(0.75, 0.85), "met"),
        (Estimate(0.76, 0.74, 0.78), row(0.75, 0.85), "not met"),
        (Estimate(0.84, 0.82, 0.86), row(0.75, 0.85), "not met"),
        (Estimate(0.50, 0.40, 0.60), row(0.75, 0.85), "not met"),
        (Estimate(5.0, 1.0, 9.0), row(0.0, None), "met"),
        (Estimate(5.0, -1.0, 11.0), row(0.0, None), "not met"),
        (Estimate(-5.0, -9.0, -1.0), row(None, 0.0), "met"),
        (Estimate(8800.0, 8800.0, 8800.0), row(8799.995, 8800.005), "met"),
        (Estimate(NAN, NAN, NAN), row(0.75, 0.85), "skipped"),
        (Estimate(0.02, 0.01, 0.03), row(None, None), "skipped"),
        (Estimate(0.02, 0.01, 0.03), row(None, None, source=""), "reported"),
    ],
)
def test_a_regularity_is_met_where_the_whole_interval_lies_in_the_range(
    found: Estimate, expected: Expected, judged: str
) -> None:
    assert verdict(found, expected) == judged


def test_an_interval_is_the_t_interval_of_the_mean() -> None:
    found = estimate(np.array([1.0, 2.0, 3.0]))
    assert found.high - found.observed == pytest.approx(4.302653 / np.sqrt(3), rel=1e-6)


def test_what_was_not_measured_is_skipped() -> None:
    assert validation_table({}, [row(0.0, 1.0)])["verdict"].tolist() == ["skipped"]


def test_every_row_has_a_name_of_its_own() -> None:
    keys = [row.key for row in rows(load("shenzhen").settings)]
    assert len(keys) == len(set(keys))


def test_every_regularity_is_measured(done: Validation) -> None:
    missing = done.table[done.table["observed"].isna()]["key"]
    few_cases = {"wait.basic", "wait.priority", "wait.posted"}
    without_data = {row.key for row in published_rows()}
    assert set(missing) <= {"double_jeopardy", "turn_mean", "turn_largest"} | few_cases | without_data


def test_published_problems_are_skipped_without_their_files(done: Validation) -> None:
    published = done.table[done.table["key"].isin([row.key for row in published_rows()])]
    assert len(published) == 1 + len(SOLVED) + len(OPEN)
    assert set(published["verdict"]) == {"skipped"}


@pytest.mark.parametrize("name", ["gap1", "khan_I01", "khan_I05"])
def test_problems_with_a_published_optimum_are_solved(
    outside_data: Path, monkeypatch: pytest.MonkeyPatch, name: str
) -> None:
    monkeypatch.setenv("KEYSTAY_DATA", str(outside_data))
    found = {key: Estimate(value, value, value) for key, value in published_measures(name, 0.0).items()}
    judged = validation_table(found, [row for row in published_rows() if row.key in found])
    assert judged["verdict"].tolist() == ["met"]


def test_a_knapsack_nobody_has_closed_lies_between_its_value_and_its_bound(
    outside_data: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("KEYSTAY_DATA", str(outside_data))
    measured = {key: [value] for key, value in published_measures("hifi_c_27", 4e-3).items()}
    spans = {key: Estimate(*span) for key, span in certified(measured).items()}
    judged = validation_table(spans, [row for row in published_rows() if row.key in spans])
    assert judged["verdict"].tolist() == ["met"]
    assert judged["low"][0] <= best_known()["hifi_c_27"] <= judged["high"][0]


def test_churn_is_skipped_without_the_published_table(done: Validation) -> None:
    churn = done.table[done.table["key"].str.startswith("churn.")]
    assert set(churn["verdict"]) == {"skipped"}


def test_the_band_of_churn_comes_from_the_published_table(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "published").mkdir()
    table = "# percent per month\nquarter,one,two\n1,1.2,2.5\n2,1.1,2.9\n"
    (tmp_path / validation.PUBLISHED).write_text(table, encoding="utf-8")
    monkeypatch.setenv("KEYSTAY_DATA", str(tmp_path))
    assert validation.published_churn() == pytest.approx((0.011, 0.029))


def test_published_churn_is_from_1_1_to_3_per_cent(outside_data: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("KEYSTAY_DATA", str(outside_data))
    assert validation.published_churn() == pytest.approx((0.011, 0.030))


@pytest.mark.parametrize("quick", [True, False])
def test_the_page_says_how_much_was_simulated_and_what_was_changed(done: Validation, quick: bool) -> None:
    told = page(done._replace(overrides=("visit.hours=400",) if quick else ()))
    assert "2 cities of 120 customers" in told
    assert ("differ from the shipped scenario: `visit.hours=400`" in told) == quick


def test_the_page_holds_a_row_for_every_regularity(done: Validation) -> None:
    told = page(done)
    assert all(f"| {name} |" in told for name in done.table["name"])


def test_the_page_is_the_same_for_the_same_figures(done: Validation) -> None:
    assert page(done) == page(done._replace(table=done.table.copy()))


@pytest.mark.slow
def test_figures_do_not_depend_on_the_number_of_workers(done: Validation, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(validation, "QUICK", TINY)
    monkeypatch.delenv("KEYSTAY_DATA", raising=False)
    pd.testing.assert_frame_equal(validate_model(quick=True, workers=2).table, done.table)


def test_page_and_table_replace_older_ones(done: Validation, tmp_path: Path) -> None:
    for _ in range(2):
        write_validation(done, tmp_path)
    assert {file.name for file in tmp_path.iterdir()} == {"validation.md", "validation.csv"}
    assert len(pd.read_csv(tmp_path / "validation.csv")) == len(done.table)


def test_a_page_that_cannot_be_written_whole_leaves_the_older_one(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    place = tmp_path / "validation.md"
    place.write_text("older", encoding="utf-8")

    def full(*_: Any) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(validation_page.Path, "replace", full)
    with pytest.raises(OSError, match="No space"):
        replace_file(place, b"newer")
    assert place.read_text(encoding="utf-8") == "older"
    assert list(tmp_path.iterdir()) == [place]


def test_a_folder_that_cannot_be_written_is_told_in_one_line(done: Validation, tmp_path: Path) -> None:
    (tmp_path / "taken").write_text("mine", encoding="utf-8")
    with pytest.raises(KeystayError, match="name another folder with --out"):
        write_validation(done, tmp_path / "taken")


@pytest.mark.parametrize("arguments", [(), ("--json",), ("--out", "pages")])
def test_the_command_judges_the_model(
    keystay: Ask, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, arguments: tuple[str, ...], done: Validation
) -> None:
    monkeypatch.setattr(validation, "validate_model", lambda *_, **__: done)
    asked = keystay("validate-model", "--quick", *arguments)
    assert asked.exit_code == 0, asked.stderr
    if "--json" in arguments:
        assert len(json.loads(asked.stdout)["validation"]) == len(done.table)
    assert (tmp_path / "pages" / "validation.md").is_file() == ("--out" in arguments)
    assert not (tmp_path / "docs").exists()


def test_a_fifth_of_the_customers_holds_about_80_per_cent_of_the_spend() -> None:
    shares = [top_fifth(place(load("shenzhen", ["burn_in=0"]).settings, n, 4000, 1).city.state.demand.sum(axis=0))
              for n in range(4)]  # fmt: skip
    assert all(0.75 < share < 0.85 for share in shares)


def test_about_an_eighth_of_our_lines_is_lost_in_a_year_and_fewer_on_a_plan() -> None:
    found = market_measures(load("shenzhen").settings, 1, 2000, 2)
    assert 0.08 < found["yearly_loss"] < 0.2
    assert found["plan_keeps"] > 0


def test_the_worked_examples_hold_to_the_yuan() -> None:
    examples = [expected for expected in rows(load("shenzhen").settings) if expected.key.startswith("d1")]
    table = validation_table({key: Estimate(*[value] * 3) for key, value in worked_examples().items()}, examples)
    assert set(table["verdict"]) == {"met"}


def test_the_closed_forms_hold() -> None:
    found = closed_forms(300)
    assert max(found[name] for name in ("stationary", "first_passage", "binary_logit")) < CHANCE
    assert found["unmoved"] == found["cheapest"] == 0
    assert found["paid_switching"] < 0.002


def test_a_discount_for_three_tenants_costs_more_than_it_saves() -> None:
    gains = [building_measures(load("building").settings, seed, 4)["discount_mean"] for seed in range(6)]
    assert estimate(np.array(gains)).high < 0


def test_a_gain_turns_between_the_rates_around_its_sign() -> None:
    gains = np.linspace(5.0, -5.0, len(RATES))
    assert RATES[2] < turning_rate(gains) < RATES[3]


@pytest.mark.parametrize(("gains", "rate"), [([-1.0] * 6, 0.0), ([1.0] * 6, NAN)])
def test_a_gain_that_never_turns_has_no_such_rate(gains: list[float], rate: float) -> None:
    assert turning_rate(np.array(gains)) == pytest.approx(rate, nan_ok=True)


def test_choices_of_who_looks_count_those_that_stay() -> None:
    where = place(load("shenzhen").settings, 1, 500, 2)
    runs = where.lived(nothing(500), 1)
    assert chosen(runs).sum() == pytest.approx(1.0)
    assert 0 < looked(runs) < 0.2


def test_two_cities_share_no_future() -> None:
    one, other = (place(load("shenzhen").settings, seed, 50, 4).seeds for seed in (400, 401))
    assert len(one) == len(other) == 4
    assert not set(one) & set(other)


def test_our_share_of_lines_changes_by_what_is_won_and_lost() -> None:
    where = place(load("shenzhen").settings, 1, 400, 2)
    runs = where.lived(where.today)
    before = (where.city.state.carrier == 0).mean()
    moves = [run.flows.sum(axis=(0, 1)) for run in runs]
    gained = np.mean([flows[1:, 0].sum() - flows[0, 1:].sum() for flows in moves]) / where.city.state.carrier.size
    assert 0 < before < 1
    assert share_drift(runs) == pytest.approx(gained)
    assert sum(leaving_shares(runs)[f"trigger.{name}"] for name in ("rival_called", "term_ended")) <= 1


def test_loyalty_keeps_lines() -> None:
    where = place(load("shenzhen").settings, 1, 1000, 2)
    off = where.lived(where.today, mechanisms=without(where, "loyalty"))
    assert mean_loss(off) > mean_loss(where.lived(where.today))


def test_a_desk_with_one_server_waits_as_long_as_the_formula_says() -> None:
    assert erlang_wait(1, 0.8) == pytest.approx(0.8 / (1 - 0.8))


def test_a_busy_desk_keeps_waiting_about_as_long_as_erlang_c_says() -> None:
    where = place(load("shenzhen", ["burn_in=6"]).settings, 1, 2000, 4)
    assert against_erlang(where) == pytest.approx(1.0, abs=0.25)


def test_an_outcome_in_proportion_to_effort_has_elasticity_one() -> None:
    assert elasticity(150.0, 50.0) == pytest.approx(1.0)
