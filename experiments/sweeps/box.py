"""Boxes: regions of what is uncertain, bounded by ends that can be said in words and tested one by one."""

from __future__ import annotations

import math
from collections.abc import Iterable
from typing import Any, NamedTuple

import numpy as np
import pandas as pd
from numpy.typing import NDArray

Mask = NDArray[np.bool_]
CHANCE = 0.05
"""Quasi-p-value above which an end may be chance, and is dropped."""


class End(NamedTuple):
    """One end of a box: an input at least (`above`) or at most (`below`) a number, or `among` some words."""

    input: str
    side: str
    value: Any


class Share(NamedTuple):
    """What lies in a box."""

    cases: int
    failures: int
    coverage: float
    """Share of all failures that lie in the box."""
    density: float
    """Share of the box's cases that fail."""
    mass: float
    """Share of all cases that lie in the box."""
    false_share: float
    """Share of all cases that don't fail which lie in the box."""

    @property
    def score(self) -> float:
        """How well the box tells failures from the rest (Youden's J): 1 where it holds exactly these, 0 for a guess."""
        return self.coverage - self.false_share


def inside(points: pd.DataFrame, ends: Iterable[End]) -> Mask:
    """Return which cases lie in a box; points have numbers as floats and words as text.

    >>> inside(pd.DataFrame({"price": [0.7, 0.9]}), [End("price", "below", 0.8)]).tolist()
    [True, False]
    """
    lies = np.ones(len(points), dtype=bool)
    for end in ends:
        column = points[end.input].to_numpy()
        if end.side == "among":
            lies &= np.isin(column.astype(str), list(end.value))
        else:
            lies &= column >= end.value if end.side == "above" else column <= end.value
    return lies


def share(lies: Mask, failed: Mask) -> Share:
    """Return what lies in a box."""
    cases, failures = int(lies.sum()), int((lies & failed).sum())
    every, rest = int(failed.sum()), int((~failed).sum())
    return Share(
        cases,
        failures,
        failures / every if every else 0.0,
        failures / cases if cases else 0.0,
        cases / lies.size if lies.size else 0.0,
        (cases - failures) / rest if rest else 0.0,
    )


def quasi_p(points: pd.DataFrame, failed: Mask, ends: tuple[End, ...]) -> tuple[float, ...]:
    """Return for each end how likely the box were as dense or denser by chance, had the end no effect.

    A one-sided binomial test of the failures in the box at the density of the box without that end (Bryant & Lempert
    2010). *Quasi*, as the box was chosen on the same cases that test it.
    """
    from scipy import stats

    if not ends:
        return ()
    each = np.array([inside(points, [end]) for end in ends])
    missed = (~each).sum(axis=0)
    without = [(missed - ~one) == 0 for one in each]
    densities = [failed[lies].mean() if lies.any() else 0.0 for lies in without]
    here = missed == 0
    tested = np.asarray(stats.binom.sf(int((here & failed).sum()) - 1, int(here.sum()), densities))
    return tuple(float(value) for value in tested)


def without_chance(points: pd.DataFrame, failed: Mask, ends: tuple[End, ...]) -> tuple[End, ...]:
    """Return a box without the ends that may be chance, dropped one by one, the likeliest first."""
    while ends:
        likely = quasi_p(points, failed, ends)
        if max(likely) <= CHANCE:
            break
        at = likely.index(max(likely))
        ends = ends[:at] + ends[at + 1 :]
    return ends


def box_words(ends: Iterable[End], counts: Iterable[str] = ()) -> str:
    """Return a box in words; `counts` are inputs that take whole numbers only.

    >>> box_words([End("price", "below", 0.8213), End("months", "above", 12.5)], ["months"])
    'price is at most 0.821 and months is at least 13'
    """
    by_input: dict[str, dict[str, Any]] = {}
    for end in ends:
        by_input.setdefault(end.input, {})[end.side] = end.value
    return " and ".join(_told(name, sides, name in set(counts)) for name, sides in by_input.items())


def _told(name: str, sides: dict[str, Any], whole: bool) -> str:
    if "among" in sides:
        allowed = sorted(sides["among"])
        return (
            f"{name} is {', '.join(allowed[:-1])} or {allowed[-1]}" if len(allowed) > 1 else f"{name} is {allowed[0]}"
        )
    low, high = sides.get("above"), sides.get("below")
    least = None if low is None else _number(math.ceil(low) if whole else low)
    most = None if high is None else _number(math.floor(high) if whole else high)
    if least is not None and most is not None:
        return f"{name} is {least}" if least == most else f"{name} is {least} to {most}"
    return f"{name} is at least {least}" if least is not None else f"{name} is at most {most}"


def _number(value: float) -> str:
    return f"{value:,}" if isinstance(value, int) else f"{value:.3g}"
