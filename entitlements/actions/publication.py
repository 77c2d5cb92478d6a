"""What the verbs of any document's editions have in common (E2, S1): a draft under its lock, and its way to publication.

Not verbs: each document's own do these steps in their transaction, and write their own line first.
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date, datetime
from typing import TypeVar

from entitlements import access
from entitlements.actions.refused import Refused
from entitlements.models import User
from entitlements.models.editions import Edition, EditionState
from entitlements.rules.days import day_in_words
from entitlements.rules.drafts import Fault, second_person
from entitlements.rules.refusals import Refusal

E = TypeVar("E", bound=Edition)


def locked(edition: E, *, turn: int, state: EditionState, clause: str) -> E:
    """The edition as it is under its lock. Refused if it is in another state by now, or was changed after it was read."""
    current = type(edition)._default_manager.select_for_update(of=("self",)).filter(pk=edition.pk).first()
    if current is None:
        raise Refused(Refusal(clause, "discarded", "This draft was discarded meanwhile.", "Draft it anew."))
    if current.state != state:
        now_is = f"It is {current.state.label.lower()} by now."
        raise Refused(Refusal(clause, "already_moved_on", now_is, "Look at it again."))
    if current.turn != turn:
        sentence = "Somebody changed this draft after you opened it."
        raise Refused(Refusal(clause, "changed_meanwhile", sentence, "Look at what it says now, then do it again."))
    current.turn += 1
    return current


def check_name_and_day(
    model: type[Edition], name: str, valid_from: date, *, clause: str, but: int | None = None
) -> None:
    """Refused if another edition has the name or the first day already."""
    others = list(model._default_manager.exclude(pk=but))
    if same := next((one for one in others if one.valid_from == valid_from), None):
        sentence = f"“{same.name}” is valid from {day_in_words(valid_from)} already."
        raise Refused(Refusal(clause, "day_is_taken", sentence, "Choose another day, or change that edition."))
    if any(one.name == name for one in others):
        raise Refused(Refusal(clause, "name_is_taken", "Another edition has this name.", "Choose another name."))


def refuse_faults(faults: Iterable[Fault]) -> None:
    """Refused with everything that is wrong with a document as it is written."""
    if refusals := [fault.refusal for fault in faults]:
        raise Refused(*refusals)


def propose(edition: Edition, *, by: User, now: datetime) -> None:
    edition.proposed_at, edition.proposed_by = now, by
    edition.save()


def take_back(edition: Edition) -> None:
    edition.proposed_at = edition.proposed_by = None
    edition.save()


def check_second_person(edition: Edition, by: User, *, clause: str) -> None:
    """Refused for whoever drafted or proposed the edition, and for whoever may not approve."""
    authors = (edition.drafted_by_id, edition.proposed_by_id)
    if refusal := second_person(by.pk, authors, may_approve=access.may_approve(by), clause=clause):
        raise Refused(refusal)


def publish(edition: Edition, *, by: User, now: datetime) -> None:
    edition.published_at, edition.published_by = now, by
    edition.save()
