"""How two sweeps differ, told so that nobody takes one for the other."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from sim.composing.compose import Difference, tree_difference
from sim.shape import shortened

ASKED = ("model", "policies", "measures", "replications", "precision", "over", "design", "decided", "inputs")
SHOWN = 12


def told_differences(there: Mapping[str, Any], here: Mapping[str, Any]) -> list[str]:
    """Return a line for each thing that two sweeps' manifests ask differently, the first dozen of them."""
    found = [*differences(there, here)]
    lines = [f"  {path}: {shortened(a)}, {shortened(b)}" for path, a, b in found[:SHOWN]]
    return [*lines, *([f"  and {len(found) - SHOWN} more"] if len(found) > SHOWN else [])]


def differences(there: Mapping[str, Any], here: Mapping[str, Any]) -> Iterator[Difference]:
    """Yield where two sweeps' manifests ask different things, and what each has there."""
    for key in ("scenarios", *ASKED):
        yield from tree_difference({key: there.get(key)}, {key: here.get(key)})
