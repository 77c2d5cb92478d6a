"""What lapses when its time is over: drafts and reports whose window ended (S13), one or a thousand by the same few statements.

The rows come locked by the caller, in whose transaction it happens, as `light()` reads them.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from datetime import datetime

from django.db.models import F, OuterRef, Subquery

from entitlements.actions.log import record_each
from entitlements.failpoints import failpoint
from entitlements.models import many
from entitlements.notices import write_rows
from sla import lapse_letters, reminders
from sla.models import Claim, ClaimFailure, ClaimState, Failure, FailureState

_END_OF_ITS_CLAIM = ClaimFailure.objects.filter(failure=OuterRef("pk"), released_at__isnull=True).values(
    "claim__closes_at"
)


def lapse_drafts(claims: Sequence[Claim], now: datetime) -> Sequence[Claim]:
    """S13: drafts past their window, and not waiting to send themselves, lapse as of their deadlines. Those that did."""
    return lapse([claim for claim in claims if claim.is_draft and claim.sends_itself_at is None], now)


def lapse(claims: Sequence[Claim], now: datetime) -> Sequence[Claim]:
    """S13: drafts past their window lapse as of their deadlines, and what they were for is closed. Nothing in them is deleted."""
    if not claims:
        return []
    keys = many.keys(claim.pk for claim in claims)
    held = ClaimFailure.objects.filter(claim__in=keys, released_at__isnull=True)
    attached = list(held.values_list("claim", "failure", "failure__reference"))
    reports: dict[int, list[str]] = defaultdict(list)
    for claim, _, report in attached:
        reports[claim].append(report)
    reminders.note_missed(claims, now=now)
    letters = lapse_letters.of_drafts(claims, reports, now=now)
    also = {report: claim.reference for claim in claims for report in reports[claim.pk]}
    record_each("claim.lapsed", {claim.reference: claim.closes_at for claim in claims}, also=also)
    lapsed = {"state": ClaimState.LAPSED, "closed_at": F("closes_at"), "remind_at": None, "sends_itself_at": None}
    _expect(len(claims), Claim.objects.drafts().filter(pk__in=keys).update(**lapsed))
    claimed = Failure.objects.filter(
        pk__in=many.keys(failure for _, failure, _ in attached), state=FailureState.CLAIMED
    )
    claimed.update(state=FailureState.CLOSED, closed_at=Subquery(_END_OF_ITS_CLAIM))
    failpoint("sweep.lapsed")
    write_rows(letters)
    return claims


def close_reports(failures: Sequence[Failure], now: datetime) -> Sequence[Failure]:
    """S13: reports of which no claim was begun are closed as of their deadlines. Those that were."""
    failures = [failure for failure in failures if failure.state == FailureState.REPORTED]
    if not failures:
        return []
    reminders.note_missed(failures, now=now)
    letters = lapse_letters.of_reports(failures, now=now)
    record_each("failure.window_ended", {failure.reference: failure.closes_at for failure in failures})
    closed = {"state": FailureState.CLOSED, "closed_at": F("closes_at"), "remind_at": None}
    keys = many.keys(failure.pk for failure in failures)
    _expect(len(failures), Failure.objects.open().filter(pk__in=keys).update(**closed))
    write_rows(letters)
    return failures


def _expect(read: int, changed: int) -> None:
    """Nothing is done in a transaction in which a row is no more what it was read as: it was not locked."""
    if read != changed:
        raise RuntimeError(f"{read - changed} of {read} rows have moved on")
