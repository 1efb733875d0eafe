"""What rivals may answer with: a menu of tariff cuts, contacts and poaching, each within the rival's own budget."""

from __future__ import annotations

from collections.abc import Mapping
from itertools import product
from typing import TYPE_CHECKING, Literal, NamedTuple

from sim.errors import InputError, did_you_mean
from sim.poach import PoachSettings
from sim.quantities import Settings, quantity
from sim.rivals import Rival, Static, Steady

if TYPE_CHECKING:
    from optimize.decision import Decision


class RivalrySettings(Settings):
    """What rivals may do when they answer our plan, what it costs them, and how long carriers answer each other."""

    month: int = quantity(
        3, "month", 0, 600, help="from which on rivals answer; they have to see the plan at work first"
    )
    cuts: tuple[float, ...] = quantity((0.0, 0.05, 0.1), "share of the price", 0, 0.9)
    contacts: tuple[float, ...] = quantity((0.5, 1.0, 1.5), "ratio to its usual contacts", 0, 10)
    visits: tuple[float, ...] = quantity((0.0, 2.0), "poaching visits/month and territory", 0, 1000)
    bonus: float = quantity(0.1, "share of the price", 0, 0.9, help="to who is visited, for the lines it moves")
    bonus_months: int = quantity(12, "months", 1, 600, help="how long a bonus is paid, if the line stays")
    contact_cost: float = quantity(40.0, "yuan/contact", 0, 100_000)
    visit_cost: float = quantity(240.0, "yuan/visit", 0, 100_000)
    budget_share: float = quantity(0.1, "share of the rival's revenue", 0, 10, help="it may spend on an answer")
    budgets: dict[str, float] = quantity({}, "yuan over the horizon", 0, help="by rival, where known")
    replan: bool = True
    """Whether we plan again against their answers, and they answer that, until nobody would move."""
    order: Literal["in_turn", "at_once"] = "in_turn"
    rounds: int = quantity(12, "rounds", 1, 1000, help="of answers at most")
    least_gain: float = quantity(0.002, "share of its contribution", 0, 1, help="for less a rival doesn't move")
    replications: int = quantity(8, "futures", 1, 10_000, help="on which carriers judge their answers")
    seed: int = quantity(1997, "seed", 0, 2**32 - 1, help="of those futures; worth is told on others")


class Move(NamedTuple):
    """An answer of one rival."""

    cut: float
    """Share of the price."""
    contacts: float
    """Ratio to its usual contacts."""
    visits: float
    """Poaching visits a month and territory."""


Moves = Mapping[str, Move | None]
"""By rival; None is what the scenario has it do."""


def menu(rival: Rival, settings: RivalrySettings) -> tuple[Move | None, ...]:
    """Return what a rival may do: to go on as the scenario has it comes first."""
    moves = [Move(*parts) for parts in product(settings.cuts, settings.contacts, settings.visits)]
    idle = rival.poach is None and isinstance(rival.policy, Static)
    return (None, *dict.fromkeys(move for move in moves if not (idle and move == Move(0.0, 1.0, 0.0))))


def answering(rival: Rival, move: Move | None, settings: RivalrySettings, share_visited: float = 0.0) -> Rival:
    """Return a rival that makes a move; a move takes the place of what it did.

    `share_visited` of all customers are called on more, a month, for each visit a territory.
    """
    if move is None:
        return rival
    reached = 1 - (1 - min(1.0, rival.contact * move.contacts)) * (1 - min(1.0, move.visits * share_visited))
    poach = PoachSettings() if rival.poach is None else rival.poach
    poaching = poach.model_copy(update={"month": settings.month, "visits": move.visits, "bonus": settings.bonus})
    policy = Steady(month=settings.month, drop=move.cut, contact=reached)
    return rival.model_copy(update={"policy": policy, "poach": poaching if move.visits else None})


def with_moves(decision: Decision, moves: Moves, share_visited: float = 0.0) -> Decision:
    """Return the decision in a market where rivals make these moves."""
    answers = {
        name: answering(rival, moves.get(name), decision.rivalry, share_visited)
        for name, rival in decision.rivals.items()
    }
    return decision.model_copy(update={"rivals": answers})


def budgets(decision: Decision, revenue: Mapping[str, float]) -> dict[str, float]:
    """Return what each rival may spend on an answer over the horizon, yuan, from its revenue as things stand."""
    settings = decision.rivalry
    for name in settings.budgets:
        if name not in decision.rivals:
            raise InputError(f"rivalry.budgets.{name}: unknown rival; {did_you_mean(name, decision.rivals)}")
    return {name: settings.budgets.get(name, settings.budget_share * revenue[name]) for name in decision.rivals}


def words(move: Move | None) -> str:
    """Return a move in words.

    >>> words(Move(0.05, 1.5, 2.0)), words(Move(0.0, 1.0, 0.0)), words(None)
    ('cuts 5 %, contacts x 1.5, poaches 2', 'usual prices and contacts', 'as the scenario has it')
    """
    if move is None:
        return "as the scenario has it"
    parts = [
        f"cuts {100 * move.cut:g} %" if move.cut else "",
        f"contacts x {move.contacts:g}" if move.contacts != 1 else "",
        f"poaches {move.visits:g}" if move.visits else "",
    ]
    return ", ".join(filter(None, parts)) or "usual prices and contacts"
