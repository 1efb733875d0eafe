"""The market stored: tidy tables that add up, and a ledger that traces every yuan."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pandas as pd
import pyarrow.parquet as pq
import pytest
from typer.testing import Result as Told

from experiments.experiment import Experiment, load
from experiments.history_table import flows_table, history_table
from experiments.ledger import rows_of, trace
from experiments.market_record import Stored, store_market
from experiments.run import Result, simulate_market
from experiments.store import LedgerFile, read_result
from sim.composing.compose import Composed
from sim.errors import InputError
from sim.history import COUNTS_BY_GROUP, MONEY_BY_GROUP, own_lines, yuan
from sim.ledger import MONEY_COLUMNS, column_names

TOTALS = MONEY_COLUMNS


@pytest.fixture(scope="module")
def stored(tiny_experiment: Composed[Experiment], tmp_path_factory: pytest.TempPathFactory) -> Stored:
    return store_market(tiny_experiment, ledger=True, root=tmp_path_factory.mktemp("results"))


@pytest.fixture(scope="module")
def ledger(stored: Stored) -> Path:
    return stored.folder / "ledger.parquet"


@pytest.fixture(scope="module")
def table(stored: Stored) -> pd.DataFrame:
    return pd.read_parquet(stored.folder / "history.parquet")


def by_month(table: pd.DataFrame, measure: str) -> pd.Series:
    return table[table["measure"] == measure].groupby("month")["value"].sum()


# The tables.


@pytest.mark.parametrize("name", [*MONEY_BY_GROUP, *COUNTS_BY_GROUP])
def test_rows_of_a_measure_add_up_to_its_total(stored: Stored, table: pd.DataFrame, name: str) -> None:
    total = getattr(stored.market.history, name)
    expected = yuan(total) if name in MONEY_BY_GROUP else total
    np.testing.assert_allclose(by_month(table, name), expected, rtol=1e-12)


def test_revenue_of_a_carrier_and_line_adds_up_over_groups(stored: Stored, table: pd.DataFrame) -> None:
    rows = table[table["measure"] == "revenue"]
    summed = rows.groupby(["month", "carrier", "line"], observed=True, sort=False)["value"].sum()
    months, carriers, lines = stored.market.history.revenue.shape
    assert len(summed) == months * carriers * lines
    shown = summed.to_numpy().reshape(months, carriers, lines)
    np.testing.assert_allclose(shown, yuan(stored.market.history.revenue), rtol=1e-12)


def test_customers_by_stage_are_all_customers(stored: Stored, table: pd.DataFrame) -> None:
    stages = table[table["measure"].str.startswith("stage.")]
    assert (stages.groupby("month")["value"].sum() == len(stored.market.start.book.ids)).all()
    assert set(stages["unit"]) == {"customers"}


def test_satisfaction_is_a_mean_over_those_served(stored: Stored, table: pd.DataFrame) -> None:
    keys = ["month", "class", "known", "size", "location", "carrier"]
    mean = table[table["measure"] == "satisfaction"].set_index(keys)["value"]
    served = table[table["measure"] == "served"].set_index(keys)["value"]
    assert mean.between(0, 1).all()
    total = (mean * served.loc[mean.index]).groupby("month").sum()
    expected = stored.market.history.satisfaction_by_group.sum(axis=(1, 2)) / 10_000
    np.testing.assert_allclose(total, expected, rtol=1e-9)


def test_lines_that_are_ours_are_kept_or_won_back(stored: Stored, table: pd.DataFrame) -> None:
    ours = by_month(table, "lines_kept") + by_month(table, "lines_won_back")
    np.testing.assert_array_equal(ours, own_lines(stored.market.history))


def test_every_measure_has_one_unit_and_says_which_axes_it_has(table: pd.DataFrame) -> None:
    assert (table.groupby("measure", observed=True)["unit"].nunique() == 1).all()
    has = table.groupby("measure", observed=True)[["carrier", "line"]].agg(lambda column: column.notna().all())
    assert has.loc["revenue"].tolist() == [True, True]
    assert has.loc["lines_kept"].tolist() == [False, True]
    assert has.loc["satisfaction"].tolist() == [True, False]
    assert has.loc["retained"].tolist() == [False, False]


def test_flows_add_up_to_every_line_in_every_month(stored: Stored) -> None:
    flows = pd.read_parquet(stored.folder / "flows.parquet")
    history = stored.market.history
    assert (flows.groupby("month")["lines"].sum() == history.flows[0].sum()).all()
    left = flows[(flows["from"] == "own") & (flows["to"] != "own")].groupby("month")["lines"].sum()
    np.testing.assert_array_equal(left, history.flows[:, :, 0, 1:].sum(axis=(1, 2)))


def test_classes_of_the_table_are_those_of_the_book(stored: Stored, table: pd.DataFrame) -> None:
    rows = table[(table["month"] == 0) & table["measure"].str.startswith("stage.")]
    shown = rows.groupby("class", observed=False)["value"].sum()
    book = np.bincount(stored.market.start.book.value_class, minlength=5)
    np.testing.assert_array_equal(shown.loc[["A", "B", "C", "D", "X"]], book)


def test_without_groups_the_tables_tell_totals() -> None:
    settings = ["city.customers=60", "months=3", "burn_in=0", "comparison.replications=2", "recording.groups=false"]
    experiment = load("shenzhen", settings)
    history = simulate_market(experiment).history
    names = (tuple(experiment.settings.carriers), tuple(experiment.settings.lines))
    table, flows = history_table({"today": history}, *names), flows_table({"today": history}, *names)
    assert table["class"].isna().all()
    np.testing.assert_allclose(by_month(table, "retained"), yuan(history.retained))
    assert flows["lines"].sum() == history.flows.sum()


def test_a_run_holds_the_plan_and_nothing_by_group(answered: Result) -> None:
    table = pd.read_parquet(answered.folder / "history.parquet")
    months = pd.read_parquet(answered.folder / "months.parquet")
    rows = table[table["measure"] == "retained"].groupby(["policy", "month"], observed=True, sort=False)["value"].sum()
    assert list(table["policy"].cat.categories) == ["plan", "nothing"]
    expected = months.set_index(["policy", "month"])["retained"]
    np.testing.assert_allclose(rows.loc[expected.index], expected, rtol=1e-12)


# The ledger.


@pytest.mark.parametrize("name", TOTALS)
def test_every_total_is_traced_to_the_unit_by_month(stored: Stored, ledger: Path, name: str) -> None:
    months = trace(ledger, name)
    assert months.index.tolist() == list(range(6))
    assert months.tolist() == getattr(stored.market.history, name).tolist()


def test_every_account_is_traced_to_the_unit_by_customer(stored: Stored, ledger: Path) -> None:
    ids = stored.market.start.city.ids
    for name, account in stored.market.history.account._asdict().items():
        traced = trace(ledger, name, by="customer")
        assert traced.dtype == np.int64
        assert traced.reindex(ids, fill_value=0).tolist() == account.tolist(), name


def test_revenue_of_every_carrier_is_traced_to_the_unit(stored: Stored, ledger: Path) -> None:
    settings = load("shenzhen").settings
    for c, carrier in enumerate(settings.carriers):
        revenue = stored.market.history.revenue[:, c]
        assert trace(ledger, f"revenue.{carrier}").tolist() == revenue.sum(axis=1).tolist()
        line = next(iter(settings.lines))
        assert trace(ledger, f"revenue.{carrier}.{line}").tolist() == revenue[:, 0].tolist()


def test_the_rows_of_a_month_are_those_of_its_total(stored: Stored, ledger: Path) -> None:
    rows = rows_of(ledger, "own_revenue", 3)
    history = stored.market.history
    total = history.retained[3] + history.won_back[3] + history.shortfall[3]
    assert rows["yuan"].sum() == pytest.approx(float(yuan(total)), rel=1e-12)
    assert rows["yuan"].is_monotonic_decreasing
    assert (rows["yuan"] != 0).all()


def test_a_month_is_a_row_group_without_empty_rows(ledger: Path) -> None:
    with pq.ParquetFile(ledger) as file:
        assert file.num_row_groups == 6
        settings = load("shenzhen").settings
        columns = column_names(settings.carriers, settings.lines)
        assert tuple(file.schema_arrow.names) == ("month", "customer", *columns)
        rows = file.read().to_pandas()
    assert (rows[list(columns)] != 0).any(axis=1).all()


def test_a_measure_that_is_none_is_refused(ledger: Path) -> None:
    with pytest.raises(InputError, match="unknown measure; did you mean 'retained'"):
        trace(ledger, "retaind")


def test_a_ledger_that_is_not_there_is_told(tmp_path: Path) -> None:
    with pytest.raises(InputError, match="no such file"):
        trace(tmp_path / "ledger.parquet", "retained")


def post_some(sink: LedgerFile) -> None:
    sink.post(0, {"retained": np.array([0, 5, 0]), "plan": np.array([0, 0, 1], dtype=np.int8)})


def test_a_ledger_has_its_name_only_when_it_is_whole(tmp_path: Path) -> None:
    place = tmp_path / "ledger.parquet"
    with LedgerFile(place, np.array(["a", "b", "c"])) as sink:
        post_some(sink)
        assert not place.exists()
    assert [file.name for file in tmp_path.iterdir()] == ["ledger.parquet"]
    assert pd.read_parquet(place)["customer"].tolist() == ["b", "c"]


def fail_halfway(place: Path) -> None:
    with LedgerFile(place, np.array(["a", "b", "c"])) as sink:
        post_some(sink)
        raise RuntimeError("stop")


def test_an_error_leaves_no_part_of_a_ledger(tmp_path: Path) -> None:
    with pytest.raises(RuntimeError, match="stop"):
        fail_halfway(tmp_path / "ledger.parquet")
    assert list(tmp_path.iterdir()) == []


# The folder.


def test_the_folder_holds_what_its_manifest_lists(stored: Stored) -> None:
    manifest = json.loads((stored.folder / "manifest.json").read_text(encoding="utf-8"))
    there = {file.name for file in stored.folder.iterdir()}
    assert there == {*manifest["files"], "manifest.json"}
    assert {"history.parquet", "flows.parquet", "ledger.parquet", "months.parquet"} <= there
    assert [folder.name for folder in stored.folder.parent.iterdir()] == [stored.folder.name]


def test_the_folder_is_not_that_of_a_run_nor_of_another_question(stored: Stored, answered: Result) -> None:
    assert stored.folder.name != answered.folder.name
    assert read_result(stored.folder).settings == answered.experiment.settings


def test_the_command_writes_a_ledger_where_results_go(keystay: Callable[..., Told]) -> None:
    done = keystay("simulate", "shenzhen", "--ledger", tiny=True)
    folder = Path(done.stdout.splitlines()[-1].removeprefix("Results: "))
    assert folder.parts[0] == "results"
    assert (trace(folder / "ledger.parquet", "retained") > 0).all()


def test_the_command_writes_tables_alone_if_no_ledger_is_asked_for(keystay: Callable[..., Told]) -> None:
    told = json.loads(keystay("simulate", "shenzhen", "--results", "out", "--json", tiny=True).stdout)
    names = {file.name for file in Path(told["folder"]).iterdir()}
    assert "history.parquet" in names
    assert "ledger.parquet" not in names
