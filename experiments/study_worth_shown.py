"""What the study of worth shows on a screen, and as one JSON document."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

import pandas as pd

from experiments.answer import words
from experiments.console import table
from experiments.shown import records
from experiments.study_tables import JUDGED
from experiments.study_worth_page import all_leads
from experiments.study_worth_words import amount, called, failures, gains, headline, judged, share

if TYPE_CHECKING:
    from rich.table import Table

    from experiments.study_worth import WorthStudy


def worth_tables(done: WorthStudy) -> Iterator[Table]:
    """Yield the claims, then each scenario's leads over doing nothing."""
    rows = [(part, row) for part, row in judged(done)]
    claims = pd.DataFrame(
        {
            "scenario": [part.title for part, _ in rows],
            "policy": [called(row["policy"]) for _, row in rows],
            "against": [called(row["against"]) for _, row in rows],
            "in": [words(row["measure"]) for _, row in rows],
            "lead": [share(row) if _is_share(row) else amount(row) for _, row in rows],
            "verdict": ["holds" if row["holds"] else "does not hold" for _, row in rows],
        }
    )
    yield table("What was claimed: leads in million yuan, or shares beside greedy", claims, texts=4)
    for part in done.scenarios:
        tables = {words(measure): gains(part, measure) for measure in JUDGED}
        policies = list(next(iter(tables.values())))
        shown = {name: [amount(found[policy]) for policy in policies] for name, found in tables.items()}
        title = f"{part.title}: over doing nothing, million yuan, with 95 % intervals"
        yield table(title, pd.DataFrame({"policy": [called(policy) for policy in policies], **shown}))


def _is_share(row: Any) -> bool:
    return str(row["against"]).startswith("incremental_greedy")


def worth_json(done: WorthStudy) -> dict[str, Any]:
    """Return the study as JSON takes it."""
    claims = [{"scenario": part.name, **row, "holds": bool(row["holds"])} for part, row in judged(done)]
    scenarios = [
        {
            "name": part.name,
            "title": part.title,
            "customers": part.customers,
            "months": part.months,
            "claimed": part.claimed,
            "left_out": part.left_out,
            "caveats": list(part.caveats),
        }
        for part in done.scenarios
    ]
    return {
        "answer": headline(done),
        "failures": failures(done),
        "claims": claims,
        "leads": records(all_leads(done)),
        "scenarios": scenarios,
        "weight": {"chosen": done.weight.chosen, "table": records(done.weight.table)},
        "skipped": done.skipped,
    }
