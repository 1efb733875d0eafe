"""Scenario discovery in sentences."""

from __future__ import annotations

from collections.abc import Sequence
from fractions import Fraction

from experiments.sweeps.box import CHANCE, Share
from experiments.sweeps.failures import Failures
from experiments.sweeps.tornado_figure import named

MANY_UNSURE = 0.25
"""Share of the failures and near failures from which unsure cells are told."""
Told = tuple[str, Share, Sequence[float], float]
"""A region in words, what lies in it, its ends' quasi-p-values, and how likely it is by chance."""


def discovery_words(failing: Failures, regions: Sequence[Told], doubt: str) -> list[str]:
    """Return where a policy fails, in sentences, the first telling how often."""
    failed = failing.failed
    policy = named(failing.policy)
    count, cells = int(failed.sum()), failed.size
    often = (
        f"{policy[0].upper()}{policy[1:]} {failing.meaning} in {count} of {cells} cells ({100 * count / cells:.0f} %)."
    )
    if doubt in ("none", "all"):
        nowhere = "fails nowhere in what was swept" if doubt == "none" else "fails everywhere in what was swept"
        return [f"{often} It {nowhere}, so there is no region to tell from the rest."]
    told = [often]
    if doubt:
        return [*told, f"{doubt[0].upper()}{doubt[1:]}."]
    if not regions:
        told.append("No region stands out: failures are spread over what was swept, as far as these cells tell.")
    told += [sentence for at, region in enumerate(regions) for sentence in _region(region, at)]
    if regions:
        told.append(_elsewhere(failing, regions))
    return [*told, *_unsure(failing)]


def in_words(part: float) -> str:
    """Return a share as people say it.

    >>> [in_words(part) for part in (0.81, 0.5, 0.98, 1.0, 0.02, 0.0)]
    ['about 4 in 5', 'about 1 in 2', 'nearly all', 'all', 'hardly any', 'none']
    """
    if part in (0.0, 1.0):
        return "all" if part else "none"
    near = Fraction(part).limit_denominator(5)
    if near in (0, 1):
        return "nearly all" if near else "hardly any"
    return f"about {near.numerator} in {near.denominator}"


def _region(region: Told, at: int) -> list[str]:
    text, share, tested, chance = region
    lead = (
        "It fails mostly when"
        if at == 0 and share.coverage >= 0.5
        else "It fails often when"
        if at == 0
        else "And when"
    )
    told = [
        (
            f"{lead} {text}: {100 * share.coverage:.0f} % of the failures lie there, "
            f"and {in_words(share.density)} of the {share.cases} cells there fail ({100 * share.density:.0f} %)."
        )
    ]
    if chance > CHANCE:
        told.append(
            "But this may be chance: where failures were shuffled among the cells, a region as good was found "
            f"{100 * chance:.0f} % of the time."
        )
    elif max(tested) > CHANCE / 5:
        told.append(f"One of its limits could be chance (quasi-p {max(tested):.2f}).")
    return told


def _elsewhere(failing: Failures, regions: Sequence[Told]) -> str:
    failed = failing.failed
    cases = failed.size - sum(share.cases for _, share, _, _ in regions)
    rest = int(failed.sum()) - sum(share.failures for _, share, _, _ in regions)
    return f"Elsewhere {rest} of {cases} cells fail{f' ({100 * rest / cases:.0f} %)' if cases else ''}."


def _unsure(failing: Failures) -> list[str]:
    unsure = int(failing.cells["unsure"].sum())
    if unsure <= MANY_UNSURE * int(failing.failed.sum()):
        return []
    return [
        (
            f"In {unsure} cells the 95 % interval of the value holds the threshold, so that other futures may put "
            "them on the other side; more replications would settle them."
        )
    ]
