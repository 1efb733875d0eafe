"""The tornado: what each uncertain input does alone, from its lowest to its highest, the others in the middle.

All cells live through the same futures, so each change is a paired difference.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from experiments.sweeps.outcomes import PLACE, outcomes
from optimize.worth import Difference, paired_difference
from sim.errors import InputError

Floats = NDArray[np.float64]
SIDES = ("low", "high")


def tornado(
    cells: pd.DataFrame,
    runs: pd.DataFrame,
    over: Iterable[str],
    measure: str,
    policy: str,
    against: str | None = None,
    *,
    replications: int | None = None,
    folder: str = PLACE,
) -> pd.DataFrame:
    """Return one row a scenario and uncertain input of a design `one_at_a_time`, the widest first.

    Columns: scenario, measure, policy, against, input; `low`, `centre`, `high` are the input's values;
    `outcome_low`, `outcome_centre`, `outcome_high` the means over futures; `change_low` and `change_high` the paired
    differences to the centre with their 95 % intervals (`..._from`, `..._to`, without end for one future); `width` from
    the lowest of the three outcomes to the highest; `futures` of the pairs; `shown` whether some interval excludes 0.
    """
    brought = outcomes(cells, runs, measure, policy, against, replications, folder)
    names = list(over)
    rows = [
        {"scenario": scenario, "measure": measure, "policy": policy, "against": against or "", **row}
        for scenario, part in cells.groupby("scenario", sort=False)
        for row in _rows(part.sort_values("cell"), names, brought)
    ]
    table = pd.DataFrame(rows)
    order = table["scenario"].map({name: at for at, name in enumerate(table["scenario"].unique())})
    return (
        table.assign(order=order)
        .sort_values(["order", "width", "input"], ascending=[True, False, True], ignore_index=True)
        .drop(columns="order")
    )


def _rows(cells: pd.DataFrame, names: list[str], brought: pd.DataFrame) -> Iterator[dict[str, Any]]:
    """Yield a scenario's rows; the design's first cell is the centre, then come each input's levels."""
    levels = _levels(cells, names)
    centre, middle = cells.iloc[0], _futures(brought, cells, 0)
    for at, name in enumerate(names):
        places = {"low": 1 + at * levels, "high": (at + 1) * levels}
        lived = {side: _futures(brought, cells, place) for side, place in places.items()}
        found = {side: _change(lived[side], middle) for side in SIDES}
        moved = [0.0, *(change.mean for change, _ in found.values())]
        yield {
            "input": name,
            "low": cells.iloc[places["low"]][name],
            "centre": centre[name],
            "high": cells.iloc[places["high"]][name],
            "outcome_low": float(np.nanmean(lived["low"])),
            "outcome_centre": float(np.nanmean(middle)),
            "outcome_high": float(np.nanmean(lived["high"])),
            **_flat(found),
            "width": max(moved) - min(moved),
            "futures": min(pairs for _, pairs in found.values()),
            "shown": any(change.low > 0 or change.high < 0 for change, _ in found.values()),
        }


def _change(lived: Floats, middle: Floats) -> tuple[Difference, int]:
    """Return the paired difference to the centre, and of how many pairs."""
    both = ~(np.isnan(lived) | np.isnan(middle))
    return paired_difference(lived[both], middle[both]), int(both.sum())


def _flat(found: Mapping[str, tuple[Difference, int]]) -> dict[str, float]:
    columns: dict[str, float] = {}
    for side, (change, _) in found.items():
        columns |= {f"change_{side}": change.mean, f"change_{side}_from": change.low, f"change_{side}_to": change.high}
    return columns


def _levels(cells: pd.DataFrame, names: list[str]) -> int:
    """Return how many levels of each input there are; raise where these are no cells of one input at a time."""
    remedy = "a tornado needs design: {name: one_at_a_time}"
    if not names:
        raise InputError(f"over: nothing is uncertain; {remedy}, and something in over")
    levels, rest = divmod(len(cells) - 1, len(names))
    if rest or levels < 2:
        raise InputError(f"design: {len(cells)} cells of {len(names)} inputs are not one at a time; {remedy}")
    moved = (cells[names] != cells[names].iloc[0]).to_numpy()
    alone = (np.arange(len(cells)) - 1) // levels
    odd = np.argwhere(moved & (np.arange(len(names)) != alone[:, None]))
    if len(odd):
        cell, name = cells["cell"].iloc[odd[0, 0]], names[odd[0, 1]]
        raise InputError(f"design: cell {cell} varies {name}, not {names[alone[odd[0, 0]]]} alone; {remedy}")
    return levels


def _futures(brought: pd.DataFrame, cells: pd.DataFrame, place: int) -> Floats:
    return np.asarray(brought.loc[cells["cell"].iloc[place]], dtype=float)
