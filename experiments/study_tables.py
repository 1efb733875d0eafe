"""What a study of worth measures: leads over doing nothing and over rules, in pairs, with simultaneous intervals."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from optimize.contenders import BLEND, CONTRIBUTION, GREEDY, GREEDY_CONTRIBUTION, PLAN, Contenders
from optimize.simultaneous import simultaneous
from optimize.worth import Trials, paired_difference

Floats = NDArray[np.float64]
NOTHING = "nothing"
JUDGED = ("retained_revenue", "contribution", "own_revenue")
CLAIMED = {PLAN: ("retained_revenue",), CONTRIBUTION: ("contribution",), BLEND: ("retained_revenue", "contribution")}
"""What each plan is to beat every rule of thumb in."""
NOT_WORSE = -1e-3
"""Of retained revenue: how far below incremental greedy the lower end may be."""


class Lived(NamedTuple):
    """Measures of every policy on the futures that it has lived through, which all begin with the same ones."""

    values: dict[str, Floats]
    """By policy, shape (futures, measures), measures as in `JUDGED`."""

    def difference(self, one: str, other: str, measure: str) -> Floats:
        """Return paired differences on the futures that both have lived through, yuan."""
        column = JUDGED.index(measure)
        ours, theirs = self.values[one][:, column], self.values[other][:, column]
        both = min(ours.size, theirs.size)
        return np.asarray(ours[:both] - theirs[:both])

    def mean(self, policy: str, measure: str, futures: int | None = None) -> float:
        """Return the mean of a measure over the first futures, yuan."""
        return float(self.values[policy][:futures, JUDGED.index(measure)].mean())


def lived(*trials: Trials) -> Lived:
    """Return what trials measured; a policy that is in several counts with the first."""
    found: dict[str, Floats] = {}
    for one in trials:
        columns = [one.measures.index(measure) for measure in JUDGED]
        for at, policy in enumerate(one.policies):
            found.setdefault(policy, one.values[:, at][:, columns])
    return Lived(found)


def rules_among(made: Contenders) -> list[str]:
    """Return the rules of thumb, which don't use the response."""
    return [name for name, one in made.made.items() if one.kind == "rule"]


def best_rule(found: Lived, rules: list[str], measure: str) -> str:
    """Return the rule of thumb with the largest mean, the first of equals."""
    return max(rules, key=lambda name: found.mean(name, measure))


def claims_table(found: Lived, rules: list[str]) -> pd.DataFrame:
    """Return each claimed lead over each rule, yuan; all intervals of the table hold together with 95 %.

    Columns: policy, measure, against, mean, low, high, error, futures, best (whether it is the best rule there).
    """
    pairs = [
        (policy, measure, rule)
        for policy, measures in CLAIMED.items()
        if policy in found.values
        for measure in measures
        for rule in rules
    ]
    if not pairs:
        return pd.DataFrame(columns=["policy", "measure", "against", "mean", "low", "high", "error", "futures", "best"])
    differences = np.stack([found.difference(policy, rule, measure) for policy, measure, rule in pairs], axis=1)
    family = simultaneous(differences)
    table = pd.DataFrame(pairs, columns=["policy", "measure", "against"])
    table = table.assign(**{name: getattr(family, name) for name in ("mean", "low", "high", "error")})
    best = {measure: best_rule(found, rules, measure) for measure in JUDGED}
    named = np.array([rule == best[measure] for _, measure, rule in pairs])
    return table.assign(futures=len(differences), best=named)


def verdicts_table(claims: pd.DataFrame) -> pd.DataFrame:
    """Return one row a claim: the lead over the rule that comes closest, and whether it holds.

    Columns: policy, measure, against, mean, low, high, futures, holds. The closest rule is that with the smallest
    lower end: the claim holds where that is above nought.
    """
    columns = ["policy", "measure", "against", "mean", "low", "high", "futures"]
    if not len(claims):
        return pd.DataFrame(columns=[*columns, "holds"])
    closest = claims.loc[claims.groupby(["policy", "measure"], sort=False)["low"].idxmin(), columns]
    return closest.assign(holds=closest["low"] > 0).reset_index(drop=True)


def greedy_table(found: Lived) -> pd.DataFrame:
    """Return the plan's lead over incremental greedy, as shares of greedy's measure; columns as of verdicts."""
    rows = []
    for policy, other, measure in (
        (PLAN, GREEDY, "retained_revenue"),
        (CONTRIBUTION, GREEDY_CONTRIBUTION, "contribution"),
    ):
        if policy in found.values and other in found.values:
            gained = found.difference(policy, other, measure)
            lead = paired_difference(gained, np.zeros(gained.size))
            base = abs(found.mean(other, measure))
            low = lead.low / base
            futures = len(found.values[policy])
            rows.append((policy, measure, other, lead.mean / base, low, lead.high / base, futures, low > NOT_WORSE))
    return pd.DataFrame(rows, columns=["policy", "measure", "against", "mean", "low", "high", "futures", "holds"])


def leads_table(found: Lived, made: Contenders) -> pd.DataFrame:
    """Return every policy's lead over doing nothing and over the best rule, with 95 % intervals of its own, yuan.

    Columns: policy, kind, measure, against, mean, low, high, error, futures, predicted (nan where nothing was).
    """
    rules = rules_among(made)
    rows = []
    for policy, one in made.made.items():
        for measure in JUDGED:
            for other in dict.fromkeys((NOTHING, best_rule(found, rules, measure))):
                if policy == other or other not in found.values:
                    continue
                gained = found.difference(policy, other, measure)
                lead = paired_difference(gained, np.zeros(gained.size))
                predicted = one.predicted.get(measure, np.nan) if other == NOTHING else np.nan
                rows.append((policy, one.kind, measure, other, *lead, gained.size, predicted))
    columns = ["policy", "kind", "measure", "against", "mean", "low", "high", "error", "futures", "predicted"]
    return pd.DataFrame(rows, columns=columns)


def beside_table(found: Lived, pairs: tuple[tuple[str, str], ...]) -> pd.DataFrame:
    """Return the lead of one policy over another for each pair that was lived, in every measure, yuan."""
    rows = []
    for policy, other in pairs:
        if policy in found.values and other in found.values:
            for measure in JUDGED:
                gained = found.difference(policy, other, measure)
                rows.append((policy, measure, other, *paired_difference(gained, np.zeros(gained.size)), gained.size))
    return pd.DataFrame(rows, columns=["policy", "measure", "against", "mean", "low", "high", "error", "futures"])
