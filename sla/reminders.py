"""T1 for claim windows: which reminder of a report or a draft is due, and whether a letter is still true when it is sent."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import datetime

from django.db import transaction

from entitlements.actions.log import record
from entitlements.models import Contract, Letter, LetterState
from entitlements.rules.reminders import ReminderAnswer, due_reminder
from sla import letters
from sla.models import Claim, ClaimState, Failure, FailureState

MATTER = "claim"
KINDS = ("claim_reminder", "draft_reminder")


def next_look(
    contract: Contract, closes_at: datetime, opened: datetime, told_of: Sequence[str], now: datetime
) -> datetime | None:
    """When the sweep must look at a matter again; None when no reminder can become due any more.

    `told_of` are the references under which reminders of the same window may have gone already (a report and its draft).
    """
    answer = _answer(contract, closes_at, opened, told_of, now)
    return now if answer.send else answer.next_at


@transaction.atomic
def remind_of_failure(*, failure: Failure, now: datetime) -> bool:
    """N9: write the one reminder of a reported failure that is due, if any, and note when to look again."""
    current = Failure.objects.open().select_for_update(of=("self",)).filter(pk=failure.pk, remind_at__lte=now).first()
    if current is None:
        return False
    answer = _answer(current.contract, current.closes_at, current.reported_at, references_of(current), now)
    record("failure.reminder", matter=current.reference, by=None, now=now, note=answer.send or "none due")
    if answer.send:
        letters.claim_reminder(current, point=answer.send, now=now)
    current.remind_at = answer.next_at
    current.save(update_fields=["remind_at"])
    return answer.send is not None


@transaction.atomic
def remind_of_draft(*, claim: Claim, now: datetime) -> bool:
    """N10: write the one reminder of an unsent draft that is due, if any, and note when to look again."""
    current = Claim.objects.drafts().select_for_update(of=("self",)).filter(pk=claim.pk, remind_at__lte=now).first()
    if current is None:
        return False
    answer = _answer(current.contract, current.closes_at, _opened(current), references_of(*current.failures.all()), now)
    record("claim.reminder", matter=current.reference, by=None, now=now, note=answer.send or "none due")
    if answer.send:
        letters.draft_reminder(current, point=answer.send, now=now)
    current.remind_at = answer.next_at
    current.save(update_fields=["remind_at"])
    return answer.send is not None


def references_of(*failures: Failure) -> list[str]:
    """Every reference under which reminders of the same window may have gone: the reports, and each claim begun from them."""
    claims = Claim.objects.filter(failures__in=failures).distinct().values_list("reference", flat=True)
    return [*(failure.reference for failure in failures), *claims]


def still_true(letter: Letter, now: datetime) -> bool:
    """T1: asked of every letter at the moment of sending. A reminder is true while its matter is open, before the deadline, and
    while no later point has been reached; every other letter says what happened, which stays true."""
    if letter.kind not in KINDS:
        return True
    if letter.kind == "claim_reminder":
        failure = Failure.objects.select_related("contract").get(reference=letter.matter)
        if failure.state != FailureState.REPORTED:
            return False
        answer = _answer(failure.contract, failure.closes_at, failure.reported_at, [], now)
    else:
        claim = Claim.objects.select_related("contract").get(reference=letter.matter)
        if claim.state != ClaimState.DRAFT:
            return False
        answer = _answer(claim.contract, claim.closes_at, _opened(claim), [], now)
    return answer.send == letter.point


def _answer(
    contract: Contract, closes_at: datetime, opened: datetime, told_of: Iterable[str], now: datetime
) -> ReminderAnswer:
    return due_reminder(MATTER, closes_at, contract.tz, now, opened, _points_sent(told_of))


def _points_sent(references: Iterable[str]) -> list[str]:
    told = Letter.objects.filter(matter__in=list(references), kind__in=KINDS).exclude(state=LetterState.NO_LONGER_TRUE)
    return list(dict.fromkeys(told.order_by("id").values_list("point", flat=True)))


def _opened(claim: Claim) -> datetime:
    return min(failure.reported_at for failure in claim.failures.all())
