"""An example of a customer file in our own columns, to be filled in."""

from __future__ import annotations

from collections.abc import Sequence

import pandas as pd

from sim.intake.columns import LINE, customer_columns

EXAMPLES: dict[str, tuple[object, ...]] = {
    "id": ("C0001", "C0002", "C0003", "C0004"),
    "spend.<line>": (1200.0, 300.0, 0.0, 4500.0),
    "rival_spend.<line>": (None, 150.0, 800.0, None),
    "months_left.<line>": (6, None, None, 12),
    "tenure": (18, 4, 40, 65),
    "industry": ("retail", "school", "manufacturing_export", "trade_computing"),
    "location": ("commercial_building", "residential_building", "own_premises", "special_market"),
    "ownership": ("domestic", "institution", "hk_macau", "domestic"),
    "decision": ("owner", "group", "person", "owner"),
    "building": ("B01", "B02", None, None),
    "centre": ("S01", "S01", "S02", "S02"),
    "manager": ("M01", "M01", "M02", "M02"),
    "complaints": (0, 1, None, 2),
    "plan": (None, None, None, "A"),
    "plan_x": (None, None, None, 8000.0),
    "growth": (0.05, 0.0, None, 0.1),
    "expected_channel": ("telephone", "online", "visit", "hall"),
}


def customer_template(lines: Sequence[str]) -> pd.DataFrame:
    """Return four made-up customers in every column of a scenario with these product lines; an empty cell is unknown.

    >>> customer_template(["mobile"])[["id", "spend.mobile", "plan"]].head(2)
          id  spend.mobile  plan
    0  C0001          1200  <NA>
    1  C0002           300  <NA>
    """
    nothing = (None,) * len(EXAMPLES["id"])
    names = {name: _declared(name, lines) for name in customer_columns(lines, ())}
    frame = pd.DataFrame({name: pd.Series(EXAMPLES.get(declared, nothing)) for name, declared in names.items()})
    return frame.convert_dtypes()


def _declared(name: str, lines: Sequence[str]) -> str:
    line = next((line for line in lines if name.endswith(f".{line}")), None)
    return name if line is None else name.removesuffix(line) + LINE
