"""What a pilot is reckoned with: how far the response is doubted, how a trial is run, how long its lesson serves."""

from __future__ import annotations

from typing import Literal, get_args

from pydantic import Field

from sim.quantities import Settings, quantity

Family = Literal["visits", "offers", "discounts", "letters", "calls"]
FAMILIES: tuple[Family, ...] = get_args(Family)


class PilotSettings(Settings):
    """A randomised trial before a treatment is rolled out (D30)."""

    doubt: float = quantity(
        0.5, "of the expected uplift", 0, 10, help="standard deviation of a treatment family's true uplift"
    )
    doubts: dict[Family, float] = quantity({}, "of the expected uplift", 0, 10, help="of single families")
    treated: float = quantity(0.5, "share of a trial's accounts", 0.01, 0.99, help="the others are its control")
    fixed: float = quantity(0.0, "yuan", 0, 1e9, help="to run a trial, beside what its treatments cost")
    most_hours: float = quantity(
        0.25, "share of managers' hours in a trial's months", 0, 1, help="limits the numbers of accounts looked at"
    )
    serves: float = quantity(1.0, "planning periods", 0, 100, help="for which a lesson is used, the trial's included")
    sizes: tuple[int, ...] = Field(
        default=(50, 100, 200, 500, 1000, 2000, 5000, 10_000, 20_000), description="numbers of accounts to look at"
    )
    futures: int = quantity(8, "futures", 2, 1000, help="lived to see how much accounts differ by luck")
    plans: int = quantity(11, "plans", 3, 100, help="made for each family, for as many true uplifts")

    def doubt_of(self, family: Family) -> float:
        """Return the doubt about a family.

        >>> PilotSettings(doubts={"calls": 0.8}).doubt_of("calls"), PilotSettings().doubt_of("calls")
        (0.8, 0.5)
        """
        return self.doubts.get(family, self.doubt)
