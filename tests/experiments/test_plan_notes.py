"""What is remarkable of a plan is told by every command that makes one."""

from __future__ import annotations

from experiments.experiment import load
from experiments.run import optimise

SMALL = ["city.customers=60", "burn_in=3", "months=6", "period=6"]


def test_a_plan_that_can_do_nothing_says_so():
    idle = ["visit.hours=0", "budgets.channel=0", "budgets.discount=0", "rules.contribution_floor=false"]
    notes = optimise(load("shenzhen", [*SMALL, *idle])).start.notes
    assert any(note.startswith("the plan does nothing at any account") for note in notes)


def test_a_plan_as_usual_is_not_remarked_upon():
    assert optimise(load("shenzhen", SMALL)).start.notes == ()
