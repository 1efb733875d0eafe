"""The study of accuracy as people read it: tables of texts for the screen and for the page."""

from __future__ import annotations

import pandas as pd

from experiments.money import Money, money_for

SHOWN = ("retained", "won_back", "own_revenue", "contribution")
QUANTITY = {"nothing": "doing nothing", "plan": "plan", "uplift": "uplift"}


def city_rows(table: pd.DataFrame) -> pd.DataFrame:
    """Return the first city's totals and uplifts; contribution as an uplift only, since it leaves out what is alike."""
    rows = table[(table["by"] == "all") & (table["city"] == table["city"].iloc[0]) & table["measure"].isin(SHOWN)]
    rows = rows[(rows["measure"] != "contribution") | (rows["quantity"] == "uplift")]
    named = [
        f"{measure}, {QUANTITY[quantity]}".replace("_", " ")
        for measure, quantity in zip(rows["measure"], rows["quantity"], strict=True)
    ]
    return pd.DataFrame({"book": rows["book"], "what": named, **_figures(rows), **_verdicts(rows)})


def part_rows(table: pd.DataFrame) -> pd.DataFrame:
    """Return the first city's uplifts in retained revenue by family of treatments and by value class."""
    rows = table[(table["by"] != "all") & (table["city"] == table["city"].iloc[0]) & (table["accounts"] > 0)]
    rows = rows[(rows["measure"] == "retained") & (rows["quantity"] == "uplift")]
    named = [f"{name} ({count:,})" for name, count in zip(rows["group"], rows["accounts"], strict=True)]
    return pd.DataFrame({"book": rows["book"], "accounts": named, **_figures(rows)})


def seed_rows(table: pd.DataFrame) -> pd.DataFrame:
    """Return the judged figures of cities beside the first, none if there is no other."""
    rows = table[(table["city"] != table["city"].iloc[0]) & table["bar"].notna()]
    named = [QUANTITY[quantity] for quantity in rows["quantity"]]
    seeds = [f"seed {seed}" for seed in rows["city"]]
    return pd.DataFrame({"city": seeds, "book": rows["book"], "what": named, **_figures(rows), **_verdicts(rows)})


def account_rows(ranks: pd.DataFrame) -> pd.DataFrame:
    """Return rank correlations and sums of single accounts, of all and of parts."""
    money = money_for(*ranks["predicted"], *ranks["realised"])
    named = [f"{_part(row['by'], row['group'])} ({row['accounts']:,})" for row in ranks.to_dict("records")]
    return pd.DataFrame(
        {
            "accounts": named,
            "in yuan": [_ranked(*pair) for pair in zip(ranks["yuan"], ranks["yuan_allowed"], strict=True)],
            "per yuan of spend": [
                _ranked(*pair) for pair in zip(ranks["per_spend"], ranks["per_spend_allowed"], strict=True)
            ],
            _scaled("predicted", money): [money.number(value) for value in ranks["predicted"]],
            "realised": [money.number(value) for value in ranks["realised"]],
            "off ± standard error": [
                _off(off, error / abs(real) if real else float("nan"))
                for off, error, real in ranks[["off", "error", "realised"]].to_numpy()
            ],
        }
    )


def _part(way: str, name: str) -> str:
    """Return the name of a part of accounts.

    >>> _part("lines", "1"), _part("class", "A"), _part("chosen by", "lot"), _part("family", "visit")
    ('1 line of ours', 'class A', 'chosen by lot', 'visit')
    """
    if way == "lines":
        return f"{name} line{'s' if name != '1' else ''} of ours"
    return f"{way} {name}" if way in ("class", "chosen by") else name


def _ranked(found: float, allowed: float) -> str:
    return f"{found:.3f} of {allowed:.3f}" if found == found else ""


def _figures(rows: pd.DataFrame) -> dict[str, list[str]]:
    money = money_for(*rows["predicted"], *rows["realised"])
    return {
        _scaled("predicted", money): [money.number(value) for value in rows["predicted"]],
        "realised": [money.number(value) for value in rows["realised"]],
        "off ± standard error": [_off(off, noise) for off, noise in rows[["off", "noise"]].to_numpy()],
    }


def _verdicts(rows: pd.DataFrame) -> dict[str, list[str]]:
    bars = [f"{value:.1%}" if value == value else "" for value in rows["bar"]]
    return {"bar": bars, "verdict": list(rows["verdict"])}


def _scaled(title: str, money: Money) -> str:
    return f"{title}, {money.scale} yuan".replace(",  ", ", ")


def _off(off: float, noise: float) -> str:
    return f"{off:+.2%} ± {noise:.2%}" if off == off else ""
