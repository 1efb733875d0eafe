"""Amounts of money as people read them."""

from __future__ import annotations

from typing import NamedTuple


class Money(NamedTuple):
    """The scale that a group of amounts is told in."""

    scale: str
    size: float
    places: int

    def number(self, yuan: float) -> str:
        """Return an amount in this scale as a bare number.

        >>> money_for(2.2e6).number(-343_864), money_for(2.2e6).number(-12.0)
        ('-0.34', '0.00')
        """
        text = f"{yuan / self.size:,.{self.places}f}"
        return text if text.strip("-0.,") else text.removeprefix("-")

    def short(self, yuan: float) -> str:
        """Return an amount with its scale, without the currency.

        >>> money_for(2.2e6).short(343_864)
        '0.34 million'
        """
        return f"{self.number(yuan)} {self.scale}".strip()

    def full(self, yuan: float) -> str:
        """Return an amount with its scale and the currency.

        >>> money_for(2.2e6).full(2_196_312), money_for(950.0).full(950.0)
        ('2.20 million yuan', '950 yuan')
        """
        return f"{self.short(yuan)} yuan"

    def interval(self, low: float, high: float) -> str:
        """Return an interval as two bare numbers.

        >>> money_for(2.2e6).interval(2_016_032, 2_376_591)
        '2.02 to 2.38'
        """
        return f"{self.number(low)} to {self.number(high)}"


def money_for(*amounts: float) -> Money:
    """Return the scale in which the largest of some amounts, in yuan, reads best.

    >>> [money_for(*amounts).scale for amounts in [(950.0,), (12_000.0, 3.0), (2.4e6, -3e8)]]
    ['', 'thousand', 'million']
    """
    largest = max((abs(amount) for amount in amounts), default=0.0)
    if largest >= 200_000:
        return Money("million", 1e6, 2 if largest < 1e8 else 1)
    return Money("thousand", 1e3, 1) if largest >= 2_000 else Money("", 1.0, 0)
