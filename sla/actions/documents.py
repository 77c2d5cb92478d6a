"""Who opens a document that came in writing, and when: its readers are on record like its changes (M10)."""

from __future__ import annotations

from datetime import datetime

from django.db import transaction

from entitlements.actions.log import record
from entitlements.models import User
from sla.models import ElectionChoice, Entry, LateChoice


@transaction.atomic
def open_entry_document(*, entry: Entry, by: User, now: datetime) -> None:
    """S13: the letter or e-mail that an entry came by."""
    record("entry.document_opened", matter=entry.reference, by=by, now=now, note=entry.sha256)


@transaction.atomic
def open_choice_document(*, choice: ElectionChoice | LateChoice, by: User, now: datetime) -> None:
    """S16: the document of a choice that came in writing."""
    record("election.document_opened", matter=choice.election.reference, by=by, now=now, note=choice.sha256)
