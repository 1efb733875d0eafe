from .compare import Compared as Compared
from .compare import compare_results as compare_results
from .customer_value import Valued as Valued
from .customer_value import value_of as value_of
from .customer_value import write_value as write_value
from .experiment import Comparison as Comparison
from .experiment import Experiment as Experiment
from .experiment import load as load
from .field_plan import FieldPlan as FieldPlan
from .field_plan import plan_field as plan_field
from .field_plan import write_field as write_field
from .figures import answer_figure as answer_figure
from .history_table import flows_table as flows_table
from .history_table import history_table as history_table
from .learn import Lesson as Lesson
from .learn import learn_for_scenario as learn_for_scenario
from .learn import learn_from_table as learn_from_table
from .learn import table_settings as table_settings
from .learn import write_lesson as write_lesson
from .leaving import Reasons as Reasons
from .leaving import reasons_of_leaving as reasons_of_leaving
from .leaving import write_reasons as write_reasons
from .ledger import rows_of as rows_of
from .ledger import trace as trace
from .market_record import Stored as Stored
from .market_record import store_market as store_market
from .monthly import MonthlyResult as MonthlyResult
from .monthly import monthly_of as monthly_of
from .monthly import write_monthly as write_monthly
from .pilot import Pilot as Pilot
from .pilot import pilot_of as pilot_of
from .pilot import write_pilot as write_pilot
from .rivalry import Rivalry as Rivalry
from .rivalry import let_rivals_answer as let_rivals_answer
from .robust import Robust as Robust
from .robust import robust_of as robust_of
from .robust import write_robust as write_robust
from .rolling import Rolled as Rolled
from .rolling import roll as roll
from .run import MarketRun as MarketRun
from .run import Optimised as Optimised
from .run import Result as Result
from .run import optimise as optimise
from .run import run as run
from .run import simulate_market as simulate_market
from .segment_figure import segment_figure as segment_figure
from .segment_figure import segments as segments
from .shard_cost import ShardCost as ShardCost
from .sharded import Sharded as Sharded
from .sharded import simulate_drawn_over as simulate_drawn_over
from .sharded import simulate_over as simulate_over
from .store import LedgerFile as LedgerFile
from .store import Saved as Saved
from .store import read_result as read_result
from .study_worth import WorthStudy as WorthStudy
from .study_worth import worth_of as worth_of
from .study_worth_page import write_worth as write_worth
from .sweeps.agenda import Sweep as Sweep
from .sweeps.asking import SweepDone as SweepDone
from .sweeps.asking import own_sweep as own_sweep
from .sweeps.asking import sweep_of as sweep_of
from .sweeps.asking import sweep_question as sweep_question
from .sweeps.choosing import Chosen as Chosen
from .sweeps.choosing import choose as choose
from .sweeps.comparing_one import compare_sweep as compare_sweep
from .sweeps.comparing_two import compare_sweeps as compare_sweeps
from .sweeps.folder import Swept as Swept
from .sweeps.folder import read_sweep as read_sweep
from .sweeps.listing import results_table as results_table
from .sweeps.listing import status_of as status_of
from .sweeps.merging import merge as merge
from .sweeps.query import query as query
from .sweeps.question import read_question as read_question
from .sweeps.sweep import sweep as sweep
from .sweeps.verifying import rerun as rerun
from .sweeps.verifying import verify as verify
from .validation import validate_model as validate_model

__all__ = [
    "Chosen",
    "Compared",
    "Comparison",
    "Experiment",
    "FieldPlan",
    "LedgerFile",
    "Lesson",
    "MarketRun",
    "MonthlyResult",
    "Optimised",
    "Pilot",
    "Reasons",
    "Result",
    "Rivalry",
    "Robust",
    "Rolled",
    "Saved",
    "ShardCost",
    "Sharded",
    "Stored",
    "Sweep",
    "SweepDone",
    "Swept",
    "Valued",
    "WorthStudy",
    "answer_figure",
    "choose",
    "compare_results",
    "compare_sweep",
    "compare_sweeps",
    "flows_table",
    "history_table",
    "learn_for_scenario",
    "learn_from_table",
    "let_rivals_answer",
    "load",
    "merge",
    "monthly_of",
    "optimise",
    "own_sweep",
    "pilot_of",
    "plan_field",
    "query",
    "read_question",
    "read_result",
    "read_sweep",
    "reasons_of_leaving",
    "rerun",
    "results_table",
    "robust_of",
    "roll",
    "rows_of",
    "run",
    "segment_figure",
    "segments",
    "simulate_drawn_over",
    "simulate_market",
    "simulate_over",
    "status_of",
    "store_market",
    "sweep",
    "sweep_of",
    "sweep_question",
    "table_settings",
    "trace",
    "validate_model",
    "value_of",
    "verify",
    "worth_of",
    "write_field",
    "write_lesson",
    "write_monthly",
    "write_pilot",
    "write_reasons",
    "write_robust",
    "write_value",
    "write_worth",
]
