"""The study of worth as a page of the documentation, a table and a picture, each replaced whole or not at all."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from experiments.answer import words
from experiments.figures import png_bytes
from experiments.sheets import csv_bytes
from experiments.study_tables import JUDGED
from experiments.study_weight import FUTURES_SEED, USUAL, WEIGHTS
from experiments.study_worth_figure import worth_figure
from experiments.study_worth_words import amount, called, failures, gains, headline, judged, share
from experiments.validation_page import markdown, replace_file, rounded
from optimize.contenders import LETTERS, MONTHLY, PARTS, PLAN
from sim.errors import KeystayError

if TYPE_CHECKING:
    from experiments.study_worth import ScenarioWorth, WorthStudy

PAGE, TABLE, PICTURE = "worth.md", "worth.csv", "images/worth.png"
HEAD = """\
# What a plan is worth

This page is written by `keystay study worth` and by nobody's hand: it holds what was found, whether it speaks for plans
or not. All policies live through the same fresh futures, so that differences are paired; the optimiser's own figures
stand under *predicted and realised* only.
"""
CLAIMS = """\
## Against every rule of thumb

The plan for retained revenue is to beat every rule of thumb in retained revenue, the plan for contribution in
contribution, and the plan for both in both. Rules don't use the response; they hand out the same menu within the same
hours and budgets, with offers and without. Intervals hold together, with 95 %, for all rules, plans and measures of a
scenario. A claim holds where every one of its intervals lies above nought: the row shows the rule whose lower end is
lowest.
"""
GREEDY = """\
## Against incremental greedy

Incremental greedy knows the same response, and takes at each step what brings most for its share of hours and budgets,
without the floor under contribution that the plan for retained revenue keeps. The plan is to be no worse: the lower end
of its lead above −0.1 % of greedy's measure.
"""
LETTERS_TOLD = """
The usual yearly menu stops at two letters a year, and the policy month by month may write twelve. *Plan with more
letters* is the yearly plan with `treatments.mail=[0,2,6,12]` and `treatments.mail_visits=12`: the policy's lead over
that one, not over the plan, comes near to what deciding anew each month adds. Their menus still differ in offers and
discounts, and the policy keeps no floor under contribution.
"""
FOOT = """\
## How it is done

- **Simultaneous intervals.** Ends lie so many standard errors from the mean as the largest |t| of all exceeds in one
  case of twenty, under a multivariate t with the correlation of the differences themselves (`optimize.simultaneous`).
  Leads over nine rules in the same futures are so alike that Bonferroni's ends would be wider for nothing. Other
  intervals on this page are for one difference each.
- **Fresh futures.** They differ in luck alone: the city is one, and what its customers are like doesn't vary. What
  holds in it is shown for it; the weight was chosen in others.
- **Best rule.** It is named after the fact, by its mean on these very futures. The simultaneous interval allows for it.
- **Robust plan.** It is made for the outlooks of the scenario `risk`, from the same book, and doesn't know whether a
  price war comes; all other plans know what their scenario foresees.
- **Parts.** A part is the best plan from the same response with one kind of treatment only. An offer needs a visit that
  makes it; in *discounts only* it has the fewest that the menu knows.
- **Policies that decide again** live through the first futures only, as each takes long; all that they are compared
  with is taken from the same ones.

The same figures, with every rule's simultaneous interval, stand in `worth.csv`.
"""


def write_worth(done: WorthStudy, folder: Path) -> list[Path]:
    """Write page, table and picture into a folder and return their places; each replaces an older one in one step."""
    contents = {
        PAGE: page(done).encode(),
        TABLE: csv_bytes(rounded(all_leads(done))),
        PICTURE: png_bytes(worth_figure(done)),
    }
    try:
        for name, content in contents.items():
            (folder / name).parent.mkdir(parents=True, exist_ok=True)
            replace_file(folder / name, content)
    except OSError as error:
        reason = error.strerror or str(error)
        raise KeystayError(f"{folder}: can't be written ({reason}); name another folder with --out") from None
    return [folder / name for name in contents]


def page(done: WorthStudy) -> str:
    """Return the page; it holds no date and nothing of the machine it was made on."""
    failed = failures(done)
    parts = [
        HEAD,
        f"**{headline(done)}**\n",
        f"![Leads of policies over doing nothing]({PICTURE})\n",
        "## What failed, and what was left out\n",
        "" if any(not row["holds"] for _, row in judged(done)) else "Nothing that was claimed failed.\n",
        "\n".join(f"- {sentence}" for sentence in failed),
        "",
        CLAIMS,
        markdown(claims_shown(done)),
        "",
        GREEDY,
        markdown(greedy_shown(done)),
        "",
        *(section for part in done.scenarios for section in sections(part)),
        *(f"## {name}\n\nSkipped: {why}\n" for name, why in done.skipped.items()),
        weight_told(done),
        FOOT,
    ]
    if done.overrides:
        parts.append(
            f"These settings differ from the shipped scenarios: {', '.join(f'`{o}`' for o in done.overrides)}.\n"
        )
    return "\n".join(parts)


def verdict(row: Any) -> str:
    """Return a claim's verdict, which stands out where it isn't met."""
    return "holds" if row["holds"] else "**does not hold**"


def claims_shown(done: WorthStudy) -> pd.DataFrame:
    """Return one row a claim about rules, as people read it."""
    rows = [(part, row) for part, row in judged(done) if not str(row["against"]).startswith("incremental")]
    best = [part.claims[(part.claims["measure"] == row["measure"]) & part.claims["best"]] for part, row in rows]
    return pd.DataFrame(
        {
            "scenario": [part.title for part, _ in rows],
            "policy": [called(row["policy"]) for _, row in rows],
            "in": [words(row["measure"]) for _, row in rows],
            "closest rule": [called(row["against"]) for _, row in rows],
            "lead over it, million yuan": [amount(row) for _, row in rows],
            "best rule": [called(table["against"].iloc[0]) for table in best],
            "verdict": [verdict(row) for _, row in rows],
        }
    )


def greedy_shown(done: WorthStudy) -> pd.DataFrame:
    """Return one row a comparison with incremental greedy."""
    rows = [(part, row) for part, row in judged(done) if str(row["against"]).startswith("incremental")]
    return pd.DataFrame(
        {
            "scenario": [part.title for part, _ in rows],
            "policy": [called(row["policy"]) for _, row in rows],
            "in": [words(row["measure"]) for _, row in rows],
            "lead over greedy": [share(row) for _, row in rows],
            "verdict": [verdict(row) for _, row in rows],
        }
    )


def sections(part: ScenarioWorth) -> Iterator[str]:
    """Yield what the page says of one scenario."""
    futures = int(part.leads["futures"].max())
    yield f"## {part.title}\n"
    yield (
        f"{part.customers:,} customers (city of seed {part.seed}), {part.months} months, {futures} fresh futures; "
        f"doing nothing retains {part.revenue / 1e6:.1f} million yuan. Leads in million yuan with 95 % intervals.\n"
    )
    if not part.claimed:
        yield f"{' '.join(part.caveats)} None of the claims is held against it.\n"
    yield markdown(leads_shown(part))
    yield "\n### What perfect information and other ways of planning would add\n"
    yield markdown(beside_shown(part))
    yield _letters(part)
    yield "\n### Where the gain comes from\n"
    yield markdown(parts_shown(part))
    yield _parts_told(part)
    yield "\n### Predicted and realised\n"
    yield "Uplift over doing nothing: what the response expected when the decision was made, and what came of it.\n"
    yield markdown(predicted_shown(part))
    yield ""


def leads_shown(part: ScenarioWorth) -> pd.DataFrame:
    """Return every policy's leads, one row a policy."""
    leads = {(row["policy"], row["measure"], row["against"]): row for row in part.leads.to_dict("records")}
    rows = []
    for policy in dict.fromkeys(part.leads["policy"]):
        row = {"policy": called(str(policy))}
        for measure in JUDGED:
            row[f"{words(measure)} over nothing"] = _cell(leads.get((policy, measure, "nothing")))
        for measure in JUDGED[:2]:
            best = _best(part, measure)
            row[f"{words(measure)} over {called(best)}"] = _cell(leads.get((policy, measure, best)))
        row["futures"] = str(int(part.leads.loc[part.leads["policy"] == policy, "futures"].max()))
        rows.append(row)
    return pd.DataFrame(rows)


def _best(part: ScenarioWorth, measure: str) -> str:
    others = part.leads[(part.leads["measure"] == measure) & (part.leads["against"] != "nothing")]["against"]
    return str(others.iloc[0]) if len(others) else "nothing"


def _cell(row: Any) -> str:
    return "–" if row is None else amount(row)


def beside_shown(part: ScenarioWorth) -> pd.DataFrame:
    """Return leads of policies over one another."""
    rows: dict[tuple[str, str], dict[str, str]] = {}
    for lead in part.beside.to_dict("records"):
        policy, other = lead["policy"], lead["against"]
        row = rows.setdefault((policy, other), {"policy": called(policy), "over": called(other)})
        row |= {words(lead["measure"]): amount(lead), "futures": str(lead["futures"])}
    shown = pd.DataFrame(list(rows.values()))
    return shown[[*(name for name in shown if name != "futures"), "futures"]] if len(shown) else shown


def _letters(part: ScenarioWorth) -> str:
    """Return what a lead of the monthly policy rests on, where both were tried."""
    if not {LETTERS, MONTHLY} <= set(part.leads["policy"]):
        return ""
    return LETTERS_TOLD


def parts_shown(part: ScenarioWorth) -> pd.DataFrame:
    """Return what plans of one kind of treatment bring, beside the plan of all."""
    tables = {measure: gains(part, measure) for measure in JUDGED[:2]}
    rows = []
    for policy in (PLAN, *PARTS):
        if PLAN not in tables[JUDGED[0]] or policy not in tables[JUDGED[0]]:
            continue
        row = {"treatments": "all" if policy == PLAN else called(policy)}
        for measure, table in tables.items():
            row[words(measure)] = amount(table[policy])
            row[f"of the plan's {words(measure)}"] = f"{100 * table[policy]['mean'] / table[PLAN]['mean']:.0f} %"
        rows.append(row)
    return pd.DataFrame(rows)


def _parts_told(part: ScenarioWorth) -> str:
    table = gains(part)
    alone = {name: table[name]["mean"] for name in PARTS if name in table}
    if not alone or PLAN not in table:
        return ""
    whole, most = table[PLAN]["mean"], max(alone, key=lambda name: alone[name])
    return (
        f"\nAlone, {called(most)} goes furthest, with {100 * alone[most] / whole:.0f} % of the plan's gain in retained "
        f"revenue; added up, the parts come to {100 * sum(alone.values()) / whole:.0f} %."
    )


def predicted_shown(part: ScenarioWorth) -> pd.DataFrame:
    """Return predicted beside realised uplift over doing nothing, million yuan."""
    rows = []
    tables = {measure: gains(part, measure) for measure in JUDGED[:2]}
    for policy, first in tables[JUDGED[0]].items():
        if not np.isfinite(first["predicted"]):
            continue
        row = {"policy": called(policy)}
        for measure, table in tables.items():
            one = table[policy]
            realised = one["mean"] / one["predicted"] if one["predicted"] else np.nan
            row[f"{words(measure)}, predicted"] = amount({"mean": one["predicted"]}, ends=False)
            row[f"{words(measure)}, realised"] = amount(one)
            row[f"realised ÷ predicted, {words(measure)}"] = f"{realised:.2f}".replace("-", "−")
        rows.append(row)
    return pd.DataFrame(rows)


def weight_told(done: WorthStudy) -> str:
    """Return how the weight of the plan for both measures was chosen."""
    weight = done.weight
    table = pd.DataFrame(
        {
            "weight": [f"{w:g}" for w in weight.table["weight"]],
            "retained revenue over the best rule": [_million(v) for v in weight.table["retained_revenue"]],
            "contribution over the best rule": [_million(v) for v in weight.table["contribution"]],
            f"smaller lead beside that of {USUAL:g}": [
                f"{row['mean'] / 1e6:.3f} ({row['low'] / 1e6:.3f} to {row['high'] / 1e6:.3f})".replace("-", "−")
                for row in weight.table.to_dict("records")
            ],
        }
    )
    kept = "the usual one stays" if weight.chosen == USUAL else f"clearly better than the usual one, {USUAL:g}"
    kept += ", and the largest that was tried" if weight.chosen == max(WEIGHTS) else ""
    return (
        "## The weight of the plan for both\n\n"
        "It maximises contribution and w times retained revenue. w was chosen before anything above was simulated, in "
        f"cities of other seeds ({'; '.join(weight.cities)}) on {weight.futures} other futures each "
        f"(seed {FUTURES_SEED}): the usual w stays unless another's smaller lead is greater with a 95 % interval "
        "above nought. "
        f"**w = {weight.chosen:g}**, {kept}. Million yuan:\n\n{markdown(table)}\n"
    )


def _million(yuan: float) -> str:
    return f"{yuan / 1e6:.3f}".replace("-", "−")


def all_leads(done: WorthStudy) -> pd.DataFrame:
    """Return every lead of the study in one table: one row a scenario, policy, measure and other policy.

    Column `interval` is 'single' or 'simultaneous'; `predicted` is the response's uplift over doing nothing.
    """
    tables = []
    for part in done.scenarios:
        by_itself = pd.concat([part.leads, part.beside]).assign(interval="single")
        together = part.claims.drop(columns="best").assign(interval="simultaneous")
        tables += [one.assign(scenario=part.name) for one in (by_itself, together)]
    order = ["scenario", "policy", "measure", "against", "interval", "mean", "low", "high", "error", "futures"]
    if not tables:
        return pd.DataFrame(columns=[*order, "predicted"])
    return pd.concat(tables, ignore_index=True)[[*order, "predicted"]]
