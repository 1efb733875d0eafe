"""The market as what a sweep lives: policies of a scenario, each on one fresh future a run."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from dataclasses import replace
from functools import cache, cached_property
from importlib.resources import files
from pathlib import Path
from typing import NamedTuple

import numpy as np

from experiments.experiment import PLAN, Experiment, folder_of
from experiments.record import extension_digests, keystay_version
from experiments.run import planned, with_response
from experiments.store import identity
from experiments.sweeps.model import Cell
from experiments.sweeps.question import Asked
from experiments.sweeps.setting import with_values
from optimize.plan import Plan, programme_of, thumb_choice
from optimize.response import Response
from optimize.worth import COLUMNS, Trial, World, live, quiet, replication_seed
from sim.city import Start, found, todays_practice
from sim.composing.compose import Composed, dump_yaml
from sim.errors import InputError, did_you_mean
from sim.names import OWN
from sim.programme import Programme, nothing, service_tiers

FUTURES = "comparison.seed"
PACKAGES = ("sim", "optimize")
"""Whose code moves the market's numbers."""


class Market(NamedTuple):
    """The market under several scenarios."""

    scenarios: dict[str, Composed[Experiment]]
    decided: str
    """Whether policies are decided in every "cell" or once a "scenario"."""
    version: str

    @property
    def measures(self) -> tuple[str, ...]:
        """What is measured of a run, yuan over the horizon, and the share of lines lost a year."""
        return COLUMNS

    def prepare(self, cell: Cell) -> Prepared:
        """Return the city of a cell; its policies are decided when the first run of them comes."""
        scenario = self.scenarios[cell.scenario]
        decider = None if self.decided == "cell" or not cell.point else _nominal(self, cell.scenario)
        return Prepared(replace(scenario, settings=with_values(scenario.settings, cell.point)), decider)

    def seed(self, cell: Cell, replication: int) -> int:
        """Return the seed of a future, the same in all cells and under all policies."""
        asked = dict(cell.point).get(FUTURES, self.scenarios[cell.scenario].settings.comparison.seed)
        return replication_seed(asked, replication)

    def live(self, prepared: Prepared, policy: str, replication: int) -> Sequence[float]:
        """Return what a policy brought in a future."""
        return [float(value) for value in prepared.live(policy, replication).measures[0]]


_LAST: dict[str, Prepared] = {}
"""The scenario as it stands that was decided for last in this process, by its content."""


def _nominal(market: Market, scenario: str) -> Prepared:
    """Return a scenario as it stands, kept while cells of the same scenario follow."""
    key = identity(market.version, dump_yaml(market.scenarios[scenario].settings))
    if key not in _LAST:
        _LAST.clear()
        _LAST[key] = Prepared(market.scenarios[scenario])
    return _LAST[key]


class Prepared:
    """A cell's city, and its policies, each decided when it is first asked for."""

    def __init__(self, experiment: Composed[Experiment], decider: Prepared | None = None) -> None:
        self.experiment, self.settings = experiment, experiment.settings
        self.decider = decider or self
        """Whose book policies are decided from."""
        self.decided: dict[str, Programme] = {}

    @cached_property
    def start(self) -> Start:
        """The city and the book of it."""
        return found(self.settings, folder_of(self.experiment))

    @cached_property
    def response(self) -> Response:
        """What treatments would bring, from the book."""
        return with_response(self.experiment, self.start)[1]

    @cached_property
    def plan(self) -> Plan:
        """The optimiser's plan."""
        return planned(self.experiment, self.start, self.response)

    @cached_property
    def after(self) -> Programme:
        """Today's practice, which goes on after the planning period."""
        state = self.start.city.state
        own = np.where(state.carrier == OWN, state.demand, 0).sum(axis=0)
        return todays_practice(self.settings, own, self.start.city.customers.decision)

    def programme(self, policy: str) -> Programme:
        """Return what a policy does to each customer, decided from the book."""
        if policy not in self.decided:
            self.decided[policy] = self._decide(policy)
        return self.decided[policy]

    def _decide(self, policy: str) -> Programme:
        book = self.start.book
        if policy == PLAN:
            return self.plan.programme
        if policy == "nothing":
            return nothing(len(book.ids))._replace(tier=service_tiers(book.value_class, self.settings.practice))
        rule = self.settings.comparison.against[policy]
        return programme_of(self.response, thumb_choice(self.settings, book, self.response, rule))

    def check_own_market(self, other: Prepared) -> None:
        """Refuse a plan that comes with a market of its own, where it is to be lived in another cell's."""
        if other is self:
            return
        moved = bool((self.plan.city(self.start.city).customers.manager != self.start.city.customers.manager).any())
        if moved or self.plan.market != self.settings:
            raise InputError(
                "the plan hires capacity or moves accounts, which a cell with a market of its own can't take over; let "
                "decided be 'cell', or leave such decisions out"
            )

    def live(self, policy: str, replication: int) -> Trial:
        """Return one future of a policy, in the market that the plan makes for itself where it hires or moves."""
        programme, city = self.decider.programme(policy), self.start.city
        if programme.visits.size != city.customers.key.size:
            raise InputError(
                f"policies decided for {programme.visits.size} customers can't be lived by "
                f"{city.customers.key.size}; let decided be 'cell', or leave the customers as they are"
            )
        world = World(self.settings, city)
        if policy == PLAN:
            self.decider.check_own_market(self)
        if policy == PLAN and self.decider is self:
            world = World(self.plan.market, self.plan.city(city))
        return live((quiet(world),), (programme,), self.after, self.settings.comparison.seed, replication)


def market_of(asked: Asked) -> Market:
    """Return the market that a question is about."""
    return Market(asked.scenarios, asked.settings.decided, model_version())


def policies_of(asked: Asked) -> tuple[str, ...]:
    """Return the policies asked for, all that there are unless some are named; every scenario has to have them."""
    named = asked.settings.policies
    for name, composed in asked.scenarios.items():
        there = (PLAN, *composed.settings.comparison.against)
        named = named or there
        for policy in named:
            if policy not in there:
                hint = did_you_mean(policy, there)
                raise InputError(f"{asked.place('policies')}: scenario {name} has no policy '{policy}'; {hint}")
    if len(set(named)) < len(named):
        raise InputError(f"{asked.place('policies')}: a policy is named twice; keep one of each")
    return named


def texts_of(asked: Asked) -> dict[str, str]:
    """Return what stands for each scenario and all the files that it reads."""
    found = {}
    for name, composed in asked.scenarios.items():
        inputs = inputs_of(composed.settings, folder_of(composed))
        told = (f"{file} {digest}" for file, digest in sorted(inputs.items()))
        found[name] = identity(dump_yaml(composed.settings), *told, asked.settings.decided)
    return found


def inputs_of(settings: Experiment, folder: Path | None) -> dict[str, str]:
    """Return the digest of every file that a scenario reads, by what it is called."""
    found = extension_digests(settings.extensions)
    if settings.customers is not None:
        place = (folder or Path()) / settings.customers.path
        try:
            found[place.name] = hashlib.sha256(place.read_bytes()).hexdigest()
        except OSError:
            found[place.name] = "not there"  # founding the city tells what is wrong
    return found


@cache
def model_version() -> str:
    """Return the version of keystay and of the code of the market and the optimiser, as installed here."""
    sources = hashlib.sha256()
    for package in PACKAGES:
        root = Path(str(files(package)))
        for place in sorted(root.rglob("*.py")):
            sources.update(place.relative_to(root).as_posix().encode() + b"\0" + place.read_bytes())
    return f"{keystay_version()}+{sources.hexdigest()[:12]}"
