"""Allocation problems that others published and solved: our values and bounds beside theirs."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path

import pandas as pd

from experiments.outside_data import outside_file
from experiments.validation_expected import Expected
from optimize.allocation import allocate
from optimize.instances import read_gap, read_mmkp
from optimize.problem import excess
from optimize.solver import SolverSettings

ASSIGNMENTS = tuple(f"gap{n}" for n in range(1, 7))
SOLVED = ("khan_I01", "khan_I02", "khan_I05", "khan_I06")
"""Knapsacks whose optimum is known."""
OPEN = ("khan_I07", "khan_I09", "khan_I11", *(f"hifi_b_{n:02}" for n in range(1, 9)),
        *(f"hifi_c_{n}" for n in (21, 25, 27)))  # fmt: skip
"""Knapsacks whose optimum isn't proven; general solvers don't close them in a minute."""
PROBLEMS = (*ASSIGNMENTS, *SOLVED, *OPEN)
OPTIMA, BEST = Path("gap") / "optima.csv", Path("mmkp") / "best_known.csv"
SHORT = 0.006
"""By which share of the best known value ours may fall short where nobody has proven an optimum."""
EXACT = SolverSettings(gap=0.0, nodes=100_000)
NODES = 300
"""Branch-and-bound nodes of one polish of an open knapsack."""


def published_measures(name: str, gap: float) -> dict[str, float]:
    """Return what we find of a published problem, by the name of the measure; nothing where its file is absent.

    `gap` is the certified gap at which an open knapsack is left, a share of its value.
    """
    if name in ASSIGNMENTS:
        return assignment_measures(name)
    place = outside_file(Path("mmkp") / f"{name}.txt")
    if place is None:
        return {}
    given = read_mmkp(place)
    settings = EXACT if name in SOLVED else SolverSettings(gap=gap, nodes=NODES, method="decomposition")
    found = allocate(given, settings)
    value = float("nan") if excess(given, found.treatment) else found.value
    return {f"mmkp.{name}": round(value, 6), f"mmkp.{name}.bound": round(found.bound, 6)}


def assignment_measures(name: str) -> dict[str, float]:
    """Return the share of a file's assignment problems that we solve to the published optimum."""
    place, optima = outside_file(Path("gap") / f"{name}.txt"), outside_file(OPTIMA)
    if place is None or optima is None:
        return {}
    table = pd.read_csv(optima)
    wanted = table[table["file"] == name].sort_values("problem")["optimum"]
    found = [allocate(given, EXACT).value for given in read_gap(place)]
    return {
        "gap.solved": sum(abs(ours - theirs) < 1e-6 for ours, theirs in zip(found, wanted, strict=True)) / len(found)
    }


def certified(measured: Mapping[str, Sequence[float]]) -> dict[str, tuple[float, float, float]]:
    """Return value, value and bound of each knapsack: between the last two its optimum is proven to lie.

    >>> certified({"mmkp.one": [5.0], "mmkp.one.bound": [6.0]})
    {'mmkp.one': (5.0, 5.0, 6.0)}
    """
    keys = [key for key in measured if f"{key}.bound" in measured]
    return {key: (measured[key][0], measured[key][0], measured[f"{key}.bound"][0]) for key in keys}


def published_rows() -> tuple[Expected, ...]:
    """Return the rows of published problems; without their files they have no range."""
    best = best_known()
    there = outside_file(OPTIMA) is not None
    solved = Expected(
        "gap.solved",
        "generalised assignment problems solved to the optimum",
        "share",
        1.0 if there else None,
        1.0 if there else None,
        "OR-Library, gap1 to gap6: 30 optima",
        "Our value against the published optimum; 5 problems a file.",
    )
    return (solved, *(knapsack_row(name, best.get(name)) for name in (*SOLVED, *OPEN)))


def knapsack_row(name: str, best: float | None) -> Expected:
    """Return the row of a multiple-choice knapsack; `best` is the value that others found."""
    key, shown = f"mmkp.{name}", f"knapsack {name}"
    if name in SOLVED:
        said = "optimum" if best is None else f"optimum {best:,.10g}"
        how = "Interval: value and certified bound. Solved as an integer programme."
        return Expected(key, shown, "value", best, best, f"Khan et al. 2002, coin-or/Dip: {said}", how)
    said = "best known" if best is None else f"best known {best:,.10g}"
    how = "Interval: value and certified bound, between which the optimum is proven to lie. Decomposition and polish."
    low = None if best is None else round((1 - SHORT) * best, 1)
    whose = "Khan et al. 2002, marcocaserta/mmkp" if name.startswith("khan") else "lucadibello/mmkp"
    return Expected(key, shown, "value", low, None, f"{whose}: {said}", how)


def best_known() -> dict[str, float]:
    """Return the best value that others found, by knapsack; nothing without the table."""
    place = outside_file(BEST)
    if place is None:
        return {}
    table = pd.read_csv(place)
    return dict(zip(table["instance"], table["best_known"].astype(float), strict=True))
