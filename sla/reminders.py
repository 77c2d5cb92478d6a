"""T1 for claim windows: which reminder of a report or a draft is due, and whether a letter is still true when it is sent."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence
from datetime import datetime
from zoneinfo import ZoneInfoNotFoundError

import structlog
from django.db import transaction
from django.db.models import Q

from entitlements import missed
from entitlements.actions.log import record
from entitlements.models import Contract, Letter, LetterState, MissedReminder
from entitlements.rules.reminders import ReminderAnswer, due_reminder
from sla import letters
from sla.claim_windows import failures_of, to_send_by
from sla.models import Claim, ClaimState, Failure, FailureState

MATTER = "claim"
KINDS = ("claim_reminder", "draft_reminder")

log = structlog.get_logger(__name__)


def next_look(
    contract: Contract, closes_at: datetime, opened: datetime, told_of: Sequence[str], now: datetime, *, own: str = ""
) -> datetime | None:
    """When the sweep must look at a matter again; None when no reminder can become due any more.

    `told_of` are the references under which reminders of the same window may have gone already (a report and its draft), `own` the
    matter's, if it has had a chance to be reminded of: letters of another that wait are not sent any more.
    """
    answer = _answer(contract, closes_at, opened, _points_sent(told_of, closes_at, own), now)
    return now if answer.send else answer.next_at


def next_look_at_draft(claim: Claim, now: datetime) -> datetime | None:
    """As `next_look`, of a draft: by the first window of its failures that has not ended, then by the next one."""
    own = list(claim.own_failures().order_by())
    told, end = references_of(*own), to_send_by(claim, now, own)
    return next_look(claim.contract, end, opened(claim, own), told, now, own=claim.reference) or _next_window(
        claim, end
    )


@transaction.atomic
def remind_of_failure(*, failure: Failure, now: datetime) -> bool:
    """N9: write the one reminder of a reported failure that is due, if any, and note when to look again."""
    current = Failure.objects.open().select_for_update(of=("self",)).filter(pk=failure.pk, remind_at__lte=now).first()
    if current is None:
        return False
    told = _points_sent(references_of(current), current.closes_at, current.reference)
    answer = _answer(current.contract, current.closes_at, current.reported_at, told, now)
    record("failure.reminder", matter=current.reference, by=None, now=now, note=answer.send or "none due")
    if answer.send:
        letters.claim_reminder(current, point=answer.send, now=now)
    missed.note(_missed(answer, current, now))
    current.remind_at = answer.next_at
    current.save(update_fields=["remind_at"])
    return answer.send is not None


@transaction.atomic
def remind_of_draft(*, claim: Claim, now: datetime) -> bool:
    """N10: write the one reminder of an unsent draft that is due, if any, and note when to look again."""
    current = Claim.objects.drafts().select_for_update(of=("self",)).filter(pk=claim.pk, remind_at__lte=now).first()
    if current is None:
        return False
    end = to_send_by(current, now)
    told = _points_sent(references_of(*current.own_failures()), end, current.reference)
    answer = _answer(current.contract, end, opened(current), told, now)
    record("claim.reminder", matter=current.reference, by=None, now=now, note=answer.send or "none due")
    if answer.send:
        letters.draft_reminder(current, point=answer.send, now=now)
    missed.note(_missed(answer, current, now))
    current.remind_at = answer.next_at or _next_window(current, end)
    current.save(update_fields=["remind_at"])
    return answer.send is not None


def note_missed(matters: Sequence[Failure | Claim], *, now: datetime) -> None:
    """T1: their windows have ended, or they send themselves. The points at which the clock did not look in time are put on record,
    before the last letter.

    A contract whose zone is none has no points; that must not hinder what lapses.
    """
    missed.note(row for one in matters if one.remind_at for row in _rows(one, one.remind_at, now))


def _rows(matter: Failure | Claim, since: datetime, now: datetime) -> list[MissedReminder]:
    try:
        at_its_end = max(now, matter.closes_at)  # no reminder is due any more
        return _missed(_answer(matter.contract, matter.closes_at, since, [], at_its_end), matter, now)
    except (ZoneInfoNotFoundError, ValueError):
        log.exception("missed_reminders_not_noted", matter=matter.reference)
        return []


def _missed(answer: ReminderAnswer, matter: Failure | Claim, now: datetime) -> list[MissedReminder]:
    customer = matter.contract.customer
    return missed.rows_of(answer, since=matter.remind_at, matter=matter.reference, customer=customer, now=now)


def references_of(*failures: Failure) -> list[str]:
    """Every reference under which reminders of the same window may have gone: the reports, and each claim begun from them."""
    claims = Claim.objects.filter(failures__in=failures).distinct().values_list("reference", flat=True)
    return [*(failure.reference for failure in failures), *claims]


def no_longer_true(waiting: Sequence[Letter], now: datetime) -> set[int]:
    """T1: asked of all letters at the moment of sending. A reminder is true while its matter is open, its deadline is still the one
    it states, and no later point has been reached; that a window ended unused, until a claim was received in time after all (S13);
    every other letter says what happened, which stays true. The keys of those that are true no more."""
    matters = {kind: [one.matter for one in waiting if one.kind == kind] for kind in (*KINDS, "window_ended")}
    points = {"claim_reminder": _of_failures, "draft_reminder": _of_drafts}
    stated = {kind: of_kind(matters[kind], now) for kind, of_kind in points.items() if matters[kind]}
    claimed = _claimed_after_all(matters["window_ended"]) if matters["window_ended"] else set()
    return {
        one.pk
        for one in waiting
        if (one.kind == "window_ended" and one.matter in claimed)
        or (one.kind in stated and stated[one.kind].get(one.matter) != (one.point, one.deadline))
    }


def _of_failures(references: list[str], now: datetime) -> dict[str, tuple[str | None, datetime]]:
    """Of each report that is still to be claimed the point that has been reached, and its deadline."""
    found = Failure.objects.select_related("contract").filter(reference__in=references, state=FailureState.REPORTED)
    return {
        one.reference: (_answer(one.contract, one.closes_at, one.reported_at, [], now).send, one.closes_at)
        for one in found
    }


def _of_drafts(references: list[str], now: datetime) -> dict[str, tuple[str | None, datetime]]:
    """As `_of_failures`, of drafts."""
    found = list(Claim.objects.select_related("contract").filter(reference__in=references, state=ClaimState.DRAFT))
    failures = failures_of(found)
    return {
        one.reference: (_answer(one.contract, end, opened(one, failures[one.pk]), [], now).send, end)
        for one in found
        for end in [to_send_by(one, now, failures[one.pk])]
    }


def _claimed_after_all(references: list[str]) -> set[str]:
    """Those of the matters of which a claim was received, and not withdrawn."""
    claims = Claim.objects.filter(Q(reference__in=references) | Q(failures__reference__in=references))
    received = claims.filter(received_at__isnull=False).exclude(state=ClaimState.WITHDRAWN)
    return {matter for pair in received.values_list("reference", "failures__reference") for matter in pair}


def _answer(
    contract: Contract, closes_at: datetime, opened: datetime, told: Collection[str], now: datetime
) -> ReminderAnswer:
    return due_reminder(MATTER, closes_at, contract.tz, now, opened, told)


def _points_sent(references: Iterable[str], deadline: datetime, own: str) -> list[str]:
    """The points of this deadline that were told of. What waits to be sent counts only for its own matter: as soon as a claim is
    begun from a report, or withdrawn, it is untrue for the other."""
    told = Letter.objects.filter(matter__in=list(references), kind__in=KINDS, deadline=deadline)
    told = told.exclude(state=LetterState.NO_LONGER_TRUE).exclude(~Q(matter=own), state=LetterState.QUEUED)
    return list(dict.fromkeys(told.order_by("id").values_list("point", flat=True)))


def _next_window(claim: Claim, end: datetime) -> datetime | None:
    """Of a draft of several windows: when one has ended, the reminders of the next begin."""
    return end if end < claim.closes_at else None


def opened(claim: Claim, failures: Iterable[Failure] | None = None) -> datetime:
    """When the first of its failures was reported: from then on reminders of its window can be due. `failures`: its own, if read."""
    own = claim.own_failures() if failures is None else failures
    return min(failure.reported_at for failure in own)
