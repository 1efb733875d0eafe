"""Amounts of money as people read them."""

from __future__ import annotations

from typing import NamedTuple


class Money(NamedTuple):
    """A unit that a group of amounts is told in."""

    unit: str
    size: float
    places: int

    def number(self, yuan: float) -> str:
        """Return an amount in this unit, without its name.

        >>> money_for(2.2e6).number(-343_864)
        '-0.34'
        """
        text = f"{yuan / self.size:,.{self.places}f}"
        return text.removeprefix("-") if not text.strip("-0.,") else text

    def amount(self, yuan: float) -> str:
        """Return an amount with its unit.

        >>> money_for(2.2e6).amount(2_196_312)
        '2.20 million yuan'
        """
        return f"{self.number(yuan)} {self.unit}"


def money_for(*amounts: float) -> Money:
    """Return the unit in which the largest of some amounts, in yuan, reads best.

    >>> money_for(950.0).unit, money_for(12_000.0, 3.0).unit, money_for(2.4e6, -3e8).unit
    ('yuan', 'thousand yuan', 'million yuan')
    """
    largest = max((abs(amount) for amount in amounts), default=0.0)
    if largest >= 200_000:
        return Money("million yuan", 1e6, 2 if largest < 1e8 else 1)
    return Money("thousand yuan", 1e3, 1) if largest >= 2_000 else Money("yuan", 1.0, 0)
