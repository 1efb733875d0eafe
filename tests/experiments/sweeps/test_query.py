"""Results are found, told and asked in SQL; nothing is changed by it, nor anything else read."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from experiments.run import Result
from experiments.sweeps.asking import own_sweep
from experiments.sweeps.design import Grid
from experiments.sweeps.folder import SCHEMA, Swept, read_sweep
from experiments.sweeps.known import INPUTS, Ishigami
from experiments.sweeps.listing import results_table, run_facts, status_of
from experiments.sweeps.query import query
from experiments.sweeps.sweep import sweep
from sim.errors import InputError


@pytest.fixture(scope="module")
def root(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return a folder with a sweep that is complete and one that is not, with runs that failed."""
    root = tmp_path_factory.mktemp("it's here")
    model = Ishigami(noise=1.0, fails=2)
    asked = own_sweep(model, INPUTS, Grid(levels=2), policies=("function", "nothing"), replications=4)
    sweep(asked, root / "whole")
    sweep(asked, root / "begun", part=(1, 2))
    return root


def test_runs_of_all_results_are_one_table(root: Path) -> None:
    found = query(root, "SELECT folder, status, count(*) AS runs FROM runs GROUP BY ALL ORDER BY ALL")
    assert found[found["folder"].str.endswith("/whole")]["runs"].tolist() == [48, 16]
    begun = found[found["folder"].str.endswith("/begun")]["runs"].sum()
    assert 0 < begun < 64
    assert query(root, "SELECT count(*) AS n FROM runs JOIN cells USING (folder, cell)")["n"][0] == 64 + begun


def test_tables_of_a_run_can_be_asked_too(answered: Result) -> None:
    found = query(answered.folder, "SELECT policy, avg(retained_revenue) AS mean FROM trials GROUP BY policy")
    assert set(found["policy"]) == set(answered.trials.policies)


def test_the_ledger_tells_what_happened_when(root: Path) -> None:
    events = query(root, "SELECT DISTINCT event FROM ledger ORDER BY event")["event"].tolist()
    assert events == ["begun", "ended", "shard"]


@pytest.mark.parametrize(
    ("sql", "told"),
    [
        ("SELECT * FROM rns", 'Did you mean "runs".*tables here: cells, ledger, runs'),
        ("SELEKT 1", "syntax error"),
        ("", "nothing was given"),
        ("SELECT 1; SELECT 2", "select, select was given"),
        ("DROP VIEW runs", "drop was given; results are never changed"),
        ("COPY (SELECT 1) TO 'out.csv'", "copy was given"),
        ("SELECT * FROM read_csv('/etc/passwd')", "Permission Error"),
        ("SELECT * FROM read_text('../secret.txt')", "Permission Error|No files found"),
        ("SET enable_external_access=true", "set was given|given; results are never changed"),
        ("ATTACH 'other.db'", "attach was given"),
    ],
)
def test_what_is_no_question_about_results_is_refused(root: Path, sql: str, told: str) -> None:
    with pytest.raises(InputError, match=told):
        query(root, sql)


def test_a_folder_that_is_not_there_is_told(tmp_path: Path) -> None:
    for ask in (lambda: query(tmp_path / "none", "SELECT 1"), lambda: results_table(tmp_path / "none")):
        with pytest.raises(InputError, match="no such folder"):
            ask()


def test_results_are_listed_with_what_they_say(root: Path) -> None:
    found = results_table(root).set_index("folder")["says"].to_dict()
    assert found[(root / "whole").as_posix()] == "8 cells, 2 policies, complete"
    assert found[(root / "begun").as_posix()] == "8 cells, 2 policies, not complete"


def test_a_manifest_that_cannot_be_read_is_listed_as_that(tmp_path: Path) -> None:
    (tmp_path / "odd").mkdir()
    (tmp_path / "odd" / "manifest.json").write_text("{")
    assert results_table(tmp_path)["kind"].tolist() == ["unreadable"]


def test_status_tells_how_far_a_sweep_is_and_what_failed(root: Path) -> None:
    whole, begun = status_of(root / "whole"), status_of(root / "begun")
    assert (whole.done, whole.failed, whole.left) == (48, 16, 0)
    assert begun.done + begun.failed + begun.left == 64
    assert whole.failures["error"].tolist() == ["ValueError: replication 2 fails, as it was asked to"]
    assert whole.failures["example"][0] in set(read_sweep(root / "whole").runs["run"])
    assert whole.last.startswith("ended at ")


def test_a_run_is_named_by_the_beginning_of_its_id(root: Path) -> None:
    swept = read_sweep(root / "whole")
    run = swept.runs["run"].iloc[5]
    assert run_facts(swept, run[:9])["run"] == run
    for wrong, told in (("", "runs begin so"), ("0123zz", "no run '0123zz'")):
        with pytest.raises(InputError, match=told):
            run_facts(swept, wrong)


@pytest.mark.parametrize(
    ("change", "told"),
    [
        ({"schema": SCHEMA + 1}, r"is of schema 2, and this version of keystay reads 1; read it with keystay 9.9"),
        ({"kind": "run"}, "holds another kind of result"),
    ],
)
def test_a_folder_of_another_schema_or_kind_is_refused(
    root: Path, tmp_path: Path, change: dict[str, object], told: str
) -> None:
    manifest = json.loads((root / "whole" / "manifest.json").read_text())
    (tmp_path / "manifest.json").write_text(json.dumps({**manifest, "versions": {"keystay": "9.9"}, **change}))
    with pytest.raises(InputError, match=told):
        read_sweep(tmp_path)


def test_a_folder_without_a_sweep_is_told(tmp_path: Path) -> None:
    with pytest.raises(InputError, match="no sweep; give a folder that keystay sweep has written"):
        read_sweep(tmp_path)


def test_a_sweep_shows_itself_in_a_notebook(root: Path) -> None:
    swept: Swept = read_sweep(root / "whole")
    assert "own: 48 runs done, 16 failed" in swept._repr_html_()
