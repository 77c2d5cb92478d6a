"""What happened: one line a scene, so many days ago, at a clock time of the vendor's records (UTC)."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterator
from contextlib import suppress
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from decimal import Decimal
from functools import partial

from entitlements.actions import engagements as book
from entitlements.actions.refused import Refused
from entitlements.models import Activity, Engagement, PolicyEdition
from sla.actions import claims as claiming
from sla.actions import decisions, failures, outages
from sla.demo.cast import Cast
from sla.models import Claim, Failure, Outage
from sla.uploads import CheckedFile


@dataclass(frozen=True)
class Scene:
    """Something that happened at an instant."""

    at: datetime
    play: Callable[[], object]


# firm, activity, days ago when it was asked for, days ago of the session (negative: ahead), how it stands today
ENGAGEMENTS = (
    ("northwind", "integration", 60, 50, "delivered"),
    ("northwind", "integration", 41, 33, "delivered"),
    ("northwind", "alert_strategies", 48, 39, "delivered"),
    ("northwind", "maturity", 30, 21, "delivered"),
    ("northwind", "incident_lifecycle", 9, -2, "scheduled"),
    ("northwind", "product_feature", 3, -9, "requested"),
    ("maple", "integration", 120, 112, "delivered"),
    ("maple", "roadmap", 75, 66, "delivered"),
    ("maple", "incident_lifecycle", 40, 31, "delivered"),
    ("maple", "automation_ideation", 10, -1, "scheduled"),
    ("maple", "integration", 2, -12, "requested"),
    ("alpenbahn", "integration", 210, 200, "delivered"),
    ("alpenbahn", "integration", 150, 141, "delivered"),
    ("alpenbahn", "product_feature", 30, 20, "cancelled"),
    ("alpenbahn", "alert_strategies", 6, -5, "requested"),
    ("sagar", "maturity", 50, 42, "delivered"),
    ("sagar", "integration", 12, -3, "scheduled"),
    ("sagar", "product_feature", 5, -20, "declined"),
    ("kiwi", "integration", 200, 190, "delivered"),
    ("kiwi", "integration", 160, 151, "delivered"),
    ("kiwi", "integration", 100, 90, "delivered"),
    ("kiwi", "integration", 40, 30, "delivered"),
    ("kiwi", "maturity", 1, -15, "requested"),
    ("outfitters", "roadmap", 80, 70, "delivered"),
    ("outfitters", "product_feature", 14, -4, "scheduled"),
    ("lakeside", "integration", 250, 240, "delivered"),
    ("orchid", "integration", 220, 210, "delivered"),
    ("orchid", "maturity", 30, 19, "delivered"),
    ("thames", "integration", 20, 11, "delivered"),
    ("thames", "maturity", 4, -6, "requested"),
    ("copper", "integration", 100, 92, "delivered"),
    ("copper", "integration", 60, 51, "delivered"),
    ("harbour", "product_feature", 30, 22, "delivered"),
    ("prairie", "integration", 15, 8, "withdrawn"),
)

# key, title, days ago, clock, minutes (None: still going on), for whom, fixed
OUTAGES = (
    ("september", "Notifications were not sent", 38, time(14, 0), 52, ("northwind", "maple", "thames", "kiwi"), True),
    ("queue", "Incident queue stopped", 13, time(9, 20), 75, ("alpenbahn", "sagar", "lakeside"), True),
    ("storage", "Event storage not reachable", 5, time(18, 5), 41, ("outfitters", "copper", "maple"), True),
    ("login", "Short loss of the event API", 3, time(6, 30), 22, ("orchid",), True),
    ("yesterday", "Incident tracking was down", 1, time(15, 0), 47, ("northwind",), False),
    ("now", "Alerting is slow to answer", 0, None, None, ("lakeside", "prairie"), False),
)

# firm, outage, how it stands today, lines (minute of the outage, what, revenue, expenses)
ORDERS = (
    (12, "Order 48-1207, Tern Logistics", "18400.00", "6120.00"),
    (17, "Order 48-1211, Quill & Sons", "9250.50", "2980.25"),
    (26, "Order 48-1219, Marigold Hotels", "31200.00", "11800.00"),
    (34, "Order 48-1223, Fenwick Marine", "4100.00", "1275.40"),
    (55, "Order 48-1240, Oakridge Foods", "7600.00", "2410.00"),
)
CLAIMS = (
    ("northwind", "september", "credited"),
    ("maple", "september", "denied"),
    ("kiwi", "september", "lapsed"),
    ("thames", "september", "reported"),
    ("alpenbahn", "queue", "proposed"),
    ("sagar", "queue", "in_review"),
    ("lakeside", "queue", "draft"),
    ("outfitters", "storage", "reported"),
    ("copper", "storage", "complete"),
    ("maple", "storage", "submitted"),
    ("orchid", "login", "reported"),
)


def scenes(cast: Cast, now: datetime) -> Iterator[Scene]:
    """Every scene up to `now`, in no order."""
    for n, line in enumerate(ENGAGEMENTS):
        yield from _engagement(cast, now, n, *line)
    recorded: dict[str, Outage] = {}
    for key, *rest in OUTAGES:
        yield from _outage(cast, now, recorded, key, *rest)
    for firm, key, end in CLAIMS:
        yield from _claim(cast, now, recorded, firm, key, end)


def _at(now: datetime, days_ago: float, clock: time = time(15, 0)) -> datetime:
    """The clock time (UTC) of a day that lies so many days back, never after `now`."""
    return min(datetime.combine(now.date() - timedelta(days=days_ago), clock, now.tzinfo), now)


def _engagement(
    cast: Cast, now: datetime, n: int, firm: str, activity: str, asked: int, held: int, end: str
) -> Iterator[Scene]:
    contract, made = cast.contracts[firm], {}
    day: date = now.date() - timedelta(days=held)
    owner = cast.owners[firm]

    def request(at: datetime) -> None:
        made["it"] = book.request_engagement(
            contract=contract,
            activity=Activity.objects.get(pk=activity),
            wished_day=day,
            topic="Agreed at the last review.",
            advice_wording=PolicyEdition.objects.published().latest("valid_from").advice_wording,
            by=owner,
            now=at,
        )

    def schedule(at: datetime) -> None:
        made["it"] = _schedule(cast, made["it"], day, n, at)

    def hold(at: datetime) -> None:
        for session in made["it"].sessions.order_by("part"):
            made["it"] = book.hold_session(session=session, by=cast.manager, now=max(at, session.during.upper))

    def turn_down(at: datetime) -> None:
        book.decline_engagement(
            engagement=made["it"], reason="Please name the product that it is about.", by=cast.manager, now=at
        )

    def cancel(at: datetime) -> None:
        book.cancel_engagement(
            engagement=made["it"], side="vendor", reason="The CSE fell ill.", by=cast.manager, now=at
        )

    def withdraw(at: datetime) -> None:
        book.withdraw_engagement(engagement=made["it"], by=owner, now=at)

    def scene(at: datetime, act: Callable[[datetime], None]) -> Scene:
        return Scene(at, partial(act, at))

    asked_at = _at(now, asked, time(9 + n % 8))
    yield scene(asked_at, request)
    if end in ("scheduled", "delivered", "cancelled"):
        yield scene(asked_at + timedelta(hours=20), schedule)
    if end == "delivered":
        yield scene(_at(now, held, time(23)), hold)
    if end == "cancelled":
        yield scene(_at(now, held + 1), cancel)
    if end == "declined":
        yield scene(asked_at + timedelta(hours=6), turn_down)
    if end == "withdrawn":
        yield scene(asked_at + timedelta(days=2), withdraw)


def _schedule(cast: Cast, engagement: Engagement, day: date, n: int, at: datetime) -> Engagement:
    """Book the first engineer who is free, from mid-morning in the customer's zone on; a follow-up at the next hour."""
    tz = engagement.contract.tz
    parts = 2 if engagement.activity_id == "incident_lifecycle" else 1
    for hour in range(9, 17):
        start = datetime.combine(day, time(hour), tz)
        engineer = cast.engineers[(n + hour) % len(cast.engineers)]
        planned = [book.PlannedSession(start + timedelta(hours=2 * part), engineer) for part in range(parts)]
        with suppress(Refused):
            return book.schedule_engagement(engagement=engagement, sessions=planned, by=cast.manager, now=at)
    raise RuntimeError(f"no free hour on {day} for {engagement}")


def _outage(
    cast: Cast,
    now: datetime,
    recorded: dict[str, Outage],
    key: str,
    title: str,
    days_ago: int,
    clock: time | None,
    minutes: int | None,
    firms: tuple[str, ...],
    fixed: bool,
) -> Iterator[Scene]:
    start = _start(now, key)
    end = start + timedelta(minutes=minutes) if minutes else None
    at = min((end or start) + timedelta(minutes=20), now)

    def record_it() -> None:
        intervals = [outages.LoggedInterval(cast.contracts[firm].customer, start, end) for firm in firms]
        recorded[key] = outages.record_outage(
            title=title, intervals=intervals, source=f"api-{key}.log, lines 1 to 214", by=cast.manager, now=at
        )

    yield Scene(at, record_it)
    if fixed:
        mended = min(at + timedelta(hours=5), now)
        yield Scene(mended, lambda: outages.record_fix(cause=recorded[key].cause, by=cast.manager, now=mended))


def _start(now: datetime, key: str) -> datetime:
    days_ago, clock = next((line[2], line[3]) for line in OUTAGES if line[0] == key)
    return _at(now, days_ago, clock) if clock else now - timedelta(minutes=50)


def _claim(cast: Cast, now: datetime, recorded: dict[str, Outage], firm: str, key: str, end: str) -> Iterator[Scene]:
    contract, person, made = cast.contracts[firm], cast.claimants[firm], {}
    start = _start(now, key)
    minutes = next(line[4] for line in OUTAGES if line[0] == key)

    def report(at: datetime) -> None:
        made["failure"] = failures.report_failure(
            contract=contract,
            kind=Failure.Kind.OUTAGE,
            began_at=start,
            ended_at=start + timedelta(minutes=minutes),
            description="No incident reached our people; orders failed at the till.",
            by=person,
            now=at,
        )

    def begin(at: datetime) -> None:
        made["claim"] = claiming.start_claim(failure=made["failure"], by=person, now=at)
        if end != "draft":
            _fill_in(made["claim"], start, person, at, declared=end != "lapsed")
        else:
            claiming.add_transactions(claim=made["claim"], lines=_lines(start)[:2], by=person, now=at)

    def send(at: datetime) -> None:
        claiming.submit_claim(claim=made["claim"], by=person, received_at=at)

    def review(at: datetime) -> None:
        claim = decisions.take_claim(claim=made["claim"], by=cast.manager, now=at)
        for line in claim.transactions.filter(what__contains="Fenwick"):
            decisions.strike_line(
                line=line,
                reason="completed",
                note="Order was placed again at 14:58 and went through.",
                by=cast.manager,
                now=at,
            )

    def propose(at: datetime) -> None:
        made["proposal"] = decisions.propose_decision(
            claim=Claim.objects.get(pk=made["claim"].pk), **_decision(end), by=cast.manager, now=at
        )

    def approve(at: datetime) -> None:
        decisions.approve_proposal(proposal=made["proposal"], by=cast.approver, now=at)

    steps = {"report": report, "begin": begin, "send": send, "review": review, "propose": propose, "approve": approve}
    reached = {
        "reported": 1, "draft": 2, "complete": 2, "lapsed": 2, "submitted": 3,
        "in_review": 4, "proposed": 5, "credited": 6, "denied": 6,
    }[end]  # fmt: skip
    pauses = (
        timedelta(hours=1),
        timedelta(days=1),
        timedelta(days=1),
        timedelta(days=1),
        timedelta(hours=3),
        timedelta(hours=20),
    )
    at = start + timedelta(minutes=minutes)
    for pause, act in list(zip(pauses, steps.values(), strict=True))[:reached]:
        at = min(at + pause, now)
        yield Scene(at, partial(act, at))


def _fill_in(claim: Claim, start: datetime, person, at: datetime, *, declared: bool) -> None:
    claiming.add_transactions(claim=claim, lines=_lines(start), by=person, now=at)
    content = "order,time,amount\n" + "".join(f"{what},{minute},{revenue}\n" for minute, what, revenue, _ in ORDERS)
    file = CheckedFile("failed-orders.csv", "csv", content.encode(), hashlib.sha256(content.encode()).hexdigest())
    claiming.add_evidence(claim=claim, file=file, label="Export of failed orders", by=person, now=at)
    claiming.save_contact(
        claim=claim,
        name=person.name,
        email=person.email,
        phone="",
        audit_consent=True,
        sends_itself=True,
        by=person,
        now=at,
    )
    if declared:
        claiming.declare(claim=claim, by=person, now=at)


def _lines(start: datetime) -> list[claiming.TransactionLine]:
    return [
        claiming.TransactionLine(start + timedelta(minutes=minute), what, Decimal(revenue), Decimal(expenses))
        for minute, what, revenue, expenses in ORDERS
    ]


def _decision(end: str) -> dict[str, str]:
    if end == "denied":
        return {
            "outcome": "deny",
            "grounds": "S9: every transaction was completed later the same day, as your own export shows.",
        }
    return {"outcome": "approve", "grounds": "The outage and the failed orders are documented (S2, S9)."}
