"""Editions of the Enterprise terms (S1): drafted from another, changed, proposed, and published by a second person for good.

Stored deadlines stay as they were told; a decision stays as it was judged. What occurs on the edition's first day or later is judged
by it from its publication on.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, datetime

from django.db import transaction

from entitlements.actions import publication
from entitlements.actions.log import record
from entitlements.models import User
from entitlements.models.editions import EditionState
from entitlements.rules.days import day_in_words
from entitlements.rules.drafts import differences
from entitlements.rules.working import Figure
from sla.models import TermsEdition
from sla.rules.terms_drafts import faults

CLAUSE = "S1"


@transaction.atomic
def draft_terms(*, of: TermsEdition, name: str, valid_from: date, by: User, now: datetime) -> TermsEdition:
    """S1: a new draft with another edition's figures, valid from another day. Refused if name or day are taken."""
    publication.check_name_and_day(TermsEdition, name, valid_from, clause=CLAUSE)
    record("terms.drafted", matter=name, by=by, now=now, note=f"From: {of.name}.")
    figures = {**of.figures, "valid_from": valid_from}
    return TermsEdition.objects.create(name=name, drafted_at=now, drafted_by=by, **figures)


@transaction.atomic
def save_terms(
    *, edition: TermsEdition, turn: int, text: Mapping[str, Figure], by: User, now: datetime
) -> TermsEdition:
    """S1: the figures of a draft from now on, by name; `turn` is the draft's when it was read.

    Refused with every fault of the figures, if the day is taken, or if somebody changed the draft meanwhile.
    """
    draft = publication.locked(edition, turn=turn, state=EditionState.DRAFT, clause=CLAUSE)
    valid_from = text["valid_from"]
    assert isinstance(valid_from, date)
    publication.check_name_and_day(TermsEdition, draft.name, valid_from, clause=CLAUSE, but=draft.pk)
    publication.refuse_faults(faults(text))
    changed = [f"{place}: {was} → {becomes}" for place, was, becomes in differences(draft.figures, text)]
    record("terms.changed", matter=draft.name, by=by, now=now, note="\n".join(changed))
    for name, figure in text.items():
        setattr(draft, name, figure)
    draft.save()
    return draft


@transaction.atomic
def propose_terms(*, edition: TermsEdition, turn: int, by: User, now: datetime) -> TermsEdition:
    """S1: ask a second person to publish a draft; until it is returned it stays as it is. Refused with its faults."""
    draft = publication.locked(edition, turn=turn, state=EditionState.DRAFT, clause=CLAUSE)
    publication.refuse_faults(faults(draft.figures))
    record("terms.proposed", matter=draft.name, by=by, now=now)
    publication.propose(draft, by=by, now=now)
    return draft


@transaction.atomic
def return_terms(*, edition: TermsEdition, turn: int, reason: str, by: User, now: datetime) -> TermsEdition:
    """S1: back to a draft, with a reason; its proposer may also take it back."""
    draft = publication.locked(edition, turn=turn, state=EditionState.PROPOSED, clause=CLAUSE)
    record("terms.returned", matter=draft.name, by=by, now=now, note=reason)
    publication.take_back(draft)
    return draft


@transaction.atomic
def publish_terms(*, edition: TermsEdition, turn: int, by: User, now: datetime) -> TermsEdition:
    """S1: publish for good, by a second person. Refused for its author and for whoever may not approve."""
    draft = publication.locked(edition, turn=turn, state=EditionState.PROPOSED, clause=CLAUSE)
    publication.check_second_person(draft, by, clause=CLAUSE)
    publication.refuse_faults(faults(draft.figures))
    record("terms.published", matter=draft.name, by=by, now=now, note=f"Valid from {day_in_words(draft.valid_from)}.")
    publication.publish(draft, by=by, now=now)
    return draft


@transaction.atomic
def discard_terms(*, edition: TermsEdition, turn: int, by: User, now: datetime) -> None:
    """S1: take away a draft that nobody proposed. Its lines in the log stay."""
    draft = publication.locked(edition, turn=turn, state=EditionState.DRAFT, clause=CLAUSE)
    record("terms.discarded", matter=draft.name, by=by, now=now)
    draft.delete()
