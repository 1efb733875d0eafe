"""Points: what is paid to us earns them, and who leaves us forfeits them (D18, D21)."""

from __future__ import annotations

from sim.quantities import Settings, quantity


class PointsSettings(Settings):
    """A loyalty programme in points."""

    per_yuan: float = quantity(1.0, "points/yuan", 0, 1000, help="earned on what is paid to us")
    worth: float = quantity(0.005, "yuan/point", 0, 100, help="what a point is worth, and costs us, when redeemed")
    least: float = quantity(5000.0, "points", 1, 1e9, help="fewest that can be redeemed")
    redeeming: float = quantity(0.15, "probability a month", 0, 1, help="that who can redeem does, the whole balance")
    lift: float = quantity(0.01, "satisfaction", 0, 1, help="gained by redeeming")
    weight: float = quantity(1.0, "log price per share of a year's spend", 0, 100, help="of the balance in staying")
