"""The verbs of an audit (S14): it is opened with its scope and its auditor, and closed with what was found and what that changed."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from django.db import transaction

from entitlements import access
from entitlements.actions.log import record
from entitlements.actions.refused import Refused
from entitlements.models import User
from entitlements.rules.refusals import Refusal
from sla import letters
from sla.actions.reviews import (
    UNDER_REVIEW,
    locked_in,
    refuse_the_claimants_own,
    refuse_while_a_proposal_waits,
    take,
)
from sla.assessment import assess
from sla.models import Audit, Claim, ClaimState

_NOT_INDEPENDENT = Refusal(
    "S14",
    "not_independent",
    "This person works here, or is or was one of the customer's people, so they are not independent.",
    "Name somebody who belongs to neither side.",
)
_NO_ACCOUNT = Refusal(
    "S14",
    "account_closed",
    "This person's account is closed, so they could not open the claim.",
    "Name somebody else, or have the account opened again first.",
)
_CLOSED = Refusal("S14", "closed", "This audit is closed already.", "Look at the claim again.")
_NOT_OURS = Refusal(
    "S14", "not_ours", "This person does not work here.", "Choose a colleague, or an independent auditor."
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Auditor:
    """S14: who audits. `email` of a colleague, or of somebody independent, whose `name` and `firm` are told too."""

    side: str
    email: str
    name: str = ""
    firm: str = ""


@transaction.atomic
def open_audit(*, claim: Claim, auditor: Auditor, scope: str, answer_by: datetime, by: User, now: datetime) -> Audit:
    """S14, S19: the claim is in audit. The customer is told scope, auditor and until when (`answer_by`, UTC) to help; an independent
    auditor is given an account that opens this claim and nothing else, while the audit is open.

    Raises Refused for a deadline that is over, while a proposal waits, and for an auditor who is not what is said of them.
    """
    current = locked_in(claim, now, *UNDER_REVIEW)
    refuse_the_claimants_own(current, by)
    refuse_while_a_proposal_waits(current)
    if answer_by <= now:
        raise Refused(Refusal("S14", "no_time", "That leaves no time for it.", "Choose a later day."))
    record("claim.audit_opened", matter=current.reference, by=by, now=now, note=scope)
    person = _person(auditor, current)
    if current.state == ClaimState.SUBMITTED:
        take(current, by, now)
        current.save()
    current.state, current.aside_until, current.aside_why = ClaimState.IN_AUDIT, None, ""
    current.save()
    before = assess(current, now=now, in_sums=True)
    audit = Audit.objects.create(
        claim=current,
        side=auditor.side,
        auditor=person,
        firm=auditor.firm,
        scope=scope,
        answer_by=answer_by,
        opened_at=now,
        opened_by=by,
        assessed_before=before.assessed,
        capped_before=before.capped,
    )
    letters.audit_opened(audit, now=now)
    return audit


@transaction.atomic
def close_audit(*, audit: Audit, findings: str, refused: bool, by: User, now: datetime) -> Audit:
    """S14, S19: the claim is in review again, with what was found and the figures as they are by then. `refused`: the customer did
    not let it be audited, which is a ground for denial. Raises Refused if it is closed already.
    """
    current = locked_in(audit.claim, now, ClaimState.IN_AUDIT)
    refuse_the_claimants_own(current, by)
    open_one = Audit.objects.select_for_update().get(pk=audit.pk)
    if open_one.closed_at:
        raise Refused(_CLOSED)
    record("claim.audit_closed", matter=current.reference, by=by, now=now, note=findings)
    after = assess(current, now=now, in_sums=True)
    open_one.findings, open_one.refused = findings, refused
    open_one.closed_at, open_one.closed_by = now, by
    open_one.assessed_after, open_one.capped_after = after.assessed, after.capped
    open_one.save()
    current.state = ClaimState.IN_REVIEW
    current.save()
    return open_one


def _person(auditor: Auditor, claim: Claim) -> User:
    known = User.objects.filter(email__iexact=auditor.email).first()
    if auditor.side == Audit.Side.VENDOR:
        if known is None or not known.is_active or not known.is_staff:
            raise Refused(_NOT_OURS)
        return known
    if known is None:
        return User.objects.create_user(auditor.email, name=auditor.name)
    if known.is_staff or access.is_or_was_one_of(claim.contract.customer_id, known):
        raise Refused(_NOT_INDEPENDENT)
    if not known.is_active:
        raise Refused(_NO_ACCOUNT)
    return known
