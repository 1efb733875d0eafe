from .compare import Compared as Compared
from .compare import compare_results as compare_results
from .experiment import Comparison as Comparison
from .experiment import Experiment as Experiment
from .experiment import load as load
from .figures import answer_figure as answer_figure
from .run import MarketRun as MarketRun
from .run import Optimised as Optimised
from .run import Result as Result
from .run import optimise as optimise
from .run import run as run
from .run import simulate_market as simulate_market
from .segment_figure import segment_figure as segment_figure
from .segment_figure import segments as segments
from .store import Saved as Saved
from .store import read_result as read_result
from .validation import validate_model as validate_model

__all__ = [
    "Compared",
    "Comparison",
    "Experiment",
    "MarketRun",
    "Optimised",
    "Result",
    "Saved",
    "answer_figure",
    "compare_results",
    "load",
    "optimise",
    "read_result",
    "run",
    "segment_figure",
    "segments",
    "simulate_market",
    "validate_model",
]
