"""The caps once more, as slowly and plainly as the register's sentences, sharing no code with the rules (E2–E8).

Everything is looked up afresh for each question: no tables, no sorting, no early end.
"""

from __future__ import annotations

from calendar import isleap
from datetime import date

from entitlements.rules.cap_values import NOT_AVAILABLE, UNLIMITED


def anniversaries(start, until):
    """The start and every anniversary of it up to a day; 29 February is the 28th in common years."""
    found = []
    for calendar_year in range(start.year, until.year + 1):
        month, dom = start.month, start.day
        if (month, dom) == (2, 29) and not isleap(calendar_year):
            dom = 28
        if date(calendar_year, month, dom) <= until:
            found.append(date(calendar_year, month, dom))
    return found


def year_number(contract, day):
    """E3: how many of them have come; None outside the term."""
    if day < contract.start or day > contract.last:
        return None
    return len(anniversaries(contract.start, day))


def holds_a_place(e):
    """E5 and E7, sentence by sentence."""
    if e.ps_reference:
        return False
    if e.given_back:
        return False
    if e.state in ("requested", "scheduled", "delivered"):
        return True
    ended_by_vendor = e.cancelled_by == "vendor" or e.state == "declined"
    if e.first_session_held and not ended_by_vendor:
        return True
    return e.state == "no_show" and e.counted_by_manager and not ended_by_vendor


def edition_of(editions, first_day):
    before = [e for e in editions if e.valid_from <= first_day]
    return sorted(before or editions, key=lambda e: e.valid_from)[-1 if before else 0]


def level(contract, day):
    found = None
    for first, name in contract.levels:
        if first <= day:
            found = name
    return found


def override_for(contract, target, day):
    for one in contract.overrides:
        if one.target == target and (one.first or date.min) <= day <= (one.last or date.max):
            return one
    return None


def together_and_cap(contract, editions, activity, day):
    """The activities that are counted together with this one on a day, and the cap in force."""
    own = override_for(contract, activity, day)
    if own:
        return {activity}, own.cap
    edition = edition_of(editions, anniversaries(contract.start, day)[-1])
    for pool in edition.pools:
        if pool.level == level(contract, day) and activity in pool.activities:
            members = {one for one in pool.activities if not override_for(contract, one, day)}
            on_pool = override_for(contract, pool.key, day)
            return members, on_pool.cap if on_pool else pool.cap
    return {activity}, edition.caps.get((level(contract, day), activity), NOT_AVAILABLE)


def above(count, cap):
    if cap is UNLIMITED:
        return False
    if cap is NOT_AVAILABLE:
        return count > 0
    return count > cap


def counted(contract, engagements):
    return [e for e in engagements if holds_a_place(e) and year_number(contract, e.day) is not None]


def number_of(contract, editions, engagements, one):
    """The count of an engagement: the counted ones of its activity or pool in its year, dated on or before it."""
    together, _ = together_and_cap(contract, editions, one.activity, one.day)
    return sum(
        e.activity in together and e.day <= one.day and year_number(contract, e.day) == year_number(contract, one.day)
        for e in counted(contract, engagements)
    )


def is_over(contract, editions, engagements, one):
    _, cap = together_and_cap(contract, editions, one.activity, one.day)
    return above(number_of(contract, editions, engagements, one), cap)


def over(contract, editions, engagements):
    """E6: the ids of what stands above its cap."""
    return {e.id for e in counted(contract, engagements) if is_over(contract, editions, engagements, e)}


def blocked_by(contract, editions, engagements, candidate):
    """E6: of the candidate and what is dated on or after it, the ids of those above their cap into whose count it enters."""
    after = [e for e in engagements if e.id != candidate.id] + [candidate]
    blocked = set()
    for e in counted(contract, after):
        if e.day < candidate.day or year_number(contract, e.day) != year_number(contract, candidate.day):
            continue
        together, _ = together_and_cap(contract, editions, e.activity, e.day)
        if candidate.activity in together and is_over(contract, editions, after, e):
            blocked.add(e.id)
    return blocked


def may_be_booked(contract, editions, engagements, candidate):
    if year_number(contract, candidate.day) is None or contract.status != "active":
        return False
    return bool(candidate.ps_reference) or not blocked_by(contract, editions, engagements, candidate)
