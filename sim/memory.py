"""Room for arrays, several side by side in one piece of memory, each from the start of a cache line on."""

from __future__ import annotations

from collections.abc import Iterable
from math import prod
from typing import Any

import numpy as np
from numpy.typing import DTypeLike, NDArray

LINE = 64
"""Bytes of a cache line: what loops read at a time. An array that begins inside one makes each read touch two."""

Wanted = tuple[tuple[int, ...], DTypeLike]
"""Shape and kind of an array."""


def side_by_side(wanted: Iterable[Wanted], blank: bool = True) -> list[NDArray[Any]]:
    """Return arrays of these shapes and kinds, nil if `blank`; in one piece, which the system hands out by large pages.

    >>> [array.tolist() for array in side_by_side([((2,), np.int8), ((1, 2), np.float32)])]
    [[0, 0], [[0.0, 0.0]]]
    """
    kinds = [(shape, np.dtype(kind)) for shape, kind in wanted]
    sizes = [prod(shape) * kind.itemsize for shape, kind in kinds]
    room = sum(_whole_lines(size) for size in sizes) + LINE
    piece = np.zeros(room, dtype=np.uint8) if blank else np.empty(room, dtype=np.uint8)
    start, arrays = -piece.ctypes.data % LINE, []
    for size, (shape, kind) in zip(sizes, kinds, strict=True):
        arrays.append(piece[start : start + size].view(kind).reshape(shape))
        start += _whole_lines(size)
    return arrays


def copies(arrays: Iterable[NDArray[Any]], *more: Wanted) -> list[NDArray[Any]]:
    """Return copies of arrays, then more arrays, nil, side by side."""
    given = list(arrays)
    made = side_by_side([*[(array.shape, array.dtype) for array in given], *more], blank=False)
    for number, copy in enumerate(made):
        copy[...] = given[number] if number < len(given) else 0
    return made


def _whole_lines(size: int) -> int:
    return -(-size // LINE) * LINE
