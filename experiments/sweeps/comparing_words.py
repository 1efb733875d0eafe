"""A comparison of policies in sentences: who is best where, by how much, how sure that is, and what it rests on."""

from __future__ import annotations

from typing import Any

import pandas as pd

from experiments.answer import words
from experiments.sweeps.lived import Lived
from experiments.sweeps.worded import IN_ALL, IN_MEAN, LESS_IS_BETTER, amount_told, listed, named, percent

FEW = 4
"""Scenarios that are told one by one; the tables have all."""


def told(
    found: Lived,
    differences: pd.DataFrame,
    best: pd.DataFrame,
    *,
    pivot: str,
    sampled: bool,
    level: float,
    equal: bool,
) -> list[str]:
    """Return the sentences of a comparison, the headline first."""
    leads = _leads(differences, pivot, found.measure)
    return [
        *_headline(found, leads, pivot),
        *_in_mean(found, leads, pivot, equal),
        *_shown(leads, pivot, level),
        *_how_often(best, pivot),
        *_basis(found, sampled),
        *_left_out(found),
    ]


def _leads(differences: pd.DataFrame, pivot: str, measure: str) -> pd.DataFrame:
    """Return by how much the pivot is better than each other policy: scenario, rival, mean, low, high."""
    forward = differences["policy"] == pivot
    better = forward != (measure in LESS_IS_BETTER)
    ends = {"mean": "mean", "low": "high", "high": "low"}
    turned = {end: differences[end].where(better, -differences[other]) for end, other in ends.items()}
    rival = differences["against"].where(forward, differences["policy"])
    return pd.DataFrame({"scenario": differences["scenario"], "rival": rival, **turned})


def _closest(leads: pd.DataFrame, scenario: str) -> Any:
    """Return the pivot's lead over the policy that is best of the others."""
    rows = leads[leads["scenario"] == scenario]
    return rows.iloc[int(rows["mean"].argmin())]


def _headline(found: Lived, leads: pd.DataFrame, pivot: str) -> list[str]:
    """Tell where the pivot is best, and who leads it where it isn't."""
    closest = {name: _closest(leads, name) for name in found.scenarios}
    first = [name for name, row in closest.items() if row["mean"] >= 0]
    behind = [
        f"in {name} {_ahead(closest[name], pivot, found.measure)}" for name in found.scenarios if name not in first
    ]
    if len(found.scenarios) == 1:
        best = f"{named(pivot)} is best in {first[0]}: it {_lead(closest[first[0]], found.measure)}" if first else ""
        return [f"On {words(found.measure)} {best or behind[0]}."]
    who = f": {listed(first)}" if 0 < len(first) <= FEW and behind else ""
    head = f"On {words(found.measure)} {named(pivot)} is best in {len(first)} of {len(found.scenarios)} scenarios{who}"
    more = [f"and others lead it in {len(behind) - FEW} more"] if len(behind) > FEW else []
    return ["; ".join([head, *behind[:FEW], *more]) + "."]


def _ahead(row: Any, pivot: str, measure: str) -> str:
    """Tell that another policy leads the pivot."""
    turned = {"mean": -row["mean"], "low": -row["high"], "high": -row["low"]}
    return f"{named(row['rival'])} leads {named(pivot)} by {amount_told(turned, measure)}"


def _lead(row: Any, measure: str) -> str:
    return f"leads the closest, {named(row['rival'])}, by {amount_told(row, measure)}"


def _in_mean(found: Lived, leads: pd.DataFrame, pivot: str, equal: bool) -> list[str]:
    """Tell the lead, or who has it, in the mean over scenarios."""
    if len(found.scenarios) == 1:
        return []
    row = _closest(leads, IN_MEAN)
    lead = f"{named(pivot)} {_lead(row, found.measure)}" if row["mean"] >= 0 else _ahead(row, pivot, found.measure)
    return [f"In the mean of scenarios, {'each counted alike' if equal else 'weighted as asked'}, {lead}."]


def _shown(leads: pd.DataFrame, pivot: str, level: float) -> list[str]:
    """Tell how many of the leads are surely leads, as all intervals hold together."""
    one = leads[leads["scenario"] != IN_MEAN]
    ahead, behind = int((one["low"] > 0).sum()), int((one["high"] < 0).sum())
    surely = f"{named(pivot)} is surely better in {ahead} of {len(one)} comparisons by scenario"
    worse = f" and surely worse in {behind}" if behind else ""
    return [f"{surely[0].upper()}{surely[1:]}{worse}; all intervals hold together with {percent(level)}."]


def _how_often(best: pd.DataFrame, pivot: str) -> list[str]:
    """Tell how often the pivot is best when futures are drawn again."""
    shares = best[best["policy"] == pivot].set_index("scenario")["probability_best"]
    if shares.isna().all():
        return []
    if IN_ALL not in shares.index:
        share = f"in {percent(shares.iloc[0])} of resamples"
    else:
        mean, every = percent(shares[IN_MEAN]), percent(shares[IN_ALL])
        share = f"in the mean of scenarios in {mean} of resamples, in all scenarios at once in {every}"
    return [f"Drawn again from the same runs (a bootstrap, no posterior), {named(pivot)} is best {share}."]


def _basis(found: Lived, sampled: bool) -> list[str]:
    """Tell what is uncertain: luck, and with a random design the settings that were drawn."""
    if len(found.points) == 1:
        return []
    cells = f"{len(found.points)} cells a scenario"
    if sampled:
        return [f"The {cells} are a random sample of the settings that vary: intervals allow for other draws of them."]
    return [f"Means are over these very {cells}: intervals allow for luck, not for other settings."]


def _left_out(found: Lived) -> list[str]:
    lost, kept = int(found.left_out.sum()), int(found.kept.sum())
    if not lost:
        return []
    return [f"{lost} of {lost + kept} pairs of cell and future are left out, as not every policy lived through them."]
