"""The plan beside each other policy: what it retains more, and what it costs to know that by each way to draw luck."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np
from policy_futures import LESS_OF, Lived
from report import Figure
from variance_ratio import Ratio, best_coupled, ratio, replications_needed, resampled, share_of_most, variances

AGAINST_LESS, AGAINST_RULES = 10.0, 2.0
"""How many times fewer replications are wanted: for a plan with 10 % less, and in the median over rules of thumb."""
WAYS = ("independent seeds", "one stream")
MEDIAN = "median over rules of thumb"
MOST = 20
"""Accounts whose share of the variance is told."""


class Pair(NamedTuple):
    """The plan beside another policy."""

    name: str
    mean: float
    """What the plan retains more on keyed draws, yuan."""
    error: float
    """Standard error of the mean."""
    needed: tuple[float, ...]
    """Replications: on keyed draws, with independent seeds, on one stream."""
    fewer: tuple[Ratio, ...]
    """How many times as many independent seeds and one stream need."""
    best: float
    """How many times as many independent seeds need as the best sharing of luck within accounts would."""
    of_most: float
    """Share of the variance on keyed draws that the accounts with most of it make."""
    in_step: float
    """Months that both begin at the same place of one stream, the first one included, mean over futures."""


def pairs(policies: Sequence[str], keyed: Lived, stream: Lived) -> tuple[list[Pair], tuple[Ratio, ...]]:
    """Return the pairs of the first policy with each other, and the ratios' medians over rules of thumb."""
    found, samples = variances(keyed.retained, stream.retained), resampled(keyed.retained, stream.retained)
    times = [getattr(found, way) / found.keyed for way in ("independent", "one_stream")]
    sampled = [getattr(samples, way) / samples.keyed for way in ("independent", "one_stream")]
    gained = keyed.retained[:, :1] - keyed.retained[:, 1:]
    made = []
    for pair, name in enumerate(policies[1:]):
        ours, others = (keyed.by_account[:, policy].astype(float) for policy in (0, pair + 1))
        mean, apart = float(gained[:, pair].mean()), ours.var(axis=0, ddof=1) + others.var(axis=0, ddof=1)
        made.append(
            Pair(
                name=name,
                mean=mean,
                error=float(gained[:, pair].std(ddof=1) / np.sqrt(len(gained))),
                needed=tuple(replications_needed(float(variance[pair]), mean) for variance in found),
                fewer=tuple(ratio(float(time[pair]), many[:, pair]) for time, many in zip(times, sampled, strict=True)),
                best=float(apart.sum() / best_coupled(ours, others)),
                of_most=share_of_most(ours, others, MOST),
                in_step=float((stream.begun[:, 0] == stream.begun[:, pair + 1]).sum(axis=1).mean()),
            )
        )
    rules = [pair for pair, name in enumerate(policies[1:]) if LESS_OF not in name]
    median = tuple(
        ratio(float(np.median(time[rules])), np.median(many[:, rules], axis=1))
        for time, many in zip(times, sampled, strict=True)
    )
    return made, median


def figures_of(made: Sequence[Pair], median: tuple[Ratio, ...], customers: int) -> list[Figure]:
    """Return replications needed, and how many times fewer they are on keyed draws."""
    figures = []
    for pair in made:
        ways = zip(("keyed", *WAYS), pair.needed, strict=True)
        figures += [Figure(f"{pair.name}: replications, {way}", customers, needed, "") for way, needed in ways]
        figures += _fewer(pair.name, pair.fewer, customers, AGAINST_LESS if LESS_OF in pair.name else None)
    return [*figures, *_fewer(MEDIAN, median, customers, AGAINST_RULES)]


def _fewer(name: str, fewer: tuple[Ratio, ...], customers: int, target: float | None) -> list[Figure]:
    figures = []
    for way, found in zip(WAYS, fewer, strict=True):
        told = f"{name}: {way} over keyed"
        figures += [
            Figure(told, customers, found.value, "times", target, "at least"),
            Figure(f"{told}, low", customers, found.low, "times"),
            Figure(f"{told}, high", customers, found.high, "times"),
        ]
    return figures


def table(made: Sequence[Pair], median: tuple[Ratio, ...]) -> list[str]:
    """Return the lines of a table of the pairs, as documentation has it."""
    head = (
        *("plan against", "retains more, thousand yuan", "replications, keyed", *WAYS),
        *(f"times fewer than {way}" for way in WAYS),
        *("most that sharing could save", f"variance of {MOST} accounts", "months begun in step on one stream"),
    )
    rows = [
        (
            pair.name,
            f"{pair.mean / 1000:,.0f} ± {1.96 * pair.error / 1000:,.0f}",
            *(f"{needed:,.0f}" for needed in pair.needed),
            *map(_shown, pair.fewer),
            f"{pair.best:.1f}",
            f"{100 * pair.of_most:.0f} %",
            f"{pair.in_step:.1f}",
        )
        for pair in made
    ]
    rows.append((MEDIAN, *[""] * 4, *map(_shown, median), *[""] * 3))
    return [f"| {' | '.join(row)} |" for row in (head, ("---",) * len(head), *rows)]


def _shown(found: Ratio) -> str:
    return f"{found.value:.1f} ({found.low:.1f} to {found.high:.1f})"
