"""The whole job: found a city, plan, try the plan out on fresh futures beside rules of thumb, answer, and store."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import Executor
from contextlib import AbstractContextManager, nullcontext
from html import escape
from pathlib import Path
from typing import NamedTuple

import pandas as pd

from experiments.answer import sentences
from experiments.executor import executor
from experiments.experiment import PLAN, Experiment, folder_of
from experiments.places import told_with_places
from experiments.record import Clock, record
from experiments.tables import months_table, summary_table
from experiments.trial_file import read_trial
from optimize.decision import FROM_BOOK
from optimize.estimate_error import DrawsError, draws_error
from optimize.notes import plan_notes
from optimize.plan import Plan, make_plan, programme_of, thumb_choice
from optimize.refine import refine
from optimize.response import Response, estimate
from optimize.trial import Learnt, learn
from optimize.trial_response import taught
from optimize.worth import Trials, World, comparison_table, try_out
from sim.city import Start, found, todays_practice
from sim.composing.compose import Composed
from sim.history import History
from sim.ledger import Ledger
from sim.market import simulate
from sim.names import OWN
from sim.programme import Programme
from sim.record_groups import book_groups

Progress = Callable[[str, int, int], None]
"""Told the stage, how many of its steps are done, and how many there are."""
TODAY = "todays_practice"


class MarketRun(NamedTuple):
    """The market under today's practice."""

    start: Start
    trials: Trials
    summary: pd.DataFrame
    months: pd.DataFrame
    """The first future month by month."""
    history: History
    """The first future."""


class Optimised(NamedTuple):
    """A plan, and what it was made from; nothing of it has been tried out."""

    start: Start
    response: Response
    plan: Plan
    learnt: Learnt | None = None
    """What a trial of one's own taught, where the scenario has one."""
    doubled: DrawsError | None = None
    """How the model's expectation changes with twice the draws, where that was asked for."""


class Result(NamedTuple):
    """An experiment's answer and what it rests on."""

    experiment: Composed[Experiment]
    start: Start
    plan: Plan
    trials: Trials
    comparison: pd.DataFrame
    answer: str
    folder: Path

    def _repr_html_(self) -> str:
        """Return the answer and the comparison for a notebook."""
        rows = self.comparison[self.comparison["measure"].isin(["retained_revenue", "contribution"])]
        return f"<p>{escape(self.answer)}</p>{rows.to_html(index=False)}<p>{escape(self.folder.as_posix())}</p>"


def simulate_market(
    experiment: Composed[Experiment],
    *,
    workers: int = 1,
    progress: Progress | None = None,
    ledger: Callable[[Start], AbstractContextManager[Ledger]] | None = None,
) -> MarketRun:
    """Return the market under today's practice on the experiment's futures; nothing is planned or written.

    `ledger` opens a ledger for the first future, once the city is founded.
    """
    settings, tell = experiment.settings, progress or _silent
    with executor(workers) as pool:
        tell("founding the city", 0, 0)
        start = found(settings, folder_of(experiment))
        policies = {TODAY: _today(settings, start)}
        trials = _try_out(settings, start, policies, pool, tell)
    with ledger(start) if ledger else nullcontext() as sink:
        histories = _first_future(settings, start, policies, trials, sink)
    months = months_table(histories, settings.carriers)
    return MarketRun(start, trials, summary_table(trials), months, histories[TODAY])


def optimise(experiment: Composed[Experiment], *, progress: Progress | None = None) -> Optimised:
    """Return the plan and its response without trying it out; nothing is written."""
    settings, tell = experiment.settings, progress or _silent
    tell("founding the city", 0, 0)
    start = found(settings, folder_of(experiment))
    tell("estimating what treatments would bring", 0, 0)
    start, response, learnt = with_response(experiment, start, tell)
    tell("planning", 0, 0)
    plan = planned(experiment, start, response)
    told = plan_notes(plan, settings, start.book)
    return Optimised(start._replace(notes=(*start.notes, *told)), response, plan, learnt)


def optimise_and_double(experiment: Composed[Experiment], *, progress: Progress | None = None) -> Optimised:
    """Return the plan as `optimise` does, and how expectations change with twice the draws on a sample of accounts."""
    made = optimise(experiment, progress=progress)
    (progress or _silent)("estimating some accounts with twice the draws", 0, 0)
    return made._replace(doubled=draws_error(experiment.settings, made.start.book))


def planned(experiment: Composed[Experiment], start: Start, response: Response) -> Plan:
    """Return the plan, made again around itself as often as the scenario asks for."""
    settings = experiment.settings
    with told_with_places(experiment):
        if settings.refine.rounds > 1:
            return refine(settings, start.book, start.city, response=response, seed=settings.seed).plan
        return make_plan(settings, start.book, response)


def with_response(
    experiment: Composed[Experiment], start: Start, tell: Progress | None = None
) -> tuple[Start, Response, Learnt | None]:
    """Return what treatments would bring, by the model or, where the scenario has a trial, by that."""
    tell = tell or _silent
    settings, response = experiment.settings, estimate(experiment.settings, start.book)
    if settings.trial is None:
        return start, response, None
    tell("learning from the trial", 0, 0)
    trial = settings.trial.model_copy(update={"halvings": 0})
    read = read_trial(trial, folder_of(experiment, "trial.path") or Path())
    learnt = learn(read.table, trial)
    done = taught(settings, start.book, response, learnt, trial)
    inputs = (*start.inputs, (read.name, read.sha256))
    return start._replace(notes=(*start.notes, *done.notes), inputs=inputs), done.response, learnt


def run(
    experiment: Composed[Experiment],
    *,
    workers: int = 1,
    root: Path = Path("results"),
    progress: Progress | None = None,
    command: Sequence[str] = (),
) -> Result:
    """Plan, compare and store below `root`; results don't depend on the number of workers."""
    settings, tell, clock = experiment.settings, progress or _silent, Clock()
    with executor(workers) as pool:
        made = optimise(experiment, progress=progress)
        policies = {PLAN: made.plan.programme, **_from_own_book(settings, made), **_rules_of_thumb(settings, made)}
        worlds = {PLAN: World(made.plan.market, made.plan.city(made.start.city))}
        trials = _try_out(settings, made.start, policies, pool, tell, worlds)
    comparison = comparison_table(trials, PLAN)
    told = sentences(settings, made.plan, comparison, trials)
    shown = {name: policies[name] for name in (PLAN, "nothing") if name in policies}
    first = _first_future(settings, made.start, shown, trials, worlds=worlds)
    tell("writing the result", 0, 0)
    planned = made.start._replace(book=made.plan.book(made.start.book))
    folder = record(experiment, planned, made.plan, trials, comparison, first, told, root, command, clock)
    return Result(experiment, made.start, made.plan, trials, comparison, " ".join(told), folder)


def _from_own_book(settings: Experiment, made: Optimised) -> dict[str, Programme]:
    """Return the plan made from the carrier's own book, where the plan itself saw the truth; else nothing."""
    own = made.start.own_book
    if own is None:
        return {}
    response = estimate(settings, own)
    if made.learnt is not None and settings.trial is not None:
        response = taught(settings, own, response, made.learnt, settings.trial).response
    return {FROM_BOOK: make_plan(settings, own, response).programme}


def _rules_of_thumb(settings: Experiment, made: Optimised) -> dict[str, Programme]:
    choices = {
        name: thumb_choice(settings, made.start.book, made.response, rule)
        for name, rule in settings.comparison.against.items()
    }
    return {name: programme_of(made.response, choice) for name, choice in choices.items()}


def _try_out(
    settings: Experiment,
    start: Start,
    policies: Mapping[str, Programme],
    pool: Executor | None,
    tell: Progress,
    worlds: Mapping[str, World] | None = None,
) -> Trials:
    count, done = settings.comparison.replications, 0

    def advance(steps: int) -> None:
        nonlocal done
        done += steps
        tell("trying out on fresh futures", done, count)

    tell("trying out on fresh futures", 0, count)
    return try_out(settings, start.city, policies, count, settings.comparison.seed, pool, advance, worlds)


def _today(settings: Experiment, start: Start) -> Programme:
    state = start.city.state
    own = (state.demand * (state.carrier == OWN)).sum(axis=0)
    return todays_practice(settings, own, start.city.customers.decision)


def _first_future(
    settings: Experiment,
    start: Start,
    policies: Mapping[str, Programme],
    trials: Trials,
    ledger: Ledger | None = None,
    worlds: Mapping[str, World] | None = None,
) -> dict[str, History]:
    """Live the first future again for its months: the policy for the planning period, then today's practice."""
    after = {settings.period: _today(settings, start)} if settings.period < settings.months else {}
    groups, own = book_groups(start.book, settings.segment), {} if worlds is None else worlds
    found = {}
    for name, programme in policies.items():
        market, city = own.get(name, World(settings, start.city))
        schedule = {0: programme, **after}
        found[name] = simulate(market, city, schedule, seed=trials.seeds[0], groups=groups, ledger=ledger)
    return found


def _silent(stage: str, done: int, total: int) -> None:
    """Say nothing."""
