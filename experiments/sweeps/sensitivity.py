"""Sensitivity: how much of an outcome each uncertain input makes, by Morris's screening or Sobol's indices of variance.

The outcome of a cell is its mean over futures, and all cells live through the same futures. The methods are SALib's.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import NamedTuple

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from experiments.sweeps.amounts import amounts
from experiments.sweeps.design import Design
from experiments.sweeps.extra import library
from experiments.sweeps.luck import luck_share, luck_spread
from experiments.sweeps.outcomes import PLACE, outcomes
from experiments.sweeps.placed import places
from experiments.sweeps.sensitivity_design import Morris, Saltelli, library_seed, problem_of
from experiments.sweeps.sensitivity_doubts import morris_doubts, sobol_doubts
from experiments.sweeps.uncertainty import Uncertainty
from sim.errors import InputError

Floats = NDArray[np.float64]
RESAMPLES = 500
"""Of trajectories or of the base sample, for intervals."""
LEVEL = 0.95
COLUMNS = ("scenario", "index", "input", "with", "value", "half_width")


class Sensitivity(NamedTuple):
    """Indices of sensitivity, and what is to be doubted about them."""

    method: str
    measure: str
    policy: str
    against: str | None
    table: pd.DataFrame
    """One row a scenario, index and input: value and half-width of its 95 % interval, unknown where there is none.

    Of Morris `mu`, `mu_star`, `sigma`, in units of the outcome for the whole range of the input; of Sobol `S1`, `ST`
    and, where asked, `S2` of two inputs, as shares of the variance between cells. `luck` is the share of that variance
    that other futures would change, `luck_floor` the mu_star that an input without effect is expected to show.
    """
    doubts: tuple[str, ...]
    """Sentences; none where the indices may be relied on."""
    futures: int
    """Of the cell with the fewest."""


class _Sample(NamedTuple):
    """One scenario's cells in the design's order."""

    scenario: str
    names: tuple[str, ...]
    points: Floats
    brought: Floats
    """Shape (cells, replications), NaN where a cell has fewer than others."""

    @property
    def mean(self) -> Floats:
        return np.asarray(np.nanmean(self.brought, axis=1))

    @property
    def is_constant(self) -> bool:
        """Whether cells differ by rounding at most."""
        return bool(np.ptp(self.mean) <= 1e-12 * np.abs(self.mean).max())


def indices(
    cells: pd.DataFrame,
    runs: pd.DataFrame,
    design: Design,
    over: Mapping[str, Uncertainty],
    measure: str,
    policy: str,
    against: str | None = None,
    *,
    replications: int | None = None,
    folder: str = PLACE,
) -> Sensitivity:
    """Return the indices of a sweep over the design `morris` or `saltelli`, scenario by scenario.

    The outcome is a policy's measure, or its paired difference to another policy. `over` has what is uncertain by
    setting, in the sweep's order. Raises an `InputError` for another design, for cells that are not this design's, and
    for missing or failed runs (see `outcomes`).
    """
    if not isinstance(design, Morris | Saltelli):
        raise InputError(
            f"design: indices of sensitivity need morris or saltelli, not {type(design).__name__}; "
            "ask for design: {name: morris} to screen many inputs, {name: saltelli} for shares of variance"
        )
    brought = outcomes(cells, runs, measure, policy, against, replications, folder)
    points = design.unit(tuple(over))
    by_morris = isinstance(design, Morris)
    samples = [_sample(str(name), part, points, over, brought) for name, part in cells.groupby("scenario", sort=False)]
    tables, doubts = [], []
    for sample in samples:
        if sample.is_constant:
            rows, told = _nothing(sample, "mu mu_star sigma" if by_morris else "S1 ST")
        else:
            rows, told = (
                _by_morris(design, sample, measure) if isinstance(design, Morris) else _by_sobol(design, sample)
            )
        tables.append(pd.DataFrame([(sample.scenario, *row) for row in rows], columns=list(COLUMNS)))
        doubts += [f"{sample.scenario}: {sentence}" if len(samples) > 1 else sentence for sentence in told]
    futures = int(brought.notna().sum(axis=1).min())
    method = "morris" if by_morris else "sobol"
    return Sensitivity(method, measure, policy, against, pd.concat(tables, ignore_index=True), tuple(doubts), futures)


def _sample(
    scenario: str, cells: pd.DataFrame, points: Floats, over: Mapping[str, Uncertainty], brought: pd.DataFrame
) -> _Sample:
    """Return what a scenario's cells brought at the design's points, checked to be the design's own."""
    rows = places(cells, points, over)
    foreign = int((rows < 0).sum())
    if foreign or len(set(cells.iloc[rows]["id"])) < cells["id"].nunique():
        told = (
            f"{foreign} of its {len(points)} points are at no cell"
            if foreign
            else "there are cells at none of its points"
        )
        raise InputError(f"{scenario}: these cells are not of this design ({told}); give the design they came from")
    return _Sample(scenario, tuple(over), points, brought.loc[cells["cell"].iloc[rows]].to_numpy(dtype=float))


Rows = list[tuple[str, str, str, float, float]]


def _nothing(sample: _Sample, named: str) -> tuple[Rows, list[str]]:
    rows: Rows = [(index, name, "", 0.0, 0.0) for index in named.split() for name in sample.names]
    return rows, ["The outcome is the same in every cell, so there is nothing to explain."]


def _by_morris(design: Morris, sample: _Sample, measure: str) -> tuple[Rows, list[str]]:
    found = _morris(design, sample.names, sample.points, sample.mean)
    floor = 2 * luck_spread(sample.brought) / np.sqrt(np.pi) / design.step
    rows: Rows = [
        (index, name, "", float(value), float(half))
        for index, (values, halves) in found.items()
        for name, value, half in zip(sample.names, values, halves, strict=True)
    ]
    share = luck_share(sample.brought)
    rows += [("luck", "", "", share, np.nan), ("luck_floor", "", "", float(floor), np.nan)]
    half = len(sample.points) // 2 // (len(sample.names) + 1) * (len(sample.names) + 1)
    early = _morris(design, sample.names, sample.points[:half], sample.mean[:half])["mu_star"][0]
    star, widths = found["mu_star"]
    told = amounts(measure, *star).full
    return rows, morris_doubts(sample.names, star, widths, early, share, float(floor), told)


def _morris(design: Morris, names: tuple[str, ...], points: Floats, mean: Floats) -> dict[str, tuple[Floats, Floats]]:
    """Return the mean effect, the mean absolute effect and the effects' spread, each with half-widths."""
    from scipy import stats

    found = library("SALib.analyze.morris", "sensitivity", "screening").analyze(
        problem_of(names),
        points,
        mean,
        num_resamples=RESAMPLES,
        conf_level=LEVEL,
        num_levels=design.levels,
        seed=library_seed(design.seed, "morris resamples"),
    )
    mu, star, sigma, half = (np.asarray(found[key], dtype=float) for key in ("mu", "mu_star", "sigma", "mu_star_conf"))
    trajectories = len(points) // (len(names) + 1)
    far = stats.t.ppf(0.5 + LEVEL / 2, trajectories - 1) if trajectories > 1 else np.nan
    return {
        "mu": (mu, far * sigma / np.sqrt(trajectories)),
        "mu_star": (star, half),
        "sigma": (sigma, np.full(len(names), np.nan)),
    }


def _by_sobol(design: Saltelli, sample: _Sample) -> tuple[Rows, list[str]]:
    names, mean = sample.names, sample.mean
    found = _sobol(design, names, mean)
    rows: Rows = [
        (index, name, "", float(value), float(half))
        for index in ("S1", "ST")
        for name, value, half in zip(names, found[index], found[f"{index}_conf"], strict=True)
    ]
    if design.second_order:
        pairs = [(a, b) for a in range(len(names)) for b in range(a + 1, len(names))]
        rows += [("S2", names[a], names[b], float(found["S2"][a, b]), float(found["S2_conf"][a, b])) for a, b in pairs]
    share = luck_share(sample.brought)
    rows.append(("luck", "", "", share, np.nan))
    early = _sobol(design, names, mean[: len(mean) // 2])["ST"]
    return rows, sobol_doubts(names, found, early, share, design.base)


def _sobol(design: Saltelli, names: tuple[str, ...], mean: Floats) -> dict[str, Floats]:
    if np.ptp(mean) == 0:  # of the first half; the whole was checked
        return {"ST": np.zeros(len(names))}
    return dict(
        library("SALib.analyze.sobol", "sensitivity", "sharing out variance").analyze(
            problem_of(names),
            mean,
            calc_second_order=design.second_order,
            num_resamples=RESAMPLES,
            conf_level=LEVEL,
            seed=library_seed(design.seed, "sobol resamples"),
        )
    )
