"""The game of carriers: rivals answer our plan and each other, each within its budget, and we plan again."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterable, Sequence
from concurrent.futures import Executor
from functools import partial
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from optimize.decision import Decision
from optimize.plan import Plan, make_plan
from optimize.rival_menu import Move, Moves, budgets, menu, with_moves
from optimize.rival_money import Outcome, live_all
from optimize.rivalry import Answer, Chooser, Path, Player, Profile, play, replaced
from optimize.worth import World
from sim.founding import Start, todays_practice
from sim.names import OWN
from sim.programme import Programme
from sim.summing import over_lines

Floats = NDArray[np.float64]
Told = Callable[[str, int, int], None]
OURS = "own carrier"
PLANS_BY = {"retained": "retained_revenue", "blend": "retained_revenue", "own_revenue": "own_revenue"}


def measure_of(decision: Decision) -> str:
    """Return the simulated measure that a plan of the decision's objective is judged by."""
    return PLANS_BY.get(decision.objective.maximise, "contribution")


class Kept(NamedTuple):
    """What is kept of a plan; its response, by far the largest part, is not."""

    programme: Programme
    world: World
    """The market with the capacity that the plan hires, and the city with its managers; rivals are put in later."""


class Arena:
    """Where actions are tried out, each profile once: plans by the rivals' moves, outcomes by everybody's.

    A profile is our plan's name and a move of every rival, in the order of the scenario. All meet the same futures.
    """

    def __init__(
        self, decision: Decision, start: Start, executor: Executor | None = None, progress: Told | None = None
    ):
        self.decision = decision.model_copy(update={"recording": {"groups": False}})
        self.start, self.executor = start, executor
        self.tell: Told = progress or (lambda *_: None)
        self.rivals, self.settings = tuple(decision.rivals), decision.rivalry
        self.measure = measure_of(decision)
        self.plans: dict[str, Kept] = {}
        self.lived = 0
        """Futures lived through so far, of one profile each."""
        self._made: dict[tuple[Move | None, ...], str] = {}
        self._outcomes: dict[Profile, Outcome] = {}
        self._worlds: dict[Profile, World] = {}
        book, city = start.book, start.city
        own_spend = over_lines(np.where(city.state.carrier == OWN, city.state.demand, 0))
        self._after = todays_practice(decision, own_spend, city.customers.decision)
        self._share_visited = (int(book.manager.max(initial=0)) + 1) / max(book.key.size, 1)

    def moves(self, profile: Profile) -> Moves:
        """Return the moves of rivals in a profile."""
        return dict(zip(self.rivals, profile[1:], strict=True))  # type: ignore[arg-type]

    def plan(self, moves: Sequence[Move | None]) -> str:
        """Return the name of the plan made against these moves; poaching is foreseen as a mean rate of contact."""
        known = tuple(moves)
        if known not in self._made:
            self.tell("planning against the rivals' last moves", 0, 0)
            foreseen = with_moves(self.decision, dict(zip(self.rivals, known, strict=True)), self._share_visited)
            plan = make_plan(foreseen, self.start.book)
            self._made[known] = name = digest(plan)
            self.plans.setdefault(name, Kept(plan.programme, World(plan.market, plan.city(self.start.city))))
        return self._made[known]

    def world(self, profile: Profile) -> World:
        """Return the market of a profile, with the capacity and the managers that its plan comes with."""
        if profile not in self._worlds:
            plan = self.plans[str(profile[0])]
            self._worlds[profile] = World(self.market(profile, plan.world.decision), plan.world.city)
        return self._worlds[profile]

    def market(self, profile: Profile, with_capacity: Decision | None = None) -> Decision:
        """Return the market with the rivals of a profile, and with what a plan has hired."""
        market = self.decision if with_capacity is None else with_capacity
        return with_moves(market.model_copy(update={"rivals": self.decision.rivals}), self.moves(profile))

    def outcomes(self, profiles: Iterable[Profile]) -> list[Outcome]:
        """Return what profiles bring, replications first; those not met before are lived through, all at once."""
        profiles = list(profiles)
        new = list(dict.fromkeys(profile for profile in profiles if profile not in self._outcomes))
        if new:
            found = self._live(new)
            for place, profile in enumerate(new):
                rivals = np.stack([one.rivals[place] for one in found])
                self._outcomes[profile] = Outcome(rivals, np.stack([one.ours[place] for one in found]))
        return [self._outcomes[profile] for profile in profiles]

    def _live(self, profiles: list[Profile]) -> list[Outcome]:
        worlds = tuple(self.world(profile) for profile in profiles)
        programmes = tuple(self.plans[str(profile[0])].programme for profile in profiles)
        task = partial(live_all, worlds, programmes, self._after, self.settings.seed)
        count, found = self.settings.replications, []
        for one in (self.executor.map if self.executor else map)(task, range(count)):
            found.append(one)
            self.tell(f"trying out {len(profiles)} answer{'s' * (len(profiles) > 1)}", len(found), count)
        self.lived += count * len(profiles)
        return found


def digest(plan: Plan) -> str:
    """Return twelve digits that stand for what a plan does; plans that do the same have the same."""
    parts: list[NDArray[np.generic]] = [*plan.programme, plan.manager]
    return hashlib.sha256(b"".join(part.tobytes() for part in parts) + plan.hired.name.encode()).hexdigest()[:12]


class Planner(NamedTuple):
    """Our own carrier as a player: its best response is the plan made anew, by the optimiser's own expectation.

    Payoff and gain are simulated all the same, so that a plan which only seems better has a gain below nil.
    """

    arena: Arena
    again: bool
    """Whether it plans again; else it keeps its plan whatever rivals do."""
    name: str = OURS

    def answer(self, profile: Profile, seat: int) -> Answer:
        """Return the plan against the rivals' last moves."""
        moves = self.arena.moves(profile)
        plan = self.arena.plan(list(moves.values())) if self.again else profile[seat]
        now, then = self.arena.outcomes([profile, replaced(profile, seat, plan)])
        payoff = float(then.our(self.arena.measure).mean())
        return Answer(plan, payoff, payoff - float(now.our(self.arena.measure).mean()))


class Played(NamedTuple):
    """How carriers answered each other."""

    arena: Arena
    first: Profile
    """Our plan against rivals as the scenario has them."""
    held: Path
    """Rivals answer our first plan and each other; the plan stays."""
    replanned: Path
    """We plan again too; the same as `held` where we don't."""
    budgets: dict[str, float]
    """Of each rival for its answer, yuan over the horizon."""


def affordable(arena: Arena, profiles: Sequence[Profile], seat: int) -> tuple[Floats, Floats]:
    """Return a rival's contribution and outlay in some profiles, yuan, each of shape (profiles, replications).

    The outlay is what it spends above going on as the scenario has it, while everybody else does what they do.
    """
    idle = [replaced(profile, seat, None) for profile in profiles]
    outcomes = arena.outcomes([*profiles, *idle])
    brought = np.stack([one.contribution[:, seat - 1] for one in outcomes[: len(profiles)]])
    spent = np.stack([one.spent[:, seat - 1] for one in outcomes])
    return brought, spent[: len(profiles)] - spent[len(profiles) :]


def rival_player(arena: Arena, seat: int, budget: float) -> Chooser:
    """Return a rival as a player: it may do what its budget is enough for on average."""
    name = arena.rivals[seat - 1]

    def payoffs(profiles: Sequence[Profile]) -> Floats:
        brought, outlay = affordable(arena, profiles, seat)
        return np.where(outlay.mean(axis=1) <= budget, brought.mean(axis=1), -np.inf)

    return Chooser(name, menu(arena.decision.rivals[name], arena.settings), payoffs, arena.settings.least_gain)


def answer_our_plan(
    decision: Decision, start: Start, executor: Executor | None = None, progress: Told | None = None
) -> Played:
    """Return how rivals answer the plan for a book, and how we answer them; the result doesn't depend on the executor.

    First the plan stays as it is and rivals answer it and each other. From where that ends we plan again too
    (`rivalry.replan`), until nobody would move or the same comes round again.
    """
    arena, settings = Arena(decision, start, executor, progress), decision.rivalry
    standing: list[Move | None] = [None] * len(arena.rivals)
    first: Profile = (arena.plan(standing), *standing)
    money = arena.outcomes([first])[0].rivals.mean(axis=0)
    within = budgets(decision, dict(zip(arena.rivals, money[:, 0].tolist(), strict=True)))
    rivals = [rival_player(arena, seat, within[name]) for seat, name in enumerate(arena.rivals, 1)]

    def going(again: bool, begun: Profile) -> Path:
        players: list[Player] = [Planner(arena, again), *rivals]
        return play(players, begun, order=settings.order, rounds=settings.rounds)

    held = going(False, first)
    return Played(arena, first, held, going(True, held.last) if settings.replan else held, within)
