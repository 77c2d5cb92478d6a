"""What waits for a customer's answer (S19), and the reminders of it (N14): due ones, and whether one is still true when it is sent.

The ladder is ours, not the paper's: three days, one day and four hours before the deadline that the reviewer set.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from datetime import datetime
from zoneinfo import ZoneInfoNotFoundError

import structlog
from django.db import transaction

from entitlements import missed
from entitlements.actions.log import record
from entitlements.models import Contract, Letter, LetterState, MissedReminder
from entitlements.models.worded import Worded
from entitlements.rules.reminders import ReminderAnswer, due_reminder
from sla import letters
from sla.models import Claim, InformationRequest

KIND = "information_reminder"

log = structlog.get_logger(__name__)


def waiting_for(claim: Claim, now: datetime) -> InformationRequest | None:
    """S19: what the customer can still answer at `now` (UTC), whether or not the sweep has run; None if nothing."""
    found: InformationRequest | None = _OPEN.one(claim.pk, now)
    return found


_OPEN = Worded(lambda claim, now: InformationRequest.objects.open().filter(claim=claim, answer_by__gt=now))


def next_look(contract: Contract, answer_by: datetime, asked_at: datetime, now: datetime) -> datetime | None:
    """When the sweep must look at a request again; None when no reminder can become due any more."""
    answer = _answer(contract, answer_by, asked_at, [], now)
    return now if answer.send else answer.next_at


@transaction.atomic
def remind_of_request(*, informationrequest: InformationRequest, now: datetime) -> bool:
    """N14: write the one reminder of a request that is due, if any, and note when to look again."""
    claim = Claim.objects.select_for_update(of=("self",)).get(pk=informationrequest.claim_id)
    asked = claim.information_requests.open().filter(pk=informationrequest.pk, remind_at__lte=now).first()
    if asked is None:
        return False
    contract = claim.contract
    answer = _answer(contract, asked.answer_by, asked.asked_at, _told(claim, asked), now)
    record("claim.request_reminder", matter=claim.reference, by=None, now=now, note=answer.send or "none due")
    if answer.send:
        letters.information_reminder(asked, point=answer.send, now=now)
    missed.note(_missed(answer, asked, claim, now))
    asked.remind_at = answer.next_at
    asked.save(update_fields=["remind_at"])
    return answer.send is not None


def note_missed(asked: InformationRequest, claim: Claim, now: datetime) -> None:
    """T1: its time to answer is over. The points at which the clock did not look in time are put on record.

    A contract whose zone is none has no points; that must not hinder the claim's return.
    """
    if asked.remind_at is None:
        return
    try:
        answer = _answer(claim.contract, asked.answer_by, asked.asked_at, _told(claim, asked), now)
    except (ZoneInfoNotFoundError, ValueError):
        log.exception("missed_reminders_not_noted", matter=claim.reference)
    else:
        missed.note(_missed(answer, asked, claim, now))


def _missed(answer: ReminderAnswer, asked: InformationRequest, claim: Claim, now: datetime) -> list[MissedReminder]:
    customer = claim.contract.customer
    return missed.rows_of(answer, since=asked.remind_at, matter=claim.reference, customer=customer, now=now)


def no_longer_true(waiting: Sequence[Letter], now: datetime) -> set[int]:
    """T1: a reminder is true while its request is open and no later point has been reached; that something is asked for, while it is.
    The keys of those that are true no more."""
    ours = [one for one in waiting if one.kind in (KIND, "information_requested")]
    if not ours:
        return set()
    found = InformationRequest.objects.open().filter(claim__reference__in={one.matter for one in ours})
    points = {
        str(one.pk): _answer(one.claim.contract, one.answer_by, one.asked_at, [], now).send
        for one in found.select_related("claim__contract")
        if one.answer_by > now
    }
    return {one.pk for one in ours if not _is_true(one, points)}


def _is_true(letter: Letter, points: Mapping[str, str | None]) -> bool:
    point, _, request = letter.point.partition("/")
    return request in points and (letter.kind != KIND or points[request] == point)


def _told(claim: Claim, asked: InformationRequest) -> list[str]:
    told = Letter.objects.filter(kind=KIND, matter=claim.reference, point__endswith=f"/{asked.pk}")
    points = told.exclude(state=LetterState.NO_LONGER_TRUE).values_list("point", flat=True).distinct()
    return [point.partition("/")[0] for point in points]


def _answer(
    contract: Contract, answer_by: datetime, asked_at: datetime, told: Collection[str], now: datetime
) -> ReminderAnswer:
    return due_reminder("information", answer_by, contract.tz, now, asked_at, told)
