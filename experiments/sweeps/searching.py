"""The market as a search sees it: a policy with other parameters, decided from the same book, on the same futures."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from concurrent.futures import Executor
from dataclasses import replace
from functools import partial
from typing import Any

import numpy as np
from numpy.typing import NDArray

from experiments.executor import executor
from experiments.experiment import PLAN, Experiment
from experiments.sweeps.cells import fitted, known_uncertainties
from experiments.sweeps.market import Prepared, policies_of
from experiments.sweeps.question import Asked
from experiments.sweeps.search import Searched, search
from experiments.sweeps.setting import setting_at, with_values
from optimize.policy import Policy
from optimize.worth import COLUMNS, World, live, quiet
from sim.composing.compose import Composed
from sim.errors import InputError, did_you_mean
from sim.programme import Programme
from sim.scenario import Scenario

Floats = NDArray[np.float64]
Values = dict[str, Any]


def search_policy(
    asked: Asked,
    *,
    trials: int = 30,
    policy: str | None = None,
    measure: str = "retained_revenue",
    seed: int = 1,
    workers: int = 1,
    progress: Callable[[int, int], None] | None = None,
) -> Searched:
    """Return the parameters of a policy that gain most over it as it stands, judged on futures the search didn't see.

    The question has one scenario, and what may be changed stands under `over`: settings of the decision or of a rule
    of thumb, never of the market. `replications` of the question are the futures of the search.
    """
    if len(asked.scenarios) != 1:
        raise InputError(f"{asked.place('scenarios')}: a search is in one scenario; {len(asked.scenarios)} are given")
    (experiment,) = asked.scenarios.values()
    space = known_uncertainties(asked)
    named = policy or policies_of(asked)[0]
    if measure not in COLUMNS:
        raise InputError(f"measure '{measure}': unknown; {did_you_mean(measure, COLUMNS)}")
    if named != PLAN and named not in experiment.settings.comparison.against:
        raise InputError(f"policy '{named}': unknown; {did_you_mean(named, policies_of(asked))}")
    settings = {path: setting_at(experiment.settings, path) for path in space}
    with executor(workers) as pool:
        return search(
            Tried(experiment, named, measure, pool),
            space,
            trials,
            seed,
            asked.settings.replications,
            measure=measure,
            fit=lambda path, value: fitted(value, settings[path], space[path]),
            progress=progress,
        )


class Tried:
    """Candidates of a policy, tried in the market of a scenario."""

    def __init__(self, experiment: Composed[Experiment], policy: str, measure: str, pool: Executor | None) -> None:
        self.experiment, self.policy, self.pool = experiment, policy, pool
        self.column = COLUMNS.index(measure)
        self.unchanged = Prepared(experiment)
        self.known: dict[int, float] = {}
        """What the unchanged policy came to, by replication."""

    def __call__(self, values: Values, futures: range) -> Floats:
        """Return how much more a candidate brings than the unchanged policy, one a future."""
        settings = with_values(self.experiment.settings, list(values.items()))
        _check_is_policy(self.experiment.settings, settings)
        candidate = Prepared(replace(self.experiment, settings=settings))
        candidate.__dict__["start"] = self.unchanged.start  # the same book
        missing = [number for number in futures if number not in self.known]
        self.known.update(zip(missing, self._lived(self.unchanged, missing), strict=True))
        base = np.array([self.known[number] for number in futures])
        return np.asarray(np.array(self._lived(candidate, futures)) - base)

    def _lived(self, decider: Prepared, futures: Sequence[int]) -> list[float]:
        world, programme = self._life(decider)
        after, seed = self.unchanged.after, self.unchanged.settings.comparison.seed
        policies: tuple[Policy, ...] = (programme,)
        task = partial(live, (quiet(world),), policies, after, seed)
        mapped = (self.pool.map if self.pool else map)(task, futures)
        return [float(trial.measures[0, self.column]) for trial in mapped]

    def _life(self, decider: Prepared) -> tuple[World, Programme]:
        programme, city = decider.programme(self.policy), self.unchanged.start.city
        if self.policy == PLAN:
            return World(decider.plan.market, decider.plan.city(city)), programme
        return World(self.unchanged.settings, city), programme


def _check_is_policy(before: Experiment, after: Experiment) -> None:
    """Raise an error where a candidate changes the market that it is to be tried in."""
    changed = [name for name in Scenario.model_fields if getattr(before, name) != getattr(after, name)]
    if changed:
        raise InputError(
            f"over: {', '.join(changed)} is the market's; a search changes a policy, such as objective.retained_weight "
            "or a rule's own settings under comparison.against"
        )
