"""The expected-value recursion: against a plain numpy twin, worked examples, and means of simulated lives."""

from __future__ import annotations

import numpy as np
import pytest
from scipy import stats

from sim.bond import SOLUTION, BondSettings
from sim.channel import welcome
from sim.choice import AttentionSettings, attention_probability, choice_probabilities
from sim.city import draw_city
from sim.contract import plan_table
from sim.event import chance_to_come, event_phase
from sim.experience import next_satisfaction, performance
from sim.history import yuan
from sim.kernels import expect as kernel
from sim.market import simulate
from sim.names import CHANNELS, PLANS
from sim.programme import nothing
from sim.rates import posted_tariff, rates
from sim.swaying import swaying
from sim.testing import cloned, offering, only, tiny_scenario, worked_example
from sim.value import delivered_value, rapport
from sim.visit import contact_phase, due_in_month

LEVERS = ("visits", "offer", "discount", "mail", "calls")
NOTHING = dict.fromkeys(LEVERS, 0)
ALONE = {"letters": 0, "events": 0, "agents": 0, "attends": 0.0, "called": 1.0, "lets_in": 0.0}
"""Who is reached by nothing beside its treatment."""
NO_BONDS = dict.fromkeys(BondSettings.model_fields, 0.0)
ATTENTION = {"base": -3.6, "contract_ended": 2.0, "rival_contact": 1.0, "own_contact": 0.8}
"""The attention at which errors of the mean field are held to a tolerance, whatever the defaults are."""


def expected(scenario, city, treatments, months, level=0, offer_x=0.0, faults=1.0, lift=0.0, beside=ALONE, **span):
    """Return what treatments bring with tastes and carriers known, shape (customers, treatments, outcomes)."""
    around = {name: np.zeros(city.customers.key.size, type(ALONE[name])) + beside[name] for name in ALONE}
    who, state, posted = city.customers, city.state, posted_tariff(scenario)
    size = who.key.size
    truth = np.array([state.carrier == c for c in range(len(posted.price))]).astype(float)
    one = np.ones((1, size))
    known = kernel.Known(
        demand=state.demand.astype(float),
        ours=state.carrier == 0,
        kept=state.carrier == 0,
        months_left=state.months_left,
        growth=who.growth.astype(float),
        goodwill=state.goodwill[0].astype(float),
        level_weight=who.level_weight.astype(float),
        adstock=state.adstock[0].astype(float),
        satisfaction=state.satisfaction.astype(float),
        expectation=state.expectation.astype(float),
        plan=state.plan,
        plan_x=state.plan_x.astype(float),
        plan_age=state.plan_age,
        oldest=np.where(state.carrier == 0, state.tenure, -1).max(axis=0).astype(np.int16),
        solved=state.step == SOLUTION,
        points=state.points.astype(float),
        ip_share=state.ip_share.astype(float),
        call_gain=np.full(size, scenario.channel.call_gain),
        faults=np.full(size, faults),
        lift=np.full(size, lift),
        lets_in=around.pop("lets_in"),
        agent_gain=agent_gain(scenario, who),
        phase=np.stack(phases(who)),
    )
    tastes = (who.price_sensitivity, who.rapport_weight, who.hassle_weight, who.switching_cost)
    tastes = (taste.astype(float) * one for taste in (*tastes, who.desire))
    types = kernel.Types(*tastes, unseen=one, weight=one, law=truth[None])
    shape = (len(treatments), size)
    columns = {name: np.array([treatment[name] for treatment in treatments]) for name in LEVERS}
    menu = kernel.Menu(
        allowed=np.ones(shape, dtype=bool),
        **{name: column.astype(float if name == "discount" else np.int64) for name, column in columns.items()},
        level=np.full(shape, level, dtype=np.int8),
        offer_x=np.full(shape, float(offer_x)),
    )
    idle = np.zeros(size, dtype=np.int64)
    nobody = kernel.Reach(idle, idle, idle, np.zeros(size), np.ones(size))
    after = kernel.After(idle, np.zeros(size, dtype=np.int8), idle, idle, nobody)
    lengths = {"months": months, "period": months, "offer_every": 6, "terminal": 0.0, "contract_share": 0.0}
    lengths |= {"mail_gain": scenario.channel.mail_gain, **swaying(scenario)._asdict()}
    lengths |= {"event_gain": scenario.event.gain, "event_bond": scenario.event.bond, "pay": pay(scenario.agent)}
    lengths |= {"frozen": scenario.mechanisms.freeze_stocks, **span}
    price = np.repeat(posted.price[None], months, axis=0)
    contact = np.full(months, 1 - np.prod(1 - posted.contact))
    brought = np.zeros((size, len(treatments), kernel.OUTCOMES))
    terms, r, growing = plan_table(scenario.contract), rates(scenario), scenario.mechanisms.growth
    span = kernel.Span(**lengths)
    reach = kernel.Reach(**around)
    kernel.expect(0, size, known, types, menu, after, reach, span, price, posted, contact, terms, r, growing, brought)
    return brought


def agent_gain(scenario, who):
    """Return the adstock of an agent's contact, shape (customers,)."""
    return scenario.agent.gain * welcome(who.expected_channel, "agent", scenario.channel.unexpected)


def phases(who):
    """Return when contacts start: visits, letters, calls, events, agents."""
    return [
        *(contact_phase(who.key, purpose) for purpose in ("visit", "letter", "call")),
        event_phase(who.centre),
        contact_phase(who.key, "agent"),
    ]


def pay(agent):
    """Return what agents are paid for a line that they won, by stages."""
    later = (1 - agent.at_sign_up) * agent.commission
    return kernel.Pay(agent.window, agent.at_sign_up * agent.commission, later, agent.stay, 0.0)


def twin_repeats(scenario, law, oldest, discount):
    """Return the chance of a repeat purchase of one customer with this law of its lines."""
    ours = law[0]
    none = np.prod(1 - ours)
    one = sum(ours[line] * np.prod(np.delete(1 - ours, line)) for line in range(len(ours)))
    repeats = 1.0 if oldest >= scenario.loyalty.repeat_months else (1 - none - one) / max(1 - none, 1e-12)
    return repeats * (discount == 0)


def twin_look(scenario, sways, feeling, repeats, contact, stirred):
    """Return the chance of looking around on each carrier's lines, the mean over the sway of satisfaction."""
    a = scenario.attention
    steps = np.linspace(0, 1, sways.meant.size)
    quiet = np.array([np.interp(felt, steps, odds) for felt, odds in zip(feeling, sways.restless, strict=True)])
    called = quiet * np.exp(a.rival_contact)
    behaving = [np.interp(feeling[0], steps, odds) for odds in sways.loyal]
    quiet[0] += repeats * (behaving[0] - quiet[0])
    called[0] += repeats * (behaving[1] - called[0])
    eager = np.exp(a.own_contact * (np.arange(len(feeling)) > 0))
    calm, stir = (
        (1 - contact) * quiet * by / (1 + quiet * by) + contact * called * by / (1 + called * by) for by in (1, eager)
    )
    return (1 - stirred) * calm + stirred * stir


def twin_bond(scenario, law, solved, visited):
    """Return the chance of a solution, and the factor on the odds of leaving us, of one customer."""
    ours, bond = law[0], scenario.bond if scenario.mechanisms.bonds else BondSettings(**NO_BONDS)
    ways = np.array(list(np.ndindex(*[2] * len(ours))))
    chance = np.where(ways == 1, ours, 1 - ours).prod(axis=1)
    held = np.bincount(ways.sum(axis=1), weights=chance, minlength=len(ours) + 1)
    solved = min(solved, held[-1])
    solved += (held[-1] - solved) * bond.integration * visited
    by_step = [held[1], held[2:-1].sum(), held[-1] - solved, solved]
    left = by_step @ np.exp([0, -bond.line, -bond.bundle, -bond.solution])
    return solved, left / held[1:].sum() if held[0] < 1 else 1.0


def twin_doubt(past, kept, rate=1.0):
    """Return the stock that saturates as the mean of a doubtful one.

    `past` has each month's gains, newest last, as (chance, size).
    """
    left = [(chance, size * kept**ago) for ago, gains in enumerate(reversed(past)) for chance, size in gains]
    mean = sum(chance * size for chance, size in left)
    variance = sum(chance * (1 - chance) * size**2 for chance, size in left)
    return mean / (1 + rate * variance / (2 * mean)) if mean > 0 else 0.0


def twin(scenario, city, n, treatment, months, level=0, beside=ALONE):
    """Return what is compared of one customer who lets agents in if anybody does: a chain of each line, in numpy."""
    who, state, posted = city.customers, city.state, posted_tariff(scenario)
    carriers, lines = posted.price.shape
    law = np.array([state.carrier[:, n] == c for c in range(carriers)]).astype(float)
    kept, demand = law[0].copy(), state.demand[:, n].astype(float)
    feeling, hoped = state.satisfaction[:, n].astype(float), state.expectation[:, n].astype(float)
    goodwill, adstock = state.goodwill[:, :, n].astype(float), 0.0
    contacts = ("visit", "letter", "call", "event", "agent")
    phase = {purpose: at[n : n + 1] for purpose, at in zip(contacts, phases(who), strict=True)}
    a_year = (treatment["visits"], treatment["mail"] + beside["letters"], treatment["calls"])
    a_year += (beside["events"], beside["agents"] * (beside["lets_in"] > 0))
    heard, met, agent_there, won = [], [], [], []
    service = np.array([posted.service] * lines).T
    contact = 1 - np.prod(1 - posted.contact)
    settings, sways = scenario.experience, swaying(scenario)
    oldest, solved = state.tenure[state.carrier[:, n] == 0, n].max(initial=-1000), 0.0
    total = np.zeros(8)
    for month in range(months):
        made = {
            purpose: int(due_in_month(np.array([number]), phase[purpose], month)[0])
            for purpose, number in zip(contacts, a_year, strict=True)
        }
        attends, called = beside["attends"] * (made["event"] > 0), beside["called"] * (made["agent"] > 0)
        heard.append([(attends, scenario.event.gain), (called, agent_gain(scenario, who)[n] * made["agent"])])
        met.append([(attends, scenario.event.bond)])
        agent_there.append(called)
        demand = demand * (1 + who.growth[n])
        goodwill = goodwill * scenario.visit.goodwill_kept
        goodwill[1:] += (1 - scenario.visit.goodwill_kept) * scenario.visit.rival_goodwill
        goodwill[0, level] += scenario.visit.skill * made["visit"]
        adstock = adstock * scenario.channel.adstock_kept
        adstock += scenario.channel.mail_gain * made["letter"] + scenario.channel.call_gain * made["call"]
        share = law.sum(axis=1)
        quality = (law * posted.quality).sum(axis=1) / np.maximum(share, 1e-12)
        serves_any = np.where(share > 1e-12, 1 - (1 - law).prod(axis=1), 0)
        seen = performance(quality, service[:, 0], settings)
        seen = seen - settings.incidents * (1 - quality) * settings.incident_shock
        seen[0] += settings.visit_lift * (made["visit"] > 0)
        sure = any(made[purpose] for purpose in ("visit", "letter", "call"))
        informed = 1.0 if sure else 1 - (1 - attends) * (1 - called)
        informed *= (np.arange(carriers) == 0) * scenario.mechanisms.information
        felt = next_satisfaction(feeling, hoped, seen, settings, float(who.desire[n]), informed)
        hoped = hoped + serves_any * settings.expectation_speed * (seen - hoped)
        feeling = feeling + serves_any * (felt - feeling)
        close = goodwill.copy()
        close[0, 2] += twin_doubt(met, scenario.visit.goodwill_kept, scenario.value.goodwill_saturation)
        aware = adstock + twin_doubt(heard, scenario.channel.adstock_kept)
        known = rapport(close[:, :, None], who.level_weight[:, n : n + 1], scenario.value.goodwill_saturation)[:, 0]
        image = posted.image - np.array([np.expm1(-aware), *[0.0] * (carriers - 1)])
        off = np.where(np.arange(carriers) == 0, 1 - treatment["discount"], 1.0)
        value = (
            scenario.value.quality * posted.quality
            - who.price_sensitivity[n] * np.log(posted.price * off[:, None])
            + scenario.value.bundle * (law.sum(axis=1, keepdims=True) - law) / (lines - 1)
            + (
                scenario.value.satisfaction * feeling
                + who.rapport_weight[n] * known
                + scenario.value.image * image
                - who.hassle_weight[n] * posted.hassle
            )[:, None]
        )
        repeats = twin_repeats(scenario, law, oldest + month, treatment["discount"])
        solved, tie = twin_bond(scenario, law, solved, made["visit"] > 0)
        means = np.interp(feeling[0], np.linspace(0, 1, sways.meant.size), sways.meant)
        value[0] += scenario.bond.social * repeats * means
        stirred = 1.0 if made["visit"] > 0 or made["call"] > 0 else called
        look = twin_look(scenario, sways, feeling, repeats, contact, stirred)
        after = law * (1 - look[:, None])
        for c in range(carriers):
            cost = float(who.switching_cost[n]) - (np.log(tie) if c == 0 else 0)
            chosen = choice_probabilities(value, np.full(lines, c), np.full(lines, cost))
            after += law[c] * look[c] * chosen
            if c == 0:
                left = look[0] * (1 - chosen[0])
        total[4] += (kept * left).sum()
        worth = demand * posted.price[0]
        window = agent_there[-scenario.agent.window :]
        won = [lines_won * (1 - left) for lines_won in won]
        won.append((1 - np.prod(1 - np.array(window))) * (after[0] - law[0] * (1 - left)))
        total[7] += won[-1] @ worth * pay(scenario.agent).at_sign_up
        if month >= scenario.agent.stay:
            total[7] += won[month - scenario.agent.stay] @ worth * pay(scenario.agent).later
        kept, law = kept * (1 - left), after
        served = 1 - (1 - law[0]).prod()
        total[5] += served * feeling[0]
        total[6] += served
        total[0] += (worth * kept).sum() * off[0]
        total[1] += (worth * (law[0] - kept)).sum() * off[0]
        total[2] += (worth * law[0]).sum() * (1 - off[0])
        total[3] += scenario.money.cost_to_serve * (worth * law[0]).sum()
    return total


TREATMENTS = [
    NOTHING,
    {**NOTHING, "visits": 12},
    {**NOTHING, "visits": 2, "mail": 4},
    {**NOTHING, "calls": 6},
    {**NOTHING, "discount": 0.1},
]
COMPARED = [kernel.RETAINED, kernel.WON_BACK, kernel.DISCOUNT, kernel.SERVE, kernel.LEFT]
COMPARED += [kernel.SATISFACTION, kernel.SERVED, kernel.COMMISSION]


@pytest.mark.parametrize("level", range(3))
def test_the_compiled_recursion_is_that_of_the_plain_twin(level):
    scenario = tiny_scenario(
        burn_in=0, city={"customers": 12}, mechanisms={"contracts": False, "talk": False, "points": False}
    )
    city = draw_city(scenario)
    city.state.expectation[:] += np.linspace(-0.2, 0.2, 12)
    found = expected(scenario, city, TREATMENTS, 18, level=level)[:, :, COMPARED]
    wanted = [[twin(scenario, city, n, treatment, 18, level) for treatment in TREATMENTS] for n in range(12)]
    np.testing.assert_allclose(found, wanted, rtol=1e-6, atol=1e-6)


EVENTS = {"events": 6, "attends": 0.3}
AGENTS = {"agents": 4, "lets_in": 1.0}
BESIDE = {
    "events": EVENTS,
    "agents": AGENTS,
    "few of both": {**EVENTS, **AGENTS, "called": 0.7},
    "letters": {"letters": 4},
    "many": {"events": 12, "attends": 1.0, "agents": 12, "lets_in": 1.0},
}


@pytest.mark.parametrize("beside", [{**ALONE, **some} for some in BESIDE.values()], ids=list(BESIDE))
def test_events_and_agents_are_those_of_the_plain_twin(beside):
    scenario = tiny_scenario(
        burn_in=0,
        city={"customers": 6},
        agent={"stay": 4},
        mechanisms={"contracts": False, "talk": False, "points": False},
    )
    city = draw_city(scenario)
    found = expected(scenario, city, TREATMENTS, 14, beside=beside)[:, :, COMPARED]
    wanted = [[twin(scenario, city, n, treatment, 14, beside=beside) for treatment in TREATMENTS] for n in range(6)]
    np.testing.assert_allclose(found, wanted, rtol=1e-6, atol=1e-6)


def test_who_may_let_agents_in_is_the_mean_of_who_does_and_who_does_not():
    scenario = tiny_scenario(burn_in=0, city={"customers": 6})
    city = draw_city(scenario)
    shy, doubtful, open_to_it = (
        expected(scenario, city, TREATMENTS, 12, beside={**ALONE, "agents": 6, "lets_in": chance})
        for chance in (0.0, 0.4, 1.0)
    )
    np.testing.assert_allclose(doubtful, 0.6 * shy + 0.4 * open_to_it, rtol=1e-9, atol=1e-9)
    np.testing.assert_array_equal(shy, expected(scenario, city, TREATMENTS, 12))


def test_letters_beside_a_treatment_are_as_good_as_its_own():
    scenario = tiny_scenario(burn_in=0, city={"customers": 6})
    city = draw_city(scenario)
    beside = expected(scenario, city, [{**NOTHING, "mail": 2}], 12, beside={**ALONE, "letters": 2})
    np.testing.assert_array_equal(beside, expected(scenario, city, [{**NOTHING, "mail": 4}], 12))


def test_more_faults_cost_the_performance_that_they_are_expected_to():
    """Where all our lines are alike, twice the faults are as bad as that much less performance."""
    alike = {"quality": dict.fromkeys(("local_voice", "long_distance", "data", "mobile"), 0.8)}
    scenario = tiny_scenario(burn_in=0, city={"customers": 6}, own=alike, experience={"incidents": 0.3})
    city, lost = draw_city(scenario), 0.3 * (1 - 0.8) * scenario.experience.incident_shock
    worse = expected(scenario, city, TREATMENTS, 12, faults=2.0)
    np.testing.assert_allclose(worse, expected(scenario, city, TREATMENTS, 12, lift=-lost), rtol=1e-6)
    usual = expected(scenario, city, TREATMENTS, 12)
    assert (worse[..., kernel.RETAINED] < usual[..., kernel.RETAINED]).all()


def test_the_lift_of_a_tier_is_felt_as_a_visit_each_month_is():
    """Visits that leave no goodwill and draw no attention only lift performance."""
    idle_visits = {"visit": {"skill": 0.0, "rival_goodwill": 0.0}, "attention": {"own_contact": 0.0}}
    unmoved = {"mechanisms": {"information": False, "bonds": False}}
    scenario = tiny_scenario(burn_in=0, city={"customers": 6}, **idle_visits, **unmoved)
    city = draw_city(scenario)
    visited = expected(scenario, city, [{**NOTHING, "visits": 12}], 12)
    lifted = expected(scenario, city, [NOTHING], 12, lift=scenario.experience.visit_lift)
    np.testing.assert_allclose(visited, lifted, rtol=1e-6)


def test_blocks_of_customers_add_up_to_the_whole():
    scenario = tiny_scenario(burn_in=0, city={"customers": 6})
    city = draw_city(scenario)
    halves = [_part(city, part) for part in (slice(0, 3), slice(3, 6))]
    apart = np.concatenate([expected(scenario, half, TREATMENTS, 6) for half in halves])
    np.testing.assert_array_equal(expected(scenario, city, TREATMENTS, 6), apart)


def _part(city, part):
    customers = type(city.customers)(*(np.ascontiguousarray(array[..., part]) for array in city.customers))
    state = type(city.state)(*(np.ascontiguousarray(array[..., part]) for array in city.state))
    return city._replace(customers=customers, state=state)


# Worked examples.


def quiet_example(own, rivals, **changes):
    return worked_example(own, rivals, attention={"base": -20.0, "dissatisfaction": 0.0}, **changes)


@pytest.mark.parametrize(
    ("own", "rivals", "x", "retained", "won_back", "shortfall", "discount", "care"),
    [
        (3000.0, (5000.0, 3000.0), 8000.0, 3000, 5800, 0, 2200, 0),
        (3200.0, (4000.0, 2000.0), 8000.0, 3200, 5600, 0, 400, 0),
        (1200.0, (0.0, 0.0), 2000.0, 1200, 0, 1000, 0, 500),
    ],
    ids=["D10", "D11", "D12"],
)
def test_the_recursion_knows_the_worked_examples(own, rivals, x, retained, won_back, shortfall, discount, care):
    scenario, city = quiet_example(own, rivals)
    offer = {**NOTHING, "visits": 12, "offer": PLANS.index("A")}
    brought = expected(scenario, city, [offer], 6, offer_x=x)[0, 0]
    wanted = 6 * np.array([retained, won_back, shortfall, care, discount])
    np.testing.assert_allclose(brought[:5], wanted, rtol=1e-5, atol=0.1)
    assert brought[kernel.OFFERS] == pytest.approx(1)


# Means of simulated lives.

COPIES = 4000
SEVERAL = 8


def simulated(scenario, city, turn, months, seed=17):
    """Return the mean of what copies of each customer brought and its standard error, yuan, shape (3, customers)."""
    history = simulate(scenario, cloned(city, COPIES), turn(SEVERAL * COPIES), seed=seed, months=months)
    names = ("retained", "won_back", "cost_to_serve")
    lives = np.array([yuan(getattr(history.account, name)).reshape(COPIES, -1) for name in names])
    return lives.mean(axis=1), lives.std(axis=1, ddof=1) / np.sqrt(COPIES)


def worst_z(brought, mean, error):
    wanted = brought[:, [kernel.RETAINED, kernel.WON_BACK, kernel.SERVE]].T
    return (np.abs(mean - wanted) / np.maximum(error, 1e-3 + 1e-6 * np.abs(wanted))).max()


BONFERRONI = stats.norm.isf(1e-3 / 2 / (3 * SEVERAL))


def still(**changes):
    return tiny_scenario(
        burn_in=0,
        city={"customers": SEVERAL},
        attention={"base": -2.0},
        mechanisms=only("attention", "growth", "freeze_stocks"),
        **changes,
    )


@pytest.mark.parametrize("discount", [0.0, 0.1])
def test_with_frozen_stocks_the_recursion_is_the_mean_of_simulated_lives(discount):
    scenario = still()
    city = draw_city(scenario)
    brought = expected(scenario, city, [{**NOTHING, "discount": discount}], 12)[:, 0]
    lives = simulated(
        scenario, city, lambda size: nothing(size)._replace(discount=np.full(size, discount, dtype=np.float32)), 12
    )
    assert worst_z(brought, *lives) < BONFERRONI


def chain_of_terms(scenario, city, n, months):
    """Return retained and won-back revenue of one customer, exactly: a chain over carrier and term left."""
    who, state, posted, a = city.customers, city.state, posted_tariff(scenario), scenario.attention
    carriers, lines = posted.price.shape
    term, signing, resigning = (getattr(scenario.contract, name) for name in ("term_months", "signing", "resigning"))
    flat = scenario.value.model_copy(update={"bundle": 0.0})
    value = delivered_value(who, state, posted, flat)[:, :, n]
    calm = a.base + a.dissatisfaction * np.maximum(0, a.threshold - state.satisfaction[:, n].astype(float))
    contact = 1 - np.prod(1 - posted.contact)
    total = np.zeros(2)
    for line in range(lines):
        step = np.zeros((carriers, term + 1, carriers, term + 1))
        for c, left in np.ndindex(carriers, term + 1):
            after, ended = max(left - 1, 0), left == 1
            logit = calm[c] + a.contract_ended * ended
            called = attention_probability(logit + a.rival_contact)
            look = (1 - contact) * attention_probability(logit) + contact * called
            cost = float(who.switching_cost[n]) + scenario.choice.breakage * (after > 0)
            chosen = choice_probabilities(value[:, line, None], np.array([c]), np.array([cost]))[:, 0]
            step[c, left, :, term] += look * chosen * signing
            step[c, left, :, 0] += look * chosen * (1 - signing)
            step[c, left, c, [term, 0]] -= look * chosen[c] * np.array([signing, 1 - signing])
            stays = 1 - look * (1 - chosen[c])
            step[c, left, c, term] += stays * resigning * ended
            step[c, left, c, after] += stays * (1 - resigning * ended)
        law = np.zeros((carriers, term + 1))
        law[state.carrier[line, n], state.months_left[line, n]] = 1
        kept = np.zeros_like(law)
        kept[0] = law[0]
        worth = float(state.demand[line, n]) * posted.price[0, line]
        for _ in range(months):
            worth *= 1 + float(who.growth[n])
            law = np.einsum("ck,ckdl->dl", law, step)
            kept[0] = kept[0] @ step[0, :, 0]
            total += worth * np.array([kept[0].sum(), law[0].sum() - kept[0].sum()])
    return total


@pytest.fixture(scope="module")
def under_contract():
    """A market whose lines end their terms one after the other, and what the exact chain says of a year."""
    free = still(visit={"rival_goodwill": 0.8})
    changes = {"mechanisms": free.mechanisms.model_copy(update={"contracts": True, "early_leaving": True})}
    scenario = free.model_copy(update={**changes, "attention": AttentionSettings(**{**ATTENTION, "base": -2.0})})
    city = draw_city(scenario)
    city.state.months_left[:] = np.arange(SEVERAL)
    return scenario, city, np.array([chain_of_terms(scenario, city, n, 12) for n in range(SEVERAL)]).T


def test_simulated_lives_follow_the_exact_chain_of_carriers_and_terms(under_contract):
    scenario, city, exact = under_contract
    mean, error = simulated(scenario, city, nothing, 12)
    assert (np.abs(mean[:2] - exact) < BONFERRONI * error[:2] + 1e-3).all()


def test_under_contract_the_recursion_knows_our_usage_exactly(under_contract):
    scenario, city, exact = under_contract
    usage = expected(scenario, city, [NOTHING], 12)[:, 0, kernel.SERVE] / scenario.money.cost_to_serve
    np.testing.assert_allclose(usage, exact.sum(axis=0), rtol=1e-6)


def test_under_contract_the_recursion_knows_what_stays_to_within_a_few_hundredths(under_contract):
    """It takes lines that came back for lines that stayed, though their terms differ."""
    scenario, city, exact = under_contract
    brought = expected(scenario, city, [NOTHING], 12)[:, 0]
    np.testing.assert_allclose(brought[:, kernel.RETAINED], exact[0], rtol=0.01)
    np.testing.assert_allclose(brought[:, kernel.WON_BACK], exact[1], rtol=0.04)


@pytest.mark.parametrize("plan", ["A", "B", "C"])
def test_an_offer_is_accepted_as_often_as_in_simulated_lives(plan):
    scenario, city = quiet_example(3000.0, (5000.0, 3000.0), contract={"offer": -1.0})
    offer = {**NOTHING, "visits": 12, "offer": PLANS.index(plan)}
    brought = expected(scenario, city, [offer], 6, offer_x=11_000.0)[0, 0]
    many = cloned(city, COPIES)
    history = simulate(scenario, many, offering(many, plan, 11_000.0), seed=5, months=6)
    for outcome, name in (
        (kernel.RETAINED, "retained"),
        (kernel.WON_BACK, "won_back"),
        (kernel.SHORTFALL, "shortfall"),
    ):
        lives = yuan(getattr(history.account, name))
        error = lives.std() / np.sqrt(COPIES)
        assert abs(lives.mean() - brought[outcome]) < 4 * error + 0.01
    assert 0.02 < history.plans_accepted.sum() / COPIES < 0.98


@pytest.mark.parametrize("treatment", TREATMENTS[:4])
def test_with_everything_moving_the_recursion_stays_within_a_few_hundredths_of_simulated_lives(treatment):
    scenario = tiny_scenario(
        burn_in=0,
        city={"customers": SEVERAL},
        mechanisms={"talk": False},
        visit={"hours": 5000.0},
        attention=ATTENTION,
        value={"quality": 3.0, "image": 0.5},
        channel={"mail_gain": 0.15},
    )
    city = draw_city(scenario)
    city.state.months_left[:] = 0
    brought = expected(scenario, city, [treatment], 24)[:, 0]

    def turn(size):
        chosen = nothing(size)
        for lever in ("visits", "mail", "calls"):
            getattr(chosen, lever)[:] = treatment[lever]
        return chosen

    mean, _ = simulated(scenario, city, turn, 24)
    assert brought[:, kernel.RETAINED].sum() == pytest.approx(mean[0].sum(), rel=0.04)
    assert brought[:, kernel.SERVE].sum() == pytest.approx(mean[2].sum(), rel=0.03)


# Fees, points and substitution.


def outcome_of_lives(scenario, city, turn, name, months):
    """Return the mean over copies of a customer of one account, and its standard error, yuan."""
    many = cloned(city, COPIES)
    lives = yuan(getattr(simulate(scenario, many, turn(many), seed=9, months=months).account, name))
    return lives.mean(), lives.std() / np.sqrt(COPIES)


def test_fees_for_leaving_a_plan_early_are_those_of_simulated_lives():
    changes = {"mechanisms": {"early_leaving": True}, "value": {"price_sensitivity_spread": 0.0}}
    scenario, city = quiet_example(1200.0, (0.0, 0.0), contract={"early": -1.0}, **changes)
    offer = {**NOTHING, "visits": 12, "offer": PLANS.index("A")}
    brought = expected(scenario, city, [offer], 6, offer_x=2000.0)[0, 0]
    mean, error = outcome_of_lives(scenario, city, lambda many: offering(many, "A", 2000.0), "breakage", 6)
    assert abs(mean - brought[kernel.BREAKAGE]) < 4 * error
    assert mean > 100


def test_fees_for_leaving_a_term_early_are_those_of_simulated_lives(under_contract):
    scenario, city, _ = under_contract
    fees = expected(scenario, city, [NOTHING], 12)[:, 0, kernel.BREAKAGE]
    many = cloned(city, COPIES)
    history = simulate(scenario, many, nothing(SEVERAL * COPIES), seed=17, months=12)
    lives = yuan(history.account.breakage).reshape(COPIES, -1)
    error = lives.std(axis=0, ddof=1) / np.sqrt(COPIES)
    assert (np.abs(lives.mean(axis=0) - fees) < BONFERRONI * error + 1e-3).all()
    assert fees.min() > 0


def test_waived_fees_are_those_of_simulated_lives():
    changes = {"contract": {"offer": -1.0, "installation": 3000.0}, "mechanisms": {"waived_fees": True}}
    scenario, city = quiet_example(3000.0, (5000.0, 3000.0), **changes)
    offer = {**NOTHING, "visits": 12, "offer": PLANS.index("A")}
    waived = expected(scenario, city, [offer], 6, offer_x=11_000.0)[0, 0, kernel.WAIVED]
    many = cloned(city, COPIES)
    history = simulate(scenario, many, offering(many, "A", 11_000.0), seed=5, months=6)
    share = history.plans_accepted.sum() / COPIES
    assert waived / (2 * 3000) == pytest.approx(share, abs=4 * np.sqrt(share * (1 - share) / COPIES))
    assert 0.02 < share < 0.98


@pytest.mark.parametrize("held", [0.0, 9000.0])
def test_points_cost_what_they_cost_in_simulated_lives(held):
    scenario, city = quiet_example(
        3000.0, (0.0, 0.0), points={"least": 10_000.0, "redeeming": 0.3}, mechanisms={"points": True}
    )
    city.state.points[:] = held
    cost = expected(scenario, city, [NOTHING], 18)[0, 0, kernel.REDEEMED]
    mean, error = outcome_of_lives(scenario, city, lambda many: nothing(many.ids.size), "programme_cost", 18)
    assert abs(mean - cost) < 4 * error
    assert mean > 50


@pytest.mark.parametrize("discount", [0.0, 0.1])
def test_usage_moves_as_in_the_market_where_carriers_stay(discount):
    flow = {"origin": "local_voice", "destination": "data", "rate": 0.05, "price_elasticity": 3.0}
    scenario, city = quiet_example(
        3000.0,
        (5000.0, 3000.0),
        substitution={"flows": {"data for calls": flow}, "ip": {"line": "local_voice", "speed": 0.3}},
        mechanisms={"substitution": True},
    )
    cheap = scenario.rivals["unicom"].model_copy(update={"price_index": 0.8})
    scenario = scenario.model_copy(update={"rivals": {**scenario.rivals, "unicom": cheap}})
    bill = expected(scenario, city, [{**NOTHING, "discount": discount}], 12)[0, 0]
    turn = nothing(1)._replace(discount=np.full(1, discount, dtype=np.float32))
    history = simulate(scenario, city, turn, seed=1, months=12)
    assert bill[kernel.RETAINED] == pytest.approx(yuan(history.retained.sum()), rel=1e-5)
    assert bill[kernel.DISCOUNT] == pytest.approx(yuan(history.discount.sum()), rel=1e-5)
    assert bill[kernel.RETAINED] < 0.9 * 36_000 * (1 - discount)


def test_points_and_cheap_calls_hold_lines_as_in_simulated_lives():
    kept = {"points": {"worth": 0.1, "weight": 5.0, "redeeming": 0.0}}
    ip = {"line": "long_distance", "speed": 0.0}
    scenario = still(**kept, substitution={"ip": ip})
    scenario = scenario.model_copy(update={"mechanisms": scenario.mechanisms.model_copy(update={"points": True})})
    city = draw_city(scenario)
    city.state.points[:] = 60 * city.state.recent_usage[2]
    city.state.ip_share[:] = np.where(city.state.carrier[1] == 0, 0.5, 0)
    brought = expected(scenario, city, [NOTHING], 6)[:, 0, kernel.RETAINED]
    free = still()
    loose = expected(free, city, [NOTHING], 6)[:, 0, kernel.RETAINED]
    mean, _ = simulated(scenario, city, nothing, 6)
    assert brought.sum() == pytest.approx(mean[0].sum(), rel=0.01)
    held = city.state.carrier[1] != 0
    assert (brought[held] > 1.02 * loose[held]).any()


# Events, agents and satisfaction.

PATIENT = only(
    *("attention", "growth", "visits", "events", "agents", "bundle", "loyalty", "bonds", "information"),
    *("incidents", "luck"),
)
"""All but contract terms, for which the recursion has tolerances of its own, and talk."""
ROOM = {"venue": 100_000, "centres_per_team": 0.5}
"""A venue for everybody, in the month in which an event is due."""


def reachable(mechanisms=PATIENT, **changes):
    """Return a market of a few accounts that expect all kinds of channels, and agents paid nothing but commission."""
    chosen = tiny_scenario(
        burn_in=0,
        city={"customers": SEVERAL, "channels": [0.3, 0.2, 0.2, 0.1, 0.2]},
        visit={"hours": 5000.0},
        attention=ATTENTION,
        event=ROOM,
        agent={"fixed": 0.0, "cost": 0.0, "capacity": 100.0},
        experience={"desire_spread": 0.0},
        mechanisms=mechanisms,
        **changes,
    )
    return chosen, draw_city(chosen)


def in_one_centre(city, copies=COPIES):
    """Return copies of a city that are all invited to the same events."""
    many = cloned(city, copies)
    who = many.customers._replace(centre=np.zeros_like(many.customers.centre))
    return many._replace(customers=who, centres=1)


def gained(scenario, city, lever, names):
    """Return what 12 contacts of a lever bring each account in a year, yuan, and its standard error: paired futures."""
    many, idle = in_one_centre(city), nothing(SEVERAL * COPIES)
    asked = idle._replace(**{lever: np.full_like(getattr(idle, lever), 12)})
    with_it, without = (simulate(scenario, many, turn, seed=17, months=12).account for turn in (asked, idle))
    more = np.array([yuan(getattr(with_it, name) - getattr(without, name)).reshape(COPIES, -1) for name in names])
    return more.mean(axis=1), more.std(axis=1, ddof=1) / np.sqrt(COPIES)


def promised(scenario, city, beside):
    """Return what the recursion expects of contacts beside a treatment that leaves the account alone."""
    idle = expected(scenario, city, [NOTHING], 12)[:, 0]
    return (expected(scenario, city, [NOTHING], 12, beside={**ALONE, **beside})[:, 0] - idle).T


EFFECTS = (("retained", kernel.RETAINED), ("won_back", kernel.WON_BACK), ("cost_to_serve", kernel.SERVE))


def worst_of_effects(promise, mean, error):
    """Return the worst deviation of an expected effect, standard errors; a twentieth either way is the mean field's."""
    wanted = promise[[row for _, row in EFFECTS]]
    return (np.maximum(np.abs(wanted - mean) - 0.05 * np.abs(mean), 0) / np.maximum(error, 0.01)).max()


def test_events_bring_what_they_bring_in_simulated_lives():
    scenario, city = reachable()
    come = chance_to_come(city.customers.expected_channel, scenario.event, scenario.channel.unexpected)
    promise = promised(scenario, city, {"events": 12, "attends": come})
    mean, error = gained(scenario, city, "events", [name for name, _ in EFFECTS])
    assert worst_of_effects(promise, mean, error) < BONFERRONI
    assert promise[kernel.SERVE].sum() == pytest.approx(mean[2].sum(), rel=0.1)


def test_agents_bring_and_earn_what_they_do_in_simulated_lives():
    scenario, city = reachable()
    expects = city.customers.expected_channel == CHANNELS.index("agent")
    promise = promised(scenario, city, {"agents": 12, "lets_in": np.where(expects, 1.0, scenario.agent.reach)})
    mean, error = gained(scenario, city, "agents", [*(name for name, _ in EFFECTS), "programme_cost"])
    assert worst_of_effects(promise, mean[:3], error[:3]) < BONFERRONI
    assert promise[kernel.SERVE].sum() == pytest.approx(mean[2].sum(), rel=0.1)
    paid = promise[kernel.COMMISSION]
    assert (np.abs(paid - mean[3]) < BONFERRONI * error[3] + 0.05 * mean[3]).all()
    assert paid.min() > 0


def test_commissions_on_a_plan_that_is_taken_are_those_of_simulated_lives():
    pays = {"fixed": 0.0, "cost": 0.0, "capacity": 100.0, "reach": 1.0, "stay": 3}
    scenario, city = quiet_example(
        3000.0, (5000.0, 3000.0), contract={"offer": -1.0}, agent=pays, mechanisms={"agents": True}
    )
    offer, beside = {**NOTHING, "visits": 12, "offer": PLANS.index("A")}, {**ALONE, "agents": 12, "lets_in": 1.0}
    scenario = scenario.model_copy(update={"visit": scenario.visit.model_copy(update={"hour_cost": 0.0})})
    paid = expected(scenario, city, [offer], 6, offer_x=11_000.0, beside=beside)[0, 0, kernel.COMMISSION]

    def turn(many):
        return offering(many, "A", 11_000.0)._replace(agents=np.full(COPIES, 12, dtype=np.int16))

    mean, error = outcome_of_lives(scenario, city, turn, "programme_cost", 6)
    assert abs(paid - mean) < 4 * error
    assert mean > 100


def felt(scenario, city, visits, months=12, futures=6):
    """Return satisfaction of one account with us while we serve it, and its standard error over futures."""
    many, turn = cloned(city, 1000), nothing(1000)
    turn.visits[:] = visits
    lives = [simulate(scenario, many, turn, seed=seed, months=months) for seed in range(futures)]
    mean = [life.satisfaction_by_group[:, :, 0].sum() / 10_000 / life.served_by_group[:, :, 0].sum() for life in lives]
    return np.mean(mean), np.std(mean, ddof=1) / np.sqrt(futures)


@pytest.mark.parametrize("visits", [0, 12])
def test_satisfaction_where_nobody_leaves_is_that_of_simulated_lives(visits):
    scenario, city = reachable(only("visits", "information", "incidents", "luck"))
    brought = expected(scenario, city, [{**NOTHING, "visits": visits}], 12)[:, 0]
    for n in np.flatnonzero((city.state.carrier == 0).any(axis=0)):
        mean, error = felt(scenario, _part(city, slice(n, n + 1)), visits)
        assert abs(brought[n, kernel.SATISFACTION] / 12 - mean) < 4.5 * error


@pytest.mark.parametrize("visits", [0, 12])
def test_satisfaction_while_we_serve_stays_within_a_hundredth_of_simulated_lives(visits):
    scenario, city = reachable()
    brought = expected(scenario, city, [{**NOTHING, "visits": visits}], 12)[:, 0]
    found = brought[:, kernel.SATISFACTION] / brought[:, kernel.SERVED]
    lived = [felt(scenario, _part(city, slice(n, n + 1)), visits, futures=2)[0] for n in range(SEVERAL)]
    np.testing.assert_allclose(found, lived, atol=0.012)
