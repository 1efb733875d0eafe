"""Selection: some accounts of a book, by what the book says of them."""

from __future__ import annotations

from typing import Literal

import numpy as np
from numpy.typing import NDArray

from sim.book import Book
from sim.errors import InputError, did_you_mean
from sim.names import CLASSES, INDUSTRIES
from sim.quantities import Settings


class Selection(Settings):
    """Accounts for which all that is given holds; nothing given selects every account."""

    classes: tuple[Literal["A", "B", "C", "D", "X"], ...] = ()
    industries: tuple[str, ...] = ()
    managers: tuple[str, ...] = ()
    buildings: tuple[str, ...] = ()
    centres: tuple[int, ...] = ()
    ids: tuple[str, ...] = ()

    def of(self, book: Book, key: str) -> NDArray[np.bool_]:
        """Return who is selected, shape (customers,); raises InputError at `key` where the book has no such name."""
        found = np.ones(book.key.size, dtype=bool)
        if self.classes:
            found &= np.isin(book.value_class, [CLASSES.index(name) for name in self.classes])
        if self.centres:
            found &= np.isin(book.centre, self.centres)
        named = (
            ("industries", INDUSTRIES, book.industry),
            ("managers", book.manager_names, book.manager),
            ("buildings", book.building_names, book.building),
        )
        for field, names, index in named:
            wanted = getattr(self, field)
            if wanted:
                found &= np.isin(index, [_place(name, names, f"{key}.{field}") for name in wanted])
        if self.ids:
            _check_ids(self.ids, book, f"{key}.ids")
            found &= np.isin(book.ids, self.ids)
        return np.asarray(found)


def _place(name: str, names: tuple[str, ...], key: str) -> int:
    if name not in names:
        raise InputError(f"{key}: the book has no '{name}'; {_hint(name, names)}")
    return names.index(name)


def _check_ids(ids: tuple[str, ...], book: Book, key: str) -> None:
    missing = np.setdiff1d(np.array(ids), book.ids)
    if missing.size:
        raise InputError(f"{key}: the book has no account '{missing[0]}'; {_hint(str(missing[0]), tuple(book.ids))}")


def _hint(name: str, names: tuple[str, ...]) -> str:
    """Return what to write instead, without listing thousands of names."""
    hint = did_you_mean(name, names)
    return hint if len(names) <= 12 or hint.startswith("did") else f"there are {len(names)}, such as {names[0]}"
