"""What the alert logs have beside a reported late alert: computed facts, never a choice; a difference is marked (M5.3, S5 B)."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from entitlements import wording
from sla.admin.alert_page import address_of
from sla.assessment import ClaimAssessment
from sla.evidence.one_alert import Examined
from sla.evidence.reported import MOST
from sla.evidence.wording import channel_in_words, verdict_in_words
from sla.models import Failure

NOT_STATED = "not stated"
SLACK = timedelta(minutes=1)
"""People write minutes; a difference below one is none."""


@dataclass(frozen=True, slots=True)
class Beside:
    """One line: what the customer says, what our logs say, and whether they differ."""

    what: str
    stated: str
    logged: str
    differs: bool


def alerts_beside(assessment: ClaimAssessment) -> list[dict[str, Any]]:
    """S5 (B): of each reported late alert its notifications in the logs, or why there are none."""
    return [
        {
            "failure": matched.failure,
            "why_none": matched.why_none,
            "most": MOST if matched.unseen else None,
            "found": [
                {
                    "examined": one,
                    "address": address_of(one.notification),
                    "channel": channel_in_words(one.notification.channel),
                    "sentence": verdict_in_words(one),
                    "rows": _rows(matched.failure, one),
                }
                for one in matched.found
            ],
        }
        for matched in assessment.alerts
    ]


def _rows(failure: Failure, one: Examined) -> list[Beside]:
    zone, alert = one.ground.zone, one.delivery.alert
    delay = timedelta(minutes=failure.configured_delay_minutes)
    ended = None if one.delivery.open else one.delivery.ended
    return [
        _moments("Trigger received", failure.began_at, alert.received, zone),
        _moments("Delivered or attempted" if one.delivery.attempted else "Ended", failure.ended_at, ended, zone),
        _words("Channel", failure.get_channel_display(), channel_in_words(alert.channel)),
        _words("Configured delay", wording.duration_in_words(delay), wording.duration_in_words(alert.delay)),
        _country(failure.responder_country, alert.registered, alert.located),
    ]


def _moments(what: str, stated: datetime | None, logged: datetime | None, zone: ZoneInfo) -> Beside:
    said, known = (wording.moment_in_short(at, zone, seconds=True) if at else "" for at in (stated, logged))
    differs = stated is not None and logged is not None and abs(logged - stated) >= SLACK
    return Beside(what, said or NOT_STATED, known or "still open", differs)


def _words(what: str, stated: str, logged: str) -> Beside:
    return Beside(what, stated or NOT_STATED, logged, bool(stated) and stated.casefold() != logged.casefold())


def _country(stated: str, registered: str | None, located: str | None) -> Beside:
    logged = f"registered {registered or 'not in the log'}, located {located or 'not in the log'}"
    return Beside("Country", stated or NOT_STATED, logged, stated in ("US", "CA") and {registered, located} != {stated})
