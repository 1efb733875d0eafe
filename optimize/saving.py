"""What an Evergreen plan would save a customer: today's whole bill, as the book has it, and the bill on the plan."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from optimize.decision import Decision
from sim.book import Book, expected_demand
from sim.contract import plan_bill, plan_table
from sim.names import OWN
from sim.rates import posted_tariff
from sim.substitution import SubstitutionSettings, charged_price

Floats = NDArray[np.float64]


class Usage(NamedTuple):
    """What customers use at the prices they are charged, yuan/month, shape (lines, customers)."""

    today: Floats
    """At the prices of whoever serves the line, our unit discounts taken off."""
    listed: Floats
    """On our lines, before unit discounts; 0 where the line isn't ours."""
    with_us: Floats
    """If we served every line, at our list prices."""


def usage_of(decision: Decision, book: Book) -> Usage:
    """Return what customers use, by the book: with rivals it is known, or what is usual for such a customer.

    A rival that isn't known is taken to charge what rivals charge on average.
    """
    price = posted_tariff(decision).price
    shares = np.array([line.share for line in decision.lines.values()])
    demand = expected_demand(book, price, shares, decision.city.mean_spend)
    lines = np.arange(len(shares))[:, None]
    swaps = decision.substitution if decision.mechanisms.substitution else SubstitutionSettings()
    with_us = demand * charged_price(price[OWN], book.ip_share, swaps, list(decision.lines))
    rival = np.where(book.rival > OWN, price[book.rival, lines], price[OWN + 1 :].mean(axis=0)[:, None])
    today = np.where(book.ours, with_us * (1 - book.discount), demand * rival)
    return Usage(today, np.where(book.ours, with_us, 0.0), with_us)


def bill_today(decision: Decision, book: Book) -> Floats:
    """Return customers' whole bills today, ours and rivals', yuan/month, shape (customers,)."""
    usage = usage_of(decision, book)
    pay, cap = plan_table(decision.contract)[book.plan].T
    on_plan = plan_bill(usage.listed.sum(axis=0), pay * book.plan_x, cap * book.plan_x)
    rivals = np.where(book.ours, 0.0, usage.today).sum(axis=0)
    return np.asarray(np.where(book.plan > 0, on_plan + rivals, usage.today.sum(axis=0)))


def bill_on_offer(decision: Decision, book: Book, plan: NDArray[np.int8], x: NDArray[np.floating]) -> Floats:
    """Return customers' whole bills with all lines on these plans with these X, yuan/month, shape (customers,).

    X is never below the mean of the last three months; `plan` is an index into `sim.names.PLANS`.
    """
    everything = usage_of(decision, book).with_us.sum(axis=0)
    pay, cap = plan_table(decision.contract)[plan].T
    base = offered_x(book, x)
    return np.asarray(plan_bill(everything, pay * base, cap * base))


def offered_x(book: Book, x: NDArray[np.floating]) -> Floats:
    """Return the X that the market takes where this one is proposed, yuan/month, shape (customers,)."""
    return np.asarray(np.maximum(np.asarray(x, dtype=float), book.recent_usage.mean(axis=0, dtype=float)))
