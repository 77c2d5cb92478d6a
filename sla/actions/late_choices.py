"""A choice that came in writing in time, and is entered when its election has taken effect already (S16, T4): it can change plan, fee and
credit, so one person enters it and another who may approve confirms it."""

from __future__ import annotations

from datetime import datetime

from django.db import transaction

from entitlements.actions.log import record
from entitlements.actions.refused import Refused
from entitlements.models import User
from entitlements.rules.refusals import Refusal
from sla import election_letters as letters
from sla.actions.election_effects import settle_anew
from sla.actions.elections import refuse_in_writing
from sla.actions.second_people import give_back, refuse_the_customers_own, refuse_unless_second
from sla.models import Election, ElectionChoice, ElectionState, LateChoice
from sla.uploads import CheckedFile, keep

KEPT = ("choice", "received_at", "signer", "original_name", "stored_as", "file_kind", "size", "sha256")
"""What the choice takes over of what was entered."""


@transaction.atomic
def enter_late_choice(
    *, election: Election, choice: str, signer: str, received_at: datetime, file: CheckedFile, by: User, now: datetime
) -> LateChoice:
    """T4: received before the deadline is in time. It waits for a second person; the same again is one.

    Raises Refused as `enter_written_choice` does, for one that is entered already, and while another waits.
    """
    current = _decided(election)
    refuse_the_customers_own(current.contract, by)
    refuse_in_writing(current, choice=choice, received_at=received_at, now=now)
    same = {"choice": choice, "received_at": received_at, "sha256": file.sha256}
    waiting = current.late_choices.waiting()
    if known := waiting.filter(**same).first():
        return known
    if waiting.exists() or current.choices.filter(**same).exists():
        raise Refused(
            Refusal("S16", "entered", "It is entered already, or another one waits.", "See what was entered.")
        )
    record("election.entered_late", matter=current.reference, by=by, now=now, note=f"{choice}, {signer}")
    return LateChoice.objects.create(
        election=current,
        signer=signer,
        original_name=file.name,
        stored_as=keep(file),
        file_kind=file.kind,
        size=file.size,
        proposed_at=now,
        proposed_by=by,
        **same,
    )


@transaction.atomic
def confirm_late_choice(*, late: LateChoice, by: User, now: datetime) -> Election:
    """T4, S19: a second person confirms it. What counts with it holds from the day of effect on, as if it had been entered at once, and
    the customer is told the outcome anew.

    Raises Refused for whoever entered it, for one who may not approve, for one of the customer's own people, once it is settled, and
    where it could not be entered any more.
    """
    election = _decided(late.election)
    current = LateChoice.objects.select_for_update(of=("self",)).get(pk=late.pk)
    refuse_unless_second(current, election.contract, by)
    refuse_in_writing(election, choice=current.choice, received_at=current.received_at, now=now)
    record("election.late_choice_confirmed", matter=election.reference, by=by, now=now, note=str(current.signer))
    current.approved_at, current.approved_by = now, by
    current.save()
    said = {name: getattr(current, name) for name in KEPT}
    made = ElectionChoice.objects.create(election=election, entered_by_id=current.proposed_by_id, late=current, **said)
    if settle_anew(election, made, by=by, now=now):
        letters.decided(election, now=now, point=letters.point_of(made))
    return election


@transaction.atomic
def return_late_choice(*, late: LateChoice, reason: str, by: User, now: datetime) -> LateChoice:
    """S16: it is not what the document says. It stays on record with the reason; another can be entered."""
    election = _decided(late.election)
    current = LateChoice.objects.select_for_update(of=("self",)).get(pk=late.pk)
    record("election.late_choice_returned", matter=election.reference, by=by, now=now, note=reason)
    return give_back(current, reason=reason, by=by, now=now)


def _decided(election: Election) -> Election:
    related = ("contract__customer", "withdrawal", "terms")
    current = Election.objects.select_for_update(of=("self",), no_key=True).select_related(*related).get(pk=election.pk)
    if current.state != ElectionState.DECIDED:
        raise Refused(Refusal("S16", "not_decided", "It has not taken effect.", "Look at the election again."))
    return current
