"""Blocks of accounts, whole managers each: what one pass over a large book is made of, wherever it runs."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from concurrent.futures import Executor
from functools import partial
from pathlib import Path
from typing import NamedTuple, Protocol, TypeVar

import numpy as np
from numpy.typing import NDArray

from sim.kernels.allocate_price import Block, fewest, narrow

Floats = NDArray[np.float64]
T = TypeVar("T")
HELD = 16
"""Blocks that a book in memory is taken in."""


class Part(NamedTuple):
    """Some managers of a block: those from `first` up to `last`."""

    block: Block
    first: int
    last: int

    @property
    def managers(self) -> int:
        """Return how many managers there are."""
        return self.last - self.first

    @property
    def accounts(self) -> slice:
        """Return where their accounts are in the block."""
        return slice(int(self.block.starts[self.first]), int(self.block.starts[self.last]))


class Blocks(Protocol):
    """Where parts come from; picklable where passes run in other processes."""

    @property
    def count(self) -> int:
        """Return how many parts there are."""
        ...

    def part(self, index: int) -> Part:
        """Return a part."""
        ...

    def narrowed(self, spare_hours: list[Floats], spare: Floats) -> Blocks:
        """Return the blocks without options that alone take more than is spare, of hours by part and of budgets."""
        ...


class Held(NamedTuple):
    """A block in memory, taken in parts."""

    whole: Block
    edges: tuple[int, ...]
    """Managers that parts begin and end at."""

    @property
    def count(self) -> int:  # type: ignore[override]  # a tuple's count isn't of use here
        """Return how many parts there are."""
        return len(self.edges) - 1

    def part(self, index: int) -> Part:
        """Return a part; nothing is copied."""
        return Part(self.whole, self.edges[index], self.edges[index + 1])

    def narrowed(self, spare_hours: list[Floats], spare: Floats) -> Held:
        """Return the blocks without options that alone take more than is spare, of hours by part and of budgets."""
        fits = np.empty(self.whole.value.shape, dtype=np.bool_)
        for index, hours in enumerate(spare_hours):
            narrow(*self.part(index), hours, spare, fits)
        return self._replace(whole=self.whole._replace(allowed=fits))


class Stored(NamedTuple):
    """Blocks in files, mapped into memory by whoever works on them; `store` writes them."""

    folder: str
    parts: int
    spare_hours: list[Floats] | None = None
    spare: Floats | None = None

    @property
    def count(self) -> int:  # type: ignore[override]  # as above
        """Return how many parts there are."""
        return self.parts

    def part(self, index: int) -> Part:
        """Return a part, whose arrays are read as they are used."""
        place = Path(self.folder)
        block = Block(*(np.load(place / f"{index}_{name}.npy", mmap_mode="c") for name in Block._fields))
        managers = block.available.size
        if self.spare is not None and self.spare_hours is not None:
            fits = np.empty(block.value.shape, dtype=np.bool_)
            narrow(block, 0, managers, self.spare_hours[index], self.spare, fits)
            block = block._replace(allowed=fits)
        return Part(block, 0, managers)

    def narrowed(self, spare_hours: list[Floats], spare: Floats) -> Stored:
        """Return the blocks without options that alone take more than is spare, of hours by part and of budgets."""
        return self._replace(spare_hours=spare_hours, spare=spare)


def held(whole: Block, count: int = HELD) -> Held:
    """Return a block in so many parts of about as many accounts, or fewer where it has fewer managers."""
    managers = whole.starts.size - 1
    wanted = np.linspace(0, whole.starts[-1], count + 1)[1:-1]
    inner = np.searchsorted(whole.starts[:-1], wanted)
    return Held(whole, tuple(int(edge) for edge in np.unique([0, *inner, managers])))


def part_of_blocks(blocks: Blocks, index: int) -> Block:
    """Return a part's accounts as a block of their own."""
    part = blocks.part(index)
    accounts, block = part.accounts, part.block
    return Block(
        value=np.ascontiguousarray(block.value[:, accounts]),
        allowed=np.ascontiguousarray(block.allowed[:, accounts]),
        hours=np.ascontiguousarray(block.hours[:, accounts]),
        use=np.ascontiguousarray(block.use[:, :, accounts]),
        starts=block.starts[part.first : part.last + 1] - accounts.start,
        available=block.available[part.first : part.last],
    )


def store(block: Block, index: int, folder: Path) -> None:
    """Write a block to a folder, for `Stored`."""
    folder.mkdir(parents=True, exist_ok=True)
    for name, array in zip(Block._fields, block, strict=True):
        np.save(folder / f"{index}_{name}.npy", array)


def over(
    blocks: Blocks, work: Callable[[Part, int], T], executor: Executor | None = None, last: int | None = None
) -> list[T]:
    """Return what work brings on each part, in their order, whoever does it; `work` is picklable for processes."""
    task = partial(_on_part, blocks, work)
    indices = range(blocks.count if last is None else last)
    done: Iterable[T] = executor.map(task, indices) if executor else map(task, indices)
    return list(done)


def _on_part(blocks: Blocks, work: Callable[[Part, int], T], index: int) -> T:
    return work(blocks.part(index), index)


class Least(NamedTuple):
    """The least that accounts can take."""

    hours: Floats
    """Of each manager, shape (managers,)."""
    used: Floats
    """Shape (budgets,)."""


def least(part: Part, _index: int = 0) -> Least:
    """Return the least that a part's accounts can take, without end where an account has no option."""
    hours, used = np.zeros(part.managers), np.zeros(len(part.block.use))
    fewest(*part, hours, used)
    return Least(hours, used)
