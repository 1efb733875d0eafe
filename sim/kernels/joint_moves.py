"""A month's moves in the joint law of a customer's lines: who looks around, whom it chooses, where lines go.

Given the state, a rival's call and a contact of ours, lines look and choose each by itself; so the law over states
after the month is the product of what each line does, and the mean over calls and contacts.
"""

from __future__ import annotations

import math
from typing import Any

from numpy.typing import NDArray

from sim.kernels.expect_records import BREAKAGE, LEFT, WAIVED, Outcomes
from sim.kernels.joint_records import JOINED, LEFT_IT, OFF, ON, SLIGHT, Given, Month, Room, Who
from sim.kernels.step import step


@step
def see_looks(who: Who, given: Given, p: Room) -> None:
    """Work out the chance of looking around on a line of each carrier, in all circumstances."""
    r, known, repeats = given.r, given.known, given.held.repeats[who.n]
    for c in range(p.common.size):
        calm = between(known.satisfaction[c, who.n], given.span.restless[c])
        called = calm * math.exp(r.rival_contact)
        if c == 0:
            calm += repeats * (between(known.satisfaction[0, who.n], given.span.loyal[0]) - calm)
            called += repeats * (between(known.satisfaction[0, who.n], given.span.loyal[1]) - called)
        for on in range(2):
            for rung in range(2):
                for stirred in range(2):
                    odds = called if rung == 1 else calm
                    if on == 1 and c == 0:
                        odds *= math.exp(-r.attention_on_plan)
                    if stirred == 1 and c > 0:
                        odds *= math.exp(r.own_contact)
                    p.look[on, rung, stirred, 0, c] = odds / (1.0 + odds)
                    odds *= math.exp(r.contract_ended)
                    p.look[on, rung, stirred, 1, c] = odds / (1.0 + odds)


@step
def usual_looks(now: Month, who: Who, given: Given, p: Room) -> None:
    """Take the mean of looking around over calls and contacts, and work out what cheapness is worth this month."""
    contact, stirring = given.contact[now.t], now.stirring
    for on in range(2):
        for ended in range(2):
            for c in range(p.common.size):
                quiet = (1.0 - stirring) * p.look[on, 0, 0, ended, c] + stirring * p.look[on, 0, 1, ended, c]
                called = (1.0 - stirring) * p.look[on, 1, 0, ended, c] + stirring * p.look[on, 1, 1, ended, c]
                p.usual[on, ended, c] = (1.0 - contact) * quiet + contact * called
    p.cheap[0] = now.off**-who.beta if now.off < 1.0 else 1.0
    p.cheap[1] = (1.0 - given.r.ip_saving * p.number[1]) ** -who.beta if given.r.ip_line >= 0 else 1.0


@step
def between(satisfaction: float, table: NDArray[Any]) -> float:
    """Return what a table of even steps from 0 to 1 says in between."""
    place = min(max(satisfaction, 0.0), 1.0) * (table.size - 1)
    low = min(int(place), table.size - 2)
    return float(table[low] + (place - low) * (table[low + 1] - table[low]))


@step
def share_terms(p: Room) -> None:
    """Say of the lines that somebody has how many end their term this month and how many are bound beyond it."""
    for line in range(p.demand.size):
        for c in range(p.common.size + 1):
            total, bound, owed = 0.0, 0.0, 0.0
            for left in range(p.terms.shape[2]):
                here = p.terms[line, c, left]
                total += here
                if left > 1:
                    bound += here
                    owed += here * (left - 1)
            total = max(total, 1e-300)
            p.share[line, c, 0] = p.terms[line, c, 1] / total
            p.share[line, c, 1] = bound / total
            p.owed[line, c] = owed / max(bound, 1e-300)


@step
def live(now: Month, who: Who, given: Given, p: Room, out: Outcomes) -> None:
    """Let lines move for a month: fill the law over states afterwards, and put it in place."""
    p.fresh[:] = 0.0
    p.fresh_x[:] = 0.0
    p.gone[:] = 0.0
    p.stood[:] = 0.0
    p.came[:] = 0.0
    p.loose[:] = 0.0
    p.ours[:] = 0.0
    contact = given.contact[now.t]
    for branch in range(4):
        on = 1 if branch in (ON, JOINED) else 0
        for s in range(p.law.shape[1]):
            mass = p.law[branch, s]
            if mass <= 0.0:
                continue
            x = p.x[branch // 2, s] / mass if on == 1 else 0.0
            if mass < SLIGHT and branch != JOINED:
                p.fresh[on, s] += mass
                p.fresh_x[s] += mass * x * on
                continue
            for line in range(p.demand.size):
                weigh(branch, s, line, mass, now, who, given, p, out)
            for case in range(4):
                chance = contact if case // 2 == 1 else 1.0 - contact
                chance *= now.stirring if case % 2 == 1 else 1.0 - now.stirring
                if chance > 0.0:
                    move_on(branch, s, mass * chance, x, case // 2, case % 2, p)
    for s in range(p.law.shape[1]):
        p.law[OFF, s] = p.fresh[0, s]
        p.law[ON, s] = p.fresh[1, s]
        p.law[LEFT_IT, s] = 0.0
        p.law[JOINED, s] = 0.0
        p.x[0, s] = p.fresh_x[s]
        p.x[1, s] = 0.0


@step
def move_on(branch: int, s: int, mass: float, x: float, rung: int, stirred: int, p: Room) -> None:
    """Spread a mass in one state over the states after the month; what is too slight to be told apart stays."""
    carriers, on = p.common.size, 1 if branch in (ON, JOINED) else 0
    size, row = 1, 0
    p.place[0, 0] = 0
    p.chance[0, 0] = mass
    for line in range(p.demand.size):
        digit = p.digit[s, line]
        here = digit % carriers
        rate = p.rate[line, 0] * p.look[on, rung, stirred, 0, here]
        rate += p.rate[line, 1] * p.look[on, rung, stirred, 1, here]
        if branch == JOINED and digit != carriers:
            digit = 0
        new, after, stride, away = 0, 1 - row, p.stride[line], 0.0
        for j in range(carriers):
            away += rate * p.move[line, j]
        for i in range(size):
            stays, at = p.chance[row, i], p.place[row, i]
            moving = stays * rate
            for j in range(carriers if stays * away > SLIGHT else 0):
                goes = moving * p.move[line, j]
                if goes > SLIGHT:
                    p.place[after, new] = at + j * stride
                    p.chance[after, new] = goes
                    new += 1
                    stays -= goes
            p.place[after, new] = at + digit * stride
            p.chance[after, new] = stays
            new += 1
        row = after
        size = new
    for i in range(size):
        p.fresh[on, p.place[row, i]] += p.chance[row, i]
        if on == 1:
            p.fresh_x[p.place[row, i]] += p.chance[row, i] * x


@step
def weigh(
    branch: int, s: int, line: int, mass: float, now: Month, who: Who, given: Given, p: Room, out: Outcomes
) -> None:
    """Weigh the carriers of one line in a state, and note what goes with its moves, the mean over calls and contacts.

    `Room.move` are the odds of each other carrier; times `Room.rate` and the chance of looking, without and with a term
    just ended, they are the chances of moving there.
    """
    r, carriers, digit = given.r, p.common.size, p.digit[s, line]
    here = digit % carriers
    if here == 0:
        p.ours[0, line] += mass
    if branch == JOINED and here != 0:
        p.move[line, :] = 0.0
        p.rate[line, :] = 0.0
        p.ours[2, line] += mass
        out[WAIVED] += who.weight * mass * r.installation
        return
    total = 0.0
    for c in range(carriers):
        odds = p.odds[line, c] * p.common[c] * p.together[p.serves[s, c]]
        if c == 0 and branch == OFF:
            odds *= p.cheap[0]
        p.move[line, c] = odds
        total += odds
    away, present = total - p.move[line, here], p.move[line, here] / p.together[1]
    p.move[line, here] = 0.0
    if here == 0:
        present *= p.hold[s] * (p.cheap[1] if line == r.ip_line else 1.0)
    ended, bound = p.share[line, digit, 0], p.share[line, digit, 1]
    if here == 0 and branch != OFF:
        ended, bound = (1.0, 0.0) if branch == LEFT_IT else (0.0, 1.0)
    free, held = 1.0 / (present * who.stay + away), 1.0 / (present * who.stay_bound + away)
    p.rate[line, 0] = (1.0 - ended - bound) * free + bound * held
    p.rate[line, 1] = ended * free
    note_moves(branch, line, digit, mass, away, free, held, ended, bound, now, who, given, p, out)


@step
def note_moves(
    branch: int,
    line: int,
    digit: int,
    mass: float,
    away: float,
    free: float,
    held: float,
    ended: float,
    bound: float,
    now: Month,
    who: Who,
    given: Given,
    p: Room,
    out: Outcomes,
) -> None:
    """Note the lines that leave who has them, where they go, and what that costs."""
    r, carriers, on = given.r, p.common.size, 1 if branch in (ON, JOINED) else 0
    here = digit % carriers
    calm, stir = p.usual[on, 0, here], p.usual[on, 1, here]
    from_open, from_ended, from_bound = (1.0 - ended - bound) * calm * free, ended * stir * free, bound * calm * held
    rate = from_open + from_ended + from_bound
    for c in range(carriers):
        if c != here and (c != 0 or on == 0):
            p.came[line, c] += mass * rate * p.move[line, c]
    if here != 0:
        p.ours[2, line] += mass * rate * p.move[line, 0]
        out[WAIVED] += who.weight * mass * rate * p.move[line, 0] * r.installation * on
    else:
        p.ours[1, line] += mass * rate * away
    if digit == carriers:
        out[LEFT] += who.weight * mass * rate * away
    if here == 0 and branch == OFF:
        fee = r.line_fee * p.charged[line] * now.off * p.owed[line, digit]
        out[BREAKAGE] += who.weight * mass * from_bound * away * fee
    if here != 0 or branch == OFF:
        p.stood[line, digit] += mass
        p.gone[line, digit, 0] += mass * from_open * away
        p.gone[line, digit, 1] += mass * from_ended * away
        p.gone[line, digit, 2] += mass * from_bound * away
    if branch == LEFT_IT and here == 0:
        p.loose[line, digit] += mass * (1.0 - rate * away)


@step
def renew_terms(given: Given, p: Room) -> None:
    """Let terms run down by a month: those broken end, some that ended are signed again, and movers sign some."""
    r, term = given.r, int(given.r.term_months)
    for line in range(p.demand.size):
        for c in range(p.common.size + 1):
            total = 0.0
            for left in range(p.terms.shape[2]):
                total += p.terms[line, c, left]
            scale = p.stood[line, c] / max(total, 1e-300)
            bound = p.share[line, c, 1] * p.stood[line, c]
            kept = scale * max(0.0, 1.0 - p.gone[line, c, 2] / max(bound, 1e-300)) if bound > 0.0 else 0.0
            open_now = max(0.0, scale * p.terms[line, c, 0] - p.gone[line, c, 0])
            ended = max(0.0, scale * p.terms[line, c, 1] - p.gone[line, c, 1])
            ended += p.loose[line, c]
            for left in range(1, p.terms.shape[2] - 1):
                p.terms[line, c, left] = kept * p.terms[line, c, left + 1]
            p.terms[line, c, p.terms.shape[2] - 1] = 0.0
            signed = ended * r.resigning + p.came[line, c] * r.signing
            p.terms[line, c, 0] = open_now + ended + p.came[line, c] - signed
            p.terms[line, c, term] += signed
