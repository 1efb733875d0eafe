"""What a run writes down beside its totals: every month by recording group, and rows for a ledger."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from sim.blank import zeros
from sim.history import BILLED_COSTS, BILLS, LEVER_COSTS, MONEY_BY_GROUP
from sim.kernels.records import of_month
from sim.kernels.tally import ByGroup, Done, add_by_group, count_customers
from sim.ledger import Ledger, plan_columns, revenue_columns
from sim.names import OWN, STAGES
from sim.record_groups import GROUPS, Index, city_groups

if TYPE_CHECKING:
    from sim.market import Market

Whole = NDArray[np.int64]
VISIT_COUNTS = len(Done._fields) - 1


class Recording:
    """The groups of a run's customers, what they have brought so far, and the ledger if there is one.

    All that is kept by group is a sum of whole numbers, so that histories of parts of a city are merged by adding.
    """

    def __init__(self, groups: Index | None, ledger: Ledger | None):
        self.given, self.ledger = groups, ledger
        self.on = False
        self.levers: dict[str, Whole] = {}
        self.group: Index = np.zeros(0, dtype=np.int16)
        self.booked: Whole = np.zeros((0, 0), dtype=np.int64)

    @property
    def itemised(self) -> bool:
        """Whether somebody asks for each customer's month, and not just for sums."""
        return self.ledger is not None

    def open(self, market: Market) -> None:
        """Fix everybody's group for the run, and make room for what the compiled loop adds up."""
        self.on = market.scenario.recording.groups
        customers = market.city.customers.key.size
        if self.on:
            given, settings = self.given, market.scenario.segment
            price = market.posted.price[OWN]
            self.group = city_groups(market.city, price, settings, market.exchange) if given is None else given
        elif self.itemised:
            self.group = np.zeros(customers, dtype=np.int16)
        groups = len(GROUPS) if self.on else min(self.group.size, 1)
        carriers, lines = market.posted.price.shape
        self.booked = np.zeros((groups, len(market.record.account)), dtype=np.int64)
        paid = np.zeros((lines + 1, customers if self.itemised else 0), dtype=np.int64)
        market.parts[:] = [
            part._replace(
                group=self.group,
                held=zeros(len(part.held), groups * lines * carriers * 2, 2),
                moved=zeros(len(part.held), groups, lines, carriers, carriers),
                paid=paid,
            )
            for part in market.parts
        ]
        market.brought = of_month(market.parts[0], 0)
        if self.itemised:
            self.levers = {name: np.zeros(customers, dtype=np.int64) for name in LEVER_COSTS}

    def spent(self, market: Market, name: str, by_customer: Whole) -> None:
        """Note what a lever cost each customer this month, money units; `name` is that of the total."""
        if self.on:
            column = market.record.money_by_group[market.month, :, MONEY_BY_GROUP.index(name)]
            add_by_group(self.group, by_customer, column)
        if self.itemised:
            self.levers[name] += by_customer

    def write(self, market: Market) -> None:
        """Write the month by group, and post it to the ledger."""
        if self.on:
            _write_lines(market)
            self._write_customers(market)
        if self.ledger:
            bills = {name: getattr(market.brought, _MONTH.get(name, name)) for name in (*BILLS, *BILLED_COSTS)}
            columns = {**bills, **self.levers, **plan_columns(market), **revenue_columns(market)}
            self.ledger.post(market.month, columns)
            for column in self.levers.values():
                column[:] = 0

    def _write_customers(self, market: Market) -> None:
        """Add up what is known customer by customer; money is what the accounts have grown by."""
        record, t, account = market.record, market.month, market.record.account
        groups, carriers = len(GROUPS), len(market.posted.price)
        done = Done(market.visits_due, market.visited, market.visits.due, market.dropped, market.brought.complained)
        by = ByGroup(
            visits=np.zeros((groups, VISIT_COUNTS), dtype=np.int64),
            complaints=np.zeros(groups, dtype=np.int64),
            on_plan=np.zeros(groups, dtype=np.int64),
            stages=np.zeros((groups, len(STAGES)), dtype=np.int64),
            served=np.zeros((groups, carriers), dtype=np.int64),
            satisfaction=np.zeros((groups, carriers), dtype=np.int64),
        )
        booked = np.zeros_like(self.booked)
        count_customers(self.group, market.city.state, tuple(account), done, booked, by)
        record.counts_by_group[t] = np.column_stack([by.visits, by.complaints, by.on_plan])
        record.stages_by_group[t], record.served_by_group[t] = by.stages, by.served
        record.satisfaction_by_group[t] = by.satisfaction
        grown = dict(zip(account._fields, (booked - self.booked).T, strict=True))
        self.booked = booked
        for name in (*BILLS, *BILLED_COSTS):
            record.money_by_group[t, :, MONEY_BY_GROUP.index(name)] = grown[name]


_MONTH = {"cost_to_serve": "serve"}
"""What the loop calls a column of the ledger, where it has another name for it."""


def _write_lines(market: Market) -> None:
    """Write revenue, flows and standings by group from the cells that the compiled loop filled."""
    record, t, brought = market.record, market.month, market.brought
    carriers, lines = market.posted.price.shape
    held = brought.held.reshape(len(GROUPS), lines, carriers, 2, 2)
    count, charged = held[..., 0], held[..., 1]
    record.revenue_by_group[t] = charged.sum(axis=3).transpose(0, 2, 1)
    record.standing_by_group[t, :, :, 0] = count[:, :, OWN, 1]
    record.standing_by_group[t, :, :, 1] = count[:, :, OWN + 1 :, 1].sum(axis=2)
    record.standing_by_group[t, :, :, 2] = count[:, :, OWN, 0]
    flows = brought.moved.copy()
    stayed = count.sum(axis=3) - flows.sum(axis=2)
    each = np.arange(carriers)
    flows[:, :, each, each] = stayed
    record.flows_by_group[t] = flows
