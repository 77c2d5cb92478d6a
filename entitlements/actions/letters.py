"""The desk's one verb of a letter (T2): send again what could not be sent."""

from __future__ import annotations

from datetime import datetime

from django.db import transaction

from entitlements.actions.log import record
from entitlements.actions.refused import Refused
from entitlements.models import Letter, LetterEvent, LetterEventKind, LetterState, User
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
