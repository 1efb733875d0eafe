"""What a plan is worth once rivals have answered it, and what it is worth to plan for that, on fresh futures."""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import Executor
from typing import NamedTuple

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from optimize.answering import Arena, Played, affordable
from optimize.rival_menu import Move, menu, words
from optimize.rivalry import Action, Path, Profile, path_table, replaced
from optimize.worth import Difference, Trials, World, paired_difference, try_out
from sim.programme import Programme, nothing

Floats = NDArray[np.float64]
SHOWN = ("retained_revenue", "contribution")
IDLE = "nothing"
"""What stands for doing nothing where a plan's name stands."""


class Situation(NamedTuple):
    """Profiles that count alike: one, or those of a cycle."""

    plan: tuple[Profile, ...]

    @property
    def idle(self) -> tuple[Profile, ...]:
        """Return the same with us doing nothing."""
        return tuple(replaced(profile, 0, IDLE) for profile in self.plan)


class Situations(NamedTuple):
    """What is compared."""

    standing: Situation
    """The first plan, rivals as the scenario has them."""
    answered: Situation
    """The first plan once rivals have answered it."""
    again: Situation
    """The plan made again, once rivals have answered that."""
    unaware: Situation
    """The first plan among those rivals."""


def situations(played: Played) -> Situations:
    """Return the situations that worth is told of."""
    again = played.replanned.recurring
    return Situations(
        Situation((played.first,)),
        Situation(played.held.recurring),
        Situation(again),
        Situation(tuple(replaced(profile, 0, played.first[0]) for profile in again)),
    )


Parts = tuple[tuple[Profile, ...], ...]


def compared(met: Situations) -> tuple[tuple[str, Parts, Parts], ...]:
    """Return what is told: in words, what adds to it, and what is taken off."""
    standing, answered, again, unaware = met
    return (
        ("plan over doing nothing, rivals as they stand", (standing.plan,), (standing.idle,)),
        ("plan over doing nothing, once answered", (answered.plan,), (answered.idle,)),
        ("change of that gain", (answered.plan, standing.idle), (answered.idle, standing.plan)),
        ("change of all that we have, under the plan", (answered.plan,), (standing.plan,)),
        ("plan made again over doing nothing, once answered", (again.plan,), (again.idle,)),
        ("plan made again over the first, same rivals", (again.plan,), (unaware.plan,)),
        ("plan made again over the first, each once answered", (again.plan,), (answered.plan,)),
    )


def worth_table(
    played: Played,
    replications: int,
    seed: int,
    executor: Executor | None = None,
    progress: Callable[[int], None] | None = None,
) -> pd.DataFrame:
    """Return what plans are worth before and after answers: columns what, measure, mean, low, high, error (yuan).

    Differences are paired on the same fresh futures, with 95 % intervals. Where answers end in a cycle, each of its
    profiles counts alike; where they have no end, the last one does.
    """
    arena, met = played.arena, situations(played)
    needed = dict.fromkeys(profile for one in met for profile in (*one.plan, *one.idle))
    names = {profile: str(place) for place, profile in enumerate(needed)}
    policies, worlds = {}, {}
    for profile, name in names.items():
        policies[name], worlds[name] = _policy(arena, profile)
    city = arena.start.city
    trials = try_out(arena.decision, city, policies, replications, seed, executor, progress, worlds)
    rows: list[tuple[str, str, float, float, float, float]] = []
    for what, plus, minus in compared(met):
        for measure in SHOWN:
            better, other = (sum_of(trials, measure, names, parts) for parts in (plus, minus))
            rows.append((what, measure, *paired_difference(better, other)))
    return pd.DataFrame(rows, columns=["what", "measure", *Difference._fields])


def _policy(arena: Arena, profile: Profile) -> tuple[Programme, World]:
    """Return what we do in a profile and the market that it is done in; doing nothing hires nobody."""
    if profile[0] == IDLE:
        city = arena.start.city
        return nothing(city.customers.key.size), World(arena.market(profile), city)
    return arena.plans[str(profile[0])].programme, arena.world(profile)


def sum_of(trials: Trials, measure: str, names: dict[Profile, str], parts: Parts) -> Floats:
    """Return the sum over parts of a measure's mean over the part's profiles, by replication."""
    column, total = trials.measures.index(measure), np.zeros(len(trials.seeds))
    for profiles in parts:
        policies = [trials.policies.index(names[profile]) for profile in profiles]
        total += trials.values[:, policies, column].mean(axis=1)
    return total


def rounds_table(played: Played) -> pd.DataFrame:
    """Return who did what in each round: columns stage, round, player, action, moved, payoff, gain.

    Payoffs are on the futures that carriers judge by: a rival's contribution, our simulated measure. A plan is told by
    the order in which it was first made.
    """
    order = {name: number for number, name in enumerate(played.arena.plans, 1)}

    def named(action: Action) -> str:
        return words(action) if action is None or isinstance(action, Move) else f"plan {order[str(action)]}"

    stages: list[tuple[str, Path]] = [("our plan stays", played.held)]
    if played.replanned is not played.held:
        stages.append(("we plan again", played.replanned))
    tables = [path_table(path, named).assign(stage=stage) for stage, path in stages]
    table = pd.concat(tables, ignore_index=True)
    return table[["stage", *(column for column in table if column != "stage")]]


def answers_table(played: Played) -> pd.DataFrame:
    """Return every answer that each rival had where the game was left, with what it would bring the rival.

    Columns: rival, answer, chosen, affordable, outlay, contribution (yuan over the horizon), and mean, low, high of the
    paired difference to what the rival does, on the futures that carriers judge by; best first within a rival.
    """
    arena, left = played.arena, played.replanned.last
    rows = []
    for seat, name in enumerate(arena.rivals, 1):
        actions = menu(arena.decision.rivals[name], arena.settings)
        profiles = [replaced(left, seat, action) for action in actions]
        brought, outlay = affordable(arena, [left, *profiles], seat)
        for place, action in enumerate(actions, 1):
            found = paired_difference(brought[place], brought[0])
            spent = float(outlay[place].mean())
            rows.append(
                {
                    "rival": name,
                    "answer": words(action),
                    "chosen": action == left[seat],
                    "affordable": spent <= played.budgets[name],
                    "outlay": spent,
                    "budget": played.budgets[name],
                    "contribution": float(brought[place].mean()),
                    "mean": found.mean,
                    "low": found.low,
                    "high": found.high,
                }
            )
    order: dict[object, int] = {name: number for number, name in enumerate(arena.rivals)}
    table = pd.DataFrame(rows).assign(_order=[order[row["rival"]] for row in rows])
    return table.sort_values(["_order", "mean"], ascending=[True, False], ignore_index=True).drop(columns="_order")


def in_words(played: Played) -> tuple[str, ...]:
    """Return how the game went, a sentence each."""
    told = [f"Rivals answer the plan as it stands: {played.held.told()}."]
    if played.replanned is not played.held:
        told.append(f"We plan again and they answer: {played.replanned.told()}.")
    answers = answers_table(played)
    for seat, name in enumerate(played.arena.rivals, 1):
        done = dict.fromkeys(words(profile[seat]) for profile in played.replanned.recurring)  # type: ignore[arg-type]
        told.append(f"{name}: {'; then '.join(done)}{_held_back(played, seat, answers[answers['rival'] == name])}.")
    return tuple(told)


def _held_back(played: Played, seat: int, answers: pd.DataFrame) -> str:
    """Tell what keeps a rival from doing more where the game was left: the end of its menu, or its budget."""
    move, settings = played.replanned.last[seat], played.arena.settings
    pinned = isinstance(move, Move) and 0 < move.cut == max(settings.cuts)
    gains = answers["mean"] > settings.least_gain * answers["contribution"].abs()
    dearer = (gains & ~answers["affordable"]).any()
    reasons = ["the largest cut on its menu (rivalry.cuts)"] * pinned
    reasons += ["it can't afford what would bring it more (rivalry.budgets)"] * bool(dearer)
    return "".join(f"; {reason}" for reason in reasons)
