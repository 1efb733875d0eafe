"""The minimal market in Mesa 3: one agent per customer."""

from __future__ import annotations

import mesa
from minimal import MONTHS, Outcome, World
from peers.person import Market, Person, people


class Customer(mesa.Agent):  # type: ignore[misc]
    """An agent that lives a month at each step."""

    def __init__(self, model: City, person: Person):
        super().__init__(model)
        self.person = person

    def step(self) -> None:
        """Live the month that is open."""
        self.person.live(self.model.market, self.model.random.random)


class City(mesa.Model):  # type: ignore[misc]
    """A city of agents."""

    def __init__(self, world: World, seed: int):
        super().__init__(seed=seed)
        self.market = Market(world)
        Customer.create_agents(self, world.city.customers.key.size, people(world))

    def step(self) -> None:
        """Let everybody live a month."""
        self.agents.do("step")


def run(world: World, seed: int) -> Outcome:
    """Run the minimal market."""
    city = City(world, seed)
    for month in range(MONTHS):
        city.market.begin(month)
        city.step()
    return city.market.outcome()
