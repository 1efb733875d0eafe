"""Customer value: what an account brings, could bring, and makes others bring (D28).

Parts don't overlap, so that they add up: what it brings under today's practice at today's demand, its growth, what the
best treatment would add, and its influence on others. All are contribution over the horizon, yuan.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from optimize.candidates import todays_response
from optimize.decision import Decision
from optimize.influence import MEASURES, Influence, Voice, influence, voices
from optimize.response import Response, estimate, expected_visit_hours
from sim.book import Book, expected_demand, expected_growth, names_of
from sim.founding import todays_practice
from sim.names import CLASSES, INDUSTRIES, OWN
from sim.rates import posted_tariff
from sim.service import by_tier

Floats = NDArray[np.float64]
PARTS = ("current", "growth", "potential", "praise", "blame", "news")
"""What adds up to an account's value."""
AS_TODAY = "as today"
"""The best treatment where nothing of the menu is better than today's practice."""


class CustomerValue(NamedTuple):
    """What each account of a book is worth over the horizon, yuan, shape (customers,) unless said."""

    today: Response
    """Under today's practice, its only treatment."""
    current: Floats
    """Contribution under today's practice if its demand stayed as it is."""
    growth: Floats
    """Contribution that its growth adds to that."""
    at_rivals: Floats
    """What its lines at rivals would bring in revenue if they were ours from the first month."""
    best: NDArray[np.int64]
    """Treatment with which it contributes most, -1 for as today."""
    treatments: tuple[str, ...]
    """Names of the menu's treatments."""
    won: Floats
    """Revenue won back with it, shortfall income with it."""
    kept: Floats
    """Revenue retained with it, more than today."""
    potential: Floats
    """Contribution that it adds to today's practice, 0 or more; no budget is counted."""
    voice: Voice
    influence: Influence

    @property
    def chance(self) -> Floats:
        """Return the share of what is at rivals that the best treatment is expected to bring."""
        return np.asarray(np.where(self.at_rivals > 0, self.won / np.maximum(self.at_rivals, 1e-9), 0.0))

    def part(self, name: str) -> Floats:
        """Return one of `PARTS`, yuan of contribution."""
        whole = getattr(self, name, None)
        return np.asarray(getattr(self.influence, name)[MEASURES.index("contribution")] if whole is None else whole)

    @property
    def total(self) -> Floats:
        """Return the account's value."""
        return np.asarray(sum(self.part(name) for name in PARTS))


def customer_values(decision: Decision, book: Book, response: Response | None = None) -> CustomerValue:
    """Return what each account is worth; `response` is that of the decision, if it is there already."""
    response = estimate(decision, book) if response is None else response
    still = decision.model_copy(update={"mechanisms": decision.mechanisms.model_copy(update={"growth": False})})
    today, without = todays_response(decision, book), todays_response(still, book)
    months, period = decision.months, min(decision.period, decision.months)
    voice = voices(decision, book)
    brings = today.contribution[0]
    brings_without = without.contribution[0]
    spent = contact_cost(decision, book, months)
    serving = tier_cost(decision, today)
    now = brings - contact_cost(decision, book, period)
    offered = np.where(response.choices.allowed, response.contribution, -np.inf)
    best, account = offered.argmax(axis=0), np.arange(book.key.size)
    better = offered[best, account] > now
    option = np.where(better, best, 0)

    def of_best(name: str) -> Floats:
        return np.asarray(np.where(better, getattr(response, name)[option, account], getattr(today, name)[0]))

    return CustomerValue(
        today=today,
        current=brings_without - spent - tier_cost(decision, without),
        growth=brings - serving - brings_without + tier_cost(decision, without),
        at_rivals=revenue_at_rivals(decision, book),
        best=np.where(better, best, -1),
        treatments=tuple(t.name for t in response.treatments),
        won=of_best("won_back") + of_best("shortfall"),
        kept=of_best("retained") - today.retained[0],
        potential=np.where(better, offered[best, account] - now, 0.0),
        voice=voice,
        influence=influence(decision, book, voice),
    )


def contact_cost(decision: Decision, book: Book, months: int) -> Floats:
    """Return what today's practice spends on visits, letters and calls in some months, yuan, shape (customers,).

    All that it asks for is counted as done; agents and events are left out.
    """
    practice, channel = todays_practice(decision, book.own_spend, book.decision), decision.channel
    hours = expected_visit_hours(decision, book, practice.level[None])[0] * practice.visits
    yearly = hours * decision.visit.hour_cost * decision.mechanisms.visits
    yearly += practice.mail * channel.mail_cost + practice.calls * channel.call_minutes * channel.call_cost
    return np.asarray(yearly * months / 12)


def tier_cost(decision: Decision, today: Response) -> Floats:
    """Return what an account's service tier costs while we serve it, yuan over the horizon, shape (customers,)."""
    return np.asarray(by_tier(decision.service.cost, today.tier) * today.served[0] * decision.mechanisms.tiers)


def revenue_at_rivals(decision: Decision, book: Book) -> Floats:
    """Return what lines at rivals would bring at our prices over the horizon, yuan, shape (customers,)."""
    price = posted_tariff(decision).price
    shares = np.array([line.share for line in decision.lines.values()])
    demand = expected_demand(book, price, shares, decision.city.mean_spend)
    monthly = (np.where(book.ours, 0.0, demand) * price[OWN][:, None]).sum(axis=0)
    rate = expected_growth(book, decision.city, decision.book) * decision.mechanisms.growth
    return np.asarray(monthly * sum((1 + rate) ** (month + 1) for month in range(decision.months)))


def value_table(value: CustomerValue, book: Book) -> pd.DataFrame:
    """Return one row an account, the most valuable first.

    Columns: id, class, manager, building, centre, industry, spend (yuan/month with us), retained (revenue over the
    horizon under today's practice), the `PARTS` and their sum `value`, at_rivals, chance, best_treatment, won and kept
    (revenue with it), praises and complains (shares of months), voice, influence_revenue (others' own revenue), leak
    (what others would bring more, below 0, if it were given a unit discount).
    """
    told = value.influence
    revenue, contribution = (MEASURES.index(name) for name in ("own_revenue", "contribution"))
    names = np.array([*value.treatments, AS_TODAY])
    table = pd.DataFrame(
        {
            "id": book.ids,
            "class": np.array(CLASSES)[book.value_class],
            "manager": names_of(book.manager, book.manager_names),
            "building": names_of(book.building, book.building_names),
            "centre": book.centre,
            "industry": np.array(INDUSTRIES)[book.industry],
            "spend": book.own_spend.astype(float),
            "retained": value.today.retained[0],
            **{name: value.part(name) for name in PARTS},
            "value": value.total,
            "at_rivals": value.at_rivals,
            "chance": value.chance,
            "best_treatment": names[value.best],
            "won": value.won,
            "kept": value.kept,
            "praises": value.voice.praises,
            "complains": value.voice.complains,
            "voice": value.voice.weight,
            "influence_revenue": told.total[revenue],
            "leak": told.leak[contribution],
        }
    )
    return table.sort_values(["value", "id"], ascending=[False, True], ignore_index=True)


def parts_table(table: pd.DataFrame) -> pd.DataFrame:
    """Return an account and part a row, ready to be drawn: columns id, class, part, yuan."""
    tidy = table.melt(id_vars=["id", "class"], value_vars=list(PARTS), var_name="part", value_name="yuan")
    order = {name: place for place, name in enumerate(PARTS)}
    place = {name: row for row, name in enumerate(table["id"])}
    return tidy.sort_values(
        ["id", "part"], key=lambda column: column.map(place if column.name == "id" else order), ignore_index=True
    )


def class_table(table: pd.DataFrame) -> pd.DataFrame:
    """Return the value of each class, its parts and its accounts, yuan over the horizon, in the order of classes."""
    sums = table.groupby("class", sort=False)[[*PARTS, "value"]].sum()
    sums.insert(0, "accounts", table.groupby("class", sort=False).size())
    return sums.reindex([name for name in CLASSES if name in sums.index]).reset_index()
