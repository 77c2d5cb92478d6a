"""What a customer's people may do there, and that they leave (C12.1): a customer always keeps an owner."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from django.db import transaction
from django.db.models import QuerySet

from entitlements.actions.invitations import end_invitations_sent_by
from entitlements.actions.log import record
from entitlements.actions.refused import Refused
from entitlements.addresses import cut_off
from entitlements.models import Customer, InvitationEnd, Membership, Role, User
from entitlements.rules.refusals import Refusal

LAST_OWNER = Refusal(
    "",
    "last_owner",
    "Nobody else is an owner, and a customer keeps at least one.",
    "Make somebody else an owner first.",
)
NO_SUCCESSOR = Refusal(
    "",
    "no_successor",
    "Nobody else is an owner, and a customer keeps at least one.",
    "Name who becomes an owner in their place; if nobody else belongs, invite an owner first.",
)
HAS_LEFT = Refusal("", "has_left", "This person has left already.", "Invite them anew if they are back.")
NO_REASON = Refusal("", "no_reason", "Say why the person is taken out.", "The customer's owners can read it.")


@transaction.atomic
def change_roles(*, membership: Membership, roles: Sequence[str], by: User, now: datetime) -> Membership:
    """What the person may do from now on, in every open session at once; what they sent as an owner and nobody used is dead
    once they are none. Raises Refused for the last owner.
    """
    membership = _locked(membership)
    wanted = [role for role in Role.values if role in roles]
    if Role.OWNER not in wanted:
        _check_another_owner(membership)
    record("person.roles_changed", matter=membership.customer.external_id, by=by, now=now, note=", ".join(wanted))
    membership.roles = wanted
    membership.save(update_fields=["roles"])
    if Role.OWNER not in wanted:
        end_invitations_sent_by(membership.user, membership.customer, InvitationEnd.SENDER_NO_OWNER, by=by, now=now)
    return membership


@transaction.atomic
def end_membership(
    *, membership: Membership, by: User, now: datetime, reason: str = "", successor: Membership | None = None
) -> None:
    """The person leaves, or is taken out: at once, and what they did stays theirs in the history.

    Unless they belong to another customer they are signed out everywhere; invitations that they sent and nobody used are dead.
    Raises Refused for the last owner; a manager, with a reason, may take out even that one, and names who is an owner from now on.
    """
    membership = _locked(membership)
    if by.is_staff and not reason.strip():
        raise Refused(NO_REASON)
    if successor is not None and by.is_staff:
        _make_owner(successor, membership, by=by, now=now)
    _check_another_owner(membership, NO_SUCCESSOR if by.is_staff else LAST_OWNER)
    verb = "person.left" if membership.user == by else "person.taken_out"
    record(verb, matter=membership.customer.external_id, by=by, now=now, note=reason.strip())
    membership.left_at, membership.left_by = now, by
    membership.save(update_fields=["left_at", "left_by"])
    end_invitations_sent_by(membership.user, membership.customer, InvitationEnd.SENDER_LEFT, by=by, now=now)
    if not membership.user.memberships.filter(left_at__isnull=True).exists():
        cut_off(membership.user)
        membership.user.save(update_fields=["password"])


@transaction.atomic
def choose_copies(*, membership: Membership, copies: Sequence[str], by: User, now: datetime) -> None:
    """C12.4: letters that go to these roles come to this person too. Nothing that comes by their own roles can be taken away."""
    membership = _locked(membership)
    record("person.copies_chosen", matter=membership.customer.external_id, by=by, now=now)
    membership.copies = [role for role in (Role.CLAIMS, Role.BOOKINGS) if role in copies]
    membership.save(update_fields=["copies"])


def _locked(membership: Membership) -> Membership:
    """Under the lock of the customer: two owners who take each other out at one time leave one."""
    customer = Customer.objects.select_for_update(no_key=True).get(pk=membership.customer_id)
    membership = Membership.objects.select_for_update(of=["self"]).select_related("user").get(pk=membership.pk)
    membership.customer = customer
    if membership.left_at:
        raise Refused(HAS_LEFT)
    return membership


def _make_owner(successor: Membership, leaving: Membership, *, by: User, now: datetime) -> None:
    """One of the same customer's people becomes an owner, beside what they may do already."""
    heir = others_of(leaving).filter(pk=successor.pk).first()
    if heir is None:
        raise Refused(NO_SUCCESSOR)
    change_roles(membership=heir, roles=[*heir.roles, Role.OWNER], by=by, now=now)


def is_last_owner(membership: Membership) -> bool:
    """C12.1: whether nobody would be an owner without this person."""
    return Role.OWNER in membership.roles and not others_of(membership).filter(roles__contains=[Role.OWNER]).exists()


def others_of(membership: Membership) -> QuerySet[Membership]:
    """The others who belong to the customer and may sign in."""
    belong = membership.customer.memberships.filter(left_at__isnull=True, user__is_active=True)
    return belong.exclude(pk=membership.pk).select_related("user")


def _check_another_owner(membership: Membership, refusal: Refusal = LAST_OWNER) -> None:
    if is_last_owner(membership):
        raise Refused(refusal)
