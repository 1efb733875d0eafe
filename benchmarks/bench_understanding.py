"""How far analyses of sweeps may be relied on: indices with closed forms, planted regions, searches without a gain."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, NamedTuple

import numpy as np
import pandas as pd
from report import Figure, report

from experiments.sweeps.discovery import discover
from experiments.sweeps.failures import Failures
from experiments.sweeps.search import search
from experiments.sweeps.sensitivity import indices
from experiments.sweeps.sensitivity_design import Saltelli

BASES = (512, 1024, 2048, 4096)
SEEDS, MANY_SEEDS = 20, 40
CELLS = (100, 200, 400)
WRONG = (0.0, 0.1)
"""Share of the cells whose failing was turned round."""
CORNER = {("a", "below"): 0.4, ("b", "above"): 0.6}
INPUTS = ("a", "b", "c", "d")
A, B = 7.0, 0.1


class Between(NamedTuple):
    """Every value between two, equally likely."""

    low: float
    high: float

    def at(self, share: np.ndarray) -> list[float]:
        """Return the quantiles."""
        return [float(value) for value in self.low + share * (self.high - self.low)]


def ishigami(base: int, seed: int) -> pd.DataFrame:
    """Return indices of Ishigami's function of three inputs."""
    over = {name: Between(-np.pi, np.pi) for name in ("x1", "x2", "x3")}
    design = Saltelli(base=base, seed=seed)
    points = design.unit(tuple(over))
    x1, x2, x3 = (np.array(over[name].at(points[:, at])) for at, name in enumerate(over))
    cells = pd.DataFrame({"cell": range(len(points)), "scenario": "one", "x1": x1, "x2": x2, "x3": x3})
    cells["id"] = cells["cell"].astype(str)
    outcome = np.sin(x1) + A * np.sin(x2) ** 2 + B * x3**4 * np.sin(x1)
    runs = cells.assign(run=cells["id"], policy="plan", replication=0, status="done", outcome=outcome, error="")
    return indices(cells, runs, design, over, "outcome", "plan").table


def closed_form() -> np.ndarray:
    """Return first-order indices, then total ones (Ishigami & Homma 1990)."""
    first, second = 0.5 * (1 + B * np.pi**4 / 5) ** 2, A**2 / 8
    both = B**2 * np.pi**8 * (1 / 18 - 1 / 50)
    return np.array([first, second, 0, first + both, second, both]) / (first + second + both)


def of_indices() -> Iterator[Figure]:
    for base in BASES:
        table = ishigami(base, 2004)
        total = table[table["index"] == "ST"]
        largest = total.loc[total["value"].idxmax()]
        yield Figure(
            "Sobol': half-width of the largest total index, of it", base, largest["half_width"] / largest["value"], ""
        )
    tables = [ishigami(256, seed).query("index in ('S1', 'ST')") for seed in range(MANY_SEEDS)]
    held = [np.abs(table["value"] - closed_form()) <= table["half_width"] for table in tables]
    yield Figure("Sobol': closed forms within their intervals", 256, float(np.mean(held)), "of all")


def discovered(cells: int, wrong: float | None, seed: int, shuffles: int) -> dict[Any, float]:
    """Return the ends of the first region; failures lie in a corner, or have no cause."""
    rng = np.random.default_rng(seed)
    points = pd.DataFrame(rng.random((cells, len(INPUTS))), columns=list(INPUTS))
    corner = ((points["a"] < CORNER["a", "below"]) & (points["b"] > CORNER["b", "above"])).to_numpy()
    failed = rng.random(cells) < 0.3 if wrong is None else corner ^ (rng.random(cells) < wrong)
    failing = Failures(pd.DataFrame({"failed": failed, "unsure": False}), 0.0, "fails", "plan")
    found = discover(points.assign(scenario="one"), failing, INPUTS, shuffles=shuffles).regions
    sure = [one for one in found if not one.chance > 0.05]
    return {(end.input, end.side): end.value for end in sure[0].ends} if sure else {}


def of_discovery() -> Iterator[Figure]:
    for wrong in WRONG:
        for cells in CELLS:
            ends = [discovered(cells, wrong, seed, 0) for seed in range(SEEDS)]
            right = [one for one in ends if set(one) == set(CORNER)]
            off = [abs(one[end] - CORNER[end]) for one in right for end in CORNER]
            told = f"PRIM: planted corner, {100 * wrong:.0f} % of cells wrong"
            yield Figure(f"{told}: right ends", cells, len(right) / SEEDS, "of sweeps")
            yield Figure(f"{told}: limits off by", cells, float(np.mean(off)), "of the range")
    false = [bool(discovered(100, None, seed, 19)) for seed in range(SEEDS)]
    yield Figure("PRIM: a region where failures have no cause", 100, float(np.mean(false)), "of sweeps")


def of_search() -> Iterator[Figure]:
    """Yield what 40 candidates promise on ten futures of standard deviation 1, where none gains anything."""
    space = {"share": Between(0, 1), "hours": Between(0, 60)}
    found = [search(lambda v, f, seed=seed: luck(v["share"], f, seed), space, 40, seed, 10) for seed in range(SEEDS)]
    yield Figure(
        "search: gain promised by the best", 40, float(np.mean([one.trials["mean"].max() for one in found])), ""
    )
    yield Figure("search: its gain on unseen futures", 40, float(np.mean([one.worth.mean for one in found])), "")
    held = [one.worth.low <= 0 <= one.worth.high for one in found]
    yield Figure("search: intervals that hold the truth", 40, float(np.mean(held)), "of searches")


def luck(share: float, futures: range, seed: int) -> np.ndarray:
    return np.array([np.random.default_rng([seed, int(1e9 * share), at]).normal() for at in futures])


def bench_understanding() -> None:
    report("understanding", [*of_indices(), *of_discovery(), *of_search()])
