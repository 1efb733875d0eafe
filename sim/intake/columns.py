"""The columns that customers are described by, declared once: name, kind, bounds, unit and meaning.

A name that ends in `<line>` stands for one column for each product line of the scenario: `spend.<line>` is
`spend.mobile`, `spend.data` and so on.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Literal

from sim.names import CHANNELS, DECISIONS, INDUSTRIES, LOCATIONS, OWNERSHIPS, PLANS

Kind = Literal["text", "word", "number", "whole"]

LINE = "<line>"
PLAN_NAMES = PLANS[1:]


@dataclass(frozen=True)
class CustomerColumn:
    """What one column may hold: `low` and `high` bound numbers inclusively, `words` lists the words allowed.

    `required` says that no cell may be empty; in any other column an empty cell means unknown (or none, for a plan, a
    plan's X and a building).
    """

    name: str
    kind: Kind
    unit: str
    meaning: str
    required: bool = False
    low: float | None = None
    high: float | None = None
    words: tuple[str, ...] = ()

    @property
    def is_number(self) -> bool:
        """Whether the column is kept as float64."""
        return self.kind in ("number", "whole")

    @property
    def rule(self) -> str:
        """What a cell must be, in words.

        >>> CustomerColumn("growth", "number", "1/year", "growth of demand", low=-0.9, high=5.0).rule
        'a number from -0.9 to 5'
        """
        if self.kind == "word":
            return "one of " + ", ".join(self.words) if self.words else "empty, since no words are allowed here"
        if self.kind == "text":
            return "text"
        return ("a whole number" if self.kind == "whole" else "a number") + self._bounds()

    def _bounds(self) -> str:
        if self.low is None:
            return ""
        return f", at least {self.low:g}" if self.high is None else f" from {self.low:g} to {self.high:g}"


CUSTOMER_COLUMNS: tuple[CustomerColumn, ...] = (
    CustomerColumn("id", "text", "", "names the customer, once in a file", required=True),
    CustomerColumn("name", "text", "", "what people call the customer"),
    CustomerColumn("spend.<line>", "number", "yuan/month", "spends on the line with us", required=True, low=0.0),
    CustomerColumn("rival_spend.<line>", "number", "yuan/month", "spends on the line at rivals", low=0.0),
    CustomerColumn("rival.<line>", "word", "", "the rival that serves the line"),
    CustomerColumn("months_left.<line>", "whole", "months", "what is left of the line's contract with us", low=0.0),
    CustomerColumn("tenure", "number", "months", "has been with us", low=0.0),
    CustomerColumn("industry", "word", "", "its trade", words=INDUSTRIES),
    CustomerColumn("location", "word", "", "where it works", words=LOCATIONS),
    CustomerColumn("ownership", "word", "", "who owns it", words=OWNERSHIPS),
    CustomerColumn("decision", "word", "", "who decides: the owner, one person or a group", words=DECISIONS),
    CustomerColumn("building", "text", "", "the building it shares; empty: none"),
    CustomerColumn("centre", "text", "", "the service centre that it belongs to"),
    CustomerColumn("manager", "text", "", "the account manager"),
    CustomerColumn("complaints", "whole", "a year", "complaints in the last year", low=0.0),
    CustomerColumn("plan", "word", "", "the Evergreen plan it is on; empty: none", words=PLAN_NAMES),
    CustomerColumn(
        "plan_x", "number", "yuan/month", "the plan's base amount X; needed wherever plan is given", low=0.0
    ),
    CustomerColumn("growth", "number", "1/year", "growth of its demand", low=-0.9, high=5.0),
    CustomerColumn("expected_channel", "word", "", "the channel it expects to be served by", words=CHANNELS),
)


def customer_columns(lines: Sequence[str], rivals: Sequence[str]) -> dict[str, CustomerColumn]:
    """Return every column of a scenario with these product lines and rivals, by name and in the table's order.

    >>> list(customer_columns(["mobile"], ["netcom"]))[:5]
    ['id', 'name', 'spend.mobile', 'rival_spend.mobile', 'rival.mobile']
    """
    expanded = [column for declared in CUSTOMER_COLUMNS for column in _for_lines(declared, lines, tuple(rivals))]
    return {column.name: column for column in expanded}


def _for_lines(column: CustomerColumn, lines: Sequence[str], rivals: tuple[str, ...]) -> list[CustomerColumn]:
    if LINE not in column.name:
        return [column]
    words = rivals if column.kind == "word" else column.words
    return [replace(column, name=column.name.replace(LINE, line), words=words) for line in lines]
