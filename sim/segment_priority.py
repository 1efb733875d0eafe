"""Priorities of segments: attractiveness against capability fit, in a two-by-two (D5)."""

from __future__ import annotations

from typing import Literal, NamedTuple

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from pydantic import Field

from sim.quantities import Settings, quantity

Floats = NDArray[np.float64]
Score = Literal[0, 1, 2]
PER_YEAR = 12
CRITERIA = ("size", "growth", "profit", "consumption", "competition", "fit")
QUADRANTS = ("pass", "build", "serve", "target")
"""By attractive (counts 1) and capable (counts 2): neither, attractive only, capable only, both."""


class Weights(Settings):
    """How much each criterion of attractiveness counts."""

    size: float = quantity(2.0, "relative weight", 0, 100, help="spend that the book knows of")
    growth: float = quantity(1.0, "relative weight", 0, 100, help="mean growth of demand, by spend")
    profit: float = quantity(2.0, "relative weight", 0, 100, help="margin on spend with us, each year of the horizon")
    consumption: float = quantity(1.0, "relative weight", 0, 100, help="mode of consumption")
    competition: float = quantity(1.0, "relative weight", 0, 100, help="few lines at rivals count as attractive")
    fit: float = quantity(1.0, "relative weight", 0, 100, help="fit with where the carrier wants to go")


class Judged(Settings):
    """What a book can't say of a segment, judged by who knows it."""

    consumption: float = quantity(
        0.5, "share of the best", 0, 1, help="1 over-spends or wants service first, 0 optimises"
    )
    fit: float = quantity(0.5, "share of the best", 0, 1, help="fit with where the carrier wants to go")
    sales: Score = Field(default=1, description="ability to sell to it: 0 hard to get, 1 easy to get, 2 have it")
    network: Score = Field(default=2, description="network support for it: 0 hard to get, 1 easy to get, 2 have it")


class PrioritySettings(Settings):
    """How segments are ranked (D5); every judgement is assumed until who knows the segments replaces it."""

    weights: Weights = Weights()
    margin: float = quantity(0.65, "share of spend with us", 0, 1, help="left after the cost to serve")
    years: float = quantity(3.0, "years", 0.1, 50, help="over which profit is counted as long-term, growth included")
    attractive_from: float = quantity(0.5, "attractiveness, 0 to 1", 0, 1, help="where the two-by-two is divided")
    capable_from: float = quantity(0.6, "capability, 0 to 1", 0, 1, help="where the two-by-two is divided")
    judged: dict[str, Judged] = Field(
        default={
            "special_market": Judged(consumption=0.4, fit=0.6, sales=1, network=2),
            "commercial_building": Judged(consumption=0.7, fit=0.9, sales=2, network=2),
            "residential_building": Judged(consumption=0.4, fit=0.4, sales=1, network=1),
            "own_premises": Judged(consumption=0.6, fit=0.7, sales=2, network=1),
            "managing_body": Judged(consumption=0.5, fit=0.8, sales=0, network=1),
        },
        description="by segment path, or by the last level of it for all segments that end so",
    )


class Known(NamedTuple):
    """What the book knows of each customer, shape (customers,) each."""

    path: NDArray[np.int16]
    """Leaf of the tree."""
    own_spend: Floats
    """Yuan/month."""
    spend: Floats
    """With us and, as far as known, with rivals, yuan/month."""
    growth: Floats
    """Per year."""
    rival_lines: Floats
    """Share of the customer's lines that we don't serve."""


def priority_table(known: Known, paths: tuple[tuple[str, ...], ...], settings: PrioritySettings) -> pd.DataFrame:
    """Return one row a segment that has customers, the most attractive and attainable first.

    Columns: rank, segment, quadrant, customers, what each criterion of attractiveness is and its score 0 to 1
    (`score.*`), attractiveness, sales and network (0 to 2), capability (0 to 1).
    """
    present = np.unique(known.path)
    measured = measures(known, present, settings)
    judged = [judgement(paths[leaf], settings) for leaf in present]
    values = {**measured, **{name: np.array([getattr(j, name) for j in judged]) for name in ("consumption", "fit")}}
    scores = {name: score(name, values[name]) for name in CRITERIA}
    table = pd.DataFrame({"segment": [" / ".join(paths[leaf]) for leaf in present], **values})
    for name in CRITERIA:
        table[f"score.{name}"] = scores[name]
    table["customers"] = table["customers"].astype(int)
    table["attractiveness"] = weighted(scores, settings.weights)
    table["sales"], table["network"] = [j.sales for j in judged], [j.network for j in judged]
    table["capability"] = (table["sales"] + table["network"]) / 4
    table["quadrant"] = quadrants(table["attractiveness"].to_numpy(), table["capability"].to_numpy(), settings)
    return ranked(table)


def measures(known: Known, present: NDArray[np.integer], settings: PrioritySettings) -> dict[str, Floats]:
    """Return what the book says of each segment, shape (segments,): yuan/month, shares and growth a year."""
    place = np.searchsorted(present, known.path)

    def sums(values: Floats) -> Floats:
        return np.bincount(place, weights=values, minlength=present.size).astype(np.float64)

    customers = sums(np.ones(place.size))
    spend = sums(known.spend)
    by_spend = sums(known.spend * known.growth) / np.where(spend > 0, spend, 1)
    growth = np.where(spend > 0, by_spend, sums(known.growth) / customers)
    return {
        "customers": customers,
        "size": spend,
        "growth": growth,
        "profit": long_term_profit(sums(known.own_spend), growth, settings),
        "competition": sums(known.rival_lines) / customers,
    }


def long_term_profit(own_spend: Floats, growth: Floats, settings: PrioritySettings) -> Floats:
    """Return what spend with us leaves over the years, yuan: growing at a steady rate and not discounted.

    >>> flat = long_term_profit(np.array([100.0]), np.array([0.0]), PrioritySettings(margin=0.5, years=2.0))
    >>> float(flat[0])
    1200.0
    """
    rate = np.log1p(np.maximum(growth, -0.99))
    steady = np.abs(rate) < 1e-9
    years = np.where(steady, settings.years, np.expm1(rate * settings.years) / np.where(steady, 1.0, rate))
    return np.asarray(PER_YEAR * settings.margin * own_spend * years)


def score(criterion: str, values: Floats) -> Floats:
    """Return scores 0 to 1, shape (segments,): judgements as given, what is measured between the least and the most.

    Amounts of money, which span orders of magnitude, are placed by their logarithm; for competition the least is best.

    >>> score("competition", np.array([0.2, 0.4, 0.6])).tolist()
    [1.0, 0.5, 0.0]
    """
    if criterion in ("consumption", "fit"):
        return values
    placed = np.log1p(values) if criterion in ("size", "profit") else values
    span = placed.max() - placed.min()
    between = (placed - placed.min()) / span if span > 1e-12 else np.full(placed.size, 0.5)
    return np.asarray((1 - between if criterion == "competition" else between).round(12))


def weighted(scores: dict[str, Floats], weights: Weights) -> Floats:
    """Return attractiveness, the weighted mean of the scores, 0 to 1, shape (segments,)."""
    counts = {name: getattr(weights, name) for name in CRITERIA}
    total = sum(counts.values())
    if total <= 0:
        raise ValueError("segment.priority.weights: all weights are 0; give at least one above 0")
    return np.asarray(sum(counts[name] * scores[name] for name in CRITERIA) / total)


def judgement(path: tuple[str, ...], settings: PrioritySettings) -> Judged:
    """Return what was judged of a segment: of the whole path, else of its last level, else the defaults."""
    return settings.judged.get(" / ".join(path), settings.judged.get(path[-1], Judged()))


def quadrants(attractiveness: Floats, capability: Floats, settings: PrioritySettings) -> list[str]:
    """Return the quadrant of each segment.

    >>> quadrants(np.array([0.9, 0.9, 0.1]), np.array([0.9, 0.1, 0.9]), PrioritySettings())
    ['target', 'build', 'serve']
    """
    cell = (attractiveness >= settings.attractive_from) + 2 * (capability >= settings.capable_from)
    return [QUADRANTS[index] for index in cell]


def ranked(table: pd.DataFrame) -> pd.DataFrame:
    """Return the table by attractiveness times capability, largest first, with its rank."""
    table["priority"] = table["attractiveness"] * table["capability"]
    table = table.sort_values(["priority", "attractiveness", "segment"], ascending=[False, False, True])
    table.insert(0, "rank", np.arange(1, len(table) + 1))
    front = ["rank", "segment", "quadrant", "priority", "attractiveness", "capability", "sales", "network", "customers"]
    return table[front + [name for name in table if name not in front]].reset_index(drop=True)
