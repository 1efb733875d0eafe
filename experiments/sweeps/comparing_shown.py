"""What comparing shows of sweeps: tables for the screen, and one JSON document for machines."""

from __future__ import annotations

import json
from collections.abc import Iterable
from typing import TYPE_CHECKING, Any

import pandas as pd

from experiments.answer import words
from experiments.console import facts, table
from experiments.shown import records
from experiments.sweeps.worded import amounts_for, percent, unit_of

if TYPE_CHECKING:
    from rich.table import Table

    from experiments.sweeps.comparing import Comparison
    from experiments.sweeps.comparing_one import ComparedScenarios
    from experiments.sweeps.comparing_two import ComparedSweeps
    from experiments.sweeps.sampling import Selected


def compared_scenarios_tables(done: ComparedScenarios) -> Iterable[Table]:
    """Yield what was asked differently of the scenarios of a sweep, and how policies came out in them."""
    settings = done.inputs.map(str)
    yield table("What was asked differently" if len(settings) else "Nothing was asked differently", settings, texts=9)
    yield from comparison_tables(done.comparison)


def comparison_tables(done: Comparison) -> Iterable[Table]:
    """Yield differences with intervals, who is best how often, and the sentences."""
    level, rows = percent(done.level), done.differences
    named = {"scenario": rows["scenario"], "policy": _worded(rows["policy"]), "against": _worded(rows["against"])}
    shown = pd.DataFrame({**named, **_with_ends(rows, done.measure)})
    yield table(f"Differences in {words(done.measure)}, in pairs; all intervals hold together, {level}", shown, texts=3)
    yield table(f"Means of {words(done.measure)}, and how often each is best in resamples", _best(done), texts=2)
    yield facts("In words", {str(number): sentence for number, sentence in enumerate(done.sentences, 1)})


def _best(done: Comparison) -> pd.DataFrame:
    rows = done.best
    amounts = amounts_for(done.measure, *rows["mean"])
    title = f"mean, {amounts.scale}{unit_of(done.measure)}".replace(",  ", ", ").rstrip(", ")
    means = ["" if mean != mean else amounts.number(mean) for mean in rows["mean"]]
    often = ["-" if share != share else percent(share) for share in rows["probability_best"]]
    return pd.DataFrame(
        {"scenario": rows["scenario"], "policy": _worded(rows["policy"]), title: means, "best in": often}
    )


def compared_sweeps_tables(done: ComparedSweeps) -> Iterable[Table]:
    """Yield what was asked differently of two sweeps and what came out differently."""
    settings = done.inputs.map(str)
    yield table("What was asked differently" if len(settings) else "Nothing was asked differently", settings, texts=4)
    rows = done.outcomes
    named = {"scenario": rows["scenario"], "policy": _worded(rows["policy"])}
    level = percent(done.level)
    title = f"Second minus first in {words(done.measure)}, in pairs; all intervals hold together, {level}"
    yield table(title, pd.DataFrame({**named, **_with_ends(rows, done.measure)}), texts=2)
    yield facts("In words", {str(number): sentence for number, sentence in enumerate(done.sentences, 1)})


def selected_tables(done: Selected) -> Iterable[Table]:
    """Yield how the best alternative was found, and what is promised of it."""
    rows = done.table
    out = ["" if pd.isna(when) else f"after {when}" for when in rows["eliminated"]]
    means = [f"{mean:,.6g}" for mean in rows["mean"]]
    shown = {"alternative": rows["alternative"], "replications": rows["replications"], "mean": means, "out": out}
    yield table(f"Best: {done.best}", pd.DataFrame(shown))
    yield facts("What is promised", {"": done.guarantee})


def _worded(policies: pd.Series) -> list[str]:
    return [words(name) for name in policies]


def _with_ends(rows: pd.DataFrame, measure: str) -> dict[str, list[str]]:
    """Return one column of differences, each with its interval behind it, and what they rest on."""
    amounts = amounts_for(measure, *rows["mean"])
    title = f"difference, {amounts.scale}{unit_of(measure)}".replace(",  ", ", ").rstrip(", ")
    each = zip(rows["mean"], rows["low"], rows["high"], strict=True)
    told = [f"{amounts.number(mean)} ({_ends(amounts.interval(low, high))})" for mean, low, high in each]
    shares = ["-" if share != share else f"{share:+.2%}" for share in rows["relative"]]
    return {title: told, "relative": shares, "cells": list(rows["cells"]), "futures": list(rows["replications"])}


def _ends(interval: str) -> str:
    return "no interval" if "inf" in interval else interval


def compared_scenarios_json(done: ComparedScenarios) -> dict[str, Any]:
    """Return a sweep's comparison as JSON takes it."""
    return {"inputs": _plain_rows(done.inputs), **comparison_json(done.comparison)}


def comparison_json(done: Comparison) -> dict[str, Any]:
    """Return a comparison of policies as JSON takes it; what is unknown or without end is null."""
    return {
        "measure": done.measure,
        "policy": done.policy,
        "cells_are_a_sample": done.sampled,
        "level": done.level,
        "differences": records(done.differences),
        "best": records(done.best),
        "left_out": records(done.left_out),
        "words": list(done.sentences),
    }


def compared_sweeps_json(done: ComparedSweeps) -> dict[str, Any]:
    """Return a comparison of two sweeps as JSON takes it."""
    inputs, outcomes = _plain_rows(done.inputs), records(done.outcomes)
    told = {"level": done.level, "outcomes": outcomes, "words": list(done.sentences)}
    return {"measure": done.measure, "inputs": inputs, **told}


def _plain_rows(inputs: pd.DataFrame) -> list[dict[str, Any]]:
    """Return settings that differ, with those that JSON has no form for as text."""
    rows: list[dict[str, Any]] = json.loads(json.dumps(inputs.to_dict("records"), default=str))
    return rows
