"""Outlooks: named ways in which the market may turn out otherwise than a scenario says, each with its probability."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Literal, TypeVar

import numpy as np
from numpy.typing import NDArray
from pydantic import Field, model_validator

from sim.composing.compose import difference, laid_over
from sim.errors import InputError, did_you_mean
from sim.quantities import Settings, located, quantity
from sim.scenario import Scenario
from sim.shape import KeyPath

Floats = NDArray[np.float64]
S = TypeVar("S", bound=Scenario)
BASE = "as_planned"
"""The outlook that nothing changes; it has the probability that the others leave."""
FREE = ("rivals.*.policy", "rivals.*.poach", "campaigns", "processes", "city.downturn")
"""What an outlook may change: what happens from the start on, not who is there, what is known or what is decided."""
UNFORESEEN = ("rivals.*.poach", "campaigns", "processes")
"""Of these, what the expectation behind plans leaves out; simulated outlooks have it."""


class Outlook(Settings):
    """A way in which the market may turn out."""

    probability: float = quantity(..., "probability", 0, 1)
    change: dict[str, Any] = Field(default={}, description="settings that differ, laid over the scenario as a file is")


class RiskSettings(Settings):
    """What a plan has to be good at when the outlook isn't known."""

    measure: Literal["mean", "cvar", "worst_case", "max_regret"] = "max_regret"
    level: float = quantity(
        0.7, "share of outlooks", 0, 1, help="of cvar: the mean of the worst ones beyond it; 0 is the mean of all"
    )
    counted: Literal["total", "uplift"] = "total"
    """Of mean, cvar and worst_case: the objective itself, or what it is above doing nothing in the same outlook."""
    gap: float = quantity(2e-3, "share of the uplift", 0, 1, help="of the measure, at which the search for a plan ends")
    passes: int = quantity(40, "allocations", 1, 1000, help="made at most in the search")
    outlooks: dict[str, Outlook] = {}
    """Beside the one as planned, which has the probability that they leave."""

    @model_validator(mode="after")
    def _probabilities_add_up(self) -> RiskSettings:
        total = sum(outlook.probability for outlook in self.outlooks.values())
        if total > 1 + 1e-9:
            raise located([(("outlooks",), f"probabilities add up to {total:.6g}; they may add up to 1 at most")])
        if BASE in self.outlooks:
            raise located([(("outlooks", BASE), "is what the scenario itself is called; choose another name")])
        return self

    @property
    def probabilities(self) -> dict[str, float]:
        """Return the probability of each outlook that is possible, the one as planned first.

        >>> RiskSettings(outlooks={"war": Outlook(probability=0.25)}).probabilities
        {'as_planned': 0.75, 'war': 0.25}
        """
        given = {name: outlook.probability for name, outlook in self.outlooks.items()}
        rest = 1.0 - sum(given.values())
        return {name: p for name, p in {BASE: rest, **given}.items() if p > 1e-9}


def under(scenario: S, risk: RiskSettings, name: str, places: Mapping[KeyPath, str] | None = None) -> S:
    """Return a scenario as it is under one of its outlooks.

    `places` tells where each key path of the outlook's change was written. Raises InputError where there is no such
    outlook, where its change can't be laid over the scenario, or changes what an outlook can't.
    """
    if name == BASE:
        return scenario
    if name not in risk.outlooks:
        raise InputError(f"risk.outlooks: unknown outlook '{name}'; {did_you_mean(name, [BASE, *risk.outlooks])}")
    changed = laid_over(scenario, risk.outlooks[name].change, {} if places is None else places)
    fixed = [at.path for at in difference(scenario, changed) if not _among(at.path, FREE)]
    if fixed:
        allowed = ", ".join(free.replace("*", "<name>") for free in FREE)
        raise InputError(
            f"risk.outlooks.{name}.change: '{fixed[0]}' can't differ between outlooks, as the city, what is known of "
            f"it and what is decided are the same in all; change only {allowed}"
        )
    return changed


def left_out(scenario: Scenario, changed: Scenario) -> list[str]:
    """Return the settings of an outlook that expectations don't reckon with, so that only simulation shows them."""
    return [at.path for at in difference(scenario, changed) if _among(at.path, UNFORESEEN)]


def _among(path: str, patterns: tuple[str, ...]) -> bool:
    steps = path.split(".")
    known = [pattern.split(".") for pattern in patterns]
    return any(
        len(steps) >= len(wanted) and all(w in ("*", step) for w, step in zip(wanted, steps, strict=False))
        for wanted in known
    )
