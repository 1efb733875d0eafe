"""Who accepts an Evergreen plan in the recursion abreast (`sim.kernels.abreast`).

The whole bill under today's split decides, so every set of lines that may be ours is weighed by itself.
"""

from __future__ import annotations

from sim.kernels.abreast_lanes import exp64, fill, log64, some_above
from sim.kernels.abreast_paths import Account, Month, Paths, Turn, Who
from sim.kernels.expect_records import Case
from sim.kernels.step import step


@step
def weigh_offer(now: Turn, one: Account, case: Case, who: Who, p: Paths, w: Month) -> None:
    """Work out the share that accepts, the mean X and number of lines of ours that it accepts with, and its lines.

    Only lanes to which an offer is `made`, in `gone`, have any.
    """
    lines, joining, chance = p.demand.shape[0], w.joining, w.chance
    nobody_joins(w)
    price_lines(now, case, p, w)
    for held in range(1 << lines):
        count = hold_lines(held, p, w)
        for i in range(chance.size):
            chance[i] = chance[i] * w.gone[i] if chance[i] > 1e-9 else 0.0
        if not some_above(chance, 0.0):
            continue
        accept(lines - count, one, case, who, w)
        for i in range(joining.size):
            joining[i] += chance[i]
        for i in range(w.joining_x.size):
            w.joining_x[i] += chance[i] * w.proposed[i]
        for i in range(w.at_home.size):
            w.at_home[i] += chance[i] * count
        for line in range(lines):
            if held >> line & 1:
                joiners = w.joiners[line]
                for i in range(joiners.size):
                    joiners[i] += chance[i]
    for i in range(w.joining_x.size):
        w.joining_x[i] /= max(joining[i], 1e-300)
    for i in range(w.at_home.size):
        w.at_home[i] /= max(joining[i], 1e-300)


@step
def nobody_joins(w: Month) -> None:
    """Begin to weigh offers, which nobody has accepted yet."""
    w.joiners[:] = 0.0
    fill(w.joining, 0.0)
    fill(w.joining_x, 0.0)
    fill(w.at_home, 0.0)


@step
def price_lines(now: Turn, case: Case, p: Paths, w: Month) -> None:
    """Work out what usage of each line costs with us, and with rivals: the mean over who may serve it off a plan."""
    r, price, everything, total, theirs = case.r, case.tariffs[now.t], w.everything, w.share, w.part
    fill(everything, 0.0)
    for line in range(p.demand.shape[0]):
        demand, ours, away = p.demand[line], w.charged[0, line], w.charged[1, line]
        for i in range(ours.size):
            ours[i] = demand[i] * price[0, line]
        if line == r.ip_line:
            law, over_ip = p.law[0, line, 0], p.over_ip[0]
            for i in range(ours.size):
                ours[i] *= 1.0 - min(r.ip_saving * over_ip[i] / max(law[i], 1e-12), r.ip_saving)
        for i in range(everything.size):
            everything[i] += ours[i]
        fill(total, 0.0)
        fill(theirs, 0.0)
        for c in range(1, p.law.shape[2]):
            law, charged = p.law[0, line, c], price[c, line]
            for i in range(total.size):
                total[i] += law[i] * charged
                theirs[i] += law[i]
        for i in range(away.size):
            away[i] = demand[i] * total[i] / max(theirs[i], 1e-300)


@step
def hold_lines(held: int, p: Paths, w: Month) -> int:
    """Work out how likely a set of lines is to be ours, and its bills; return how many lines it has."""
    chance, own, rest, count = w.chance, w.own, w.rest, 0
    fill(chance, 1.0)
    fill(own, 0.0)
    fill(rest, 0.0)
    for line in range(p.demand.shape[0]):
        law, ours, away = p.law[0, line, 0], w.charged[0, line], w.charged[1, line]
        if held >> line & 1:
            count += 1
            for i in range(chance.size):
                chance[i] *= law[i]
            for i in range(own.size):
                own[i] += ours[i]
        else:
            for i in range(chance.size):
                chance[i] *= 1.0 - law[i]
            for i in range(rest.size):
                rest[i] += away[i]
    return count


@step
def accept(moved: int, one: Account, case: Case, who: Who, w: Month) -> None:
    """Multiply the chance of a set of lines by that of accepting a plan for which so many lines would move to us."""
    r, beta, own, bill, proposed, logit, x = (
        case.r,
        who.price_sensitivity,
        w.own,
        w.bill,
        w.proposed,
        w.part,
        who.offer_x,
    )
    share = r.moving * moved / w.joiners.shape[0]
    for i in range(bill.size):
        bill[i] = own[i] * w.off[i]
    for i in range(proposed.size):
        proposed[i] = max(bill[i] if r.x_by_bill else own[i], x[i])
    for i in range(bill.size):
        bill[i] += w.rest[i]
    for i in range(who.pay.size):
        then = who.pay[i] * proposed[i] + max(0.0, w.everything[i] - who.cap[i] * proposed[i])
        logit[i] = beta[i] * log64(max(bill[i], 1e-6) / max(then, 1e-6)) + r.offer
    if moved > 0:
        for i in range(logit.size):
            logit[i] += who.rapport_weight[i] * (w.rapport[i] - one.rival_rapport)
        for i in range(beta.size):
            relief = beta[i] * log64(1.0 + r.installation * moved / max(12.0 * bill[i], 1e-6))
            logit[i] -= max(0.0, share - relief)
    for i in range(w.chance.size):
        w.chance[i] = w.chance[i] / (1.0 + exp64(-logit[i]))
