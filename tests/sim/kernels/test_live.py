"""The compiled month against a plain numpy month, built from the documented functions of the behaviours."""

from __future__ import annotations

import numpy as np
import pytest

from sim import draws, month
from sim.bond import next_step, plain_step, structural
from sim.channel import in_one_month
from sim.choice import attention_probability, choice_probabilities
from sim.city import draw_city
from sim.composing.layering import merge
from sim.contract import care_money, plan_bill, plan_table, split_bill
from sim.experience import next_satisfaction, performance
from sim.kernels.behaviour import MONEY_UNIT
from sim.kernels.records import Keys
from sim.loyalty import deserved_stage, intention, loyal_behaviour, next_stage
from sim.market import Market
from sim.names import REASONS, STAGES, STEPS
from sim.programme import nothing
from sim.reason import advantages, main_reason
from sim.scenario import Scenario
from sim.shape import Shape
from sim.state import State
from sim.substitution import SubstitutionSettings, charged_price, highest_ip_share
from sim.testing import only, tiny_scenario
from sim.value import delivered_value, rapport

OFF = ("bundle", "contracts", "incidents", "luck", "talk", "visits", "growth", "desk", "tiers", "managers")
CONFIGURATIONS = {
    "everything on": {},
    "everything off but attention": {
        "mechanisms": only("attention"),
    },
    "frozen stocks": {"mechanisms": {"freeze_stocks": True}},
    "no loyalty, bonds, information or reasons": {
        "mechanisms": dict.fromkeys(("loyalty", "bonds", "information", "reasons"), False),
    },
    "no attention": {"mechanisms": {"attention": False}},
    "two carriers": {"rivals": {"unicom": None}},
    "X set from bills": {"contract": {"x_basis": "bill"}},
    "no fees, points or substitution": {
        "mechanisms": dict.fromkeys(("early_leaving", "waived_fees", "points", "substitution"), False),
    },
    "without desk, tiers and unlike managers": {"mechanisms": dict.fromkeys(("desk", "tiers", "managers"), False)},
}


WHOLE = ("carrier", "plan", "plan_age", "months_left", "tenure", "kept", "start", "complaints", "news")
WHOLE += ("stage", "step", "left_for")
FEES = ("breakage", "waived", "redeemed")


def exact(state):
    """Return a state in double precision, as the kernel reckons."""
    return State(*(a.astype(np.float64) if a.dtype.kind == "f" else a.copy() for a in state))


def twin_loyalty(market, s, known):
    """Move stages and steps; return loyal behaviour, the cost of leaving us, and what belonging is worth."""
    who, scenario, on = market.city.customers, market.scenario, market.scenario.mechanisms
    ours = s.carrier == 0
    loyal, bond, club = np.zeros((3, who.key.size))
    if on.loyalty:
        aware = (s.adstock[0] >= scenario.loyalty.awareness) | (known[0] >= scenario.loyalty.awareness)
        oldest, discounted = np.where(ours, s.tenure, -1).max(axis=0), (s.discount > 0).any(axis=0)
        meant = intention(s.satisfaction[0], scenario.loyalty)
        deserved = deserved_stage(ours.sum(axis=0), oldest, aware, discounted, meant, scenario.loyalty)
        s.stage[:] = s.stage if on.freeze_stocks else next_stage(s.stage, deserved)
        loyal = loyal_behaviour(s.stage, meant, scenario.loyalty)
    if on.bonds:
        luck = draws.uniform(draws.stream(market.seed, "integration", market.month), who.key)
        integrated = (market.visited > 0) & (luck < scenario.bond.integration)
        plain = plain_step(ours.sum(axis=0), len(ours), s.plan > 0)
        s.step[:] = s.step if on.freeze_stocks else next_step(s.step, plain, integrated)
        bond, club = structural(s.step, scenario.bond), scenario.bond.social * (s.stage >= 3) * on.loyalty
    return loyal, bond, club


def twin_reasons(market, s, seen, taken, raised):
    """Return how many lines that rivals have `taken` left for which reason, and what made their customers look."""
    weights, lines = market.scenario.value, len(taken)
    weights = weights if market.scenario.mechanisms.bundle else weights.model_copy(update={"bundle": 0.0})
    counted = {"reasons": np.zeros((lines, len(REASONS)), dtype=int), "triggers": np.zeros(5, dtype=int)}
    prompted = np.where(raised.max(axis=0) > 0, raised.argmax(axis=0), 4)
    for line in range(lines if market.scenario.mechanisms.reasons else 0):
        for rival in range(1, len(market.tariff.price)):
            gone = taken[line] == rival
            why = main_reason(advantages(market.city.customers, seen, market.tariff, weights, rival, line))
            s.left_for[:] = np.where(gone, why + 1, s.left_for)
            counted["reasons"][line] += np.bincount(why[gone], minlength=len(REASONS))
            counted["triggers"] += np.bincount(prompted[line][gone], minlength=5)
    return counted


def move_usage(demand, paid, flows, names):
    """Move usage between lines, given the price paid on each, in the order of the flows."""
    for flow in flows:
        origin, destination = names.index(flow.origin), names.index(flow.destination)
        dearer = paid[origin] / paid[destination]
        gone = demand[origin] * np.minimum(1, flow.rate * dearer**flow.price_elasticity)
        demand[origin] -= gone
        demand[destination] += flow.ratio * gone


def twin_month(market):
    """Return the state after a month, and what it brought, for a market whose contacts have been made."""
    s, who, scenario, tariff = exact(market.city.state), market.city.customers, market.scenario, market.tariff
    on = scenario.mechanisms
    contract, terms = scenario.contract, plan_table(scenario.contract)
    carriers, lines = tariff.price.shape
    beta = who.price_sensitivity.astype(float)
    brought = {"counts": np.zeros(6, dtype=int), "complained": np.zeros(who.key.size)}

    def luck(purpose, number=0):
        return draws.uniform(draws.stream(market.seed, purpose, market.month), who.key, number)

    # Demand grows and contract terms run down.
    if on.growth:
        s.demand[:] = (s.demand.astype(np.float32) * (1 + who.growth)).astype(float)
    names, rows, money = list(scenario.lines), np.arange(lines)[:, None], scenario.points
    swaps = scenario.substitution if on.substitution else SubstitutionSettings()
    cheaper = charged_price(np.ones(lines), s.ip_share, swaps, names)
    paid_here = tariff.price[s.carrier, rows] * np.where(s.carrier == 0, (1 - s.discount) * cheaper, 1)
    move_usage(s.demand, paid_here, swaps.flows.values(), names)
    ended = s.months_left == 1
    brought["counts"][5] = (ended & (s.carrier == 0)).sum()
    s.months_left[:] = np.maximum(s.months_left - 1, 0)

    # Experience.
    serves = np.stack([s.carrier == c for c in range(carriers)])
    served = serves.sum(axis=1)
    ours = served[0] > 0
    for c in range(carriers if not on.freeze_stocks else 0):
        knows = served[c] > 0
        quality = (serves[c] * tariff.quality[c][:, None]).sum(axis=0) / np.maximum(served[c], 1)
        seen = performance(quality, tariff.service[c], scenario.experience)
        if on.luck:
            seen = seen + scenario.experience.noise * np.sqrt(12) * (luck("noise", c) - 0.5)
        rarer = np.array(scenario.service.faults)[market.programme.tier] if on.tiers and c == 0 else 1.0
        fault = (luck("incident", c) < scenario.experience.incidents * (1 - quality) * rarer) & on.incidents & knows
        seen = seen - scenario.experience.incident_shock * fault
        if c == 0:
            brought["complained"] = fault
            brought["counts"][4] = fault.sum()
            s.complaints[:] += fault
            seen = seen + scenario.experience.visit_lift * (market.visited > 0) + market.outreach.lift
            seen = seen + scenario.experience.plan_lift * (s.plan > 0) + market.felt
        outreach = market.outreach
        heard = (outreach.letters > 0) | (outreach.calls > 0) | (outreach.agents > 0) | (outreach.awareness[0] > 0)
        contacted = (market.visited > 0) | heard
        informed = contacted & on.information & (c == 0)
        desire = who.desire.astype(float)
        felt = next_satisfaction(s.satisfaction[c], s.expectation[c], seen, scenario.experience, desire, informed)
        if c == 0 and on.talk:
            felt = np.maximum(0, felt - scenario.experience.resentment * s.news)
        hoped = s.expectation[c] + scenario.experience.expectation_speed * (seen - s.expectation[c])
        s.satisfaction[c] = np.where(knows, felt, s.satisfaction[c])
        s.expectation[c] = np.where(knows, hoped, s.expectation[c])
    if not on.freeze_stocks:
        s.goodwill[:] *= scenario.visit.goodwill_kept
        s.goodwill[1:] += (1 - scenario.visit.goodwill_kept) * scenario.visit.rival_goodwill
        skill = scenario.visit.skill * (market.staff.skill[who.manager] if on.managers else 1.0)
        s.goodwill[0, market.programme.level, np.arange(who.key.size)] += skill * market.visited
        s.adstock[:] *= scenario.channel.adstock_kept
        s.goodwill[0, 2] += market.outreach.bond
        s.adstock[:] += market.outreach.awareness
        s.adstock[0] += scenario.channel.mail_gain * in_one_month(market.outreach.letters, scenario.channel.repeated)
        welcome = np.where(who.expected_channel == 1, 1.0, scenario.channel.unexpected)
        made = in_one_month(market.outreach.calls, scenario.channel.repeated)
        s.adstock[0] += scenario.channel.call_gain * welcome * made

    # Plans: X is set anew, then an offer.
    listed = s.demand * charged_price(tariff.price[0], s.ip_share, swaps, names)
    usage = (listed * serves[0]).sum(axis=0)
    paid_now = s.demand * paid_here
    bill_now = paid_now.sum(axis=0)
    recent = s.recent_usage.mean(axis=0)
    known = rapport(s.goodwill, who.level_weight.astype(float), scenario.value.goodwill_saturation)
    away = lines - served[0]
    gap = np.where(away > 0, known[0] - (known[1:] * served[1:]).sum(axis=0) / np.maximum(away, 1), 0)

    loyal, bond, club = twin_loyalty(market, s, known)
    before = s.carrier.copy()
    at_start = s._replace(carrier=before)
    s.plan_age[:] += s.plan > 0
    resets = (s.plan > 0) & (s.plan_age >= contract.reset_months)
    pay, cap = terms[s.plan].T
    lower = recent * (1 - contract.concession)

    def odds(x, bonus):
        bill = np.maximum(plan_bill(usage, pay * x, cap * x), 1e-6)
        return np.exp(np.minimum(bonus + beta * np.log(np.maximum(usage, 1e-6) / bill), 50))

    accept, haggle = odds(recent, contract.renewal), odds(lower, contract.renewal - contract.renegotiation)
    u = luck("renewal") * (1 + accept + haggle)
    renews = resets & (u < accept) & (usage > 0)
    renegotiates = resets & ~renews & (u < accept + haggle) & (usage > 0)
    leaves = resets & ~renews & ~renegotiates
    term = contract.reset_months - s.plan_age
    fee = contract.early_fee * pay * s.plan_x * term
    stay = term * plan_bill(usage, pay * s.plan_x, cap * s.plan_x)
    ratio = np.maximum(stay, 1e-6) / np.maximum(term * usage + fee, 1e-6)
    flees = luck("early") < attention_probability(contract.early + beta * np.log(ratio))
    flees = flees & (usage < contract.early_below * pay * s.plan_x) & (s.plan > 0) & ~resets & on.early_leaving
    brought["breakage"] = np.where(flees, fee, 0)
    brought["early"] = flees.sum()
    brought["counts"][1:4] = renews.sum(), renegotiates.sum(), leaves.sum() + flees.sum()
    s.plan_age[resets | flees] = 0
    s.plan_x[:] = np.where(renews, recent, np.where(renegotiates, lower, np.where(leaves, 0, s.plan_x)))
    s.plan[leaves] = 0
    s.months_left[:] = np.where(resets & serves[0], np.where(leaves, 0, contract.reset_months), s.months_left)
    s.plan[flees] = 0
    s.plan_x[flees] = 0
    s.months_left[:] = np.where(flees & serves[0], 0, s.months_left)
    ended = np.where((resets | flees) & serves[0], leaves | flees, ended)
    leaves = leaves | flees

    offer = np.where(market.offered == 1, market.programme.offer, 0)
    asked = (s.plan == 0) & (offer > 0) & ~leaves
    x = np.maximum(recent, np.maximum(market.programme.offer_x, market.found_x))
    then = plan_bill(listed.sum(axis=0), terms[offer, 0] * x, terms[offer, 1] * x)
    saving = np.log(np.maximum(bill_now, 1e-6) / np.maximum(then, 1e-6))
    logit = contract.offer + beta * saving + who.rapport_weight * gap
    fee = contract.installation * on.waived_fees
    relief = beta * np.log(1 + fee * away / np.maximum(12 * bill_now, 1e-6))
    logit = logit - np.maximum(0, contract.moving * away / lines - relief)
    joins = asked & (luck("offer") < attention_probability(logit))
    brought["counts"][0] = joins.sum()
    s.plan[:] = np.where(joins, offer, s.plan)
    s.plan_x[:] = np.where(joins, x, s.plan_x)
    s.plan_age[joins] = 0
    s.discount[:, joins] = 0
    s.months_left[:, joins] = contract.reset_months
    ended = ended & ~joins
    s.carrier[:, joins] = 0
    joined = before != s.carrier
    s.tenure[:] = np.where(joined, 0, np.minimum(s.tenure + 1, 32_000))

    # Attention, then choice.
    called = np.any([luck("rival_contact", c) < tariff.contact[c] for c in range(1, carriers)], axis=0)
    touched = (market.visited > 0) | (market.outreach.calls > 0) | (market.outreach.agents > 0)
    weights = scenario.value if on.bundle else scenario.value.model_copy(update={"bundle": 0.0})
    value = delivered_value(who, at_start._replace(discount=s.discount), tariff, weights)
    value[0] += club
    points_worth = money.worth * s.points * on.points
    stake = money.weight * beta * points_worth / np.maximum(points_worth + 12 * s.recent_usage[2], 1e-6)
    held = stake / np.maximum(served[0], 1) - beta * np.log(charged_price(np.ones(lines), s.ip_share, swaps, names))
    value[0] += np.where(s.carrier == 0, held, 0)
    present = np.take_along_axis(s.satisfaction, s.carrier, axis=0)
    a = scenario.attention
    look = a.base + a.dissatisfaction * np.maximum(0, a.threshold - present)
    heard = called * np.where(s.carrier == 0, 1 - scenario.loyalty.shield * loyal * on.loyalty, 1)
    look = look + a.rival_contact * heard + a.contract_ended * ended
    look = look - np.where(s.carrier == 0, scenario.loyalty.attention * loyal, 0)
    look = look + np.where(s.carrier == 0, 0, a.own_contact * touched)
    look = look - np.where(s.carrier == 0, a.on_plan * (s.plan > 0), 0)
    look = look + np.where(s.carrier == 0, a.news * (s.news == 1) * on.talk, 0)
    looks = np.stack([luck("attention", line) for line in range(lines)]) < attention_probability(look)
    looks = looks & on.attention & ~joined
    breakage = scenario.choice.breakage if on.contracts else 0.0
    cost = who.switching_cost.astype(float) + breakage * (s.months_left > 0) + np.where(s.carrier == 0, bond, 0)
    edges = np.cumsum(choice_probabilities(value, s.carrier, cost), axis=0)[:-1]
    taken = (np.stack([luck("choice", line) for line in range(lines)]) >= edges).sum(axis=0)
    switches = looks & (taken != s.carrier)
    brought["looked"] = np.array([(looks & (s.carrier == c)).sum() for c in range(carriers)])
    raised = np.stack(
        [
            a.contract_ended * ended,
            a.rival_contact * heard,
            np.broadcast_to(a.news * (s.news == 1) * on.talk, ended.shape),
            a.dissatisfaction * np.maximum(0, a.threshold - present),
        ]
    )
    seen = at_start._replace(discount=s.discount)
    brought |= twin_reasons(market, s, seen, np.where(switches & (before == 0), taken, 0), raised)
    paid = listed * (1 - s.discount)
    flees = switches & (s.carrier == 0) & (s.months_left > 0) & (s.plan == 0) & on.early_leaving & on.contracts
    brought["breakage"] = brought["breakage"] + (contract.line_fee * paid * s.months_left * flees).sum(axis=0)
    sign = np.stack([luck("signing", line) for line in range(lines)])
    term = contract.term_months if on.contracts else 0
    signs_anew = ended & ~joined & ~switches & ((s.carrier != 0) | (s.plan == 0))
    s.months_left[:] = np.where(signs_anew, np.where(sign < contract.resigning * on.contracts, term, 0), s.months_left)
    s.months_left[:] = np.where(switches, np.where(sign < contract.signing * on.contracts, term, 0), s.months_left)
    s.carrier[:] = np.where(switches, taken, s.carrier)
    s.tenure[switches] = 0

    # Bills.
    ours = s.carrier == 0
    if swaps.ip:
        grown = s.ip_share + swaps.ip.speed * (highest_ip_share(beta, swaps.ip) - s.ip_share)
        s.ip_share[:] = np.where(ours[names.index(swaps.ip.line)], grown, 0)
        listed = s.demand * charged_price(tariff.price[0], s.ip_share, swaps, names)
    brought["flows"] = np.array(
        [
            [[((before[n] == i) & (s.carrier[n] == j)).sum() for j in range(carriers)] for i in range(carriers)]
            for n in range(lines)
        ]
    )
    s.kept[:] &= ours
    usage = (listed * ours).sum(axis=0)
    paid = listed * (1 - s.discount) * ours
    kept_list, kept_paid = (listed * s.kept).sum(axis=0), (paid * s.kept).sum(axis=0)
    pay, cap = terms[s.plan].T
    bill = plan_bill(usage, pay * s.plan_x, cap * s.plan_x)
    split = split_bill(bill, kept_list, usage - kept_list)
    on_plan = s.plan > 0
    brought["retained"] = np.where(on_plan, split.retained, kept_paid)
    brought["won_back"] = np.where(on_plan, split.won_back, (paid * (1 - s.kept)).sum(axis=0))
    brought["shortfall"] = np.where(on_plan, split.shortfall, 0)
    brought["care"] = np.where(on_plan, care_money(usage, pay * s.plan_x, contract), 0)
    brought["discount"] = np.where(on_plan, np.maximum(0, usage - bill), usage - paid.sum(axis=0))
    brought["serve"] = scenario.money.cost_to_serve * usage
    brought["lost"] = (listed * ~ours * s.start).sum(axis=0)
    everything = brought["retained"] + brought["won_back"] + brought["shortfall"]
    basis = usage if contract.x_basis == "usage" else everything
    s.recent_usage[:] = np.stack([s.recent_usage[1], s.recent_usage[2], basis])

    # Fees that aren't asked for, and points.
    brought["waived"] = contract.installation * (ours & (before != 0) & on_plan).sum(axis=0) * on.waived_fees
    balance = np.where(ours.any(axis=0), s.points + money.per_yuan * everything, 0) * on.points
    redeems = (balance >= money.least) & (luck("redeem") < money.redeeming)
    brought["redeemed"] = np.where(redeems, money.worth * balance, 0)
    s.points[:] = np.where(redeems, 0, balance)
    lift = money.lift * (not on.freeze_stocks)
    s.satisfaction[0] = np.where(redeems, np.minimum(1, s.satisfaction[0] + lift), s.satisfaction[0])
    return s, brought


def stirred(scenario):
    """Return a market in which everything that can happen to a customer happens to some."""
    market = Market(scenario, draw_city(scenario), {}, seed=21, months=12, by_customer=True)
    size = scenario.city.customers
    turn, account = nothing(size), np.arange(size)
    market.city.state.carrier[:, ::9] = 1
    turn.visits[:] = np.array([0, 12, 24])[account % 3]
    turn.level[:] = account % 3
    turn.offer[:] = np.where(account % 3 == 1, 1 + account // 3 % 3, 0)
    turn.offer_x[:] = market.city.state.demand.sum(axis=0) * 0.8
    turn.discount[:] = np.where(account % 6 == 0, 0.1, 0)
    turn.mail[:] = account % 5
    turn.calls[:] = account % 4
    turn.agents[:] = np.where(account % 7 == 0, 24, 0)
    turn.tier[:] = account // 2 % 3
    market.schedule = {0: turn}
    return market


def open_month(market):
    """Run the phases of a month up to the customers' own, with what events and campaigns would leave behind."""
    closing = (month.desk_closes, month.agents_call, month.halls_serve, month.learn)
    for phase in (*month.OPENING, *(month.WEEKLY * 4), *closing):
        phase(market)
    market.outreach.bond[1::5] += np.float32(0.6)
    if market.month % 2:
        market.outreach.hear(1, np.arange(0, 90, 4), 0.3)


def close_month(market):
    month.spread_news(market)
    month.record(market)
    month.results_known(market)
    market.month += 1


def lived(market):
    """Run one month and return the twin's state and takings beside the kernel's, which stay in the market."""
    open_month(market)
    twin = twin_month(market)
    month.customers_live(market)
    return twin


def scenario_of(changes):
    lively = {
        "city": {"customers": 90},
        "attention": {"base": -1.5},
        "contract": {
            "offer": 0.0,
            "renewal": -0.5,
            "reset_months": 3,
            "term_months": 4,
            "early": 2.0,
            "early_below": 0.95,
        },
        "visit": {"hours": 1500.0, "offer_every": 3},
        "experience": {"incidents": 0.5},
        "talk": {"rate": 0.3},
        "bond": {"integration": 0.3},
        "loyalty": {"threshold": 0.5},
        "hall": {"need": 0.6, "reach": 0.2},
        "points": {"least": 2000.0, "redeeming": 0.3, "worth": 0.05, "lift": 0.05, "weight": 3.0},
        "substitution": {
            "flows": {
                "mobile for fixed": {"origin": "local_voice", "destination": "mobile", "rate": 0.05, "ratio": 0.8},
                "data for calls": {"origin": "long_distance", "destination": "data", "price_elasticity": 4.0},
            },
            "ip": {"line": "long_distance", "speed": 0.2},
        },
    }
    return tiny_scenario(**merge(lively, changes, Shape(Scenario)))


@pytest.fixture(scope="module", params=CONFIGURATIONS)
def months(request):
    """Seven months lived by the kernel and by the twin, as (state, twin state, brought, twin brought)."""
    market = stirred(scenario_of(CONFIGURATIONS[request.param]))
    lives = []
    for _ in range(7):
        state, brought = lived(market)
        kernel = {name: getattr(market.brought, name).copy() for name in brought if name != "early"}
        lives.append((market.city.state.copied(), state, kernel, brought))
        close_month(market)
    return lives


def test_the_kernel_moves_carriers_plans_and_terms_as_the_twin_does(months):
    for state, twin, _, _ in months:
        for name in (
            "carrier",
            "plan",
            "plan_age",
            "months_left",
            "tenure",
            "kept",
            "start",
            "complaints",
            "news",
            "stage",
            "step",
            "left_for",
        ):
            np.testing.assert_array_equal(getattr(state, name), getattr(twin, name), err_msg=name)


def test_the_kernel_moves_stocks_as_the_twin_does(months):
    stocks = ("demand", "satisfaction", "expectation", "goodwill", "adstock", "plan_x", "discount", "ip_share")
    for state, twin, _, _ in months:
        for name in stocks:
            np.testing.assert_allclose(getattr(state, name), getattr(twin, name), rtol=2e-6, atol=1e-6, err_msg=name)


def test_the_kernel_keeps_points_and_what_x_is_set_from_to_the_money_unit(months):
    for state, twin, _, _ in months:
        for name in ("points", "recent_usage"):
            np.testing.assert_allclose(getattr(state, name), getattr(twin, name), rtol=2e-6, atol=2e-4, err_msg=name)


def test_the_kernel_bills_as_the_twin_does(months):
    for _, _, kernel, twin in months:
        for name in ("retained", "won_back", "shortfall", "lost", "care", "discount", "serve", *FEES):
            np.testing.assert_allclose(kernel[name] / MONEY_UNIT, twin[name], rtol=1e-6, atol=2e-3, err_msg=name)


def test_the_kernel_counts_as_the_twin_does(months):
    for _, _, kernel, twin in months:
        for name in ("flows", "looked", "counts", "reasons", "triggers", "complained"):
            np.testing.assert_array_equal(kernel[name], twin[name], err_msg=name)


def test_everything_that_can_happen_happens_in_what_is_compared():
    market = stirred(scenario_of({}))
    counts, moved, lifted, rebuffed = np.zeros(6, dtype=int), 0, 0, 0
    stages, steps, early, fees = set(), set(), 0, np.zeros(3)
    for _ in range(7):
        _, twin = lived(market)
        stages |= set(market.city.state.stage.tolist())
        steps |= set(market.city.state.step.tolist())
        counts += market.brought.counts
        lifted += (market.outreach.lift > 0).sum()
        rebuffed += (market.outreach.lift < 0).sum()
        early += twin["early"]
        fees += [getattr(market.brought, name).sum() for name in FEES]
        moved += market.brought.flows.sum() - np.trace(market.brought.flows, axis1=1, axis2=2).sum()
        close_month(market)
    state = market.city.state
    assert len(stages) == len(STAGES)
    assert len(steps) == len(STEPS)
    assert len(np.unique(state.left_for)) > 3
    assert (counts > 0).all()
    assert moved > 20
    assert min(lifted, rebuffed) > 10
    assert early > 0
    assert (fees > 0).all()
    assert min((state.points > 0).sum(), (state.ip_share > 0.01).sum()) > 0
    assert min(state.news.sum(), (state.discount > 0).sum(), (state.plan > 0).sum(), (state.months_left > 0).sum()) > 0


def test_a_stream_has_a_name_of_its_own_for_each_thing_drawn():
    assert len({draws.stream(1, name, 3) for name in Keys._fields}) == len(Keys._fields)
