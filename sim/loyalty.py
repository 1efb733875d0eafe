"""Loyalty: satisfaction becomes intention past a threshold, intention loyal behaviour; five stages (D19)."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray
from pydantic import model_validator

from sim.names import STAGES
from sim.quantities import Settings, located, quantity

Floats = NDArray[np.float64]
SUSPICION, EXPECTATION, FIRST_PURCHASE, REPEAT_PURCHASE, ADVOCACY = range(len(STAGES))


class LoyaltySettings(Settings):
    """How satisfied customers become loyal ones."""

    threshold: float = quantity(0.6, "satisfaction", 0, 1, help="below it satisfaction makes no intention to stay")
    full: float = quantity(0.75, "satisfaction", 0, 1, help="at which the intention to stay is complete")
    awareness: float = quantity(0.1, "share", 0, 1, help="of rapport, or stock of awareness, that ends suspicion")
    repeat_months: int = quantity(
        12, "months", 1, 600, help="with us that make a purchase a repeated one; so does a second line"
    )
    advocacy: float = quantity(0.6, "intention", 0, 1, help="from which a repeat buyer recommends us")
    repeat_share: float = quantity(
        0.6, "share", 0, 1, help="of its intention that a repeat buyer acts on; an advocate acts on all"
    )
    attention: float = quantity(0.5, "logit", 0, 20, help="taken off attention to our lines at full loyal behaviour")
    shield: float = quantity(0.4, "share", 0, 1, help="of a rival's call that full loyal behaviour shuts out")

    @model_validator(mode="after")
    def _intention_grows(self) -> LoyaltySettings:
        if self.full <= self.threshold:
            told = f"is {self.full:g}, not above the threshold {self.threshold:g}; give more, so that intention grows"
            raise located([(("full",), told)])
        return self


def intention(satisfaction: NDArray[np.floating], settings: LoyaltySettings) -> Floats:
    """Return the intention to stay, 0 to 1: nil up to the threshold, then growing with satisfaction.

    >>> intention(np.array([0.6, 0.675, 0.95]), LoyaltySettings()).round(2).tolist()
    [0.0, 0.5, 1.0]
    """
    return np.asarray(np.clip((satisfaction - settings.threshold) / (settings.full - settings.threshold), 0, 1))


def deserved_stage(
    own_lines: NDArray[np.integer],
    oldest: NDArray[np.integer],
    aware: NDArray[np.bool_],
    discounted: NDArray[np.bool_],
    meant: Floats,
    settings: LoyaltySettings,
) -> NDArray[np.int8]:
    """Return the stage that customers' situation deserves, shape (customers,).

    `oldest` is the tenure of their oldest line with us, months; `meant` their intention. Loyalty to a low price is no
    loyalty: who has a unit discount counts as a first purchase.
    """
    repeats = ((oldest >= settings.repeat_months) | (own_lines >= 2)) & (meant > 0) & ~discounted
    bought = np.where(repeats, np.where(meant >= settings.advocacy, ADVOCACY, REPEAT_PURCHASE), FIRST_PURCHASE)
    return np.asarray(np.where(own_lines > 0, bought, np.where(aware, EXPECTATION, SUSPICION)), dtype=np.int8)


def next_stage(stage: NDArray[np.int8], deserved: NDArray[np.int8]) -> NDArray[np.int8]:
    """Return next month's stage: one step up at most, down at once."""
    return np.minimum(stage + 1, deserved).astype(np.int8)


def loyal_behaviour(stage: NDArray[np.int8], meant: Floats, settings: LoyaltySettings) -> Floats:
    """Return how loyally customers behave, 0 to 1: only from repeat purchase on does intention show."""
    acted = np.where(stage == ADVOCACY, 1.0, np.where(stage == REPEAT_PURCHASE, settings.repeat_share, 0.0))
    return np.asarray(acted * meant)
