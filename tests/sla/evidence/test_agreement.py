"""S4, S5, S7, S8: the set-based SQL and the pure rules give one answer, row by row, on random logs full of edges."""

from __future__ import annotations

from dataclasses import replace
from zoneinfo import ZoneInfo

import pytest

from entitlements.rules.refusals import Refusal
from entitlements.rules.spans import Span, total, union
from sla.evidence import questions
from sla.evidence.circumstances import Circumstances, Cut
from sla.evidence.ground import Ground
from sla.evidence.questions import FAILED, LATE, Late, Verdict, assessed, late_by_customer
from sla.evidence.standing import OffTerms
from sla.rules.delivery import delivery
from sla.rules.exclusions import ExclusionKind, Finding
from sla.rules.outages import availability_outages
from sla.rules.remedy import Otherwise, failure_of_alert, presumed_cause
from sla.rules.volume import volume_exclusion
from tests.factories import DAY
from tests.sla.evidence.logs import HAIR, MINUTE, Line, Random, quarters_told, tables, utc
from tests.sla.rules.given import alert
from tests.worked_examples.paper_terms import PAPER_TERMS

pytestmark = pytest.mark.django_db

NOW = utc("2026-10-01 00:03")
YEAR = Span(utc("2025-06-01"), utc("2026-10-01"))
ZONES = ("America/New_York", "Asia/Kolkata", "Australia/Lord_Howe", "America/St_Johns", "Europe/London", "UTC")
OTHER = replace(
    PAPER_TERMS,
    name="Another edition",
    delivery_limit_minutes=7,
    volume_multiple=2,
    volume_months=2,
    deciding_logs={"push": "push_seen", "phone": "provider_api_call", "chat": "chat_sent"},
)
HALVES = replace(OTHER, name="By half hours", volume_quarter_minutes=30)
# Six months after the nights on which the clocks of New York, London and Lord Howe are set forward or back, and six months before
# the last of them; and the minutes before the moment asked.
NIGHTS = [
    "2025-11-02 05:00",
    "2025-11-02 06:00",
    "2026-05-02 05:00",
    "2026-05-02 06:00",
    "2026-09-08 06:00",
    "2026-04-26 00:00",
    "2025-10-26 00:00",
    "2026-09-29 00:00",
    "2026-04-04 15:00",
    "2026-08-31 11:00",
    "2026-02-28 12:00",
    "2026-02-28 11:00",
    "2026-03-01 11:00",
    "2026-09-30 22:40",
]
MOMENTS = [utc(one) for one in (*NIGHTS, *NIGHTS[-1:] * 3)]

CUT = 6 * MINUTE + HAIR
OUTSIDE = Refusal("S1", "outside_term", "Outside the term.")
WAITING = alert("2026-09-30 23:59", logged=None)


def circumstances(editions):
    """Six customers in as many zones, each with an outage and spans that are cut out, two of them with a second edition."""
    ground, cuts, outages = [], [], {}
    half = utc("2026-05-02 06:10")
    for customer, name in enumerate(ZONES, start=1):
        zone, terms = ZoneInfo(name), editions[customer % len(editions)]
        ground += [
            Ground(customer, Span(YEAR.start, half), zone, editions[0]),
            Ground(customer, Span(half, YEAR.end), zone, terms),
        ]
        for start in (moment + n * MINUTE for moment in MOMENTS[customer::3] for n in (0, 15, 45)):
            cuts.append(Cut(customer, Span(start, start + CUT)))
            cuts.append(found(customer, start + 4 * MINUTE, "push"))
            cuts.append(found(customer, start + 2 * MINUTE, incident="INC-9000"))
            cuts.append(found(customer, start + 9 * MINUTE, by_outage=True))
            outages[customer] = availability_outages([(start - 30 * MINUTE, start + 5 * MINUTE)], (), terms, None)
    off = [OffTerms(customer, Span(half - 200 * DAY, half), OUTSIDE) for customer in (1, 4)]
    against = {(1, line): Otherwise("Another switch.", "Ada") for line in range(0, 500, 3)}
    return Circumstances(
        ground=tuple(ground), now=NOW, cuts=tuple(cuts), outages=outages, off_terms=tuple(off), otherwise=against
    )


def found(customer, start, channel="", incident="", *, by_outage=False):
    kind = ExclusionKind.PUSH_CHANNEL if channel else ExclusionKind.INTERNET
    said = {"evidence": "log", "author": "Ada", "statement": "It was down.", "channel": channel, "incident": incident}
    span = Span(start, start + 5 * MINUTE)
    return Cut(
        customer, span, channel or None, incident or None, Finding(kind=kind, span=span, by_outage=by_outage, **said)
    )


def by_the_rules(one, known, lines):
    """The whole answer of the pure rules for one line, in the words of `Assessed`. `lines`: the quarter hours of the customers."""
    ground = known.at(one.customer, one.alert.received)
    quarters = lines[one.customer, ground.terms.quarter]
    volume = volume_exclusion(one.alert.received, quarters, ground.zone, ground.terms)
    found = delivery(
        replace(one.alert, incident=one.incident),
        ground.terms,
        known.now,
        maintenance=known.maintenance_of(one.customer),
        findings=known.findings_of(one.customer),
        volume=volume,
        found_otherwise=(one.source, one.line) in known.otherwise,
    )
    otherwise = known.otherwise.get((one.source, one.line))
    caused = presumed_cause(found, known.outages.get(one.customer, ()), otherwise).caused_by_outage
    failure = failure_of_alert(str(one.line), found, caused_by_outage=caused)
    off_terms = failure and known.refusal_at(one.customer, failure.occurrence)
    return {
        "ended": found.ended,
        "attempted": found.attempted,
        "open": found.open,
        "out_of_scope": found.out_of_scope,
        "period": found.period,
        "verdict": Verdict.OFF_TERMS if off_terms else verdict(found, caused, ground.terms),
        "occurrence": failure.occurrence if failure else None,
        "remedy": failure.remedy if failure and not off_terms else (),
        "median": volume.median,
    }


def verdict(found, caused, terms):
    if not found.in_scope:
        return Verdict.OUT_OF_SCOPE
    if found.failure:
        return Verdict.IN_OUTAGE if caused else Verdict.FAILURE
    if found.ended - found.alert.due > terms.delivery_limit:
        return Verdict.BY_CAUSE if found.period <= terms.delivery_limit else Verdict.BY_VOLUME
    return Verdict.OPEN if found.open else Verdict.IN_TIME


def answer(one):
    return {name: getattr(one, name) for name in ANSWER}


ANSWER = ("ended", "attempted", "open", "out_of_scope", "period", "verdict", "occurrence", "remedy")


@pytest.mark.parametrize(
    ("seed", "editions"),
    [(1, [PAPER_TERMS]), (2, [PAPER_TERMS, OTHER]), (3, [PAPER_TERMS, OTHER, HALVES])],
    ids=["the paper", "two editions", "half hours"],
)
@pytest.mark.parametrize("busy_from", [0, questions.BUSY_FROM], ids=["by the usual counts", "by medians"])
def test_both_give_one_answer_row_by_row(seed, editions, busy_from, monkeypatch):
    monkeypatch.setattr(questions, "BUSY_FROM", busy_from)
    limits = [one.delivery_limit for one in editions]
    limits += [limit + CUT for limit in limits]
    lines = Random(seed, range(1, 7), MOMENTS, limits=limits).rows(500)
    lines += [Line(9_000 + customer, customer, "INC-9000", WAITING) for customer in range(1, 7)]
    known = circumstances(editions)
    tables(lines)

    found = {one.line: one for one in assessed(known)}

    quarters = {
        (one.customer, one.terms.quarter): quarters_told(one.customer, lines, one.terms) for one in known.ground
    }
    expected = {one.line: by_the_rules(one, known, quarters) for one in lines}
    medians = {line: one.pop("median") for line, one in expected.items()}
    assert {line: answer(one) for line, one in found.items()} == expected
    told = {line: one.median for line, one in found.items() if one.median is not None}
    assert told == {line: medians[line] for line, one in found.items() if one.verdict == Verdict.BY_VOLUME}
    assert {one.verdict for one in found.values()} == set(Verdict)  # the logs were worth the comparison
    late = {customer: late for customer in range(1, 7) if (late := by_customer(customer, found.values())).late}
    assert late_by_customer(known) == late
    for customer in range(1, 7):  # by the statement that the server keeps
        alone = replace(known, ground=tuple(one for one in known.ground if one.customer == customer))
        assert late_by_customer(alone) == {customer: late[customer]}


def by_customer(customer, rows):
    own = [one for one in rows if one.customer == customer]
    count = [one.verdict for one in own].count
    return Late(
        late=sum(map(count, LATE)),
        by_volume=count(Verdict.BY_VOLUME),
        by_cause=count(Verdict.BY_CAUSE),
        off_terms=count(Verdict.OFF_TERMS),
        failures=sum(map(count, FAILED)),
        in_outage=count(Verdict.IN_OUTAGE),
        open=sum(one.open for one in own if one.verdict in LATE),
        remedy=total(union(span for one in own for span in one.remedy)),
    )
