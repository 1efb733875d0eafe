"""A search over parameters in sentences."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from experiments.answer import words
from experiments.sweeps.amounts import amounts
from experiments.sweeps.tornado_figure import setting
from optimize.worth import Difference


def search_words(
    measure: str,
    best: dict[str, Any],
    worth: Difference,
    promised: float,
    tried: tuple[int, int],
    futures: int,
    at_edge: Sequence[str],
) -> list[str]:
    """Return what a search found; `tried` counts the candidates, and those of them that have a value.

    >>> search_words("gain", {"visits": 3}, Difference(2.0, 1.0, 3.0, 0.5), 4.0, (30, 30), 20, [])[1]
    'On the futures of the search it had 4.00, which luck may flatter.'
    """
    scale = amounts(measure, worth.mean, promised)
    named = ", ".join(f"{path} = {setting(value)}" for path, value in best.items())
    unit = f"{scale.unit} of {words(measure)}" if scale.unit else words(measure)
    verb = "gains" if worth.mean >= 0 else "loses"
    told = [
        (
            f"The best of {tried[0]} candidates, {named}, {verb} {scale.number(abs(worth.mean))} {unit} over the "
            f"unchanged policy (95 % interval {scale.interval(worth.low, worth.high)}, {futures} futures that neither "
            "the search nor the choice has seen)."
        )
    ]
    if worth.low <= 0:
        told.append("That it is better than the unchanged policy is not shown.")
    told.append(f"On the futures of the search it had {scale.full(promised)}, which luck may flatter.")
    if tried[1] < tried[0]:
        told.append(f"{tried[0] - tried[1]} candidates could not be tried; the table of trials says why.")
    if at_edge:
        told.append(f"At an end of what was allowed: {', '.join(at_edge)}; beyond it there may be better.")
    return told
