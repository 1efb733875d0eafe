"""What a shard of a market took where it lived."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import NamedTuple

KIBIBYTE = 1024


class ShardCost(NamedTuple):
    """What one shard took where it lived."""

    customers: int
    founding: float
    """Seconds in which it got its customers ready, the burn-in included if they were drawn there."""
    living: float
    """Seconds from then on until its last month was over, waiting included."""
    waiting: float
    """Seconds of both in which it waited for others and for the network."""
    computing: float
    """Seconds of processor time that its process used meanwhile."""
    memory: int
    """The most bytes that its process has held so far; 0 where the system doesn't tell."""


def most_memory() -> int:
    """Return the most bytes that this process has held, 0 where the system doesn't tell."""
    told = Path("/proc/self/status")
    if told.exists():  # what `resource` says on Linux begins with what the parent held as it forked
        lines = (line.split() for line in told.read_text(encoding="ascii", errors="replace").splitlines())
        return next((int(words[1]) * KIBIBYTE for words in lines if words[0] == "VmHWM:"), 0)
    try:
        import resource
    except ImportError:  # Windows
        return 0
    held = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    return held if sys.platform == "darwin" else held * KIBIBYTE
