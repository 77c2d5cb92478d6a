"""S16, T3: many contracts in six zones over a change of the clocks, with returns, silence, last seconds and a clock that stood still:
everyone ends as the register says, and as a replay says that shares no code with the product."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

import pytest

from entitlements.actions.refused import Refused
from entitlements.models import Letter, Role
from sla.actions.elections import choose, send_notice_again
from sla.models import Election
from sla.sweep import MARGIN
from tests import election_factories as elect
from tests import factories as make
from tests.factories import DAY, HOUR
from tests.sla.test_elections import TICK, came_back, turn

RELEASED = datetime(2026, 10, 22, 12, 0, tzinfo=UTC)
"""Europe leaves summer time on October 25, North America on November 1."""

ZONES = (
    "America/New_York",
    "America/Los_Angeles",
    "Europe/London",
    "Europe/Zurich",
    "Asia/Kolkata",
    "Pacific/Auckland",
)


@dataclass(frozen=True)
class Customer:
    """What a customer does: when its mail server takes the notice, whether it comes back later, and what is chosen when (relative to
    the deadline)."""

    zone: str
    arrives: timedelta
    comes_back: timedelta | None
    choices: tuple[tuple[timedelta, str], ...]


HABITS: tuple[tuple[tuple[timedelta, str], ...], ...] = (
    (),
    ((-TICK, "shift"),),
    ((timedelta(0), "shift"),),
    ((-3 * DAY, "shift"), (-HOUR, "stay")),
    ((-2 * DAY, "shift"), (-DAY, "")),
    ((-2 * DAY, "stay"), (-TICK, "shift"), (TICK, "stay")),
)


def customers(count: int) -> list[Customer]:
    return [
        Customer(
            zone=ZONES[n % len(ZONES)],
            arrives=timedelta(hours=7 * n % 60, minutes=n),
            comes_back=DAY if n % 5 == 4 else None,
            choices=HABITS[(n // len(ZONES) + n) % len(HABITS)],
        )
        for n in range(count)
    ]


def replayed(one: Customer) -> tuple[datetime, str, str]:
    """By the calendar alone: the deadline, what was chosen, and by whom."""
    zone = ZoneInfo(one.zone)
    arrived = RELEASED + one.arrives + (one.comes_back or timedelta(0)) + (HOUR if one.comes_back else timedelta(0))
    last_day = arrived.astimezone(zone).date() + timedelta(days=8)
    deadline = datetime.combine(last_day, time(0), zone).astimezone(UTC)
    in_time = [choice for offset, choice in one.choices if offset < timedelta(0)]
    chosen = in_time[-1] if in_time else ""
    return deadline, chosen or "stay", "customer" if chosen else "vendor"


def play(one: Customer, election: Election) -> None:
    """What happens to one of them, in order of time; the clock turns only where it has to be seen."""
    at = RELEASED + one.arrives
    first = elect.accepted(election, at=at)
    if one.comes_back:
        turn(at + HOUR)
        came_back(first, at + one.comes_back)
        again = at + one.comes_back + HOUR
        send_notice_again(election=election, by=make.manager(), now=again - TICK)
        elect.accepted(election, at=again)
    by = make.one_of(election.contract.customer, Role.SIGNATORY)
    deadline = replayed(one)[0]
    for offset, choice in one.choices:
        try:
            choose(election=election, choice=choice, by=by, now=deadline + offset)
        except Refused as refused:
            assert refused.refusals[0].code == "over"  # noqa: PT017 - only what comes too late is refused


@pytest.mark.django_db
def test_everyone_ends_as_the_replay_says():
    told = customers(12)
    contracts = [
        elect.ready(zone=one.zone, first=date(2026, 1, 1), last=date(2028, 12, 31), fees=False) for one in told
    ]
    withdrawal = elect.released(contracts=contracts, now=RELEASED)
    elections = {one.contract_id: one for one in withdrawal.elections.select_related("contract__customer")}
    for one, contract in zip(told, contracts, strict=True):
        play(one, elections[contract.pk])

    for late in (timedelta(), 20 * DAY):  # the clock stood still for weeks, and then runs twice
        turn(max(replayed(one)[0] for one in told) + MARGIN + late)

    for one, contract in zip(told, contracts, strict=True):
        found = elect.fresh(elections[contract.pk])
        assert (found.deadline, found.choice, found.decided_by) == replayed(one)
        assert found.settled_at == found.deadline
        assert [period.terms for period in contract.terms_periods.all()] == ["enterprise", "standard"]
    decided = Letter.objects.filter(kind="election_decided", person__isnull=True)
    assert decided.count() == len(told)
