"""The exact queue of a desk with several servers and ranks: who is served when."""

from __future__ import annotations

from heapq import heapify, heappop, heappush
from typing import Any

import numpy as np
from numba import njit
from numpy.typing import NDArray


@njit(cache=True)
def serve(
    arrived: NDArray[Any],
    rank: NDArray[Any],
    work: NDArray[Any],
    begun: NDArray[Any],
    free: NDArray[Any],
    until: int,
) -> None:
    """Let servers begin cases before `until`: the lowest rank first, then who came first; nobody is interrupted.

    All times are in whole ticks. Cases stand in order of arrival, shape (cases,); `begun` is -1 where a case waits and
    is filled in. `free`, shape (servers,), says when each server is free, and is left in ascending order. Serving in
    several calls with later and later `until` gives the same as serving in one, if all who came before are there.
    """
    servers = [np.int64(time) for time in free]
    heapify(servers)
    room = [(np.int64(0), np.int64(0)) for _ in range(0)]
    coming, now = 0, np.int64(0)
    while coming < arrived.size and begun[coming] >= 0:
        coming += 1
    while True:
        now = max(now, servers[0])
        if len(room) == 0:
            if coming == arrived.size:
                break
            now = max(now, arrived[coming])
        if now >= until:
            break
        while coming < arrived.size and arrived[coming] <= now:
            if begun[coming] < 0:
                heappush(room, (np.int64(rank[coming]), np.int64(coming)))
            coming += 1
        if len(room) == 0:
            continue
        case = heappop(room)[1]
        begun[case] = now
        heappop(servers)
        heappush(servers, now + np.int64(work[case]))
    free[:] = np.sort(np.array(servers))
