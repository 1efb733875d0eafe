"""An experiment: a decision, and what its plan is compared with on how many fresh futures."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Annotated, Any

from pydantic import Field, field_validator

from optimize.baselines import (
    BiggestSpendersFirst,
    EqualSplit,
    HighestRiskFirst,
    Nothing,
    RuleOfThumb,
    TodaysPractice,
    rules,
)
from optimize.decision import FROM_BOOK, Decision
from sim.composing.compose import Composed, compose
from sim.quantities import Settings, quantity

SHELF = Path(__file__).parent / "scenarios"
"""The shipped scenarios."""
PLAN = "plan"
"""What the optimiser's plan is called among the policies."""
USUAL_RULES: dict[str, RuleOfThumb] = {
    "nothing": Nothing(),
    "equal_split": EqualSplit(),
    "equal_split_with_offers": EqualSplit(offers=True),
    "biggest_spenders_first": BiggestSpendersFirst(),
    "biggest_spenders_first_with_offers": BiggestSpendersFirst(offers=True),
    "highest_risk_first": HighestRiskFirst(),
    "highest_risk_first_with_offers": HighestRiskFirst(offers=True),
    "todays_practice": TodaysPractice(),
    "todays_practice_with_offers": TodaysPractice(offers=True),
}


class Comparison(Settings):
    """How the plan's worth is judged: simulated again, in pairs with rules of thumb, on futures it has not seen."""

    replications: int = quantity(40, "futures", 2, 100_000, help="each policy lives through each of them")
    seed: int = quantity(2004, "seed", 0, 2**32 - 1, help="of the futures; the city has a seed of its own")
    against: dict[str, Annotated[RuleOfThumb, rules]] = Field(
        default=USUAL_RULES, description="rules of thumb by the name that the answer gives them"
    )

    @field_validator("against")
    @classmethod
    def _names_are_free(cls, against: dict[str, RuleOfThumb]) -> dict[str, RuleOfThumb]:
        if not against:
            raise ValueError("at least one rule of thumb is needed; give one such as 'nothing: nothing'")
        if PLAN in against:
            raise ValueError(f"'{PLAN}' is the optimiser's own name; give this rule another one")
        if FROM_BOOK in against:
            raise ValueError(f"'{FROM_BOOK}' is what an oracle's plan is compared with; give this rule another name")
        if "nothing" in against and not isinstance(against["nothing"], Nothing):
            raise ValueError("'nothing' must be the rule nothing; give this rule another name")
        return against


class Experiment(Decision):
    """A decision, its comparison, and what a reader of the answer has to know."""

    comparison: Comparison = Comparison()
    extensions: tuple[str, ...] = Field(default=(), description="modules that register parts of your own")
    notes: str = Field(default="", description="caveats that belong to the answer; with them it is no claim")


def load(source: str | Path | Mapping[Any, Any], overrides: Sequence[str] = ()) -> Composed[Experiment]:
    """Compose an experiment from a shipped name, a file or a mapping, and from overrides such as `months=12`.

    >>> load("shenzhen", ["comparison.replications=3"]).settings.comparison.replications
    3
    """
    return compose(Experiment, source, overrides, (SHELF,))


def name_of(composed: Composed[Experiment]) -> str:
    """Return what the experiment is called: its file's name, else its title, made fit to be a folder's name.

    >>> name_of(load("shenzhen"))
    'shenzhen'
    """
    return slug(composed.files[-1].stem if composed.files else composed.settings.title) or "experiment"


def slug(text: str) -> str:
    """Return a text made fit to be a folder's name."""
    return re.sub(r"[^\w-]+", "_", text).strip("_")[:60]


def folder_of(composed: Composed[Experiment], key: str = "customers.path") -> Path | None:
    """Return the folder that the customers' file, or another, is relative to: that of the scenario which names it."""
    place = composed.origin.get(key, "")
    shown = place.rpartition(":")[0]
    for file in reversed(composed.files):
        if shown in (str(file), file.name):
            return file.parent
    return composed.files[-1].parent if composed.files else None
