from .baselines import rules as rules
from .beside import Beside as Beside
from .decision import Decision as Decision
from .information import information_trials as information_trials
from .information import information_worth as information_worth
from .plan import Plan as Plan
from .plan import make_plan as make_plan
from .plan import thumb_choice as thumb_choice
from .response import Response as Response
from .response import estimate as estimate
from .worth import Trials as Trials
from .worth import comparison_table as comparison_table
from .worth import try_out as try_out

__all__ = [
    "Beside",
    "Decision",
    "Plan",
    "Response",
    "Trials",
    "comparison_table",
    "estimate",
    "information_trials",
    "information_worth",
    "make_plan",
    "rules",
    "thumb_choice",
    "try_out",
]
