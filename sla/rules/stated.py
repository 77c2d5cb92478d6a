"""A failure by its customer's own times, which date a report and feed live figures until our logs say more (S5, S8)."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

from entitlements.rules.spans import span_or_none
from sla.rules.exclusions import Side
from sla.rules.outages import availability_outages
from sla.rules.remedy import Failure, failure_of_outage
from sla.rules.terms import EnterpriseTerms


@dataclass(frozen=True, slots=True, kw_only=True)
class Stated:
    """What the customer states: for an outage when it began, for an alert when its trigger was received, and its configured
    delay. `ended` None: still going on, or not known. Instants are UTC.
    """

    side: Side
    began: datetime
    ended: datetime | None
    delay: timedelta = timedelta()

    def occurrence(self, terms: EnterpriseTerms) -> datetime:
        """S5: the instant at which it has become a failure, if it lasted: thirty minutes after the outage began, or five after
        the alert was due."""
        if self.side is Side.AVAILABILITY:
            return self.began + terms.outage_length
        return self.began + self.delay + terms.delivery_limit

    def remedy_begins(self, terms: EnterpriseTerms) -> datetime:
        """S8: the instant at which its remedy period begins, if it becomes a failure."""
        return self.began + terms.outage_deduction if self.side is Side.AVAILABILITY else self.occurrence(terms)

    def failures(
        self, key: str, terms: EnterpriseTerms, now: datetime, *, occurrence: datetime, deadline: datetime | None = None
    ) -> tuple[Failure, ...]:
        """S8: as what it counts in a claim; one without an end lasts until `now`. `occurrence` is the one on record."""
        if self.side is Side.AVAILABILITY:
            found = availability_outages([(self.began, self.ended)], (), terms, now)
            return tuple(failure_of_outage(key, piece, deadline=deadline) for piece in found)
        late = span_or_none(occurrence, self.ended or now)
        remedy = (late,) if late else ()
        return (
            Failure(
                key=key,
                side=self.side,
                event=self.began,
                occurrence=occurrence,
                remedy=remedy,
                deadline=deadline,
            ),
        )
