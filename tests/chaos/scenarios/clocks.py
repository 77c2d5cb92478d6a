"""The application's clock is an hour and a day wrong (P11); deadlines fall into the nights in which the clocks change (P12)."""

from __future__ import annotations

import html
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, timedelta
from datetime import time as clock_time
from typing import Any
from zoneinfo import ZoneInfo

from django.db import connections

from config import embedded
from tests.chaos import clockwork, deeds, state
from tests.chaos.day import in_a_process
from tests.chaos.report import Told, scenario
from tests.chaos.stage import Stage, pointed_at

DAY, HOUR, MINUTE, SECOND = timedelta(days=1), timedelta(hours=1), timedelta(minutes=1), timedelta(seconds=1)
OFF = {"an hour ahead": HOUR, "an hour behind": -HOUR, "a day ahead": DAY, "a day behind": -DAY}
A_DAY_AHEAD = list(OFF).index("a day ahead")
APART = "the clocks of the application and the database are apart"
AT_THE_DESK = "Until they agree nothing lapses."
GONE = 8 * MINUTE
"""Longer ago than the margin of the sweep."""


@scenario("clocks-apart", promises=["P11", "P1"], small=True)
def clocks_apart(stage: Stage) -> Told:
    """Web, worker and beat have a clock that is an hour and a day ahead and behind; the database's is right"""
    with _with_midnights(stage) as lot:
        return _played(stage, lot)


def _played(stage: Stage, lot: _Lot) -> Told:
    told = Told()
    told.twin("a turn that believes a clock a day ahead", _twin(stage, lot))
    stage.begin_again()
    sent = deeds.claims(stage.world.drafts)
    sent[A_DAY_AHEAD:A_DAY_AHEAD] = deeds.claims([lot.running])
    expected = clockwork.expected_of(stage, sent)
    due = clockwork.undone(stage)
    for n, (how, off) in enumerate(OFF.items()):
        _put_wrong(stage, told, lot, how, off, sent[n :: len(OFF)], due)
    del stage.extra["CLOCK_OFF"]
    begun = time.monotonic()
    stage.start("worker", "beat")
    stage.until(lambda: not clockwork.undone(stage), "what was due is done")
    told.recovery = time.monotonic() - begun
    stage.stop("worker", "beat")
    clockwork.to_its_end(stage)
    found = state.end_state(stage.world.base)
    told.differences += [*state.differences(expected, found), *clockwork.doubles(stage)]
    told.compared += [
        "each turn of the clock did nothing and said so, /readyz and the desk's first page name it; a claim whose window ended within "
        "three hours, and was over by a clock a day ahead, was taken and received by the database's clock; one whose window had ended was refused "
        "in those words, whatever the application's clock said",
        f"once the clocks agree the same end ({state.rows(found)} rows)",
    ]  # fmt: skip
    return told


def _put_wrong(stage: Stage, told: Told, lot: _Lot, how: str, off: timedelta, sent: list[deeds.Deed], due: int) -> None:
    from entitlements.models import Letter, SweepRun, User
    from sla.actions.drafts import window_ended
    from sla.models import Claim

    stage.served = "tests.chaos.wsgi:application"
    stage.extra |= {**clockwork.CLOCK, "CLOCK_OFF": str(int(off.total_seconds()))}
    others = Letter.objects.exclude(kind="claim_received")
    turns, letters = clockwork.turns(), others.count()
    stage.start("web", "worker", "beat")
    stage.until(lambda: clockwork.turns() >= turns + 2, f"the clock turns {how}")
    desk = stage.browser(User.objects.get(pk=stage.world.manager))
    ended = stage.browser(lot.opened_by)
    with deeds.Customers(stage.port, sent) as customers:
        _sessions_go_on()
        stage.until(lambda: customers.all_told, f"all is taken {how}", seconds=deeds.LONGEST)
    late = ended.post(f"/claims/{lot.ended}/check/", declared="on")
    refused = html.unescape(ended.get(late.where_to).text) if late.status == 302 else late.text
    ready, page = desk.get("/readyz").text, html.unescape(desk.get("/admin/").text)
    stage.stop("web", "worker", "beat")
    runs = list(SweepRun.objects.order_by("-pk")[: clockwork.turns() - turns])
    told.done.append(
        f"{how}: {len(runs)} turns of the clock, the last {abs(runs[0].clock_offset_ms) / 1000:,.0f} s off; {len(sent)} claims sent"
    )
    told.differences += [*customers.broken, *deeds.not_stored(customers.acknowledged)]
    wrong = {
        "a turn did something": any(run.done or not run.alarm for run in runs),
        "something that was due was done": clockwork.undone(stage) != due,
        "a letter was written by the clock": others.count() > letters,
        "/readyz does not say it": APART not in ready,
        "the desk's first page does not say it": AT_THE_DESK not in page,
        f"a claim whose window had ended was not refused in so many words ({late.status} {late.where_to})": (
            str(window_ended()) not in refused
        ),
        "a claim whose window had ended was taken": Claim.objects.filter(
            reference=lot.ended, received_at__isnull=False
        ).exists(),
    }
    told.differences += [f"{how}: {what}" for what, so in wrong.items() if so]


def _sessions_go_on() -> None:
    """They end by the application's clock, and are not what this is about."""
    from django.contrib.sessions.models import Session
    from django.utils import timezone

    Session.objects.update(expire_date=timezone.now() + 3 * DAY)


@dataclass(frozen=True)
class _Lot:
    """Two complete drafts of people whose midnights are full hours: the window of one has just ended, that of the other ends between two
    and three hours after the beginning, however loaded the machine is. References."""

    running: str
    ended: str
    opened_by: Any


@contextmanager
def _with_midnights(stage: Stage) -> Iterator[_Lot]:
    """The stage, on a ground that has these two as well."""
    from entitlements.clock import database_now

    base, before, now = stage.world.base, stage.world, database_now()
    hour = now.replace(minute=0, second=0, microsecond=0)
    running = _draft_until(hour + 3 * HOUR, base)
    ended = _draft_until(hour if hour + GONE < now else hour - HOUR, base)
    state.know_the_ground()
    connections.close_all()
    with stage.bench.copy("chaos_midnights", of=stage.database) as ground:
        stage.world = replace(before, database=ground)
        stage.begin_again()
        yield _Lot(running.reference, ended.reference, ended.opened_by)
        stage.world = before


def _draft_until(ends: datetime, base: datetime) -> Any:
    from tests import factories as make

    zone = next(one for one in _ZONES if ends.astimezone(ZoneInfo(one)).hour == 0)
    noon = datetime.combine(ends.astimezone(ZoneInfo(zone)).date() - 16 * DAY, clock_time(12), ZoneInfo(zone))
    first, last = (base - 200 * DAY).date().replace(day=1), (base + 500 * DAY).date().replace(day=1) - DAY
    contract = make.contract(first=first, last=last, zone=zone, now=base - 60 * DAY)
    failure = make.failure(contract=contract, began=noon, minutes=75, logged=False, now=noon + 2 * HOUR)
    draft = make.draft(failure=failure, complete=True, sends_itself=False, now=noon + 3 * HOUR)
    assert draft.closes_at == ends, (draft.closes_at, ends)
    return draft


_ZONES = ["Etc/UTC", *(f"Etc/GMT{n:+d}" for n in range(-14, 13) if n)]
"""One for each full hour, also that of midnight in UTC."""


def _twin(stage: Stage, lot: _Lot) -> list[str]:
    """Without the guard: the clock goes by the application's, and the draft whose window runs is gone. It is played first, while the
    window runs for long."""
    from entitlements.clock import database_now
    from sla.models import Claim

    assert in_a_process(clockwork.turn_later, stage.errand(), later=DAY) == 0
    gone = Claim.objects.filter(reference=lot.running, state="lapsed", closes_at__gt=database_now())
    return [f"{one.reference} lapsed before its time, {one.closes_at:%Y-%m-%d %H:%M} UTC" for one in gone]


# --- the nights in which the clocks change

NIGHTS: dict[str, Sequence[tuple[str, str]]] = {
    "America/New_York": [
        ("2026-03-08", "2026-03-08T05:00Z"), ("2026-03-09", "2026-03-09T04:00Z"),
        ("2026-11-01", "2026-11-01T04:00Z"), ("2026-11-02", "2026-11-02T05:00Z"),
    ],
    "America/Los_Angeles": [
        ("2026-03-08", "2026-03-08T08:00Z"), ("2026-03-09", "2026-03-09T07:00Z"),
        ("2026-11-01", "2026-11-01T07:00Z"), ("2026-11-02", "2026-11-02T08:00Z"),
    ],
    "Europe/London": [
        ("2026-03-29", "2026-03-29T00:00Z"), ("2026-03-30", "2026-03-29T23:00Z"),
        ("2026-10-25", "2026-10-24T23:00Z"), ("2026-10-26", "2026-10-26T00:00Z"),
    ],
    "Australia/Sydney": [
        ("2026-04-05", "2026-04-04T13:00Z"), ("2026-04-06", "2026-04-05T14:00Z"),
        ("2026-10-04", "2026-10-03T14:00Z"), ("2026-10-05", "2026-10-04T13:00Z"),
    ],
    "Australia/Lord_Howe": [
        ("2026-04-05", "2026-04-04T13:00Z"), ("2026-04-06", "2026-04-05T13:30Z"),
        ("2026-10-04", "2026-10-03T13:30Z"), ("2026-10-05", "2026-10-04T13:00Z"),
    ],
    "Asia/Kolkata": [
        ("2026-03-08", "2026-03-07T18:30Z"), ("2026-03-09", "2026-03-08T18:30Z"),
        ("2026-11-01", "2026-10-31T18:30Z"), ("2026-11-02", "2026-11-01T18:30Z"),
    ],
    "America/Havana": [
        ("2026-03-08", "2026-03-08T05:00Z"), ("2026-03-09", "2026-03-09T04:00Z"),
        ("2026-11-01", "2026-11-01T04:00Z"), ("2026-11-02", "2026-11-02T05:00Z"),
    ],
}  # fmt: skip
"""By zone: the local date that a window may not reach, and its first instant, taken from the published offsets by hand. In Havana the
clock goes from midnight to one, so that midnight is missing, and from one back to midnight, so that it comes twice."""

MARGIN = 5 * MINUTE
BY_ITSELF = HOUR
LONG_AFTER = datetime(2027, 1, 5, tzinfo=UTC)


@dataclass(frozen=True)
class _Matters:
    """Of one deadline: a draft, a complete draft that sends itself, and a report of which no draft was made. References."""

    zone: str
    day: date
    ends: datetime
    draft: str
    complete: str
    report: str


@scenario("clock-changes", promises=["P12", "P8"], short=True, small=True)
def clock_changes(stage: Stage) -> Told:
    """Deadlines in the nights in which the clocks change, in seven zones, before, at and after each by turns of the clock"""
    told = Told()
    zones = ["America/New_York", "America/Havana"] if stage.bench.short else list(NIGHTS)
    with _empty(stage, "chaos_nights") as ground:
        matters = [_made(zone, *night) for zone in zones for night in NIGHTS[zone]]
        connections.close_all()
        with stage.bench.copy("chaos_late", of=ground) as late, pointed_at(stage.bench, late):
            _turn(LONG_AFTER)
            told.differences += [f"months late: {said}" for one in matters for said in _not_so(one, LONG_AFTER)]
        around = [(at, one) for one in matters for at in _moments(one)]
        moments = sorted({at for at, _ in around})
        for at in moments:
            _turn(at)
            told.differences += [
                f"as of {at:%Y-%m-%d %H:%M:%S}: {said}"
                for moment, one in around
                if moment == at
                for said in _not_so(one, at)
            ]
        told.differences += [said for one in matters for said in _not_so(one, LONG_AFTER)]
        told.differences += _reminded_otherwise(matters)
    wrong = sum(one.ends != _by_hours(one) for one in matters)
    if not wrong:
        told.differences.append("who counts hours comes to the same, so these nights show nothing")
    told.done = [
        f"{3 * len(matters)} matters whose windows end with the day before and of the change, spring and autumn, in {', '.join(zones)}; "
        f"{len(moments)} turns of the clock, a second before and at the instant at which each sends itself, lapses or closes; and, in a copy, one turn months later"
    ]  # fmt: skip
    told.compared = [
        "each deadline, receipt and lapse with a table of instants written by hand, to the microsecond, whenever the clock turned; the last "
        f"reminder came four hours before; by sixteen times 24 hours the table would be otherwise for {wrong} of {len(matters)} deadlines",
    ]  # fmt: skip
    return told


@contextmanager
def _empty(stage: Stage, name: str) -> Iterator[str]:
    """A database in which nothing has happened, with letters that go nowhere."""
    from django.test import override_settings

    mail = {"EMAIL_BACKEND": "django.core.mail.backends.dummy.EmailBackend"}
    with stage.bench.copy(name, of=embedded.DATABASE), pointed_at(stage.bench, name), override_settings(**mail):
        yield name


def _made(zone: str, day: str, ends: str) -> _Matters:
    from tests import factories as make

    noon = datetime.combine(date.fromisoformat(day) - 16 * DAY, clock_time(12), ZoneInfo(zone))
    contract = make.contract(
        first=date(2026, 1, 1), last=date(2027, 12, 31), zone=zone, now=datetime(2026, 1, 1, tzinfo=UTC)
    )
    made = []
    for n in range(3):
        began = noon + n * MINUTE
        report = make.failure(contract=contract, began=began, minutes=75, logged=False, now=began + 2 * HOUR)
        made.append(
            make.draft(failure=report, complete=n == 1, now=began + 3 * HOUR).reference if n < 2 else report.reference
        )
    return _Matters(zone, date.fromisoformat(day), datetime.fromisoformat(ends), *made)


def _moments(one: _Matters) -> Iterator[datetime]:
    for instant in (one.ends - BY_ITSELF + MARGIN, one.ends + MARGIN):
        yield from (instant - SECOND, instant)
    yield from (one.ends - 4 * HOUR, one.ends)


def _turn(at: datetime) -> None:
    from entitlements import notices
    from sla.sweep import sweep

    run = sweep(now=at, application_now=at)
    assert not run.alarm, run.alarm
    notices.send_all(clock=lambda: at)


def _not_so(one: _Matters, at: datetime) -> Iterator[str]:
    """What is not as the table has it, after a turn as of that moment."""
    from sla.models import Claim, Failure

    over, sent = at >= one.ends + MARGIN, at >= one.ends - BY_ITSELF + MARGIN
    draft, complete = (Claim.objects.get(reference=key) for key in (one.draft, one.complete))
    report = Failure.objects.get(reference=one.report)
    expected = {
        "draft": (draft.state, draft.closed_at) == (("lapsed", one.ends) if over else ("draft", None)),
        "report": (report.state, report.closed_at) == (("closed", one.ends) if over else ("reported", None)),
        "complete draft": (complete.state, complete.received_at)
        == (("submitted", one.ends - BY_ITSELF) if sent else ("draft", None)),
        "deadline": draft.closes_at == report.closes_at == one.ends,
    }
    for what, so in expected.items():
        if not so:
            yield f"{what} of {one.zone} until {one.day}: {draft.state} {draft.closed_at}, {complete.received_at}, {report.closed_at}"


def _reminded_otherwise(matters: Sequence[_Matters]) -> Iterator[str]:
    """Of each draft that was left alone: its last reminder was written four hours before its end."""
    from entitlements.models import Letter

    letters = Letter.objects.filter(kind="draft_reminder").order_by("written_at")
    last = dict(letters.values_list("matter", "written_at"))
    for one in matters:
        if last.get(one.draft) != one.ends - 4 * HOUR:
            yield f"the last reminder of {one.zone} until {one.day} was written at {last.get(one.draft)}"


def _by_hours(one: _Matters) -> datetime:
    """Sixteen times 24 hours after the midnight with which the day of the failure begins."""
    return datetime.combine(one.day - 16 * DAY, clock_time(), ZoneInfo(one.zone)).astimezone(UTC) + 16 * DAY
