"""To invite somebody to a customer's people, and to accept (C1.3): a link works once, for some days, until a newer one is sent."""

from __future__ import annotations

import secrets
from collections.abc import Sequence
from datetime import datetime
from typing import Any

from django.db import IntegrityError, transaction

from entitlements import people_letters
from entitlements.access import customers_looked_after_by
from entitlements.actions.log import record
from entitlements.actions.refused import Refused
from entitlements.models import Customer, Invitation, InvitationEnd, Letter, Membership, Role, User
from entitlements.models.accounts import LINK_LASTS, kept_of
from entitlements.references import new_reference
from entitlements.rules.refusals import Refusal

AT_THE_DESK = Refusal("S19", "at_the_desk", "This address belongs to somebody at our desk.", "Give another address.")
ALREADY_HERE = Refusal("", "already_here", "This person belongs to you already.", "Change their roles instead.")
CLOSED = Refusal("", "closed", "We have closed this address for signing in.", "Give another one, or write to us.")
NOT_OPEN = Refusal("", "not_open", "This invitation is no longer open.", "Ask for a new one.")


@transaction.atomic
def invite(
    *,
    customer: Customer,
    email: str,
    name: str,
    roles: Sequence[str],
    by: User,
    now: datetime,
    instead_of: Invitation | None = None,
) -> Invitation:
    """N1: a letter with a link goes to the address; any earlier link to it, and that of `instead_of`, is dead from now on.

    Raises Refused for somebody who belongs to the customer already, works at the desk (S19), or was switched off.
    """
    Customer.objects.select_for_update(no_key=True).get(pk=customer.pk)
    email, reference, token = email.strip().lower(), new_reference("INV"), secrets.token_urlsafe(32)
    _check(customer, email)
    record("invitation.sent", matter=reference, by=by, now=now)
    if instead_of is not None and instead_of.email != email:
        _end(_live(customer, pk=instead_of.pk), InvitationEnd.ADDRESS_CHANGED, by, now)
    _end(_live(customer, email__iexact=email), InvitationEnd.REPLACED, by, now)
    invitation = Invitation.objects.create(
        reference=reference,
        customer=customer,
        email=email,
        name=name.strip(),
        roles=[role for role in Role.values if role in roles],
        token_hash=kept_of(token),
        invited_at=now,
        invited_by=by,
        expires_at=now + LINK_LASTS,
    )
    people_letters.invited(invitation, token, now=now)
    return invitation


@transaction.atomic
def withdraw_invitation(*, invitation: Invitation, by: User, now: datetime) -> None:
    """The link is dead from now on. Raises Refused if it was used or replaced."""
    _locked(invitation)
    record("invitation.withdrawn", matter=invitation.reference, by=by, now=now)
    if not _end(_live(invitation.customer, pk=invitation.pk), InvitationEnd.WITHDRAWN, by, now):
        raise Refused(NOT_OPEN)


@transaction.atomic
def accept_invitation(*, invitation: Invitation, by: User | None, now: datetime) -> Membership:
    """The invited person belongs to the customer with the roles that were offered. Nobody is signed in by this.

    `by` is who is signed in, if anybody. Raises Refused when the link is dead, whoever sent it may no longer invite, or the
    person may not sign in.
    """
    Customer.objects.select_for_update(no_key=True).get(pk=invitation.customer_id)
    invitation = _locked(invitation)
    person = User.objects.filter(email__iexact=invitation.email).first()
    if not invitation.is_open(now) or not _may_still_invite(invitation):
        raise Refused(NOT_OPEN)
    if person is not None:
        _check_person(person)
    record(
        "invitation.accepted", matter=invitation.reference, by=person or by, now=now, note="By the link that was sent."
    )
    person = person or _new_person(invitation)
    invitation.accepted_at, invitation.accepted_by = now, person
    invitation.save(update_fields=["accepted_at", "accepted_by"])
    return _belonging(person, invitation)


@transaction.atomic
def ask_for_invitation(*, invitation: Invitation, by: User | None, now: datetime) -> None:
    """Somebody holds a dead link: the owners are asked for a new one, once for each link; without any owner its sender is."""
    if Letter.objects.filter(kind="invitation_wanted", matter=invitation.reference).exists():
        return
    record("invitation.asked_for_anew", matter=invitation.reference, by=by, now=now)
    people_letters.invitation_wanted(invitation, now=now)


def end_invitations_sent_by(person: User, customer: Customer, end: InvitationEnd, *, by: User, now: datetime) -> None:
    """What somebody who may no longer invite has sent and nobody has used; `end` says why it is dead."""
    _end(_live(customer, invited_by=person), end, by, now)


def end_invitations_to(email: str, *, by: User, now: datetime) -> None:
    """An address that a person no longer has takes no invitation."""
    live = Invitation.objects.filter(accepted_at__isnull=True, ended_at__isnull=True, email__iexact=email)
    _end(live, InvitationEnd.ADDRESS_CHANGED, by, now)


def _check(customer: Customer, email: str) -> None:
    person = User.objects.filter(email__iexact=email).first()
    if person is None:
        return
    _check_person(person)
    if person.memberships.filter(customer=customer, left_at__isnull=True).exists():
        raise Refused(ALREADY_HERE)


def _check_person(person: User) -> None:
    if person.is_staff:
        raise Refused(AT_THE_DESK)
    if not person.is_active:
        raise Refused(CLOSED)


def _may_still_invite(invitation: Invitation) -> bool:
    """C12.1: only owners and the desk bring people in, on the day the link is used as on the day it was sent."""
    return bool(customers_looked_after_by(invitation.invited_by).filter(pk=invitation.customer_id).exists())


def _new_person(invitation: Invitation) -> User:
    """Two customers may invite one new address, and both links be used at one moment: that is one person."""
    try:
        with transaction.atomic():
            return User.objects.create_user(invitation.email, name=invitation.name)
    except IntegrityError:
        person = User.objects.get(email__iexact=invitation.email)
        _check_person(person)
        return person


def _belonging(person: User, invitation: Invitation) -> Membership:
    membership, is_new = Membership.objects.get_or_create(
        user=person, customer=invitation.customer, left_at=None, defaults={"roles": invitation.roles}
    )
    if not is_new:
        membership.roles = [role for role in Role.values if role in {*membership.roles, *invitation.roles}]
        membership.save(update_fields=["roles"])
    return membership


def _locked(invitation: Invitation) -> Invitation:
    return Invitation.objects.select_for_update(of=["self"]).select_related("customer").get(pk=invitation.pk)


def _live(customer: Customer, **which: Any) -> Any:
    return Invitation.objects.filter(customer=customer, accepted_at__isnull=True, ended_at__isnull=True, **which)


def _end(live: Any, end: InvitationEnd, by: User, now: datetime) -> int:
    return live.update(ended_at=now, ended_by=by, end=end)
