"""S7: of customers that are busy all day the usual counts say what no median has to be asked for, and never say otherwise."""

from __future__ import annotations

import random
from zoneinfo import ZoneInfo

import pytest

from entitlements.rules.spans import Span
from entitlements.server_zones import SAME_CLOCK
from sla.evidence import questions
from sla.evidence.circumstances import Circumstances
from sla.evidence.ground import Ground
from sla.evidence.questions import Verdict, asked, assessed, late_by_customer
from sla.rules.volume import Quarter, volume_exclusion
from tests.factories import DAY
from tests.sla.evidence.logs import HAIR, MINUTE, Line, roll_up, tables, utc
from tests.sla.evidence.test_agreement import OTHER
from tests.sla.rules.given import alert
from tests.worked_examples.paper_terms import PAPER_TERMS

pytestmark = pytest.mark.django_db

FIRST, BEGIN, HALF, LAST = utc("2026-01-20"), utc("2026-06-01"), utc("2026-07-20 07:00"), utc("2026-09-10")
ZONE = ZoneInfo("America/St_Johns")
CUSTOMERS = range(1, 9)
BOUNDS = "SELECT line, by_bounds, fewer, others, periods FROM assessed WHERE triggers IS NOT NULL"


def quarters_of(choose):
    """Of a customer whose days have a shape of their own, with bursts, nights without anything, and quarters without an incident."""
    usual, night, quarters = choose.choice((1, 4, 40, 500)), choose.choice((0, 1, 3, 20)), []
    start = FIRST + choose.randrange(120) * DAY
    while start < LAST:
        start += choose.choice((15, 15, 30, 240, 900)) * MINUTE
        count = night if start.hour < choose.choice((6, 8)) else choose.randrange(1, 2 * usual + 1)
        count = choose.choice((count,) * 6 + (count * 11, count * 12, 2 * count, 45))
        if count:
            quarters.append(Quarter(start, count, choose.choice((0, 1, 1, 1))))
    return quarters


@pytest.mark.parametrize("terms", [PAPER_TERMS, OTHER], ids=["eleven times", "twice"])
@pytest.mark.parametrize("seed", range(3))
def test_they_say_what_the_rule_says(terms, seed, monkeypatch):
    choose = random.Random(seed)
    of_each = {customer: quarters_of(choose) for customer in CUSTOMERS}
    received = {}
    for customer, quarters in of_each.items():
        asked_about = [one for one in quarters if one.start >= BEGIN]
        for one in choose.sample(asked_about, min(len(asked_about), 40)):
            edge = choose.choice((0 * HAIR, HAIR, 7 * MINUTE, 15 * MINUTE - HAIR))
            received[len(received) + 2] = (customer, one.start + edge)
    lines = [
        Line(line, customer, "INC-1", alert(str(at)[:-6], logged=None)) for line, (customer, at) in received.items()
    ]
    tables(lines)
    for customer, quarters in of_each.items():
        roll_up(customer, quarters)
    spans = (Span(BEGIN, HALF), Span(HALF, LAST + DAY))
    known = Circumstances(
        ground=tuple(Ground(customer, span, ZONE, terms) for customer in CUSTOMERS for span in spans),
        now=LAST + 9 * DAY,
    )

    by_medians = late_by_customer(known)
    monkeypatch.setattr(questions, "BUSY_FROM", 0)

    found = {one.line: one.verdict == Verdict.BY_VOLUME for one in assessed(known)}
    by_rule = {line: volume_exclusion(at, of_each[customer], ZONE, terms) for line, (customer, at) in received.items()}
    assert found == {line: one.excluded for line, one in by_rule.items()}
    assert late_by_customer(known) == by_medians
    said = set()
    for line, by_bounds, fewer, others, periods in asked(known, BOUNDS, "true", {}):
        one = by_rule[line]
        below = sum(many for volume, many in one.counted if volume * one.multiple < one.volume)
        assert (below <= fewer, one.periods - below <= others, periods <= one.periods) == (True, True, True)
        said.add(by_bounds)
    assert (said, set(found.values())) == ({True, False, None}, {True, False})  # it was worth the comparison


def test_they_reach_back_to_where_the_window_of_a_contract_far_from_utc_begins(monkeypatch):
    """Six months before 30 August in Auckland is 28 February there, and by summer time: a day and an hour before what they are in UTC."""
    received, zone = utc("2026-08-29 12:10"), ZoneInfo("Pacific/Auckland")
    quiet = [Quarter(utc(f"2026-02-27 11:{minute}"), 1, 1) for minute in (15, 30, 45)]
    loud = [Quarter(utc(day), 100, 1) for day in ("2026-03-10", "2026-03-20")]
    quarters = [*quiet, *loud, Quarter(utc("2026-08-29 12:00"), 200, 1)]
    tables([Line(2, 1, "INC-1", alert(str(received)[:-6], logged=None))])
    roll_up(1, quarters)
    during = Span(utc("2026-08-29 12:00"), utc("2026-08-30 12:00"))
    known = Circumstances(ground=(Ground(1, during, zone, PAPER_TERMS),), now=LAST + 9 * DAY)
    monkeypatch.setattr(questions, "BUSY_FROM", 0)

    (found,) = assessed(known)

    assert volume_exclusion(received, quarters, zone, PAPER_TERMS).excluded
    assert found.verdict == Verdict.BY_VOLUME


@pytest.mark.parametrize("name", SAME_CLOCK)
def test_they_begin_by_the_contracts_clock_also_where_the_server_takes_its_zone_for_an_abbreviation(name):
    """Six months before a quarter hour of summer it is winter: an hour later in UTC."""
    received, zone = utc("2026-07-01 12:10"), ZoneInfo(name)
    quiet = [Quarter(utc(f"2026-01-01 12:{minute}"), 1, 1) for minute in (15, 30, 45)]
    loud = [Quarter(utc(day), 100, 1) for day in ("2026-03-10", "2026-03-20")]
    quarters = [*quiet, *loud, Quarter(utc("2026-07-01 12:00"), 200, 1)]
    tables([Line(2, 1, "INC-1", alert(str(received)[:-6], logged=None))])
    roll_up(1, quarters)
    known = Circumstances(ground=(Ground(1, Span(BEGIN, HALF), zone, PAPER_TERMS),), now=LAST + 9 * DAY)

    (found,) = assessed(known)

    assert not volume_exclusion(received, quarters, zone, PAPER_TERMS).excluded
    assert found.verdict == Verdict.FAILURE


@pytest.mark.parametrize(("triggers", "verdict"), [(22, Verdict.FAILURE), (23, Verdict.BY_VOLUME)])
def test_where_as_many_have_less_as_have_as_much_the_median_is_asked(triggers, verdict):
    """Quarter hours of one and of three triggers: their median of two is of no quarter hour."""
    received = utc("2026-07-01 12:10")
    quarters = [
        Quarter(utc("2026-06-10"), 1, 1),
        Quarter(utc("2026-06-11"), 3, 1),
        Quarter(utc("2026-07-01 12:00"), triggers, 1),
    ]
    tables([Line(2, 1, "INC-1", alert(str(received)[:-6], logged=None))])
    roll_up(1, quarters)
    known = Circumstances(ground=(Ground(1, Span(BEGIN, HALF), ZONE, PAPER_TERMS),), now=LAST + 9 * DAY)

    (found,) = assessed(known)

    assert found.verdict == verdict
    assert volume_exclusion(received, quarters, ZONE, PAPER_TERMS).excluded == (verdict == Verdict.BY_VOLUME)
