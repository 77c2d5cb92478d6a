"""What the letters about people and their addresses say, and to whom (N1, N2)."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from django.conf import settings

from entitlements import access, notices
from entitlements.links import link
from entitlements.models import AddressChange, Customer, Invitation, LegalContact, Letter, Role, User


def invited(invitation: Invitation, token: str, *, now: datetime) -> None:
    """N1: who invites to what, with which roles, until when."""
    _write(
        "invitation",
        invitation,
        now=now,
        to=[invitation.email],
        roles=invitation.roles_in_words,
        action_url=link("invitation", token),
        action_label="Look at the invitation",
    )


def invitation_wanted(invitation: Invitation, *, now: datetime) -> None:
    """Somebody opened a dead link and asks for a new one; the same wish of the same link is one letter."""
    owners = list(access.people_of(invitation.customer, Role.OWNER))
    at_the_desk = link("admin:customer_people", invitation.customer_id)
    _write(
        "invitation_wanted",
        invitation,
        now=now,
        to=owners or [invitation.invited_by],
        action_url=link("send_invitation_again", invitation.reference) if owners else at_the_desk,
        action_label="Send a new invitation",
    )


def zone_of(customer: Customer) -> str:
    """The zone in which a customer is told times that no contract sets: that of the newest contract, else the vendor's."""
    zones = customer.contracts.order_by("-pk").values_list("zone", flat=True)
    return zones.first() or settings.VENDOR_ZONE


def zone_for(person: User) -> str:
    """The zone in which a person is told times that no contract sets: their own, else their customer's, else the vendor's."""
    own = None if person.is_staff else access.customers_of(person).order_by("pk").first()
    return person.zone or (zone_of(own) if own else settings.VENDOR_ZONE)


def no_longer_true(waiting: Sequence[Letter], now: datetime) -> set[int]:
    """A question of the sender: a dead invitation is not sent, and whoever has left a customer gets no more of its letters."""
    invited = [one for one in waiting if one.kind == "invitation"]
    invitations = Invitation.objects.filter(reference__in=[one.matter for one in invited]) if invited else ()
    dead = {one.reference for one in invitations if not one.is_open(now)}
    others = [one for one in waiting if one.kind != "invitation" and one.customer_id]
    theirs = [one for one in others if one.person and not one.person.is_staff]
    members = access.members_among(one.person_id for one in theirs)
    return {one.pk for one in invited if one.matter in dead} | {
        one.pk for one in theirs if (one.customer_id, one.person_id) not in members
    }


def _write(kind: str, invitation: Invitation, *, now: datetime, to: list[Any], **context: Any) -> None:
    notices.write(
        kind,
        matter=invitation.reference,
        to=to,
        now=now,
        customer=invitation.customer,
        deadline=invitation.expires_at,
        context={
            "reference": invitation.reference,
            "customer": invitation.customer.name,
            "name": invitation.name,
            "email": invitation.email,
            "invited_by": invitation.invited_by.name,
            "expires_at": invitation.expires_at,
            "zone": zone_of(invitation.customer),
            **context,
        },
    )


def contact_to_confirm(contact: LegalContact, token: str, *, now: datetime) -> None:
    """C12.3: somebody at the address shows that letters reach them."""
    notices.write(
        "contact_to_confirm",
        matter=contact.customer.external_id,
        to=[contact.email],
        now=now,
        customer=contact.customer,
        deadline=contact.link_sent_at,
        context={
            "customer": contact.customer.name,
            "name": contact.name,
            "email": contact.email,
            "added_by": contact.added_by.name,
            "action_url": link("confirm_legal_contact", token),
            "action_label": "Look and confirm",
        },
    )


def address_to_confirm(change: AddressChange, token: str, *, now: datetime) -> None:
    """N2, to the new address: the change happens when somebody there confirms."""
    notices.write(
        "address_to_confirm",
        matter=f"{change.user_id}",
        to=[change.email],
        now=now,
        deadline=change.expires_at,
        context={
            "name": change.user.name,
            "email": change.email,
            "expires_at": change.expires_at,
            "zone": zone_for(change.user),
            "action_url": link("confirm_address", token),
            "action_label": "Look and confirm",
        },
    )


def address_changed(person: User, *, before: str, where: str, now: datetime) -> None:
    """N2, to the old address and the new one: from which to which."""
    facts = {"what": "Your address for signing in was changed", "before": before, "after": person.email}
    _account_letter(person, [before, person], facts, where=where, now=now)


def account_changed(person: User, *, what: str, where: str, now: datetime) -> None:
    """N2: a factor was added or taken away, a password changed, somebody signed in by a new device; `where` it was done."""
    _account_letter(person, [person], {"what": what}, where=where, now=now)


def _account_letter(person: User, to: list[User | str], facts: dict[str, str], *, where: str, now: datetime) -> None:
    notices.write(
        "account_changed",
        matter=f"{person.pk}",
        to=to,
        now=now,
        deadline=now,
        context={
            "name": person.name,
            **facts,
            "at": now,
            "where": where,
            "zone": zone_for(person),
            "action_url": link("account"),
            "action_label": "Review your account",
        },
    )
