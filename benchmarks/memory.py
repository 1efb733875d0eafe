"""Write out the most memory, bytes, that this process held to found a default city and live it under today's practice.

Called by growth.py in a process of its own: `python memory.py CUSTOMERS MONTHS`.
"""

from __future__ import annotations

import resource
import sys

from growth import ready, run

KIBIBYTE = 1024
"""What Linux counts in; macOS counts bytes."""


def main(customers: int, months: int) -> None:
    run(ready(customers, months), seed=0)
    held = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    sys.stdout.write(f"{held if sys.platform == 'darwin' else held * KIBIBYTE}\n")


if __name__ == "__main__":
    main(*map(int, sys.argv[1:]))
