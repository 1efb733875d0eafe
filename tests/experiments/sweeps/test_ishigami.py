"""Sobol' indices of a function whose indices are known, through the product's own sweep, folder and analysis."""

from __future__ import annotations

from pathlib import Path

import pytest

from experiments.sweeps.asking import own_sweep
from experiments.sweeps.folder import read_sweep
from experiments.sweeps.known import INPUTS, NAMES, Ishigami, first_order, total_order
from experiments.sweeps.outcomes import IncompleteError
from experiments.sweeps.sensitivity_design import Saltelli
from experiments.sweeps.sweep import sweep
from experiments.sweeps.understanding import sensitivity_of

pytest.importorskip("SALib")


def test_indices_of_the_ishigami_function_match_the_closed_form(tmp_path: Path) -> None:
    asked = own_sweep(Ishigami(), INPUTS, Saltelli(base=1024, seed=3), policies=("function",))
    swept = sweep(asked, tmp_path)
    assert len(swept.cells) == 1024 * 5
    found = sensitivity_of(read_sweep(tmp_path)).table.set_index(["index", "input"])
    for index, truth in (("S1", first_order()), ("ST", total_order())):
        for name, share in zip(NAMES, truth, strict=True):
            row = found.loc[(index, name)]
            assert abs(row["value"] - share) <= row["half_width"], (index, name)


def test_a_design_that_is_not_whole_is_not_analysed_but_completed(tmp_path: Path) -> None:
    asked = own_sweep(Ishigami(), INPUTS, Saltelli(base=64, seed=3), policies=("function",))
    sweep(asked, tmp_path, part=(1, 2))
    with pytest.raises(IncompleteError, match="The same keystay sweep command lives what is missing"):
        sensitivity_of(read_sweep(tmp_path))
    assert sensitivity_of(sweep(asked, tmp_path)).table["value"].notna().any()
