"""Tables of reasons for leaving: by cause beside those lived, by account with what is done about it, and by segment."""

from __future__ import annotations

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from optimize.leaving import Leaving
from optimize.response import Response
from optimize.targeted import Causes
from optimize.targeted_trial import Targeted
from optimize.worth import paired_difference
from sim.book import Book, names_of
from sim.names import CLASSES, INDUSTRIES, REASONS, TIERS, TRIGGERS

Floats = NDArray[np.float64]


def causes_table(leaving: Leaving, lived: tuple[Floats, Floats]) -> pd.DataFrame:
    """Return lines expected to leave and lines that did, by reason and by trigger.

    Columns: cause ('reason' or 'trigger'), name, yuan (a month, expected to leave), expected (lines), lived (lines,
    mean of futures), low and high (its 95 % interval). In the market a line that came back may leave once more.
    """
    rows = []
    for cause, names, axis, seen in (("reason", REASONS, 1, lived[0]), ("trigger", TRIGGERS, 0, lived[1])):
        lines, yuan = leaving.lines.sum(axis=axis).sum(axis=-1), leaving.yuan.sum(axis=axis).sum(axis=-1)
        for place, name in enumerate(names):
            mean = paired_difference(seen[:, place], np.zeros(len(seen)))
            rows.append((cause, name, yuan[place], lines[place], mean.mean, mean.low, mean.high))
    return pd.DataFrame(rows, columns=["cause", "name", "yuan", "expected", "lived", "low", "high"])


def accounts_table(book: Book, response: Response, leaving: Leaving, found: Causes, made: Targeted) -> pd.DataFrame:
    """Return who is expected to leave for what and what is done about it, one row an account, most at risk first.

    Columns: id, class, manager, building, industry, spend, at_risk (yuan/month expected to leave over the period),
    reason, reason_share, occasion, occasion_share (of what is at risk), treatment, service (tier).
    """
    risk = leaving.at_risk
    at = np.arange(risk.size)

    def share(table: Floats, index: NDArray[np.int64]) -> Floats:
        return np.asarray(np.where(index >= 0, table[index, at] / np.maximum(risk, 1e-12), 0.0))

    table = pd.DataFrame(
        {
            "id": book.ids,
            "class": np.array(CLASSES)[book.value_class],
            "manager": names_of(book.manager, book.manager_names),
            "building": names_of(book.building, book.building_names),
            "industry": np.array(INDUSTRIES)[book.industry],
            "spend": book.own_spend.astype(float),
            "at_risk": risk,
            "reason": np.array([*REASONS, ""])[found.reason],
            "reason_share": share(leaving.yuan.sum(axis=1), found.reason),
            "occasion": np.array([*TRIGGERS, ""])[found.occasion],
            "occasion_share": share(leaving.yuan.sum(axis=0), found.occasion),
            "treatment": np.array([t.name for t in response.treatments])[made.treatment],
            "service": np.array(TIERS)[made.programme.tier],
        }
    )
    return table.sort_values(["at_risk", "id"], ascending=[False, True], ignore_index=True)


def segments_table(accounts: pd.DataFrame) -> pd.DataFrame:
    """Return classes and industries with what is at risk in them and for what, the largest risk first within each.

    Columns: by ('class' or 'industry'), segment, accounts (with a line of ours), spend and at_risk (yuan/month), reason
    and occasion (of most at risk by accounts' main ones), reason_share.
    """
    held = accounts[accounts["reason"] != ""]
    rows = []
    for by in ("class", "industry"):
        found = []
        for segment, members in held.groupby(by):
            risk = float(members["at_risk"].sum())
            why = members.groupby("reason")["at_risk"].sum()
            when = members.groupby("occasion")["at_risk"].sum()
            share = float(why.max()) / max(risk, 1e-12)
            found.append((by, segment, len(members), members["spend"].sum(), risk, why.idxmax(), share, when.idxmax()))
        rows += sorted(found, key=lambda row: -row[4])
    return pd.DataFrame(
        rows, columns=["by", "segment", "accounts", "spend", "at_risk", "reason", "reason_share", "occasion"]
    )
