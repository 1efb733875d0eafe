"""Planning month by month: the bound, the policy that follows the prices, and its worth in the market."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np
import pandas as pd

from experiments.console import facts, table
from experiments.executor import executor
from experiments.experiment import Experiment, folder_of
from experiments.money import money_for
from experiments.run import Progress
from experiments.sheets import csv_bytes
from experiments.store import write_new
from optimize.monthly import Monthly, monthly_process
from optimize.monthly_check import agreement
from optimize.monthly_planner import monthly_policy
from optimize.monthly_policy import Lived, live_policy, myopic
from optimize.monthly_prices import Bound, best_prices
from optimize.plan import make_plan
from optimize.policy import Policy
from optimize.worth import Trials, comparison_table, try_out
from sim.city import found
from sim.composing.compose import Composed
from sim.kernels.monthly_records import ACTIONS, CUT, OFFER
from sim.programme import nothing

if TYPE_CHECKING:
    from rich.table import Table

MONTHLY, YEARLY, NOTHING = "monthly", "yearly_plan", "nothing"
USES = ("hours", "discount yuan", "channel yuan", "seat minutes")
DIFFERENT = {"retained_revenue": "retained revenue", "contribution": "contribution"}


class MonthlyResult(NamedTuple):
    """What planning month by month brings, in the response model and in the market."""

    response: pd.DataFrame
    """One row a policy of the response model: worth, uplift, gap to the bound and its interval."""
    market: pd.DataFrame
    """Paired differences of the monthly policy in the market (`optimize.worth.comparison_table`)."""
    months: pd.DataFrame
    """One row a month and means: what there is, what is used at the prices, what the policy uses, and the price."""
    actions: pd.DataFrame
    """One row a month and action: accounts, mean over the market's futures."""
    agreement: pd.DataFrame
    """How the process agrees with the response that it is derived from (`optimize.monthly_check.agreement`)."""
    trials: Trials
    words: tuple[str, ...]
    notes: tuple[str, ...]


def monthly_of(
    experiment: Composed[Experiment], *, workers: int = 1, market: bool = True, progress: Progress | None = None
) -> MonthlyResult:
    """Return what planning month by month brings; nothing is written. Without `market` it isn't tried out there."""
    settings, tell = experiment.settings, progress or (lambda *_: None)
    tell("founding the city", 0, 0)
    start = found(settings, folder_of(experiment))
    tell("estimating what months bring", 0, 0)
    model = monthly_process(settings, start.book)
    bound = best_prices(model, settings.monthly, lambda done, of: tell("pricing hours", done, of))
    lives, seed = settings.monthly.replications, settings.comparison.seed
    lived = {
        MONTHLY: live_policy(
            model, bound, lives, seed, progress=lambda done, of: tell("living in the response model", done, of)
        ),
        "myopic": live_policy(model, bound, lives, seed, myopic(model)),
    }
    tell("comparing with the response", 0, 0)
    alike = agreement(settings, start.book, model)
    trials, compared, actions = _no_trials(), pd.DataFrame(), pd.DataFrame(columns=["month", "action", "accounts"])
    if market:
        tell("making the yearly plan", 0, 0)
        plan = make_plan(settings, start.book)
        policies: dict[str, Policy] = {
            MONTHLY: monthly_policy(settings, start.book, model, bound),
            YEARLY: plan.programme,
            NOTHING: nothing(start.book.key.size),
        }
        futures, done = settings.comparison.replications, iter(range(1, settings.comparison.replications + 1))
        tell("trying it out", 0, futures)
        with executor(workers) as pool:
            trials = try_out(
                settings,
                start.city,
                policies,
                futures,
                seed,
                pool,
                lambda _: tell("trying it out", next(done), futures),
            )
        compared = comparison_table(trials, MONTHLY)
        actions = action_table(trials)
    shown = response_table(bound, lived)
    return MonthlyResult(
        response=shown,
        market=compared,
        months=months_table(model, bound, lived[MONTHLY]),
        actions=actions,
        agreement=alike,
        trials=trials,
        words=tuple(_words(shown, compared)),
        notes=start.notes,
    )


def _no_trials() -> Trials:
    return Trials((), (), np.zeros((0, 0, 0)), (), np.zeros((0, 0)))


def response_table(bound: Bound, lived: dict[str, Lived]) -> pd.DataFrame:
    """Return the response model's rows, yuan and shares of the bound's uplift over doing nothing."""
    uplift = bound.bound - bound.nothing
    rows = [("bound", bound.bound, uplift, 0.0, 0.0, 0.0, np.nan)]
    for name, lives in lived.items():
        gap, low, high = lives.gap(bound)
        rows.append((name, bound.bound - gap * uplift, (1 - gap) * uplift, gap, low, high, float(lives.paid.mean())))
    rows.append((NOTHING, bound.nothing, 0.0, 1.0, 1.0, 1.0, np.nan))
    return pd.DataFrame(rows, columns=["policy", "worth", "uplift", "gap", "gap_low", "gap_high", "simulated_worth"])


def months_table(model: Monthly, bound: Bound, lived: Lived) -> pd.DataFrame:
    """Return what there is of each means by month, what is used of it, and its price (of hours the managers' mean)."""
    there = np.concatenate([model.hours.sum(axis=0)[None], model.shared])
    at_prices, used = bound.found.used.sum(axis=0), lived.used.mean(axis=0)
    price = np.concatenate([bound.prices.hours.mean(axis=0)[None], bound.prices.shared])
    rows = [
        (name, month, there[k, month], at_prices[k, month], used[k, month], price[k, month])
        for k, name in enumerate(USES)
        for month in range(model.months)
    ]
    return pd.DataFrame(rows, columns=["means", "month", "available", "used_at_prices", "used_by_policy", "price"])


def action_name(action: int) -> str:
    """Return an action in words.

    >>> action_name(0), action_name(5), action_name(13), action_name(14)
    ('nothing', 'visit to the decider, letter', 'visit to the decider with an offer, letter', 'discount')
    """
    if action == CUT:
        return "discount"
    contacts = ("", "letter", "call", "letter and call")
    if action >= OFFER:
        parts = ["visit to the decider with an offer", contacts[action - OFFER]]
    else:
        parts = [("", "visit to the decider", "visit to the working level")[action // 4], contacts[action % 4]]
    return ", ".join(part for part in parts if part) or "nothing"


def action_table(trials: Trials) -> pd.DataFrame:
    """Return how many accounts each action was meant for in each month, mean over futures."""
    told = [future[trials.policies.index(MONTHLY)] for future in trials.told]
    rows = []
    for month in range(len(told[0])):
        counts = np.mean([np.bincount(future[month], minlength=ACTIONS) for future in told], axis=0)
        rows += [(month, action_name(action), float(count)) for action, count in enumerate(counts) if count]
    return pd.DataFrame(rows, columns=["month", "action", "accounts"])


def _words(shown: pd.DataFrame, compared: pd.DataFrame) -> Iterable[str]:
    gap, low, high, uplift = shown.loc[shown["policy"] == MONTHLY, ["gap", "gap_low", "gap_high", "uplift"]].to_numpy()[
        0
    ]
    yield (
        f"In the response model the policy brings {money_for(uplift).full(uplift)} more retained revenue than doing "
        f"nothing, {gap:.2%} ({low:.2%} to {high:.2%}) of the uplift below the bound "
        "on any policy."
    )
    for other in (YEARLY, NOTHING) if len(compared) else ():
        row = compared[(compared["against"] == other) & (compared["measure"] == "retained_revenue")].iloc[0]
        money = money_for(row["mean"], row["low"], row["high"])
        yield (
            f"In the market it retains {money.full(abs(row['mean']))} {'more' if row['mean'] >= 0 else 'less'} than "
            f"{'doing nothing' if other == NOTHING else 'the yearly plan'} (95 % interval "
            f"{money.interval(row['low'], row['high'])} {money.scale}, {row['replications']} fresh futures)."
        )


def write_monthly(done: MonthlyResult, folder: Path) -> None:
    """Write the tables into a folder that has none of them."""
    names = ("response", "market", "months", "actions", "agreement")
    files = {f"{name}.csv": csv_bytes(getattr(done, name)) for name in names if len(getattr(done, name))}
    write_new(folder, files, "name another folder with --out, or move it away")


def monthly_json(done: MonthlyResult) -> dict[str, Any]:
    """Return the tables as JSON takes them."""
    from experiments.shown import records

    names = ("response", "market", "months", "actions", "agreement")
    tables = {name: records(getattr(done, name)) for name in names}
    return {**tables, "words": list(done.words), "notes": list(done.notes)}


def monthly_tables(done: MonthlyResult) -> Iterable[Table]:
    """Yield what the screen shows."""
    rows = done.response
    money = money_for(*rows["uplift"])
    shown = pd.DataFrame(
        {
            "policy": [name.replace("_", " ") for name in rows["policy"]],
            f"uplift, {money.scale} yuan": [money.number(value) for value in rows["uplift"]],
            "below the bound": [
                f"{gap:.2%} ({low:.2%} to {high:.2%})"
                for gap, low, high in zip(rows["gap"], rows["gap_low"], rows["gap_high"], strict=True)
            ],
        }
    )
    yield table("In the response model, over doing nothing", shown)
    if len(done.market):
        yield _market_table(done.market)
    alike = done.agreement
    yield table(
        "The monthly process beside the response it is derived from, uplift",
        pd.DataFrame(
            {
                "schedule": alike["schedule"],
                "ratio": [f"{value:.3f}" for value in alike["ratio"]],
                "correlation of accounts": [f"{value:.3f}" for value in alike["correlation"]],
            }
        ),
    )
    yield facts("In words", {str(i): sentence for i, sentence in enumerate(done.words, 1)})


def _market_table(compared: pd.DataFrame) -> Table:
    columns = {"monthly against": [name.replace("_", " ") for name in compared["against"].unique()]}
    for measure, title in DIFFERENT.items():
        rows = compared[compared["measure"] == measure]
        money = money_for(*rows["mean"])
        each = zip(rows["mean"], rows["low"], rows["high"], strict=True)
        columns[f"{title}, {money.scale} yuan"] = [
            f"{money.number(mean)} ({money.interval(low, high)})" for mean, low, high in each
        ]
    return table("In the market, in pairs on the same fresh futures, with 95 % intervals", pd.DataFrame(columns))
