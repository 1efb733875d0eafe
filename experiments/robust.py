"""The robust plan beside the nominal one: made for outlooks that aren't known, and simulated under each of them."""

from __future__ import annotations

from pathlib import Path
from typing import NamedTuple

import numpy as np
import pandas as pd

from experiments.executor import executor
from experiments.experiment import Experiment, folder_of
from experiments.money import Money, money_for
from experiments.record import plan_files, reasoned
from experiments.run import Progress
from experiments.sheets import csv_bytes
from experiments.store import write_new
from optimize.outlook import BASE, RiskSettings, left_out, under
from optimize.risk import guarded
from optimize.robust_plan import NOMINAL, ROBUST, RobustPlan, expected_table, make_robust_plan
from optimize.robust_pose import refuse_unfit
from optimize.robust_worth import TRIED, Tried, guarded_lead, regret_matrix, simulated_table, try_robustly
from optimize.worth import Difference, paired_difference
from sim.city import Start, found
from sim.composing.compose import Composed
from sim.errors import InputError
from sim.shape import KeyPath, dotted, paths


class Robust(NamedTuple):
    """A robust plan, the nominal one, and what both are worth under each outlook."""

    start: Start
    probabilities: dict[str, float]
    """Of each outlook that is possible."""
    made: RobustPlan
    tried: Tried
    expected: pd.DataFrame
    """By the optimiser, a row a plan and outlook."""
    simulated: pd.DataFrame
    """On fresh futures, a row a plan and outlook."""
    regret: pd.DataFrame
    """A row a plan and outlook, expected and simulated."""
    lead: Difference
    """By how much the robust plan is better than the nominal one under the attitude to risk, simulated, yuan."""
    words: tuple[str, ...]
    """The answer, a sentence each."""


def robust_of(experiment: Composed[Experiment], *, workers: int = 1, progress: Progress | None = None) -> Robust:
    """Return the robust plan of a scenario with outlooks, tried out; results don't depend on the number of workers."""
    settings, tell = experiment.settings, progress or (lambda *_: None)
    risk, compared = settings.risk, settings.comparison
    if not risk.outlooks:
        raise InputError("risk.outlooks: none given; give at least one, as the shipped scenario risk does")
    refuse_unfit(settings)
    outlooks = {name: under(settings, risk, name, places_of(experiment, name)) for name in risk.probabilities}
    trying = "trying out under each outlook"
    with executor(workers) as pool:
        tell("founding the city", 0, 0)
        start = found(settings, folder_of(experiment))
        made = make_robust_plan(settings, start.book, outlooks, progress=tell)
        tried = try_robustly(
            made, start.city, compared.replications, compared.seed, pool, lambda done, most: tell(trying, done, most)
        )
    expected, simulated = expected_table(made), simulated_table(tried)
    lead = guarded_lead(tried, risk, made.cap)
    told = sentences(settings, made, tried, lead)
    regret = regret_matrix(expected, simulated)
    return Robust(start, risk.probabilities, made, tried, expected, simulated, regret, lead, tuple(told))


def places_of(experiment: Composed[Experiment], outlook: str) -> dict[KeyPath, str]:
    """Return where each key path of an outlook's change was written."""
    if outlook == BASE:
        return {}
    above = ("risk", "outlooks", outlook, "change")
    change = experiment.settings.risk.outlooks[outlook].change
    return {path: experiment.origin.get(dotted((*above, *path)), "") for path in paths(change)}


def write_robust(done: Robust, folder: Path) -> None:
    """Write tables and the robust plan into a folder that has none of them."""
    told = ["A plan for several outlooks: its figures are the optimiser's own expectation for things as planned."]
    plan = {"plan": reasoned(done.made.robust, done.start.book), "budgets": done.made.robust.used}
    files = {
        "expected.csv": csv_bytes(done.expected),
        "simulated.csv": csv_bytes(done.simulated),
        "regret.csv": csv_bytes(done.regret),
        "answer.txt": ("\n".join(done.words) + "\n").encode(),
        **plan_files(plan, told),
    }
    write_new(folder, files, "name another folder with --out, or move it away")


def sentences(settings: Experiment, made: RobustPlan, tried: Tried, lead: Difference) -> list[str]:
    """Return the answer; its first sentence holds what was simulated, with its interval."""
    told = [_headline(settings, made, tried, lead)]
    if BASE in tried.outlooks:
        told.append(_as_planned(tried))
    told.append(_bound(settings.risk, made))
    told += [f"The nominal plan would exceed {limit}." for limit in made.exceeded]
    for name, decision in made.outlooks.items():
        told += [f"Under {name}, {key} is simulated, but no plan foresees it." for key in left_out(settings, decision)]
    return told


def attitude(risk: RiskSettings) -> str:
    """Return where the robust plan is meant to be good, in words.

    >>> attitude(RiskSettings(measure="cvar", level=0.7))
    'in the mean of the worst 30 % of outlooks'
    """
    return {
        "mean": "in the mean of outlooks",
        "cvar": f"in the mean of the worst {100 * (1 - risk.level):.3g} % of outlooks",
        "worst_case": "in the worst outlook",
        "max_regret": "in largest regret",
    }[risk.measure]


def _headline(settings: Experiment, made: RobustPlan, tried: Tried, lead: Difference) -> str:
    risk, futures = settings.risk, tried.objective.shape[1]
    expected = _expected_lead(settings, made)
    money = money_for(lead.mean, lead.low, lead.high, expected)
    basis = f"95 % interval {_ends(lead, money)}, {futures} fresh futures under each of {len(tried.outlooks)} outlooks"
    if np.array_equal(made.choices[ROBUST], made.choices[NOMINAL]):
        return f"Over {settings.months} months the plan that is best {attitude(risk)} is the nominal one."
    better = "better" if lead.mean >= 0 else "worse"
    shown = "" if lead.low > 0 or lead.high < 0 else ", which shows neither to be better"
    return (
        f"Over {settings.months} months, {attitude(risk)}, the robust plan is {money.full(abs(lead.mean))} {better} "
        f"than the nominal one ({basis}){shown}; expected by the optimiser: {money.short(expected)}."
    )


def _expected_lead(settings: Experiment, made: RobustPlan) -> float:
    """Return the optimiser's own figure of the lead, yuan."""
    names = list(made.choices)
    best, idle = made.worth.max(axis=0), made.worth[0]
    less = best if settings.risk.measure == "max_regret" else idle if settings.risk.counted == "uplift" else 0.0 * idle
    one, other = (guarded(made.worth[names.index(name)] - less, made.cap) for name in (ROBUST, NOMINAL))
    return one - other


def _as_planned(tried: Tried) -> str:
    here = tried.objective[tried.outlooks.index(BASE)]
    found = paired_difference(here[:, TRIED.index(ROBUST)], here[:, TRIED.index(NOMINAL)])
    money = money_for(found.mean, found.low, found.high)
    more = "more" if found.mean >= 0 else "less"
    return f"If all goes as planned it brings {money.full(abs(found.mean))} {more} ({_ends(found, money)})."


def _bound(risk: RiskSettings, made: RobustPlan) -> str:
    hedged = made.hedged
    short = money_for(hedged.bound - hedged.value)
    return (
        f"By the optimiser's expectation no plan within the limits is more than "
        f"{short.full(hedged.bound - hedged.value)} better {attitude(risk)}, {hedged.gap:.2%} of what is gained over "
        "doing nothing."
    )


def _ends(found: Difference, money: Money) -> str:
    return f"{money.interval(found.low, found.high)} {money.scale}".strip()
