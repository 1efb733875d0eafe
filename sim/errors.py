"""Errors a user can act on: what was given, what is allowed, what to do, and where."""

from __future__ import annotations

from collections.abc import Iterable
from difflib import get_close_matches


class KeystayError(Exception):
    """A failure that is told in one line, without a traceback; `exit_code` is what the command line returns."""

    exit_code = 1


class InputError(KeystayError):
    """Something the user gave cannot be used; each problem is one line that names its place and the remedy."""

    exit_code = 2

    def __init__(self, problems: str | Iterable[str]) -> None:
        self.problems = [problems] if isinstance(problems, str) else list(problems)
        super().__init__("\n".join(self.problems))


class InfeasibleError(KeystayError):
    """No plan can keep every limit and rule."""

    exit_code = 3


def did_you_mean(given: str, allowed: Iterable[str]) -> str:
    """Return a hint that names the closest allowed word, or all of them when none is close.

    >>> did_you_mean("pays", ["pay", "cap"])
    "did you mean 'pay'?"
    >>> did_you_mean("zzz", ["pay", "cap"])
    'allowed: cap, pay'
    """
    names = sorted(allowed)
    close = get_close_matches(given, names, n=1)
    return f"did you mean '{close[0]}'?" if close else "allowed: " + ", ".join(names)
