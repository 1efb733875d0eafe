"""The store: whole or not at all."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pandas as pd
import pytest

from experiments.store import check_root, parquet_bytes, read_result, write_new, write_result
from sim.errors import InputError, KeystayError

FULL = """
import resource, signal, sys
from pathlib import Path
from experiments.store import write_result
signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
resource.setrlimit(resource.RLIMIT_FSIZE, (1000, 1000))
try:
    write_result(Path(sys.argv[1]), {"small": b"1", "large": b"2" * 5000}, {})
except Exception as error:
    print(type(error).__name__, error)
"""


def names(folder: Path) -> list[str]:
    """Return what is in a folder."""
    return sorted(file.name for file in folder.iterdir())


def test_a_result_replaces_an_earlier_one_whole(tmp_path: Path) -> None:
    write_result(tmp_path / "one" / "id", {"old": b"1"}, {})
    write_result(tmp_path / "one" / "id", {"new": b"2"}, {})
    assert names(tmp_path / "one") == ["id"]
    assert names(tmp_path / "one" / "id") == ["manifest.json", "new"]


@pytest.mark.skipif(sys.platform == "win32", reason="limits the size of files")
def test_a_full_disk_is_told_in_one_line_and_leaves_nothing(tmp_path: Path) -> None:
    root = Path(__file__).resolve().parents[2]
    place = tmp_path / "results" / "one" / "id"
    environment = {**os.environ, "PYTHONPATH": str(root)}
    done = subprocess.run(
        [sys.executable, "-c", FULL, str(place)], env=environment, capture_output=True, text=True, check=True
    )
    assert "KeystayError" in done.stdout
    assert "can't be written (File too large); free some space" in done.stdout
    assert not place.parent.exists()


def test_an_earlier_result_survives_a_failing_one(tmp_path: Path) -> None:
    write_result(tmp_path / "id", {"old": b"1"}, {})
    with pytest.raises(KeystayError, match="can't be written"):
        write_result(tmp_path / "id", {"no/such/folder": b"2"}, {})
    assert (tmp_path / "id" / "old").read_bytes() == b"1"
    assert names(tmp_path) == ["id"]


def test_a_file_in_the_place_of_results_is_refused_before_anything_is_done(tmp_path: Path) -> None:
    (tmp_path / "results").write_text("mine", encoding="utf-8")
    with pytest.raises(InputError, match="'results' is a file; name a folder"):
        check_root(tmp_path / "results" / "below")


def test_checking_a_place_makes_nothing(tmp_path: Path) -> None:
    check_root(tmp_path / "a" / "b")
    assert list(tmp_path.iterdir()) == []


def test_new_files_never_take_the_place_of_others(tmp_path: Path) -> None:
    (tmp_path / "two").write_text("mine", encoding="utf-8")
    with pytest.raises(InputError, match="two: is there already; move it"):
        write_new(tmp_path, {"one": b"1", "two": b"2"}, "move it")
    assert names(tmp_path) == ["two"]


def test_a_folder_without_a_manifest_is_no_result(tmp_path: Path) -> None:
    with pytest.raises(InputError, match=r"no result \(manifest\.json is missing\)"):
        read_result(tmp_path)


def test_equal_tables_give_equal_bytes() -> None:
    table = pd.DataFrame({"word": pd.Categorical(["a", "b"]), "text": ["x", None], "number": [1.0, float("nan")]})
    assert parquet_bytes(table) == parquet_bytes(table.copy())
