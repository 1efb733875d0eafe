"""Settings of planning month by month."""

from __future__ import annotations

from typing import Literal

from sim.quantities import Settings, quantity


class MonthlySettings(Settings):
    """What may be done in a month, and how finely an account's stocks are told apart."""

    goodwills: int = quantity(7, "nodes", 2, 40, help="of goodwill with whom decides, from none to a visit every month")
    awarenesses: int = quantity(5, "nodes", 2, 40, help="of awareness, from none to a letter and a call every month")
    working: bool = True
    """Whether the working level may be visited too."""
    letters: bool = True
    calls: bool = True
    offer: Literal["A", "B", "C", "none"] = "B"
    """The Evergreen plan that visits may offer, in the first month and each `visit.offer_every`."""
    discount: float = quantity(0.1, "share of the price", 0, 0.9, help="unit discount for a month; 0 for none")
    groups: int = quantity(10, "parts/manager", 1, 1000, help="of a manager's accounts for the bundle of cuts")
    passes: int = quantity(30, "passes", 1, 10_000, help="most for the prices of one manager's hours")
    rounds: int = quantity(1, "rounds", 1, 100, help="most of shared prices and hours' prices in turn")
    gap: float = quantity(2e-3, "share of the uplift", 1e-9, 1, help="left between prices and the best of them")
    replications: int = quantity(20, "lives", 1, 100_000, help="simulated in the response model under the policy")
