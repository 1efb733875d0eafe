"""Write out the most memory, bytes, that this process held beside the reference problem while it allocated it.

Called by allocation_growth.py in a process of its own: `python allocation_memory.py ACCOUNTS`. Interpreter and
libraries are counted in.
"""

from __future__ import annotations

import resource
import sys

import numpy as np
from memory import KIBIBYTE
from reference import reference_problem

from optimize.allocation import allocate


def main(accounts: int) -> None:
    given = reference_problem(accounts, seed=0)
    problem = sum(part.nbytes for part in given if isinstance(part, np.ndarray))
    allocate(given)
    held = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    sys.stdout.write(f"{(held if sys.platform == 'darwin' else held * KIBIBYTE) - problem}\n")


if __name__ == "__main__":
    main(int(sys.argv[1]))
