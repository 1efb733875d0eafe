"""The ledger: what every customer brought, cost and paid, handed out month by month and kept nowhere here."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import TYPE_CHECKING, Any, Protocol

import numpy as np
from numpy.typing import NDArray

from sim.contract import plan_month
from sim.history import BILLED_COSTS, BILLS, LEVER_COSTS
from sim.kernels.behaviour import MONEY_UNIT
from sim.names import OWN
from sim.substitution import SubstitutionSettings, charged_price

if TYPE_CHECKING:
    from sim.market import Market

Column = NDArray[Any]
PLAN_COLUMNS = ("x", "used", "paid", "over_the_cap", "unused")
MONEY_COLUMNS = (*BILLS, *BILLED_COSTS, *LEVER_COSTS)


class Ledger(Protocol):
    """Takes the rows of each month; what becomes of them is its own affair."""

    def post(self, month: int, columns: Mapping[str, Column]) -> None:
        """Take a month: whole numbers by customer, money in 1/10,000 yuan, each of shape (customers,).

        The arrays are the market's own and change in the next month: whoever keeps them copies them.
        """
        ...


def revenue_column(carrier: str, line: str) -> str:
    """Return the name of the column with what a carrier charges for a line."""
    return f"revenue.{carrier}.{line}"


def column_names(carriers: Iterable[str], lines: Iterable[str]) -> tuple[str, ...]:
    """Return the ledger's columns in their order."""
    named = tuple(lines)
    revenue = [revenue_column(carrier, line) for carrier in carriers for line in named]
    return (*MONEY_COLUMNS, "plan", *PLAN_COLUMNS, *revenue)


def plan_columns(market: Market) -> dict[str, Column]:
    """Return each plan and how it was used this month, money units; nothing where there is no plan.

    X is the base amount; used is the list value of usage on our lines; paid is the bill; over the cap is what of the
    use the plan doesn't cover, so that it is paid for at list price; unused is what is paid for without being used.
    """
    state, brought, scenario = market.city.state, market.brought, market.scenario
    swaps = scenario.substitution if scenario.mechanisms.substitution else SubstitutionSettings()
    charged = charged_price(market.tariff.price[OWN], state.ip_share, swaps, list(scenario.lines))
    month = plan_month(state, charged, market.terms)
    used = money(month.used)
    paid = np.where(state.plan > 0, brought.retained + brought.won_back + brought.shortfall, 0)
    return {
        "plan": state.plan,
        "x": money(month.x),
        "used": used,
        "paid": paid,
        "over_the_cap": money(month.over_cap),
        "unused": np.maximum(0, paid - used),
    }


def revenue_columns(market: Market) -> dict[str, Column]:
    """Return what each carrier charges each customer for each line this month, money units."""
    state, paid = market.city.state, market.brought.paid
    columns = {}
    for c, carrier in enumerate(market.scenario.carriers):
        for line, name in enumerate(market.scenario.lines):
            columns[revenue_column(carrier, name)] = np.where(state.carrier[line] == c, paid[line], 0)
    unused = revenue_column(next(iter(market.scenario.carriers)), next(iter(market.scenario.lines)))
    columns[unused] += paid[-1]
    return columns


def money(yuan: NDArray[np.float64]) -> NDArray[np.int64]:
    """Return yuan in whole money units."""
    return np.floor(yuan * MONEY_UNIT + 0.5).astype(np.int64)
