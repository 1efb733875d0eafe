"""Whole options within a manager's hours: swaps of one or two accounts that use what rounding down left over."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numba import njit
from numpy.typing import NDArray

from sim.kernels.allocate_price import NEVER, Room, Whole

ROUNDS = 64
"""Swaps a manager makes at most."""


class Swaps(NamedTuple):
    """Changes of one account that may be worth making: those that lose least, at the prices."""

    account: Whole
    option: Whole
    gain: NDArray[np.float64]
    """Worth gained against the account's present option."""
    hours: NDArray[np.float64]
    """Hours more than its present option takes."""


@njit(cache=True, error_model="numpy", nogil=True)
def make_swaps(most: int) -> Swaps:
    """Return room for so many changes."""
    return Swaps(np.empty(most, np.int64), np.empty(most, np.int64), np.empty(most), np.empty(most))


@njit(cache=True, error_model="numpy", nogil=True)
def near_options(n: int, hour_price: float, room: Room, swaps: Swaps, loss: NDArray[np.float64]) -> int:
    """List the options that lose least against their account's best at the price of an hour; return how many."""
    options, listed = room.worth.shape[1], 0
    most = min(n + swaps.account.size - room.at.size, swaps.account.size)
    for i in range(n):
        best = NEVER
        for b in range(options):
            best = max(best, room.worth[i, b] - hour_price * room.hours[i, b])
        for b in range(options):
            if room.worth[i, b] > NEVER:
                loss[listed] = best - (room.worth[i, b] - hour_price * room.hours[i, b])
                room.climber[listed], room.reached[listed] = i, b
                listed += 1
    within = np.inf
    if listed > most:
        within = np.partition(loss[:listed], most - 1)[most - 1]
    kept = 0
    for j in range(listed):
        if loss[j] <= within and kept < most:
            swaps.account[kept], swaps.option[kept] = room.climber[j], room.reached[j]
            kept += 1
    return kept


@njit(cache=True, error_model="numpy", nogil=True)
def weigh_swaps(kept: int, room: Room, swaps: Swaps) -> None:
    """Work out what each change gains and takes against the present options."""
    for j in range(kept):
        i, b = swaps.account[j], swaps.option[j]
        swaps.gain[j] = room.worth[i, b] - room.worth[i, room.at[i]]
        swaps.hours[j] = room.hours[i, b] - room.hours[i, room.at[i]]


@njit(cache=True, error_model="numpy", nogil=True)
def best_swap(kept: int, left: float, least: float, swaps: Swaps) -> tuple[int, int]:
    """Return the change, or two changes of different accounts, that gain most within the hours left; -1 for none."""
    one, two, most = -1, -1, least
    for j in range(kept):
        gain, hours, account = swaps.gain[j], swaps.hours[j], swaps.account[j]
        if gain > most and hours <= left:
            one, two, most = j, j, gain
        for q in range(j + 1, kept):
            if gain + swaps.gain[q] > most and hours + swaps.hours[q] <= left and swaps.account[q] != account:
                one, two, most = j, q, gain + swaps.gain[q]
    return one, two


@njit(cache=True, error_model="numpy", nogil=True)
def swap(kept: int, left: float, least: float, room: Room, swaps: Swaps) -> float:
    """Make the best changes one after the other while they gain more than `least`; return the hours then left."""
    for _ in range(ROUNDS):
        weigh_swaps(kept, room, swaps)
        one, two = best_swap(kept, left, least, swaps)
        if one < 0:
            break
        left -= swaps.hours[one]
        room.at[swaps.account[one]] = swaps.option[one]
        if two != one:
            left -= swaps.hours[two]
            room.at[swaps.account[two]] = swaps.option[two]
    return left
