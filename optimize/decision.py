"""A decision: a market scenario with the treatments, budgets, rules and objective of a plan."""

from __future__ import annotations

from typing import Literal

from pydantic import Field

from optimize.budget import BudgetSettings, RuleSettings, TargetSettings
from optimize.group_menu import GroupSettings
from optimize.monthly_settings import MonthlySettings
from optimize.outlook import RiskSettings
from optimize.pilot_settings import PilotSettings
from optimize.remedy import TargetedSettings
from optimize.rival_menu import RivalrySettings
from optimize.solver import SolverSettings
from optimize.treatment import TreatmentSettings
from optimize.trial_settings import TrialSettings
from sim.quantities import Settings, quantity
from sim.scenario import Scenario

FROM_TRUTH, FROM_BOOK = "plan_from_the_truth", "plan_from_the_book"
"""What plans are called by what they were made from."""


class ObjectiveSettings(Settings):
    """What a plan is best at."""

    maximise: Literal["retained", "own_revenue", "contribution", "blend", "target_return"] = "retained"
    retained_weight: float = quantity(1.5, "ratio", 0, 100, help="w of the blend: contribution + w x retained")
    required_return: float = quantity(
        0.2, "yuan/yuan", 0, 100, help="of target_return: contribution above what every yuan of cost has to bring back"
    )


class ResponseSettings(Settings):
    """How what treatments would bring is estimated."""

    draws: int = quantity(8, "types/account", 1, 1000, help="draws of what the book doesn't show: tastes, rival spend")
    match_shares: bool = Field(
        default=True, description="draws are weighted so that the model's shares of lines are those of the book"
    )
    terminal_months: float = quantity(0.0, "months", 0, 240, help="worth of the last month's revenue after the horizon")


class RefineSettings(Settings):
    """How often a plan is lived in imagined cities, and made again around what it does."""

    rounds: int = quantity(1, "plans", 1, 50, help="at most; 1 is one plan from one estimate")
    replications: int = quantity(24, "imagined cities", 2, 10_000, help="in which each round's plan is lived")


class RollingSettings(Settings):
    """How the rest of the planning period is planned again while it is lived (`optimize.rolling`)."""

    every: int = quantity(3, "months", 1, 600, help="from one plan to the next")
    share: float = quantity(
        0.95, "share of spend", 0, 1, help="decided for again: the largest accounts that spend it, and any that changed"
    )


class Decision(Scenario):
    """A market, and what is to be decided in it."""

    period: int = quantity(12, "months", 1, 600, help="the plan runs this long; then today's practice goes on")
    treatments: TreatmentSettings = TreatmentSettings()
    budgets: BudgetSettings = BudgetSettings()
    decisions: GroupSettings = GroupSettings()
    rules: RuleSettings = RuleSettings()
    targets: TargetSettings = TargetSettings()
    objective: ObjectiveSettings = ObjectiveSettings()
    response: ResponseSettings = ResponseSettings()
    refine: RefineSettings = RefineSettings()
    targeted: TargetedSettings = TargetedSettings()
    rolling: RollingSettings = RollingSettings()
    solver: SolverSettings = SolverSettings()
    monthly: MonthlySettings = MonthlySettings()
    trial: TrialSettings | None = None
    """What was learnt from a randomised trial of one's own, in place of the response that the model expects."""
    rivalry: RivalrySettings = RivalrySettings()
    pilot: PilotSettings = PilotSettings()
    risk: RiskSettings = RiskSettings()
