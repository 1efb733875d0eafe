"""Where settings that a message speaks of were set: a file and line, an override, or nowhere."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from contextlib import contextmanager

from experiments.experiment import Experiment
from sim.composing.compose import Composed
from sim.errors import InfeasibleError, InputError

KEY = re.compile(r"(?<![\w.])[a-z_]+(?:\.[\w]+)+")


def with_places(text: str, origin: Mapping[str, str], known: frozenset[str]) -> str:
    """Return a text with the place of each setting behind its first mention; what isn't a setting stays as it is.

    >>> with_places("raise visit.hours, e.g. by 3.5", {"visit.hours": "price_war.yaml:14"}, frozenset({"visit"}))
    'raise visit.hours (price_war.yaml:14), e.g. by 3.5'
    """
    seen: set[str] = set()

    def placed(found: re.Match[str]) -> str:
        key = found.group()
        if key in seen or key.split(".")[0] not in known:
            return key
        seen.add(key)
        place = _place(key, origin)
        return f"{key} ({place})" if place else key

    return KEY.sub(placed, text)


def _place(key: str, origin: Mapping[str, str]) -> str:
    """Return where a key, or what it is part of, was set; empty where it is as by default."""
    parts = key.split(".")
    for length in range(len(parts), 1, -1):
        place = origin.get(".".join(parts[:length]))
        if place:
            return place
    inside = [place for path, place in origin.items() if path.startswith(f"{key}.")]
    return inside[0] if inside else ""


@contextmanager
def told_with_places(experiment: Composed[Experiment]) -> Iterator[None]:
    """Let what can't be done, or isn't in the book, be told with the places of the settings it speaks of."""
    known = frozenset(type(experiment.settings).model_fields)
    try:
        yield
    except InfeasibleError as error:
        raise InfeasibleError(with_places(str(error), experiment.origin, known)) from error
    except InputError as error:
        if any(problem.split(".")[0] in ("rules", "targets") for problem in error.problems):
            raise InputError([with_places(problem, experiment.origin, known) for problem in error.problems]) from error
        raise
