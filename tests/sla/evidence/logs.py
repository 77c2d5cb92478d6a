"""Alert logs for tests: rows that stand in tables of the test's own, shaped like the real ones, and random rows full of edges."""

from __future__ import annotations

import random
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from typing import Any

from django.db import connection
from django.db.backends.utils import CursorWrapper

from entitlements.models import Customer, User
from sla.models import AlertImport
from sla.rules.delivery import DELIVERY_RECEIPT, Alert
from sla.rules.terms import EnterpriseTerms
from sla.rules.volume import Quarter, quarters_of
from tests.factories import NOW
from tests.sla.rules.given import alert
from tests.worked_examples.paper_terms import PAPER_TERMS

MINUTE, SECOND, HAIR = timedelta(minutes=1), timedelta(seconds=1), timedelta(microseconds=1)
USUAL = ("provider_api_call", "push_attempt", "sms_sent", "email_sent", DELIVERY_RECEIPT)


@dataclass(frozen=True)
class Line:
    """One notification of a log: whose it is, and the rule's own value."""

    line: int
    customer: int
    incident: str
    alert: Alert
    source: int = 1


def tables(lines: Iterable[Line]) -> None:
    """The lines in tables of this test, with the roll-up that the rule itself would make of them."""
    told = list(lines)
    with connection.cursor() as cursor:
        for table in ("sla_notification", "sla_alertquarter"):
            cursor.execute(f"DROP TABLE IF EXISTS pg_temp.{table}")
            cursor.execute(f"CREATE TEMP TABLE {table} (LIKE public.{table})")
        _insert(cursor, "sla_notification", [row_of(one) for one in told])
    for customer in {one.customer for one in told}:
        roll_up(customer, quarters_told(customer, told, PAPER_TERMS))
    with connection.cursor() as cursor:
        cursor.execute("CREATE INDEX ON pg_temp.sla_alertquarter (customer_id, start)")
        cursor.execute("ANALYZE pg_temp.sla_notification, pg_temp.sla_alertquarter")


def row_of(one: Line) -> dict[str, Any]:
    alert, logs = one.alert, {}
    for kind, at in alert.logs:
        logs[kind] = min(at, logs.get(kind, at))
    return {
        "source_id": one.source,
        "line": one.line,
        "customer_id": one.customer,
        "incident": one.incident,
        "received_at": alert.received,
        "initial": alert.initial,
        "responder": "someone",
        "first_responder": alert.first_responder,
        "high_urgency": alert.high_urgency,
        "channel": alert.channel,
        "registered": alert.registered,
        "located": alert.located,
        "delay": alert.delay,
        **{f"{kind}_at": logs.get(kind) for kind in USUAL},
        "other_logs": _as_json({kind: at for kind, at in logs.items() if kind not in USUAL}),
        "acknowledged_at": alert.acknowledged,
        "resolved_at": alert.resolved,
        "provider_reference": f"ref-{one.line}",
    }


def _as_json(logs: dict[str, datetime]) -> str | None:
    told = ", ".join(f'"{kind}": "{at.isoformat()}"' for kind, at in logs.items())
    return f"{{{told}}}" if logs else None


def roll_up(customer: int, quarters: Iterable[Quarter]) -> None:
    """S7: these, and no others, are the customer's quarter hours; what has nothing in it has no line. Every fourth is of two imports."""
    with connection.cursor() as cursor:
        cursor.execute("DELETE FROM pg_temp.sla_alertquarter WHERE customer_id = %s", [customer])
        rows = [
            {"source_id": 1 + n, "customer_id": customer, "start": one.start, **counts}
            for one in quarters
            for n, counts in enumerate(_by_import(one))
        ]
        _insert(cursor, "sla_alertquarter", rows)


def _by_import(one: Quarter) -> list[dict[str, Any]]:
    if one.start.hour % 4:
        return [{"volume": one.volume, "incidents": one.incidents, "alone": True}]
    first = {"volume": one.volume // 2, "incidents": one.incidents // 2, "alone": False}
    return [
        first,
        {name: n - first[name] for name, n in [("volume", one.volume), ("incidents", one.incidents)]}
        | {"alone": False},
    ]


def quarters_told(customer: int, lines: Iterable[Line], terms: EnterpriseTerms) -> Any:
    """S7: by the rule, from the lines of a customer: every trigger once, and every incident in the quarter hours that it began in."""
    own = [one for one in lines if one.customer == customer]
    triggers = {(one.incident, one.alert.received) for one in own}
    width = terms.quarter // MINUTE * 60
    begun = {
        (one.incident, int(one.alert.received.timestamp()) // width): one.alert.received
        for one in own
        if one.alert.initial
    }
    return quarters_of([received for _, received in triggers], begun.values(), terms)


def _insert(cursor: CursorWrapper, table: str, rows: Sequence[dict[str, Any]]) -> None:
    if rows:
        with cursor.copy(f"COPY pg_temp.{table} ({', '.join(rows[0])}) FROM STDIN") as copy:
            for row in rows:
                copy.write_row(list(row.values()))


# --- Random rows, most of them on an edge


@dataclass
class Random:
    """Random notifications of some customers at `moments`: times at the limit to the microsecond, logs that are missing, of other
    channels, earlier than the trigger, several at once; bursts of triggers; two notifications of one trigger."""

    seed: int
    customers: Sequence[int]
    moments: Sequence[datetime]
    limits: Sequence[timedelta] = (5 * MINUTE,)
    kinds: Sequence[str] = (*USUAL, "push_seen")
    lines: list[Line] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.choose = random.Random(self.seed)

    def rows(self, how_many: int) -> list[Line]:
        while len(self.lines) < how_many:
            customer, moment = self.choose.choice(self.customers), self.choose.choice(self.moments)
            seconds = self.choose.choice(
                (0, 900, 1800, 3000, self.choose.randrange(0, 3600), self.choose.randrange(0, 3600))
            )
            received = moment + seconds * SECOND + self.choose.choice((0, 0, 1, 999_999)) * HAIR
            for _ in range(self.choose.choice((1, 1, 1, 2, 3, 12, 13))):
                self._trigger(customer, received)
                received += self.choose.choice((HAIR, SECOND, MINUTE))
        return self.lines

    def _trigger(self, customer: int, received: datetime) -> None:
        incident = f"INC-{len(self.lines)}"
        facts = self._facts(received)
        self._add(customer, incident, facts)
        if self.choose.random() < 0.2:
            self._add(customer, incident, replace(self._facts(received), initial=facts.initial))

    def _add(self, customer: int, incident: str, alert: Alert) -> None:
        self.lines.append(Line(len(self.lines) + 2, customer, incident, alert))

    def _facts(self, received: datetime) -> Alert:
        pick, odds = self.choose.choice, self.choose.random
        channel = pick(("phone", "push", "sms", "email", "phone", "push", "chat"))
        delay = pick((timedelta(), MINUTE, 3 * MINUTE + HAIR, 70 * MINUTE))
        due = received + delay
        kinds = [PAPER_TERMS.deciding_logs.get(channel, "chat_sent")] if odds() < 0.8 else []
        kinds += [kind for kind in self.kinds if odds() < 0.15]
        return Alert(
            received=received,
            channel=channel,
            logs=tuple((kind, self._near(due)) for kind in kinds),
            delay=delay,
            high_urgency=odds() < 0.95,
            first_responder=odds() < 0.95,
            registered=pick(("US", "US", "US", "US", "CA", "CA", "MX", None)),
            located=pick(("US", "US", "US", "US", "CA", "CA", "GB", None)),
            acknowledged=self._near(due) if odds() < 0.4 else None,
            resolved=self._near(due) if odds() < 0.4 else None,
            initial=odds() < 0.9,
        )

    def _near(self, due: datetime) -> datetime:
        edge = self.choose.choice((*self.limits, self.limits[0], timedelta(), 20 * MINUTE, timedelta(days=1, hours=2)))
        return due + edge + self.choose.choice((-MINUTE, -HAIR, timedelta(), HAIR, MINUTE))


def utc(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=UTC)


def log_file(now: datetime, by: Any) -> AlertImport:
    """The import that the lines came by, as it stands once it is done; their `source` is its key."""
    return AlertImport.objects.create(
        reference="LOG-TEST-0001",
        state="imported",
        name="alerts-june.csv",
        kind="csv",
        size=1,
        sha256="0" * 64,
        stored_as="alerts-june",
        uploaded_at=now,
        uploaded_by=by,
        confirmed_at=now,
        confirmed_by=by,
        imported_at=now,
        last_received=now,
    )


def one_on_record(customer: Customer, by: User, now: datetime = NOW) -> Line:
    """A file of one line: an alert of the customer that came in time."""
    received = now - timedelta(days=1)
    told = replace(alert(logged=None), received=received, logs=(("provider_api_call", received + MINUTE),))
    line = Line(1, customer.pk, "INC-1", told, log_file(now, by).pk)
    tables([line])
    return line


def microseconds_of(instant: datetime) -> int:
    return (instant - datetime(1970, 1, 1, tzinfo=UTC)) // HAIR
