"""What is to be doubted about indices of sensitivity, in sentences."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from itertools import combinations

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]
SETTLED = 0.10
"""Half-width of the largest total index's interval, as a share of it, up to which Sobol's indices count as settled."""
SCREENED = 0.25
"""The same of Morris's largest mean absolute effect: screening ranks inputs, and asks for less."""
MATTERS = 0.05
"""Share of variance from which an input's rank matters."""
MATTERS_IN_SCREENING = 0.10
"""Share of the largest mean absolute effect from which an input's rank matters."""
MUCH_LUCK = 0.10
"""Luck's share of the variance between cells from which it is told."""
PAIRS = 3
"""Pairs of inputs in unsettled order that are named."""


def sobol_doubts(
    names: tuple[str, ...], found: Mapping[str, Floats], early: Floats, luck: float, base: int
) -> list[str]:
    """Return doubts about Sobol's indices; `early` are total indices from the first half of the base."""
    total, first = np.asarray(found["ST"]), np.asarray(found["S1"])
    remedy = f"take a larger base than {base}, such as {2 * base}"
    told = [*_wide(names, total, np.asarray(found["ST_conf"]), SETTLED, "total index", remedy, "{:.3f}".format)]
    error = float(np.sqrt((np.asarray(found["S1_conf"]) ** 2).sum()))
    if first.sum() - 1 > error:
        told.append(
            f"First-order indices sum to {first.sum():.2f}, above 1 by more than their error ({error:.2f}), "
            f"which can't be; {remedy}."
        )
    for name, value, half in zip(names, first, found["S1_conf"], strict=True):
        if value < -half:
            told.append(
                f"The first-order index of {name} is {value:.3f}, below nought by more than its error ({half:.3f}), "
                f"which can't be; {remedy}."
            )
    told += _unsettled(names, total, early, MATTERS, "the base sample", remedy)
    told += luck_doubts(luck)
    if luck == luck and luck > 0:
        lost = [name for name, value in zip(names, total, strict=True) if value <= luck and luck > 0.01]
        told += _under_luck(lost, "total index", f"{luck:.2f}")
    return told


def morris_doubts(
    names: tuple[str, ...],
    star: Floats,
    half: Floats,
    early: Floats,
    luck: float,
    floor: float,
    told_as: Callable[[float], str],
) -> list[str]:
    """Return doubts about Morris's mean absolute effects; `early` are those of the first half of the trajectories."""
    remedy = "take more trajectories"
    told = [*_wide(names, star, half, SCREENED, "mean absolute effect", remedy, told_as)]
    told += _unsettled(names, star, early, MATTERS_IN_SCREENING * float(star.max()), "the trajectories", remedy)
    told += luck_doubts(luck)
    lost = [name for name, value, width in zip(names, star, half, strict=True) if value - width <= floor and floor > 0]
    return told + _under_luck(lost, "mean absolute effect", told_as(floor))


def luck_doubts(luck: float) -> list[str]:
    """Return what to doubt for luck's share of the variance between cells.

    >>> luck_doubts(0.34)
    ['About 34 % of the variance between cells is luck of the futures; take more replications.']
    """
    if luck != luck:
        return [
            "With one future a cell nobody can tell how much of the indices is luck; take two replications or more."
        ]
    if luck > MUCH_LUCK:
        return [
            f"About {100 * luck:.0f} % of the variance between cells is luck of the futures; take more replications."
        ]
    return []


def _wide(
    names: tuple[str, ...],
    values: Floats,
    halves: Floats,
    most: float,
    what: str,
    remedy: str,
    told_as: Callable[[float], str],
) -> list[str]:
    """Tell that the interval of the largest index is wide for its size."""
    largest = int(np.argmax(values))
    value, half = float(values[largest]), float(halves[largest])
    if value <= 0 or half <= most * value:
        return []
    told = (
        f"Not settled: the interval of the largest {what}, that of {names[largest]}, is {told_as(value)} ± "
        f"{told_as(half)}, {100 * half / value:.0f} % of it where at most {100 * most:.0f} % is asked for; {remedy}."
    )
    return [told]


def _unsettled(
    names: tuple[str, ...], values: Floats, early: Floats, matters: float, of: str, remedy: str
) -> list[str]:
    """Tell which inputs that matter stood in another order when half of the sample was used."""
    count = [at for at in range(len(names)) if max(values[at], early[at]) >= matters]
    swapped = [(a, b) for a, b in combinations(count, 2) if (values[a] - values[b]) * (early[a] - early[b]) < 0]
    if not swapped:
        return []
    shown = ", ".join(f"{names[a]} and {names[b]}" for a, b in swapped[:PAIRS])
    more = f" and {len(swapped) - PAIRS} more pairs" if len(swapped) > PAIRS else ""
    return [f"The order isn't settled: the first half of {of} alone puts {shown}{more} the other way round; {remedy}."]


def _under_luck(lost: list[str], what: str, floor: str) -> list[str]:
    if not lost:
        return []
    verb = "has" if len(lost) == 1 else "have"
    return [
        (
            f"{', '.join(lost)} {verb} a {what} that luck of the futures alone may give an input ({floor}): "
            "no effect is shown."
        )
    ]
