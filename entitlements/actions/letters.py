"""The verbs of a letter (T2): the desk sends again what could not be sent; a reader has it before them (S16)."""

from __future__ import annotations

from datetime import datetime

from django.db import transaction

from entitlements import undelivered
from entitlements.actions.log import record
from entitlements.actions.refused import Refused
from entitlements.models import Letter, LetterEvent, LetterEventKind, LetterState, Quarantine, User
from entitlements.notices.answers import OTHERS_TOLD
from entitlements.rules.refusals import Refusal


@transaction.atomic
def queue_again(*, letter: Letter, by: User, now: datetime) -> Letter:
    """T2: put a letter that could not be sent back among those to be sent, from its first attempt. It goes while it is true."""
    current = Letter.objects.select_for_update().get(pk=letter.pk)
    if current.state != LetterState.FAILED:
        state = current.get_state_display()
        raise Refused(
            Refusal("T2", "not_failed", f"This letter did not fail: {state}.", "Only one that failed is sent again.")
        )
    record("letter.queued_again", matter=current.matter, by=by, now=now, note=f"{current.kind} to {current.addressee}")
    current.state, current.due_at, current.attempts = LetterState.QUEUED, now, 0
    current.save(update_fields=["state", "due_at", "attempts"])
    LetterEvent.objects.create(letter=current, kind=LetterEventKind.QUEUED_AGAIN, at=now, by=by)
    return current


@transaction.atomic
def tell_others(*, letter: Letter, now: datetime) -> bool:
    """N25, P19: what could not be done when a letter failed: the same letter to the next contact, and word of it. False if it was."""
    current = Letter.objects.select_for_update().get(pk=letter.pk)
    aside = Quarantine.objects.standing().filter(job=OTHERS_TOLD, row=current.pk)
    if not aside.exists():
        return False
    record("letter.others_told", matter=current.matter, by=None, now=now, note=current.kind)
    undelivered.pass_on(current, now=now)
    aside.update(ended_at=now)
    return True


@transaction.atomic
def open_letter(*, letter: Letter, by: User, now: datetime) -> None:
    """S16: note that one of the customer's people has what was written before them, the first time that one does. Later: nothing."""
    current = Letter.objects.select_for_update().get(pk=letter.pk)
    if current.opened_at or not current.text:
        return
    record("letter.opened", matter=current.matter, by=by, now=now, note=f"{current.kind} to {current.addressee}")
    current.opened_at = now
    current.save(update_fields=["opened_at"])
    LetterEvent.objects.create(letter=current, kind=LetterEventKind.OPENED, at=now, by=by)
