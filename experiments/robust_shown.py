"""What the command robust shows: plans by outlook as tables for the screen, and all as one JSON document."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from experiments.console import facts, table
from experiments.money import Money, money_for
from experiments.shown import records
from optimize.robust_plan import NOMINAL, NOTHING, ROBUST, best_for

if TYPE_CHECKING:
    from rich.table import Table

    from experiments.robust import Robust


def robust_tables(done: Robust) -> Iterable[Table]:
    """Yield gains and regrets of both plans under each outlook, and how the robust one was found."""
    yield _gains(done)
    yield _regrets(done)
    yield facts("The robust plan", _found(done))


def _gains(done: Robust) -> Table:
    """Return what plans gain over doing nothing under each outlook, and the difference of the two."""
    rows = done.simulated
    gains, lead = money_for(*rows["uplift"]), money_for(*rows["against_nominal"][rows["plan"] != NOTHING])
    known = pd.Series([best_for(outlook) for outlook in done.probabilities])
    shown = {
        "outlook": [f"{_spaced(outlook)} ({odds:.0%})" for outlook, odds in done.probabilities.items()],
        f"nominal, {_yuan(gains)}": [gains.number(gain) for gain in _of(rows, NOMINAL)["uplift"]],
        "robust": [gains.number(gain) for gain in _of(rows, ROBUST)["uplift"]],
        "if known": [gains.number(gain) for gain in rows[rows["plan"].isin(known)]["uplift"]],
        f"robust minus nominal, {_yuan(lead)}": _with_ends(_of(rows, ROBUST), "against_nominal", lead),
    }
    futures = int(rows["replications"].iloc[0])
    return table(f"Gain over doing nothing on {futures} fresh futures, with 95 % intervals", pd.DataFrame(shown))


def _regrets(done: Robust) -> Table:
    """Return the regret of both plans under each outlook, expected and simulated."""
    expected, seen = done.expected, done.simulated
    both = pd.concat([_of(frame, plan)["regret"] for frame in (expected, seen) for plan in (NOMINAL, ROBUST)])
    money = money_for(*both)
    columns: dict[str, list[str]] = {"outlook": [_spaced(outlook) for outlook in done.probabilities]}
    for plan in (NOMINAL, ROBUST):
        columns[f"{plan}, expected"] = [money.number(regret) for regret in _of(expected, plan)["regret"]]
        columns[f"{plan}, simulated"] = _with_ends(_of(seen, plan), "regret", money)
    return table(f"Regret: what the best plan for an outlook brings more, {_yuan(money)}", pd.DataFrame(columns))


def _of(rows: pd.DataFrame, plan: str) -> pd.DataFrame:
    """Return a plan's rows, which are in the order of outlooks."""
    return rows[rows["plan"] == plan]


def _spaced(name: str) -> str:
    return name.replace("_", " ")


def _yuan(money: Money) -> str:
    return f"{money.scale} yuan".strip()


def _found(done: Robust) -> dict[str, str]:
    hedged, used = done.made.hedged, done.made.robust.used
    differ = int((done.made.choices[ROBUST] != done.made.choices[NOMINAL]).sum())
    budgets = used[~used["budget"].str.startswith("manager ") & np.isfinite(used["limit"])]
    return {
        "found": f"{hedged.status}, at most {hedged.gap:.2%} of the gain below the best, by {hedged.method}",
        "differs from the nominal plan": f"at {differ:,} of {hedged.option.size:,} accounts",
        **{
            f"{row['budget'].replace('_', ' ')}, {row['unit']}": (
                f"{row['used']:,.0f} of {'at least ' * row['at_least']}{row['limit']:,.0f}"
            )
            for _, row in budgets.iterrows()
        },
    }


def _with_ends(rows: pd.DataFrame, name: str, money: Money) -> list[str]:
    ends = zip(rows[name], rows[f"{name}_low"], rows[f"{name}_high"], strict=True)
    return [f"{money.number(mean)} ({money.interval(low, high)})" for mean, low, high in ends]


def robust_json(done: Robust) -> dict[str, Any]:
    """Return a robust plan and what it is worth as JSON takes it."""
    from experiments.record import plan_facts, reasoned

    return {
        "answer": " ".join(done.words),
        "words": list(done.words),
        "lead": done.lead._asdict(),
        "probabilities": done.probabilities,
        "expected": records(done.expected),
        "simulated": records(done.simulated),
        "regret": records(done.regret),
        **plan_facts(done.made.robust),
        "budgets": records(done.made.robust.used),
        "plan": records(reasoned(done.made.robust, done.start.book)),
        "notes": list(done.start.notes),
    }
