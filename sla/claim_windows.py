"""S13: until when a claim can be sent for each of its failures: each has a window of its own, the claim ends with the last."""

from __future__ import annotations

from datetime import datetime

from sla.models import Claim, Failure
from sla.rules.claim_window import first_open, is_in_time


def windows_of_claim(claim: Claim) -> list[datetime]:
    """The ends (UTC) of the windows that it has, in order of time; the last is its own."""
    ends = {one.closes_at for one in claim.own_failures() if one.closes_at < claim.closes_at}
    return [*sorted(ends), claim.closes_at]


def to_send_by(claim: Claim, now: datetime) -> datetime:
    """By when a draft has to be sent so that nothing of it that is still in time is lost; once all is over, its own end."""
    return first_open(windows_of_claim(claim), now) or claim.closes_at


def each_window(claim: Claim, now: datetime) -> list[tuple[Failure, bool]]:
    """Where its failures end at different times: each, the first to end first, and whether it is still in time. Else nothing."""
    failures = sorted(claim.own_failures(), key=lambda one: one.closes_at)
    if len({one.closes_at for one in failures}) < 2:
        return []
    return [(one, is_in_time(now, one.closes_at)) for one in failures]
