"""The market's clock: SimPy carries the calendar, compiled loops carry the customers."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np
import simpy
from numpy.typing import NDArray

from sim import month
from sim.blank import COUNTS, MONEY, SHAPED, STOCK, empty_history, empty_parts, ranges
from sim.contract import plan_table
from sim.desk import Complaints, Desk
from sim.event import Held
from sim.exchange import ALONE, Exchange
from sim.history import HOUR_UNIT, Account, History
from sim.kernels.behaviour import MONEY_UNIT
from sim.kernels.bills import count_stock
from sim.kernels.ledger import post
from sim.kernels.live import BLOCK
from sim.kernels.records import Switches, of_month
from sim.knowledge import SETTLEMENT
from sim.ledger import Ledger
from sim.manager import hire, record_bonus
from sim.memory import copies
from sim.names import OWN
from sim.outreach import Outreach
from sim.planner import Dates, Planner
from sim.poach import no_lures
from sim.process import Steps
from sim.programme import Programme, nothing
from sim.rates import posted_tariff, rates
from sim.record_groups import GROUPS, Index
from sim.recording import Recording
from sim.rivals import nothing_seen
from sim.scenario import Scenario
from sim.seat import rank_by_spend
from sim.state import City, State
from sim.summing import over_lines
from sim.talk import circles
from sim.visit import FIRST_WEEK, WEEK, VisitBook, contact_phase, priority_order, visit_hours


class Market:
    """One run: a city, the programmes in force from given months on, and the month's inputs and records.

    The phases of `sim.month` act on it; `simulate` is what callers use.
    """

    def __init__(
        self,
        scenario: Scenario,
        city: City,
        schedule: Mapping[int, Programme],
        seed: int,
        months: int,
        threads: int = 1,
        block: int = BLOCK,
        dates: Dates | None = None,
        exchange: Exchange = ALONE,
        by_customer: bool = False,
        groups: Index | None = None,
        ledger: Ledger | None = None,
    ):
        self.scenario, self.seed, self.months, self.schedule = scenario, seed, months, schedule
        self.dates = dates
        self.exchange = exchange
        self.clock = simpy.Environment()
        self._going: list[Steps] = []
        self.month = 0
        self.lived = 0
        """Months that customers have lived, ahead of the calendar in a span."""
        self.span = 1
        """How many months customers lived at one go when they last did; in longer spans they take stock themselves."""
        self.begun = 0
        self.counted = 0
        """Month that places of contacts in the year are counted from: a planner's programme goes on counting."""
        self.asks = False
        """Whether the programme in force asks for anything."""
        self.idle = False
        """Whether nobody is reached by any channel in this month, nor until the next programme begins."""
        customers = city.customers.key.size
        *state, self.accounts = copies(city.state, ((len(Account._fields), customers), np.int64))
        self.city = city._replace(state=State(*state))
        self.programme = nothing(customers)
        self.posted = self.tariff = posted_tariff(scenario)
        self.seen = nothing_seen(self.posted)
        self.lures = no_lures(customers)
        self.terms = plan_table(scenario.contract)
        self.rates = rates(scenario)
        on = scenario.mechanisms
        self.switches = Switches(on.attention, on.growth, on.freeze_stocks, on.loyalty, on.bonds, on.reasons)
        talking = (on.talk, on.talk and on.industry_talk)
        self.circles = circles(city.customers, city.buildings, city.centres, scenario.talk, talking, scenario.seed)
        self._phase: dict[str, NDArray[np.float64]] = {}
        self.hours_left = np.zeros(max(city.managers, 1))
        self._staff_service(customers)
        self.visits_due: NDArray[np.int64] = np.zeros(customers, dtype=np.int64)
        self.dropped = np.zeros(customers, dtype=np.int16)
        self.visited = np.zeros(customers, dtype=np.int16)
        self.offered = np.zeros(customers, dtype=np.int8)
        self.hours_spent = np.zeros(customers)
        self.analysed = np.zeros(customers, dtype=np.int8)
        self.found_x = np.zeros(customers, dtype=np.float32)
        self.charged = np.zeros(customers)
        self.charges = False
        self.outreach = Outreach(scenario, self.city, self.clock)
        self.held: list[Held] = []
        """Promotion events held so far."""
        self.visits = VisitBook(
            due=np.zeros(customers, dtype=np.int16),
            offer_due=np.zeros(customers, dtype=np.int8),
            hours=np.zeros(customers),
            order=np.zeros(customers, dtype=np.int64),
        )
        start, kept = self.city.state.start, self.city.state.kept
        start[:] = self.city.state.carrier == OWN
        kept[:] = start
        self.by_customer = by_customer or bool(scenario.processes) or self.staff is not None or ledger is not None
        """Whether somebody reads each month's money by customer, `brought.rows`."""
        self.block = block
        self.edges = ranges(customers, threads, block)
        self.recording = Recording(groups, ledger)
        recorded = len(GROUPS) if scenario.recording.groups else 0
        carriers, lines = self.posted.price.shape
        self.parts = empty_parts(customers, max(months, 1), (carriers, lines), self.edges, self.by_customer)
        self.brought = of_month(self.parts[0], 0)
        self.record = empty_history(seed, months, self.accounts, carriers, lines, recorded)

    def _staff_service(self, customers: int) -> None:
        """Open the complaint desk and hire the managers; nobody has a fault yet."""
        scenario, on = self.scenario, self.scenario.mechanisms
        self.desk = Desk(scenario.desk) if on.desk else None
        self.week = 0
        self.tier = np.zeros(customers, dtype=np.int8)
        self.faults = np.zeros(customers, dtype=np.int8)
        self.felt = np.zeros(customers, dtype=np.float32)
        none: NDArray[np.int64] = np.zeros(0, dtype=np.int64)
        self.complaints = Complaints(none, none, none)
        self.call_out_hours = np.zeros(customers)
        who, staff = self.city.customers, self.hours_left.size
        self.staff = hire(scenario.seed, staff, who.manager, who.key, scenario.manager) if on.managers else None
        skill = self.staff.skill[who.manager] if self.staff else np.ones(customers)
        self.skill = (scenario.visit.skill * skill).astype(np.float32)

    def phase(self, purpose: str) -> NDArray[np.float64]:
        """Return where in the year customers' contacts of a purpose start, months, worked out when first asked for."""
        if purpose not in self._phase:
            self._phase[purpose] = contact_phase(self.city.customers.key, purpose)
        return self._phase[purpose]

    def plan_visits(self) -> None:
        """Reckon the hours of each visit and the order of customers for the programme in force."""
        who, state = self.city.customers, self.city.state
        spend = over_lines(np.where(state.carrier == OWN, state.demand, 0))
        order = priority_order(who.manager, spend, who.key)
        self.outreach.seats.order = rank_by_spend(spend)
        hours = visit_hours(who.building, self.programme.level, self.scenario.visit)
        self.visits = self.visits._replace(order=order, hours=hours)

    def charge(self, yuan: NDArray[np.floating]) -> None:
        """Charge customers' accounts with a lever's cost in this month, yuan, shape (customers,)."""
        self.charged += yuan
        self.charges = True

    def spend(self, lever: str, who: Any, units: NDArray[np.int64] | int) -> None:
        """Post what a lever cost at some customers (indices, or a slice), in money units; may be called repeatedly."""
        by_customer = np.zeros(self.city.customers.key.size, dtype=np.int64)
        by_customer[who] = units
        self.post_cost(f"{lever}_cost", by_customer)

    def post_cost(self, name: str, by_customer: NDArray[np.int64]) -> None:
        """Post what a lever cost each customer, money units, to the accounts and to the month's total of that name."""
        getattr(self.record, name)[self.month] += post(by_customer, self.record.account.programme_cost)
        self.recording.spent(self, name, by_customer)

    def wages(self, hours: NDArray[np.float64]) -> NDArray[np.float64]:
        """Return hours weighted by what their manager's pay for one is, as a ratio to that at target."""
        return hours * self.staff.wage[self.city.customers.manager] if self.staff else hours

    def write(self) -> None:
        """Add the month to the history."""
        t, history, state = self.month, self.record, self.city.state
        if self.span == 1:
            count_stock(0, self.visited.size, state, self.brought)
        if not self.idle:
            self._write_contacts()
        if self.charges:
            self._spend("call_cost", self.charged, 1.0)
            self.charged[:] = 0
            self.charges = False
        for lever in ("mail", "call"):
            fixed = round(getattr(self.scenario.channel, f"{lever}_fixed") * MONEY_UNIT)
            if fixed:
                self.spend(lever, slice(None), fixed)
        self._spend("settlement_cost", self.analysed, self.scenario.book.settlement.cost)
        history.revealed[t] = np.count_nonzero(state.revealed >= SETTLEMENT)
        if t + self.span == self.lived:
            self._write_lived(t, self.lived)
        self.recording.write(self)

    def _write_lived(self, first: int, end: int) -> None:
        """Write what the loop added up in the months that customers last lived at one go."""
        history, whole = self.record, self.parts[0]
        for name in SHAPED:
            getattr(history, name)[first:end] = getattr(whole, name)[first:end]
        for names, amounts in ((MONEY, whole.money), (STOCK, whole.stock), (COUNTS, whole.counts)):
            for name, amount in zip(names, amounts.T, strict=True):
                getattr(history, name)[first:end] = amount[first:end]

    def _write_contacts(self) -> None:
        """Add the month's contacts and what they cost to the history."""
        t, history, channel, outreach = self.month, self.record, self.scenario.channel, self.outreach
        self._spend("visit_cost", self.wages(self.hours_spent), self.scenario.visit.hour_cost)
        history.bonus[t] = record_bonus(self, self.hours_spent)
        self._spend("mail_cost", outreach.letters, channel.mail_cost)
        self._spend("call_cost", outreach.calls, channel.call_minutes * channel.call_cost)
        contacts: dict[str, NDArray[Any]] = {
            "visits_made": self.visited,
            "backlog": self.visits.due,
            "letters": outreach.letters,
            "calls": outreach.calls,
            "calls_waiting": outreach.seats.waiting,
            "agent_contacts": outreach.agents,
        }
        for name, by_customer in contacts.items():
            getattr(history, name)[t] = by_customer.sum()
        history.visit_hours[t] = np.rint(self.hours_spent * HOUR_UNIT).astype(np.int64).sum()

    def _spend(self, name: str, amount: NDArray[np.number], price: float) -> None:
        """Charge what a lever cost this month to the accounts, and add it to the total of that name."""
        if not amount.any():
            return
        self.post_cost(name, np.rint(amount * (price * MONEY_UNIT)).astype(np.int64))

    def run(self) -> History:
        """Run the calendar to its end and return the history."""
        self.recording.open(self)
        clock = self.clock
        self.goes_on(self._calendar(clock))
        self.goes_on(self._weeks(clock))
        if self.scenario.mechanisms.campaigns:
            for name, campaign in self.scenario.campaigns.items():
                self.goes_on(campaign.run(self, name))
        for process in self.scenario.processes.values():
            self.goes_on(process.run(self, clock))
        clock.run(until=self.months + FIRST_WEEK / 2)
        for steps in self._going:
            steps.close()  # what still waits would keep the run's arrays until Python next looks for cycles
        self._going.clear()
        return self.record

    def goes_on(self, steps: Steps) -> None:
        """Let something go on beside the calendar until it ends, or the run does."""
        self.clock.process(steps)
        self._going.append(steps)

    def _calendar(self, clock: simpy.Environment) -> Steps:
        for number in range(self.months):
            self.month = number
            for phase in month.OPENING:
                phase(self)
            yield clock.timeout(1)
            for phase in month.CLOSING:
                phase(self)

    def _weeks(self, clock: simpy.Environment) -> Steps:
        yield clock.timeout(FIRST_WEEK)
        while True:
            for phase in month.WEEKLY:
                phase(self)
            yield clock.timeout(WEEK)


def simulate(
    scenario: Scenario,
    city: City,
    programmes: Programme | Mapping[int, Programme],
    *,
    seed: int,
    months: int | None = None,
    threads: int = 1,
    planner: Planner | None = None,
    every: int = 3,
    groups: Index | None = None,
    ledger: Ledger | None = None,
) -> History:
    """Run the market from the city's state under one programme, or under several from the months given on.

    A planner is asked each `every` months, unless a programme was given for that month, and may begin another one:
    see `sim.planner`. The city is left as it was. Equal arguments give equal histories, bit for bit, with any number of
    threads. `groups` is each customer's recording group, such as `sim.record_groups.book_groups` returns; without it,
    what customers buy from us decides. A `ledger` is handed each customer's month.
    """
    return run_market(
        scenario,
        city,
        programmes,
        seed=seed,
        months=months,
        threads=threads,
        planner=planner,
        every=every,
        groups=groups,
        ledger=ledger,
    ).record


def run_market(
    scenario: Scenario,
    city: City,
    programmes: Programme | Mapping[int, Programme],
    *,
    seed: int,
    months: int | None = None,
    threads: int = 1,
    block: int = BLOCK,
    planner: Planner | None = None,
    every: int = 3,
    groups: Index | None = None,
    ledger: Ledger | None = None,
    exchange: Exchange = ALONE,
) -> Market:
    """Run like `simulate` and return the market itself, with the state that the run ended in.

    `block` is how many customers are taken at a time; it changes nothing but the speed. A part of a city learns of
    the rest through its `exchange`.
    """
    schedule = {0: programmes} if isinstance(programmes, Programme) else programmes
    length = scenario.months if months is None else months
    dates = None if planner is None else Dates(planner, every)
    market = Market(
        scenario, city, schedule, seed, length, threads, block, dates, exchange, groups=groups, ledger=ledger
    )
    market.run()
    return market
