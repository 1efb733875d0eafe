from .book import Book as Book
from .city import Start as Start
from .city import found as found
from .errors import InfeasibleError as InfeasibleError
from .errors import InputError as InputError
from .errors import KeystayError as KeystayError
from .founding import todays_practice as todays_practice
from .history import History as History
from .ledger import Ledger as Ledger
from .market import simulate as simulate
from .observing import observe_market as observe_market
from .programme import Programme as Programme
from .scenario import Scenario as Scenario
from .shards import simulate_sharded as simulate_sharded
from .state import City as City

__all__ = [
    "Book",
    "City",
    "History",
    "InfeasibleError",
    "InputError",
    "KeystayError",
    "Ledger",
    "Programme",
    "Scenario",
    "Start",
    "found",
    "observe_market",
    "simulate",
    "simulate_sharded",
    "todays_practice",
]
