"""The tornado: what each uncertain input does alone, from its lowest to its highest, the others in the middle.

All cells live through the same futures, so each change is a paired difference.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from experiments.sweeps.design import OneAtATime
from experiments.sweeps.outcomes import PLACE, outcomes
from experiments.sweeps.placed import places
from experiments.sweeps.uncertainty import Uncertainty
from optimize.worth import Difference, paired_difference
from sim.errors import InputError

Floats = NDArray[np.float64]
SIDES = ("low", "high")


def tornado(
    cells: pd.DataFrame,
    runs: pd.DataFrame,
    over: Mapping[str, Uncertainty],
    measure: str,
    policy: str,
    against: str | None = None,
    *,
    replications: int | None = None,
    folder: str = PLACE,
) -> pd.DataFrame:
    """Return one row a scenario and uncertain input of a design such as `one_at_a_time`, the widest first.

    Columns: scenario, measure, policy, against, input; `low`, `centre`, `high` are the input's values;
    `outcome_low`, `outcome_centre`, `outcome_high` the means over futures; `change_low` and `change_high` the paired
    differences to the centre with their 95 % intervals (`..._from`, `..._to`, without end for one future); `width` from
    the lowest of the three outcomes to the highest; `futures` of the pairs; `shown` whether some interval excludes 0.
    """
    brought = outcomes(cells, runs, measure, policy, against, replications, folder)
    rows = [
        {"scenario": scenario, "measure": measure, "policy": policy, "against": against or "", **row}
        for scenario, part in cells.groupby("scenario", sort=False)
        for row in _rows(part, over, brought)
    ]
    table = pd.DataFrame(rows)
    order = table["scenario"].map({name: at for at, name in enumerate(table["scenario"].unique())})
    return (
        table.assign(order=order)
        .sort_values(["order", "width", "input"], ascending=[True, False, True], ignore_index=True)
        .drop(columns="order")
    )


def _rows(cells: pd.DataFrame, over: Mapping[str, Uncertainty], brought: pd.DataFrame) -> Iterator[dict[str, Any]]:
    """Yield a scenario's rows."""
    found = places(cells, OneAtATime(levels=2).unit(tuple(over)), over)
    if not over or (found < 0).any():
        raise InputError(
            "design: a tornado needs the middle of everything uncertain, and both ends of each with the others in the "
            "middle; ask for design: {name: one_at_a_time}, and list in over what is uncertain"
        )
    lived = brought.loc[cells["cell"].iloc[found]].to_numpy(dtype=float)
    for at, name in enumerate(over):
        three = {"low": 1 + 2 * at, "centre": 0, "high": 2 + 2 * at}
        changes = {side: _change(lived[three[side]], lived[0]) for side in SIDES}
        moved = [0.0, *(change.mean for change, _ in changes.values())]
        yield {
            "input": name,
            **{side: cells.iloc[found[row]][name] for side, row in three.items()},
            **{f"outcome_{side}": float(np.nanmean(lived[row])) for side, row in three.items()},
            **_flat(changes),
            "width": max(moved) - min(moved),
            "futures": min(pairs for _, pairs in changes.values()),
            "shown": any(change.low > 0 or change.high < 0 for change, _ in changes.values()),
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
