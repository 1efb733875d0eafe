"""Substitution across product lines: mobile for fixed, and our own IP calls for our traditional ones (D7)."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence

import numpy as np
from numpy.typing import NDArray

from sim.errors import did_you_mean
from sim.quantities import Settings, quantity

Problem = tuple[tuple[str, ...], str]


class Flow(Settings):
    """Usage that customers move from one line to another, faster where the other is cheaper."""

    origin: str
    destination: str
    rate: float = quantity(0.003, "share of usage a month", 0, 1, help="moved where both lines have reference prices")
    price_elasticity: float = quantity(1.0, "power", 0, 20, help="of price at the origin over price at the destination")
    ratio: float = quantity(1.0, "yuan at reference prices", 0, 10, help="that a yuan moved is worth there")


class IpCalls(Settings):
    """Our own calls over IP, which take usage from one of our traditional lines at a lower price."""

    line: str
    saving: float = quantity(0.3, "share of the price", 0, 0.95, help="by which an IP call is cheaper")
    speed: float = quantity(0.02, "share of the way a month", 0, 1, help="to the customer's highest share")
    most: float = quantity(0.5, "share of usage", 0, 1, help="that would go over IP if price were all that counted")
    half_at: float = quantity(7.3, "price sensitivity", 0.01, 1000, help="at which the highest share is half of that")


class SubstitutionSettings(Settings):
    """What takes the place of what; lines are those of the scenario."""

    flows: dict[str, Flow] = {}
    """Between lines, by a name of the user's own."""
    ip: IpCalls | None = None


def unknown_lines(settings: SubstitutionSettings, lines: Sequence[str]) -> Iterator[Problem]:
    """Yield the settings that name a line that the scenario doesn't have, and flows that lead nowhere."""
    named: list[Problem] = []
    for name, given in settings.flows.items():
        named += [(("flows", name, "origin"), given.origin), (("flows", name, "destination"), given.destination)]
    if settings.ip is not None:
        named.append((("ip", "line"), settings.ip.line))
    for place, line in named:
        if line not in lines:
            out = ".".join(place[:-1])
            hint = f"{did_you_mean(line, lines)} (substitution.{out}: null takes it out)"
            yield ("substitution", *place), f"unknown line '{line}'; {hint}"
    for name, given in settings.flows.items():
        if given.origin == given.destination:
            yield ("substitution", "flows", name, "destination"), "usage must move to another line than its origin"


def flow_table(flows: Mapping[str, Flow], lines: Sequence[str]) -> NDArray[np.float32]:
    """Return a row a flow: index of origin and of destination, rate, elasticity, ratio; shape (flows, 5)."""
    names = list(lines)
    rows = [
        (names.index(f.origin), names.index(f.destination), f.rate, f.price_elasticity, f.ratio) for f in flows.values()
    ]
    return np.array(rows, dtype=np.float32).reshape(len(rows), 5)


def highest_ip_share(price_sensitivity: NDArray[np.floating], ip: IpCalls) -> NDArray[np.float64]:
    """Return the share of usage at which a customer's IP calls settle.

    >>> highest_ip_share(np.array([7.3]), IpCalls(line="long_distance"))
    array([0.25])
    """
    return np.asarray(ip.most * price_sensitivity / (price_sensitivity + ip.half_at))


def charged_price(
    own_price: NDArray[np.float64],
    ip_share: NDArray[np.floating],
    settings: SubstitutionSettings,
    lines: Sequence[str],
) -> NDArray[np.float64]:
    """Return what we charge for a yuan of usage at reference prices before unit discounts, shape (lines, customers).

    `own_price` is our tariff, shape (lines,); calls over IP lower it on the line that they take usage from.
    """
    price = np.repeat(np.asarray(own_price, dtype=float)[:, None], ip_share.size, axis=1)
    if settings.ip is not None:
        price[list(lines).index(settings.ip.line)] *= 1 - settings.ip.saving * ip_share
    return price
