"""What is asked of alert logs: their rows one by one with what the rules say of each, and what they come to by customer."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from decimal import Decimal
from enum import StrEnum
from typing import Any

from django.db import connection, transaction

from entitlements.models import prepared
from entitlements.rules.spans import Span
from sla.evidence.circumstances import Circumstances
from sla.evidence.statements import (
    DECIDED,
    HANDED_IN,
    MEASURED,
    MEDIAN,
    NO_OTHER_LOG,
    OTHER_LOG,
    QUARTERS_OF_ROWS,
    ROLLED_UP,
    TESTED,
)
from sla.maintenance import months_around
from sla.models.alerts import LOG_KINDS, LOUD, MAY_BE_LATE, QUARTER_MINUTES, WAITED
from sla.rules.delivery import OutOfScope
from sla.rules.terms import EnterpriseTerms

ROLLED_UP_BY = timedelta(minutes=QUARTER_MINUTES)
USUAL_LOGS = {"phone": "provider_api_call", "push": "push_attempt", "sms": "sms_sent", "email": "email_sent"}
"""By which `MAY_BE_LATE` judges."""

AT_ONCE = 2_000
BUSY_FROM = 1_000
"""Of a customer with so many loud quarter hours the usual ones are counted before any median is asked. A figure of ours."""

COVERED = "registered = ANY(%(covered)s) AND located = ANY(%(covered)s)"
"""S4: registered and located where the document covers it, as words about a row."""


class Verdict(StrEnum):
    """What the rules say of one notification, in one word."""

    FAILURE = "failure"
    IN_OUTAGE = "in_outage"
    BY_VOLUME = "excluded_by_volume"
    BY_CAUSE = "excluded_by_cause"
    OFF_TERMS = "off_terms"
    OPEN = "open"
    IN_TIME = "in_time"
    OUT_OF_SCOPE = "out_of_scope"


LATE = (Verdict.FAILURE, Verdict.IN_OUTAGE, Verdict.BY_VOLUME, Verdict.BY_CAUSE, Verdict.OFF_TERMS)
FAILED = (Verdict.FAILURE, Verdict.IN_OUTAGE)


@dataclass(frozen=True, slots=True)
class Assessed:
    """One notification and what the rules say of it. `remedy` is empty where it has no period of its own (S8)."""

    source: int
    line: int
    customer: int
    incident: str
    channel: str
    received: datetime
    due: datetime
    ended: datetime
    attempted: bool
    open: bool
    out_of_scope: tuple[OutOfScope, ...]
    period: timedelta
    verdict: Verdict
    median: Decimal | None
    occurrence: datetime | None
    remedy: tuple[Span, ...]


@dataclass(frozen=True, slots=True)
class Late:
    """S5, S8: what the late alerts of one customer come to. `remedy` is the time under the union of their remedy periods."""

    late: int
    by_volume: int
    by_cause: int
    off_terms: int
    failures: int
    in_outage: int
    open: int
    remedy: timedelta

    @property
    def excluded(self) -> int:
        return self.by_volume + self.by_cause + self.off_terms


NOTHING_LATE = Late(0, 0, 0, 0, 0, 0, 0, timedelta())

ROW = {
    "source": "source_id",
    "line": "line",
    "customer": "customer_id",
    "incident": "incident",
    "channel": "channel",
    "received": "received_at",
    "due": "due",
    "ended": "ended",
    "attempted": "attempted",
    "open": "open",
    "out_of_scope": "reasons",
    "period": "period",
    "verdict": "verdict",
    "median": f"CASE WHEN verdict = 'excluded_by_volume' THEN {MEDIAN} END",
    "occurrence": "lower(remedy)",
    "remedy": "CASE WHEN verdict = 'failure' THEN remedy ELSE '{}' END",
}

BY_CUSTOMER = """
SELECT customer_id, count(*), count(*) FILTER (WHERE verdict = 'excluded_by_volume'),
       count(*) FILTER (WHERE verdict = 'excluded_by_cause'), count(*) FILTER (WHERE verdict = 'off_terms'),
       count(*) FILTER (WHERE verdict IN ('failure', 'in_outage')), count(*) FILTER (WHERE verdict = 'in_outage'),
       count(*) FILTER (WHERE open),
       (SELECT coalesce(sum(upper(part) - lower(part)), interval '0')
          FROM unnest(range_agg(remedy) FILTER (WHERE verdict = 'failure')) AS part)
  FROM assessed WHERE verdict IN ('failure', 'in_outage', 'excluded_by_volume', 'excluded_by_cause', 'off_terms')
 GROUP BY customer_id"""


def assessed(known: Circumstances, *, only: str = "true", tail: str = "", **values: Any) -> list[Assessed]:
    """S4, S5, S7, S8: the notifications of the span, each with its verdict. `only` narrows the rows of the log (its columns),
    `tail` what was assessed (WHERE, ORDER BY, LIMIT); both are our own SQL, what people type is in `values`.
    """
    return [_assessed(row) for row in asked(known, _each(known, tail), only, values)]


def one_by_one(known: Circumstances, *, only: str, tail: str, **values: Any) -> Iterator[Assessed]:
    """As `assessed`, for as many rows as there are: the server holds them and hands out a portion at a time."""
    with connection.chunked_cursor() as cursor:
        cursor.execute(*_put(known, _each(known, tail), only, values))
        while rows := cursor.fetchmany(AT_ONCE):
            yield from map(_assessed, rows)


def late_by_customer(known: Circumstances) -> dict[int, Late]:
    """S5, S7, S8: of every customer with late alerts, what they come to."""
    of_one = len({one.customer for one in known.ground}) == 1
    ask = asked_again if of_one else asked
    rows = ask(known, BY_CUSTOMER, f"{narrowed_by_the_index(known)} AND {COVERED}", {})
    return {customer: Late(*figures) for customer, *figures in rows}


def narrowed_by_the_index(known: Circumstances) -> str:
    """S5: the words that find what may be late by its index, where no edition of the span says otherwise; else none. Of these only
    what is beyond the shortest limit of the editions is judged."""
    beyond = f"{MAY_BE_LATE} AND {WAITED} > %(shortest_limit)s"
    return beyond if all(map(told_by_the_index, known.terms)) else "true"


def told_by_the_index(terms: EnterpriseTerms) -> bool:
    """Whether the index of what may be late holds all that is late by this edition: its limit is a minute or more, and where it
    names a log for one of the usual channels, it is the usual one."""
    others = any(kind != USUAL_LOGS.get(channel, kind) for channel, kind in terms.deciding_logs.items())
    return terms.delivery_limit >= timedelta(minutes=1) and not others


def asked(known: Circumstances, question: str, only: str, values: Mapping[str, Any]) -> Sequence[Any]:
    """The rows of a question to `assessed` (or a step before it), over the rows of the log that `only` leaves."""
    with connection.cursor() as cursor:
        cursor.execute(*_put(known, question, only, values))
        return cursor.fetchall()


def asked_again(known: Circumstances, question: str, only: str, values: Mapping[str, Any]) -> Sequence[Any]:
    """As `asked`, where planning takes longer than answering, as it does for a single customer: the server keeps the statement with its
    plan, whatever the values."""
    statement, given = _put(known, question, only, values)
    with transaction.atomic(savepoint=False), prepared.cursor() as cursor:
        cursor.execute("SET LOCAL plan_cache_mode = force_generic_plan")
        rows = cursor.execute(statement, given, prepare=True).fetchall()
        cursor.execute("SET LOCAL plan_cache_mode TO DEFAULT")
        return rows


def _put(known: Circumstances, question: str, only: str, values: Mapping[str, Any]) -> tuple[str, dict[str, Any]]:
    measured = MEASURED.format(within=_within(known), only=only, other_log=_other_log(known))
    parts = (HANDED_IN, measured, TESTED.format(**_quarters(known)), DECIDED.format())
    return f"WITH {', '.join(parts)} {question}", {**known.handed_in(), "busy_from": BUSY_FROM, **values}


def _other_log(known: Circumstances) -> str:
    """S4: the time of the log that decides where its kind has no column of its own, as words about a row."""
    kinds = {kind for one in known.terms for kind in one.deciding_logs.values()}
    return OTHER_LOG if kinds - set(LOG_KINDS) else NO_OTHER_LOG


def _each(known: Circumstances, tail: str) -> str:
    """The columns of `Assessed`. The median stands here, behind the limit of the page: it is worked out for what is shown."""
    columns = ", ".join(ROW.values()).replace(MEDIAN, MEDIAN.format(**_quarters(known)))
    return f"SELECT {columns} FROM assessed AS one {tail}"  # noqa: S608 - our own words


def _quarters(known: Circumstances) -> Mapping[str, str]:
    """S7: the quarter hours that the editions compare, as they are rolled up or else as the rows have them; of the former only the loud
    ones are looked at, by their index, where no others can exclude."""
    if any(one.quarter != ROLLED_UP_BY for one in known.terms):
        return QUARTERS_OF_ROWS
    loud = all(one.volume_multiple >= LOUD for one in known.terms)
    return ROLLED_UP | {"least": str(LOUD)} if loud else ROLLED_UP


def _within(known: Circumstances) -> str:
    """The months of receipt that the span touches, as words about a row. Written out: for the tables of others nothing is planned."""
    last = max(one.during.end for one in known.ground) - timedelta.resolution
    months = months_around(min(one.during.start for one in known.ground), last)
    return f"received_at >= '{months.start.isoformat()}' AND received_at < '{months.end.isoformat()}'"


def _assessed(row: Sequence[Any]) -> Assessed:
    facts = dict(zip(ROW, row, strict=True))
    reasons = tuple(OutOfScope(one) for one in facts["out_of_scope"])
    remedy = tuple(Span(one.lower, one.upper) for one in facts["remedy"])
    return Assessed(**facts | {"out_of_scope": reasons, "verdict": Verdict(facts["verdict"]), "remedy": remedy})
