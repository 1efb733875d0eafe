"""What analyses of a sweep show: tables for the screen, and the same as JSON takes it."""

from __future__ import annotations

import math
from collections.abc import Iterable
from typing import TYPE_CHECKING, Any

import pandas as pd

from experiments.answer import words
from experiments.console import facts, table
from experiments.shown import records
from experiments.sweeps.amounts import Amounts, amounts
from experiments.sweeps.tornado_figure import named, setting

if TYPE_CHECKING:
    from rich.table import Table

    from experiments.sweeps.discovery import Discovery
    from experiments.sweeps.search import Searched
    from experiments.sweeps.sensitivity import Sensitivity

HEADS = {
    "S1": "alone (S1)",
    "ST": "with others (ST)",
    "mu_star": "mean absolute effect (mu*)",
    "mu": "mean effect (mu)",
    "sigma": "spread (sigma)",
}
ORDERED_BY = {"sobol": "ST", "morris": "mu_star"}


def sensitivity_tables(done: Sensitivity) -> Iterable[Table]:
    """Yield the indices by input, the largest first, luck beside them, and what is to be doubted."""
    for scenario, rows in done.table.groupby("scenario", sort=False):
        yield _indices(done, str(scenario), rows)
        pairs = rows[rows["index"] == "S2"]
        if len(pairs):
            yield _pairs(pairs)
    yield facts("What to doubt", _numbered(done.doubts or ("Nothing that these checks look for.",)))


def _indices(done: Sensitivity, scenario: str, rows: pd.DataFrame) -> Table:
    by = ORDERED_BY[done.method]
    order = rows[rows["index"] == by].sort_values("value", ascending=False)["input"]
    shown: dict[str, list[str]] = {"input": [*order, "luck of the futures"]}
    scale = Amounts("", 1.0, 3) if done.method == "sobol" else amounts(done.measure, *rows["value"])
    for index, head in HEADS.items():
        values = rows[rows["index"] == index].set_index("input")
        if len(values):
            both = values.loc[order, ["value", "half_width"]].itertuples(index=False)
            shown[head] = [*(f"{scale.number(value)}{_plus_minus(half, scale)}" for value, half in both), ""]
    luck, floor = (_one(rows, index) for index in ("luck", "luck_floor"))
    if done.method == "sobol":
        shown[HEADS["ST"]][-1] = "unknown" if luck != luck else f"{luck:.3f}"
    else:
        shown[HEADS["mu_star"]][-1] = "unknown" if floor != floor else scale.number(floor)
    what = f"{words(done.measure)} of {named(done.policy)}"
    against = f" less that of {named(done.against)}" if done.against else ""
    unit = " of the variance" if done.method == "sobol" else f", {scale.unit}" if scale.unit else ""
    title = f"{scenario}: what makes {what}{against}{unit}, {done.futures} futures a cell, 95 % intervals"
    return table(title, pd.DataFrame(shown))


def _one(rows: pd.DataFrame, index: str) -> float:
    found = rows[rows["index"] == index]["value"]
    return float(found.iloc[0]) if len(found) else float("nan")


def _pairs(rows: pd.DataFrame) -> Table:
    ordered = rows.sort_values("value", ascending=False)
    shown = {
        "input": ordered["input"],
        "and": ordered["with"],
        "together (S2)": [
            f"{value:.3f} ± {half:.3f}" for value, half in zip(ordered["value"], ordered["half_width"], strict=True)
        ],
    }
    return table("What two inputs make by meeting", pd.DataFrame(shown), texts=2)


def _plus_minus(half: float, scale: Amounts) -> str:
    return "" if half != half else f" ± {scale.number(half)}"


def sensitivity_json(done: Sensitivity) -> dict[str, Any]:
    """Return indices as JSON takes them."""
    facts_of = {name: getattr(done, name) for name in ("method", "measure", "policy", "against", "futures")}
    return {**facts_of, "indices": records(done.table), "doubts": list(done.doubts)}


def tornado_tables(rows: pd.DataFrame) -> Iterable[Table]:
    """Yield what each input does alone, a table a scenario."""
    for scenario, part in rows.groupby("scenario", sort=False):
        measure = str(part["measure"].iloc[0])
        scale = amounts(measure, *part["outcome_low"], *part["outcome_high"])
        shown: dict[str, Any] = {"input": part["input"]}
        for side in ("low", "high"):
            shown[f"from {side}"] = [setting(value) for value in part[side]]
            changes = part[[f"change_{side}", f"change_{side}_from", f"change_{side}_to"]].itertuples(index=False)
            shown[f"changes by ({side})"] = [f"{scale.number(a)} ({scale.interval(b, c)})" for a, b, c in changes]
        shown["width"] = [scale.number(value) for value in part["width"]]
        unit = f", {scale.unit}" if scale.unit else ""
        centre = scale.number(float(part["outcome_centre"].iloc[0]))
        title = f"{scenario}: {words(measure)}{unit}, {centre} in the centre; each input alone, 95 % intervals"
        yield table(title, pd.DataFrame(shown).rename(columns={"from low": "lowest", "from high": "highest"}))


def tornado_json(rows: pd.DataFrame) -> dict[str, Any]:
    """Return a tornado as JSON takes it."""
    return {"tornado": records(rows)}


def discovery_tables(done: Discovery) -> Iterable[Table]:
    """Yield where a policy fails, in words and in numbers."""
    yield facts("Where it fails", _numbered(done.words))
    if done.regions:
        boxes = done.boxes
        shares = {name: [f"{100 * value:.0f} %" for value in boxes[name]] for name in ("coverage", "density", "mass")}
        shown = {"region": boxes["words"], "cells": boxes["cases"], "fail": boxes["failures"], **shares}
        chance = ["-" if value != value else f"{value:.2f}" for value in boxes["chance"]]
        yield table("Regions", pd.DataFrame({**shown, "chance": chance}))
        limits = done.limits.assign(
            side=done.limits["side"].map({"above": "at least", "below": "at most", "among": "one of"}),
            value=[setting(value) for value in done.limits["value"]],
            quasi_p=[f"{value:.2g}" for value in done.limits["quasi_p"]],
        ).rename(columns={"quasi_p": "quasi-p"})
        yield table("Their limits", limits.assign(region=limits["region"].astype(str)), texts=3)


def discovery_json(done: Discovery) -> dict[str, Any]:
    """Return scenario discovery as JSON takes it."""
    return {
        "words": list(done.words),
        "meaning": done.failures.meaning,
        "threshold": done.failures.threshold if math.isfinite(done.failures.threshold) else None,
        "cells": records(done.failures.cells),
        "regions": records(done.boxes),
        "limits": records(done.limits),
        "tradeoff": records(done.tradeoff),
    }


def search_tables(done: Searched) -> Iterable[Table]:
    """Yield what a search found, and its leading candidates on futures that it didn't see."""
    yield facts("What the search found", _numbered(done.words))
    rows = done.finalists
    scale = amounts(done.measure, *rows["in_search"], *rows["mean"])
    shown: dict[str, Any] = {
        "trial": [f"{row['trial']}{' (chosen)' * row['chosen']}" for row in rows.to_dict("records")]
    }
    shown |= {path: [setting(value) for value in rows[path]] for path in done.best}
    shown["in the search"] = [scale.number(value) for value in rows["in_search"]]
    shown["where chosen"] = [scale.number(value) for value in rows["in_choice"]]
    judged = rows[["mean", "low", "high"]].itertuples(index=False)
    shown["on futures unseen"] = [f"{scale.number(a)} ({scale.interval(b, c)})" for a, b, c in judged]
    unit = f", {scale.unit}" if scale.unit else ""
    yield table(f"Gain over the unchanged policy in {words(done.measure)}{unit}", pd.DataFrame(shown))


def search_json(done: Searched) -> dict[str, Any]:
    """Return a search as JSON takes it."""
    return {
        "words": list(done.words),
        "best": done.best,
        "worth": done.worth._asdict(),
        "at_edge": list(done.at_edge),
        "finalists": records(done.finalists),
        "trials": records(done.trials),
    }


def _numbered(sentences: Iterable[str]) -> dict[str, str]:
    return {str(at): sentence for at, sentence in enumerate(sentences, 1)}
