"""The regularities that the market is held against: what is measured, what others published, and how it is measured."""

from __future__ import annotations

from typing import NamedTuple


class Expected(NamedTuple):
    """One row of the validation; without a range the figure is reported and not judged."""

    key: str
    name: str
    unit: str
    low: float | None
    high: float | None
    source: str
    how: str


MODEL = "the model's own rule"
HORTACSU = "Hortaçsu, Madanizadeh & Puller 2017"
ALBERS = "Albers, Mantrala & Sridhar 2010: mean 0.34"
SETHURAMAN = "Sethuraman, Tellis & Briesch 2011: mean 0.12; half of it either way assumed"
SINHA = "Sinha & Zoltners 2001: mean 4.5 %, most of it from allocation; Fudge & Lodish 1977: 8.1 %"
TULL = "Tull et al. 1986; Mantrala, Sinha & Zoltners 1992"
CHURN = "published/us_wireless_monthly_churn_2006_2007.csv: US carriers 2006 to 2007"
CHANCE = 4.5
"""Standard errors that the worst of some hundred shares exceeds about once in a thousand times."""

MARKET = (
    Expected("top_fifth", "spend held by the largest fifth of customers", "share", 0.75, 0.85, "D3",
             "Demand of all lines, whoever serves them, in the founded city."),
    Expected("yearly_loss", "our lines lost in a year", "share", 0.10, 0.20, "assumed",
             "Lines ours at the start that have left us at any time within twelve months of today's practice."),
    Expected("plan_keeps", "fewer of them lost on a plan", "share", 0.0, None, "D9",
             "The same city and futures twice: without plans, and with plan C for each customer of ours, X its usage."),
    Expected("looked", "lines reconsidered in a month", "share", None, None, "",
             "Share of line-months under today's practice."),
    Expected("looked_quiet", "the same in a month in which nothing happens", "share", 0.0, 0.02, HORTACSU,
             "The first month without contacts of ours, calls of rivals and terms that end. The source is about "
             "households: under 2 % even where switching saves 8 %."),
    Expected("looked_ended", "how many times more when a contract has just ended", "times", 2.0, None,
             f"{HORTACSU}; the factor is assumed", "That month with the terms of all lines ending."),
    Expected("looked_called", "how many times more when rivals call", "times", 2.0, None,
             f"{HORTACSU}; the factor is assumed", "That month with a call of every rival at every customer."),
    Expected("price_elasticity", "price elasticity among those who look", "elasticity", -3.1, -2.1,
             "Bijmolt, Van Heerde & Pieters 2005: mean −2.6; a fifth of it either way assumed",
             "One carrier's prices 5 % up and 5 % down for a month: the carrier's share of the lines reconsidered, "
             "those that stayed included; mean over carriers."),
    Expected("double_jeopardy", "rank correlation of share and retention", "correlation", 0.0, 1.0,
             "Ehrenberg's double jeopardy",
             "Over carriers, lines and kinds of customers (sole trader or not, location): share of the lines at the "
             "start, and share of those still there after a year."),
)  # fmt: skip

SERVICE = (
    Expected("share_drift", "change of our share of lines in a year", "share", -0.02, 0.02, "assumed",
             "Under today's practice and rivals at rest, so that no policy lives off a market out of balance."),
    Expected("loyalty_keeps", "fewer of our lines lost by loyalty", "share", 0.0, None, "D19",
             "Yearly loss of the same city and futures with the switch `loyalty` off, less that with it."),
    Expected("bonds_keep", "fewer of our lines lost by bonds", "share", 0.0, None, "D21",
             "As above with the switch `bonds`."),
    Expected("stage.repeat_purchase", "our customers who buy repeatedly", "share", None, None, "",
             "At the stage of repeat purchase at the end of the year."),
    Expected("stage.advocacy", "our customers who recommend us", "share", None, None, "",
             "At the stage of advocacy at the end of the year."),
    Expected("reason.price", "lines lost mostly for price", "share", None, None, "",
             "Of the parts of delivered value, price is where the new carrier exceeded us most."),
    Expected("trigger.rival_called", "lines lost where a rival's call made most of the look", "share", None, None, "",
             "The largest term of attention."),
    Expected("trigger.term_ended", "the same for the end of a term", "share", None, None, "", "As above."),
    Expected("wait.basic", "mean wait at the complaint desk, basic tier", "minutes", None, None, "",
             "While the desk is open, until somebody takes the case up."),
    Expected("wait.priority", "how much shorter the wait is in the priority tier", "minutes", 0.0, None, "D23",
             "As above."),
    Expected("wait.posted", "how much shorter the wait is in the posted tier", "minutes", 0.0, None, "D23",
             "As above."),
    Expected("erlang", "mean wait at a busy desk against Erlang C", "ratio", 0.9, 1.1, "closed form; a tenth assumed",
             "The market's own desk with more faults, without tiers and with lines that stay, three years; as a ratio "
             "to the M/M/c queue with as many arrivals and the same repairs."),
)  # fmt: skip

EFFORT = (
    Expected("visits_new", "elasticity of newly won sales to visits, where visits go", "elasticity", 0.2, 0.5, ALBERS,
             "Managers' hours and visits of today's practice half up and half down for a year; won-back revenue of "
             "the accounts that today's practice visits, arc elasticity."),
    Expected("visits_new_all", "the same over all accounts", "elasticity", 0.2, 0.5, ALBERS,
             "As above, with the accounts that nobody visits counted in."),
    Expected("visits_total", "elasticity of all our revenue to visits", "elasticity", None, None, "",
             "As above; most revenue is inertia, so it is small within a year."),
    Expected("letters_new", "elasticity of newly won sales to letters, where letters go", "elasticity", 0.06, 0.18,
             SETHURAMAN, "Letters of today's practice half up and half down for a year."),
    Expected("letters_later", "the same for the third year of so many letters", "elasticity", 0.12, 0.36,
             "Sethuraman, Tellis & Briesch 2011: mean 0.24 in the long run; half of it either way assumed",
             "As above for three years; won-back revenue of the third."),
    Expected("letters_total", "elasticity of all our revenue to letters", "elasticity", None, None, "",
             "As in the first year."),
)  # fmt: skip

ALLOCATION = (
    Expected("reallocation", "gain in contribution from re-allocating contacts", "share", 0.005, 0.08, SINHA,
             "A plan with visits, letters and calls only, for most contribution in a year, against today's practice "
             "with the same managers' hours, simulated."),
    Expected("whole_menu", "the same with offers and discounts", "share", None, None, "",
             "As above with the whole menu; what is more than the row above isn't re-allocation."),
    Expected("flat_less", "contribution of a plan with a quarter of the hours less", "share", -0.03, 0.03, TULL,
             "The plan is made anew for the changed hours; change of contribution against the plan."),
    Expected("flat_more", "contribution of a plan with a quarter of the hours more", "share", -0.03, 0.03, TULL,
             "As above."),
    Expected("equal_split", "contribution lost by an equal split of the same hours", "share", None, None, "",
             "One visit for every account while hours last, then calls and letters, against the plan."),
    Expected("equal_beyond", "how much more that is than a quarter of the hours moves", "share", 0.0, None, TULL,
             "The equal split's loss less the larger of the two changes above."),
    Expected("hours_used", "share of the hours that the plan uses", "share", None, None, "",
             "Where it is well below all, hours hardly bind, and that the maximum is flat says little."),
    Expected("over_bound", "excess of a plan's value over its bound", "share of the uplift", 0.0, 1e-6, MODEL,
             "The bound comes from the relaxation."),
    Expected("short_of_best", "distance from the best of each account without budgets", "share", 0.0, 1e-6, MODEL,
             "With budgets that bind nobody, every account gets its best treatment."),
)  # fmt: skip

BUILDING = (
    Expected("discount_mean", "gain from 10 % off for three of 100 tenants", "yuan a year", None, 0.0, "D13",
             "The scenario `building`: the three nearest the mean spend among those who buy mostly from rivals; "
             "contribution of the whole building against doing nothing."),
    Expected("plan_mean", "gain from offering them plan A instead", "yuan a year", 0.0, None, "D13",
             "Two visits a year with the offer; X is usage with us and `contract.rival_share` of the rest."),
    Expected("turn_mean", "talk rate at which the discount's gain turns to a loss", "probability a month", None, None,
             "", "On the mean gain over talk rates; its interval from the curves through the ends of the gains' "
             "intervals. 0: it costs even where nobody talks."),
    Expected("discount_largest", "gain from 10 % off for the three largest", "yuan a year", None, 0.0, "D13",
             "As above for the largest three tenants, whoever serves them."),
    Expected("plan_largest", "gain from offering the largest plan A", "yuan a year", None, None, "",
             "A few accounts are most of it, so it varies much from building to building."),
    Expected("turn_largest", "talk rate at which that discount's gain turns", "probability a month", None, None, "",
             "As above."),
)  # fmt: skip


def exactly(key: str, name: str, value: float, mark: str) -> Expected:
    """Return a row that must hold to the yuan."""
    how = "Simulated: an offer that is accepted." if mark == "D10" else "Reckoned with the bill's own functions."
    return Expected(key, f"{mark}: {name}", "yuan a month", value - 0.005, value + 0.005, mark, how)


def formula(key: str, name: str, unit: str, high: float, how: str) -> Expected:
    """Return a row of a closed form that must be met up to a deviation."""
    return Expected(key, name, unit, 0.0, high, "closed form", how)


EXACT = (
    exactly("d10.bill", "bill on the plan", 8800, "D10"),
    exactly("d10.won_back", "won back", 5800, "D10"),
    exactly("d10.saved", "saved by the customer", 2200, "D10"),
    exactly("d10.rivals", "left to rivals", 0, "D10"),
    exactly("d11.bill", "bill on the plan", 8800, "D11"),
    exactly("d11.gained", "gained by us", 5600, "D11"),
    exactly("d11.saved", "saved by the customer", 400, "D11"),
    exactly("d12.care", "spent on care", 500, "D12"),
    formula("unmoved", "lines that move without attention", "share", 0.0, "Attention switched off for a year."),
    formula("stationary", "shares against the stationary law", "standard errors", CHANCE,
            "Frozen stocks, many copies of five customers, four years; worst of all lines and carriers."),
    formula("first_passage", "lines never lost against a geometric law", "standard errors", CHANCE,
            "The same run; worst month of two years."),
    formula("binary_logit", "moves between two carriers against a binary logit", "standard errors", CHANCE,
            "One rival, one month; worst of all lines."),
    formula("cheapest", "moves to another than the cheapest where only price counts", "share", 0.0,
            "Very large price sensitivity and no switching cost."),
    formula("goodwill", "goodwill against skill / (1 − kept)", "share", 1e-5, "A visit a month for ten years."),
    Expected("paid_switching", "prices and switching of carriers who answer each other, against the duopoly's", "share",
             0.0, 0.002, "Chen (1997)", "Best responses by `optimize.rivalry` to a fixed point, customers choosing by "
             "the market's law; the worst of three unit costs and two starts, as a share of the largest switching "
             "cost."),
)  # fmt: skip


def churn_row(carrier: str, label: str, band: tuple[float, float] | None) -> Expected:
    """Return the row of a carrier's monthly churn; without the published table it has no range."""
    low, high = band or (None, None)
    how = "Share of the carrier's lines that leave it in a month of today's practice."
    return Expected(f"churn.{carrier}", f"monthly churn of lines, {label}", "share", low, high, CHURN, how)
