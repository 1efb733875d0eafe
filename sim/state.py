"""The market's arrays: who customers are, and what changes from month to month; customers are the last axis."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from sim.memory import copies, side_by_side


class Customers(NamedTuple):
    """Who the customers are: fixed for a run, one entry a customer on the last axis."""

    key: NDArray[np.uint64]
    """What a customer's draws are keyed by."""
    building: NDArray[np.int32]
    """Building index, -1 outside."""
    centre: NDArray[np.int16]
    """Service centre index."""
    manager: NDArray[np.int32]
    """Account manager index."""
    industry: NDArray[np.int8]
    location: NDArray[np.int8]
    ownership: NDArray[np.int8]
    decision: NDArray[np.int8]
    expected_channel: NDArray[np.int8]
    growth: NDArray[np.float32]
    """Growth of demand, per month."""
    price_sensitivity: NDArray[np.float32]
    rapport_weight: NDArray[np.float32]
    hassle_weight: NDArray[np.float32]
    switching_cost: NDArray[np.float32]
    desire: NDArray[np.float32]
    """Performance desired, 0 to 1."""
    level_weight: NDArray[np.float32]
    """Weight of each level in the customer's decisions, shape (levels, customers); sums to one."""


class State(NamedTuple):
    """What changes: the arrays are written in place by the month's phases only."""

    carrier: NDArray[np.int8]
    """Who serves the line, shape (lines, customers)."""
    demand: NDArray[np.float32]
    """Usage at reference prices, yuan/month, shape (lines, customers)."""
    satisfaction: NDArray[np.float32]
    """0 to 1, shape (carriers, customers)."""
    expectation: NDArray[np.float32]
    """0 to 1, shape (carriers, customers)."""
    goodwill: NDArray[np.float32]
    """Relation stock, shape (carriers, levels, customers)."""
    adstock: NDArray[np.float32]
    """Awareness from campaigns, shape (carriers, customers)."""
    image_news: NDArray[np.float32]
    """Image gained or lost by talk, shape (carriers, customers)."""
    plan: NDArray[np.int8]
    """Evergreen plan with the own carrier, 0 none, shape (customers,)."""
    plan_x: NDArray[np.float32]
    """X of the plan, yuan/month."""
    plan_age: NDArray[np.int16]
    """Months since X was set."""
    months_left: NDArray[np.int16]
    """Contract term left with whoever serves the line, shape (lines, customers)."""
    discount: NDArray[np.float32]
    """Unit discount granted by the own carrier on a line while it serves it, shape (lines, customers)."""
    asked: NDArray[np.int8]
    """Months left of a unit discount gained by asking for a neighbour's, 0 where there is none."""
    tenure: NDArray[np.int16]
    """Months since the line's last switch, shape (lines, customers)."""
    recent_usage: NDArray[np.float32]
    """What X is set from (`contract.x_basis`) in the last three months, newest last, yuan, shape (3, customers)."""
    news: NDArray[np.int8]
    """1 where news of a neighbour's discount was heard last month."""
    complaints: NDArray[np.int16]
    """Faults complained of to the own carrier so far."""
    complained_in: NDArray[np.uint16]
    """Months of the last year with a complaint, one bit a month, the newest lowest."""
    visit_record: NDArray[np.float32]
    """Relation stock as our own visit records have it, every visit counted alike, shape (levels, customers)."""
    revealed: NDArray[np.int8]
    """Best source so far of what is known of rival spend, an index into `sim.names.SOURCES`."""
    revealed_ago: NDArray[np.int16]
    """Months lived since it was last revealed."""
    stage: NDArray[np.int8]
    """Loyalty stage 0 to 4 (D19)."""
    step: NDArray[np.int8]
    """Product, line, bundle or solution, 0 to 3 (D8)."""
    left_for: NDArray[np.int8]
    """Why a line of ours was last lost: 1 and up as in `sim.names.REASONS`, 0 never."""
    agent_window: NDArray[np.int8]
    """Months in which a line won is still an agent's win, 0 where no agent was."""
    agent_stay: NDArray[np.int8]
    """Months that a line won by an agent has yet to stay for the rest of the commission, shape (lines, customers)."""
    start: NDArray[np.int8]
    """1 where the line was ours at the start, shape (lines, customers)."""
    kept: NDArray[np.int8]
    """1 where the line was ours at the start and never left, shape (lines, customers)."""
    points: NDArray[np.float32]
    """Points with the own carrier, shape (customers,)."""
    ip_share: NDArray[np.float32]
    """Share of the usage on our line that goes over our own IP calls, shape (customers,); 0 where it isn't ours."""

    def copied(self) -> State:
        """Return a state with its own arrays."""
        return State(*copies(self))


class City(NamedTuple):
    """A market at the start of a run: customers, their state and what they are called."""

    customers: Customers
    state: State
    ids: NDArray[np.str_]
    """Names of customers, shape (customers,)."""
    buildings: int
    managers: int
    centres: int

    def copied(self) -> City:
        """Return the city with a state of its own, to run once."""
        return self._replace(state=self.state.copied())


def empty_state(carriers: int, lines: int, customers: int) -> State:
    """Return a state of zeros with the right shapes and types."""
    shapes: dict[str, tuple[type, tuple[int, ...]]] = {
        "carrier": (np.int8, (lines,)),
        "demand": (np.float32, (lines,)),
        "satisfaction": (np.float32, (carriers,)),
        "expectation": (np.float32, (carriers,)),
        "goodwill": (np.float32, (carriers, 3)),
        "adstock": (np.float32, (carriers,)),
        "image_news": (np.float32, (carriers,)),
        "plan": (np.int8, ()),
        "plan_x": (np.float32, ()),
        "plan_age": (np.int16, ()),
        "months_left": (np.int16, (lines,)),
        "discount": (np.float32, (lines,)),
        "asked": (np.int8, ()),
        "tenure": (np.int16, (lines,)),
        "recent_usage": (np.float32, (3,)),
        "news": (np.int8, ()),
        "complaints": (np.int16, ()),
        "complained_in": (np.uint16, ()),
        "visit_record": (np.float32, (3,)),
        "revealed": (np.int8, ()),
        "revealed_ago": (np.int16, ()),
        "stage": (np.int8, ()),
        "step": (np.int8, ()),
        "left_for": (np.int8, ()),
        "agent_window": (np.int8, ()),
        "agent_stay": (np.int8, (lines,)),
        "start": (np.int8, (lines,)),
        "kept": (np.int8, (lines,)),
        "points": (np.float32, ()),
        "ip_share": (np.float32, ()),
    }
    arrays = side_by_side([((*shape, customers), kind) for kind, shape in shapes.values()])
    return State(**dict(zip(shapes, arrays, strict=True)))
