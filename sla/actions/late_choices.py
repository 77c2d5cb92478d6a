"""A choice that came in writing in time, and is entered when its election has taken effect already (S16, T4)."""

from __future__ import annotations

from datetime import datetime

from django.db import transaction

from entitlements import access
from entitlements.actions.log import record
from entitlements.actions.refused import Refused
from entitlements.models import User
from entitlements.rules.refusals import Refusal
from sla import election_letters as letters
from sla.actions.election_effects import settle_anew
from sla.actions.elections import write_down
from sla.models import Election, ElectionChoice, ElectionState
from sla.uploads import CheckedFile

APPROVER = Refusal(
    "S16",
    "took_effect",
    "The election has taken effect; what is entered now can change plan, fee and credit.",
    "Ask a colleague who may approve to enter it, with its document.",
)


@transaction.atomic
def enter_late_choice(
    *, election: Election, choice: str, signer: str, received_at: datetime, file: CheckedFile, by: User, now: datetime
) -> ElectionChoice:
    """T4: received before the deadline is in time. What counts with it holds from the day of effect on, as if it had been entered at
    once, and the customer is told the outcome anew.

    Raises Refused for one who may not approve, and as `enter_written_choice` does.
    """
    related = ("contract__customer", "withdrawal", "terms")
    current = Election.objects.select_for_update(of=("self",), no_key=True).select_related(*related).get(pk=election.pk)
    if current.state != ElectionState.DECIDED:
        raise Refused(Refusal("S16", "not_decided", "It has not taken effect.", "Look at the election again."))
    if not access.may_approve(by):
        raise Refused(APPROVER)
    record("election.entered_late", matter=current.reference, by=by, now=now, note=f"{choice}, {signer}")
    made = write_down(current, choice=choice, signer=signer, received_at=received_at, file=file, by=by, now=now)
    if settle_anew(current, now):
        letters.decided(current, now=now, point=f"choice {made.pk}")
    return made
