from .allocation import Allocation as Allocation
from .allocation import allocate as allocate
from .answering import answer_our_plan as answer_our_plan
from .baselines import rules as rules
from .beside import Beside as Beside
from .contenders import Contenders as Contenders
from .contenders import contenders as contenders
from .customer_value import CustomerValue as CustomerValue
from .customer_value import customer_values as customer_values
from .customer_value import value_table as value_table
from .decision import Decision as Decision
from .greedy import greedy as greedy
from .information import information_trials as information_trials
from .information import information_worth as information_worth
from .instances import read_gap as read_gap
from .instances import read_mmkp as read_mmkp
from .leaving import Leaving as Leaving
from .leaving import expected_leaving as expected_leaving
from .marginal import frontier as frontier
from .marginal import hour_values as hour_values
from .marginal import marginal_values as marginal_values
from .monthly import Monthly as Monthly
from .monthly import monthly_process as monthly_process
from .monthly_planner import monthly_policy as monthly_policy
from .monthly_policy import live_policy as live_policy
from .monthly_prices import Bound as Bound
from .monthly_prices import best_prices as best_prices
from .pilot import pilots_of as pilots_of
from .pilot import prepared as prepared
from .plan import Plan as Plan
from .plan import make_plan as make_plan
from .plan import thumb_choice as thumb_choice
from .policy import Replanning as Replanning
from .problem import Problem as Problem
from .reasons import reasons_of as reasons_of
from .refine import Refined as Refined
from .refine import refine as refine
from .response import Response as Response
from .response import estimate as estimate
from .rivalry import Chooser as Chooser
from .rivalry import Setter as Setter
from .rivalry import path_table as path_table
from .rivalry import play as play
from .robust_plan import RobustPlan as RobustPlan
from .robust_plan import make_robust_plan as make_robust_plan
from .robust_worth import Tried as Tried
from .robust_worth import try_robustly as try_robustly
from .rolling import rolling_policy as rolling_policy
from .simulated_trial import simulated_trial as simulated_trial
from .simultaneous import simultaneous as simultaneous
from .trial import Learnt as Learnt
from .trial import learn as learn
from .trial_response import taught as taught
from .trial_settings import TrialSettings as TrialSettings
from .trial_table import TrialTable as TrialTable
from .trial_table import tabulate as tabulate
from .worth import Trials as Trials
from .worth import comparison_table as comparison_table
from .worth import try_out as try_out

__all__ = [
    "Allocation",
    "Beside",
    "Bound",
    "Chooser",
    "Contenders",
    "CustomerValue",
    "Decision",
    "Learnt",
    "Leaving",
    "Monthly",
    "Plan",
    "Problem",
    "Refined",
    "Replanning",
    "Response",
    "RobustPlan",
    "Setter",
    "TrialSettings",
    "TrialTable",
    "Trials",
    "Tried",
    "allocate",
    "answer_our_plan",
    "best_prices",
    "comparison_table",
    "contenders",
    "customer_values",
    "estimate",
    "expected_leaving",
    "frontier",
    "greedy",
    "hour_values",
    "information_trials",
    "information_worth",
    "learn",
    "live_policy",
    "make_plan",
    "make_robust_plan",
    "marginal_values",
    "monthly_policy",
    "monthly_process",
    "path_table",
    "pilots_of",
    "play",
    "prepared",
    "read_gap",
    "read_mmkp",
    "reasons_of",
    "refine",
    "rolling_policy",
    "rules",
    "simulated_trial",
    "simultaneous",
    "tabulate",
    "taught",
    "thumb_choice",
    "try_out",
    "try_robustly",
    "value_table",
]
