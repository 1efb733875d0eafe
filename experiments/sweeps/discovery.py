"""Scenario discovery: in which region of what is uncertain a policy fails (Bryant & Lempert 2010)."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import NamedTuple

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from experiments.sweeps.box import CHANCE, End, Share, box_words, inside, quasi_p, share, without_chance
from experiments.sweeps.discovery_words import discovery_words
from experiments.sweeps.failures import Failures
from experiments.sweeps.patient import peeled
from sim import draws

Mask = NDArray[np.bool_]
FEWEST_CELLS = 40
FEWEST_FAILURES = 10
"""Also the fewest cells that don't fail, and the fewest cases in a box."""
LEAST_MASS = 0.05
MOST_BOXES = 3
SHUFFLES = 19
"""With none of 19 as good, a region is unlikely to be chance at 1 in 20."""


class Found(NamedTuple):
    """One region."""

    ends: tuple[End, ...]
    quasi_p: tuple[float, ...]
    """One an end."""
    share: Share
    """Coverage and mass are of all failures and cells, also where earlier regions were taken out before."""
    chance: float
    """Share of shuffles of the failures, this one counted, that gave as good a region; NaN without shuffles."""
    words: str


class Discovery(NamedTuple):
    """Where a policy fails."""

    failures: Failures
    regions: tuple[Found, ...]
    boxes: pd.DataFrame
    """One row a region: region, cases, failures, coverage, density, mass, false_share, chance, words."""
    limits: pd.DataFrame
    """One row a region and end: region, input, side, value, quasi_p."""
    tradeoff: pd.DataFrame
    """Every box on the way to the first region, before ends that may be chance were dropped: step, ends, cases,
    failures, coverage, density, mass, chosen."""
    words: tuple[str, ...]


def discover(
    cells: pd.DataFrame,
    failing: Failures,
    over: Iterable[str],
    *,
    shuffles: int = SHUFFLES,
    seed: int = 2004,
    progress: Callable[[int, int], None] | None = None,
) -> Discovery:
    """Return the regions in which a policy fails most, in words and with tests whether they could be chance.

    Of PRIM's ever smaller boxes, each less the ends that may be chance, the one that tells failures best from the rest
    is taken (`Share.score`). What lies in it is then taken out, and another region is looked for. With several
    scenarios the scenario is one of the inputs. Few cells or few failures are told instead of a region.
    """
    points, counts = _points(cells, list(over))
    failed = failing.failed
    doubt = _too_few(failed)
    regions: list[Found] = []
    tradeoff = pd.DataFrame()
    left = np.ones(len(points), dtype=bool)
    while not doubt and len(regions) < MOST_BOXES and _enough(failed[left]):
        first = not regions
        ends, way = _best(points[left], failed[left])
        tradeoff = way if first else tradeoff
        if not ends:
            break
        chance = _chance(points[left], failed[left], (seed, len(regions)), shuffles, progress)
        if chance > CHANCE and not first:
            break
        lies = inside(points, ends) & left
        tested = quasi_p(points[left], failed[left], ends)
        regions.append(Found(ends, tested, share(lies, failed), chance, box_words(ends, counts)))
        left &= ~lies
        if chance > CHANCE:
            break
    told = discovery_words(failing, tuple((one.words, one.share, one.quasi_p, one.chance) for one in regions), doubt)
    return Discovery(failing, tuple(regions), _boxes(regions), _limits(regions), tradeoff, tuple(told))


def _points(cells: pd.DataFrame, names: list[str]) -> tuple[pd.DataFrame, list[str]]:
    """Return what varies as floats and text, and which of it is whole numbers."""
    columns = [*(["scenario"] if cells["scenario"].nunique() > 1 else []), *names]
    varied = [name for name in columns if cells[name].astype(str).nunique() > 1]
    numbers = [name for name in varied if _is_number(cells[name])]
    points = {name: cells[name].astype(float) if name in numbers else cells[name].astype(str) for name in varied}
    frame = pd.DataFrame(points).reset_index(drop=True)
    words = [name for name in varied if name not in numbers]
    frame[words] = frame[words].astype(object)
    return frame, [name for name in numbers if (frame[name] == frame[name].round()).all()]


def _is_number(column: pd.Series) -> bool:
    return pd.api.types.is_numeric_dtype(column) and not pd.api.types.is_bool_dtype(column)


def _too_few(failed: Mask) -> str:
    """Return why no region is looked for; nothing where one is."""
    count, cells = int(failed.sum()), failed.size
    if count in (0, cells):
        return "none" if count == 0 else "all"
    if cells < FEWEST_CELLS:
        return f"{cells} cells are too few to tell a region from chance; sweep {FEWEST_CELLS} or more"
    if not _enough(failed):
        rare = "fail" if count < FEWEST_FAILURES else "don't fail"
        number = min(count, cells - count)
        return f"{number} cells that {rare} are too few to tell a region from chance; {FEWEST_FAILURES} are needed"
    return ""


def _enough(failed: Mask) -> bool:
    return FEWEST_FAILURES <= int(failed.sum()) <= failed.size - FEWEST_FAILURES


def _best(points: pd.DataFrame, failed: Mask) -> tuple[tuple[End, ...], pd.DataFrame]:
    """Return the best of all boxes that were met, each less the ends that may be chance, and the table of all."""
    if not len(points.columns):
        return (), pd.DataFrame()
    way = peeled(points, failed, max(LEAST_MASS, FEWEST_FAILURES / failed.size))
    kept = [without_chance(points, failed, ends) for ends in way]
    scores = [share(inside(points, ends), failed).score for ends in kept]
    best = max(range(len(way)), key=lambda at: (scores[at], -len(kept[at]), -at))
    rows = [
        (at, box_words(ends), *share(inside(points, ends), failed), at == best and bool(kept[at]))
        for at, ends in enumerate(way)
    ]
    return kept[best], pd.DataFrame(rows, columns=["step", "ends", *Share._fields, "chosen"])


def _chance(
    points: pd.DataFrame,
    failed: Mask,
    key: tuple[int, int],
    shuffles: int,
    progress: Callable[[int, int], None] | None,
) -> float:
    """Return how often failures shuffled among the cells give a region as good, the real one counted."""
    if not shuffles:
        return float("nan")
    real = _score(points, failed)
    as_good, (seed, region) = 0, key
    cell = np.arange(failed.size, dtype=np.uint64)
    for number in range(shuffles):
        order = np.argsort(draws.uniform(draws.stream(seed, f"shuffled failures, region {region}", number), cell))
        as_good += _score(points, failed[order]) >= real
        if progress:
            progress(number + 1, shuffles)
    return (1 + as_good) / (1 + shuffles)


def _score(points: pd.DataFrame, failed: Mask) -> float:
    ends, _ = _best(points, failed)
    return share(inside(points, ends), failed).score


def _boxes(regions: list[Found]) -> pd.DataFrame:
    rows = [(at, *one.share, one.chance, one.words) for at, one in enumerate(regions, 1)]
    return pd.DataFrame(rows, columns=["region", *Share._fields, "chance", "words"])


def _limits(regions: list[Found]) -> pd.DataFrame:
    rows = [
        (at, end.input, end.side, " ".join(sorted(end.value)) if end.side == "among" else end.value, tested)
        for at, one in enumerate(regions, 1)
        for end, tested in zip(one.ends, one.quasi_p, strict=True)
    ]
    return pd.DataFrame(rows, columns=["region", "input", "side", "value", "quasi_p"])
