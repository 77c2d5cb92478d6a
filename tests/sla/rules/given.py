"""Short ways to say the facts of a test. Unless a day is named, clock times are UTC on 12 May 2026, a Tuesday."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from typing import Any
from zoneinfo import ZoneInfo

from entitlements.rules.spans import Span
from sla.rules.delivery import Alert
from sla.rules.exclusions import ExclusionKind, Finding
from sla.rules.fees import FeeLine
from sla.rules.losses import Attempt
from sla.rules.maintenance import Ground, Maintenance
from tests.worked_examples.paper_terms import PAPER_TERMS

TERMS = PAPER_TERMS
NEW_YORK, LONDON = ZoneInfo("America/New_York"), ZoneInfo("Europe/London")
MICROSECOND = timedelta(microseconds=1)


def at(clock: str) -> datetime:
    """`10:30`, `10:30:00.001`, or with a day before it, as an instant."""
    return datetime.fromisoformat(clock if "-" in clock else f"2026-05-12 {clock}").replace(tzinfo=UTC)


def span(start: str, end: str) -> Span:
    return Span(at(start), at(end))


def spans(*pairs: tuple[str, str]) -> tuple[Span, ...]:
    return tuple(span(start, end) for start, end in pairs)


def down(start: str, end: str | None) -> tuple[datetime, datetime | None]:
    return at(start), end and at(end)


def maintenance(start: str, end: str, ground: Ground | None = Ground.NOTICED, **facts: Any) -> Maintenance:
    ran = span(start, end)
    announced = facts.pop("announced", ran if ground is Ground.NOTICED else None)
    return Maintenance(key=facts.pop("key", f"M {start}"), ran=ran, ground=ground, announced=announced, **facts)


def emergency(start: str, end: str, reason: str = "a flaw under attack", recorded: str | None = None) -> Maintenance:
    return maintenance(start, end, Ground.EMERGENCY, reason=reason, reason_recorded=at(recorded or start))


def alert(received: str = "10:00", logged: str | None = "10:20", **facts: Any) -> Alert:
    known: dict[str, Any] = {
        "received": at(received),
        "channel": "phone",
        "logs": (("provider_api_call", at(logged)),) if logged else (),
        "delay": timedelta(),
        "high_urgency": True,
        "first_responder": True,
        "registered": "US",
        "located": "US",
        "acknowledged": None,
        "resolved": None,
    }
    return Alert(**{**known, **facts})


def finding(kind: ExclusionKind, start: str, end: str, **facts: Any) -> Finding:
    said = {"evidence": "ticket 7", "author": "Ada", "statement": "The customer's own line was down.", **facts}
    return Finding(kind=kind, span=span(start, end), **said)


def attempt(key: str = "a", attempted: str = "10:15", revenue: str = "100", **facts: Any) -> Attempt:
    known: dict[str, Any] = {
        "key": key,
        "attempted": at(attempted),
        "revenue": Decimal(revenue),
        "documented_expenses": (),
        "undocumented_expenses": (),
        "completed": False,
        "documented": True,
        "third_party": True,
        "due_to_failure": True,
        "affected_systems": True,
        "other_system_down": False,
    }
    return Attempt(**{**known, **facts})


def fee(cost: str, seats: int, first: str | None = None, last: str | None = None) -> FeeLine:
    days = [day and date.fromisoformat(day) for day in (first, last)]
    return FeeLine(Decimal(cost), seats, *days)


def month(text: str) -> date:
    return date.fromisoformat(f"{text}-01")
