"""Sweeps: tables that nothing but the question decides, and folders that lose nothing."""

from __future__ import annotations

import os
import shutil
import signal
import subprocess
import sys
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pyarrow.parquet as pq
import pytest

import experiments
from experiments.sweeps.agenda import Sweep
from experiments.sweeps.asking import own_sweep
from experiments.sweeps.design import Grid
from experiments.sweeps.folder import ledger_of, read_sweep
from experiments.sweeps.known import INPUTS, Ishigami
from experiments.sweeps.living import Cost, Count, InterruptedSweepError, SweepStoppedError
from experiments.sweeps.merging import merge
from experiments.sweeps.model import Run
from experiments.sweeps.question import Precision
from experiments.sweeps.shard import MOST_RUNS, Shard
from experiments.sweeps.sweep import sweep
from sim.errors import InputError, KeystayError


def of_ishigami(levels: int = 3, replications: int = 5, precision: Precision | None = None, **model: float) -> Sweep:
    """Return a sweep of 27 cells and two policies, with luck."""
    luck = Ishigami(**{"noise": 1.0, **model})  # type: ignore[arg-type]
    policies = ("function", "nothing")
    return own_sweep(
        luck, INPUTS, Grid(levels=levels), policies=policies, replications=replications, precision=precision
    )


@pytest.fixture(scope="module")
def undisturbed(tmp_path_factory: pytest.TempPathFactory) -> bytes:
    """Return the tidy table of a sweep by one process."""
    folder = tmp_path_factory.mktemp("undisturbed")
    sweep(of_ishigami(), folder)
    return (folder / "runs.parquet").read_bytes()


def test_every_policy_lives_every_future_of_every_cell(tmp_path: Path) -> None:
    swept = sweep(of_ishigami(), tmp_path)
    assert len(swept.runs) == 27 * 2 * 5
    assert swept.runs["run"].is_unique
    assert swept.missing == 0
    assert (swept.runs["status"] == "done").all()
    facts = ["run", "scenario", "cell", "x1", "x2", "x3", "policy", "replication", "seed", "status"]
    assert list(swept.runs.columns) == [*facts, "value", "luck", "error", "again", "traceback"]


def test_two_processes_give_the_same_table_as_one(tmp_path: Path, undisturbed: bytes) -> None:
    sweep(of_ishigami(), tmp_path, workers=2)
    assert (tmp_path / "runs.parquet").read_bytes() == undisturbed


def test_any_executor_gives_the_same_table(tmp_path: Path, undisturbed: bytes) -> None:
    with ThreadPoolExecutor(3) as pool:
        sweep(of_ishigami(), tmp_path, executor=pool)
    assert (tmp_path / "runs.parquet").read_bytes() == undisturbed


def test_merged_parts_are_the_whole(tmp_path: Path, undisturbed: bytes) -> None:
    folders = [tmp_path / str(number) for number in range(1, 5)]
    for number, folder in enumerate(folders, start=1):
        part = sweep(of_ishigami(), folder, part=(number, 4))
        assert 0 < len(part.runs) < 270
        assert not (folder / "runs.parquet").exists()
    merge(folders[:3], tmp_path / "whole")
    assert not (tmp_path / "whole" / "runs.parquet").exists()
    merged = merge([*folders, tmp_path / "whole"], tmp_path / "whole")
    assert merged.missing == 0
    assert (tmp_path / "whole" / "runs.parquet").read_bytes() == undisturbed


def test_parts_in_one_folder_complete_each_other(tmp_path: Path, undisturbed: bytes) -> None:
    for number in (1, 2):
        sweep(of_ishigami(), tmp_path, part=(number, 2))
    assert (tmp_path / "runs.parquet").read_bytes() == undisturbed


def test_parts_of_different_sweeps_are_not_merged(tmp_path: Path) -> None:
    sweep(of_ishigami(2), tmp_path / "a", part=(1, 2))
    sweep(of_ishigami(2, noise=2.0), tmp_path / "b", part=(2, 2))
    with pytest.raises(InputError, match=r"never mixed(.|\n)*ishigami 7.0 0.1 2.0"):
        merge([tmp_path / "a", tmp_path / "b"], tmp_path / "whole")


def test_the_same_call_again_lives_nothing(tmp_path: Path) -> None:
    sweep(of_ishigami(2), tmp_path)
    counts: list[Count] = []
    sweep(of_ishigami(2), tmp_path, progress=counts.append)
    assert [count.here for count in counts] == [0]


def test_another_sweep_in_the_same_folder_is_refused_with_what_differs(tmp_path: Path) -> None:
    sweep(of_ishigami(2), tmp_path)
    before = (tmp_path / "runs.parquet").read_bytes()
    with pytest.raises(InputError, match=r"another sweep(.|\n)*replications: 5, 6(.|\n)*design.levels: 2, 3"):
        sweep(of_ishigami(3, 6), tmp_path)
    assert (tmp_path / "runs.parquet").read_bytes() == before


def test_a_folder_with_other_files_is_refused(tmp_path: Path) -> None:
    (tmp_path / "thesis.txt").write_text("mine")
    with pytest.raises(InputError, match="holds other files"):
        sweep(of_ishigami(2), tmp_path)


def test_a_failed_run_is_a_row_that_says_how_to_see_it_again(tmp_path: Path) -> None:
    swept = sweep(of_ishigami(2, fails=3), tmp_path, workers=1)
    failed = swept.runs[swept.runs["status"] == "failed"]
    assert len(failed) == 8 * 2
    assert set(failed["replication"]) == {3}
    assert failed["value"].isna().all()
    assert set(failed["seed"]) == {3}
    assert (failed["again"] == "keystay rerun FOLDER " + failed["run"]).all()
    assert failed["error"].iloc[0] == "ValueError: replication 3 fails, as it was asked to"
    assert "sweeps/known.py" in failed["traceback"].iloc[0]
    assert str(Path(experiments.__file__).parents[1]) not in failed["traceback"].iloc[0]


def test_too_many_failures_stop_a_sweep_and_keep_what_is_there(tmp_path: Path) -> None:
    with pytest.raises(SweepStoppedError, match=r"keystay rerun .* [0-9a-f]{12}(.|\n)*the same command continues"):
        sweep(of_ishigami(3, fails=0), tmp_path, max_failures=0)
    there = len(read_sweep(tmp_path).runs)
    assert 0 < there < 270
    assert len(sweep(of_ishigami(3, fails=0), tmp_path).runs) == 270


def test_runs_that_failed_are_lived_again_only_if_asked(tmp_path: Path) -> None:
    asked = of_ishigami(2, fails=1)
    sweep(asked, tmp_path)
    counts: list[Count] = []
    sweep(asked, tmp_path, retry=True, progress=counts.append)
    assert counts[-1].here == 16
    assert counts[-1].failed == 16


def test_replications_go_on_until_the_difference_is_known(tmp_path: Path) -> None:
    precision = Precision(absolute=1e-9, measure="value", policy="function", most=50)
    swept = sweep(of_ishigami(2, 5, precision), tmp_path)
    counts = swept.runs.groupby("cell")["replication"].nunique()
    assert (counts == 5).all()  # the same luck for both policies: their difference is known at once


def test_a_sweep_until_differences_are_known_is_the_same_in_parts(tmp_path: Path) -> None:
    precision = Precision(relative=0.2, measure="luck", policy="function", most=40)
    asked = of_ishigami(2, 5, precision)
    whole = sweep(asked, tmp_path / "whole", workers=1)
    for number in (1, 2, 3):
        sweep(asked, tmp_path / str(number), part=(number, 3))
    merge([tmp_path / str(number) for number in (1, 2, 3)], tmp_path / "merged")
    assert whole.runs.groupby("cell")["replication"].nunique().max() == 5  # both have the same luck
    assert (tmp_path / "merged" / "runs.parquet").read_bytes() == (tmp_path / "whole" / "runs.parquet").read_bytes()


def test_an_interrupted_sweep_tells_how_to_go_on(tmp_path: Path, undisturbed: bytes) -> None:
    def press_ctrl_c(count: Count) -> None:
        if count.done > 40:
            raise KeyboardInterrupt

    with pytest.raises(InterruptedSweepError, match=r"\d+ of 270 runs are kept .* the same command continues"):
        sweep(of_ishigami(), tmp_path, progress=press_ctrl_c)
    assert "interrupted" in [event["event"] for event in ledger_of(tmp_path)]
    sweep(of_ishigami(), tmp_path)
    assert (tmp_path / "runs.parquet").read_bytes() == undisturbed


SCRIPT = """
import sys
from pathlib import Path
from experiments.sweeps.asking import own_sweep
from experiments.sweeps.design import Grid
from experiments.sweeps.known import INPUTS, Ishigami
from experiments.sweeps.sweep import sweep
model = Ishigami(noise=1.0, busy=float(sys.argv[3]))
asked = own_sweep(model, INPUTS, Grid(levels=int(sys.argv[4])), policies=("function", "nothing"), replications=5)
sweep(asked, Path(sys.argv[1]), workers=int(sys.argv[2]))
"""


def begun(folder: Path, workers: int, busy: float, levels: int) -> subprocess.Popen[bytes]:
    """Return a process that sweeps."""
    words = [sys.executable, "-c", SCRIPT, str(folder), str(workers), str(busy), str(levels)]
    return subprocess.Popen(words, start_new_session=True)


def killed_after_a_shard(folder: Path, busy: float, levels: int) -> int:
    """Kill a sweeping process and all that it began once it has written one more shard; return how many there are."""
    before = shards(folder)
    process = begun(folder, 1, busy, levels)
    while shards(folder) == before and process.poll() is None:
        time.sleep(0.01)
    os.killpg(process.pid, signal.SIGKILL)
    process.wait()
    return shards(folder)


def shards(folder: Path) -> int:
    """Return how many shards a folder has."""
    return len(list((folder / "runs").glob("*.parquet")))


def test_a_killed_sweep_goes_on_and_redoes_one_shard_at_most(tmp_path: Path) -> None:
    killed = tmp_path / "killed"
    there = killed_after_a_shard(killed, 0.002, 4)
    assert there > 0
    kept = len(read_sweep(killed).runs)
    counts: list[Count] = []
    asked = of_ishigami(4)
    sweep(asked, killed, progress=counts.append)
    assert counts[-1].here == 640 - kept
    sweep(asked, tmp_path / "undisturbed")
    assert (killed / "runs.parquet").read_bytes() == (tmp_path / "undisturbed" / "runs.parquet").read_bytes()
    lived = sum(event["runs"] for event in ledger_of(killed) if event["event"] == "shard")
    assert lived >= 640 - MOST_RUNS  # the ledger may lack the shard that was written as the process was killed


def test_a_shard_that_cannot_be_read_is_lived_again(tmp_path: Path) -> None:
    sweep(of_ishigami(2), tmp_path)
    before = (tmp_path / "runs.parquet").read_bytes()
    (tmp_path / "runs.parquet").unlink()
    broken = next((tmp_path / "runs").glob("*.parquet"))
    broken.write_bytes(broken.read_bytes()[:100])
    sweep(of_ishigami(2), tmp_path)
    assert (tmp_path / "runs.parquet").read_bytes() == before
    assert broken.with_suffix(".unreadable").exists()


def test_two_different_outcomes_of_one_run_are_never_taken_for_one(tmp_path: Path) -> None:
    sweep(of_ishigami(2), tmp_path, part=(1, 2))
    shard = next((tmp_path / "runs").glob("*.parquet"))
    table = pq.read_table(shard)
    values = [0.5, *table["value"].to_pylist()[1:]]
    other = table.set_column(table.column_names.index("value"), "value", [values])
    pq.write_table(other, shard.with_name("other.parquet"))
    with pytest.raises(KeystayError, match="twice with different numbers"):
        read_sweep(tmp_path)


def test_a_full_disk_is_told_and_loses_nothing(tmp_path: Path) -> None:
    disk = tmp_path / "disk"
    disk.mkdir()
    mount, umount = shutil.which("mount"), shutil.which("umount")
    if mount is None or umount is None or os.geteuid() != 0:
        pytest.skip("a small disk can only be mounted by root")
    if subprocess.run([mount, "-t", "tmpfs", "-o", "size=64k", "tmpfs", str(disk)], check=False).returncode:
        pytest.skip("a small disk can't be mounted here")
    try:
        with pytest.raises(KeystayError, match=r"can't be written \(No space left on device\)"):
            sweep(of_ishigami(5), disk / "sweep")
        kept = len(read_sweep(disk / "sweep").runs)
        assert 0 < kept < 1250
        subprocess.run([mount, "-o", "remount,size=4m", str(disk)], check=True)
        assert len(sweep(of_ishigami(5), disk / "sweep").runs) == 1250
        subprocess.run([mount, "-o", "remount,ro", str(disk)], check=True)
        with pytest.raises(KeystayError, match=r"can't be written \(Read-only file system\)|may not be written"):
            sweep(of_ishigami(5, 6), disk / "other")
    finally:
        subprocess.run([umount, str(disk)], check=True)


def test_a_run_named_by_its_content_does_not_depend_on_the_sweep_around_it(tmp_path: Path) -> None:
    few = sweep(of_ishigami(3, 2), tmp_path / "few").runs
    many = sweep(of_ishigami(3, 4), tmp_path / "many").runs
    both = few.merge(many, on="run", suffixes=("", "_of_many"))
    assert len(both) == len(few)
    assert (both["value"] == both["value_of_many"]).all()


def test_a_cell_is_divided_only_where_its_preparation_is_quick() -> None:
    def seen(first: float, each: float) -> int:
        cost = Cost()
        living, cells = first + 9 * each, 1
        cost.add(Shard("", tuple(("",) for _ in range(10)), (), living, first, cells, living))
        return cost.least

    assert Cost().least == MOST_RUNS
    assert seen(first=8.1, each=0.1) == 80
    assert seen(first=0.1, each=0.1) == 3  # a quarter of a second is the least that a shard is written for
    assert seen(first=100.0, each=0.1) == MOST_RUNS


def test_runs_are_told_apart_by_cell_policy_and_future() -> None:
    asked = of_ishigami(2)
    runs = {Run(*run) for run in _all(asked)}
    assert len({run.id for run in runs}) == len(runs) == asked.least


def _all(asked: Sweep) -> list[Run]:
    from experiments.sweeps.agenda import Agenda

    return list(Agenda(asked).wanted())
