"""Rivalry: players who answer each other's last actions, until nobody would move or the path comes round again.

An end that nobody would leave is a Nash equilibrium of the payoffs given (Nash 1950). Best responses need not get to
one: a path that repeats itself is told as a cycle, and one that does neither as having no end.
"""

from __future__ import annotations

from collections.abc import Callable, Hashable, Sequence
from typing import Any, Literal, NamedTuple, Protocol

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from sim.errors import InputError

Floats = NDArray[np.float64]
Action = Hashable
"""What a player does: an entry of its menu, or a tuple of numbers."""
Profile = tuple[Action, ...]
"""An action of every player, in their order."""
Ending = Literal["fixed point", "cycle", "no end"]
SEARCHED = 200
"""Points looked at in all of a box, for each of its dimensions, before the best one is refined."""


class Answer(NamedTuple):
    """A player's best response to what the others do."""

    action: Action
    payoff: float
    gain: float
    """What it brings more than what the player did last."""


class Player(Protocol):
    """Somebody who answers."""

    @property
    def name(self) -> str:
        """What the player is called."""
        ...

    def answer(self, profile: Profile, seat: int) -> Answer:
        """Return the best response to a profile, in which the player's own last action stands at its seat."""
        ...


class Chooser(NamedTuple):
    """A player with a menu; it moves only for more than its least gain, and keeps what it does among equals."""

    name: str
    menu: tuple[Action, ...]
    payoffs: Callable[[Sequence[Profile]], Floats]
    """Its own payoffs in some profiles; minus infinity where it can't afford the action."""
    least_gain: float = 0.0
    """As a share of what it has."""

    def answer(self, profile: Profile, seat: int) -> Answer:
        """Return the best entry of the menu."""
        tried = [replaced(profile, seat, action) for action in (profile[seat], *self.menu)]
        payoffs = np.asarray(self.payoffs(tried), dtype=float)
        best, now = int(payoffs.argmax()), float(payoffs[0])
        least = self.least_gain * abs(now) if np.isfinite(now) else 0.0
        if not payoffs[best] > now + least:
            return Answer(profile[seat], now, 0.0)
        return Answer(tried[best][seat], float(payoffs[best]), float(payoffs[best] - now))


class Setter(NamedTuple):
    """A player that sets numbers within bounds, such as prices."""

    name: str
    low: tuple[float, ...]
    high: tuple[float, ...]
    payoff: Callable[[Profile], float]

    def answer(self, profile: Profile, seat: int) -> Answer:
        """Return the best numbers: the whole box is searched first, and the best place refined."""
        from scipy.optimize import Bounds, direct, minimize

        def loss(numbers: Floats) -> float:
            return -self.payoff(replaced(profile, seat, tuple(float(number) for number in numbers)))

        bounds, now = Bounds(np.array(self.low), np.array(self.high)), -self.payoff(profile)
        wide = direct(loss, bounds, maxfun=SEARCHED * len(self.low), maxiter=10_000, locally_biased=False)
        width = np.subtract(self.high, self.low)
        corners = np.vstack([wide.x, wide.x + np.diag(np.where(wide.x + width / 50 > self.high, -1, 1) * width / 50)])
        fine = minimize(
            loss,
            wide.x,
            method="Nelder-Mead",
            bounds=bounds,
            options={"xatol": 1e-7 * float(width.max()), "fatol": 1e-15, "initial_simplex": corners, "maxiter": 2000},
        )
        best = min((float(wide.fun), wide.x), (float(fine.fun), fine.x), key=lambda found: found[0])
        if best[0] >= now:
            return Answer(profile[seat], -now, 0.0)
        return Answer(tuple(float(number) for number in best[1]), -best[0], now - best[0])


class Round(NamedTuple):
    """What everybody did when all had answered once more."""

    profile: Profile
    answers: tuple[Answer, ...]


class Path(NamedTuple):
    """How a game went."""

    players: tuple[str, ...]
    start: Profile
    rounds: tuple[Round, ...]
    ending: Ending
    length: int
    """Rounds after which the path repeats itself: 1 at a fixed point, 0 where it has no end."""

    @property
    def last(self) -> Profile:
        """Return the profile that the game was left in."""
        return self.rounds[-1].profile

    @property
    def recurring(self) -> tuple[Profile, ...]:
        """Return the profiles that come again and again; the last one where the path has no end."""
        return tuple(turn.profile for turn in self.rounds[-max(self.length, 1) :])

    def told(self) -> str:
        """Return the ending in words."""
        rounds = f"{len(self.rounds)} round{'s' if len(self.rounds) > 1 else ''}"
        if self.ending == "cycle":
            return f"a cycle of {self.length} rounds, seen to repeat after {rounds}: best responses settle nowhere"
        if self.ending == "fixed point":
            return f"a fixed point after {rounds}: nobody would move"
        return f"no end within {rounds}: neither a fixed point nor a cycle was reached"


def replaced(profile: Profile, seat: int, action: Action) -> Profile:
    """Return a profile with another action at a seat.

    >>> replaced(("high", "low"), 1, "high")
    ('high', 'high')
    """
    return (*profile[:seat], action, *profile[seat + 1 :])


def play(
    players: Sequence[Player],
    start: Profile,
    *,
    order: Literal["in_turn", "at_once"] = "in_turn",
    rounds: int = 50,
    tolerance: float = 1e-6,
    damping: float = 0.0,
    progress: Callable[[int, str], None] | None = None,
) -> Path:
    """Let players answer each other from a start until a fixed point, a cycle, or the last of some rounds.

    In turn, each knows what those before it have just done; at once, each answers the round before. With damping, the
    numbers that a player sets go only that share less of the way to its best response. A fixed point is where no number
    would move by more than the tolerance, and no menu's entry at all. Payoffs must depend on the profile alone.

    >>> def of(seat, wins):  # matching pennies: one wants to do alike, the other not
    ...     return Chooser(str(seat), (0, 1), lambda tried: np.array([(a == b) == wins for a, b in tried], dtype=float))
    >>> play([of(0, True), of(1, False)], (0, 0)).told()
    'a cycle of 2 rounds, seen to repeat after 3 rounds: best responses settle nowhere'
    """
    _check(players, start, rounds, damping)
    profile, lived = start, [start]
    turns: list[Round] = []
    for number in range(1, rounds + 1):
        before, answers = profile, []
        for seat, player in enumerate(players):
            if progress:
                progress(number, player.name)
            answers.append(player.answer(before if order == "at_once" else profile, seat))
            profile = replaced(profile, seat, _part_way(before[seat], answers[-1].action, damping))
        turns.append(Round(profile, tuple(answers)))
        lived.append(profile)
        if all(_near(answer.action, was, tolerance) for answer, was in zip(answers, before, strict=True)):
            return _path(players, start, turns, "fixed point", 1)
        length = _came_round(lived, tolerance)
        if length:
            return _path(players, start, turns, "cycle", length)
    return _path(players, start, turns, "no end", 0)


def _check(players: Sequence[Player], start: Profile, rounds: int, damping: float) -> None:
    if len(start) != len(players) or not players:
        raise InputError(f"start: {len(start)} actions for {len(players)} players; give each player one")
    if rounds < 1:
        raise InputError(f"rounds: {rounds}; give 1 or more")
    if not 0 <= damping < 1:
        raise InputError(f"damping: {damping} is not from 0 up to, but not including, 1")
    if damping and not all(_numbers(action) for action in start):
        raise InputError("damping: entries of a menu can't be gone part of the way to; give 0")


def _path(players: Sequence[Player], start: Profile, turns: list[Round], ending: Ending, length: int) -> Path:
    return Path(tuple(player.name for player in players), start, tuple(turns), ending, length)


def _numbers(action: Action) -> bool:
    return type(action) is tuple and all(isinstance(number, float) for number in action)


def _part_way(was: Any, action: Any, damping: float) -> Action:
    if not damping:
        return action  # type: ignore[no-any-return]
    return tuple(old + (1 - damping) * (new - old) for old, new in zip(was, action, strict=True))


def _near(one: Any, other: Any, tolerance: float) -> bool:
    if _numbers(one) and _numbers(other):
        return max((abs(a - b) for a, b in zip(one, other, strict=True)), default=0.0) <= tolerance
    return bool(one == other)


def _came_round(lived: list[Profile], tolerance: float) -> int:
    """Return after how many rounds the path has come round to its last profile, 0 where it hasn't.

    What follows an entry of a menu is certain, so that once is enough; numbers must have gone round a second time.
    """
    whole = not any(_numbers(action) for action in lived[-1])
    for length in range(2, len(lived)):
        laps = 1 if whole else length
        pairs = zip(lived[-laps:], lived[-laps - length : -length], strict=False)
        if len(lived) >= laps + length and all(
            all(_near(a, b, tolerance) for a, b in zip(now, then, strict=True)) for now, then in pairs
        ):
            return length
    return 0


def path_table(path: Path, name: Callable[[Action], str] = str) -> pd.DataFrame:
    """Return one row a round and player: round, player, action, moved, payoff, gain; round 0 is the start."""
    rows: list[tuple[int, str, str, bool, float, float]] = [
        (0, player, name(action), False, np.nan, np.nan)
        for player, action in zip(path.players, path.start, strict=True)
    ]
    before = path.start
    for number, turn in enumerate(path.rounds, 1):
        for player, was, now, answer in zip(path.players, before, turn.profile, turn.answers, strict=True):
            rows.append((number, player, name(now), was != now, answer.payoff, answer.gain))
        before = turn.profile
    return pd.DataFrame(rows, columns=["round", "player", "action", "moved", "payoff", "gain"])
