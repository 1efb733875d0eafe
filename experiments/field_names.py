"""Names of people that become names of sheets and files."""

from __future__ import annotations

import re
from collections.abc import Sequence

SHEET = 31
"""Characters that the name of a sheet may have at most."""
FILE = 40
"""Characters of a file's name that are taken from somebody's."""


def sheet_name(name: str) -> str:
    """Return a name as a sheet may bear it.

    >>> sheet_name("=1+1"), sheet_name("Li/Wang [north]"), sheet_name("'")
    ('=1+1', 'Li_Wang _north_', 'manager')
    """
    fit = re.sub(r"[\[\]:*?/\\\x00-\x1f\x7f]", "_", name)[:SHEET].strip().strip("'").strip()
    return f"{fit}_" if fit.casefold() == "history" else fit or "manager"


def file_name(name: str) -> str:
    """Return a name as a part of a file's name on any system: letters of any script, digits, and - for the rest.

    >>> file_name("=1+1"), file_name("../Li Wei"), file_name("\u5f20\u4f1f")
    ('1-1', 'Li-Wei', '\u5f20\u4f1f')
    """
    return re.sub(r"[^\w]+", "-", name)[:FILE].strip("-") or "manager"


def distinct(names: Sequence[str], longest: int = 100) -> list[str]:
    """Return names of at most so many characters that differ, whether capitals count or not.

    >>> distinct(["Li", "LI", "summary"], 31)
    ['Li', 'LI 2', 'summary']
    """
    taken: set[str] = set()
    given = []
    for name in names:
        fit, number = name[:longest], 1
        while fit.casefold() in taken:
            number += 1
            ending = f" {number}"
            fit = name[: longest - len(ending)] + ending
        taken.add(fit.casefold())
        given.append(fit)
    return given
