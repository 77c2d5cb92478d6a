"""Lists of assessed alerts: those of a customer and a span, page by page, what they come to, and a day's of all customers."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Any

from django.db import connection

from entitlements.rules.spans import Span
from sla.evidence.circumstances import EPOCH, Circumstances
from sla.evidence.questions import (
    COVERED,
    FAILED,
    LATE,
    Assessed,
    Verdict,
    asked,
    assessed,
    narrowed_by_the_index,
    one_by_one,
)
from sla.rules.delivery import OutOfScope

EXCLUDED = (Verdict.BY_VOLUME, Verdict.BY_CAUSE, Verdict.OFF_TERMS)
GROUPS: dict[str, tuple[Verdict, ...]] = {
    "in_scope": tuple(one for one in Verdict if one != Verdict.OUT_OF_SCOPE),
    "late": LATE,
    "failures": FAILED,
    "excluded": EXCLUDED,
    **{one.value: (one,) for one in Verdict},
}
"""What a list can be narrowed to: a verdict, or several under one name."""

COUNTED = {
    "in_scope": "judged WHERE reasons = '{}'",
    Verdict.OUT_OF_SCOPE.value: "judged WHERE reasons <> '{}'",
    Verdict.IN_TIME.value: "ended WHERE reasons = '{}' AND ended - due <= most AND NOT open",
}
"""The groups that most notifications are in, by the first step of the assessment that tells them."""

ORDER = "received_at DESC, source_id DESC, line DESC"
NO_MORE_THAN = 10_000
MOST_SUMMED = 50_000
"""So many notifications are summed up unasked: about half a second. A figure of ours."""
FEW = 500
"""So few rows that have a text are named by their instants, to be found by the index from then on. A figure of ours."""
LOOKED_AT = 2_000
"""So many of the newest are judged first where a page is narrowed to what only judging tells, as most rows are. A figure of ours."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Narrowed:
    """What the list of a customer's alerts is narrowed to. Empty: not at all. `text` is looked for in incident and reference; `instants`
    are the only ones at which rows with it were received, None where that is not known."""

    customer: int
    during: Span
    group: str = ""
    channel: str = ""
    covered: bool = False
    text: str = ""
    instants: tuple[datetime, ...] | None = None

    @property
    def verdicts(self) -> tuple[Verdict, ...]:
        return GROUPS.get(self.group, ())

    @property
    def values(self) -> dict[str, Any]:
        text = self.text.replace("\\", "\\\\").replace("%", "\\%").replace("_", "\\_")
        return {
            "customer": self.customer,
            "since": self.during.start,
            "until": self.during.end,
            "channel": self.channel,
            "text": f"%{text}%",
            "instants": list(self.instants or ()),
            "verdicts": [one.value for one in self.verdicts],
        }

    def only(self, known: Circumstances) -> str:
        """The part of it that the rows themselves answer, as SQL."""
        parts = ["customer_id = %(customer)s AND received_at >= %(since)s AND received_at < %(until)s"]
        parts += ["channel = %(channel)s"] if self.channel else []
        parts += [COVERED] if self.covered or set(self.verdicts) & {*LATE, Verdict.IN_TIME, Verdict.OPEN} else []
        like = "LIKE" if self.text.lower() == self.text.upper() else "ILIKE"
        parts += [f"(incident {like} %(text)s OR provider_reference {like} %(text)s)"] if self.text else []
        parts += ["received_at = ANY(%(instants)s::timestamptz[])"] if self.instants is not None else []
        if self.is_found_by_the_index:
            parts.append(narrowed_by_the_index(known))
        return " AND ".join(parts)

    @property
    def is_found_by_the_index(self) -> bool:
        """Whether it asks for nothing but what the index of what may be late holds: late ones, and those never attempted."""
        return bool(self.verdicts) and set(self.verdicts) <= {*LATE, Verdict.OPEN}


@dataclass(frozen=True, slots=True)
class Place:
    """Where a page of the list begins: behind this notification. As text it stands in the address of the next page."""

    received: datetime
    source: int
    line: int

    def __str__(self) -> str:
        return f"{(self.received - EPOCH) // timedelta(microseconds=1)}-{self.source}-{self.line}"

    @classmethod
    def of(cls, text: str) -> Place | None:
        """The place that `str` wrote; None for anything else."""
        parts = text.split("-")
        if len(parts) != 3 or not all(part.isascii() and part.isdecimal() and len(part) < 19 for part in parts):
            return None
        received, source, line = map(int, parts)
        try:
            return cls(EPOCH + timedelta(microseconds=received), source, line)
        except OverflowError:
            return None


def looked_up(known: Circumstances, narrowed: Narrowed) -> Narrowed:
    """With the instants of a text, which no index has: its rows are looked for once, and not again for each question about them. As it
    was where there is none, or rows enough that those of a page are soon found."""
    if not narrowed.text or narrowed.is_found_by_the_index:
        return narrowed
    question = f"SELECT received_at FROM sla_notification WHERE {narrowed.only(known)} LIMIT {FEW + 1}"  # noqa: S608 - our own words
    with connection.cursor() as cursor:
        cursor.execute(question, {**known.handed_in(), **narrowed.values})
        found = {received for (received,) in cursor.fetchall()}
        is_few = cursor.rowcount <= FEW
    return replace(narrowed, instants=tuple(sorted(found))) if is_few else narrowed


def page_of(known: Circumstances, narrowed: Narrowed, size: int, after: Place | None = None) -> list[Assessed]:
    """So many notifications, the newest first, behind a place."""
    only, values = narrowed.only(known), narrowed.values
    if after:
        only += " AND (received_at, source_id, line) < (%(after_received)s, %(after_source)s, %(after_line)s)"
        values |= {"after_received": after.received, "after_source": after.source, "after_line": after.line}
    end = f"ORDER BY {ORDER} LIMIT {size:d}"
    if not narrowed.verdicts:  # then the rows of the page are known before they are judged
        return assessed(known, only=f"{only} {end}", tail=f"ORDER BY {ORDER}", **values)
    tail = f"WHERE verdict = ANY(%(verdicts)s) {end}"
    if not narrowed.is_found_by_the_index:
        newest = assessed(known, only=f"{only} ORDER BY {ORDER} LIMIT {LOOKED_AT:d}", tail=tail, **values)
        if len(newest) == size:
            return newest
    return assessed(known, only=only, tail=tail, **values)


def all_of(known: Circumstances, narrowed: Narrowed) -> Iterator[Assessed]:
    """Every notification of the list, the newest first, asked once; no more than a portion of it is held at a time."""
    verdict = "WHERE verdict = ANY(%(verdicts)s) " if narrowed.verdicts else ""
    return one_by_one(known, only=narrowed.only(known), tail=f"{verdict}ORDER BY {ORDER}", **narrowed.values)


def how_many(known: Circumstances, narrowed: Narrowed) -> int:
    """Exact up to ten thousand; one more stands for all that is beyond."""
    of = COUNTED.get(narrowed.group, "assessed WHERE verdict = ANY(%(verdicts)s)" if narrowed.verdicts else "judged")
    question = f"SELECT count(*) FROM (SELECT FROM {of} LIMIT {NO_MORE_THAN + 1}) AS counted"  # noqa: S608 - our own words
    ((count,),) = asked(known, question, narrowed.only(known), narrowed.values)
    return int(count)


def is_long(narrowed: Narrowed) -> bool:
    """Whether the customer has more notifications in the span than are summed up unasked: by their index, and no further than that."""
    rows = "sla_notification WHERE customer_id = %(customer)s AND received_at >= %(since)s AND received_at < %(until)s"
    with connection.cursor() as cursor:
        cursor.execute(f"SELECT count(*) FROM (SELECT FROM {rows} LIMIT {MOST_SUMMED + 1}) AS counted", narrowed.values)  # noqa: S608
        return bool(cursor.fetchone()[0] > MOST_SUMMED)


@dataclass(frozen=True, slots=True)
class Group:
    """Alerts of one channel with one verdict and the same reasons: how many, and how many of them up to each edge (PL6)."""

    channel: str
    verdict: Verdict
    out_of_scope: tuple[OutOfScope, ...]
    count: int
    below: tuple[int, ...]


def groups_of(known: Circumstances, edges: Sequence[timedelta], narrowed: Narrowed) -> list[Group]:
    """S4, S5: what the notifications come to, by channel, verdict and reason, with how long they took."""
    each = ", ".join(f"count(*) FILTER (WHERE period <= (%(edges)s::interval[])[{n + 1}])" for n in range(len(edges)))
    question = (
        f"SELECT channel, verdict, reasons, count(*), ARRAY[{each}] FROM assessed GROUP BY 1, 2, 3 ORDER BY 1, 2, 3"  # noqa: S608
    )
    rows = asked(known, question, narrowed.only(known), {**narrowed.values, "edges": list(edges)})
    return [
        Group(channel, Verdict(verdict), tuple(map(OutOfScope, reasons)), count, tuple(below))
        for channel, verdict, reasons, count, below in rows
    ]


@dataclass(frozen=True, slots=True)
class OfCustomer:
    """What the alerts of one customer come to (S4, S5, S7, S8). `remedy` is the time under the union of their remedy periods."""

    customer: int
    notifications: int
    in_scope: int
    late: int
    excluded: int
    failures: int
    in_outage: int
    remedy: timedelta


def by_customer(known: Circumstances) -> list[OfCustomer]:
    """One line for every customer that has a notification in the span."""
    return [OfCustomer(*row) for row in asked(known, OF_EACH, "true", {})]


OF_EACH = """
SELECT customer_id, count(*), count(*) FILTER (WHERE reasons = '{}'),
       count(*) FILTER (WHERE verdict IN ('failure', 'in_outage', 'excluded_by_volume', 'excluded_by_cause', 'off_terms')),
       count(*) FILTER (WHERE verdict IN ('excluded_by_volume', 'excluded_by_cause', 'off_terms')),
       count(*) FILTER (WHERE verdict IN ('failure', 'in_outage')), count(*) FILTER (WHERE verdict = 'in_outage'),
       (SELECT coalesce(sum(upper(part) - lower(part)), interval '0')
          FROM unnest(range_agg(remedy) FILTER (WHERE verdict = 'failure')) AS part)
  FROM assessed GROUP BY customer_id"""
