"""What the letters about people and their addresses say, and to whom (N1, N2)."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from django.conf import settings

from entitlements import access, notices
from entitlements.letters import link
from entitlements.models import Customer, Invitation, Letter, Role


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


def still_true(letter: Letter, now: datetime) -> bool:
    """A question of the dispatcher: a dead invitation is not sent, and whoever has left a customer gets no more of its letters."""
    if letter.kind == "invitation":
        invitation = Invitation.objects.filter(reference=letter.matter).first()
        return invitation is None or invitation.is_open(now)
    if letter.person is None or letter.customer is None or letter.person.is_staff:
        return True
    return bool(access.still_of(letter.customer, letter.person))


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
