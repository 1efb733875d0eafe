"""Settings flattened into the records of numbers that kernels take: the tariff posted, and the rates of behaviour."""

from __future__ import annotations

from typing import Any

import numpy as np

from sim.carrier import Tariff, tariff
from sim.kernels.records import Rates
from sim.scenario import Scenario
from sim.substitution import flow_table

NEVER = -1e6
"""Logit of what doesn't happen."""


def posted_tariff(scenario: Scenario) -> Tariff:
    """Return the tariff posted at the start, own carrier first."""
    contact = [0.0, *(rival.contact for rival in scenario.rivals.values())]
    return tariff(list(scenario.carriers.values()), scenario.lines, contact)


def rates(scenario: Scenario) -> Rates:
    """Return the scenario's numbers for the monthly loop, with mechanisms that are switched off at strength zero."""
    numbers = _numbers(scenario) | _money_of_customers(scenario)
    moving = scenario.substitution.flows if scenario.mechanisms.substitution else {}
    flows = flow_table(moving, list(scenario.lines))
    return Rates(**{name: _single(number) for name, number in numbers.items()}, flows=flows)


def _single(number: float) -> Any:
    """Return a number as kernels take it: whole numbers as they are, others in single precision."""
    return number if isinstance(number, int) else np.float32(number)


def _numbers(scenario: Scenario) -> dict[str, float | int]:
    value, attention, experience = scenario.value, scenario.attention, scenario.experience
    contract, visit, on = scenario.contract, scenario.visit, scenario.mechanisms
    loyalty, bond = scenario.loyalty, scenario.bond
    return {
        "quality": value.quality,
        "satisfaction": value.satisfaction,
        "image": value.image,
        "bundle": value.bundle if on.bundle else 0.0,
        "saturation": value.goodwill_saturation,
        "attention_base": attention.base if on.attention else NEVER,
        "dissatisfaction": attention.dissatisfaction,
        "threshold": attention.threshold,
        "contract_ended": attention.contract_ended,
        "rival_contact": attention.rival_contact,
        "news": attention.news if on.talk else 0.0,
        "own_contact": attention.own_contact,
        "attention_on_plan": attention.on_plan,
        "breakage": scenario.choice.breakage if on.contracts else 0.0,
        "service_share": experience.service_share,
        "noise": experience.noise if on.luck else 0.0,
        "incidents": experience.incidents if on.incidents else 0.0,
        "incident_shock": experience.incident_shock,
        "visit_lift": experience.visit_lift,
        "plan_lift": experience.plan_lift,
        "expectation_speed": experience.expectation_speed,
        "desire": experience.desire,
        "expectation_weight": experience.expectation_weight,
        "desire_weight": experience.desire_weight,
        "memory": experience.memory,
        "resentment": experience.resentment if on.talk else 0.0,
        "skill": visit.skill,
        "goodwill_kept": visit.goodwill_kept,
        "rival_goodwill": visit.rival_goodwill,
        "adstock_kept": scenario.channel.adstock_kept,
        "reset_months": contract.reset_months,
        "care_share": contract.care_share,
        "care_floor": contract.care_floor,
        "offer": contract.offer,
        "renewal": contract.renewal,
        "moving": contract.moving,
        "renegotiation": contract.renegotiation,
        "concession": contract.concession,
        "term_months": contract.term_months if on.contracts else 0,
        "signing": contract.signing if on.contracts else 0.0,
        "resigning": contract.resigning if on.contracts else 0.0,
        "cost_to_serve": scenario.money.cost_to_serve,
        "loyal": loyalty.attention if on.loyalty else 0.0,
        "shield": loyalty.shield if on.loyalty else 0.0,
        "loyalty_threshold": loyalty.threshold,
        "loyalty_slope": 1 / (loyalty.full - loyalty.threshold),
        "awareness": loyalty.awareness,
        "repeat_months": loyalty.repeat_months,
        "advocacy": loyalty.advocacy,
        "repeat_share": loyalty.repeat_share,
        "social": bond.social if on.bonds and on.loyalty else 0.0,
        "bond_line": bond.line if on.bonds else 0.0,
        "bond_bundle": bond.bundle if on.bonds else 0.0,
        "bond_solution": bond.solution if on.bonds else 0.0,
        "integration": bond.integration if on.bonds else 0.0,
        "information_weight": experience.information_weight if on.information else 0.0,
        "candour": experience.candour,
    }


def _money_of_customers(scenario: Scenario) -> dict[str, float | int]:
    """Return the numbers of early leaving, waived fees, points and IP calls."""
    contract, points, on = scenario.contract, scenario.points, scenario.mechanisms
    ip = scenario.substitution.ip if on.substitution else None
    return {
        "x_by_bill": int(contract.x_basis == "bill"),
        "early_below": contract.early_below if on.early_leaving else 0.0,
        "early": contract.early if on.early_leaving else NEVER,
        "early_fee": contract.early_fee if on.early_leaving else 0.0,
        "line_fee": contract.line_fee if on.early_leaving and on.contracts else 0.0,
        "installation": contract.installation if on.waived_fees else 0.0,
        "points_per_yuan": points.per_yuan if on.points else 0.0,
        "point_worth": points.worth if on.points else 0.0,
        "least_points": points.least,
        "redeeming": points.redeeming if on.points else 0.0,
        "redeeming_lift": points.lift if on.points and not on.freeze_stocks else 0.0,
        "point_weight": points.weight if on.points else 0.0,
        "ip_line": -1 if ip is None else list(scenario.lines).index(ip.line),
        "ip_saving": ip.saving if ip else 0.0,
        "ip_speed": ip.speed if ip else 0.0,
        "ip_most": ip.most if ip else 0.0,
        "ip_half": ip.half_at if ip else 1.0,
        "holds": int(on.points or ip is not None),
    }
