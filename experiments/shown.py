"""What commands show: results as tables for the screen, and as one JSON document for machines."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable
from typing import TYPE_CHECKING, Any

import pandas as pd

from experiments.answer import words
from experiments.console import facts, table
from experiments.money import money_for

if TYPE_CHECKING:
    from rich.table import Table

    from experiments.compare import Compared
    from experiments.frontier import Frontier
    from experiments.learn import Lesson
    from experiments.preview import Preview
    from experiments.refining import Refining
    from experiments.rivalry import Rivalry
    from experiments.rolling import Rolled
    from experiments.run import MarketRun, Optimised, Result
    from optimize.estimate_error import DrawsError

DIFFERENT = {"retained_revenue": "retained revenue", "contribution": "contribution"}


def result_tables(result: Result) -> Iterable[Table]:
    """Yield the tables that a run ends with."""
    yield plan_table(result.plan)
    comparison = result.comparison
    columns: dict[str, list[str]] = {"the plan against": [words(name) for name in comparison["against"].unique()]}
    for measure, title in DIFFERENT.items():
        rows = comparison[comparison["measure"] == measure]
        columns |= _with_interval(rows, title)
    yield table("Paired differences on the same fresh futures, with 95 % intervals", pd.DataFrame(columns))


def market_tables(done: MarketRun) -> Iterable[Table]:
    """Yield the tables of the market under today's practice."""
    summary = done.summary[done.summary["measure"] != "yearly_loss"]
    columns = {"today's practice": [words(name) for name in summary["measure"]], **_with_interval(summary, "mean")}
    title = f"Over {len(done.months)} months, {len(done.trials.seeds)} futures, with 95 % intervals"
    yield table(title, pd.DataFrame(columns))
    loss = done.summary[done.summary["measure"] == "yearly_loss"].iloc[0]
    first, last = done.months.iloc[0], done.months.iloc[-1]
    carriers = [str(name) for name in done.months if str(name).startswith("revenue.")]
    shares = {
        f"revenue share of {name.removeprefix('revenue.')}, first and last month": (
            f"{first[name] / first[carriers].sum():.1%} -> {last[name] / last[carriers].sum():.1%}"
        )
        for name in carriers
    }
    lost = f"{loss['mean']:.1%} ({loss['low']:.1%} to {loss['high']:.1%})"
    yield facts("The market", {"lines lost within a year": lost, **shares})


def optimised_tables(done: Optimised) -> Iterable[Table]:
    """Yield the tables of a plan that has not been tried out."""
    yield plan_table(done.plan)
    named = [done.response.treatments[b].name for b in done.plan.allocation.treatment]
    counts = pd.Series(named).value_counts(sort=True).head(12)
    yield table("What is done most", pd.DataFrame({"treatment": counts.index, "accounts": counts.to_numpy()}))
    if done.doubled is not None:
        yield doubled_table(done.doubled)


def doubled_table(doubled: DrawsError) -> Table:
    """Return how far expectations are from those with twice the draws."""
    changes = doubled.changes
    shown = pd.DataFrame({"expected": [words(name) for name in changes["outcome"]]})
    for name, title in {"nothing": "doing nothing", "best": "gain of the best treatments"}.items():
        shown[title] = [f"{change:+.1%}" if change == change else "-" for change in changes[name]]
    few, most = doubled.effective_lowest_tenth, doubled.effective
    title = f"From {doubled.draws} draws instead of twice as many, {doubled.accounts} accounts; effective "
    return table(f"{title}{most:.1f} on average, {few:.1f} in the lowest tenth", shown)


def doubled_json(doubled: DrawsError) -> dict[str, Any]:
    """Return the same as JSON takes it."""
    return {**doubled._asdict(), "changes": records(doubled.changes)}


def plan_table(plan: Any) -> Table:
    """Return how the plan was found and what it uses, hours of managers taken together."""
    used = plan.used
    managers = used["budget"].str.startswith("manager ")
    rows = used[~managers & (used["limit"] < float("inf"))]
    pairs = {
        "found": f"{plan.allocation.status}, at most {plan.allocation.gap:.2%} of the gain below the best",
        "accounts served": f"{int((plan.allocation.treatment > 0).sum()):,} of {plan.allocation.treatment.size:,}",
        "managers' hours": f"{used[managers]['used'].sum():,.0f} of {used[managers]['limit'].sum():,.0f}",
    }
    if len(plan.decisions):
        kinds = plan.decisions["decision"].value_counts()
        pairs["decided for groups"] = "; ".join(f"{kind} for {count}" for kind, count in kinds.items())
    if any(plan.hired):
        pairs["hired for the city"] = plan.hired.name
    pairs |= {
        f"{row['budget']}, {row['unit']}": f"{row['used']:,.0f} of {'at least ' * row['at_least']}{row['limit']:,.0f}"
        for _, row in rows.iterrows()
    }
    return facts("The plan", pairs)


def frontier_tables(done: Frontier) -> Iterable[Table]:
    """Yield what more or less of everything would bring, and one more of each thing."""
    rows = done.frontier
    money = money_for(*rows["uplift"].dropna(), *rows["cost"].dropna())
    shown = pd.DataFrame(
        {
            "times hours and budgets": [f"{factor:g}" for factor in rows["factor"]],
            f"cost, {money.scale} yuan": [_or_none(money.number, value) for value in rows["cost"]],
            f"expected gain, {money.scale} yuan": [_or_none(money.number, value) for value in rows["uplift"]],
            f"at most, {money.scale} yuan": [_or_none(money.number, value) for value in rows["bound"]],
        }
    )
    yield table("What plans with more or less of everything are expected to bring", shown, texts=1)
    if done.tried is not None:
        yield tried_frontier_table(done.tried)
    yield facts("What binds", {str(i): sentence for i, sentence in enumerate(done.words, 1)})


def tried_frontier_table(tried: pd.DataFrame) -> Table:
    """Return what plans with more or less of everything retained and cost, and how that differs from today's plan."""
    kept = tried[tried["measure"] == "retained_revenue"].reset_index(drop=True)
    cost = tried[tried["measure"] == "programme_cost"].reset_index(drop=True)
    money = money_for(*kept["mean"])
    shown = pd.DataFrame(
        {
            "times hours and budgets": [f"{factor:g}" for factor in kept["factor"]],
            f"retained over nothing, {money.scale} yuan": [money.number(value) for value in kept["mean"]],
            "95 %": [money.interval(*ends) for ends in zip(kept["low"], kept["high"], strict=True)],
            "more than as it is": [money.number(value) for value in kept["more"]],
            "95 % of that": [money.interval(*ends) for ends in zip(kept["more_low"], kept["more_high"], strict=True)],
            "cost": [money.number(value) for value in cost["mean"]],
        }
    )
    return table(f"What they brought in {kept['replications'].iloc[0]} fresh futures", shown, texts=1)


def refining_tables(done: Refining) -> Iterable[Table]:
    """Yield the rounds of a plan that was made again around itself, and what its effects were corrected by."""
    rows = done.table
    money = money_for(*rows["lived"], *rows["expected"])
    rounds = rows.to_dict("records")
    shown = {
        "plan": [f"{one['round'] + 1}{' (kept)' if one['best'] else ''}" for one in rounds],
        f"expected, {money.scale} yuan": [money.number(one["expected"]) for one in rounds],
        "lived in imagined cities": [money.number(one["lived"]) for one in rounds],
        "95 %": [money.interval(one["low"], one["high"]) for one in rounds],
        "more than the best before": [money.number(one["gain"]) if one["round"] else "" for one in rounds],
        "95 % of it": [money.interval(one["gain_low"], one["gain_high"]) if one["round"] else "" for one in rounds],
        "accounts changed": [f"{one['accounts_moved']:,}" for one in rounds],
    }
    yield table("Plans made again around what they do", pd.DataFrame(shown), texts=1)
    names = [str(column) for column in rows if str(column).startswith("factor ")]
    factors = {name.removeprefix("factor "): ", ".join(f"{value:.2f}" for value in rows[name]) for name in names}
    yield facts("By what effects were corrected, plan by plan", factors)


def lesson_tables(done: Lesson) -> Iterable[Table]:
    """Yield what a trial teaches: uplifts with their intervals, whom to treat, and what changes in a plan."""
    rows = done.uplifts
    shrunk_to = [
        _interval(*row) if row[0] == row[0] else ""
        for row in rows[["shrunk", "shrunk_low", "shrunk_high"]].itertuples(index=False)
    ]
    measured = [_interval(*row) for row in rows[["uplift", "low", "high"]].itertuples(index=False)]
    columns = {"cell": rows["cell"], "treatment": rows["treatment"], "treated": rows["treated"]}
    shown = pd.DataFrame({**columns, "control": rows["control"], "uplift": measured, "shrunk": shrunk_to})
    yield table("What the trial measured a person, with 95 % intervals", shown.head(MOST_CELLS), texts=2)
    policy = done.policy.assign(uplift=[f"{value:.4g}" for value in done.policy["uplift"]]).head(MOST_CELLS)
    yield table("Whom to treat, and the uplift expected of one", policy)
    if done.changes is not None:
        yield table("Accounts of the plan by the model, and by the trial", done.changes.head(MOST_CELLS))


MOST_CELLS = 60
"""Rows on the screen; files and JSON have all."""


def lesson_json(done: Lesson) -> dict[str, Any]:
    """Return what a trial teaches as JSON takes it."""
    check = done.learnt.check
    means = {} if check is None else {name: float(getattr(check, name).mean()) for name in check._fields}
    return {
        "uplifts": records(done.uplifts),
        "policy": records(done.policy),
        "values": records(done.values),
        "halvings": means,
        "changes": None if done.changes is None else records(done.changes),
        "words": list(done.words),
    }


def _interval(middle: float, low: float, high: float) -> str:
    return f"{middle:.4g} ({low:.4g} to {high:.4g})"


def rivalry_tables(done: Rivalry) -> Iterable[Table]:
    """Yield how carriers answered each other, and what the plan is worth before and after."""
    rounds = done.rounds[done.rounds["moved"]]
    money = money_for(*rounds["gain"])
    shown = pd.DataFrame(
        {
            "while": rounds["stage"],
            "round": rounds["round"].astype(str),
            "carrier": rounds["player"],
            "moves": rounds["action"],
            f"gains, {money.scale} yuan".replace(",  ", ", "): [money.number(value) for value in rounds["gain"]],
        }
    )
    yield table("Who moves, on the futures that carriers judge by", shown, texts=4)
    columns: dict[str, list[str]] = {"what": list(done.worth["what"].unique())}
    for measure, title in DIFFERENT.items():
        columns |= _with_interval(done.worth[done.worth["measure"] == measure], title)
    yield table("Worth on fresh futures, in pairs, with 95 % intervals", pd.DataFrame(columns))
    yield facts("How it ended", {str(i): sentence for i, sentence in enumerate(done.words, 1)})


def _or_none(shown: Callable[[float], str], value: float) -> str:
    return "no plan" if value != value else shown(value)


def compared_tables(done: Compared) -> Iterable[Table]:
    """Yield what was asked differently and what came out differently."""
    inputs = pd.DataFrame(
        [(path, str(a), str(b)) for path, a, b in done.inputs], columns=["setting", "first", "second"]
    )
    yield table("What was asked differently" if len(inputs) else "Nothing was asked differently", inputs, texts=3)
    rows = done.outcomes[done.outcomes["measure"].isin(list(DIFFERENT))]
    columns = {"policy": [words(name) for name in rows["policy"]], "measure": [words(name) for name in rows["measure"]]}
    shown = pd.DataFrame({**columns, **_with_interval(rows, "second minus first")})
    yield table("What came out differently, in pairs, with 95 % intervals", shown, texts=2)


def preview_table(shown: Preview) -> Table:
    """Return what would run."""
    return facts(
        "What would run",
        {
            "experiment": shown.experiment,
            "customers": f"{shown.customers:,} ({shown.source})",
            "accounts x treatments": f"{shown.customers:,} x {shown.treatments:,} = {shown.choices:,}",
            "policies x futures": f"{shown.policies} x {shown.futures:,} = {shown.runs:,} runs",
            "months": shown.months,
            "rough time": f"{shown.seconds:,.0f} s on two processors",
        },
    )


def rolled_tables(done: Rolled) -> Iterable[Table]:
    """Yield what planning again changed at each date, what it brings more, and where that comes from."""
    dates = done.dates
    counts = dates.columns[3 : list(dates.columns).index("discount_left")]
    shown: dict[str, list[str]] = {"mean over futures": ["accounts treated", "of them changed", *counts]}
    used = {"discount, yuan": "discount", "letters and calls, yuan": "channel", "managers' hours": "hours"}
    shown["mean over futures"] += [f"{name}: planned of what is left" for name in used]
    for _, row in dates.iterrows():
        column = [f"{row[name]:,.0f}" for name in ("treated", "changed", *counts)]
        column += [f"{row[f'{name}_planned']:,.0f} of {row[f'{name}_left']:,.0f}" for name in used.values()]
        shown[f"month {row['month']:.0f}"] = column
    yield table("What was decided again", pd.DataFrame(shown))
    sources: dict[str, list[str]] = {"more than the one plan by": list(done.sources["source"].unique())}
    for measure, title in DIFFERENT.items():
        sources |= _with_interval(done.sources[done.sources["measure"] == measure], title)
    yield table("Paired differences on the same fresh futures, with 95 % intervals", pd.DataFrame(sources))


def rolled_json(done: Rolled) -> dict[str, Any]:
    """Return what planning again is worth as JSON takes it."""
    return {
        "answer": done.answer,
        "comparison": records(done.comparison),
        "sources": records(done.sources),
        "dates": records(done.dates),
        "notes": list(done.start.notes),
    }


def _with_interval(rows: pd.DataFrame, title: str) -> dict[str, list[str]]:
    """Return one column of means, each with its interval behind it."""
    money = money_for(*rows["mean"])
    each = zip(rows["mean"], rows["low"], rows["high"], strict=True)
    told = [f"{money.number(mean)} ({money.interval(low, high)})" for mean, low, high in each]
    return {f"{title}, {money.scale} yuan".replace(",  ", ", "): told}


def records(frame: pd.DataFrame) -> list[dict[str, Any]]:
    """Return a table's rows as JSON takes them; what is unknown or without end is null."""
    rows: list[dict[str, Any]] = json.loads(frame.to_json(orient="records", double_precision=15))
    return rows


def result_json(result: Result) -> dict[str, Any]:
    """Return a run as JSON takes it."""
    return {
        "answer": result.answer,
        "folder": result.folder.as_posix(),
        "comparison": records(result.comparison),
        "budgets": records(result.plan.used),
        "notes": list(result.start.notes),
    }


def market_json(done: MarketRun) -> dict[str, Any]:
    """Return the market under today's practice as JSON takes it."""
    return {"summary": records(done.summary), "months": records(done.months), "notes": list(done.start.notes)}


def optimised_json(done: Optimised) -> dict[str, Any]:
    """Return a plan as JSON takes it, one entry an account."""
    from experiments.record import plan_facts, reasoned

    return {
        **plan_facts(done.plan),
        "budgets": records(done.plan.used),
        "plan": records(reasoned(done.plan, done.start.book)),
        "twice_the_draws": None if done.doubled is None else doubled_json(done.doubled),
        "notes": list(done.start.notes),
    }


def compared_json(done: Compared) -> dict[str, Any]:
    """Return a comparison of results as JSON takes it."""
    inputs = [{"setting": path, "first": _plain(a), "second": _plain(b)} for path, a, b in done.inputs]
    return {"inputs": inputs, "outcomes": records(done.outcomes)}


def _plain(value: Any) -> Any:
    return value if isinstance(value, bool | int | float | str | list | None) else str(value)
