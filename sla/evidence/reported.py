"""Reported late alerts meet the logs (S5 B): which notifications a report means, and where they differ from what it states."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

from django.db.models import Case, QuerySet, When

from sla.evidence.one_alert import Examined, examine
from sla.models import Failure, Notification
from sla.rules.claim_window import claim_window
from sla.rules.remedy import Failure as CountedFailure

MEANT_WITHIN = timedelta(days=3)
"""How far from the stated time the incident is looked for: people name the day they noticed. A figure of ours."""
MOST = 50
"""So many of an incident are looked at, first those that can be a failure (S4). A figure of ours."""


@dataclass(frozen=True, slots=True)
class Match:
    """What the logs have for a report of a late alert. `why_none` says in a sentence why they have nothing; `unseen`: there are more
    than are looked at."""

    failure: Failure
    found: tuple[Examined, ...]
    why_none: str = ""
    unseen: bool = False

    @property
    def is_open(self) -> bool:
        return any(one.delivery.open for one in self.found)

    def counted(self) -> list[CountedFailure]:
        """S8, S13: what it counts in a claim: each of its failures with the end of its own window, or what was told if that is later."""
        failed = [(n, one, at) for n, one in enumerate(self.found, start=1) if (at := one.delivery.occurrence)]
        failed.sort(key=lambda one: one[2])
        if not failed:
            return []
        contract = self.failure.contract
        windows = [claim_window(at, contract.tz_at(at), one.ground.terms) for _, one, at in failed]
        deadlines = self.failure.told(failed[0][1].ground.terms).deadlines(windows)
        counted = (
            one.counted(f"{self.failure.reference}/{n}", deadline)
            for (n, one, _), deadline in zip(failed, deadlines, strict=True)
        )
        return [one for one in counted if one]


def match(failure: Failure, now: datetime) -> Match:
    """S5 (B): the notifications of the incident that a report names, by its channel if it names one, near the stated time."""
    if not failure.incident.strip():
        return Match(failure, (), "The report names no incident, so it cannot be found in the alert logs.")
    near = Notification.objects.that_count().filter(
        customer=failure.contract.customer_id,
        received_at__gte=failure.began_at - MEANT_WITHIN,
        received_at__lt=failure.began_at + MEANT_WITHIN,
        incident__iexact=failure.incident.strip(),
    )
    if failure.channel:
        near = near.filter(channel=failure.channel)
    chosen = _most_telling(near)
    found = examine(chosen[:MOST], now)
    by_channel = f" by {failure.get_channel_display().lower()}" if failure.channel else ""
    days = MEANT_WITHIN.days
    why = f"The alert logs have no notification of incident {failure.incident}{by_channel} within {days} days of the stated time."
    return Match(failure, tuple(found), "" if found else why, unseen=len(chosen) > MOST)


def _most_telling(near: QuerySet[Notification]) -> list[Notification]:
    """S4: those that can be in scope before the others, and what is looked at in order of time; one more if there are more."""
    can_be = Case(When(initial=True, first_responder=True, high_urgency=True, then=0), default=1)
    chosen = list(near.select_related("source").order_by(can_be, "received_at", "source", "line")[: MOST + 1])
    return [*sorted(chosen[:MOST], key=lambda one: (one.received_at, one.source_id, one.line)), *chosen[MOST:]]
