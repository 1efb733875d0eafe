"""Service tiers as settings."""

from __future__ import annotations

import numpy as np
import pytest
from pydantic import ValidationError

from sim.names import TIERS
from sim.service import ALIKE, ServiceSettings, by_tier


def test_every_tier_needs_its_number():
    with pytest.raises(ValidationError, match="2 numbers; give 3, for basic, priority, posted"):
        ServiceSettings(cost=(0.0, 1.0))


@pytest.mark.parametrize("name", ["rank", "faults", "lift"])
def test_a_better_tier_is_no_worse_by_default(name):
    steps = np.diff(getattr(ServiceSettings(), name))
    assert (steps >= 0).all() if name == "lift" else (steps <= 0).all()


def test_tiers_that_are_alike_treat_everybody_the_same():
    tier = np.arange(len(TIERS), dtype=np.int8)
    assert all(np.unique(by_tier(numbers, tier)).size == 1 for numbers in ALIKE.model_dump().values())
