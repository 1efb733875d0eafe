"""The relaxation of an allocation problem as sparse arrays, for solvers that take whole columns at once."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray
from scipy import sparse

from optimize.problem import Problem

Floats = NDArray[np.float64]


class Relaxation(NamedTuple):
    """Maximise `gain @ x` over 0 <= x, `rows @ x <= most`: x is the share of an account that gets a treatment."""

    gain: Floats
    """Of each treatment but the first over the first, account after account, units of the largest."""
    rows: sparse.csc_matrix
    most: Floats
    unit: float
    """Yuan."""
    base: float
    """Value of treatment 0 for all, yuan."""


def relaxation(given: Problem) -> Relaxation:
    """Return the relaxation as arrays; rows are accounts, then hours of managers, then budgets."""
    options, accounts = given.value.shape
    managers, columns = given.available.size, (options - 1) * accounts
    column = np.arange(columns).reshape(accounts, options - 1)
    account = np.repeat(np.arange(accounts), options - 1)
    gain = (given.value[1:] - given.value[0]).T.ravel()
    hours, use = given.hours[1:].T.ravel(), given.use[:, 1:].transpose(0, 2, 1).reshape(len(given.use), -1)
    own, there = np.flatnonzero(hours), [np.flatnonzero(of) for of in use]
    row = [account, accounts + given.manager[account[own]]]
    row += [np.full(of.size, accounts + managers + k) for k, of in enumerate(there)]
    rows = sparse.coo_matrix(
        (
            np.concatenate([np.ones(columns), hours[own], *(use[k][of] for k, of in enumerate(there))]),
            (np.concatenate(row), np.concatenate([column.ravel(), own, *there])),
        ),
        shape=(accounts + managers + len(given.use), columns),
    ).tocsc()
    most = np.concatenate([np.ones(accounts), given.available, given.limit])
    size = np.asarray(abs(rows).max(axis=1).todense()).ravel()
    scaled = sparse.diags_array(1 / size) @ rows
    unit = float(gain.max())
    return Relaxation(gain / unit, scaled.tocsc(), most / size, unit, float(given.value[0].sum()))
