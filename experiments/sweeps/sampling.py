"""What a procedure that chooses among alternatives asks for, and what it tells."""

from __future__ import annotations

from collections.abc import Callable
from typing import NamedTuple

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from sim.errors import InputError

Floats = NDArray[np.float64]
Sample = Callable[[tuple[str, ...], NDArray[np.int64]], Floats]
"""Return what some alternatives bring in replications of some numbers, shape (alternatives, replications).

The same number is to be the same luck for all (common random numbers): then differences vary less, and all goes faster.
"""


class Selected(NamedTuple):
    """The alternative that was found best, and how."""

    best: str
    decided: bool
    """Whether the procedure came to its own end, so that its promise stands."""
    table: pd.DataFrame
    """One row an alternative: alternative, replications used, mean, eliminated (after which replication, or NA).

    Means rest on each one's own replications; those with few had other luck than those with many.
    """
    guarantee: str

    def _repr_html_(self) -> str:
        """Return the choice and its table for a notebook."""
        from html import escape

        return f"<p>Best: {escape(self.best)}. {escape(self.guarantee)}</p>{self.table.to_html(index=False)}"


def check_alternatives(alternatives: tuple[str, ...], first: int, most: int, at_once: int) -> None:
    """Raise an error unless there is something to choose from and enough replications to learn a variance."""
    if len(set(alternatives)) < len(alternatives):
        twice = next(name for name in alternatives if alternatives.count(name) > 1)
        raise InputError(f"alternative '{twice}' is named twice; name each one once")
    if len(alternatives) < 2:
        raise InputError(f"alternatives: {len(alternatives)} given; name at least two to choose from")
    if first < 2:
        raise InputError(f"first is {first}: a variance needs at least 2 replications; 10 or more are usual")
    if most < first:
        raise InputError(f"most is {most}: it must be no less than first, which is {first}")
    if at_once < 1:
        raise InputError(f"at_once is {at_once}: at least 1 replication must be lived at a time")


def asked(sample: Sample, alternatives: tuple[str, ...], replications: NDArray[np.int64]) -> Floats:
    """Return what a sampler brings, checked: one row an alternative, one column a replication, finite numbers."""
    values = np.asarray(sample(alternatives, replications), dtype=float)
    wanted = (len(alternatives), len(replications))
    if values.shape != wanted:
        raise InputError(f"the sampler returned shape {values.shape}; alternatives x replications are {wanted}")
    if not np.isfinite(values).all():
        row, column = np.argwhere(~np.isfinite(values))[0]
        place = f"alternative '{alternatives[row]}', replication {replications[column]}"
        raise InputError(f"{place}: no finite value; mend what fails there, or leave the alternative out")
    return values
