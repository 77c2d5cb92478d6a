"""S13: until when a claim can be sent for each of its failures: each has a window of its own, the claim ends with the last."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Sequence
from datetime import datetime

from entitlements.models import many
from sla.models import Claim, ClaimFailure, Failure
from sla.rules.claim_window import first_open, is_in_time


def windows_of_claim(claim: Claim, failures: Iterable[Failure] | None = None) -> list[datetime]:
    """The ends (UTC) of the windows that it has, in order of time; the last is its own. `failures`: its own, where they are read."""
    own = claim.own_failures() if failures is None else failures
    ends = {one.closes_at for one in own if one.closes_at < claim.closes_at}
    return [*sorted(ends), claim.closes_at]


def to_send_by(claim: Claim, now: datetime, failures: Iterable[Failure] | None = None) -> datetime:
    """By when a draft has to be sent so that nothing of it that is still in time is lost; once all is over, its own end."""
    return first_open(windows_of_claim(claim, failures), now) or claim.closes_at


def failures_of(claims: Sequence[Claim]) -> dict[int, list[Failure]]:
    """Of several drafts, by key, what each is for."""
    found: dict[int, list[Failure]] = defaultdict(list)
    links = ClaimFailure.objects.filter(claim__in=many.keys(one.pk for one in claims), released_at__isnull=True)
    for link in links.select_related("failure").order_by("-failure__began_at", "-failure"):
        found[link.claim_id].append(link.failure)
    return found


def each_window(claim: Claim, now: datetime, failures: Iterable[Failure] | None = None) -> list[tuple[Failure, bool]]:
    """Where its failures end at different times: each, the first to end first, and whether it is still in time. Else nothing."""
    own = sorted(claim.own_failures() if failures is None else failures, key=lambda one: one.closes_at)
    if len({one.closes_at for one in own}) < 2:
        return []
    return [(one, is_in_time(now, one.closes_at)) for one in own]
