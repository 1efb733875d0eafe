"""What is uncertain about a setting: distributions by their quantile functions."""

from __future__ import annotations

import math
from typing import Any, Protocol, runtime_checkable

import numpy as np
from numpy.typing import NDArray
from pydantic import model_validator

from sim.quantities import Settings, quantity
from sim.registry import Registry

Floats = NDArray[np.float64]


@runtime_checkable
class Uncertainty(Protocol):
    """A distribution of a setting's value: a settings class with this one method."""

    def at(self, share: Floats) -> list[Any]:
        """Return the value below which each share of the distribution lies, `share` from 0 to 1."""
        ...


uncertainties: Registry[Uncertainty] = Registry("uncertainty")


class _Between(Settings):
    low: float = quantity(..., "as the setting's")
    high: float = quantity(..., "as the setting's")

    @model_validator(mode="after")
    def _in_order(self) -> _Between:
        if not self.low < self.high:
            raise ValueError(f"low {self.low:g} is not below high {self.high:g}; give them in order")
        return self


@uncertainties.register("uniform")
class Uniform(_Between):
    """Every value between two equally likely.

    >>> Uniform(low=1, high=3).at(np.array([0, 0.5, 1]))
    [1.0, 2.0, 3.0]
    """

    def at(self, share: Floats) -> list[Any]:
        """Return the quantiles."""
        return _plain(self.low + share * (self.high - self.low))


@uncertainties.register("bounds")
class Bounds(Settings):
    """Every value within the bounds that the setting declares, equally likely; `Uniform` once they are known."""

    def at(self, share: Floats) -> list[Any]:
        """Raise an error: the bounds are the setting's, and are looked up when a sweep is read."""
        raise TypeError("the bounds of a setting are known once its scenario is")


@uncertainties.register("log_uniform")
class LogUniform(_Between):
    """Every ratio equally likely; both ends above nought."""

    @model_validator(mode="after")
    def _above_nought(self) -> LogUniform:
        if self.low <= 0:
            raise ValueError(f"low {self.low:g} is not above 0; a ratio needs that")
        return self

    def at(self, share: Floats) -> list[Any]:
        """Return the quantiles."""
        return _plain(np.clip(self.low * (self.high / self.low) ** share, self.low, self.high))


@uncertainties.register("triangular")
class Triangular(_Between):
    """Most likely at `mode`, and ever less so towards both ends."""

    mode: float = quantity(..., "as the setting's")

    @model_validator(mode="after")
    def _mode_inside(self) -> Triangular:
        if not self.low <= self.mode <= self.high:
            raise ValueError(f"mode {self.mode:g} is not from {self.low:g} to {self.high:g}")
        return self

    def at(self, share: Floats) -> list[Any]:
        """Return the quantiles."""
        from scipy import stats

        wide = self.high - self.low
        return _plain(stats.triang.ppf(share, (self.mode - self.low) / wide, self.low, wide))


@uncertainties.register("normal")
class Normal(_Between):
    """A normal law cut off at both ends."""

    mean: float = quantity(..., "as the setting's")
    sd: float = quantity(..., "as the setting's", 1e-300)

    def at(self, share: Floats) -> list[Any]:
        """Return the quantiles."""
        from scipy import stats

        ends = ((end - self.mean) / self.sd for end in (self.low, self.high))
        return _plain(np.clip(stats.truncnorm.ppf(share, *ends, self.mean, self.sd), self.low, self.high))


@uncertainties.register("values")
class Values(Settings):
    """One of some values, which may be words or whole mappings; equally likely unless weights are given.

    >>> Values(of=("static", "price_war")).at(np.array([0.0, 0.49, 0.5, 1.0]))
    ['static', 'static', 'price_war', 'price_war']
    """

    of: tuple[Any, ...]
    weights: tuple[float, ...] | None = quantity(None, "share", 0)

    @model_validator(mode="after")
    def _weights_fit(self) -> Values:
        if not self.of:
            raise ValueError("no values; give at least one")
        if self.weights is not None and (len(self.weights) != len(self.of) or sum(self.weights) <= 0):
            raise ValueError(f"{len(self.weights)} weights for {len(self.of)} values; give one each, not all 0")
        return self

    def at(self, share: Floats) -> list[Any]:
        """Return the value that holds each share."""
        weights = np.ones(len(self.of)) if self.weights is None else np.asarray(self.weights, dtype=float)
        edges = np.cumsum(weights / weights.sum())[:-1]
        return [self.of[place] for place in np.searchsorted(edges, share, side="right")]


def ends(unknown: Uncertainty) -> tuple[Any, Any]:
    """Return the lowest and the highest value that a distribution allows, the first and last of some values."""
    low, high = unknown.at(np.array([0.0, 1.0]))
    return low, high


def whole(value: Any, low: float, high: float) -> int:
    """Return the whole number that stands for a value of a setting which takes no others, within its ends."""
    return int(min(max(math.floor(value + 0.5), math.ceil(low)), math.floor(high)))


def _plain(values: Floats) -> list[Any]:
    return [float(value) for value in values]
