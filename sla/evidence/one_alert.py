"""One notification judged by the pure rules, with everything that decided it: why it is a delivery failure or not (S4, S5, S7, S8)."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Any

from django.db import connection

from entitlements.rules.refusals import Refusal
from entitlements.rules.spans import Span, span_or_none
from entitlements.rules.working import Step
from sla.evidence.circumstances import EPOCH, Circumstances, circumstances_of
from sla.evidence.ground import Ground
from sla.evidence.plots import drawn_around
from sla.evidence.questions import ROLLED_UP_BY, Verdict
from sla.models import Notification
from sla.rules.delivery import Delivery, delivery
from sla.rules.remedy import Failure, Presumption, failure_of_alert, presumed_cause
from sla.rules.volume import Quarter, VolumeExclusion, volume_exclusion

# Starts as seconds: a year of quarter hours as instants takes the driver ten times as long.
ROLLED_UP = """
SELECT extract(epoch FROM start)::bigint, sum(volume)::int, sum(incidents)::int FROM sla_alertquarter
 WHERE customer_id = %(customer)s AND start >= %(since)s AND start < %(until)s GROUP BY start ORDER BY start"""
FROM_ROWS = """
SELECT extract(epoch FROM date_bin(%(quarter)s, received_at, %(epoch)s))::bigint, count(DISTINCT (incident, received_at)),
       count(DISTINCT incident) FILTER (WHERE initial)
  FROM sla_notification WHERE customer_id = %(customer)s AND received_at >= %(since)s AND received_at < %(until)s GROUP BY 1"""


@dataclass(frozen=True, slots=True)
class Examined:
    """A notification of the logs and what each rule says of it.

    `volume` is the test of one that is late, else None; `quarters` are those on record from its window on. `off_terms` says why what
    failed then cannot be claimed (S1), None if it can.
    """

    notification: Notification
    ground: Ground
    delivery: Delivery
    volume: VolumeExclusion | None
    quarters: tuple[Quarter, ...]
    presumption: Presumption
    off_terms: Refusal | None = None

    @property
    def verdict(self) -> Verdict:
        """S4, S5: in one word."""
        found, limit = self.delivery, self.ground.terms.delivery_limit
        if not found.in_scope:
            return Verdict.OUT_OF_SCOPE
        if found.failure and self.off_terms:
            return Verdict.OFF_TERMS
        if found.failure:
            return Verdict.IN_OUTAGE if self.presumption.caused_by_outage else Verdict.FAILURE
        if found.ended and found.ended - found.alert.due > limit:
            excused = found.period is not None and found.period <= limit
            return Verdict.BY_CAUSE if excused else Verdict.BY_VOLUME
        return Verdict.OPEN if found.open else Verdict.IN_TIME

    @property
    def is_late(self) -> bool:
        """S5: in scope and, whatever is cut out, delivered after the limit; of others nothing is asked that excludes."""
        return _is_late(self.delivery)

    @property
    def rests_on_an_outage(self) -> bool:
        """S8: whether it is judged otherwise once somebody finds that no outage caused it."""
        shares = self.is_late and self.delivery.shares_with_an_outage
        return shares or (self.delivery.failure and bool(self.presumption.outages))

    @property
    def waited(self) -> Span | None:
        """From the instant due to the end of its delivery period; None if it was not kept waiting."""
        ended = self.delivery.ended
        return span_or_none(self.delivery.alert.due, ended) if ended else None

    @property
    def working(self) -> Step:
        """S8: the whole way: what the terms are, the delivery period with its volume test, the presumed cause, the remedy period."""
        failure = self.counted("")
        return Step(
            "alert",
            "S5",
            self.verdict.value,
            inputs=(("incident", self.notification.incident), ("line", self.notification.line)),
            steps=(
                self.delivery.working,
                *((self.presumption.working,) if failure else ()),
                *((failure.working,) if failure else ()),
                self.ground.terms.working,
            ),
        )

    def counted(self, key: str, deadline: datetime | None = None) -> Failure | None:
        """S8 (B): as what it counts in a claim; None if it is no failure."""
        return failure_of_alert(
            key, self.delivery, caused_by_outage=self.presumption.caused_by_outage, deadline=deadline
        )


def examine(notifications: Sequence[Notification], now: datetime) -> list[Examined]:
    """S4, S5, S7, S8: notifications of one customer judged at `now` (UTC), each with its working."""
    if not notifications:
        return []
    received = [one.received_at for one in notifications]
    customer = notifications[0].customer_id
    during = Span(min(received), max(received) + ROLLED_UP_BY)
    known = circumstances_of([customer], during, now)
    judged = [(one, _delivered(one, known)) for one in notifications]
    quarters = _quarters([one for one, found in judged if _is_late(found)], known)
    return [_examined(one, found, known, quarters) for one, found in judged]


def quarters_on_record(customer: int, during: Span, ground: Ground) -> tuple[Quarter, ...]:
    """S7: the customer's quarter hours of the logs that start in a span: by the roll-up, or by the rows where the edition's quarter
    hour is another."""
    question = ROLLED_UP if ground.terms.quarter == ROLLED_UP_BY else FROM_ROWS
    given: dict[str, Any] = {"customer": customer, "since": during.start, "until": during.end}
    with connection.cursor() as cursor:
        cursor.execute(question, given | {"quarter": ground.terms.quarter, "epoch": EPOCH})
        return tuple(Quarter(EPOCH + timedelta(seconds=start), *figures) for start, *figures in cursor.fetchall())


def _delivered(one: Notification, known: Circumstances) -> Delivery:
    return delivery(
        one.facts(),
        known.at(one.customer_id, one.received_at).terms,
        known.now,
        maintenance=known.maintenance_of(one.customer_id),
        findings=known.findings_of(one.customer_id),
        found_otherwise=(one.source_id, one.line) in known.otherwise,
    )


def _examined(
    one: Notification, found: Delivery, known: Circumstances, on_record: Mapping[timedelta, tuple[Quarter, ...]]
) -> Examined:
    ground = known.at(one.customer_id, one.received_at)
    quarters = on_record.get(ground.terms.quarter, ()) if _is_late(found) else ()
    test = None
    if _is_late(found):
        test = volume_exclusion(one.received_at, quarters, ground.zone, ground.terms)
        found = replace(found, volume=test)
    otherwise = known.otherwise.get((one.source_id, one.line))
    presumption = presumed_cause(found, known.outages.get(one.customer_id, ()), otherwise)
    refusal = known.refusal_at(one.customer_id, found.occurrence) if found.occurrence else None
    return Examined(one, ground, found, test, quarters, presumption, refusal)


def _is_late(found: Delivery) -> bool:
    """S5: in scope and, whatever is cut out, delivered after the limit; of others the volume (S7) is not asked."""
    return found.in_scope and found.ended is not None and found.ended - found.alert.due > found.terms.delivery_limit


def _quarters(late: Iterable[Notification], known: Circumstances) -> dict[timedelta, tuple[Quarter, ...]]:
    """S7: the quarter hours around all of these, asked for once for each length that the editions give them."""
    spans: dict[timedelta, tuple[Ground, Span]] = {}
    for one in late:
        ground = known.at(one.customer_id, one.received_at)
        window = volume_exclusion(one.received_at, (), ground.zone, ground.terms)
        around = drawn_around(window, ground.terms.quarter)
        first, last = min(window.since, around.start), around.end
        _, other = spans.get(ground.terms.quarter, (ground, Span(first, last)))
        spans[ground.terms.quarter] = ground, Span(min(first, other.start), max(last, other.end))
    return {quarter: quarters_on_record(ground.customer, span, ground) for quarter, (ground, span) in spans.items()}
